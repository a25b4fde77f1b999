"""The middle of the window: three planes, or several contrasts of one subject, or several people."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from mriexplorer.figures.cells import cell_states
from mriexplorer.render import comparison as ab
from mriexplorer.render.navigation import mm_at
from mriexplorer.render.scene import Reading, Scene
from mriexplorer.render.side_by_side import contrast_for_all
from mriexplorer.session.drawing import TOOLS
from mriexplorer.session.session import Place, Session
from mriexplorer.ui.planes.contrast_grid import ContrastGrid
from mriexplorer.ui.planes.people_grid import PeopleGrid
from mriexplorer.ui.planes.plane_grid import PlaneGrid
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.ui.window.flicker import Flicker
from mriexplorer.view.display import SIDES, Layout
from mriexplorer.view.state import State

SEEN = frozenset({"source", "contrasts", "display", "comparison", "measurement", "appearance.times"})  # in planes


class Stage(QStackedWidget):
    """Shows the grid that the layout wants.

    ``painted`` tells the time (s, perf_counter) at which all is seen that a change of the state drew, ``pointed`` that the
    pointer is elsewhere.
    """

    painted = Signal(float)
    pointed = Signal()

    def __init__(self, window: QWidget, session: Session, beside: QWidget) -> None:
        super().__init__()
        self._session = session
        self.planes, self.cells, self.crowd = PlaneGrid(beside), ContrastGrid(), PeopleGrid(session.people)
        self._grid: PlaneGrid | ContrastGrid | PeopleGrid = self.planes
        self._layout: Layout | None = None
        self._unpainted: set[PlaneView] = set()  # of what a change of the state drew
        self._hover: tuple[PlaneView, Place] | None = None
        self.flicker = Flicker(window)
        for grid in (self.planes, self.cells, self.crowd):
            self.addWidget(grid)
            grid.resized.connect(self.draw)
        self.flicker.turned.connect(self.draw)
        for view in self.views:
            view.painted.connect(self._painted)
            view.hovered.connect(self._point)
        self.arrange(session.state.display.layout)

    @property
    def views(self) -> tuple[PlaneView, ...]:
        """Every view of every grid, shown or not."""
        return (*self.planes.views.values(), *self.cells.views, *self.crowd.views)

    def use_tool(self, tool: str) -> None:
        """What a drag does in the views."""
        for view in self.views:
            view.tool = tool
            view.setCursor(Qt.CursorShape.CrossCursor if tool in TOOLS else Qt.CursorShape.ArrowCursor)

    # -- drawing -----------------------------------------------------------------------------------------------

    def arrange(self, layout: Layout) -> None:
        """Turn to the grid of a layout, unless that is seen already."""
        if layout == self._layout:
            return
        self._layout = layout
        self.planes.arrange(layout)
        self._grid = self.cells if layout in SIDES else self.crowd if layout == Layout.PEOPLE else self.planes
        if self.currentWidget() is not self._grid:
            self.setCurrentWidget(self._grid)

    def show_state(self, scene: Scene, state: State) -> None:
        """Compute and paint, with what is being drawn by hand."""
        turned = self.flicker.state(state) if self.flicker.away else state
        self._unpainted = self._grid.show_state(scene, turned, self._session.drawing.draft)

    def draw(self) -> None:
        """Paint anew, where it is not the state that changed."""
        if self._session.scene is not None:
            waited_for = self._unpainted
            self.show_state(self._session.scene, self._session.state)
            self._unpainted = waited_for

    def _painted(self, view: PlaneView, at: float) -> None:
        if view in self._unpainted:
            self._unpainted.discard(view)
            if not self._unpainted:
                self.painted.emit(at)

    # -- reading -----------------------------------------------------------------------------------------------

    def _point(self, view: PlaneView, place: Place | None) -> None:
        self._hover = None if place is None else (view, place)
        self.pointed.emit()

    def leave(self) -> None:
        """The pointer is nowhere: another subject is shown."""
        self._hover = None

    def reading(self, scene: Scene, state: State) -> tuple[Reading, State]:
        """The numbers under the pointer, else under the crosshair, and the state they belong to."""
        hover = self._hover
        if hover is not None and hover[0] in self.crowd.visible_views() and state.display.layout == Layout.PEOPLE:
            state = contrast_for_all(state)
            return self.crowd.person(hover[0]).reading(hover[1], state), state
        if hover is not None and hover[0] in self.cells.views and state.display.layout in SIDES:
            state = cell_states(state)[min(self.cells.views.index(hover[0]), len(state.contrasts) - 1)]
        seen = ab.seen(scene, state)
        place = mm_at(scene, seen, hover[0].plane, hover[1]) if hover else None
        return ab.reading(scene, state, place), seen
