"""The verb that writes movies."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Callable
from contextlib import suppress

from mriexplorer.cli.flags import add_picture_flags
from mriexplorer.cli.state import scene_of
from mriexplorer.cli.values import count, number, target, time
from mriexplorer.errors import InputError
from mriexplorer.extras import require

_MOVIE = (
    "Write a movie of one parameter on its way from one value to another, as GIF or animated PNG, without a window. "
    "Example: mriexplorer movie --sequence flair --sweep ti 300 4000 --plane axial -o flair.gif"
)


def _movie(options: Namespace) -> int:
    from mriexplorer.export.export import export
    from mriexplorer.export.request import Export, Movie, Planes
    from mriexplorer.view.sweep import Sweep, swept

    require("window", "a movie")
    scene, state = scene_of(options)
    name, *ends = options.sweep
    parameter = swept(state, name)
    try:
        start, end = (time(text) if parameter.unit == "s" else number(text) for text in ends)
    except ArgumentTypeError as error:
        raise InputError(f"--sweep {' '.join(options.sweep)}: {error}.") from None
    movie = Movie(Sweep(name, start, end, options.frames), options.size, options.rate)
    print(export(scene, state, Export(options.output, planes=Planes(options.plane), movie=movie), _say))
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
