"""Three linked planes and a fourth place beside them.

::

    ┌ axial ──────┬ sagittal ───┐
    ├ coronal ────┼ beside ─────┤
    └─────────────┴─────────────┘

or, of maps that were encoded from scans, one plane three times (of two people who were sampled: this, the other, difference)::

    ┌ measured ───┬ computed ───┐
    ├ difference ─┼ beside ─────┤
    └─────────────┴─────────────┘
"""

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from mriexplorer.explorer import ab
from mriexplorer.explorer.drawing import Draft
from mriexplorer.explorer.scene import Pane, Scene, caption_lines
from mriexplorer.explorer.state import State
from mriexplorer.ui.plane_painter import Look, position
from mriexplorer.ui.plane_view import PlaneView
from mriexplorer.ui.shapes import shapes

PLACES = {"axial": (0, 0), "sagittal": (0, 1), "coronal": (1, 0), "beside": (1, 1)}


class PlaneGrid(QWidget):
    """Lays out the planes at one common scale, and paints those that are visible."""

    resized = Signal()

    def __init__(self, beside: QWidget) -> None:
        super().__init__()
        self.views = {name: PlaneView(name) for name in ("axial", "sagittal", "coronal")}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        for name, view in self.views.items():
            self._grid.addWidget(view, *PLACES[name])
        self._beside = beside
        self._grid.addWidget(beside, *PLACES["beside"])
        self._settled = QTimer(self, singleShot=True, interval=0)  # several planes change size together
        self._settled.timeout.connect(self.resized)
        for view in self.views.values():
            view.resized.connect(self._settled.start)
        for line in (0, 1):
            self._grid.setRowStretch(line, 1)
            self._grid.setColumnStretch(line, 1)

    def arrange(self, layout: str) -> None:
        """All planes, or one of them or the fourth place large, or one plane measured, computed and their difference."""
        every = ("grid", "compare")
        beside = (*every, "corner")
        for name, view in self.views.items():
            view.setVisible(layout in (*every, name))
        self._beside.setVisible(layout in beside)
        for line in (0, 1):
            for axis, stretch in ((0, self._grid.setRowStretch), (1, self._grid.setColumnStretch)):
                names = [name for name, place in PLACES.items() if place[axis] == line]
                stretch(line, int(any(layout in (beside if name == "beside" else (*every, name)) for name in names)))
        self._grid.activate()

    def visible_views(self) -> Iterator[PlaneView]:
        """The planes that are not hidden by the layout."""
        return (view for view in self.views.values() if not view.isHidden())

    def show_state(self, scene: Scene, state: State, draft: Draft | None = None) -> None:
        """Compute and paint the visible planes, with what is being drawn on them."""
        views = list(self.visible_views())
        if not views:
            return
        beside = state.layout == "compare" and scene.can_compare
        panes, titles = compared(scene, state) if beside else _planes(scene, state, views)
        scale = state.zoom * min(view.fit(pane) for view, pane in zip(views, panes, strict=True))
        message, way = ab.message(scene, state), ab.way(scene, state)
        backed = state.zoom > 1 or state.centre is not None or bool(way)
        crosshair = state.crosshair and not message
        for number, (view, pane, title) in enumerate(zip(views, panes, titles, strict=True)):
            view.plane = pane.face.plane.name
            zoomed = (f"{state.zoom:.1f}×",) if state.zoom != 1 and not number else ()
            told = ab.lines(scene, state) if not number or (way and not beside) else ()
            wipe = state.wipe if pane.left is not None else None
            said = message if not number or (way == "difference" and not beside) else ""
            look = Look(scale, title, (*zoomed, *told), said, state.smooth, crosshair, backed=backed, wipe=wipe)
            view.show_pane(pane, replace(look, shapes=shapes(scene, state, pane, draft)))


def _planes(scene: Scene, state: State, views: list[PlaneView]) -> tuple[tuple[Pane, ...], list[str]]:
    """The planes and their titles; where contrasts are compared, each says which one it shows."""
    panes = ab.panes(scene, tuple(view.name for view in views), state)
    seen = ab.title(scene, state)
    return panes, [position(pane, scene, state) + (f" · {seen}" if seen else "") for pane in panes]


def compared(scene: Scene, state: State) -> tuple[tuple[Pane, ...], list[str]]:
    """One plane measured, computed and their difference, or of two people; the computed one against the other, as wished."""
    shown = [replace(state, view=name) for name in scene.compared]
    ways = [ab.panes if one.view == "signal" else _plain for one in shown]
    panes = tuple(paint(scene, (state.compared,), one)[0] for paint, one in zip(ways, shown, strict=True))
    own = "computed from the maps" if scene.other is None else scene.subject.name
    titles = [(ab.title(scene, one) or own) if one.view == "signal" else caption_lines(one)[0] for one in shown]
    if scene.other is not None:
        titles[1] = scene.other.subject.name
    return panes, titles


def _plain(scene: Scene, names: tuple[str, ...], state: State) -> tuple[Pane, ...]:
    return scene.panes(names, state)
