"""Curves of the sequence for white and grey matter, CSF and the voxel under the crosshair, and why the voxel is as it is.

::

    ┌ [Signal over TI ▾] [Mz over one TR]             ms ┐
    │ ━ WM 0.171  ┅ GM 0.178  ┈ CSF 0.009  ━ Crosshair   │
    │        ╎ WM null 582 ms          │                 │
    │  ──────╎──────────────────●──────│                 │
    │ Dark: 0.009, against 0.171 in white matter. ...    │
    └────────────────────────────────────────────────────┘
"""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from mriexplorer.explain.curves import HERE, Curves, Substance, curves, recovery_of, substances, variable, varied
from mriexplorer.explain.why import explained
from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID, font
from mriexplorer.physics import TIMES, TimeUnit
from mriexplorer.physics.longitudinal import Recovery
from mriexplorer.physics.timeline import timeline
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.ui.side_panels.curve_dots import CurveDots
from mriexplorer.ui.side_panels.curve_legend import CurveLegend
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.plots import dress_axes, keep_still
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_PLACES = 4  # of curves: WM, GM, CSF and the crosshair
_MOST_NOTES = 10
_ROWS = 3  # of notes above the curves
_ABOVE = 0.36  # of the height of the curves, for notes
_SAME = 0.003  # of the axis: null points closer than this share a text
_NARROW = 460
_MZ_TICKS = [[(mz / 2, f"{mz / 2:g}".replace("-", "−")) for mz in range(-2, 3)]]
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.SolidLine)
_CARRIED = "Transverse magnetisation is carried over from one TR to the next here: Mz alone does not tell what happens."


def make(session: Session, _enlarge: Callable[[Layout], None]) -> "CurvesPanel":
    """The panel, connected."""
    panel = CurvesPanel(session.state.appearance.theme)
    panel.requested.connect(session.set_value)
    panel.settled.connect(session.store.settle)
    panel.varied_requested.connect(lambda name: session.show_panels(varied=name))
    panel.curve_requested.connect(lambda name: session.show_panels(curve=name))
    return panel


class CurvesPanel(TabbedPanel):
    """Draws the state's curves. The line at the current value can be dragged: it is a slider."""

    depends = frozenset(
        {"contrast", "source.field", "display.cursor", "panels.varied", "panels.curve", "panels.expert", "appearance.times"}
    )

    requested = Signal(str, float)
    settled = Signal()
    varied_requested = Signal(str)
    curve_requested = Signal(str)

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        theme.on_panel(self)
        self._signal, self._recovery = QPushButton("Signal over"), QPushButton("Mz over one TR")
        self._varied = Chooser("Parameter that the curves run over", 4)
        self._unit = QLabel("ms")
        self._unit.setObjectName("muted")
        self.legend = CurveLegend()
        self.why = QLabel()
        self._view = pg.PlotWidget()
        self._view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # it would ask for 640 x 480
        self._plot = self._view.getPlotItem()
        self._kind = ""
        self._range: tuple[float, float, float, float] | None = None
        self._make_items()
        self._lay_out()
        self._connect()
        self._end: float | None = None  # of the axis, while the line is dragged along it
        self._scale = 1000.0  # shown value of the axis = stored value times this
        self._shown: tuple[Scene, State] | None = None
        self.notes: tuple[str, ...] = ()
        self.dress(theme_name)

    def _make_items(self) -> None:
        self._view.setAccessibleName("Curves")
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        keep_still(self._plot)
        self._plot.getAxis("left").setWidth(38)
        self._trains = [pg.LinearRegionItem(movable=False) for _ in range(2)]
        self._stems = pg.PlotCurveItem(connect="pairs")
        self._curves = [pg.PlotCurveItem(connect="finite", antialias=True) for _ in range(_PLACES)]
        self.line = pg.InfiniteLine(movable=True)
        self._dots = CurveDots()
        self._notes = [pg.TextItem(anchor=(0, 0)) for _ in range(_MOST_NOTES)]
        for item in (*self._trains, self._stems, *self._curves, self.line, self._dots, *self._notes):
            self._plot.addItem(item, ignoreBounds=True)
        for note in self._notes:
            note.setFont(font(8.5))
        for train in self._trains:
            train.setZValue(-10)
        self._curves[-1].setZValue(-1)  # where the voxel is a tissue, the tissue's own line stays visible

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GRID // 2)
        group = QButtonGroup(self)
        for button, name in ((self._signal, "Signal over a parameter"), (self._recovery, "Mz over one TR, in the steady state")):
            button.setCheckable(True)
            button.setAccessibleName(name)
            group.addButton(button)
        for widget in (self._signal, self._varied, self._recovery):
            head.addWidget(widget)
        head.addStretch()
        head.addWidget(self._unit)
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.why.setFont(font(9))
        self.why.setAccessibleName("Why the voxel under the crosshair is as bright as it is")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        layout.setSpacing(GRID // 2)
        layout.addLayout(head)
        layout.addWidget(self.legend)
        layout.addWidget(self._view, 1)
        layout.addWidget(self.why)

    def _connect(self) -> None:
        self._signal.clicked.connect(lambda: self.curve_requested.emit("signal"))
        self._recovery.clicked.connect(lambda: self.curve_requested.emit("recovery"))
        self._varied.activated.connect(lambda place: self.varied_requested.emit(self._varied.itemData(place)))
        self.line.sigDragged.connect(self._dragged)
        self.line.sigPositionChangeFinished.connect(self._released)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A fixed height: the plot must not jump as the words change under a slider.
        lines = 4 if event.size().width() >= _NARROW else 5
        self.why.setFixedHeight(lines * self.why.fontMetrics().lineSpacing() + 2)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        colours = theme.theme(name)
        self._view.setBackground(colours.panel)
        shades = colours.text, colours.muted, colours.text, colours.accent
        self._pens = [pg.mkPen(QColor(c), width=1, style=_STYLES[n]) for n, c in enumerate(shades)]
        for item, pen in zip(self._curves, self._pens, strict=True):
            item.setPen(pen)
        self._shades = [QColor(c) for c in shades]
        self._stems.setPen(pg.mkPen(colours.muted, style=Qt.PenStyle.DotLine))
        self.line.setPen(pg.mkPen(colours.accent, width=1))
        self.line.setHoverPen(pg.mkPen(colours.accent, width=3))
        for train in self._trains:
            train.setBrush(pg.mkBrush(QColor(colours.line)))
            for edge in train.lines:
                edge.setPen(pg.mkPen(None))
        for note in self._notes:
            note.setColor(colours.text)
        dress_axes(self._plot, colours)
        if self._shown is not None:
            self.show_state(*self._shown)

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the curves of a subject under the state's sequence."""
        self._shown = scene, state
        self._show_choices(state)
        shown = substances(scene, state)
        if state.panels.curve == "recovery":
            self._draw_recovery(shown, state)
        else:
            self._draw_curves(curves(shown, state, self._end), state)
        here = next((one for one in shown if one.name == HERE), None)
        answer = explained(here, state, scene.subject.field).text
        if answer != self.why.text():
            self.why.setText(answer)
            self.why.setToolTip(answer)

    def _show_choices(self, state: State) -> None:
        offered = variable(state)
        if [self._varied.itemData(n) for n in range(self._varied.count())] != [p.name for p in offered]:
            self._varied.clear()
            for parameter in offered:
                self._varied.addItem(parameter.label, parameter.name)
        parameter = varied(state)
        self._varied.setCurrentIndex(self._varied.findData(parameter.name))
        self._varied.setEnabled(state.panels.curve == "signal")
        self._signal.setChecked(state.panels.curve == "signal")
        self._recovery.setChecked(state.panels.curve == "recovery")
        if self._kind != state.panels.curve:
            self._kind = state.panels.curve
            self._plot.getAxis("left").setTicks(_MZ_TICKS if state.panels.curve == "recovery" else None)
        self._unit.setText(
            state.appearance.times if state.panels.curve == "recovery" else parameter.unit_in(state.appearance.times)
        )

    def _draw_curves(self, drawn: Curves, state: State) -> None:
        scale = self._scale = drawn.parameter.factor_in(state.appearance.times)
        axis = drawn.axis * scale
        signals = [curve.signal for curve in drawn.curves]
        finite = [s[np.isfinite(s)] for s in signals]
        top = max((float(s.max()) for s in finite if s.size), default=1.0) or 1.0
        low = min((float(s.min()) for s in finite if s.size), default=0.0) if state.contrast.signed else 0.0
        self._set_range(axis[0], axis[-1], min(low, 0.0), top)
        self._set_curves(axis, signals)
        with QSignalBlocker(self.line):
            self.line.setValue(drawn.at * scale)
        self.line.setVisible(True)
        values = [curve.now for curve in drawn.curves]
        self._dots.show_dots([drawn.at * scale] * len(values), values, self._shades)
        self.legend.show_values([c.substance.label for c in drawn.curves], values, self._pens)
        self._set_notes(_null_notes(drawn, _SAME * (axis[-1] - axis[0]), state.appearance.times), axis[-1] - axis[0])
        self._set_trains(())

    def _draw_recovery(self, shown: tuple[Substance, ...], state: State) -> None:
        line = timeline(state.protocol) if not state.problems else None
        found = recovery_of(shown, line)
        self.line.setVisible(False)
        if line is None or found is None:
            self._draw_nothing(_CARRIED if not state.problems else f"No curve: {state.problems[0].sentence}.")
            return
        scale = TIMES[state.appearance.times]
        times = found.times * scale
        self._set_range(times[0], times[-1], min(0.0, float(found.mz.min())), 1.0)
        self._set_curves(times, list(found.mz))
        seen = [n for n, pulse in enumerate(line.pulses) if pulse.role == "excitation" and _among(pulse.time, line.seen)]
        self._set_seen(found, [line.pulses[n].time * scale for n in seen], seen)
        values = [float(v) for v in found.before[:, seen[0]]] if seen else [None] * len(shown)
        self.legend.show_values([one.label for one in shown], values, self._pens)
        marked = [p for p in line.pulses if p.role == "inversion" or _among(p.time, line.seen)]
        self._set_notes([(p.time * scale, f"{p.angle:.0f}°") for p in marked], times[-1] - times[0])
        self._set_trains(tuple((train.start * scale, train.end * scale) for train in line.trains))

    def _set_seen(self, found: Recovery, times: list[float], seen: list[int]) -> None:
        """Dots where an excitation finds Mz."""
        count = found.before.shape[0]
        values = [float(mz) for n in seen for mz in found.before[:, n]]
        self._dots.show_dots(np.repeat(times, count).tolist(), values, self._shades[:count] * len(times))

    def _draw_nothing(self, sentence: str) -> None:
        self._set_curves(np.zeros(0), [])
        self._dots.show_dots((), (), ())
        self.legend.show_text(sentence)
        self._set_notes([], 1.0)
        self._set_trains(())

    def _set_range(self, left: float, right: float, low: float, top: float) -> None:
        self._top, self._low = top, low
        if self._range != (wanted := (left, right, low, top)):
            self._range = wanted
            above = top + _ABOVE * (top - low)
            self._plot.setRange(xRange=(left, right), yRange=(low, above), padding=0.015, disableAutoRange=False)
            self.line.setBounds((left, right))

    def _set_curves(self, axis: np.ndarray, signals: Sequence[np.ndarray]) -> None:
        for n, item in enumerate(self._curves):
            item.setVisible(n < len(signals))
            if n < len(signals):
                item.setData(axis, signals[n])

    def _set_notes(self, notes: list[tuple[float, str]], width: float) -> None:
        """Texts above the curves with a stem down to 0, in rows so that neighbours do not cover each other."""
        self.notes = tuple(text for _at, text in notes)
        stems: list[tuple[float, float]] = []
        span, pixels = self._top - self._low if notes else 1.0, max(self._view.width() - 50, 100)
        free = [-1e9] * _ROWS
        for item, (at, text) in zip(self._notes, notes, strict=False):
            place = at / width * pixels
            wide = QFontMetrics(font(8.5)).horizontalAdvance(text) + 8
            left = place + wide > pixels
            start = place - wide if left else place
            row = next((r for r in range(_ROWS) if free[r] <= start), _ROWS - 1)
            free[row] = start + wide
            height = self._top + _ABOVE * span * (1 - row / _ROWS)
            if item.toPlainText() != text:
                item.setText(text)
            item.setAnchor((1 if left else 0, 0))
            item.setPos(at, height)
            item.setVisible(True)
            stems += [(at, min(0.0, self._low) if self._low < 0 else 0.0), (at, height)]
        for item in self._notes[len(notes) :]:
            item.setVisible(False)
        self._stems.setData(np.array([x for x, _y in stems]), np.array([y for _x, y in stems]))

    def _set_trains(self, trains: tuple[tuple[float, float], ...]) -> None:
        for n, item in enumerate(self._trains):
            item.setVisible(n < len(trains))
            if n < len(trains):
                item.setRegion(trains[n])

    # -- what a person does ------------------------------------------------------------------------------------

    def _dragged(self) -> None:
        if self._shown is None:
            return
        if self._end is None:
            self._end = float(self._curves[0].getData()[0][-1]) / self._scale
        self.requested.emit(varied(self._shown[1]).name, self.line.value() / self._scale)

    def _released(self) -> None:
        self._end = None
        self.settled.emit()
        if self._shown is not None:
            self.show_state(*self._shown)


def _null_notes(drawn: Curves, same: float, times: TimeUnit) -> list[tuple[float, str]]:
    """Places and texts of null points; those that lie together share one text."""
    parameter, scale = drawn.parameter, drawn.parameter.factor_in(times)
    nulls = sorted((null * scale, curve.substance.label) for curve in drawn.curves for null in curve.nulls)
    together: list[tuple[float, list[str]]] = []
    for at, label in nulls:
        if together and at - together[-1][0] <= same:
            together[-1][1].append(label)
        else:
            together.append((at, [label]))
    unit = parameter.unit_in(times)
    return [(at, f"{', '.join(labels)} null {parameter.shown(at / scale, times)} {unit}") for at, labels in together]


def _among(time: float, times: tuple[float, ...]) -> bool:
    return any(abs(time - one) < 1e-6 for one in times)
