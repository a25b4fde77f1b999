"""What is shown and how bright: signal or map, sign, window."""

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from mriexplorer.figures.theme import GRID
from mriexplorer.physics import TIMES, TimeUnit
from mriexplorer.render import comparison as ab
from mriexplorer.render.colour import SIGNED, colours
from mriexplorer.render.scene import Scene
from mriexplorer.ui.panels.noise_row import NoiseRow
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.panel import Panel
from mriexplorer.ui.widgets.parameter_slider import ValueField, typed_number, typed_time
from mriexplorer.view.comparison import Mode
from mriexplorer.view.state import State
from mriexplorer.view.views import CHANGE, SCANNED, UNCERTAINTIES, VIEWS

_NAMES = {"signal": "Signal", "t1": "T1", "t2": "T2", "t2star": "T2*", "pd": "PD"}
_NAMES |= {view: f"± {view.split()[0].upper()}" for view in UNCERTAINTIES} | {"measured": "Measured", "residual": "Difference"}
_ACCESSIBLE = {"signal": "Show the signal", "measured": "Show the scan as it was measured",
         "residual": "Show the measured scan minus the computed signal"}  # fmt: skip
_SIGN = "Show the sign of the magnetisation instead of the scanner's magnitude"
_ALWAYS = "Images of this sequence always keep their sign"
_TIMES = ("t1", "t2", "t2star")
_PERCENT = UNCERTAINTIES


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
        key = (view, low, high) if view in (*_TIMES, *SIGNED) else ("signal", 0.0, 1.0)
        if key != self._key:
            self._key = key
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours(*self._key)
        image = QImage(table.data, len(table), 1, len(table) * 4, QImage.Format.Format_RGB32)
        with QPainter(self) as painter:
            painter.drawImage(QRectF(self.rect()), image)
            painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class DisplayPanel(Panel):
    """View, sign, and window."""

    depends = frozenset({
        "contrast.view", "contrast.window", "contrast.magnitude", "contrast.protocol.sequence", "comparison", "appearance.times",
        *(f"display.{name}" for name in ("layout", "plane", "windows", "auto", "snr", "noise_seed")),
    })  # fmt: skip
    view_requested = Signal(str)
    scan_requested = Signal(str)  # a measured scan, by its kind
    plane_requested = Signal(str)  # in which it is compared
    magnitude_requested = Signal(bool)
    window_requested = Signal(float, float)
    auto_requested = Signal()
    policy_requested = Signal(bool)

    def __init__(self) -> None:
        super().__init__("Display")
        self._views = {name: self._view_button(name) for name in (*VIEWS, *UNCERTAINTIES, *SCANNED)}
        self._scan = Chooser("Measured scan to compare with", 5)
        self._scan.textActivated.connect(self.scan_requested)
        self._plane = Chooser("Plane in which the scan is compared", 7)
        self._plane.addItems(["axial", "sagittal", "coronal"])
        self._plane.textActivated.connect(self.plane_requested)
        self._group = QButtonGroup(self)
        self._signed = QCheckBox("Signed")
        self._signed.toggled.connect(lambda signed: self.magnitude_requested.emit(not signed))
        self._policy = QCheckBox("Window anew for each contrast")
        self._policy.setToolTip("Choosing a sequence, preset or person sets the window; moving a slider never does")
        self._policy.toggled.connect(self.policy_requested)
        self._auto = QPushButton("Auto window")
        self._auto.setToolTip("Set the window from the head's values (A)")
        self._auto.clicked.connect(self.auto_requested)
        self.noise = NoiseRow()
        self._low, self._high, self._unit = ValueField(), ValueField(), QLabel()
        self._bar = ColourBar()
        for field, name in ((self._low, "Window, low end"), (self._high, "Window, high end")):
            field.setAccessibleName(name)
            field.editingFinished.connect(self._typed)
        self._low.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._unit.setObjectName("muted")
        self._factor = 1.0
        self._times: TimeUnit | None = None  # of a window of times
        self._lay_out()

    def _view_button(self, name: str) -> QPushButton:
        button = QPushButton(_NAMES[name])
        button.setCheckable(True)
        tip = "Half the 90 % interval of each voxel, as a share of its value" if name in UNCERTAINTIES else ""
        named = f"Show {tip.lower()}: {_NAMES[name]}" if tip else f"Show the {_NAMES[name]} map"
        button.setAccessibleName(_ACCESSIBLE.get(name, named))
        button.setToolTip(tip)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setStyleSheet("padding: 4px 2px")
        button.clicked.connect(lambda: self.view_requested.emit(name))
        return button

    def _lay_out(self) -> None:
        for button in self._views.values():
            self._group.addButton(button)
        self.body.addWidget(_line(*(self._views[name] for name in VIEWS), spacing=3))
        self._unsure = _line(*(self._views[name] for name in UNCERTAINTIES), spacing=3)
        self._scanned = _line(*(self._views[name] for name in SCANNED), self._scan, self._plane, spacing=3)
        self.body.addWidget(self._unsure)
        self.body.addWidget(self._scanned)
        self.body.addWidget(self._bar)
        self.body.addWidget(_line(self._low, None, self._unit, None, self._high))
        self.body.addWidget(_line(self._signed, None, self._auto))
        self.body.addWidget(self._policy)
        self.body.addWidget(self.noise)

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the state's view and window, and what else the subject has to show."""
        self._views[state.view].setChecked(True)
        for name, button in self._views.items():
            button.setVisible(scene.has_view(name))
        self._unsure.setVisible(any(map(scene.has_view, UNCERTAINTIES)))
        self._show_scans(state, scene)
        with QSignalBlocker(self._signed):  # nobody chose a sequence's sign where it always has one
            self._signed.setChecked(state.contrast.signed)
        self._signed.setEnabled(state.view == "signal" and not state.sequence.signed)
        self._signed.setToolTip(_ALWAYS if state.sequence.signed else _SIGN)
        self._policy.setChecked(state.display.auto)
        self.noise.show_state(state)
        self._show_window(ab.shown(scene, ab.seen(scene, state)))
        pinned = ab.way(scene, state) == Mode.PINNED
        for field in (self._low, self._high):
            field.setReadOnly(pinned)
            field.setToolTip("The window of what is pinned; flip back (F) to set that of the current contrast" if pinned else "")

    def _show_window(self, painted: State) -> None:
        """Window, unit and colours of what is painted."""
        low, high = painted.window()
        self._times = painted.appearance.times if painted.view in _TIMES else None
        factor = self._factor = (
            TIMES[painted.appearance.times] if painted.view in _TIMES else 100 if painted.view in _PERCENT else 1
        )
        self._low.show_text(_short(low * factor))
        self._high.show_text(_short(high * factor))
        self._unit.setText(
            painted.appearance.times if painted.view in _TIMES else "%" if painted.view in _PERCENT else _signal_unit(painted)
        )
        self._bar.show_window(painted.view, low, high)

    def _show_scans(self, state: State, scene: Scene) -> None:
        """Measured scans of encoded maps: which one, and in which plane it is compared."""
        kinds = [scan.kind for scan in scene.subject.companions.scans]
        self._scanned.setVisible(bool(kinds))
        if [self._scan.itemText(n) for n in range(self._scan.count())] != kinds:
            self._scan.clear()
            self._scan.addItems(kinds)
        self._scan.setCurrentText(state.comparison.scan or next(iter(kinds), ""))
        self._plane.setCurrentText(state.display.plane)

    def _edge(self, text: str) -> float:
        """What was typed at an end of the window; NaN where it is no number."""
        if self._times is not None:
            found = typed_time(text, self._times)
        else:
            found = typed_number(text)
            found = None if found is None else found / self._factor
        return float("nan") if found is None else found

    def _typed(self) -> None:
        if not (self._low.isModified() or self._high.isModified()):
            return
        low, high = (self._edge(field.text()) for field in (self._low, self._high))
        self._low.setModified(False)
        self._high.setModified(False)
        if low < high:
            self.window_requested.emit(low, high)
        else:
            self._low.restore()
            self._high.restore()


def _signal_unit(state: State) -> str:
    if state.view in CHANGE:
        return "current − pinned"
    unit = "PD of water = 1" if state.view == "pd" else state.sequence.unit
    return unit if state.sequence.of_t1 else f"signal, {unit}"


def _short(number: float) -> str:
    digits = ".0f" if not number or abs(number) >= 100 else ".4g" if abs(number) >= 1 else ".4f"
    return f"{number:{digits}}".replace("-", "−")


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
