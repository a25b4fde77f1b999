"""Scans before they are encoded: what each was recognised as, with times that can be mended.

┌ Open scans ────────────────────────────────────────────────────┐
│ file              is        TE ms   TR ms   TI ms              │
│ brain_t1.nii.gz   T1w   ▾    3.2    2400    1000   by its name │
│ ax_flair.nii.gz   FLAIR ▾     91    9000    2500   by its name │
│ From T1w and FLAIR: … within 5 % of the true T1 …              │
│                                          Cancel   Encode       │
└────────────────────────────────────────────────────────────────┘
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from mriexplorer.dataset.recognition import RecognisedScan, recognise, session_of
from mriexplorer.dataset.sessions import KINDS
from mriexplorer.errors import InputError
from mriexplorer.figures.theme import GRID
from mriexplorer.session.encoding import expectation
from mriexplorer.ui.widgets.chooser import Chooser, ShortLabel
from mriexplorer.ui.widgets.panel import Sentence

_LEAVE = "leave out"
_TIMES = ("te", "tr", "ti")
_WIDTH = 780


class _Row:
    """One scan: its kind and times, as widgets."""

    def __init__(self, found: RecognisedScan) -> None:
        self.found = found
        self.kind = Chooser(f"What {found.path.name} is", 8)
        self.kind.addItems([*KINDS, _LEAVE])
        self.kind.setCurrentText(found.kind or _LEAVE)
        self.fields = {name: _field(f"{name.upper()} of {found.path.name} in milliseconds") for name in _TIMES}
        self.how = Sentence(found.how)
        self.show_times()

    def show_times(self) -> None:
        """Write the times that are known or assumed."""
        values = self.found.times.values if self.found.times else {}
        for name, field in self.fields.items():
            field.setText(f"{values[name] * 1000:g}" if name in values else "")
            field.setEnabled(name in values)

    def choose(self, kind: str) -> None:
        """Another kind: its times are read, or taken as usual for it."""
        if kind != _LEAVE:
            self.found = recognise(self.found.path, kind)
        self.show_times()

    def result(self) -> RecognisedScan | None:
        """The scan as it stands; None where it is left out. Raises InputError."""
        kind = self.kind.currentText()
        if kind == _LEAVE:
            return None
        given = {name: float(field.text()) / 1000 for name, field in self.fields.items() if field.isEnabled() and field.text()}
        return recognise(self.found.path, kind, given)


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setValidator(QDoubleValidator(0.1, 30000, 3, field))
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    field.setFixedWidth(80)
    field.setAccessibleName(name)
    field.setToolTip("Empty for a spin echo without inversion" if name.startswith("TI ") else name)
    return field


class ScansDialog(QDialog):
    """Asks which scans are to be encoded as what; ``scans`` are the answer."""

    def __init__(self, found: Sequence[RecognisedScan], notices: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open scans")
        self.setMinimumWidth(_WIDTH)
        self._rows = [_Row(one) for one in found]
        self.scans: tuple[RecognisedScan, ...] = ()
        self._expected, self._problem = Sentence(), Sentence(name="problem")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._encode: QPushButton = buttons.addButton("Encode", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(Sentence(
            "Scans of one patient are registered to each other and turned into PD, T1 and T2 maps by a network, with how sure "
            "each voxel is. Check what each scan is and its times: they decide what the maps mean. Not for diagnosis."
        ))  # fmt: skip
        column.addLayout(self._table())
        for notice in notices:
            column.addWidget(Sentence(notice))
        column.addWidget(self._expected)
        column.addWidget(self._problem)
        column.addStretch(1)
        column.addWidget(buttons)
        self._check()

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID // 2)
        for place, text in enumerate(("Scan", "is", "TE ms", "TR ms", "TI ms", "recognised")):
            head = QLabel(text)
            head.setObjectName("muted")
            grid.addWidget(head, 0, place)
        for line, row in enumerate(self._rows, 1):
            grid.addWidget(ShortLabel(row.found.label, str(row.found.path)), line, 0)
            grid.addWidget(row.kind, line, 1)
            for place, field in enumerate(row.fields.values(), 2):
                grid.addWidget(field, line, place)
                field.textChanged.connect(self._check)
            grid.addWidget(row.how, line, 5)
            row.kind.currentTextChanged.connect(row.choose)
            row.kind.currentTextChanged.connect(self._check)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(5, 2)
        return grid

    def _check(self) -> None:
        """Say what can be expected, or why it cannot be."""
        try:
            self.scans = tuple(scan for row in self._rows if (scan := row.result()) is not None)
            session = session_of(self.scans, "sub-patient") if self.scans else None
            said = "" if session else "Say of at least one scan what it is."
        except InputError as error:
            session, said = None, str(error)
        self._encode.setEnabled(session is not None)
        self._problem.setText(said)
        self._problem.setVisible(bool(said))
        self._expected.setText(expectation([scan.kind for scan in session.scans]) if session else "")
        self._expected.setVisible(bool(self._expected.text()))
