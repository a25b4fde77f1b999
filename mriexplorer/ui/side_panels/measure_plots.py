"""Two small plots: how the signal of a region is spread, and values along a line."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mriexplorer.figures.roi_painter import COLOURS
from mriexplorer.figures.theme import GRID, theme
from mriexplorer.measure.masks import roi_masks
from mriexplorer.measure.statistics import CONSTANT, EMPTY, NO_IMAGE, bins
from mriexplorer.physics import TIMES
from mriexplorer.render.imaging import Imaging
from mriexplorer.render.scene import Scene
from mriexplorer.ui.widgets.plots import dress_axes, keep_still
from mriexplorer.view.region import THRESHOLD_VIEWS, Region
from mriexplorer.view.state import State

_MAPS = {"t1": "T1", "t2": "T2", "t2star": "T2*", "pd": "PD"}
_ROOM = 0.15  # of the values' range, left free at the ends of an axis
_TITLE = 18  # pixels
_LEAST_FILLED = 0.4  # of an axis


class MeasurePlots(QWidget):
    """Histogram on the left, profile on the right. ``texts`` are their titles."""

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        self._view = pg.GraphicsLayoutWidget()
        self._view.setAccessibleName("Signal of the region, and along the line")
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.ci.layout.setContentsMargins(0, 0, GRID, 0)
        self._view.ci.layout.setSpacing(GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._plots = tuple(self._view.addPlot(row=0, col=column) for column in (0, 1))
        self._bars = pg.PlotCurveItem([0, 1], [0], stepMode="center", fillLevel=0)
        self._curve = pg.PlotCurveItem()
        self._plots[0].addItem(self._bars)
        self._plots[1].addItem(self._curve)
        self._plots[0].setYRange(0, 1)
        self.texts = ["", ""]
        self._spans = [(0.0, 0.0), (0.0, 0.0)]  # of the signal, in either plot
        self.dress(theme_name)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._colours = theme(name)
        self._view.setBackground(self._colours.panel)
        self._curve.setPen(pg.mkPen(self._colours.accent, width=1.5))
        for number, plot in enumerate(self._plots):
            self._prepare(plot)
            self._title(number, self.texts[number], again=True)

    def _prepare(self, plot: pg.PlotItem) -> None:
        keep_still(plot, 0.02)
        dress_axes(plot, self._colours, 8)
        plot.getAxis("bottom").setHeight(18)
        if plot is self._plots[0]:
            plot.getAxis("left").setWidth(8)
            plot.getAxis("left").setStyle(showValues=False, tickLength=0)
        else:
            plot.getAxis("left").setWidth(40)

    def show_signal(self, region: Region | None, signal: np.ndarray | None) -> None:
        """The spread of a region's signal; in words where there is none."""
        if region is None:
            self._say(0, "")
            return
        found = bins(signal) if signal is not None else None
        if found is None:
            reason = NO_IMAGE if signal is None else EMPTY if not signal.size else CONSTANT
            self._say(0, f"signal in {region.name}: {reason}")
            return
        colour = COLOURS[region.colour]
        self._title(0, f"signal in {region.name}")
        self._show_axes(0, shown=True)
        filled = pg.mkBrush(colour.red(), colour.green(), colour.blue(), 110)
        self._bars.setData(found.edges, found.counts / found.counts.max(), brush=filled, pen=pg.mkPen(colour))
        self._span(0, "x", float(found.edges[0]), float(found.edges[-1]))

    def show_line(self, scene: Scene, state: State, imaging: Imaging | None) -> None:
        """What the planes show along the line, linear between voxels."""
        if state.measurement.line is None:
            self._say(1, "")
            return
        view = state.view if state.view in THRESHOLD_VIEWS else "signal"
        name, factor = _MAPS.get(view, "signal"), 1.0
        if view in ("t1", "t2", "t2star"):
            name, factor = f"{name} ({state.appearance.times})", TIMES[state.appearance.times]
        course = roi_masks(scene).course(state.measurement.line)
        values = course.values(view, imaging)
        if values is None:
            self._say(1, f"signal along the line: {NO_IMAGE}")
            return
        self._title(1, f"{name} along the line, against mm")
        self._show_axes(1, shown=True)
        values = values * factor
        self._curve.setData(course.mm, values)
        self._plots[1].setXRange(0, max(float(course.mm[-1]), 0.1))
        self._span(1, "y", min(float(values.min()), 0.0), float(values.max()))

    def _span(self, number: int, axis: str, low: float, high: float) -> None:
        """Let an axis span what is shown; it stays as long as that fits, so that it is calm and not drawn anew."""
        shown = self._spans[number]
        if shown[0] <= low and high <= shown[1] and high - low > _LEAST_FILLED * (shown[1] - shown[0]):
            return
        room = _ROOM * (high - low) or 1.0
        self._spans[number] = (low if low == 0 else low - room, high + room)
        set_range = self._plots[number].setXRange if axis == "x" else self._plots[number].setYRange
        set_range(*self._spans[number])

    def _say(self, number: int, text: str) -> None:
        """A title alone: there is nothing to plot."""
        self._show_axes(number, shown=False)
        self._title(number, text)

    def _show_axes(self, number: int, *, shown: bool) -> None:
        (self._bars, self._curve)[number].setVisible(shown)
        for side in ("left", "bottom"):
            axis = self._plots[number].getAxis(side)
            if axis.isVisible() != shown:
                axis.setVisible(shown)

    def _title(self, number: int, text: str, *, again: bool = False) -> None:
        if text != self.texts[number] or again:
            self.texts[number] = text
            plot = self._plots[number]
            plot.setTitle(text, color=self._colours.muted, size="8.5pt")
            plot.titleLabel.setMaximumHeight(_TITLE)
            plot.layout.setRowFixedHeight(0, _TITLE)
