"""Numbers of a region or a line that can be typed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from mriexplorer.figures.theme import GRID
from mriexplorer.physics import TimeUnit, number_in
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.ui.widgets.parameter_slider import ValueField, typed_number, typed_time
from mriexplorer.view.plane import FARTHEST
from mriexplorer.view.region import Line, Region


class _PairRow(QWidget):
    """``caption [first] joint [second] unit``."""

    requested = Signal(float, float)

    def __init__(self, caption: str, joint: str, names: tuple[str, str]) -> None:
        super().__init__()
        self.first, self.second = ValueField(), ValueField()
        self._unit = QLabel()
        self._times: TimeUnit | None = None  # of numbers that are times
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        for field, name in ((self.first, names[0]), (self.second, names[1])):
            field.setObjectName("")
            field.setAccessibleName(name)
            field.setToolTip(name)
            field.setFixedWidth(72)
            field.editingFinished.connect(self._typed)
        label, between = QLabel(caption), QLabel(joint)
        for muted in (label, between, self._unit):
            muted.setObjectName("muted")
        for widget in (label, self.first, between, self.second, self._unit):
            row.addWidget(widget)
        row.addStretch()

    def _show(self, first: str, second: str, unit: str, times: TimeUnit | None = None) -> None:
        self.first.show_text(first)
        self.second.show_text(second)
        self._unit.setText(unit)
        self._times = times

    def _typed(self) -> None:
        if not (self.first.isModified() or self.second.isModified()):
            return
        first, second = (self._number(field.text()) for field in (self.first, self.second))
        self.first.restore()
        self.second.restore()
        if first is not None and second is not None:
            self.requested.emit(first, second)

    def _number(self, text: str) -> float | None:
        return typed_number(text) if self._times is None else typed_time(text, self._times)


class SizeRow(_PairRow):
    """Width and height of an ellipse."""

    def __init__(self) -> None:
        super().__init__("Ellipse", "×", ("Width of the ellipse (mm)", "Height of the ellipse (mm)"))

    def show_region(self, region: Region) -> None:
        """Draw an ellipse's size."""
        self._show(f"{2 * region.radii[0]:.1f}", f"{2 * region.radii[1]:.1f}", "mm")


class RangeRow(_PairRow):
    """Lower and upper end of a threshold."""

    def __init__(self) -> None:
        super().__init__("From", "to", ("Lower end of the range", "Upper end of the range"))

    def show_region(self, region: Region, times: TimeUnit) -> None:
        """Draw a threshold's range, in the unit of times for T1 and T2."""
        timed = region.view in ("t1", "t2", "t2star")
        low, high = (number_in(limit, 0, times) if timed else f"{limit:.4f}" for limit in region.limits)
        self._show(low, high, times if timed else "", times if timed else None)


class LineRow(QWidget):
    """Both ends of the line, as ``x y z`` in mm."""

    requested = Signal(object)  # Line

    def __init__(self) -> None:
        super().__init__()
        self._line: Line | None = None
        self.start, self.end, self._length = QLineEdit(), QLineEdit(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        for caption, field, name in (("Line", self.start, "Start"), ("to", self.end, "End")):
            label = QLabel(caption)
            label.setObjectName("muted")
            field.setAccessibleName(f"{name} of the line, x y z in mm")
            field.setToolTip(f"{name} of the line: x y z in mm")
            field.setMinimumWidth(96)
            field.editingFinished.connect(self._typed)
            row.addWidget(label)
            row.addWidget(field, 1)
        self._length.setObjectName("muted")
        self._length.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._length)

    def show_line(self, line: Line) -> None:
        """Draw the ends, unless one is being typed."""
        self._line = line
        for field, place in ((self.start, line.start), (self.end, line.end)):
            if not (field.hasFocus() and field.isModified()):
                field.setText(_text(place))
                field.setCursorPosition(0)  # else the sign of the first would be scrolled away
        length = sum((a - b) ** 2 for a, b in zip(line.start, line.end, strict=True)) ** 0.5
        self._length.setText(f"mm, {length:.1f} long")

    def _typed(self) -> None:
        line = self._line
        if line is None or not (self.start.isModified() or self.end.isModified()):
            return
        start, end = (_place(field, old) for field, old in ((self.start, line.start), (self.end, line.end)))
        for field in (self.start, self.end):
            field.setModified(False)
        self.show_line(line)  # what was no place is put back
        if start is not None and end is not None and start != end:
            self.requested.emit(Line(line.plane, start, end))


def _place(field: QLineEdit, old: Millimetres) -> Millimetres | None:
    if not field.isModified():
        return old
    numbers = _numbers(field.text())
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _text(place: Millimetres) -> str:
    return "  ".join(f"{value:.1f}" for value in place).replace("-", "−")


def _numbers(text: str) -> list[float]:
    """The numbers of a text with blanks or semicolons between; none where something is no number."""
    try:
        numbers = [float(part.replace(",", ".")) for part in text.replace("−", "-").replace(";", " ").replace(", ", " ").split()]
    except ValueError:
        return []
    return numbers if all(abs(number) <= FARTHEST for number in numbers) else []
