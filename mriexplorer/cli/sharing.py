"""What is shown and how, as flags of render and movie; the movie, and the DICOM series."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace, _SubParsersAction
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.cli.values import count, number, target, time
from mriexplorer.errors import InputError
from mriexplorer.extras import require

if TYPE_CHECKING:
    from mriexplorer.render.scene import Scene
    from mriexplorer.view.state import State

_PLANES = ("axial", "coronal", "sagittal", "all", "compare")
_MOVIE = (
    "Write a movie of one parameter on its way from one value to another, as GIF or animated PNG, without a window. "
    "Example: mriexplorer movie --sequence flair --sweep ti 300 4000 --plane axial -o flair.gif"
)


def add_picture_flags(parser: ArgumentParser) -> None:
    """Which planes, where, how bright, and of whom who never was."""
    parser.add_argument("--plane", choices=_PLANES, default="all",
                        help="default: all three; compare: a measured scan, the computed one, the difference")  # fmt: skip
    parser.add_argument("--compared", choices=_PLANES[:3], default="axial", help="the plane that is compared; default: axial")
    parser.add_argument("--scan", default="", metavar="KIND", help="the measured scan of encoded maps, such as FLAIR")
    parser.add_argument("--slice", type=number, metavar="MM", help="where to cut, in millimetres along the axis of the one plane")
    for name, where in (("cursor", "where all planes cut"), ("middle", "what lies in the middle of the planes")):
        help_ = f"{where}, in millimetres"
        parser.add_argument(f"--{name}", type=number, nargs=3, metavar=("X", "Y", "Z"), help=help_)
    parser.add_argument("--zoom", type=number, default=1.0, metavar="N", help="1: the whole head")
    window = "the greys: signal with PD of water = 1; ms for T1, T2 and T2* maps"
    parser.add_argument("--window", type=number, nargs=2, metavar=("LOW", "HIGH"), help=window)
    sides = ("radiological", "neurological")
    parser.add_argument("--convention", choices=sides, default=sides[0], help="default: radiological")
    parser.add_argument("--crosshair", action=BooleanOptionalAction, default=False, help="draw the crosshair")
    parser.add_argument("--smooth", action=BooleanOptionalAction, default=True, help="smooth pixels, or voxels as they are")
    parser.add_argument("--seed", type=count, metavar="S", help="a sampled person, in place of maps")
    given = "what is given of the sampled person, such as age=70 or sex=F; may be repeated"
    parser.add_argument("--given", action="append", type=_given, default=[], metavar="NAME=VALUE", help=given)


def _given(text: str) -> tuple[str, float | str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise ArgumentTypeError(f"{text!r} is not like age=70")
    try:
        return name, number(value)
    except ArgumentTypeError:
        return name, value


def pictured(state: "State", options: Namespace) -> "State":
    """The state with what the flags of ``add_picture_flags`` say, but for cursor and window, which need the maps."""
    from mriexplorer.render.navigation import ZOOMS
    from mriexplorer.view.plane import FARTHEST
    from mriexplorer.view.state import Recipe

    if not ZOOMS[0] <= options.zoom <= ZOOMS[1]:
        raise InputError(f"--zoom {options.zoom:g} must lie between {ZOOMS[0]:g} and {ZOOMS[1]:g}.")
    if options.middle and max(map(abs, options.middle)) > FARTHEST:
        raise InputError(f"--middle {' '.join(f'{mm:g}' for mm in options.middle)} mm lies far from any head.")
    if options.given and options.seed is None:
        raise InputError("--given is of a sampled person; give --seed too.")
    if options.seed is not None and (state.paths or state.picked):
        raise InputError("--seed is a person who never was; leave the maps out, or the seed.")
    compares = options.plane == "compare"
    if compares and options.view != "signal":
        raise InputError("--plane compare shows its own images; leave --view out.")
    recipe = None if options.seed is None else Recipe(options.seed, tuple(sorted(dict(options.given).items())))
    return replace(
        state,
        sampled=recipe,
        scan=options.scan,
        compared=options.compared,
        centre=tuple(options.middle) if options.middle else None,
        zoom=options.zoom,
        smooth=options.smooth,
        layout="compare" if compares else state.layout,
    )


def write_series(scene: "Scene", state: "State", folder: Path) -> Path:
    """The synthetic volume as a DICOM series. Raises InputError."""
    from mriexplorer.render.imaging import noise_of
    from mriexplorer.subject.dicom_export import Image, write_dicom
    from mriexplorer.view.presets import protocol_name

    if state.view != "signal":
        raise InputError(f"{folder}: only the signal is written as a volume; choose a .png for a map.")
    noise = noise_of(state, scene.subject)
    image = Image(scene.subject, state.row, state.protocol, state.window(), state.magnitude, protocol_name(state), noise)
    return write_dicom(image, folder)


def _movie(options: Namespace) -> int:
    require("window", "a movie")
    from mriexplorer.cli.main import scene_of
    from mriexplorer.figures.movie import Movie, write_movie
    from mriexplorer.ui.window.application import application
    from mriexplorer.view.sweep import Sweep

    scene, state = scene_of(options)
    name, *ends = options.sweep
    parameter = next((p for p in state.row.parameters if p.name == name), None)
    if parameter is None:
        raise InputError(f"{state.row.label} has no {name}; it has {', '.join(state.protocol)}.")
    try:
        start, end = (time(text) if parameter.unit == "s" else number(text) for text in ends)
    except ArgumentTypeError as error:
        raise InputError(f"--sweep {' '.join(options.sweep)}: {error}.") from None
    running = application(offscreen=True)
    movie = Movie(Sweep(name, start, end, options.frames), options.plane, options.size, options.rate)
    print(write_movie(scene, state, movie, options.output, _say))
    del running
    return 0


def _say(what: str) -> None:
    if not what.startswith("painting"):
        with suppress(OSError):  # nobody listens any more; the work goes on
            print(f"mriexplorer: {what}", file=sys.stderr, flush=True)


def add_movie_verb(verbs: "_SubParsersAction[ArgumentParser]", *flags: Callable[[ArgumentParser], None]) -> None:
    """Add the movie to the command line, with the flags of source and contrast."""
    parser = verbs.add_parser("movie", help="write a movie of a parameter on its way", description=_MOVIE)
    for add in (*flags, add_picture_flags):
        add(parser)
    parser.add_argument("--sweep", nargs=3, required=True, metavar=("NAME", "FROM", "TO"),
                        help="the parameter that moves, and between what; times in ms, or 0.09s")  # fmt: skip
    parser.add_argument("--frames", type=count, default=60, metavar="N", help="default: 60")
    parser.add_argument("--rate", type=number, default=12.0, metavar="N", help="frames a second; default: 12")
    parser.add_argument("--size", type=count, default=600, metavar="PX", help="of a plane's longest side; default: 600")
    parser.add_argument("-o", "--output", type=target, required=True, help=".gif, or .png for an animated PNG")
    parser.set_defaults(run=_movie)
