"""Cells in rows and columns, each a plane: of one subject in several contrasts, or of several people in one."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from mriexplorer.figures.cells import blank
from mriexplorer.figures.plane_painter import Look, fitting
from mriexplorer.render.scene import RenderedSlice
from mriexplorer.render.slices import SliceGeometry
from mriexplorer.ui.planes.plane_view import PlaneView


class CellGrid(QWidget):
    """Holds the views, shows as many as are wanted, and paints those that changed."""

    resized = Signal()

    def __init__(self, most: int, named: str) -> None:
        super().__init__()
        self.views = tuple(PlaneView("axial") for _ in range(most))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._arranged = (0, 0)
        self._drawn: dict[PlaneView, object] = {}
        self._settled = QTimer(self)  # all cells change size together
        self._settled.setSingleShot(True)
        self._settled.setInterval(0)
        self._settled.timeout.connect(self.resized)
        for number, view in enumerate(self.views, 1):
            view.setParent(self)  # those that are never laid out end with the grid too
            view.hide()
            view.setAccessibleName(f"{named} {number}")
            view.resized.connect(self._settled.start)

    def arrange(self, columns: int, count: int) -> None:
        """Show ``count`` cells in rows of ``columns``."""
        if (columns, count) == self._arranged:
            return
        self._arranged = columns, count
        rows = -(-count // columns)
        for number, view in enumerate(self.views):
            self._grid.addWidget(view, *divmod(number, columns))
            view.setVisible(number < count)
        for line in range(len(self.views)):
            self._grid.setRowStretch(line, int(line < rows))
            self._grid.setColumnStretch(line, int(line < columns))
        self._grid.activate()

    def visible_views(self) -> tuple[PlaneView, ...]:
        """The cells that are shown."""
        return self.views[: self._arranged[1]]

    def stands(self, view: PlaneView, drawn: object) -> bool:
        """Whether a cell already shows what ``drawn`` holds; remembers it."""
        same = self._drawn.get(view) == drawn
        self._drawn[view] = drawn
        return same

    def scale(self, rendered: list[RenderedSlice], zoom: float) -> float:
        """Pixels a millimetre, common to all cells, at which the largest plane fits."""
        width, height = (min(edge) for edge in zip(*((v.width(), v.height()) for v in self.visible_views()), strict=True))
        return zoom * min(fitting(one, width, height) for one in rendered)

    def leave_empty(self, view: PlaneView, plane: SliceGeometry, sentence: str) -> None:
        """A cell with nothing but a sentence."""
        if not self.stands(view, (plane.plane, sentence)):
            view.show_slice(blank(plane), Look(1.0, message=sentence, crosshair=False, bare=True))
