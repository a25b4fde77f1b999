"""The people of a dataset: a list to sort, filter and walk through.

┌ People ─────────────── 12 of 20 ┐
│ filter: age>60 sex=F            │
│ ▣ sub-synth0001  │ 56.4 │ F │ … │   pictures come as rows come into view
│ ▣ sub-synth0002  │ 42.5 │ F │ … │   click or arrow keys: that person is shown
└─────────────────────────────────┘
"""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID
from mriexplorer.session.thumbnails import SIZE, Picture, Thumbnails
from mriexplorer.subject.catalog import Catalog
from mriexplorer.view.people_table import PeopleTable, PersonRow, filtered, people_table, sort_key, unknown_columns

Index = QModelIndex | QPersistentModelIndex
WIDTH = 320  # pixels at first; the border can be dragged
_LEAST_WIDTH = 200
_ICON = 40


class PeoplePanel(QWidget):
    """Shows a catalog's people and tells who was chosen."""

    person_requested = Signal(str)
    _pictured = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        theme.on_panel(self)
        self.setMinimumWidth(_LEAST_WIDTH)
        self._pictures = Thumbnails(self._pictured.emit)
        self._model = _Model(self._pictures)
        self._pictured.connect(self._model.show_picture)
        self._proxy = _Filter(self._model)
        self.table = QTableView()
        self.filter = _FilterLine()
        self._count = QLabel()
        self._catalog: Catalog | None = None
        self._shown = ""
        self._dress_table()
        self._lay_out()
        self.filter.textChanged.connect(self._filter_changed)
        self.filter.left.connect(self._enter_list)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self._proxy)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setIconSize(QSize(_ICON, _ICON))
        table.setAccessibleName("People of the dataset")
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ICON + 6)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def _lay_out(self) -> None:
        title = QLabel("People")
        title.setObjectName("title")
        self._count.setObjectName("muted")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch()
        head.addWidget(self._count)
        self.filter.setPlaceholderText("Filter, such as age>60 sex=F")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter of the people")
        for button in self.filter.findChildren(QToolButton):
            button.setAccessibleName("Empty the filter")
        self.filter.setToolTip("Words, and conditions on columns: age>60 sex=F cdr=0")
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        head.setContentsMargins(4, 0, 4, 0)

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_people(self, catalog: Catalog | None, name: str) -> None:
        """Draw who can be chosen, and who is shown."""
        if catalog is not self._catalog:
            self._catalog = catalog
            self._pictures.forget()
            self.filter.clear()
            self._model.show_catalog(catalog)
            self._offer_columns()
            self._fit_columns()
            self._show_count()
        self._shown = name
        self._mark(name)

    def _fit_columns(self) -> None:
        """Columns as wide as their first rows ask for; the name gets what is left of the panel, as far as it needs it."""
        header = self.table.horizontalHeader()
        header.setResizeContentsPrecision(60)
        self.table.resizeColumnsToContents()
        if self._model.columnCount():
            self.table.setColumnWidth(0, min(self.table.columnWidth(0) + _ICON // 4, 220))

    def _mark(self, name: str) -> None:
        selection = self.table.selectionModel()
        place = self._proxy.mapFromSource(self._model.index_of(name))
        selection.blockSignals(True)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        selection.setCurrentIndex(place, flags)
        selection.blockSignals(False)
        if place.isValid():
            self.table.scrollTo(place)
        self.table.viewport().update()

    def _show_count(self) -> None:
        shown, everybody = self._proxy.rowCount(), self._model.rowCount()
        unknown = unknown_columns(self.filter.text(), self._model.people)
        counted = f"{everybody}" if shown == everybody else f"{shown} of {everybody}"
        self._count.setText(f"no column {unknown[0]}" if unknown else counted)
        self._count.setObjectName("problem" if unknown else "muted")
        self._count.style().polish(self._count)

    def _offer_columns(self) -> None:
        """The header's menu: columns that are ticked are shown."""
        header = self.table.horizontalHeader()
        for action in header.actions():
            header.removeAction(action)
            action.deleteLater()
        for number, heading in enumerate(self._model.people.headings(), 1):
            self.table.setColumnHidden(number, False)
            action = QAction(heading, header)
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(lambda shown, number=number: self.table.setColumnHidden(number, not shown))
            header.addAction(action)

    # -- what a person does ------------------------------------------------------------------------------------

    def _filter_changed(self, text: str) -> None:
        self._proxy.set_filter(text)
        self._show_count()
        self._mark(self._shown)

    def _enter_list(self) -> None:
        """From the filter into the list, to whoever is shown, else to the first."""
        self.table.setFocus()
        if not self.table.currentIndex().isValid() and self._proxy.rowCount():
            self.table.selectRow(0)

    def _chosen(self, place: QModelIndex) -> None:
        if place.isValid():
            self.person_requested.emit(self._model.name_at(self._proxy.mapToSource(place)))

    def close_pictures(self) -> None:
        """End the thread that makes pictures."""
        self._pictures.close()


class _FilterLine(QLineEdit):
    """Escape empties it; Down and Enter lead into the list."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class _Model(QAbstractTableModel):
    """Rows of people; the first column is picture and name."""

    def __init__(self, pictures: Thumbnails) -> None:
        super().__init__()
        self._pictures = pictures
        self.people = PeopleTable((), ())
        self._about: tuple[str, ...] = ()
        self._catalog: Catalog | None = None
        self._rows: dict[str, int] = {}
        self._icons: dict[str, QIcon] = {}
        self._empty = QPixmap(_ICON, _ICON)
        self._empty.fill(QColor("#000000"))

    def show_catalog(self, catalog: Catalog | None) -> None:
        self.beginResetModel()
        self._catalog = catalog
        self.people = people_table(catalog) if catalog else PeopleTable((), ())
        self._about = tuple(_about(catalog, column) for column in self.people.columns)
        self._rows = {row.name: number for number, row in enumerate(self.people.rows)}
        self._icons = {}
        self.endResetModel()

    def show_picture(self, name: str, picture: Picture | None) -> None:
        """A picture is there (or none can be had)."""
        if name not in self._rows:
            return
        if picture is not None:
            pixels = QPixmap.fromImage(QImage(picture.data, SIZE, SIZE, SIZE, QImage.Format.Format_Grayscale8))
            self._icons[name] = QIcon(pixels)
            self._icons[name].addPixmap(pixels, QIcon.Mode.Selected)  # else it is tinted
        else:
            self._icons[name] = QIcon(self._empty)
        place = self.index(self._rows[name], 0)
        self.dataChanged.emit(place, place, [Qt.ItemDataRole.DecorationRole])

    def index_of(self, name: str) -> QModelIndex:
        return self.index(self._rows[name], 0) if name in self._rows else QModelIndex()

    def name_at(self, place: QModelIndex) -> str:
        return self.people.rows[place.row()].name

    def row_at(self, number: int) -> PersonRow:
        return self.people.rows[number]

    def rowCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own default
        return len(self.people.rows)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1 + len(self.people.columns) if self.people.rows else 0

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "Person" if section == 0 else self.people.headings()[section - 1]
        return self._about[section - 1] if role == Qt.ItemDataRole.ToolTipRole and section else None

    def data(self, place: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, cell = self.people.rows[place.row()], self.cell(place)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell
        if role == Qt.ItemDataRole.ToolTipRole and place.column() and cell is not None:
            return f"{row.name}: {self.people.headings()[place.column() - 1]} {cell}"  # the name may be scrolled away
        if role == Qt.ItemDataRole.TextAlignmentRole and cell is not None:
            right = place.column() > 0 and sort_key(cell)[0] == 0
            return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
        if role == Qt.ItemDataRole.DecorationRole and place.column() == 0:
            return self._icon(row.name)
        return None

    def cell(self, place: Index) -> str | None:
        """What stands in a cell; None where the record has nothing."""
        row, column = self.people.rows[place.row()], place.column()
        return row.name if column == 0 else row.cells.get(self.people.columns[column - 1])

    def _icon(self, name: str) -> QIcon | QPixmap:
        """A person's picture; asked for only by rows that are painted, and so only then made."""
        if name not in self._icons:
            if self._catalog is not None:
                self._pictures.request(self._catalog.entry(name))
            return self._empty
        return self._icons[name]


def _about(catalog: Catalog | None, column: str) -> str:
    """What participants.json says of a column, with its unit."""
    known = catalog.participants.columns.get(column, {}) if catalog and catalog.participants else {}
    unit = f" ({known['Units']})" if known.get("Units") else ""
    return f"{known.get('Description', column)}{unit}"


class _Filter(QSortFilterProxyModel):
    """Rows that pass the filter, in the order of a column (or the dataset's own)."""

    def __init__(self, people: "_Model") -> None:
        super().__init__()
        self._people, self._passes = people, filtered("")
        self.setSourceModel(people)

    def set_filter(self, text: str) -> None:
        self._passes = filtered(text)
        self.invalidate()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        return self._passes(self._people.row_at(row))

    def lessThan(self, left: Index, right: Index) -> bool:
        first, second = (sort_key(self._people.cell(place)) for place in (left, right))
        return first < second
