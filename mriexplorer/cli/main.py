"""The command line: one small function per verb; the flags come from the same table as the sliders.

Nothing heavy is imported before a verb needs it, so that ``--version`` answers at once.
"""

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.cli.state import picked, scene_of, state_of, units
from mriexplorer.cli.values import count, target
from mriexplorer.errors import InputError
from mriexplorer.extras import require
from mriexplorer.version import __version__

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction

_VERBS = (
    "render",
    "movie",
    "info",
    "tour",
    "simulate",
    "sample",
    "estimate",
    "gather",
    "train",
    "evaluate",
    "encode",
    "volumetry",
)


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
    gc.disable()  # modules are no garbage, and looking for it takes 3 % of a start; the window's own Collector goes on
    try:
        from mriexplorer.ui.window.application import run
    except ImportError as error:
        raise InputError(f"the window could not be loaded ({error}); packaging/run.py installs what it needs.") from None
    from mriexplorer.view.session_file import is_session, read_session
    from mriexplorer.view.state import State

    saved = read_session(options.paths[0]) if is_session(options.paths) else None
    if saved is not None and vars(options) != vars(_window_parser().parse_args([str(options.paths[0])])):
        raise InputError(f"{options.paths[0]} tells the contrast and all else; leave the other flags out.")
    for path in options.paths:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder, nor a verb of that name ({', '.join(_VERBS)}).")
    _refuse_no_display()
    if saved is not None:
        return run(State(), [], [], saved)
    return run(state_of(options), options.paths, picked(options))


def _refuse_no_display() -> None:
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    displayed = sys.platform != "linux" or platform or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if platform in ("offscreen", "minimal") or not displayed:
        raise InputError("there is no display; use 'mriexplorer render' or 'mriexplorer tour -o FOLDER' for pictures.")


def _render(options: "Namespace") -> int:
    from mriexplorer.export.export import export
    from mriexplorer.export.registry import format_of
    from mriexplorer.export.request import Export, Planes

    what = Export(options.output, options.format, planes=Planes(options.plane), dots=options.dpi)
    format_of(what)  # what is wrong with the target is said before anything is loaded
    scene, state = scene_of(options)
    for notice in scene.subject.notices:
        print(f"mriexplorer: note: {notice}", file=sys.stderr)
    print(export(scene, state, what))
    return 0


def _info(options: "Namespace") -> int:
    from mriexplorer.subject.catalog import find, load
    from mriexplorer.subject.report import as_text, report

    if not options.paths and not picked(options):
        raise InputError("name a file, a folder or a dataset to say something about.")
    catalog = find(options.paths, dict(picked(options)))
    names = [options.person] if options.person else [entry.name for entry in catalog.entries]
    reports, failed = [], []
    for name in names:
        try:
            reports.append(report(load(catalog, name, units(options))))
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


# -- parsers ---------------------------------------------------------------------------------------------------


def _window_parser() -> "ArgumentParser":
    from mriexplorer.cli.flags import Parser, add_contrast, add_source, presets_listed

    parser = Parser(
        prog="mriexplorer",
        description="Tissue maps of a brain, and every MR contrast of them, live. Opens the window; without paths "
        "on the built-in brain. Other verbs: 'mriexplorer render' writes pictures and volumes, 'movie' movies, "
        "'info' says what files are, "
        "'tour' renders a first look, 'simulate' invents people, 'sample' draws them from the model, 'estimate' says what a "
        "brain tells, 'gather' brings real people's scans onto one grid, 'train' and 'evaluate' make a model, 'encode' turns "
        "scans into maps; each has its own --help.",
        epilog=presets_listed(),
    )
    parser.add_argument("--version", action="version", version=f"mriexplorer {__version__}")
    add_source(parser)
    add_contrast(parser)
    return parser


def _verb_parser() -> "ArgumentParser":
    from mriexplorer.cli.evaluation import add_evaluate_verb
    from mriexplorer.cli.flags import Parser, add_contrast, add_picture_flags, add_source, presets_listed
    from mriexplorer.cli.model import add_model_verbs
    from mriexplorer.cli.movie import add_movie_verb
    from mriexplorer.cli.people import add_people_verbs
    from mriexplorer.cli.volumetry import add_volumetry_verb
    from mriexplorer.export.export_format import ExportKind
    from mriexplorer.export.registry import known_formats

    parser = Parser(prog="mriexplorer")
    verbs: _SubParsersAction[ArgumentParser] = parser.add_subparsers(required=True)  # type: ignore[assignment]
    example = "mriexplorer render sub-01/ --sequence tse --te 90 --tr 4000 -o out.png"
    what = f"Write an image as PNG or NIfTI, without a window. Example: {example}"
    render = verbs.add_parser("render", help="write an image without a window", description=what, epilog=presets_listed())
    add_source(render)
    add_contrast(render)
    add_picture_flags(render)
    render.add_argument("--dpi", type=count, default=96, metavar="N", help="of a PNG: texts and image grow alike; default: 96")
    written = [one for one in known_formats() if one.kind != ExportKind.MOVIE]
    names, endings = tuple(one.name for one in written), ", ".join(ending for one in written for ending in one.endings)
    render.add_argument("--format", choices=names, default="", help="default: what the ending of the output says")
    as_dicom = "write the volume as a DICOM series into the (new) folder; the same as --format dicom"
    render.add_argument("--dicom", action="store_const", const="dicom", dest="format", help=as_dicom)
    output = f"{endings}, or a folder (BIDS derivative)"
    render.add_argument("-o", "--output", type=target, required=True, help=output)
    render.set_defaults(run=_render)
    info = verbs.add_parser(
        "info",
        help="say what a file or folder is",
        description="Say what files are: maps, units and how known, shape, orientation, medians in the head (JSON: seconds).",
    )
    add_source(info)
    info.add_argument("--json", action="store_true", help="as JSON")
    info.set_defaults(run=_info)
    tour = verbs.add_parser("tour", help="render a guided first look to PNG files")
    tour.add_argument("-o", "--output", type=target, default=Path("first-look"), help="default: first-look")
    tour.set_defaults(run=_tour)
    add_movie_verb(verbs, add_source, add_contrast)
    add_people_verbs(verbs)
    add_volumetry_verb(verbs)
    add_model_verbs(verbs)
    add_evaluate_verb(verbs)
    return parser
