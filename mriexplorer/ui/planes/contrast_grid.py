"""One plane of one subject in several contrasts; the cell that the sliders move is framed.

::

    ┌ 1 T1w MPRAGE ┬ 2 T2w TSE ───┐
    ├ 3 FLAIR ─────┼ 4 PDw TSE ───┤
    └──────────────┴──────────────┘
"""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent

from mriexplorer.figures.cells import blank, cell_states, contrast_look
from mriexplorer.figures.roi_painter import shapes
from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import Scene
from mriexplorer.session.drawing import Draft
from mriexplorer.ui.planes.cell_grid import CellGrid
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.view.contrast import MOST
from mriexplorer.view.display import SIDES
from mriexplorer.view.state import State

_EMPTY = "No contrast here. A right click adds one."
_DIGITS = tuple("123456789")


class ContrastGrid(CellGrid):
    """Shows the state's contrasts. Cursor, slice, zoom and pan are common to all."""

    def __init__(self) -> None:
        super().__init__(MOST, "Contrast")
        for view in self.views:
            view.takes_digits = True
            view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Digits, which are shortcuts of the window elsewhere, are the cells' while one has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() in _DIGITS:
            event.accept()
            return True
        return False

    def show_state(self, scene: Scene, state: State, draft: Draft | None = None) -> set[PlaneView]:
        """Compute and paint the cells that changed, with what is being drawn; they are returned."""
        side = SIDES[state.display.layout]
        self.arrange(side, side * side)
        shown = cell_states(state)[: side * side]
        geometry = scene.geometry(state.display.plane, state)
        scale = self.scale([blank(geometry)], state.display.zoom)
        changed = set()
        for place, (view, one) in enumerate(zip(self.visible_views(), shown, strict=False)):
            drawn = contrast_look(scene, one, place, scale, framed=place == state.chosen)
            if not self.stands(view, (scene, one, drawn, draft)):
                view.plane = one.display.plane
                rendered = ab.rendered(scene, (one.display.plane,), one, f"cell {place}")[0]
                view.show_slice(rendered, replace(drawn, shapes=shapes(scene, one, rendered, draft)))
                changed.add(view)
        for view in self.visible_views()[len(shown) :]:
            view.plane = state.display.plane
            self.leave_empty(view, geometry, _EMPTY)
        return changed
