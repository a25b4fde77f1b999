"""The card of shortcuts and mouse bindings, made from the tables that define them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mriexplorer.figures.theme import GRID
from mriexplorer.ui.planes.mouse import BINDINGS, IN_3D, Binding, wheel

Row = tuple[str, str]  # keys or gesture, and what they do
_KEYS = (
    ("Arrow keys", "move the crosshair in the plane under focus"),
    ("Page Up, Page Down", "next and previous slice"),
    ("1 to 9", "choose a contrast, where several stand side by side"),
    ("Enter", "one plane large"),
    ("Tab", "next control; arrow keys move a slider"),
)


class HelpCard(QDialog):
    """Shows the ``keys`` of commands, every mouse binding, and the keys of the planes."""

    def __init__(
        self, parent: QWidget, keys: Sequence[Row], bindings: tuple[Binding, ...] = BINDINGS, *, wheel_zooms: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and mouse")
        half = (len(keys) + 1) // 2
        mouse = [(binding.gesture, binding.meaning) for binding in bindings] + list(wheel(zooms=wheel_zooms))
        columns = QHBoxLayout()
        columns.setSpacing(4 * GRID)
        columns.addLayout(_column("Keys", keys[:half]))
        columns.addLayout(_column("More keys", keys[half:]))
        last = _column("In a plane", [*mouse, *_KEYS])
        last.insertLayout(last.count() - 1, _column("In 3-D", IN_3D))
        columns.addLayout(last)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 3 * GRID)
        outer.setSpacing(2 * GRID)
        outer.addLayout(columns)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        outer.addWidget(close)


def _column(title: str, rows: Sequence[Row]) -> QVBoxLayout:
    column, grid = QVBoxLayout(), QGridLayout()
    heading = QLabel(title)
    heading.setObjectName("title")
    column.setSpacing(GRID)
    column.addWidget(heading)
    grid.setHorizontalSpacing(2 * GRID)
    grid.setVerticalSpacing(GRID // 2)
    for row, (keys, meaning) in enumerate(rows):
        label = QLabel(keys)
        label.setObjectName("muted")
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(QLabel(meaning), row, 1)
    column.addLayout(grid)
    column.addStretch()
    return column
