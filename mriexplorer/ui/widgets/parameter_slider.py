"""A slider for one parameter of the table: logarithmic where the parameter is, typed entry, arrow keys, reset.

::

    TE   must be shorter than TR        90.0  ms
    ───────●──────────────────────────────────
"""

import re
from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QSlider, QWidget

from mriexplorer.figures.theme import font, on_panel
from mriexplorer.physics import TIMES, Parameter, TimeUnit

STEPS = 2000
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\D|$)")
_LARGEST = 1e9
_HANDLE = 13
_STEPPED: Mapping[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1,
                               Qt.Key.Key_PageDown: -10, Qt.Key.Key_PageUp: 10}  # fmt: skip


class Track(QSlider):
    """A slider drawn as a thin line with a notch at the default; a click goes there, a double click resets."""

    reset = Signal()
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, STEPS)
        self.setSingleStep(10)
        self.setPageStep(100)
        self.setFixedHeight(20)
        self.notch = 0.5
        self.alarmed = False
        self._grabbed = 0.0  # pixels from the handle's middle to where it was taken
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            palette = self.palette()
            accent = palette.color(QPalette.ColorRole.BrightText if self.alarmed else QPalette.ColorRole.Highlight)
            line = palette.color(QPalette.ColorRole.Mid)
            left, right, y = _HANDLE / 2, self.width() - _HANDLE / 2, self.height() / 2
            x = left + (right - left) * self.value() / STEPS
            notch = left + (right - left) * self.notch
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(line)
            painter.drawRoundedRect(QRectF(left, y - 1.5, right - left, 3), 1.5, 1.5)
            painter.drawRect(QRectF(notch - 0.75, y - 5, 1.5, 10))
            painter.setBrush(accent)
            painter.drawRoundedRect(QRectF(left, y - 1.5, x - left, 3), 1.5, 1.5)
            if self.hasFocus():
                ring = QColor(accent)
                ring.setAlpha(70)
                painter.setBrush(ring)
                painter.drawEllipse(QRectF(x - _HANDLE / 2 - 3, y - _HANDLE / 2 - 3, _HANDLE + 6, _HANDLE + 6))
                painter.setBrush(accent)
            painter.drawEllipse(QRectF(x - _HANDLE / 2, y - _HANDLE / 2, _HANDLE, _HANDLE))

    def _to_pointer(self, event: QMouseEvent) -> None:
        room = max(self.width() - _HANDLE, 1)
        self.setValue(round(STEPS * (event.position().x() - self._grabbed - _HANDLE / 2) / room))

    def _handle(self) -> float:
        return _HANDLE / 2 + (self.width() - _HANDLE) * self.value() / STEPS

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            away = event.position().x() - self._handle()
            self._grabbed = away if abs(away) <= _HANDLE else 0.0
            self.setSliderDown(True)
            self._to_pointer(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._to_pointer(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls; a value is never changed by chance

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPPED.get(event.key(), 0)
        if step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)


class ValueField(QLineEdit):
    """A number that can be typed; Escape puts the old one back."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("value")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(60)
        self.setFont(font(10))
        self._shown = ""

    def show_text(self, text: str) -> None:
        """Show a value, unless the user is typing another."""
        if text != self._shown and not (self.hasFocus() and self.isModified()):
            self.setText(text)
        self._shown = text

    def restore(self) -> None:
        """Put the shown value back."""
        self.setText(self._shown)
        self.setModified(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.restore()
        else:
            super().keyPressEvent(event)


class ParameterSlider(QWidget):
    """One parameter. What is asked for is in the table's units (seconds, degrees)."""

    requested = Signal(str, float)
    settled = Signal()

    def __init__(self, parameter: Parameter, times: TimeUnit = "ms") -> None:
        super().__init__()
        self.parameter, self._times = parameter, times
        self._quiet = False
        on_panel(self)
        self._label = QLabel(parameter.label)
        self._problem = QLabel()
        self._problem.setObjectName("problem")
        self._problem.setFont(font(8.5))
        self._problem.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._field, self._track = ValueField(), Track()
        self._lay_out()
        self._name()
        self._value = self._home = parameter.default
        self._track.valueChanged.connect(self._slid)
        self._track.sliderReleased.connect(self._released)
        self._track.reset.connect(lambda: self.requested.emit(parameter.name, self._home))
        self._track.stepped.connect(lambda steps: self.requested.emit(parameter.name, parameter.stepped(self._value, steps)))
        self._field.editingFinished.connect(self._typed)

    @property
    def controls(self) -> tuple[QWidget, QWidget]:
        """Track and field, in the order of the keyboard."""
        return self._track, self._field

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 4)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(0)
        unit = QLabel(self.parameter.unit_in(self._times))
        unit.setObjectName("muted")
        unit.setFixedWidth(20)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self._problem, 0, 1)
        grid.addWidget(self._field, 0, 2)
        grid.addWidget(unit, 0, 3)
        grid.addWidget(self._track, 1, 0, 1, 4)
        grid.setColumnStretch(1, 1)

    def _name(self) -> None:
        parameter = self.parameter
        low, high = (parameter.shown(end, self._times) for end in (parameter.low, parameter.high))
        tip = f"{parameter.doc}, {low} to {high} {parameter.unit_in(self._times)}. Double click: back to the preset or default."
        self.setToolTip(tip)
        self._track.setAccessibleName(parameter.doc)
        self._track.setAccessibleDescription(tip)
        self._field.setAccessibleName(f"{parameter.doc}, typed")

    def show_home(self, value: float) -> None:
        """Where a double click goes, marked by a notch."""
        self._home = value
        self._track.notch = self.parameter.to_fraction(value)
        self._track.update()

    def show_value(self, value: float, problem: str = "", *, alarmed: bool = False) -> None:
        """Show a value, and, at the slider, why it cannot be; ``alarmed`` where it has a part in that."""
        self._value = value
        self._place_handle()
        self._field.show_text(self.parameter.shown(value, self._times))
        if problem != self._problem.text():
            self._problem.setText(problem)
            self._problem.setToolTip(problem)
        if alarmed != self._track.alarmed:
            self._track.alarmed = alarmed
            self._track.update()

    def _slid(self, step: int) -> None:
        if not self._quiet:
            self.requested.emit(self.parameter.name, self.parameter.from_fraction(step / STEPS))

    def _released(self) -> None:
        """The handle stands where the value is: it was dragged on from there where the value could not follow."""
        self._place_handle()
        self.settled.emit()

    def _place_handle(self) -> None:
        self._quiet = True
        self._track.setValue(round(STEPS * self.parameter.to_fraction(self._value)))
        self._quiet = False

    def _typed(self) -> None:
        if not self._field.isModified():
            return
        value = typed_value(self._field.text(), self.parameter, self._times)
        self._field.restore()
        if value is not None:
            self.requested.emit(self.parameter.name, value)
            self.settled.emit()


def typed_value(text: str, parameter: Parameter, times: TimeUnit = "ms") -> float | None:
    """What was typed, in the table's units: ``90`` (of ``times``), ``90 ms``, ``0.09 s``, ``8°``; None where it is no number."""
    if parameter.unit == "s":
        return typed_time(text, times)
    plain = text.strip().removesuffix("°")
    return typed_number(plain.replace(",", "") if _THOUSANDS.match(plain) else plain)


def typed_time(text: str, times: TimeUnit) -> float | None:
    """Seconds of ``90`` or ``1,500`` in ms, of ``1,5`` in s; of a unit that is typed too. None where it is no number."""
    plain = text.strip().lower()
    unit: TimeUnit = times
    if plain.endswith("s"):
        unit = "ms" if plain.endswith("ms") else "s"
        plain = plain.removesuffix("s").removesuffix("m").strip()
    number = typed_number(plain.replace(",", "") if unit == "ms" and _THOUSANDS.match(plain) else plain)
    return None if number is None else number / TIMES[unit]


def typed_number(plain: str) -> float | None:
    """A number with a point or a comma before its decimals."""
    try:
        number = float(plain.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return number if abs(number) < _LARGEST else None  # not NaN
