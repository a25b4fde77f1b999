"""Contrast over two parameters as an image with axes as their sliders have: logarithmic for times, in ms."""

from math import ceil, floor, log10
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from mriexplorer.figures.theme import GRID, font, theme
from mriexplorer.physics import Parameter, TimeUnit
from mriexplorer.physics.best import Answer
from mriexplorer.ui.widgets.plots import dress_axes, keep_still

_BAR, _EDGES = 8, (0.06, 0.94)  # pixels; where its ends are named, as shares of its height
_MARGIN = 0.03  # of each axis, so that a mark at the edge is seen
_DECADE = 1.0
_ROOM = (40, 18)  # pixels that a label takes along each axis
_EDGE = 0.85  # of an axis, beyond which a mark is named towards the middle
_NEAR = 0.25  # of the height, within which two marks are named on opposite sides


class ContrastMap(QWidget):
    """Draws an ``Answer``; ``clicked`` tells the values of both parameters (s, degrees) under a click."""

    clicked = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self._axes: tuple[Parameter, Parameter] | None = None
        self._times: TimeUnit = "ms"
        self._ticks: tuple[list[tuple[float, str]], list[tuple[float, str]]] = ([], [])
        self._view = pg.GraphicsLayoutWidget()
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setMinimumSize(0, 0)
        self._view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._view.ci.layout.setContentsMargins(0, GRID // 2, 2 * GRID, 0)
        self._view.setAccessibleName("Map of the contrast over both parameters")
        self._view.setToolTip("Bright: high contrast. Empty: no scanner could run it. Click: set both parameters")
        self._plot = self._view.addPlot()
        keep_still(self._plot)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._plot.addItem(self._image)
        self._marks = {name: _Mark(self._plot, name, symbol) for name, symbol in (("now", "x"), ("best", "o"))}
        self._bar = pg.ColorBarItem(values=(0, 1), width=_BAR, colorMap=_colours(), interactive=False)
        self._bar.setImageItem([], insert_in=self._plot)
        scale = self._bar.getAxis("right")
        scale.setTicks([[(_EDGES[0], "0"), (_EDGES[1], "best")]])
        scale.setStyle(tickLength=0, tickFont=font(8.5))
        scale.setPen(None)
        self._message = pg.TextItem(anchor=(0.5, 0.5))
        self._message.setFont(font(10))
        self._plot.addItem(self._message, ignoreBounds=True)
        self._plot.scene().sigMouseClicked.connect(self._pressed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._colours = theme(name)
        self._view.setBackground(self._colours.panel)
        self._message.setColor(self._colours.muted)
        dress_axes(self._plot, self._colours)
        self._bar.getAxis("right").setTextPen(self._colours.muted)
        self._label()

    def show_nothing(self, why: str) -> None:
        """No map, and the sentence why."""
        self._axes = None
        self._image.hide()
        self._bar.hide()
        for mark in self._marks.values():
            mark.hide()
        self._plot.setRange(QRectF(0, 0, 1, 1), padding=0)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setTicks([])
            self._plot.getAxis(side).setLabel("")
        self._message.setText(why)
        self._message.setPos(0.5, 0.5)

    def show_answer(self, axes: tuple[Parameter, Parameter], answer: Answer, times: TimeUnit = "ms") -> None:
        """Draw the map; what no scanner could run stays empty."""
        self._axes, self._times = axes, times
        across, up = (place(p, values, times) for p, values in zip(axes, (answer.across, answer.up), strict=True))
        table = _colours().getLookupTable(nPts=256, alpha=True)
        possible = np.isfinite(answer.contrast)
        shade = np.where(possible, answer.contrast, 0) / max(answer.highest, 1e-12)
        pixels = table[np.clip(shade * 255, 0, 255).astype(int)]
        pixels[~possible] = 0
        self._image.setImage(pixels, levels=None)
        self._image.setRect(_around(across, up))
        self._image.show()
        self._bar.show()
        self._message.setText("" if possible.any() else "No image anywhere within these limits")
        box = _around(across, up)
        self._message.setPos(box.center())
        self._plot.setRange(box, padding=_MARGIN)
        self._ticks = ticks(axes[0], float(across[0]), float(across[-1])), ticks(axes[1], float(up[0]), float(up[-1]))
        self._label()

    def show_marks(self, now: tuple[float, float], found: tuple[float, float] | None) -> None:
        """Mark the current protocol, where it lies on the map, and the best one."""
        if self._axes is None:
            return
        spots = {"now": self._spot(now), "best": self._spot(found) if found is not None else None}
        box = self._seen()
        for name, other in (("now", "best"), ("best", "now")):
            self._marks[name].show_at(spots[name], spots[other], box)

    def _spot(self, values: tuple[float, float]) -> QPointF:
        x, y = (float(place(p, np.array(v), self._times)) for p, v in zip(self._axes or (), values, strict=True))
        return QPointF(x, y)

    def _seen(self) -> QRectF:
        """What is shown of the map."""
        shown: QRectF = self._plot.getViewBox().viewRect()
        return shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label()

    def _label(self) -> None:
        box, seen = self._plot.getViewBox(), self._seen()
        room = box.width() / seen.width(), box.height() / seen.height()
        for side, place_ in (("bottom", 0), ("left", 1)):
            if self._axes is not None:
                self._plot.getAxis(side).setTicks([apart(self._ticks[place_], _ROOM[place_] / max(room[place_], 1e-9))])
                parameter = self._axes[place_]
                unit = f" ({named})" if (named := parameter.unit_in(self._times)) else ""
                style = {"color": self._colours.muted, "font-size": "8.5pt"}
                self._plot.getAxis(side).setLabel(f"{parameter.label}{unit}", **style)

    def _pressed(self, event: Any) -> None:
        """A click of pyqtgraph's, which has no types."""
        at = self._plot.getViewBox().mapSceneToView(event.scenePos())
        if self._axes is None or event.button() != Qt.MouseButton.LeftButton or not self._seen().contains(at):
            return
        self.clicked.emit(*(value(p, v, self._times) for p, v in zip(self._axes, (at.x(), at.y()), strict=True)))


class _Mark:
    """A symbol with its name beside it, dark on light so that it can be seen on any colour."""

    def __init__(self, plot: pg.PlotItem, name: str, symbol: str) -> None:
        self._symbol = pg.ScatterPlotItem(size=13, symbol=symbol, pxMode=True)
        pen = pg.mkPen("#ffffff", width=2) if symbol == "o" else pg.mkPen("#101317", width=1)
        self._symbol.setPen(pen)
        self._symbol.setBrush(pg.mkBrush(None) if symbol == "o" else pg.mkBrush("#ffffff"))
        self._text = pg.TextItem(name, color="#ffffff", fill=pg.mkBrush(16, 19, 23, 190))
        self._text.setFont(font(8.5))
        for item in (self._symbol, self._text):
            plot.addItem(item, ignoreBounds=True)

    def hide(self) -> None:
        """Nothing to mark."""
        self._symbol.hide()
        self._text.hide()

    def show_at(self, spot: QPointF | None, other: QPointF | None, box: QRectF) -> None:
        """Mark a place of the map; the name stands beside it, away from the edges and from the other mark."""
        if spot is None or not box.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(spot):
            self.hide()
            return
        x, y = (spot.x() - box.left()) / box.width(), (spot.y() - box.top()) / box.height()
        left = x > _EDGE
        if other is not None and _EDGE > x > 1 - _EDGE and abs(other.y() - spot.y()) < _NEAR * box.height():
            left = spot.x() < other.x()
        self._symbol.setData([spot.x()], [spot.y()])
        self._text.setAnchor((1.35 if left else -0.35, 0.0 if y > _EDGE else 1.0 if y < 1 - _EDGE else 0.5))
        self._text.setPos(spot)
        self._symbol.show()
        self._text.show()


def _colours() -> pg.ColorMap:
    return pg.colormap.get("viridis")


def _around(across: np.ndarray, up: np.ndarray) -> QRectF:
    """The box of pixels whose middles are these places of both axes."""
    (left, width), (bottom, height) = _span(across), _span(up)
    return QRectF(left, bottom, width, height)


def _span(places: np.ndarray) -> tuple[float, float]:
    """Start and length of the pixels in a row whose middles are these places."""
    step = float(places[-1] - places[0]) / (places.size - 1) if places.size > 1 else 1.0
    return float(places[0]) - step / 2, step * places.size


def place(parameter: Parameter, values: np.ndarray, times: TimeUnit = "ms") -> np.ndarray:
    """Where values (s, degrees) of a parameter lie on its axis."""
    shown = np.asarray(values) * parameter.factor_in(times)
    return np.log10(shown) if parameter.scale == "log" else shown


def value(parameter: Parameter, at: float, times: TimeUnit = "ms") -> float:
    """The value (s, degrees) at a place of an axis; the inverse of ``place``."""
    return (10**at if parameter.scale == "log" else at) / parameter.factor_in(times)


def apart(found: list[tuple[float, str]], least: float) -> list[tuple[float, str]]:
    """Those of some ticks that are at least so far from the one before."""
    kept: list[tuple[float, str]] = []
    for at, label in found:
        if not kept or at - kept[-1][0] >= least:
            kept.append((at, label))
    return kept


def ticks(parameter: Parameter, low: float, high: float) -> list[tuple[float, str]]:
    """Places and labels: 1, 2, 5, 10, ... on a logarithmic axis, else five round numbers or so."""
    if parameter.scale == "log":
        steps = (1, 2, 5) if high - low > _DECADE else (1, 1.5, 2, 3, 4, 5, 6, 8)
        found = [(k + log10(m), 10.0**k * m) for k in range(floor(low), ceil(high) + 1) for m in steps]
    else:
        rough = (high - low) / 5
        step = next(m * 10 ** floor(log10(rough)) for m in (1, 2, 5, 10) if m * 10 ** floor(log10(rough)) >= rough)
        found = [(k * step, k * step) for k in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
    return [(at, f"{number:g}") for at, number in found if low - 1e-9 <= at <= high + 1e-9]
