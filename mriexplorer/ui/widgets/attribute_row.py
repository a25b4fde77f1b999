"""One clinical attribute of a sampled person: fixed (a dot) or free (a ring), as a slider or a choice.

::

    ●  Age         ─────────●───  71.2 years
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from mriexplorer.figures.theme import on_panel
from mriexplorer.session.attribute_range import AttributeRange
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.parameter_slider import STEPS, Track, ValueField

_BEYOND = 0.2  # of the usual range that a slider goes beyond it, as far as a person can
_FEW = 6  # levels that are offered as a choice rather than on a slider
_LABEL_WIDTH, _FIELD_WIDTH, _UNIT_WIDTH = 68, 48, 38


class AttributeRow(QWidget):
    """Tells what is asked of a column; ``settled`` is False while it is dragged."""

    requested = Signal(str, object, bool)
    released = Signal()
    freed = Signal(str)

    def __init__(self, attribute: AttributeRange) -> None:
        super().__init__()
        on_panel(self)
        self.attribute = attribute
        self._value: float | str | None = None
        self._lock = QToolButton()
        self._lock.setCheckable(True)
        self._lock.setObjectName("lock")
        self._lock.setFixedSize(22, 22)
        self._lock.setAccessibleName(f"{attribute.label}: fixed")
        self._lock.clicked.connect(self._locked)
        self._label = QLabel(attribute.label)
        self._track: Track | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._label.setFixedWidth(_LABEL_WIDTH)
        self._grid.addWidget(self._lock, 0, 0)
        self._grid.addWidget(self._label, 0, 1)
        self._grid.setColumnStretch(2, 1)
        if isinstance(attribute.levels[0] if attribute.levels else 0.0, str) or 0 < len(attribute.levels) <= _FEW:
            self._add_choice()
        else:
            self._add_slider()
        self.show_value(None, fixed=False)

    def _add_choice(self) -> None:
        self._choice = Chooser(self.attribute.label, 8)
        for value in self.attribute.levels:
            self._choice.addItem(value if isinstance(value, str) else f"{value:g}", value)
        self._choice.activated.connect(lambda place: self.requested.emit(self.attribute.name, self._choice.itemData(place), True))
        self._grid.addWidget(self._choice, 0, 2, 1, 3)

    def _add_slider(self) -> None:
        kind, (low, high) = self.attribute, self.attribute.usual
        beyond = _BEYOND * (high - low)
        self._low, self._high = max(kind.limits[0], low - beyond), min(kind.limits[1], high + beyond)
        self._track, self._field = Track(), ValueField()
        tip = f"{kind.label}: the model knows {low:g} to {high:g} {kind.unit}. Drag it: the brain follows. Double click: free."
        self._track.setAccessibleName(kind.label)
        self._track.setAccessibleDescription(tip)
        self._field.setAccessibleName(f"{kind.label}, typed")
        self.setToolTip(tip)
        unit = QLabel(kind.narrow_unit)
        unit.setObjectName("muted")
        unit.setFixedWidth(_UNIT_WIDTH)
        self._field.setFixedWidth(_FIELD_WIDTH)
        self._grid.addWidget(self._track, 0, 2)
        self._grid.addWidget(self._field, 0, 3)
        self._grid.addWidget(unit, 0, 4)
        self._track.valueChanged.connect(self._slid)
        self._track.sliderReleased.connect(self.released)
        self._track.reset.connect(lambda: self.freed.emit(self.attribute.name))
        self._track.stepped.connect(self._stepped)
        self._field.editingFinished.connect(self._typed)
        self._track.notch = self._fraction(self.attribute.middle)
        self._quiet = False

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_value(self, value: float | str | None, *, fixed: bool, unusual: bool = False) -> None:
        """Draw a value; ``unusual`` where it lies outside of what the model knows."""
        self._value = value
        self._lock.setChecked(fixed)
        self._lock.setText("●" if fixed else "○")
        self._lock.setToolTip("Fixed; click to let it follow" if fixed else "Free: it follows the others; click to fix it")
        self._label.setObjectName("notice" if unusual else "text")
        self._label.setToolTip("Extrapolated: the model hardly knows such a value" if unusual else self.toolTip())
        self._label.style().unpolish(self._label)
        self._label.style().polish(self._label)
        if self._track is None:
            self._choice.setCurrentIndex(-1 if value is None else self._choice.findData(value))
        elif value is not None:
            self._quiet = True
            if not self._track.isSliderDown():
                self._track.setValue(round(STEPS * self._fraction(float(value))))
            self._quiet = False
            self._field.show_text(self._shown(float(value)))
            if unusual != self._track.alarmed:
                self._track.alarmed = unusual
                self._track.update()

    def _shown(self, value: float) -> str:
        step = self.attribute.step
        return (
            f"{value:.0f}" if step >= 1 else f"{value:.3f}" if step < 0.01 else f"{value:.2f}" if step < 0.1 else f"{value:.1f}"
        )

    def _fraction(self, value: float) -> float:
        return min(max((value - self._low) / ((self._high - self._low) or 1.0), 0.0), 1.0)

    # -- what a person does ------------------------------------------------------------------------------------

    def _rounded(self, value: float) -> float:
        step = self.attribute.step
        low, high = self.attribute.limits
        return min(max(round(round(value / step) * step, 4), low), high)

    def _slid(self, place: int) -> None:
        if not self._quiet and self._track is not None:
            value = self._rounded(self._low + (self._high - self._low) * place / STEPS)
            self.requested.emit(self.attribute.name, value, not self._track.isSliderDown())

    def _stepped(self, steps: int) -> None:
        if isinstance(self._value, float | int):
            step = max(self.attribute.step, (self._high - self._low) / 100)
            self.requested.emit(self.attribute.name, self._rounded(float(self._value) + steps * step), True)

    def _typed(self) -> None:
        if not self._field.isModified():
            return
        try:
            value = float(self._field.text().replace(",", "."))
        except ValueError:
            value = float("nan")
        self._field.restore()
        if value == value:
            self.requested.emit(self.attribute.name, value, True)

    def _locked(self, fixed: bool) -> None:
        self._lock.setChecked(not fixed)  # the state says how it is
        if not fixed:
            self.freed.emit(self.attribute.name)
        elif self._value is not None:
            self.requested.emit(self.attribute.name, self._value, True)
