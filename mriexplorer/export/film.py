"""A movie of a parameter on its way, painted like a figure: 256 greys, nothing lost.

There is no MP4: encoders of it are under patents or licences that this project does not take in.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from mriexplorer.errors import InputError
from mriexplorer.export.checks import refuse_movie
from mriexplorer.export.export_format import Progress
from mriexplorer.export.offscreen import application
from mriexplorer.export.painting import planes
from mriexplorer.export.request import Export, Movie
from mriexplorer.figures.figure import painted, sheet
from mriexplorer.files import Write
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 1_000_000_000  # bytes of all frames together, which Pillow holds until the end


def film(scene: Scene, state: State, what: Export, progress: Progress, kind: str, **effort: float) -> Write:
    """What fills a file with the movie, as a ``kind`` that Pillow writes, which goes round for ever. Raises InputError."""
    assert what.movie is not None  # noqa: S101 the format of a movie is only chosen for one
    movie = what.movie
    frame_size(scene, state, movie, planes(state, what))

    def write(beside: Path) -> None:
        first, *frames = _frames(scene, state, movie, planes(state, what), progress)
        duration = round(1000 / movie.rate)
        first.save(beside, kind, save_all=True, append_images=frames, duration=duration, loop=0, **effort)
        progress("saving")

    return write


def frame_size(scene: Scene, state: State, movie: Movie, shown: str) -> QSize:
    """The size of a frame of the planes ``shown``, in pixels. Raises InputError for what cannot be filmed, with the reason."""
    refuse_movie(state, movie)
    application()
    size = sheet(scene, state, shown, movie.longest).size
    if size.width() * size.height() * movie.sweep.frames > _MOST:
        raise InputError("the movie would not fit into memory; take fewer frames, or smaller planes.")
    return size


def _frames(scene: Scene, state: State, movie: Movie, shown: str, progress: Progress) -> "Iterator[Image]":
    parameter, count = state.sequence.parameter(movie.sweep.name), movie.sweep.frames
    for number, one in enumerate(movie.sweep.states(state), 1):
        progress(f"painting frame {number} of {count}")
        times, value = one.appearance.times, one.protocol[parameter.name]
        line = f"{parameter.label} {parameter.shown(value, times)} {parameter.unit_in(times)}".strip()
        yield _grey(painted(sheet(scene, one, shown, movie.longest, line)))
    progress("putting the frames together")


def _grey(image: QImage) -> "Image":
    """A picture of Qt as one of Pillow, 8 bit."""
    from PIL import Image

    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    size = (grey.width(), grey.height())
    return Image.frombuffer("L", size, bytes(grey.constBits()), "raw", "L", grey.bytesPerLine(), 1)
