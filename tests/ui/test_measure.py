"""Measuring in the window, as a person would: regions drawn by mouse and by keyboard, numbers, files."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QToolButton

from mriexplorer.figures import figure
from mriexplorer.figures.plane_painter import to_screen
from mriexplorer.figures.roi_painter import COLOURS
from mriexplorer.measure.masks import roi_masks
from mriexplorer.render.imaging import Imaging
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.region import Line
from mriexplorer.view.state import State

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
PRESS, MOVE, RELEASE, DOUBLE = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
)


@pytest.fixture
def window(shown):
    """The window on the built-in brain, with the measurements beside the planes."""
    return shown(State().with_panels(side="measure"))


@pytest.fixture
def panel(window):
    """The measurements."""
    return window.side.panel("measure")


def choose_tool(window, name):
    """Choose what a drag does."""
    box = next(b for b in window.top.findChildren(QComboBox) if b.accessibleName() == "What a drag in a plane does")
    box.setCurrentIndex(box.findText(name))
    box.activated.emit(box.currentIndex())


def navigate(window):
    """Back to the tool that moves the crosshair."""
    choose_tool(window, "Navigate")


def mouse(view, *events):
    """Events of the left button, each with its place in the widget."""
    for kind, place in events:
        at = QPointF(*place)
        held = LEFT if kind != MOVE or events[0][0] == PRESS else Qt.MouseButton.NoButton
        QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), held, held, NONE))


def drag(view, *places):
    """Press, move through the places, release."""
    mouse(view, (PRESS, places[0]), *((MOVE, place) for place in places[1:]), (RELEASE, places[-1]))


def add(panel, *path):
    """Choose from the menu of what can be added."""
    menu = panel.add_menu
    for name in path[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text() == name)
    next(action for action in menu.actions() if action.text() == path[-1]).trigger()


def row(panel, number=0):
    """The texts of a row."""
    return [panel.table.item(number, column).text() for column in range(panel.table.columnCount())]


def middle(view):
    """The middle of a plane."""
    return view.width() / 2, view.height() / 2


@pytest.mark.parametrize("plane", ["axial", "sagittal", "coronal"])
@pytest.mark.parametrize("convention", ["radiological", "neurological"])
def test_an_ellipse_is_drawn_measured_and_stays_where_it_was_drawn(plane, convention, window, panel):
    session, view = window.session, window.planes.views[plane]
    session.show(convention=convention)
    choose_tool(window, "Ellipse")
    x, y = middle(view)
    drag(view, (x + 10, y - 30), (x + 30, y - 10), (x + 60, y + 10))
    region = session.state.measurement.regions[0]
    assert (region.kind, region.plane, session.state.display.cursor) == ("ellipse", plane, None)
    assert region.radii == pytest.approx((25 / view._look.scale, 20 / view._look.scale), rel=0.01)
    image = view.grab().toImage()
    left = image.pixelColor(round(x + 10), round(y - 10))
    assert abs(left.red() - COLOURS[0].red()) < 60 and left.blue() < 120, "the outline is painted where the mouse was"
    held = roi_masks(session.scene).voxels_of(region)
    signal = held.voxels.signal(Imaging.of(session.state, None).table)
    expected = f"{signal.mean():.4f} ± {signal.std(ddof=1):.4f}"
    assert row(panel)[:3] == ["A", str(held.count), expected]
    session.store.undo()
    assert session.state.measurement.regions == ()
    assert panel.table.rowCount() == 0


def test_numbers_follow_a_slider(window, panel):
    add(panel, "Axial plane", "Ellipse at the crosshair")
    add(panel, "Whole volume", "White matter")
    before, contrast, title = row(panel), panel.contrast.text(), panel.plots.texts[0]
    window.session.set_value("ti", 0.7)
    after = row(panel)
    assert after[2] != before[2]
    assert after[3:] == before[3:], "T1, T2 and PD are not the slider's"
    assert panel.contrast.text() != contrast
    assert contrast.startswith("CNR ")
    assert title == "signal in B"
    window.session.set_value("tr", 0.5)
    assert row(panel)[2] == "no image"
    assert panel.plots.texts[0] == "signal in B: no image"


def test_large_regions_are_measured_in_full_when_the_slider_rests(window, panel, qtbot):
    add(panel, "Whole volume", "Grey matter")
    session = window.session
    held = roi_masks(session.scene).voxels_of(session.state.measurement.regions[0])
    assert held.sampled
    signal = held.voxels.signal(Imaging.of(session.state, None).table)
    exact = f"{signal.mean(dtype=float):.4f} ± {signal.std(dtype=float, ddof=1):.4f}"
    qtbot.waitUntil(lambda: not panel._calm.isActive(), timeout=5000)
    assert row(panel)[2] == exact


def test_a_polygon_is_closed_by_a_double_click_or_by_enter(window):
    view, session = window.planes.views["axial"], window.session
    choose_tool(window, "Polygon")
    x, y = middle(view)
    corners = (x - 30, y - 30), (x + 30, y - 30), (x + 10, y + 40)
    for corner in corners:
        mouse(view, (PRESS, corner), (RELEASE, corner))
        mouse(view, (MOVE, (corner[0] + 5, corner[1])))
    mouse(view, (DOUBLE, corners[-1]), (RELEASE, corners[-1]))
    assert [(region.kind, len(region.points)) for region in session.state.measurement.regions] == [("polygon", 3)]
    assert session.state.display.layout == "grid", "the double click closes the polygon and does nothing else"
    for corner in corners:
        mouse(view, (PRESS, corner), (RELEASE, corner))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert len(session.state.measurement.regions) == 2
    mouse(view, (PRESS, corners[0]), (RELEASE, corners[0]))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert session.drawing.draft is None
    mouse(view, (PRESS, corners[0]), (RELEASE, corners[0]))
    QTest.keyClick(view, Qt.Key.Key_Enter)
    assert "three corners" in window.banner.text
    navigate(window)
    assert session.drawing.draft is None
    assert len(session.state.measurement.regions) == 2


def test_the_brush_paints_and_changes_its_size(window):
    view, session = window.planes.views["coronal"], window.session
    choose_tool(window, "Brush")
    x, y = middle(view)
    mouse(view, (MOVE, (x, y)))
    QTest.keyClick(view, Qt.Key.Key_BracketRight)
    assert session.drawing.radius == 3.75
    QTest.keyClick(view, Qt.Key.Key_BracketLeft)
    drag(view, (x - 30, y), (x, y - 20), (x + 30, y))
    region = session.state.measurement.regions[0]
    assert region.kind == "brush"
    assert set(region.radii) == {3.0}
    assert roi_masks(session.scene).voxels_of(region).count > 100
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert session.drawing.draft is None


def test_a_region_is_taken_by_its_outline_moved_and_deleted(window, panel):
    view, session = window.planes.views["axial"], window.session
    choose_tool(window, "Ellipse")
    x, y = middle(view)
    drag(view, (x + 10, y - 30), (x + 60, y + 10))
    navigate(window)
    before, cursor = session.state.measurement.regions[0].points[0], session.state.display.cursor
    mouse(view, (MOVE, (x + 10, y - 10)))
    assert view.cursor().shape() == Qt.CursorShape.SizeAllCursor
    drag(view, (x + 10, y - 10), (x, y - 10), (x - 10, y - 10))
    moved = np.subtract(session.state.measurement.regions[0].points[0], before)
    assert moved == pytest.approx((20 / view._look.scale, 0, 0), abs=0.05), "screen left is the patient's right"
    assert session.state.display.cursor == cursor
    session.store.undo()
    assert session.state.measurement.regions[0].points[0] == before, "one drag is one step of undo"
    drag(view, (x + 35, y - 10), (x + 36, y - 10))
    assert session.state.display.cursor != cursor, "inside of it the crosshair moves"
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert session.state.measurement.regions == ()
    session.store.undo()
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert session.state.measurement.regions == ()


def test_a_line_is_drawn_its_ends_dragged_and_typed(window, panel):
    view, session = window.planes.views["axial"], window.session
    assert panel.line.isHidden()
    choose_tool(window, "Line")
    x, y = middle(view)
    drag(view, (x - 40, y), (x, y), (x + 40, y))
    line = session.state.measurement.line
    assert line.start[0] - line.end[0] == pytest.approx(80 / view._look.scale, rel=0.01)
    assert panel.plots.texts[1] == "signal along the line, against mm"
    drawn = panel.plots._curve.yData.copy()
    session.set_value("ti", 0.7)
    assert not np.allclose(panel.plots._curve.yData, drawn)
    session.choose_view("t1")
    assert panel.plots.texts[1] == "T1 (ms) along the line, against mm"
    assert panel.plots._curve.yData.max() > 1000
    navigate(window)
    drag(view, (x + 40, y), (x + 40, y - 40))
    assert session.state.measurement.line.start == line.start
    assert session.state.measurement.line.end[1] > line.end[1] + 10
    type_in(panel.line.end, "10; -20,5; 8")
    assert session.state.measurement.line == Line("axial", line.start, (10.0, -20.5, 8.0))
    type_in(panel.line.start, "nowhere")
    assert session.state.measurement.line.start == line.start
    assert "nowhere" not in panel.line.start.text()
    panel.remove_button.click()
    assert session.state.measurement.line is None


def type_in(field, text):
    """Type in a field and press Enter."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_everything_works_from_the_keyboard(window, panel):
    session = window.session
    add(panel, "Sagittal plane", "Ellipse at the crosshair")
    type_in(panel.extent.first, "24")
    type_in(panel.extent.second, "9.5 ")
    assert session.state.measurement.regions[0].radii == (12.0, 4.75)
    type_in(panel.extent.first, "-4")
    assert session.state.measurement.regions[0].radii == (12.0, 4.75)
    assert "between 0" in window.banner.text
    assert panel.extent.first.text() == "24.0"
    session.choose_view("t1")
    add(panel, "Axial plane", "What lies within the window")
    type_in(panel.range.first, "800")
    type_in(panel.range.second, "900")
    region = session.state.measurement.regions[1]
    assert region.limits == (0.8, 0.9)
    held = roi_masks(session.scene).voxels_of(region)
    assert held.voxels.t1.min() >= 0.8 and held.voxels.t1.max() <= 0.9 and held.count > 100


def test_a_region_is_renamed_in_the_table(window, panel, qtbot):
    add(panel, "Axial plane", "White matter")
    add(panel, "Axial plane", "CSF")
    item = panel.table.item(0, 0)
    item.setText("genu")
    assert [region.name for region in window.session.state.measurement.regions] == ["genu", "B"]
    item = panel.table.item(0, 0)
    item.setText("B")
    assert "cannot be a name" in window.banner.text
    assert row(panel)[0] == "genu"


def test_two_selected_rows_are_compared(window, panel):
    for tissue in ("White matter", "Grey matter", "CSF"):
        add(panel, "Axial plane", tissue)
    panel.table.clearSelection()
    assert window.session.state.measurement.selected == ()
    assert panel.contrast.text().startswith("CNR A–B")
    for number in (0, 2):
        index = panel.table.model().index(number, 0)
        flags = panel.table.selectionModel().SelectionFlag
        panel.table.selectionModel().select(index, flags.Select | flags.Rows)
    assert window.session.state.measurement.selected == ("A", "C")
    assert panel.contrast.text().startswith("CNR A–C")
    held = [roi_masks(window.session.scene).voxels_of(region) for region in window.session.state.measurement.regions]
    a, c = (held[n].voxels.signal(Imaging.of(window.session.state, None).table) for n in (0, 2))
    cnr = (a.mean() - c.mean()) / np.sqrt((a.var(ddof=1) + c.var(ddof=1)) / 2)
    assert f"CNR A–C {cnr:.2f} ".replace("-", "−") in panel.contrast.text()
    panel.remove_button.click()
    assert [region.name for region in window.session.state.measurement.regions] == ["B"]


def test_numbers_are_copied_and_saved(window, panel, tmp_path, monkeypatch):
    add(panel, "Axial plane", "White matter")
    add(panel, "Coronal plane", "Grey matter")
    panel.copy_button.click()
    copied = QApplication.clipboard().text().splitlines()
    assert copied[0].startswith("# ICBM152 brain, ")
    assert "SYNTHETIC" in copied[1]
    assert copied[4].split("\t")[:3] == ["region", "what", "voxels"]
    path = tmp_path / "numbers"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))
    panel.save_button.click()
    lines = (tmp_path / "numbers.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines[4:7]))
    assert [r["region"] for r in rows] == ["A", "B"]
    assert float(rows[0]["signal mean"]) == pytest.approx(float(row(panel)[2].split(" ±")[0]), abs=5e-5)
    path = tmp_path / "numbers.csv" / "folder.csv"
    panel.save_button.click()
    assert "could not be written" in window.banner.text


def test_an_empty_panel_says_what_to_do(window, panel):
    assert "Draw a region" in panel.contrast.text()
    assert panel.plots.texts == ["", ""]
    for button in (panel.copy_button, panel.save_button, panel.remove_button):
        assert not button.isEnabled()


@pytest.mark.parametrize("side", SidePanel)
def test_planes_are_equally_wide_whatever_stands_beside_them(window, side):
    window.resize(1240, 640)
    window.session.lesson_player.open("")
    window.session.show_panels(side=side)
    QApplication.processEvents()
    axial, sagittal = (window.planes.views[name].width() for name in ("axial", "sagittal"))
    assert abs(axial - sagittal) <= 1


def test_drawing_shows_the_measurements(window):
    window.session.show_panels(side="histograms")
    choose_tool(window, "Ellipse")
    view = window.planes.views["axial"]
    x, y = middle(view)
    drag(view, (x - 20, y - 20), (x + 20, y + 20))
    assert window.session.state.panels.side == "measure"
    assert window.side.panel("measure").isVisible()


def test_regions_are_in_pictures_and_in_every_pane_of_their_plane(window, panel):
    session = window.session
    before = figure.figure(session.scene, session.state, "axial")
    add(panel, "Axial plane", "Ellipse at the crosshair")
    assert figure.figure(session.scene, session.state, "axial") != before
    view = window.planes.views["axial"]
    assert [shape.text for shape in view._look.shapes] == ["A"]
    assert not window.planes.views["coronal"]._look.shapes
    session.step("axial", 0, 0, 1)
    assert not view._look.shapes
    session.step("axial", 0, 0, -1)
    shapes = view._look.shapes
    session.set_value("ti", 0.9)
    assert view._look.shapes[0] is shapes[0], "a slider does not make outlines anew"
    column, line = view._rendered_slice.cursor
    at = to_screen(view._rendered_slice, view.rect().toRectF(), view._look.scale, (column, line))
    shown = to_screen(view._rendered_slice, view.rect().toRectF(), view._look.scale, shapes[0].tag)
    assert (shown.x(), at.y() - shown.y()) == pytest.approx((at.x(), 5 * view._look.scale), abs=0.5)


def test_themes_dress_the_plots(window, panel):
    window.session.show_appearance(theme="light")
    assert panel.plots._view.backgroundBrush().color().lightness() > 200
    window.session.show_appearance(theme="dark")


def test_every_control_has_a_name(panel):
    for button in (*panel.findChildren(QToolButton), panel.copy_button, panel.save_button, panel.remove_button):
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    for field in (
        panel.extent.first,
        panel.extent.second,
        panel.range.first,
        panel.range.second,
        panel.line.start,
        panel.line.end,
    ):
        assert field.accessibleName()
