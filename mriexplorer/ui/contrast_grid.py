"""One plane of one subject in several contrasts; the cell that the sliders move is framed.

::

    ┌ 1 T1w MPRAGE ┬ 2 T2w TSE ───┐
    ├ 3 FLAIR ─────┼ 4 PDw TSE ───┤
    └──────────────┴──────────────┘
"""

from dataclasses import replace

from mriexplorer.explorer.comparison import ab
from mriexplorer.explorer.comparison.contrasts import MOST, SIDES, applied, cells
from mriexplorer.explorer.measuring.drawing import Draft
from mriexplorer.explorer.scene import Scene
from mriexplorer.explorer.state import State
from mriexplorer.ui import theme
from mriexplorer.ui.cell_grid import CellGrid, blank
from mriexplorer.ui.plane_painter import Look, position
from mriexplorer.ui.plane_view import PlaneView
from mriexplorer.ui.shapes import shapes

_EMPTY = "No contrast here. A right click adds one."


class ContrastGrid(CellGrid):
    """Shows the state's contrasts. Cursor, slice, zoom and pan are common to all."""

    def __init__(self) -> None:
        super().__init__(MOST, "Contrast")
        for view in self.views:
            view.takes_digits = True

    def show_state(self, scene: Scene, state: State, draft: Draft | None = None) -> set[PlaneView]:
        """Compute and paint the cells that changed, with what is being drawn; they are returned."""
        side = SIDES[state.layout]
        self.arrange(side, side * side)
        shown = states_of(state)[: side * side]
        face = scene.face(state.compared, state)
        scale = self.scale([blank(face)], state.zoom)
        changed = set()
        for place, (view, one) in enumerate(zip(self.visible_views(), shown, strict=False)):
            drawn = look(scene, one, place, scale, framed=place == state.chosen)
            if not self.stands(view, (scene, one, drawn, draft)):
                view.plane = one.compared
                pane = ab.panes(scene, (one.compared,), one, f"cell {place}")[0]
                view.show_pane(pane, replace(drawn, shapes=shapes(scene, one, pane, draft)))
                changed.add(view)
        for view in self.visible_views()[len(shown) :]:
            view.plane = state.compared
            self.leave_empty(view, face, _EMPTY)
        return changed


def states_of(state: State) -> list[State]:
    """The state of each cell, without what does not matter to it; what is pinned is compared with the chosen one alone."""
    own = replace(state, contrasts=(), chosen=0, corner="histograms", people=True, expert=False, auto=True, together=False,
                  pinned=state.pinned if state.ab else None)  # fmt: skip
    plain = replace(own, ab="", pinned=None, wipe=0.5, rate=2)
    return [own if place == state.chosen else applied(one, plain) for place, one in enumerate(cells(state))]


def look(scene: Scene, state: State, place: int, scale: float, *, framed: bool = False) -> Look:
    """How a cell is painted: its name, its times, and on the first one the plane that all show."""
    name, *times = ab.lines(scene, state)
    way = ab.way(scene, state)
    title = f"{place + 1}  {ab.title(scene, state) if way else _weighting(state) + name}"
    lines = (name, *times) if way else tuple(times)
    if not place:
        zoomed = (f"{state.zoom:.1f}×",) if state.zoom != 1 else ()
        lines = (position(blank(scene.face(state.compared, state)), scene, state), *zoomed, *lines)
    message = ab.message(scene, state)
    crosshair = state.crosshair and not message
    wipe = state.wipe if way == "wipe" else None
    accent = theme.DARK.accent if framed else ""  # images are on black in both themes
    return Look(scale, title, lines, message, state.smooth, crosshair, backed=True, framed=accent, wipe=wipe)


def _weighting(state: State) -> str:
    """``T2w`` before a sequence whose name does not tell it."""
    suffix = state.row.suffix(state.protocol)
    return f"{suffix} " if state.view == "signal" and state.row.title is None and suffix.endswith("w") else ""
