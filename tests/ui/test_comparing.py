"""Contrasts and people side by side, flip, flicker, wipe and difference in the window, driven as a person would."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from conftest import T1, values
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from mriexplorer.export.export import picture
from mriexplorer.export.request import Export
from mriexplorer.figures.cells import cell_states
from mriexplorer.figures.cells_figure import cells_figure
from mriexplorer.figures.figure import figure
from mriexplorer.render.colour import colours
from mriexplorer.render.side_by_side import GalleryMember
from mriexplorer.session.gallery import _plane
from mriexplorer.subject.companions import Companions, MeasuredScan, Stored
from mriexplorer.ui.menus.compare_menu import cell_menu
from mriexplorer.ui.menus.menus import context_menu
from mriexplorer.ui.window.application import open_window
from mriexplorer.view.source import Recipe
from mriexplorer.view.state import State

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot):
    """The window on the built-in brain."""
    made = open_window(State().with_display(crosshair=False))
    qtbot.addWidget(made)
    qtbot.waitExposed(made)
    QApplication.processEvents()
    yield made
    made.close()


@pytest.fixture
def nine(window):
    """The window with nine contrasts."""
    window.session.comparison.lay_out("contrasts 3x3")
    QApplication.processEvents()
    QApplication.processEvents()
    return window


def drag(widget, start, end, button=LEFT, modifiers=NONE):
    """Press, move in steps, release."""
    steps = [(QEvent.Type.MouseButtonPress, start)]
    steps += [(QEvent.Type.MouseMove, tuple(s + (e - s) * f / 4 for s, e in zip(start, end, strict=True))) for f in range(1, 5)]
    steps += [(QEvent.Type.MouseButtonRelease, end)]
    for kind, place in steps:
        at = QPointF(*place)
        QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), button, button, modifiers))


def press(window, text):
    """A button by its text."""
    QTest.mouseClick(next(b for b in window.compare.findChildren(QPushButton) if b.text() == text), LEFT)


def action(window, text):
    """An action of the menus by its text."""
    next(a for a in window.menus.all if a.text() == text).trigger()


def grey(image: QImage) -> np.ndarray:
    """Lightness, (rows, columns)."""
    image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(int)


def middle(view) -> np.ndarray:
    """What a view paints, without the texts at its edges."""
    shown = grey(view.grab().toImage())
    rows, columns = shown.shape
    return shown[rows // 4 : 3 * rows // 4, int(columns * 0.36) : int(columns * 0.64)]


def test_each_cell_paints_what_the_plane_alone_would(nine):
    session = nine.session
    every = [cell._rendered_slice.pixels.copy() for cell in nine.stage.cells.views]
    assert len({pixels.tobytes() for pixels in every}) == 9
    for contrast, pixels in zip(session.state.contrasts, every, strict=True):
        alone = session.state.with_display(layout="axial").alone(contrast)
        assert np.array_equal(session.scene.rendered_slice("axial", alone).pixels, pixels)
    assert [cell._look.title[0] for cell in nine.stage.cells.views] == list("123456789")
    assert nine.stage.cells.views[2]._look.title == "3  FLAIR"
    assert nine.stage.cells.views[2]._look.lines == ("TE 120 · TR 9000 · TI 2460 ms",)


def test_a_click_chooses_and_the_sliders_are_that_cells(nine):
    session, views = nine.session, nine.stage.cells.views
    QTest.mouseClick(views[1], LEFT, pos=QPoint(60, 60))
    assert session.state.chosen == 1 and "tse" in session.state.sequence.name
    assert [bool(view._look.framed) for view in views] == [place == 1 for place in range(9)]
    before = [middle(view) for view in views]
    QTest.keyClick(nine.contrast._sliders["te"]._track, Qt.Key.Key_PageDown)
    QApplication.processEvents()
    changed = [not np.array_equal(middle(view), old) for view, old in zip(views, before, strict=True)]
    assert changed == [place == 1 for place in range(9)]
    session.store.undo()
    assert np.array_equal(middle(views[1]), before[1])


def test_only_the_cell_that_changed_is_painted(nine):
    painted = []
    for place, view in enumerate(nine.stage.cells.views):
        view.painted.connect(lambda *_what, place=place: painted.append(place))
    nine.session.set_value("ti", 0.9)
    QApplication.processEvents()
    assert set(painted) == {0}
    nine.session.comparison.set_together(True)
    painted.clear()
    nine.session.set_value("tr", 2.5)
    QApplication.processEvents()
    assert set(painted) == set(range(9))


def test_mouse_and_keys_in_every_cell(nine):
    session, view = nine.session, nine.stage.cells.views[4]
    drag(view, (100, 80), (150, 120))
    assert session.state.display.cursor is not None and session.state.chosen == 4
    before = session.state.window()
    drag(view, (100, 80), (140, 80), RIGHT)
    assert session.state.window() != before
    before = session.state.protocol.values
    drag(view, (100, 80), (120, 80), LEFT, SHIFT)
    assert session.state.protocol.values["tr"] > before["tr"]
    drag(view, (100, 80), (120, 100), MIDDLE)
    assert session.state.display.centre is not None
    slice_ = session.scene.voxel(session.state)[2]
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert session.scene.voxel(session.state)[2] == slice_ + 1
    QTest.keyClick(view, "7")
    assert session.state.chosen == 6
    assert session.state.view == "signal", "digits are of the cells, not of the maps, while a cell has the focus"
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert session.state.display.layout == "axial"
    assert not nine.planes.views["axial"].isHidden()


def test_the_readout_is_of_the_cell_under_the_pointer(nine):
    shown = cell_states(nine.session.state)
    place = nine.session.scene.geometry("axial", shown[2]).place(nine.session.scene.voxel(shown[2]))
    cell = nine.stage.cells.views[2]
    cell.hovered.emit(cell, place)
    assert f"signal {nine.session.scene.reading(shown[2]).signal:.4f}" in nine.readout.text
    cell.hovered.emit(cell, None)
    assert f"signal {nine.session.scene.reading(shown[0]).signal:.4f}" in nine.readout.text


def test_the_menu_of_a_cell(nine):
    session = nine.session

    def choose(place, *texts):
        menu = context_menu(cell_menu(place, len(session.state.contrasts)), nine._desk)
        for text in texts[:-1]:
            menu = next(m for m in menu.findChildren(QMenu) if m.title() == text)
        next(a for a in menu.actions() if a.text() == texts[-1]).trigger()

    nine.stage.cells.views[3].pressed.emit(nine.stage.cells.views[3])
    choose(3, "Set to preset", "HCP", "T2w SPACE")
    assert session.state.chosen == 3 and session.state.contrast.preset == "HCP · T2w SPACE"
    choose(3, "Plane", "Sagittal")
    assert session.state.display.plane == "sagittal"
    choose(3, "Remove")
    QApplication.processEvents()
    assert len(session.state.contrasts) == 8
    empty = nine.stage.cells.views[8]
    assert "No contrast here" in empty._look.message
    drag(empty, (50, 50), (90, 70))
    assert session.state.display.cursor is None, "an empty cell has no places"
    choose(8, "Add a preset", "Clinical 1.5 T", "STIR")
    assert len(session.state.contrasts) == 9 and session.state.chosen == 8 and session.state.source.field == 3.0


def test_a_right_click_opens_the_menu_and_a_right_drag_does_not(nine, monkeypatch):
    opened = []
    monkeypatch.setattr("mriexplorer.ui.window.main_window.cell_menu", lambda place, _count: opened.append(place) or ())
    monkeypatch.setattr("mriexplorer.ui.window.main_window.context_menu", lambda _entries, _desk: Mock())
    view = nine.stage.cells.views[5]
    drag(view, (100, 80), (140, 80), RIGHT)
    assert opened == []
    QTest.mouseClick(view, RIGHT, pos=QPoint(100, 80))
    assert opened == [5] and nine.session.state.chosen == 5


# -- pinned ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two(window):
    """The window with FLAIR pinned and MPRAGE current; what each looks like in the axial plane."""
    session, view = window.session, window.planes.views["axial"]
    session.choose_sequence("flair")
    action(window, "Pin this contrast")
    flair = middle(view)
    session.choose_sequence("mprage")
    return window, view, flair, middle(view)


def test_a_flip_by_key_and_back(two):
    window, view, flair, mprage = two
    press(window, "Flip")
    assert np.array_equal(middle(view), flair)
    assert "pinned" in view._look.title and "pinned: FLAIR" in view._look.lines
    assert all("pinned" in v._look.title for v in window.planes.views.values())
    press(window, "Flip")
    assert np.array_equal(middle(view), mprage)


def test_the_flicker_turns_with_its_timer_and_stops_when_hidden(two):
    window, view, flair, mprage = two
    timer = window.stage.flicker.timer
    assert not timer.isActive()
    action(window, "Flicker between the two")
    assert timer.isActive() and timer.interval() == 500
    for shown in (flair, mprage, flair):
        timer.timeout.emit()
        assert np.array_equal(middle(view), shown)
    window.session.comparison.set_rate(4)
    assert timer.interval() == 250
    window.hide()
    assert not timer.isActive()
    window.show()
    assert timer.isActive()
    past = len(window.session.store._past)
    timer.timeout.emit()
    assert len(window.session.store._past) == past, "a turn is no step of undo"
    window.session.comparison.unpin()
    assert not timer.isActive()
    assert np.array_equal(middle(view), mprage)


def test_a_wipe_is_dragged_and_moved_by_keys(two):
    window, view, flair, mprage = two
    press(window, "Wipe")
    shown, half = middle(view), flair.shape[1] // 2
    assert np.array_equal(shown[:, : half - 6], flair[:, : half - 6])
    assert np.array_equal(shown[:, half + 6 :], mprage[:, half + 6 :])
    assert not np.array_equal(flair, mprage)
    before = window.session.state.display.cursor
    drag(view, (view.width() / 2, 40), (10, 40))
    assert (
        window.session.state.comparison.wipe == pytest.approx(10 / view.width()) and window.session.state.display.cursor == before
    )
    assert np.array_equal(middle(view), mprage)
    action(window, "Divider to the right")
    assert window.session.state.comparison.wipe == pytest.approx(10 / view.width() + 0.02)
    assert view._look.lines[0].startswith("screen left: FLAIR")
    assert view._look.lines[1].startswith("screen right: MPRAGE")


def test_in_the_cells_the_chosen_one_is_compared(two):
    window, *_ = two
    window.session.comparison.lay_out("contrasts 2x2")
    press(window, "Wipe")
    QApplication.processEvents()
    assert [view._rendered_slice.left is not None for view in window.stage.cells.visible_views()] == [True, False, False, False]


def test_a_difference_says_so_everywhere(two):
    window, view, *_ = two
    press(window, "Difference")
    for plane in window.planes.views.values():
        assert "current − pinned" in plane._look.title
    assert "SYNTHETIC" in window.readout.text
    scene, state = window.session.scene, window.session.state
    apart = scene.reading(state).signal - scene.reading(state.pinned).signal
    assert f"difference {apart:.4f}".replace("-", "−") in window.readout.text
    display = window.display
    assert display._unit.text() == "current − pinned" and display._low.text() == f"−{display._high.text()}"
    display.window_requested.emit(-0.1, 0.1)
    assert window.session.state.window() == state.window(), "the window of the current contrast stays"
    assert display._high.text() == "0.1000"
    window.session.choose_view("t1")
    assert "No difference" in view._look.message


def test_colours_of_a_difference_are_black_at_zero():
    table = colours("change", -0.2, 0.2)
    assert (table[len(table) // 2] & 0xFFFFFF).bit_count() <= 6, "all but black"
    low, high = int(table[0]), int(table[-1])
    assert low & 0xFF > low >> 16 & 0xFF, "blue below 0"
    assert high >> 16 & 0xFF > high & 0xFF, "orange above"


def test_the_measured_scan_is_wiped_and_flipped_against_the_computed_one(window, brain):
    volume = Stored.of(np.where(brain.maps.t1 > 1.0, 0.03, 0.01).astype(np.float32) * brain.maps.head)
    scan = MeasuredScan("T1w", volume, Stored.of(np.ones_like(brain.maps.pd)), window.session.state.protocol)
    session = window.session
    scene = type(session.scene)(replace(session.scene.subject, companions=Companions((scan,))))
    session.loading.preview(scene)
    session.choose_scan("T1w")
    QApplication.processEvents()
    measured, computed, off = window.planes.views.values()
    alone = [middle(view) for view in (measured, computed, off)]
    press(window, "Flip")
    assert np.array_equal(middle(computed), alone[0]) and computed._look.title == "T1w as measured"
    press(window, "Wipe")
    half = alone[0].shape[1] // 2
    assert np.array_equal(middle(computed)[:, : half - 6], alone[0][:, : half - 6])
    assert np.array_equal(middle(computed)[:, half + 6 :], alone[1][:, half + 6 :])
    assert np.array_equal(middle(off), alone[2])
    assert not picture(session.scene, session.state, Export(Path())).isNull()


# -- people and pictures ---------------------------------------------------------------------------------------


def test_people_of_the_gallery_side_by_side(window):
    session = window.session
    assert window.compare._layouts["people"].isEnabled()
    press(window, "People")
    assert session.state.display.layout == "grid" and "nobody to compare" in window.banner.text
    assert not window.compare._layouts["people"].isChecked()
    session.gallery.members = tuple(
        GalleryMember(Recipe(n), {"age": 30.0 + 10 * n, "sex": "FM"[n % 2]}, _plane(session.scene)) for n in range(5)
    )
    press(window, "People")
    QApplication.processEvents()
    views = window.stage.crowd.visible_views()
    assert [view._look.title.split(" · ")[0] for view in views] == ["F 30", "M 40", "F 50", "M 60", "F 70"]
    before = middle(views[3])
    session.set_value("ti", 0.5)
    QApplication.processEvents()
    assert not np.array_equal(middle(views[3]), before), "live with the sliders"
    drag(views[3], (100, 80), (140, 80), RIGHT)
    drag(views[3], (100, 80), (140, 80), MIDDLE)
    views[3].hovered.emit(views[3], (80.0, 90.0))
    assert "T1" in window.readout.text
    shown = []
    session.gallery.show = shown.append
    QTest.mouseDClick(views[3], LEFT, pos=QPoint(50, 50))
    assert shown == [Recipe(3)] and session.state.display.layout == "grid"


def test_people_of_a_dataset_that_were_looked_at(window, head, qtbot):
    session = window.session
    head("bids/sub-01/anat", "sub-01_")
    root = head("bids/sub-02/anat", "sub-02_", T1map=values(T1) * 1.2).parents[1]
    (root / "participants.tsv").write_text("participant_id\tage\tsex\nsub-01\t63\tF\nsub-02\t44\tM\n")
    session.open([root])
    qtbot.waitUntil(lambda: session.state.source.paths != (), timeout=20_000)
    session.choose_person("sub-02")
    qtbot.waitUntil(lambda: session.state.source.person == "sub-02", timeout=20_000)
    press(window, "People")
    QApplication.processEvents()
    first, second = window.stage.crowd.visible_views()
    assert (first._look.title.split(" · ")[:2], second._look.title) == (["sub-01", "F 63"], "sub-02 · M 44")
    assert second._look.framed and not first._look.framed
    drag(first, (first.width() / 2, first.height() / 2), (first.width() / 2 + 20, first.height() / 2))
    assert session.state.display.cursor is not None
    wheel = session.scene.voxel(session.state)[2]
    QTest.keyClick(first, Qt.Key.Key_PageUp)
    assert session.scene.voxel(session.state)[2] == wheel + 1
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert session.state.source.person == "sub-01" and session.state.display.layout == "grid"


def test_pictures_of_cells_say_synthetic_in_each(nine, monkeypatch):
    written = []
    from mriexplorer.figures import plane_painter

    original = plane_painter._label
    monkeypatch.setattr(plane_painter, "_label", lambda *given: (written.append(given[3]), original(*given)))
    image = cells_figure(nine.session.scene, nine.session.state)
    assert sum("SYNTHETIC" in text for text in written) == 9
    assert image.width() > 1400
    state = nine.session.state
    nine.session.store.change(state.with_display(layout="grid").with_comparison(pinned=state.contrast, mode="wipe"))
    assert not figure(nine.session.scene, nine.session.state).isNull()


def test_the_layout_is_filled_again_at_the_next_start(qtbot):
    window = open_window(State().with_display(layout="contrasts 2x2"))
    qtbot.addWidget(window)
    assert len(window.session.state.contrasts) == 4
    assert window.stage.currentWidget() is window.stage.cells
    window.close()
