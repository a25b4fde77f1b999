"""T1 and T2 histograms of the subject, with the literature medians of white matter, grey matter and CSF."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout

from mriexplorer.figures.theme import GRID, font, theme
from mriexplorer.physics import TIMES, TISSUES, TimeUnit, number_in, time_in
from mriexplorer.render.histogram import Histogram
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.widgets.plots import dress_axes, keep_still
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_TISSUES = ("wm", "gm", "csf")
_NARROW = 480  # pixels, below which a title takes two lines


def make(session: Session, _enlarge: Callable[[Layout], None]) -> "HistogramPanel":
    """The panel; nothing can be asked for there."""
    return HistogramPanel(session.state.appearance.theme)


class HistogramPanel(TabbedPanel):
    """Two plots, T1 above T2, over the head's voxels, clipped at the 95th percentile."""

    depends = frozenset({"appearance.times"})

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        self._view = pg.GraphicsLayoutWidget()
        self._view.setAccessibleName("T1 and T2 histograms")
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.ci.layout.setContentsMargins(GRID, GRID, 2 * GRID, GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._plots = {kind: self._view.addPlot(row=row, col=0) for row, kind in enumerate(("t1", "t2"))}
        self._shown: tuple[Scene, float, TimeUnit] | None = None
        self.texts: dict[str, str] = {}
        self.dress(theme_name)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._theme, self._colours = name, theme(name)
        self._view.setBackground(self._colours.panel)
        if self._shown:
            shown, self._shown = self._shown, None
            self._show(*shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        crossed = (event.size().width() < _NARROW) != (event.oldSize().width() < _NARROW)
        QTimer.singleShot(0, self, lambda: self._fit(anew=crossed))  # once the plots have their new size

    def _fit(self, *, anew: bool) -> None:
        """Titles in lines that fit; the layout, which would stay as wide as a title once was, in the panel."""
        if anew:
            self.dress(self._theme)
        self._view.ci.setGeometry(self._view.range)

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw a subject's histograms; literature medians are those at its field strength, else at 3 T."""
        self._show(scene, scene.subject.field or 3.0, state.appearance.times)

    def _show(self, scene: Scene, field: float, times: TimeUnit) -> None:
        if self._shown == (scene, field, times):
            return
        self._shown = (scene, field, times)
        for kind, plot in self._plots.items():
            self._draw(plot, kind, scene.histogram(kind), field, times)
        QTimer.singleShot(0, self, lambda: self._fit(anew=False))

    def _draw(self, plot: pg.PlotItem, kind: str, histogram: Histogram, field: float, times: TimeUnit) -> None:
        plot.clear()
        self._prepare(plot)
        name = kind.upper()
        edges = histogram.edges * TIMES[times]
        if histogram.constant:
            self._title(plot, kind, f"{name} is {time_in(histogram.median, 0, times)} everywhere: a default, not measured")
            return
        medians = {TISSUES[t].short: getattr(TISSUES[t].at[field], kind) * TIMES[times] for t in _TISSUES}
        beyond = {short: " →" if at > edges[-1] else "" for short, at in medians.items()}
        listed = ", ".join(f"{short} {number_in(at / TIMES[times], 0, times)}{beyond[short]}" for short, at in medians.items())
        parts = f"{name} · median {time_in(histogram.median, 0, times)}", f"literature, {field:g} T: {listed}"
        self._title(plot, kind, ("<br>" if self.width() < _NARROW else " · ").join(parts))
        bars = pg.PlotCurveItem(edges, histogram.share * 100, stepMode="center", fillLevel=0,
                                brush=pg.mkBrush(self._colours.line), pen=pg.mkPen(self._colours.muted))  # fmt: skip
        plot.addItem(bars)
        top = float(histogram.share.max() * 100)
        plot.setXRange(0, edges[-1], padding=0)
        plot.setYRange(0, top * 1.3, padding=0)
        for place, (short, at) in enumerate(medians.items()):
            if at <= edges[-1]:
                self._mark(plot, short, at, top, left=(place == 0 and at > 0.1 * edges[-1]) or at > 0.9 * edges[-1])

    def _mark(self, plot: pg.PlotItem, name: str, at: float, top: float, *, left: bool) -> None:
        """A line at a literature median, named at its upper end."""
        label = pg.TextItem(name, color=self._colours.accent, anchor=(1 if left else 0, 0))
        label.setFont(font(8.5))
        label.setPos(at, top * 1.28)
        line = pg.InfiniteLine(at, pen=pg.mkPen(self._colours.accent, style=Qt.PenStyle.DashLine))
        for item in (label, line):
            plot.addItem(item, ignoreBounds=True)

    def _title(self, plot: pg.PlotItem, kind: str, text: str) -> None:
        self.texts[kind] = text
        plot.setTitle(text, color=self._colours.text, size="9pt")
        plot.titleLabel.setMinimumWidth(0)

    def _prepare(self, plot: pg.PlotItem) -> None:
        keep_still(plot)
        dress_axes(plot, self._colours)
        plot.getAxis("left").setWidth(12)
        plot.getAxis("left").setStyle(showValues=False)
