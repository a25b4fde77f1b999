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

from operator import attrgetter, is_, methodcaller

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from mriexplorer.figures.plane_painter import Look, fitting
from mriexplorer.figures.roi_painter import shapes
from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import RenderedSlice, Scene
from mriexplorer.render.slices import SliceGeometry
from mriexplorer.session.drawing import Draft
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_NAME, _GEOMETRY, _SIZE = attrgetter("name"), attrgetter("geometry"), methodcaller("size")
PLACES = {"axial": (0, 0), "sagittal": (0, 1), "coronal": (1, 0), "beside": (1, 1)}


class PlaneGrid(QWidget):
    """Lays out the planes at one common scale, and paints those that are visible."""

    resized = Signal()

    def __init__(self, beside: QWidget) -> None:
        super().__init__()
        self.views = {name: PlaneView(name) for name in ("axial", "sagittal", "coronal")}
        self._visible = tuple(self.views.values())
        self._fitted: tuple[tuple[QSize, ...], tuple[SliceGeometry, ...]] = (), ()  # views and planes,
        self._fit = 1.0  # and the pixels a millimetre at zoom 1 that fit them
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        for name, view in self.views.items():
            self._grid.addWidget(view, *PLACES[name])
        self._beside = beside
        self._grid.addWidget(beside, *PLACES["beside"])
        self._settled = QTimer(self)  # several planes change size together
        self._settled.setSingleShot(True)
        self._settled.setInterval(0)
        self._settled.timeout.connect(self.resized)
        for view in self.views.values():
            view.resized.connect(self._settled.start)
        for line in (0, 1):
            self._grid.setRowStretch(line, 1)
            self._grid.setColumnStretch(line, 1)

    def arrange(self, layout: Layout) -> None:
        """All planes, or one of them or the fourth place large, or one plane measured, computed and their difference."""
        every = (Layout.GRID, Layout.COMPARE)
        beside = (*every, Layout.SIDE_PANEL)
        for name, view in self.views.items():
            view.setVisible(layout in (*every, name))
        self._beside.setVisible(layout in beside)
        self._visible = tuple(view for view in self.views.values() if not view.isHidden())
        for line in (0, 1):
            for axis, stretch in ((0, self._grid.setRowStretch), (1, self._grid.setColumnStretch)):
                names = [name for name, place in PLACES.items() if place[axis] == line]
                stretch(line, int(any(layout in (beside if name == "beside" else (*every, name)) for name in names)))
        self._grid.activate()

    def visible_views(self) -> tuple[PlaneView, ...]:
        """The planes that are not hidden by the layout."""
        return self._visible

    def show_state(self, scene: Scene, state: State, draft: Draft | None = None) -> set[PlaneView]:
        """Compute and paint the visible planes, with what is being drawn on them; they are returned."""
        views = self._visible
        if not views:
            return set()
        rendered, titles = ab.titled_slices(scene, state, tuple(map(_NAME, views)))
        scale = state.display.zoom * self._fitting(rendered)
        message, way = ab.message(scene, state), ab.way(scene, state)
        compared = state.display.layout == Layout.COMPARE and scene.can_compare
        backed = state.display.zoom > 1 or state.display.centre is not None or bool(way)
        crosshair = state.display.crosshair and not message
        drawn_on = draft is not None or state.measurement.regions or state.measurement.line is not None
        for number, (view, one, title) in enumerate(zip(views, rendered, titles, strict=True)):
            view.plane = one.geometry.plane.name
            zoomed = (f"{state.display.zoom:.1f}×",) if state.display.zoom != 1 and not number else ()
            captions = ab.lines(scene, state) if not number or (way and not compared) else ()
            wipe = state.comparison.wipe if one.left is not None else None
            said = message if not compared or not number else ""
            look = Look(scale, title, (*zoomed, *captions), said, state.display.smooth, crosshair, backed=backed, wipe=wipe,
                        shapes=shapes(scene, state, one, draft) if drawn_on else ())  # fmt: skip
            view.show_slice(one, look)
        return set(views)

    def _fitting(self, rendered: tuple[RenderedSlice, ...]) -> float:
        """Pixels a millimetre at which all fit their views."""
        (sizes, planes), before = (tuple(map(_SIZE, self._visible)), tuple(map(_GEOMETRY, rendered))), self._fitted
        if sizes != before[0] or len(planes) != len(before[1]) or not all(map(is_, planes, before[1])):
            fits = [fitting(one, size.width(), size.height()) for size, one in zip(sizes, rendered, strict=True)]
            self._fitted, self._fit = (sizes, planes), min(fits)
        return self._fit
