"""What is shown and how bright: signal or map, sign, window."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from mriexplorer.explorer.colour import colours
from mriexplorer.explorer.state import VIEWS, State
from mriexplorer.ui.panel import Panel
from mriexplorer.ui.parameter_slider import ValueField
from mriexplorer.ui.theme import GRID

_NAMES = {"signal": "Signal", "t1": "T1", "t2": "T2", "t2star": "T2*", "pd": "PD"}
_MILLI = ("t1", "t2", "t2star")


class ColourBar(QWidget):
    """The colours of the window, low to high."""

    def __init__(self) -> None:
        super().__init__()
        self._key: tuple[str, float, float] = ("signal", 0.0, 1.0)
        self.setFixedHeight(10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours of the window, low to high")

    def sizeHint(self) -> QSize:
        return QSize(200, 10)

    def show_window(self, view: str, low: float, high: float) -> None:
        """Draw the colours of this view and window."""
        key = (view, low, high) if view in _MILLI else ("signal", 0.0, 1.0)
        if key != self._key:
            self._key = key
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours(*self._key)
        image = QImage(table.data, len(table), 1, len(table) * 4, QImage.Format.Format_RGB32)
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), image)
        painter.end()


class DisplayPanel(Panel):
    """View, sign, and window."""

    view_wished = Signal(str)
    magnitude_wished = Signal(bool)
    window_wished = Signal(float, float)
    auto_wished = Signal()
    policy_wished = Signal(bool)

    def __init__(self) -> None:
        super().__init__("Display")
        self._views = {name: self._view_button(name) for name in VIEWS}
        self._group = QButtonGroup(self)
        self._signed = QCheckBox("Signed")
        self._signed.setToolTip("Show the sign of the magnetisation instead of the scanner's magnitude")
        self._signed.toggled.connect(lambda signed: self.magnitude_wished.emit(not signed))
        self._policy = QCheckBox("Window anew for each contrast")
        self._policy.setToolTip("Choosing a sequence, preset or person sets the window; moving a slider never does")
        self._policy.toggled.connect(self.policy_wished)
        self._auto = QPushButton("Auto window")
        self._auto.setToolTip("Set the window from the head's values (A)")
        self._auto.clicked.connect(self.auto_wished)
        self._low, self._high, self._unit = ValueField(), ValueField(), QLabel()
        self._bar = ColourBar()
        for field, name in ((self._low, "Window, low end"), (self._high, "Window, high end")):
            field.setAccessibleName(name)
            field.editingFinished.connect(self._typed)
        self._low.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._unit.setObjectName("muted")
        self._milli = False
        self._lay_out()

    def _view_button(self, name: str) -> QPushButton:
        button = QPushButton(_NAMES[name])
        button.setCheckable(True)
        button.setAccessibleName("Show the signal" if name == "signal" else f"Show the {_NAMES[name]} map")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setStyleSheet("padding: 4px 2px")
        button.clicked.connect(lambda: self.view_wished.emit(name))
        return button

    def _lay_out(self) -> None:
        for button in self._views.values():
            self._group.addButton(button)
        self.body.addWidget(_line(*self._views.values(), spacing=3))
        self.body.addWidget(self._bar)
        self.body.addWidget(_line(self._low, None, self._unit, None, self._high))
        self.body.addWidget(_line(self._signed, None, self._auto))
        self.body.addWidget(self._policy)

    def show_state(self, state: State, has_t2star: bool) -> None:
        """Draw the state's view and window."""
        self._views[state.view].setChecked(True)
        self._views["t2star"].setVisible(has_t2star)
        self._signed.setChecked(not state.magnitude)
        self._signed.setEnabled(state.view == "signal")
        self._policy.setChecked(state.auto)
        self._milli = state.view in _MILLI
        low, high = state.window()
        factor = 1000 if self._milli else 1
        self._low.show_text(_short(low * factor))
        self._high.show_text(_short(high * factor))
        self._unit.setText("ms" if self._milli else "signal, PD of water = 1")
        self._bar.show_window(state.view, low, high)

    def _typed(self) -> None:
        if not (self._low.isModified() or self._high.isModified()):
            return
        try:
            low, high = (float(field.text().replace(",", ".")) for field in (self._low, self._high))
        except ValueError:
            low = high = float("nan")
        self._low.setModified(False)
        self._high.setModified(False)
        if low < high:
            factor = 1000 if self._milli else 1
            self.window_wished.emit(low / factor, high / factor)
        else:
            self._low.restore()
            self._high.restore()


def _short(number: float) -> str:
    return f"{number:.0f}" if not number or abs(number) >= 100 else f"{number:.4g}" if abs(number) >= 1 else f"{number:.4f}"


def _line(*widgets: QWidget | None, spacing: int = GRID) -> QWidget:
    """Widgets in a row; None stretches."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch()
        else:
            layout.addWidget(widget)
    return row
