"""The middle of the window: three planes, or several contrasts of one subject, or several people."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from mriexplorer.figures.cells import cell_states
from mriexplorer.render import comparison as ab
from mriexplorer.render.navigation import mm_at
from mriexplorer.render.scene import Reading, Scene
from mriexplorer.render.side_by_side import ComparedPerson, contrast_for_all
from mriexplorer.session.drawing import TOOLS, Draft
from mriexplorer.ui.planes.contrast_grid import ContrastGrid
from mriexplorer.ui.planes.people_grid import PeopleGrid
from mriexplorer.ui.planes.plane_grid import PlaneGrid
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.ui.window.flicker import Flicker
from mriexplorer.view.display import SIDES, Layout
from mriexplorer.view.state import State

Hover = tuple[PlaneView, tuple[float, float]]


class Stage(QStackedWidget):
    """Shows the grid that the layout wants; ``requested`` asks for the planes to be painted anew."""

    requested = Signal()

    def __init__(self, window: QWidget, planes: PlaneGrid) -> None:
        super().__init__()
        self.planes, self.cells, self.crowd = planes, ContrastGrid(), PeopleGrid()
        self.flicker = Flicker(window)
        for grid in (self.planes, self.cells, self.crowd):
            self.addWidget(grid)
            grid.resized.connect(self.requested)
        self.flicker.turned.connect(self.requested)

    @property
    def views(self) -> tuple[PlaneView, ...]:
        """Every view of every grid, shown or not."""
        return (*self.planes.views.values(), *self.cells.views, *self.crowd.views)

    def use_tool(self, tool: str) -> None:
        """What a drag does in the views."""
        for view in self.views:
            view.tool = tool
            view.setCursor(Qt.CursorShape.CrossCursor if tool in TOOLS else Qt.CursorShape.ArrowCursor)

    def show_state(
        self, scene: Scene, state: State, people: tuple[ComparedPerson, ...], draft: Draft | None = None
    ) -> set[PlaneView]:
        """Compute and paint, with what is being drawn; the views that will be painted are returned."""
        self.flicker.show_state(scene, state)
        state = self.flicker.state(state)
        if state.display.layout in SIDES:
            self._turn_to(self.cells)
            return self.cells.show_state(scene, state, draft)
        if state.display.layout == Layout.PEOPLE:
            self._turn_to(self.crowd)
            return self.crowd.show_people(people, scene, state)
        self._turn_to(self.planes)
        self.planes.show_state(scene, state, draft)
        return set(self.planes.visible_views())

    def _turn_to(self, grid: QWidget) -> None:
        if self.currentWidget() is not grid:
            self.setCurrentWidget(grid)

    def reading(self, scene: Scene, state: State, hover: Hover | None) -> tuple[Reading, State]:
        """The numbers under the pointer, else under the crosshair, and the state they belong to."""
        if hover is not None and hover[0] in self.crowd.visible_views() and state.display.layout == Layout.PEOPLE:
            state = contrast_for_all(state)
            return self.crowd.person(hover[0]).reading(hover[1], state), state
        if hover is not None and hover[0] in self.cells.views and state.display.layout in SIDES:
            state = cell_states(state)[min(self.cells.views.index(hover[0]), len(state.contrasts) - 1)]
        seen = ab.seen(scene, state)
        place = mm_at(scene, seen, hover[0].plane, hover[1]) if hover else None
        return ab.reading(scene, state, place), seen
