"""The picture of a state, painted by the code of the window."""

from PySide6.QtCore import QBuffer
from PySide6.QtGui import QImage, QImageWriter

from mriexplorer.errors import InputError
from mriexplorer.export.checks import shows_cells
from mriexplorer.export.offscreen import application
from mriexplorer.export.request import Export, Planes
from mriexplorer.figures.cells_figure import cells_figure
from mriexplorer.figures.figure import Sheet, painted, planes_of, sheet
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State


def image(scene: Scene, state: State, what: Export) -> QImage:
    """The picture as pixels: cells where the layout has them, else a sheet. Raises InputError where they are too many."""
    application()
    if what.picture is not None:
        return what.picture
    if shows_cells(scene, state, what):
        return cells_figure(scene, state, what.people)
    return painted(sheet_of(scene, state, what), what.dots)


def sheet_of(scene: Scene, state: State, what: Export) -> Sheet:
    """The planes that are asked for, before they are painted. Raises InputError for what is pixels only."""
    if what.picture is not None or shows_cells(scene, state, what):
        raise InputError(f"{what.target}: several contrasts or people at once, and a whole window, are pixels; choose .png.")
    application()
    return sheet(scene, state, planes(state, what), width=what.width)


def planes(state: State, what: Export) -> str:
    """The planes by name; those of the state's layout where they are to be as shown."""
    return planes_of(state) if what.planes == Planes.AS_SHOWN else what.planes.value


def packed(picture: QImage, kind: str) -> bytes:
    """A picture as the bytes of a file of a ``kind`` that Qt writes, such as PNG. Raises InputError."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, kind.encode()).write(picture):
        raise InputError(f"the picture could not be packed as {kind}; choose a lower resolution.")
    return bytes(buffer.data().data())
