"""Volumetry: volumes of the open brain, each with its centile among people of the same age and sex.

::

    ┌ Woman of 63 years · SYNTHETIC          [Copy] [Save…] ┐
    │                    cm³  centile   % of closed  centile │
    │ Closed brain      1383       41                        │
    │ White matter       574       38         41.5       47  │
    │ ...                                                    │
    │ whose centiles these are; what must be said            │
    └ not for diagnosis ─────────────────────────────────────┘
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout

from mriexplorer.export.volumetry import FILTERS, write_volumetry
from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID
from mriexplorer.measure.norms import BANDS
from mriexplorer.measure.volumetry_sheet import (
    ABOUT,
    PARTS,
    SHARE,
    MeasuredVolume,
    VolumetrySheet,
    centile_words,
    csv_text,
    marks,
    value_words,
)
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.session.volumetry import VolumetryCommands, VolumetryResult
from mriexplorer.ui.side_panels.facts_table import Fact, FactsTable
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.widgets.panel import Sentence
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_HEADINGS = ("", "cm³", "Centile", "%", "Centile")
_TIPS = ("", "In the person's own size", "Of the volume, among people of the same age and sex", SHARE, "Of the share")
_AVERAGE = "The built-in brain is the average of 152 adults and nobody's own; it can be measured, but has no centiles."


def make(session: Session, _enlarge: Callable[[Layout], None]) -> "VolumetryPanel":
    """The panel, which measures through the session."""
    return VolumetryPanel(session.volumetry, session.state.appearance.theme)


class VolumetryPanel(TabbedPanel):
    """Shows what ``commands`` know of the open brain, and asks for it."""

    depends = frozenset({"source"})

    def __init__(self, commands: VolumetryCommands, theme_name: str) -> None:
        super().__init__()
        theme.on_panel(self)
        self._commands = commands
        self._scene: Scene | None = None
        self._sheet: VolumetrySheet | None = None
        self.person, self.said, self.marks = Sentence(name="title"), Sentence(), Sentence(name="notice")
        self.table = FactsTable("Volumes and centiles", _HEADINGS, _TIPS)
        self.measure_button = _button("Measure", "Measure the volumes of this brain; it takes some seconds")
        self.copy_button = _button("Copy", "Copy the table as text, for a spreadsheet")
        self.save_button = _button("Save…", "Save as one page for the record (HTML), or as a table (CSV)")
        self._lay_out()
        self.measure_button.clicked.connect(lambda: self._scene and commands.measure(self._scene))
        self.copy_button.clicked.connect(lambda: QApplication.clipboard().setText(self.text()))
        self.save_button.clicked.connect(self._save)
        commands.listen(self._refresh)
        self.dress(theme_name)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GRID // 2)
        head.addWidget(self.person, 1)
        for button in (self.measure_button, self.copy_button, self.save_button):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
        column.addLayout(head)
        for widget in (self.table, self.said, self.marks):
            column.addWidget(widget)
        column.addStretch()

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self.table.dress(name)
        self._draw()

    def show_state(self, scene: Scene, _state: State) -> None:
        """Draw what is known of the brain; it is measured if it was not."""
        self._scene = scene
        self._commands.wanted(scene)
        self._draw()

    def _refresh(self) -> None:
        if self.isVisible():
            self._draw()

    def _draw(self) -> None:
        if self._scene is None:
            return
        known = self._commands.known(self._scene)
        self._sheet = known.sheet
        self.table.show_rows(_rows(known.sheet) if known.sheet else ())
        self.table.setVisible(known.sheet is not None)
        self.person.setText(_who(self._scene, known.sheet))
        self.said.setText(_said(self._scene, known))
        self.marks.setText(marks(self._scene.subject))
        self.measure_button.setVisible(known == VolumetryResult())
        for button in (self.copy_button, self.save_button):
            button.setVisible(known.sheet is not None)

    # -- files -------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The table as CSV with tabs."""
        return "" if self._sheet is None else csv_text(self._sheet, "\t")

    def _save(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        name = f"{sheet.subject}_volumetry.html".replace("/", "_")
        chosen, kind = QFileDialog.getSaveFileName(self, "Save volumetry", name, ";;".join(FILTERS.values()))
        if chosen:
            ending = next((one for one, text in FILTERS.items() if text == kind), ".html")
            path = Path(chosen) if Path(chosen).suffix else Path(chosen + ending)
            self._commands.save(lambda: write_volumetry(sheet, path), self.said.setText)


def _rows(sheet: VolumetrySheet) -> list[list[Fact]]:
    """A row for each part of the brain; ventricles are a part of CSF."""
    found = []
    for part, label in PARTS.items():
        cells = [cell for unit in ("cm³", SHARE) for cell in _cells(sheet.row(part, unit), ABOUT[part])]
        found.append([Fact(f"   {label}" if part == "ventricles" else label, ABOUT[part]), *cells])
    return found


def _cells(row: MeasuredVolume | None, tip: str) -> tuple[Fact, Fact]:
    """The value and the centile of a row."""
    if row is None:
        return Fact(), Fact()
    far = row.centile is not None and not BANDS[0] <= row.centile <= BANDS[-1]
    return Fact(value_words(row), tip), Fact(centile_words(row.centile), tip, far)


def _who(scene: Scene, sheet: VolumetrySheet | None) -> str:
    return scene.subject.name if sheet is None else f"{sheet.person[:1].upper()}{sheet.person[1:]}"


def _said(scene: Scene, known: VolumetryResult) -> str:
    """What stands below the table, or in its place."""
    if known.sheet is not None:
        sheet = known.sheet
        return " ".join(part for part in (sheet.missing or sheet.norm, *sheet.notices) if part)
    if known.progress:
        return f"{known.progress[:1].upper()}{known.progress[1:]} …"
    if known.error:
        return f"{known.error[:1].upper()}{known.error[1:]}"
    return _AVERAGE if scene.subject.literature else "Not measured yet: the whole brain comes first."


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(f"{text.rstrip('…')} volumetry")
    return button
