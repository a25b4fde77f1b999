"""A movie of a parameter on its way, painted like a figure: GIF or animated PNG, 256 greys, nothing lost.

There is no MP4: encoders of it are under patents or licences that this project does not take in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from mriexplorer.errors import InputError
from mriexplorer.figures.figure import painted, sheet
from mriexplorer.files import write_files
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State
from mriexplorer.view.sweep import Sweep, checked

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = {".gif": "GIF", ".png": "PNG"}
RATES = (1, 60)  # frames a second
SIZES = (100, 2000)  # pixels of a plane's longest side
_PNG_EFFORT = 3  # of 9
_MOST = 1_000_000_000  # bytes of all frames together, which Pillow holds until the end


@dataclass(frozen=True)
class Movie:
    """What is filmed: the sweep, the ``plane`` (or all, or compare), the pixels of a plane's longest side, frames a second."""

    sweep: Sweep
    plane: str = "all"
    longest: int = 600
    rate: float = 12.0


def write_movie(
    scene: Scene, state: State, movie: Movie, path: Path, progress: Callable[[str], None] = lambda _what: None
) -> Path:
    """Write the movie; it goes round for ever. ``progress`` may raise to stop, and nothing is left then. Raises InputError.

    ``scene`` is used by this thread only: the caller gives one that nobody else paints.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"{path}: a movie ends in .gif or .png (animated).")
    checked_movie(scene, state, movie)

    def write(beside: Path) -> None:
        first, *frames = _frames(scene, state, movie, progress)
        effort = {"compress_level": _PNG_EFFORT} if kind == "PNG" else {"optimize": False}
        duration = round(1000 / movie.rate)
        first.save(beside, kind, save_all=True, append_images=frames, duration=duration, loop=0, **effort)
        progress("saving")

    write_files({path: write})
    return path


def checked_movie(scene: Scene, state: State, movie: Movie) -> QSize:
    """The size of a frame, in pixels. Raises InputError for what cannot be filmed, with the reason."""
    checked(movie.sweep, state)
    if not RATES[0] <= movie.rate <= RATES[1]:
        raise InputError(f"a movie has {RATES[0]} to {RATES[1]} frames a second, not {movie.rate:g}.")
    if not SIZES[0] <= movie.longest <= SIZES[1]:
        raise InputError(f"a plane of a movie has {SIZES[0]} to {SIZES[1]} pixels, not {movie.longest}.")
    size = sheet(scene, state, movie.plane, movie.longest).size
    if size.width() * size.height() * movie.sweep.frames > _MOST:
        raise InputError("the movie would not fit into memory; take fewer frames, or smaller planes.")
    return size


def _frames(scene: Scene, state: State, movie: Movie, progress: Callable[[str], None]) -> "Iterator[Image]":
    parameter, count = state.sequence.parameter(movie.sweep.name), movie.sweep.frames
    for number, one in enumerate(movie.sweep.states(state), 1):
        progress(f"painting frame {number} of {count}")
        times, value = one.appearance.times, one.protocol[parameter.name]
        line = f"{parameter.label} {parameter.shown(value, times)} {parameter.unit_in(times)}".strip()
        yield _grey(painted(sheet(scene, one, movie.plane, movie.longest, line)))
    progress("putting the frames together")


def _grey(image: QImage) -> "Image":
    """A picture of Qt as one of Pillow, 8 bit."""
    from PIL import Image

    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    size = (grey.width(), grey.height())
    return Image.frombuffer("L", size, bytes(grey.constBits()), "raw", "L", grey.bytesPerLine(), 1)
