"""A small table of texts that is as high as its rows; what is far from what is expected is coloured."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from mriexplorer.figures.theme import font, theme

_ROW = 22  # pixels
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Fact:
    """A cell: its text, a tip, and whether it is ``far`` from what is expected."""

    text: str = ""
    tip: str = ""
    far: bool = False


class FactsTable(QTableWidget):
    """Rows of ``Fact``; the first column takes the room, the others stand at the right."""

    def __init__(self, name: str, headings: Sequence[str], tips: Sequence[str] = ()) -> None:
        super().__init__(0, len(headings))
        self.setAccessibleName(name)
        for column, heading in enumerate(headings):
            item = QTableWidgetItem(heading)
            item.setTextAlignment(_RIGHT if column else _LEFT)
            item.setToolTip(tips[column] if tips else "")
            self.setHorizontalHeaderItem(column, item)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.verticalHeader().setMinimumSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setFont(font(9))
        self._rows: tuple[tuple[Fact, ...], ...] = ()
        self._colours = theme("dark")

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._colours = theme(name)
        shown, self._rows = self._rows, ()
        self.show_rows(shown)

    def show_rows(self, rows: Sequence[Sequence[Fact]]) -> None:
        """Draw rows."""
        new = tuple(tuple(row) for row in rows)
        if new == self._rows:
            return
        self._rows = new
        self.setRowCount(len(new))
        for number, row in enumerate(new):
            for column, fact in enumerate(row):
                self._put(number, column, fact)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + _ROW * len(new) + 4)

    def _put(self, row: int, column: int, fact: Fact) -> None:
        item = QTableWidgetItem(fact.text)
        item.setTextAlignment(_RIGHT if column else _LEFT)
        item.setToolTip(fact.tip)
        if fact.far:
            item.setForeground(QColor(self._colours.warning))
        self.setItem(row, column, item)

    def texts(self) -> list[list[str]]:
        """What is shown, row by row."""
        return [[fact.text for fact in row] for row in self._rows]
