"""The verb that writes movies; and the DICOM series of the verb that renders."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.cli.flags import add_picture_flags
from mriexplorer.cli.state import scene_of
from mriexplorer.cli.values import count, number, target, time
from mriexplorer.errors import InputError

if TYPE_CHECKING:
    from mriexplorer.render.scene import Scene
    from mriexplorer.view.state import State

_MOVIE = (
    "Write a movie of one parameter on its way from one value to another, as GIF or animated PNG, without a window. "
    "Example: mriexplorer movie --sequence flair --sweep ti 300 4000 --plane axial -o flair.gif"
)


def write_series(scene: "Scene", state: "State", folder: Path) -> Path:
    """The synthetic volume as a DICOM series. Raises InputError."""
    from mriexplorer.render.imaging import noise_of
    from mriexplorer.subject.dicom_export import Image, write_dicom
    from mriexplorer.view.presets import protocol_name
    from mriexplorer.view.views import View

    if state.view != View.SIGNAL:
        raise InputError(f"{folder}: only the signal is written as a volume; choose a .png for a map.")
    noise = noise_of(state, scene.subject)
    image = Image(scene.subject, state.protocol, state.window(), state.contrast.magnitude, protocol_name(state), noise)
    return write_dicom(image, folder)


def _movie(options: Namespace) -> int:
    from mriexplorer.figures.movie import Movie, write_movie
    from mriexplorer.ui.window.application import application
    from mriexplorer.view.sweep import Sweep

    scene, state = scene_of(options)
    name, *ends = options.sweep
    parameter = next((p for p in state.sequence.parameters if p.name == name), None)
    if parameter is None:
        raise InputError(f"{state.sequence.label} has no {name}; it has {', '.join(state.protocol.values)}.")
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
