"""The list of people in the window, used as a person would."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mriexplorer.ui.window.application import open_window
from mriexplorer.ui.window.main_window import MainWindow
from mriexplorer.view.state import State


@pytest.fixture
def window(qtbot, head: Callable[..., Path], tmp_path: Path):
    """The window on a dataset of five people."""
    ages = {"sub-1": "64", "sub-2": "9", "sub-3": "n/a", "sub-4": "71", "sub-10": "30"}
    for name in ages:
        head(f"set/{name}/anat", f"{name}_")
    rows = [f"{name}\t{age}\t{'FM'[number % 2]}" for number, (name, age) in enumerate(ages.items())]
    (tmp_path / "set/participants.tsv").write_text("participant_id\tage\tsex\n" + "\n".join(rows) + "\n")
    made = open_window(State())
    qtbot.addWidget(made)
    made.session.open([tmp_path / "set"])
    qtbot.waitUntil(lambda: made.session.scene.subject.name == "sub-1", timeout=10_000)
    QApplication.processEvents()
    yield made
    made.close()


def names(window: MainWindow) -> list[str]:
    proxy = window.people.table.model()
    return [proxy.index(row, 0).data() for row in range(proxy.rowCount())]


def test_a_dataset_lists_its_people_with_their_attributes(window):
    assert window.people.isVisible()
    assert names(window) == ["sub-1", "sub-2", "sub-3", "sub-4", "sub-10"]
    model = window.people.table.model()
    assert [model.headerData(c, Qt.Orientation.Horizontal) for c in range(3)] == ["Person", "Age", "Sex"]
    assert model.index(3, 1).data() == "71"
    assert window.people.table.currentIndex().data() == "sub-1"


def test_the_built_in_brain_has_no_list(window, qtbot):
    window.session.open([])
    qtbot.waitUntil(lambda: window.session.scene.subject.literature, timeout=10_000)
    assert not window.people.isVisible()


def test_a_click_and_arrow_keys_show_people(window, qtbot):
    table = window.people.table
    place = table.visualRect(table.model().index(3, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.session.scene.subject.name == "sub-4", timeout=10_000)
    QTest.keyClick(table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.session.scene.subject.name == "sub-10", timeout=10_000)
    QTest.keyClick(table, Qt.Key.Key_Up)
    QTest.keyClick(table, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: window.session.scene.subject.name == "sub-3", timeout=10_000)
    assert table.currentIndex().data() == "sub-3"
    window.session.store.undo()
    qtbot.waitUntil(lambda: table.currentIndex().data() == window.session.scene.subject.name != "sub-3", timeout=10_000)


def test_sorting_by_a_column_puts_numbers_in_order_and_the_missing_last(window):
    window.people.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert names(window) == ["sub-2", "sub-10", "sub-1", "sub-4", "sub-3"]
    window.people.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert names(window)[0] == "sub-10"


def test_filtering_keeps_who_passes_and_counts(window):
    QTest.keyClicks(window.people.filter, "age>20 sex=F")
    assert names(window) == ["sub-1", "sub-10"]
    assert window.people._count.text() == "2 of 5"
    assert window.session.scene.subject.name == "sub-1"  # filtering shows nobody else
    window.people.filter.clear()
    assert len(names(window)) == 5


def test_pictures_come_into_view(window, qtbot):
    model = window.people._model
    qtbot.waitUntil(lambda: len(model._icons) == 5, timeout=10_000)
    icon = model.index(0, 0).data(Qt.ItemDataRole.DecorationRole)
    image = icon.pixmap(40, 40).toImage()
    assert image.pixelColor(20, 20).lightness() > 120


def test_the_list_folds_away_by_key(window):
    QTest.keyClick(window, Qt.Key.Key_P)
    assert not window.people.isVisible()
    window.session.store.undo()
    assert window.people.isVisible()


def test_a_person_that_cannot_be_read_leaves_the_other_open(window, qtbot, tmp_path):
    (tmp_path / "set/sub-2/anat/sub-2_T1map.nii.gz").write_bytes(b"broken")
    window.people.table.selectRow(1)
    qtbot.waitUntil(lambda: window.banner.isVisible() and "sub-2_T1map" in window.banner.text, timeout=10_000)
    assert window.session.scene.subject.name == "sub-1"
    assert window.people.table.currentIndex().data() == "sub-1"


def test_columns_can_be_hidden_from_a_menu_at_the_headings(window):
    age, sex = window.people.table.horizontalHeader().actions()
    assert [age.text(), sex.text()] == ["Age", "Sex"]
    age.trigger()
    assert window.people.table.isColumnHidden(1)
    assert not window.people.table.isColumnHidden(2)


def test_a_cell_says_whose_it_is(window):
    place = window.people.table.model().index(3, 1)
    assert place.data(Qt.ItemDataRole.ToolTipRole) == "sub-4: Age 71"
