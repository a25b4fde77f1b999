"""The form of small dialogs: names at the left, controls at the right, a sentence, two buttons.

::

    ┌──────────────────────────────┐
    │ Planes      as shown       ▾ │
    │ Format      PNG            ▾ │
    │ what will come of it         │
    │            Cancel   Export…  │
    └──────────────────────────────┘
"""

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from mriexplorer.errors import InputError
from mriexplorer.figures.theme import GRID
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.panel import Sentence

_WIDTH = 420


class Form(QDialog):
    """A dialog whose last button is greyed while its summary raises InputError; that sentence stands above."""

    def __init__(self, title: str, button: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)
        self._note, self._problem = Sentence(), Sentence(name="problem")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.button = buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addLayout(self._grid)
        column.addWidget(self._note)
        column.addWidget(self._problem)
        column.addStretch(1)
        column.addWidget(buttons)

    def add(self, name: str, control: QWidget) -> None:
        """One more line."""
        line = self._grid.rowCount()
        label = QLabel(name)
        label.setObjectName("muted")
        self._grid.addWidget(label, line, 0)
        self._grid.addWidget(control, line, 1)

    def add_choice(self, name: str, texts: list[str], changed: Callable[[], object]) -> Chooser:
        """A line with a drop-down."""
        chooser = Chooser(name, 12)
        chooser.addItems(texts)
        chooser.currentIndexChanged.connect(lambda _place: changed())
        self.add(name, chooser)
        return chooser

    def add_field(self, name: str, text: str, changed: Callable[[], object]) -> QLineEdit:
        """A line with something to type."""
        field = QLineEdit(text)
        field.setAccessibleName(name)
        field.textChanged.connect(lambda _text: changed())
        self.add(name, field)
        return field

    def check(self, summary: Callable[[], str]) -> None:
        """Say what will come of it, or why it cannot be."""
        try:
            said, problem = summary(), ""
        except InputError as error:
            said, problem = "", str(error)
        self._note.setText(said)
        self._note.setVisible(bool(said))
        self._problem.setText(problem[:1].upper() + problem[1:])
        self._problem.setVisible(bool(problem))
        self.button.setEnabled(not problem)

    @property
    def said(self) -> str:
        """The sentence that is shown."""
        return self._problem.text() or self._note.text()
