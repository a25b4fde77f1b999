"""Best contrast of two tissues or regions: a map over two parameters, with the optimum and the current protocol.

::

    A  White matter ▾    across  TR ▾    300 – 20000 ms
    B  Grey matter ▾     up      TI ▾     20 –  6000 ms
    TI ┌─────────────────────────────────┐
       │            ○ best               │
       │      ✕ now                      │
       └─────────────────────────────── TR
    Best at TR ..., TI ...: contrast ×1.3      ☐ Per scan time  [Go to the best]
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from mriexplorer.figures.theme import GRID
from mriexplorer.measure.contrast_question import question
from mriexplorer.physics import Parameter, Sequence, TimeUnit
from mriexplorer.physics.best import Answer, Question, best
from mriexplorer.physics.cost import relative_time
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.ui.side_panels.contrast_map import ContrastMap
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.panel import Sentence
from mriexplorer.ui.widgets.parameter_slider import ValueField, typed_value
from mriexplorer.view.contrast_search import ContrastSearch, choice
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_WIDE, _NARROWEST, _LEAST_MAP = 500, 330, 130
_ACROSS, _DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


def make(session: Session, _enlarge: Callable[[Layout], None]) -> "ContrastSearchPanel":
    """The panel, connected."""
    panel = ContrastSearchPanel(session.state.appearance.theme)
    panel.requested.connect(lambda search: session.show_panels(search=search))
    panel.values_requested.connect(session.set_values)
    return panel


class ContrastSearchPanel(TabbedPanel):
    """``requested`` asks for another ``ContrastSearch``, ``values_requested`` for values (s, degrees) of both axes."""

    depends = frozenset(
        {"contrast", "source.field", "display.cursor", "measurement.regions", "panels.search", "appearance.times"}
    )

    requested = Signal(object)
    values_requested = Signal(dict)

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        self._state: State | None = None
        self._question: Question | str = ""
        self._asked: object = None
        self._answer: Answer | None = None
        self._tissues = [self._tissue(name) for name in "AB"]
        self._axes = [_Axis("across"), _Axis("up")]
        self._per_time, self._go, self._said = QCheckBox("Per scan time"), QPushButton("Go to the best"), Sentence(name="said")
        self._per_time.setToolTip("Contrast for the square root of scan time: TR, divided by the length of the train")
        self._go.setToolTip("Set both parameters to where the contrast is highest")
        self.map = ContrastMap()
        self._soon = QTimer(self, singleShot=True, interval=0)  # the planes are painted first
        self._soon.timeout.connect(self._find)
        self._lay_out()
        self._connect()
        self.dress(theme_name)

    def _tissue(self, name: str) -> Chooser:
        chooser = Chooser(f"Tissue or region {name}", 10)
        chooser.setMaximumWidth(240)
        return chooser

    def _lay_out(self) -> None:
        self._head, self._beside = QBoxLayout(_ACROSS), QBoxLayout(_DOWN)
        for box in (self._head, self._beside):
            box.setSpacing(GRID // 2)
        axes = QGridLayout()
        axes.setHorizontalSpacing(GRID // 2)
        axes.setVerticalSpacing(GRID // 2)
        axes.setColumnStretch(1, 4)
        axes.setColumnStretch(6, 1)  # of a wide panel the choosers leave the rest
        for row, (name, tissue, axis) in enumerate(zip("AB", self._tissues, self._axes, strict=True)):
            line = QHBoxLayout()
            line.setSpacing(GRID // 2)
            line.addWidget(QLabel(name))
            line.addWidget(tissue, 100)
            line.addStretch(1)
            self._beside.addLayout(line, 1)
            for column, widget in enumerate(axis.widgets):
                axes.addWidget(widget, row, column)
        self._head.addLayout(self._beside, 3)
        self._head.addLayout(axes, 4)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self._said, 1)
        foot.addWidget(self._per_time)
        foot.addWidget(self._go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID // 2)
        layout.addLayout(self._head)
        layout.addWidget(self.map, 1)
        layout.addLayout(foot)

    def _connect(self) -> None:
        first, second = self._tissues
        first.activated.connect(lambda place: self._change(a=first.itemData(place)))
        second.activated.connect(lambda place: self._change(b=second.itemData(place)))
        for place, axis in enumerate(self._axes):
            axis.chosen.connect(lambda name, p=place: self._choose_axis(p, name))
            axis.limited.connect(lambda name, low, high: self._limit(name, low, high))
        self._per_time.clicked.connect(lambda checked: self._change(per_time=checked))
        self._go.clicked.connect(self._go_to_best)
        self.map.clicked.connect(self._set)

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, super().minimumSizeHint().height() + _LEAST_MAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tissues stand in a line above the axes where there is no room beside them."""
        narrow = self.width() < _WIDE
        self._head.setDirection(_DOWN if narrow else _ACROSS)
        self._beside.setDirection(_ACROSS if narrow else _DOWN)
        super().resizeEvent(event)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self.map.dress(name)

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the choices and the current protocol; the map follows once the planes are painted."""
        self._state = state
        search = state.panels.search
        offered = choice(state.measurement.regions)
        for chooser, name in zip(self._tissues, (search.a, search.b), strict=True):
            chooser.offer(offered if name in offered else {**offered, name: f"{name.capitalize()}, removed"})
            chooser.setCurrentIndex(chooser.findData(name))
        axes = search.axes(state.sequence)
        for axis, parameter in zip(self._axes, axes, strict=True):
            axis.show_parameter(parameter, state, search)
        self._per_time.setChecked(search.per_time)
        self._question = question(scene, state)
        self._soon.start()

    def _find(self) -> None:
        """Search, unless only the two parameters themselves moved since."""
        state, asked = self._state, self._question
        if state is None:
            return
        axes = state.panels.search.axes(state.sequence)
        if isinstance(asked, str):
            self._answer, self._asked = None, None
            self.map.show_nothing(asked)
            self._said.setText("")
        else:
            self._answer = self._searched(asked, axes, state)
            now = (state.protocol[axes[0].name], state.protocol[axes[1].name])
            self.map.show_marks(now, self._answer.best)
            self._said.setText(_sentence(asked, axes, self._answer, state.appearance.times))
        self._go.setEnabled(self._answer is not None and self._answer.best is not None)

    def _searched(self, asked: Question, axes: tuple[Parameter, Parameter], state: State) -> Answer:
        middle = {axis.name: axis.default for axis in axes}  # what the two are now does not change the map
        key = replace(asked, protocol=asked.protocol.with_values(**middle)), state.appearance.times
        if self._answer is not None and key == self._asked:
            return self._answer
        self._asked, answer = key, best(asked)
        self.map.show_answer(axes, answer, state.appearance.times)
        return answer

    # -- what a person does ------------------------------------------------------------------------------------

    def _change(self, **changed: Any) -> None:
        if self._state is not None:
            self.requested.emit(replace(self._state.panels.search, **changed))

    def _choose_axis(self, place: int, name: str) -> None:
        """Another parameter for one axis; where the other axis has it, they change places."""
        if self._state is None:
            return
        names = [p.name for p in self._state.panels.search.axes(self._state.sequence)]
        if names[1 - place] == name:
            names.reverse()
        names[place] = name
        self.requested.emit(self._state.panels.search.with_axes(*names))

    def _limit(self, name: str, low: float, high: float) -> None:
        if self._state is not None:
            self.requested.emit(self._state.panels.search.with_limits(name, (low, high)))

    def _set(self, across: float, up: float) -> None:
        if self._state is not None:
            first, second = self._state.panels.search.axes(self._state.sequence)
            self.values_requested.emit({first.name: across, second.name: up})

    def _go_to_best(self) -> None:
        if self._answer is not None and self._answer.best is not None:
            self._set(*self._answer.best)


class _Axis(QObject):
    """The controls of one axis: which parameter, from and to. They stand in the panel's grid."""

    chosen = Signal(str)
    limited = Signal(str, float, float)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._parameter: Parameter | None = None
        self._times: TimeUnit = "ms"
        self._sequence: Sequence | None = None
        self._caption, self._unit, self._dash = QLabel(name), QLabel(), QLabel("–")
        for label in (self._caption, self._unit, self._dash):
            label.setObjectName("muted")
        self._which = Chooser(f"Parameter {name}", 8)
        self._which.setMaximumWidth(180)
        self._low, self._high = ValueField(), ValueField()
        for field, end in ((self._low, "from"), (self._high, "to")):
            field.setAccessibleName(f"Parameter {name}, {end}")
            field.setFixedWidth(52)
            field.editingFinished.connect(self._typed)
        self._unit.setFixedWidth(20)
        self._which.activated.connect(lambda place: self.chosen.emit(self._which.itemData(place)))
        self.widgets = (self._caption, self._which, self._low, self._dash, self._high, self._unit)

    def show_parameter(self, parameter: Parameter, state: State, search: ContrastSearch) -> None:
        """Draw which parameter it is, of those that the sequence has, and its limits."""
        if state.sequence is not self._sequence:
            self._sequence = state.sequence
            self._which.clear()
            for one in state.sequence.parameters:
                self._which.addItem(one.label, one.name)
        self._which.setCurrentIndex(self._which.findData(parameter.name))
        self._parameter = parameter
        low, high = search.limits_of(parameter)
        self._times = state.appearance.times
        self._low.show_text(parameter.shown(low, state.appearance.times))
        self._high.show_text(parameter.shown(high, state.appearance.times))
        self._unit.setText(parameter.unit_in(state.appearance.times))

    def _typed(self) -> None:
        if self._parameter is None or not (self._low.isModified() or self._high.isModified()):
            return
        low, high = (typed_value(field.text(), self._parameter, self._times) for field in (self._low, self._high))
        self._low.restore()
        self._high.restore()
        if low is not None and high is not None and self._parameter.clip(low) < self._parameter.clip(high):
            self.limited.emit(self._parameter.name, low, high)


def _sentence(asked: Question, axes: tuple[Parameter, Parameter], answer: Answer, times: TimeUnit) -> str:
    """Where the contrast is highest, and what is won there."""
    if answer.best is None:
        return "No scanner could run any protocol within these limits."
    shown = ", ".join(f"{p.label} {p.shown(v, times)} {p.unit_in(times)}".strip() for p, v in zip(axes, answer.best, strict=True))
    now = float(asked.contrast(asked.protocol[asked.across], asked.protocol[asked.up]))
    if now <= 0:
        return f"Best at {shown}: none now"
    found = asked.protocol.with_values(**dict(zip((asked.across, asked.up), answer.best, strict=True)))
    what, time = "CNR per √time" if asked.per_time else "CNR", _times(relative_time(found, asked.protocol))
    return f"Best at {shown}: {what} ×{_times(answer.highest / now)} of now, scan time ×{time}"


def _times(factor: float) -> str:
    return f"{factor:.0f}" if factor >= 10 else f"{factor:.2g}" if factor < 0.1 else f"{factor:.2f}"
