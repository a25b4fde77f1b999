"""The command line: one small function per verb; the flags come from the same table as the sliders.

Nothing heavy is imported before a verb needs it, so that ``--version`` answers at once.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mriexplorer.cli.values import count, number, target, time
from mriexplorer.errors import InputError
from mriexplorer.extras import require
from mriexplorer.version import __version__

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from mriexplorer.render.scene import Scene
    from mriexplorer.view.state import State

_KINDS = ("t1", "t2", "pd", "t2star")
_VERBS = ("render", "movie", "info", "tour", "simulate", "sample", "estimate", "gather", "train", "evaluate", "encode")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code: 0, or 2 with one sentence on standard error."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):  # odd file names are shown as well as the console can
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except InputError as error:
        print(f"mriexplorer: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads our output has enough of it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 else Python complains when it flushes at exit
        return 0
    except OSError as error:
        print(f"mriexplorer: {error.filename or 'the output'}: {error.strerror or error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in _VERBS:
        options = _verb_parser().parse_args(arguments)
        return int(options.run(options))
    return _open_window(_window_parser().parse_args(arguments))


# -- verbs -----------------------------------------------------------------------------------------------------


def _open_window(options: "Namespace") -> int:
    require("window", "the window")
    try:
        from mriexplorer.ui.window.application import run
    except ImportError as error:
        raise InputError(f"the window could not be loaded ({error}); packaging/run.py installs what it needs.") from None
    from mriexplorer.view.state import State
    from mriexplorer.view.state_file import is_session, read_session

    saved = read_session(options.paths[0]) if is_session(options.paths) else None
    if saved is not None and vars(options) != vars(_window_parser().parse_args([str(options.paths[0])])):
        raise InputError(f"{options.paths[0]} tells the contrast and all else; leave the other flags out.")
    for path in options.paths:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder, nor a verb of that name ({', '.join(_VERBS)}).")
    _refuse_no_display()
    if saved is not None:
        return run(State(), [], [], saved)
    return run(_state(options), options.paths, _picked(options))


def _refuse_no_display() -> None:
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    displayed = sys.platform != "linux" or platform or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if platform in ("offscreen", "minimal") or not displayed:
        raise InputError("there is no display; use 'mriexplorer render' or 'mriexplorer tour -o FOLDER' for pictures.")


def _render(options: "Namespace") -> int:
    picture = options.output.suffix.lower() in (".png", ".svg") and not options.dicom
    if picture:
        require("window", "a picture")
    scene, state = scene_of(options)
    for notice in scene.subject.notices:
        print(f"mriexplorer: note: {notice}", file=sys.stderr)
    if options.view == "signal" and state.problems:
        raise InputError(f"{state.row.label} cannot be run so: {'; '.join(p.sentence for p in state.problems)}.")
    if options.dicom:
        from mriexplorer.cli.sharing import write_series

        written = write_series(scene, state, options.output)
    elif picture:
        from mriexplorer.figures.figure import save_figure, sheet
        from mriexplorer.ui.window.application import application

        running = application(offscreen=True)
        save_figure(sheet(scene, state, options.plane), options.output, options.dpi)
        written = options.output
        del running
    else:
        written = _write_nifti(scene, state, options.output)
    print(written)
    return 0


def _write_nifti(scene: "Scene", state: "State", output: Path) -> Path:
    from mriexplorer.render.imaging import noise_of
    from mriexplorer.subject.derivative import write_signal
    from mriexplorer.view.presets import protocol_name

    if state.view != "signal":
        raise InputError(f"{output}: only the signal is written as a volume; choose a .png for a map.")
    if output.suffix and not output.name.endswith((".nii", ".nii.gz")) and not output.is_dir():
        raise InputError(
            f"{output}: a picture ends in .png or .svg, a volume in .nii or .nii.gz; a folder becomes a BIDS dataset."
        )
    subject, noise = scene.subject, noise_of(state, scene.subject)
    return write_signal(
        subject, state.row, state.protocol, output, magnitude=state.magnitude, protocol=protocol_name(state), noise=noise
    )


def _info(options: "Namespace") -> int:
    from mriexplorer.subject.catalog import find, load
    from mriexplorer.subject.report import as_text, report

    if not options.paths and not _picked(options):
        raise InputError("name a file, a folder or a dataset to say something about.")
    catalog = find(options.paths, dict(_picked(options)))
    names = [options.person] if options.person else [entry.name for entry in catalog.entries]
    reports, failed = [], []
    for name in names:
        try:
            reports.append(report(load(catalog, name, _units(options))))
        except InputError as error:
            failed.append(str(error))
    if options.json and (reports or not failed):
        import json

        print(json.dumps({"paths": [str(p) for p in catalog.paths], "people": reports}, indent=2))
    elif reports:
        print("\n\n".join(as_text(content) for content in reports))
    for sentence in failed:
        print(f"mriexplorer: {sentence}", file=sys.stderr)
    return 2 if failed else 0


def _tour(options: "Namespace") -> int:
    require("window", "the tour")
    from mriexplorer.ui.window.tour import tour

    for picture in tour(options.output):
        print(picture)
    return 0


# -- from options to a state -----------------------------------------------------------------------------------


def _state(options: "Namespace") -> "State":
    """The state that the flags describe."""
    from dataclasses import replace

    from mriexplorer.physics import outside
    from mriexplorer.view.presets import initial_state
    from mriexplorer.view.state import HIGHEST_SEED, HIGHEST_SNR, State

    given = {name: value for name in _names() if (value := getattr(options, name, None)) is not None}
    state = initial_state(State(), options.preset)
    if options.preset and options.sequence and options.sequence != state.sequence:
        raise InputError(f"{options.preset!r} is a preset of {state.sequence}, not of {options.sequence}; give one of the two.")
    if options.field is not None and (options.paths or _picked(options)):
        raise InputError("--field is for the built-in brain; loaded maps keep the field they were measured at.")
    if options.sequence and not options.preset:
        state = state.with_sequence(options.sequence)
    unknown = sorted(set(given) - set(state.protocol))
    if unknown:
        raise InputError(f"{state.row.label} has no {', '.join(unknown)}; it has {', '.join(state.protocol)}.")
    state = state.with_sequence(state.sequence, {**state.protocol, **given})
    if wrong := outside(state.row, state.protocol):
        raise InputError(f"{state.row.label} cannot be run so: {'; '.join(p.sentence for p in wrong)}.")
    state = replace(state, person=options.person, units=tuple(_units(options).items()))
    if options.field is not None:
        state = replace(state, field=options.field)
    if (options.snr and not 1 <= options.snr <= HIGHEST_SNR) or not 0 <= options.noise_seed <= HIGHEST_SEED:
        raise InputError(f"--snr lies between 1 and {HIGHEST_SNR:g} (0: no noise), --noise-seed between 0 and {HIGHEST_SEED}.")
    state = replace(state, snr=options.snr, noise_seed=options.noise_seed)
    return replace(state, view=options.view, magnitude=not options.signed)


def scene_of(options: "Namespace") -> tuple["Scene", "State"]:
    """What the flags of render and movie name, loaded. Raises InputError."""
    from dataclasses import replace

    from mriexplorer.cli.sharing import pictured
    from mriexplorer.session.opening import whole_scene
    from mriexplorer.view.state import FARTHEST_EDGE
    from mriexplorer.view.views import SCANNED

    state = _state(options)
    picked = tuple((kind, str(path)) for kind, path in _picked(options))
    state = replace(state, paths=tuple(str(p) for p in options.paths), picked=picked, convention=options.convention)
    state = pictured(state, options)
    catalog, scene = whole_scene(state)
    if catalog and len(catalog.entries) > 1 and options.person is None:
        print(f"mriexplorer: note: {len(catalog.entries)} people were found, this is {scene.subject.name}; "
              "choose with --person.", file=sys.stderr)  # fmt: skip
    if not scene.has_view(options.view):
        raise InputError(f"there is no {options.view.replace('t2star', 'T2* map')} to show.")
    if state.layout == "compare" and not scene.can_compare:
        raise InputError("there is nothing to compare: no scan was measured of these maps.")
    if state.layout == "compare" or options.view in SCANNED:
        state = _of_scan(state, scene, options)
    state = replace(state, cursor=_cursor(options, scene), crosshair=options.crosshair)
    in_ms = options.view in ("t1", "t2", "t2star")
    given = [value / 1000 if in_ms else value for value in options.window or ()]
    low, high = given or (scene.automatic(state) if state.view in ("signal", *SCANNED) else state.window())
    if not low < high or max(abs(low), abs(high)) > FARTHEST_EDGE:
        raise InputError(
            f"--window {options.window[0]:g} {options.window[1]:g}: the first must be below the second, and both below a million."
        )
    return scene, state.with_window(low, high)


def _of_scan(state: "State", scene: "Scene", options: "Namespace") -> "State":
    """The state of a measured scan, in that scan's own protocol unless flags name another contrast. Raises InputError."""
    from dataclasses import replace

    kinds = [scan.kind for scan in scene.subject.companions.scans]
    if not kinds:
        return state
    if options.scan and options.scan not in kinds:
        raise InputError(f"there is no scan {options.scan} of these maps; there is {', '.join(kinds)}.")
    scan = scene.scan(state)
    told = options.preset or options.sequence or any(getattr(options, name, None) is not None for name in _names())
    return replace(state if told else state.with_sequence(scan.sequence, scan.values), scan=scan.kind)


def _cursor(options: "Namespace", scene: "Scene") -> tuple[float, float, float]:
    """The middle of the head, or the slice asked for along the plane's axis."""
    cursor = list(options.cursor or scene.middle)
    grid = scene.subject.maps.grid
    nearest = grid.to_mm(grid.to_voxel((cursor[0], cursor[1], cursor[2])))
    if any(abs(there - wanted) > max(grid.spacing) for there, wanted in zip(nearest, cursor, strict=True)):
        raise InputError(f"--cursor {' '.join(f'{mm:g}' for mm in cursor)} mm lies outside the volume.")
    if options.slice is not None:
        if options.plane not in ("axial", "coronal", "sagittal"):
            raise InputError("--slice needs one plane: --plane axial, coronal or sagittal.")
        axis = {"sagittal": 0, "coronal": 1, "axial": 2}[options.plane]
        cursor[axis] = options.slice
        reached = grid.to_mm(grid.to_voxel((cursor[0], cursor[1], cursor[2])))
        if abs(reached[axis] - options.slice) > grid.spacing[axis]:
            raise InputError(f"--slice {options.slice:g} mm lies outside the volume.")
    return cursor[0], cursor[1], cursor[2]


def _picked(options: "Namespace") -> list[tuple[str, Path]]:
    return [(kind, path) for kind in _KINDS if (path := getattr(options, f"{kind}_file")) is not None]


def _units(options: "Namespace") -> dict[str, str]:
    return {kind: unit for kind in _KINDS if (unit := getattr(options, f"{kind}_unit")) is not None}


# -- flags -----------------------------------------------------------------------------------------------------


def _parser_class() -> type["ArgumentParser"]:
    """argparse, but what is wrong is said in one sentence."""
    from argparse import ArgumentParser

    class Parser(ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise InputError(f"{message}; see {self.prog} --help.")

    return Parser


def _window_parser() -> "ArgumentParser":
    parser = _parser_class()(
        prog="mriexplorer",
        description="Tissue maps of a brain, and every MR contrast of them, live. Opens the window; without paths "
        "on the built-in brain. Other verbs: 'mriexplorer render' writes pictures and volumes, 'movie' movies, "
        "'info' says what files are, "
        "'tour' renders a first look, 'simulate' invents people, 'sample' draws them from the model, 'estimate' says what a "
        "brain tells, 'gather' brings real people's scans onto one grid, 'train' and 'evaluate' make a model, 'encode' turns "
        "scans into maps; each has its own --help.",
        epilog=_presets_listed(),
    )
    parser.add_argument("--version", action="version", version=f"mriexplorer {__version__}")
    _add_source(parser)
    _add_contrast(parser)
    return parser


def _verb_parser() -> "ArgumentParser":
    from mriexplorer.cli.model import add_model_verbs
    from mriexplorer.cli.people import add_people_verbs
    from mriexplorer.cli.sharing import add_movie_verb, add_picture_flags

    parser = _parser_class()(prog="mriexplorer")
    verbs = parser.add_subparsers(required=True)
    example = "mriexplorer render sub-01/ --sequence tse --te 90 --tr 4000 -o out.png"
    what = f"Write an image as PNG or NIfTI, without a window. Example: {example}"
    render = verbs.add_parser("render", help="write an image without a window", description=what, epilog=_presets_listed())
    _add_source(render)
    _add_contrast(render)
    add_picture_flags(render)
    render.add_argument("--dpi", type=count, default=96, metavar="N", help="of a PNG: texts and image grow alike; default: 96")
    render.add_argument("--dicom", action="store_true", help="write the volume as a DICOM series into the (new) folder")
    render.add_argument(
        "-o", "--output", type=target, required=True, help=".png, .svg, .nii, .nii.gz, or a folder (BIDS derivative)"
    )
    render.set_defaults(run=_render)
    info = verbs.add_parser(
        "info",
        help="say what a file or folder is",
        description="Say what files are: maps, units and how known, shape, orientation, medians in the head (JSON: seconds).",
    )
    _add_source(info)
    info.add_argument("--json", action="store_true", help="as JSON")
    info.set_defaults(run=_info)
    tour = verbs.add_parser("tour", help="render a guided first look to PNG files")
    tour.add_argument("-o", "--output", type=target, default=Path("first-look"), help="default: first-look")
    tour.set_defaults(run=_tour)
    add_movie_verb(verbs, _add_source, _add_contrast)
    add_people_verbs(verbs)
    add_model_verbs(verbs)
    return parser


def _add_source(parser: "ArgumentParser") -> None:
    from mriexplorer.subject.units import PD_UNITS, RATE_UNITS, TIME_UNITS

    parser.add_argument(
        "paths", type=Path, nargs="*", metavar="PATH", help="maps, a folder, a dataset; for the window also a session"
    )
    parser.add_argument("--person", metavar="NAME", help="who of a dataset, such as sub-01")
    for kind in _KINDS:
        label = kind.upper().replace("STAR", "*")
        parser.add_argument(
            f"--{kind}", type=Path, dest=f"{kind}_file", metavar="FILE", help=f"the {label} map, whatever its name"
        )
        units = tuple(PD_UNITS if kind == "pd" else TIME_UNITS | RATE_UNITS)
        parser.add_argument(f"--{kind}-unit", choices=units, help=f"the unit of the {label} map")


def _add_contrast(parser: "ArgumentParser") -> None:
    from mriexplorer.physics import FIELDS, SEQUENCES
    from mriexplorer.view.views import SCANNED, UNCERTAINTIES, VIEWS

    named = "; ".join(f"{row.name}: {row.label}" for row in SEQUENCES.values())
    parser.add_argument("--sequence", choices=tuple(SEQUENCES), help=f"default: mprage. {named}")
    parser.add_argument("--preset", metavar="TITLE", help="a preset by its title or part of it, such as 'hcp t1w'; see below")
    seen: set[str] = set()
    for row in SEQUENCES.values():
        for parameter in row.parameters:
            if parameter.name not in seen:
                seen.add(parameter.name)
                metavar = {"s": "MS", "deg": "DEG", "1": "N"}[parameter.unit]
                kind = time if parameter.unit == "s" else number
                parser.add_argument(f"--{parameter.name}", type=kind, metavar=metavar, help=parameter.doc)
    parser.add_argument("--signed", action="store_true", help="keep the sign of the magnetisation")
    parser.add_argument("--snr", type=number, default=0.0, metavar="N", help="add noise of this SNR (default: none)")
    parser.add_argument("--noise-seed", type=int, default=0, metavar="N", help="other noise of the same SNR")
    more = ", ".join((*SCANNED, *UNCERTAINTIES))
    known = f"the signal, or a map: {', '.join(VIEWS)}; of encoded maps also {more}"
    views = (*VIEWS, *SCANNED, *UNCERTAINTIES)
    parser.add_argument("--view", choices=views, default="signal", metavar="VIEW", help=known)
    parser.add_argument("--field", type=float, choices=FIELDS, help="field strength of the built-in brain, in tesla")


def _presets_listed() -> str:
    from mriexplorer.view.presets import presets

    return "Presets: " + "; ".join(preset.title for preset in presets()) + "."


def _names() -> list[str]:
    from mriexplorer.physics import SEQUENCES

    return list(dict.fromkeys(p.name for row in SEQUENCES.values() for p in row.parameters))
