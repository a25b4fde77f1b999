"""The table of measured regions: a row each, to select, rename and remove."""

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from mriexplorer.figures.roi_painter import COLOURS
from mriexplorer.figures.theme import font
from mriexplorer.measure.statistics import Measured, signal_words, words
from mriexplorer.measure.summary import Summary
from mriexplorer.physics import TIMES, TimeUnit

_HEADINGS = ("Region", "n", "Signal", "T1 ({times})", "T2 ({times})", "PD")
_SPREAD = "Mean ± sample SD (n − 1)"
_TIPS = (
    "Double click or F2 to rename",
    "Voxels with tissue whose centres lie in the region",
    f"{_SPREAD}, in units of PD of water = 1; while a slider moves, of at most 100 000 voxels, evenly spread",
    *(_SPREAD,) * 3,
)
_ROW = 22  # pixels


class MeasureTable(QTableWidget):
    """Rows of ``Measured``; what is selected and renamed is requested."""

    selected = Signal(object)  # names
    renamed = Signal(str, str)
    remove_requested = Signal()

    def __init__(self) -> None:
        super().__init__(0, len(_HEADINGS))
        self.setAccessibleName("Measured regions")
        self._headings = [QTableWidgetItem() for _heading in _HEADINGS]
        for column, (item, tip) in enumerate(zip(self._headings, _TIPS, strict=True)):
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(column, item)
        self._head("ms")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.verticalHeader().setMinimumSectionSize(20)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in (0, 1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.setFont(font(9))
        self._names: tuple[str, ...] = ()
        self.itemSelectionChanged.connect(self._selected)
        self.itemChanged.connect(self._renamed)

    def _head(self, times: TimeUnit) -> None:
        self._times = times
        for item, heading in zip(self._headings, _HEADINGS, strict=True):
            item.setText(heading.format(times=times))

    def show_rows(self, rows: list[Measured], selected: tuple[str, ...], times: TimeUnit = "ms") -> None:
        """Draw the rows, and which are selected."""
        self.blockSignals(True)
        if times != self._times:
            self._head(times)
        self._names = tuple(row.region.name for row in rows)
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._show_row(number, row)
        self.setMaximumHeight(self.horizontalHeader().sizeHint().height() + _ROW * max(len(rows), 2) + 4)
        self._select(selected)
        self.blockSignals(False)

    def _show_row(self, number: int, row: Measured) -> None:
        texts = (row.region.name, f"{row.count}", signal_words(row), *_map_words(row, self._times))
        items = [self.item(number, column) or self._new_item(number, column) for column in range(len(texts))]
        for item, text in zip(items, texts, strict=True):
            if item.text() != text:
                item.setText(text)
        name = items[0]
        if name.data(Qt.ItemDataRole.UserRole) != row.region.colour:
            name.setData(Qt.ItemDataRole.UserRole, row.region.colour)
            name.setIcon(_swatch(COLOURS[row.region.colour]))
        tip = _tip(row, self._times)
        if name.toolTip() != tip:
            for item in items:
                item.setToolTip(tip)

    def _new_item(self, number: int, column: int) -> QTableWidgetItem:
        item = QTableWidgetItem()
        if column:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        self.setItem(number, column, item)
        return item

    def _select(self, selected: tuple[str, ...]) -> None:
        shown = {index.row() for index in self.selectionModel().selectedRows()}
        wanted = {self._names.index(name) for name in selected}
        if shown == wanted:
            return
        flags = QItemSelectionModel.SelectionFlag
        self.clearSelection()
        for row in sorted(wanted):
            self.selectionModel().select(self.model().index(row, 0), flags.Select | flags.Rows)
        if wanted and (first := self.item(min(wanted), 0)) is not None:
            self.scrollToItem(first)
        self.viewport().update()

    def _selected(self) -> None:
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        self.selected.emit(tuple(self._names[row] for row in rows if row < len(self._names)))

    def _renamed(self, item: QTableWidgetItem) -> None:
        if item.column() == 0 and item.row() < len(self._names):
            self.renamed.emit(self._names[item.row()], item.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.remove_requested.emit()
        else:
            super().keyPressEvent(event)


def _map_words(row: Measured, times: TimeUnit) -> tuple[str, str, str]:
    digits = 3 if times == "s" else 0
    return words(row.t1, digits, TIMES[times]), words(row.t2, digits, TIMES[times]), words(row.pd, 3)


def _tip(row: Measured, times: TimeUnit) -> str:
    digits = 3 if times == "s" else 0
    lines = [f"{row.region.name}: {row.region.description()}", f"{row.inside - row.count} voxels without tissue left out"]
    if row.signal is not None:
        lines.append(f"Signal {_ends(row.signal, 4)}")
    lines += [f"{name} {_ends(one, digits, TIMES[times])} {times}" for name, one in (("T1", row.t1), ("T2", row.t2))]
    lines.append(f"PD {_ends(row.pd, 3)}")
    return "\n".join(lines)


def _ends(one: Summary, digits: int, factor: float = 1.0) -> str:
    return f"{one.low * factor:.{digits}f} to {one.high * factor:.{digits}f}" if one.n else "–"


def _swatch(colour: QColor) -> QIcon:
    pixmap = QPixmap(10, 10)
    pixmap.fill(colour)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
