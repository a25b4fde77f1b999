"""The window, driven as a person would: mouse, keys, typing, dropping; the state and the read-outs answer."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import T1, values, write
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLabel, QLineEdit, QSlider

from mriexplorer.physics import SEQUENCES
from mriexplorer.places import settings_file
from mriexplorer.ui.planes.mouse import BINDINGS, bindings
from mriexplorer.ui.widgets.parameter_slider import typed_value
from mriexplorer.ui.window.application import _telling, open_window
from mriexplorer.ui.window.settings import UserSettings
from mriexplorer.ui.window.tour import tour
from mriexplorer.view.state import State

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(shown):
    """The window on the built-in brain, with histograms."""
    return shown(State())


def drag(widget, start, end, button=LEFT, modifiers=NONE):
    """Press, move in steps, release."""
    steps = [(QEvent.Type.MouseButtonPress, start)]
    steps += [(QEvent.Type.MouseMove, tuple(s + (e - s) * f / 4 for s, e in zip(start, end, strict=True))) for f in range(1, 5)]
    steps += [(QEvent.Type.MouseButtonRelease, end)]
    for kind, place in steps:
        at = QPointF(*place)
        QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), button, button, modifiers))


def drop(window, *paths):
    """Drop files on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy = Qt.DropAction.CopyAction
    window.dropEvent(QDropEvent(QPointF(300, 300), copy, mime, LEFT, NONE))


def test_the_first_window_shows_three_planes_and_says_what_it_is(window):
    image = window.grab().toImage()
    for view in window.planes.views.values():
        middle = view.mapTo(window, view.rect().center())
        around = [image.pixelColor(middle + QPoint(dx, dy)).lightness() for dx in (-60, 20, 60) for dy in (-50, 40)]
        assert max(around) > 60, f"nothing is painted in the {view.name} plane"
    assert "SYNTHETIC · not for diagnosis" in window.readout.text
    assert "T1 1420 ms" in window.readout.text
    assert window.windowTitle() == "ICBM152 brain – mriexplorer"


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_sliders_come_from_the_table(sequence, window):
    window.session.choose_sequence(sequence)
    window.session.show_panels(expert=True)
    shown = [name for name, slider in window.contrast._sliders.items() if not slider.isHidden()]
    assert shown == [p.name for p in SEQUENCES[sequence].parameters]


def test_a_slider_moves_the_image_at_once(window):
    track = window.contrast._sliders["ti"]._track
    before = window.planes.views["axial"].grab().toImage()
    drag(track, (track.width() * track.notch, 10), (track.width() * 0.63, 10))
    assert window.session.state.protocol.values["ti"] != 1.0
    assert window.planes.views["axial"].grab().toImage() != before
    window.session.store.undo()
    assert window.session.state.protocol.values["ti"] == 1.0


def test_values_can_be_typed_with_and_without_unit(window):
    field = window.contrast._sliders["ti"]._field
    for text, expected in (("900", 0.9), ("0.95 s", 0.95), ("880ms", 0.88), ("1,02s", 1.02)):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert window.session.state.protocol.values["ti"] == pytest.approx(expected)
    field.selectAll()
    QTest.keyClicks(field, "nonsense")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.session.state.protocol.values["ti"] == pytest.approx(1.02)
    assert field.text() == "1020"


def test_arrow_keys_and_double_click_of_a_slider(window):
    track = window.contrast._sliders["ti"]._track
    QTest.keyClick(track, Qt.Key.Key_Right)
    assert window.session.state.protocol.values["ti"] > 1.0
    QTest.mouseDClick(track, LEFT, pos=QPoint(30, 10))
    assert window.session.state.protocol.values["ti"] == 1.0


def test_an_impossible_protocol_is_said_at_the_slider(window):
    window.session.set_value("tr", 0.9)
    slider = window.contrast._sliders["ti"]
    assert slider._problem.text() == "TI must be shorter than TR"
    assert slider._track.alarmed
    assert window.contrast._sliders["tr"]._track.alarmed
    view = window.planes.views["axial"]
    image = view.grab().toImage()
    assert image.pixelColor(view.width() // 2 + 60, view.height() // 2 + 60).lightness() < 10, "no nonsense is painted"
    window.session.store.undo()
    assert slider._problem.text() == ""


def test_the_mouse_in_a_plane(window):
    view, session = window.planes.views["axial"], window.session
    drag(view, (200, 150), (240, 180))
    assert session.state.display.cursor is not None
    before = session.state.window()
    drag(view, (200, 150), (240, 150), RIGHT)
    assert session.state.window()[1] - session.state.window()[0] > before[1] - before[0]
    before = session.state.protocol.values
    drag(view, (200, 150), (210, 150), LEFT, SHIFT)
    assert session.state.protocol.values["tr"] > before["tr"]
    drag(view, (200, 150), (230, 170), MIDDLE)
    assert session.state.display.centre is not None
    before = session.scene.voxel(session.state)
    wheel(view, 120, NONE)
    assert session.scene.voxel(session.state)[2] == before[2] + 1
    wheel(view, 240, CTRL)
    assert session.state.display.zoom > 1
    QTest.mouseDClick(view, LEFT, pos=QPoint(100, 100))
    assert session.state.display.layout == "axial"
    assert window.planes.views["sagittal"].isHidden()


def wheel(view, angle, modifiers):
    at = QPointF(view.rect().center())
    phase = Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        view,
        QWheelEvent(at, view.mapToGlobal(at), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton, modifiers, phase, False),
    )


def test_what_is_under_the_pointer_is_read_out(window):
    view = window.planes.views["axial"]
    QTest.mouseMove(view, QPoint(view.width() // 2 + 40, view.height() // 2))
    view.hovered.emit(view, (78.0, 90.0))
    hovered = window.readout.text
    view.hovered.emit(view, None)
    assert window.readout.text != hovered


def test_keys_of_planes_and_menus(window):
    session, view = window.session, window.planes.views["coronal"]
    before = session.scene.voxel(session.state)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert session.scene.voxel(session.state) == (before[0], before[1] + 1, before[2] + 1)
    actions = {action.text().replace("&", ""): action for action in window.menus.all}
    actions["T2 map"].trigger()
    assert session.state.view == "t2"
    actions["Radiological (patient's left on the right)"].trigger()
    assert session.state.display.convention == "neurological"
    actions["Undo"].trigger()
    assert session.state.display.convention == "radiological"
    actions["Dark theme"].trigger()
    assert session.state.appearance.theme == "light"
    actions["Dark theme"].trigger()


def test_a_folder_is_dropped_and_its_histograms_and_record_are_shown(window, head, qtbot):
    folder = head("bids/sub-01/anat", "sub-01_")
    root = folder.parents[1]
    (root / "participants.tsv").write_text("participant_id\tage\tsex\nsub-01\t63\tF\n")
    drop(window, root)
    qtbot.waitUntil(lambda: window.session.state.source.paths != (), timeout=20_000)
    texts = {label.text() for label in window.attributes.findChildren(QLabel)}
    assert {"Age", "63", "Sex", "F"} <= texts
    title = window.side.panel("histograms").texts["t1"]
    assert "median 840" in title or "median 1420" in title
    assert "TISSUE MAP" not in window.readout.text
    assert "SYNTHETIC" in window.readout.text
    assert not window.top._field.isEnabled()


def test_a_missing_map_is_noticed(window, head, qtbot):
    drop(window, head(PDmap=None))
    qtbot.waitUntil(lambda: "PD map" in window.banner.text, timeout=20_000)
    assert not window.banner.isHidden()


def test_a_bad_file_leaves_what_was_open(window, tmp_path, qtbot):
    bad = tmp_path / "T1map.nii.gz"
    bad.write_text("no image")
    before = window.session.state
    drop(window, bad)
    qtbot.waitUntil(lambda: "not a readable NIfTI" in window.banner.text, timeout=20_000)
    assert window.session.state == before
    assert window.session.scene.subject.name == "ICBM152 brain"
    assert window.banner.property("kind") == "severe"


@pytest.mark.parametrize("bad", [-values(T1), np.zeros((9, 9, 9), np.float32), np.full((9, 9, 9), np.nan, np.float32)])
def test_bad_maps_leave_what_was_open(bad, window, tmp_path, qtbot):
    path = write(tmp_path / "T1map.nii.gz", bad)
    drop(window, path)
    qtbot.waitUntil(lambda: str(path) in window.banner.text, timeout=20_000)
    assert window.session.scene.subject.name == "ICBM152 brain"


def test_a_unit_can_be_changed_in_the_window(window, head, qtbot):
    drop(window, head())
    qtbot.waitUntil(lambda: window.session.state.source.paths != (), timeout=20_000)
    box = next(b for b in window.maps.findChildren(QComboBox) if "PDmap" in b.accessibleName())
    box.setCurrentText("%")
    box.textActivated.emit("%")
    qtbot.waitUntil(lambda: dict(window.session.state.source.units).get("pd") == "%", timeout=20_000)


def test_an_error_that_nobody_foresaw_is_said_and_the_window_lives(window, qtbot, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("of the test")

    window.session.choose_view("t1")
    monkeypatch.setattr("mriexplorer.ui.panels.display_panel.colours", broken)
    with qtbot.captureExceptions() as found:
        window.resize(window.width() + 8, window.height())
        qtbot.wait(50)
    assert "of the test" in str(found[0][1])
    _telling(window)(*found[0])
    assert "Something unforeseen happened: ZeroDivisionError" in window.banner.text
    found.clear()  # tracebacks hold the window, also the one that was printed last
    for name in ("last_type", "last_value", "last_traceback"):
        vars(sys).pop(name, None)
    monkeypatch.undo()
    window.session.choose_view("signal")


@pytest.mark.parametrize(
    ("text", "name", "times", "wanted"),
    [
        ("8 ", "flip", "ms", 8.0),
        (" 8° ", "flip", "ms", 8.0),
        ("1,234", "readouts", "ms", 1234.0),
        ("1,500", "tr", "ms", 1.5),
        ("1,500", "tr", "s", 1.5),
        ("1500 ms", "tr", "s", 1.5),
        ("0,09 s", "te", "ms", 0.09),
        ("nan", "te", "ms", None),
        ("long", "te", "s", None),
        ("1e12", "te", "ms", None),
    ],
)
def test_what_is_typed_is_read_in_its_unit(text, name, times, wanted):
    assert typed_value(text, SEQUENCES["mprage"].parameter(name), times) == wanted


SETTINGS = (
    "",
    "[mouse]\nCtrl%20+%20drag=a, b\n[General]\nrecent=@Variant(PySide::PyObjectWrapper)",
    "[]",
    "{" * 100_000,
    '{"theme": [], "layout": {}, "convention": 7, "smooth": "true", "geometry": 5, "recent": "x", "mouse": [], "device": {}}',
    '{"theme": "pink", "geometry": "AAAA", "recent": [5, null, "\\u0000", "'
    + "x" * 5000
    + '", ""], "mouse": {"Ctrl + drag": []}}',
    '{"geometry": "AdnQywADAAAAAAAAAAAAAAAA", "mouse": {"Ctrl + drag": "explode", "Fly": "pan"}, "wheel_zooms": 1}',
)


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_that_make_no_sense_are_passed_over(text, qtbot):
    settings_file().write_text(text)
    settings = UserSettings()
    assert settings.applied(State()) == State()
    assert (settings.recent, settings.device, settings.wheel_zooms) == ([], None, False)
    assert bindings(settings.mouse) == BINDINGS
    made = open_window(settings.applied(State()), settings)
    qtbot.addWidget(made)
    made.close()
    assert UserSettings().applied(State()) == State()
    settings_file().unlink()


def test_settings_outlive_a_file_that_was_damaged_meanwhile(tmp_path):
    settings, other = UserSettings(), UserSettings()
    settings.wheel_zooms = True
    for path in ("a", "b"):
        (tmp_path / path).mkdir()
    settings.add_recent(tmp_path / "a")
    other.add_recent(tmp_path / "b")
    assert UserSettings().recent == [tmp_path / "b", tmp_path / "a"], "another window's are kept"
    settings_file().write_text("{")
    settings.device = "cpu"
    again = UserSettings()
    assert (again.wheel_zooms, again.device, again.recent) == (True, "cpu", [tmp_path / "a"])
    settings_file().unlink()


def test_settings_that_cannot_be_read_or_written_stop_nothing(tmp_path, monkeypatch):
    for make in (os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")):
        make(path := tmp_path / f"settings{len(list(tmp_path.iterdir()))}.json")
        monkeypatch.setattr("mriexplorer.ui.window.settings.settings_file", lambda path=path: path)
        settings = UserSettings()
        settings.wheel_zooms = True
        assert settings.wheel_zooms


def test_layout_theme_and_recent_files_are_remembered(head, qtbot):
    settings = UserSettings()
    first = open_window(settings.applied(State()), settings)
    qtbot.addWidget(first)
    first.session.show_appearance(theme="light")
    first.session.show(layout="coronal", convention="neurological")
    first.session.show_panels(expert=True)
    first.session.open([folder := head()])
    qtbot.waitUntil(lambda: first.session.state.source.paths != (), timeout=20_000)
    first.close()
    again = UserSettings()
    state = again.applied(State())
    assert (state.appearance.theme, state.display.layout, state.display.convention, state.panels.expert) == (
        "light",
        "coronal",
        "neurological",
        True,
    )
    assert again.recent == [folder]
    settings_file().unlink()


def test_every_control_has_a_name_and_every_action_a_place(window):
    kinds = (QAbstractButton, QComboBox, QLineEdit, QSlider)
    unnamed = [
        widget
        for kind in kinds
        for widget in window.findChildren(kind)
        if not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not widget.objectName().startswith("qt_")
    ]
    assert not unnamed
    shortcuts = [a.shortcut().toString() for a in window.findChildren(QAction) if not a.shortcut().isEmpty()]
    assert len(shortcuts) == len(set(shortcuts)), "a shortcut is given twice"


def test_the_help_card_lists_every_shortcut(window):
    next(a for a in window.menus.all if a.text() == "&Keys and mouse").trigger()
    card = next(d for d in window.findChildren(QDialog) if d.windowTitle() == "Keys and mouse")
    texts = {label.text() for label in card.findChildren(QLabel)}
    assert {"Undo", "Automatic window", "Right drag"} <= texts
    card.close()


def test_nothing_is_clipped_in_the_side_panel(window, qtbot):
    for sequence in SEQUENCES:
        window.session.choose_sequence(sequence)
        window.session.show_panels(expert=True)
        QApplication.processEvents()
        side = window.contrast.parentWidget()
        for widget in (*side.findChildren(QLabel), *side.findChildren(QAbstractButton)):
            wraps = isinstance(widget, QLabel) and (widget.wordWrap() or widget.objectName() == "problem")
            if widget.isVisible() and widget.text() and not wraps and widget not in window.display._views.values():
                assert widget.width() >= widget.sizeHint().width() - 1, widget.text()
        assert side.width() <= side.parentWidget().width()


def test_the_tour_writes_pictures(tmp_path):
    pictures = list(tour(tmp_path))
    assert len(pictures) == 18
    assert all(path.stat().st_size > 10_000 for path in pictures)


def test_states_are_drawn_whatever_they_are(window):
    """Every combination of what can be chosen paints without an error."""
    for layout in ("grid", "axial", "sagittal", "coronal"):
        for view in ("signal", "t1", "t2", "t2star", "pd"):
            state = window.session.state.with_display(layout=layout, zoom=3.0, smooth=False)
            window.session.change(state.with_contrast(view=view, magnitude=False))
            QApplication.processEvents()
