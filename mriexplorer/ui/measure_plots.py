"""Two small plots: how the signal of a region is spread, and values along a line."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mriexplorer.explorer.region import THRESHOLD_VIEWS, Region
from mriexplorer.explorer.scene import Scene
from mriexplorer.explorer.state import State
from mriexplorer.explorer.statistics import CONSTANT, NO_IMAGE, NO_TISSUE, bins
from mriexplorer.physics.lookup import LookUp
from mriexplorer.ui.shapes import COLOURS
from mriexplorer.ui.theme import GRID, font, theme

_MAPS = {"t1": ("T1 (ms)", 1000.0), "t2": ("T2 (ms)", 1000.0), "t2star": ("T2* (ms)", 1000.0), "pd": ("PD", 1.0)}


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
        self.texts = ["", ""]
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
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.getViewBox().setDefaultPadding(0.02)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(self._colours.line)
            axis.setTextPen(self._colours.muted)
            axis.setTickFont(font(8))
            axis.enableAutoSIPrefix(False)
        plot.getAxis("bottom").setHeight(18)
        if plot is self._plots[0]:
            plot.getAxis("left").setWidth(8)
            plot.getAxis("left").setStyle(showValues=False)
        else:
            plot.getAxis("left").setWidth(40)

    def show_signal(self, region: Region | None, signal: np.ndarray | None) -> None:
        """The spread of a region's signal; in words where there is none."""
        if region is None:
            self._say(0, "no region")
            return
        found = bins(signal) if signal is not None else None
        if found is None:
            reason = NO_IMAGE if signal is None else NO_TISSUE if not signal.size else CONSTANT
            self._say(0, f"signal in {region.name}: {reason}")
            return
        colour = COLOURS[region.colour]
        self._title(0, f"signal in {region.name}")
        self._bars.setData(found.edges, found.counts, brush=pg.mkBrush(colour.darker(220)), pen=pg.mkPen(colour))
        self._plots[0].setXRange(found.edges[0], found.edges[-1])
        self._plots[0].setYRange(0, float(found.counts.max()))

    def show_line(self, scene: Scene, state: State, look: LookUp | None) -> None:
        """What the planes show along the line, linear between voxels."""
        if state.line is None:
            self._say(1, "no line")
            return
        view = state.view if state.view in THRESHOLD_VIEWS else "signal"
        name, factor = _MAPS.get(view, ("signal", 1.0))
        course = scene.regions.course(state.line)
        values = course.values(view, look)
        if values is None:
            self._say(1, f"signal along the line: {NO_IMAGE}")
            return
        self._title(1, f"{name} along the line, against mm")
        values = values * factor
        self._curve.setData(course.mm, values)
        self._plots[1].setXRange(0, max(float(course.mm[-1]), 0.1))
        low, high = min(float(values.min()), 0.0), float(values.max())
        self._plots[1].setYRange(low, high if high > low else low + 1)

    def _say(self, number: int, text: str) -> None:
        """A title alone: there is nothing to plot."""
        self._title(number, text)
        if number == 0:
            self._bars.setData([0, 1], [0])
        else:
            self._curve.setData([], [])

    def _title(self, number: int, text: str, *, again: bool = False) -> None:
        if text != self.texts[number] or again:
            self.texts[number] = text
            self._plots[number].setTitle(text, color=self._colours.muted, size="8.5pt")
