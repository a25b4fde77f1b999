"""Who is looked at: clinical attributes as recorded, and the maps with their units and notices."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QWidget

from mriexplorer.figures.theme import GRID
from mriexplorer.subject import Attribute, MapSource, Subject
from mriexplorer.subject.attribute_estimate import AttributeEstimate
from mriexplorer.subject.units import PD_UNITS, RATE_UNITS, TIME_UNITS
from mriexplorer.ui.widgets.chooser import Chooser, ShortLabel
from mriexplorer.ui.widgets.panel import Panel, Sentence, discard


class AttributesPanel(Panel):
    """The record of the subject, or why there is none; and what the brain itself tells, if that is requested."""

    estimate_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Clinical attributes")
        self._table: QWidget | None = None
        self._estimates: QWidget | None = None
        self._subject: Subject | None = None
        self._record = Sentence()
        self._estimate = QPushButton("Estimate from the brain")
        self._estimate.setToolTip("What the shape of this brain tells of age, sex and the others, with intervals that hold 90 %")
        self._estimate.clicked.connect(self.estimate_requested.emit)
        self._said = Sentence()
        for widget in (self._record, self._estimate, self._said):
            self.body.addWidget(widget)
        self._said.hide()

    def show_subject(self, subject: Subject) -> None:
        """Draw the subject's record."""
        self._record.setText(subject.record)
        discard(self._table)
        self._table = _table(subject.attributes)
        self.body.insertWidget(0, self._table)
        if subject is not self._subject:
            discard(self._estimates)
            self._estimates = None
            self._said.hide()
        self._subject = subject

    def show_estimates(self, subject: Subject, estimates: list[AttributeEstimate], said: list[str]) -> None:
        """Draw what the subject's brain tells, while that subject is shown."""
        if subject is not self._subject:
            return
        discard(self._estimates)
        rows = tuple(
            Attribute(one.label, one.text, "", "estimated from the shape of the brain; 90 % interval") for one in estimates
        )
        self._estimates = _table(rows)
        self.body.insertWidget(self.body.indexOf(self._said), self._estimates)
        self._said.setText(" ".join(said))
        self._said.show()


def _table(attributes: tuple[Attribute, ...]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(GRID)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(0, 2)
    grid.setColumnStretch(1, 3)
    for row, attribute in enumerate(attributes):
        name, value = Sentence(attribute.name), Sentence(f"{attribute.value} {_spelled(attribute.unit)}".strip(), "value")
        name.setToolTip(attribute.description)
        value.setToolTip(attribute.description)
        grid.addWidget(name, row, 0)
        grid.addWidget(value, row, 1)
    return table


def _spelled(unit: str) -> str:
    return unit.replace("^2", "²").replace("^3", "³")


class MapsPanel(Panel):
    """Each map's file and unit, how the unit is known, and what else must be known of the maps."""

    unit_requested = Signal(str, str)  # kind, unit

    def __init__(self) -> None:
        super().__init__("Maps")
        self._listed: QWidget | None = None

    def show_subject(self, subject: Subject) -> None:
        """Draw the subject's maps."""
        discard(self._listed)
        self._listed = QWidget()
        grid = QGridLayout(self._listed)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        from_files = [source for source in subject.sources if source.path is not None]
        for row, source in enumerate(from_files):
            self._add(grid, 2 * row, source)
        below = 2 * len(from_files)
        defaults = [f"{s.quantity}: {s.how}" for s in subject.sources if s.path is None and s.how not in subject.notices]
        lines = [subject.description, *([] if subject.literature else defaults)]
        for place, line in enumerate(lines):
            grid.addWidget(Sentence(line), below + place, 0, 1, 3)
        below += len(lines)
        for place, notice in enumerate(subject.notices):
            label = Sentence(notice, "notice")
            grid.addWidget(label, below + place, 0, 1, 3)
        self.body.addWidget(self._listed)

    def _add(self, grid: QGridLayout, row: int, source: MapSource) -> None:
        assert source.path is not None  # noqa: S101 defaults have no file, and stand among the notices
        grid.addWidget(QLabel(source.quantity), row, 0)
        grid.addWidget(ShortLabel(source.path.name, str(source.path)), row, 1)
        grid.addWidget(self._unit_box(source), row, 2)
        grid.addWidget(Sentence(f"{source.unit}: {source.how}"), row + 1, 0, 1, 3)

    def _choose_unit(self, source: MapSource, unit: str) -> None:
        if unit != source.unit:
            self.unit_requested.emit(source.kind, unit)

    def _unit_box(self, source: MapSource) -> QComboBox:
        units = PD_UNITS if source.kind == "pd" else RATE_UNITS if source.quantity.startswith("R") else TIME_UNITS
        box = Chooser(f"Unit of {source.path.name if source.path else source.quantity}", 6)
        box.addItems(list(units))
        box.setCurrentText(source.unit)
        box.textActivated.connect(partial(self._choose_unit, source))
        return box
