"""One plane and one contrast of several people, each with sex and age; whoever is open is framed."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil, sqrt

from PySide6.QtCore import Signal

from mriexplorer.figures.cells import blank, person_look
from mriexplorer.render.scene import Scene
from mriexplorer.render.side_by_side import MOST, ComparedPerson, contrast_for_all
from mriexplorer.session.drawing import Draft
from mriexplorer.ui.planes.cell_grid import CellGrid
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.view.comparison import Comparison
from mriexplorer.view.measurement import Measurement
from mriexplorer.view.panels import Panels
from mriexplorer.view.state import State
from mriexplorer.view.volume_view import VolumeView


class PeopleGrid(CellGrid):
    """Shows the people that ``everybody`` tells; a double click or Enter asks for one of them."""

    chosen = Signal(object)  # ComparedPerson

    def __init__(self, everybody: Callable[[], tuple[ComparedPerson, ...]]) -> None:
        super().__init__(MOST, "Person")
        self._everybody = everybody
        self._people: tuple[ComparedPerson, ...] = ()
        for view in self.views:
            view.enlarged.connect(self._choose)

    def _choose(self, view: PlaneView) -> None:
        self.chosen.emit(self.person(view))

    def person(self, view: PlaneView) -> ComparedPerson:
        """Who stands in a cell."""
        return self._people[self.views.index(view)]

    def show_state(self, scene: Scene, state: State, _draft: Draft | None = None) -> set[PlaneView]:
        """Compute and paint the cells that changed; they are returned. Nothing can be drawn on them."""
        people = self._people = self._everybody()
        columns = max(ceil(sqrt(len(people) * _aspect(self))), 1) if len(people) > 1 else 1
        self.arrange(min(columns, max(len(people), 1)), len(people))
        state = contrast_for_all(state)
        scale = self.scale([blank(person.geometry(state)) for person in people], state.display.zoom) if people else 1.0
        changed = set()
        for number, (view, person) in enumerate(zip(self.visible_views(), people, strict=True)):
            framed = person.whole is scene if person.member is None else person.member.recipe == state.source.recipe
            view.plane = person.geometry(state).plane.name
            drawn = person_look(person, state, scale, first=not number, framed=framed)
            if not self.stands(view, (person, _bare(state), drawn)):
                view.show_slice(person.rendered(state), drawn)
                changed.add(view)
        return changed


def _aspect(grid: CellGrid) -> float:
    """Columns to rows, so that cells are about as wide as high."""
    return min(max(grid.width() / max(grid.height(), 1), 0.5), 2.5)


def _bare(state: State) -> State:
    """What all cells depend on, and no more."""
    plain = replace(state, comparison=Comparison(), panels=Panels(), measurement=Measurement(), volume=VolumeView())
    return plain.with_display(auto=True).alone(replace(state.contrast, preset=""))
