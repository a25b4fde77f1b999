"""Keeping and passing on, from the window: dialogs are filled in as a person would, files are read back."""

import re
import shlex
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pydicom
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QFileDialog, QLineEdit
from test_window import LEFT, RIGHT, SHIFT, drag, drop, wheel

from mriexplorer.cli import main
from mriexplorer.explain.why import why
from mriexplorer.export.export import export
from mriexplorer.export.request import Export, Planes
from mriexplorer.figures.figure import figure, painted, sheet
from mriexplorer.places import settings_file
from mriexplorer.render.scene import caption
from mriexplorer.subject.catalog import find
from mriexplorer.ui.dialogs.movie_dialog import MovieDialog
from mriexplorer.ui.dialogs.preferences import Preferences
from mriexplorer.ui.dialogs.scans_dialog import ScansDialog
from mriexplorer.ui.planes.mouse import ACTIONS
from mriexplorer.ui.side_panels.pulses import PulsePanel
from mriexplorer.ui.window import exporting
from mriexplorer.ui.window.application import open_window
from mriexplorer.ui.window.settings import UserSettings
from mriexplorer.view.command_line import command
from mriexplorer.view.display import Layout
from mriexplorer.view.session_file import write_session
from mriexplorer.view.source import Source
from mriexplorer.view.state import State
from mriexplorer.view.sweep import possible_range


@pytest.fixture
def window(qtbot):
    """The window on the built-in brain."""
    made = open_window(State())
    qtbot.addWidget(made)
    made.session.gallery.sampler.devices = lambda: ("cuda", "cpu")
    qtbot.waitExposed(made)
    QApplication.processEvents()
    yield made
    made.close()


@pytest.fixture
def answer(monkeypatch):
    """What the next file dialogs answer."""

    def say(path):
        for name in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, name, staticmethod(lambda *_arguments: (str(path), "")))
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_arguments: str(path)))

    return say


def act(window, text):
    """Choose from the menu."""
    next(a for a in window.menus.all if a.text().replace("&", "") == text).trigger()
    QApplication.processEvents()


def dialog(window):
    """The dialog that is open."""
    every = window.findChildren(QDialog)
    shown = [one for one in every if one.isVisible()]
    assert shown, f"no dialog is open of {every}; said was {window.banner.text!r}; {window.session.state}"
    return shown[0]


def small(window, head, qtbot):
    """The small head, which is written fast."""
    drop(window, head())
    qtbot.waitUntil(lambda: window.session.state.source.paths != (), timeout=20_000)


def saved(window, qtbot):
    """Wait until something was written."""
    qtbot.waitUntil(lambda: window.banner.text.startswith("Saved"), timeout=20_000)


# -- sessions --------------------------------------------------------------------------------------------------


def test_a_session_is_saved_and_opens_the_same(window, head, tmp_path, answer, qtbot):
    small(window, head, qtbot)
    session = window.session
    session.choose_sequence("flair")
    session.set_value("ti", 2.2)
    session.drag_window(0.1, 0.1)
    session.show(layout="sagittal", convention="neurological", smooth=False)
    session.step("axial", 2, 1, 3)
    session.zoom(1.5)
    kept = session.state
    answer(tmp_path / "mine")
    act(window, "Save session…")
    assert "mine.mriexplorer" in window.banner.text
    session.open([])
    qtbot.waitUntil(lambda: session.state.source.paths == (), timeout=20_000)
    session.show_appearance(theme="light")
    drop(window, tmp_path / "mine.mriexplorer")
    qtbot.waitUntil(lambda: session.state.source.paths != (), timeout=20_000)
    assert session.state == kept.with_appearance(theme="light")
    assert not window.planes.views["sagittal"].isHidden()
    assert window.planes.views["axial"].isHidden()
    session.show_appearance(theme="dark")
    act(window, "Undo")
    act(window, "Undo")
    qtbot.waitUntil(lambda: session.scene.subject.name == "ICBM152 brain", timeout=20_000)


def test_a_session_that_cannot_be_opened_changes_nothing(window, tmp_path, answer):
    before = window.session.state
    bad = tmp_path / "bad.mriexplorer"
    bad.write_text("{}")
    answer(bad)
    act(window, "Open session…")
    assert "is not a session" in window.banner.text
    assert window.banner.property("kind") == "severe"
    assert window.session.state == before


def test_the_command_line_is_copied_and_gives_what_is_shown(window, tmp_path):
    window.session.choose_sequence("tse")
    window.session.set_value("te", 0.0731)
    window.session.show(layout="axial")
    act(window, "Copy as command line")
    line = QApplication.clipboard().text()
    assert "--sequence tse --te 73.1 " in line
    out = tmp_path / "it.png"
    assert main([*shlex.split(line)[1:-1], str(out)]) == 0
    expected = figure(window.session.scene, window.session.state, "axial")
    assert QImage(str(out)).convertToFormat(QImage.Format.Format_RGB32) == expected


# -- figures ---------------------------------------------------------------------------------------------------


def test_a_figure_is_exported_as_chosen(window, tmp_path, answer, qtbot):
    act(window, "Export figure…")
    form = dialog(window)
    boxes = {box.accessibleName(): box for box in form.findChildren(QComboBox)}
    boxes["Planes"].setCurrentText("Coronal")
    boxes["Width"].setCurrentText("85 mm, one column")
    boxes["Resolution"].setCurrentText("600 dots an inch")
    width = round(85 / 25.4 * 600)
    assert re.match(rf"{width - 4}|{width - 3}|{width - 2}|{width - 1}|{width}|{width + 1}|{width + 2}", form.said)
    told = form.said
    answer(tmp_path / "figure")
    form.accept()
    saved(window, qtbot)
    image = QImage(str(tmp_path / "figure.png"))
    assert f"{image.width()} × {image.height()} pixels" in told
    assert image.dotsPerMeterX() == pytest.approx(600 / 0.0254, abs=1)
    assert "SYNTHETIC" in image.text("Description")


def test_several_planes_in_one_column_are_refused_in_words(window):
    act(window, "Export figure…")
    form = dialog(window)
    next(b for b in form.findChildren(QComboBox) if b.accessibleName() == "Width").setCurrentIndex(0)
    assert "do not fit into one column" in form.said
    assert not form.button.isEnabled()
    form.reject()


def test_texts_of_an_svg_are_texts_and_planes_are_rasters(window, tmp_path):
    scene, state = window.session.scene, window.session.state
    export(scene, state.with_display(zoom=2.0), Export(tmp_path / "f.svg", planes=Planes.ALL))
    root = ElementTree.parse(tmp_path / "f.svg").getroot()
    names = [element.tag.split("}")[1] for element in root.iter()]
    texts = " ".join(element.text.strip() for element in root.iter() if element.tag.endswith("}text") and element.text)
    assert names.count("image") == 3
    for part in ("SYNTHETIC · not for diagnosis", "MPRAGE · TE 3.2 · TR 2400 · TI 1000 ms", "Axial", "R", "L", "A", "P", "cm"):
        assert part in texts
    assert "SYNTHETIC" in root.find("{*}desc").text
    box = [float(v) for v in root.get("viewBox").split()]
    for image in root.iter("{http://www.w3.org/2000/svg}image"):
        assert float(image.get("width")) < box[2] / 2, "what is zoomed out of the plane is left out"


def test_a_finer_figure_is_the_same_figure(window):
    scene, state = window.session.scene, window.session.state
    drawn = sheet(scene, state, "axial")
    coarse, fine = painted(drawn, 96), painted(drawn, 192)
    assert (fine.width(), fine.height()) == (2 * coarse.width(), 2 * coarse.height())
    again = fine.scaled(coarse.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    apart = np.abs(greys(again) - greys(coarse))
    assert apart.mean() < 3


def greys(image):
    """The picture as numbers."""
    image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    whole = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return whole[:, : image.width()].astype(float)


def test_planes_are_saved_whatever_is_beside_them(window, tmp_path, answer, qtbot):
    for layout in ("side panel", "compare"):
        window.session.show(layout=Layout(layout))
        answer(tmp_path / f"{layout}.png")
        act(window, "Save planes as picture…")
        saved(window, qtbot)
        window.banner.hide()
        assert QImage(str(tmp_path / f"{layout}.png")).width() > 1000


# -- movies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["GIF", "PNG, animated"])
def test_a_movie_is_filled_in_and_written(kind, window, head, tmp_path, answer, qtbot):
    small(window, head, qtbot)
    window.session.choose_sequence("flair")
    window.session.show(crosshair=False)
    act(window, "Export movie…")
    form = dialog(window)
    boxes = {box.accessibleName(): box for box in form.findChildren(QComboBox)}
    fields = {field.accessibleName(): field for field in form.findChildren(QLineEdit)}
    assert boxes["Parameter"].currentText() == "TI (ms)"
    for name, text in (("From", "0.3 s"), ("To", "4000 ms"), ("Frames", "7"), ("Frames a second", "5")):
        fields[name].setText(text)
    boxes["Planes"].setCurrentText("Axial")
    boxes["Format"].setCurrentText(kind)
    assert "1.4 s" in form.said
    answer(tmp_path / "movie")
    form.accept()
    saved(window, qtbot)
    path = next(tmp_path.glob("movie.*"))
    state = window.session.state.with_values(ti=4.0)
    still = greys(painted(sheet(window.session.scene, state, "axial", 600, "TI 4000 ms")))
    with Image.open(path) as film:
        assert film.n_frames == 7
        assert film.info["duration"] == 200
        film.seek(6)
        assert np.array_equal(np.asarray(film.convert("L"), float), still), "256 greys, nothing is lost"
    assert window.session.state.protocol.values["ti"] != 4.0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("From", "much", "Type two numbers"), ("To", "99999", "TI must lie between"), ("Frames", "1", "2 to 1000 frames"),
     ("Frames a second", "", "how many a second"), ("Frames a second", "900", "1 to 60")],
)  # fmt: skip
def test_a_movie_that_cannot_be_is_said_in_words(name, text, said, window):
    act(window, "Export movie…")
    form = dialog(window)
    next(f for f in form.findChildren(QLineEdit) if f.accessibleName() == name).setText(text)
    assert said in form.said
    assert not form.button.isEnabled()
    form.reject()


def test_a_movie_is_stopped_and_nothing_is_left(window, tmp_path, answer, qtbot):
    window.session.choose_sequence("se")
    act(window, "Export movie…")
    form = dialog(window)
    next(f for f in form.findChildren(QLineEdit) if f.accessibleName() == "Frames").setText("900")
    next(b for b in form.findChildren(QComboBox) if b.accessibleName() == "Longest side of a plane").setCurrentIndex(0)
    answer(tmp_path / "movie.gif")
    form.accept()
    working = window.sharing.exporting._working
    qtbot.waitUntil(working.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: "frame" in working._text.text(), timeout=20_000)
    working.reject()
    assert "was stopped" in window.banner.text
    window.sharing.close()
    assert not list(tmp_path.iterdir())


def test_a_map_does_not_move(window):
    window.session.choose_view("t1")
    act(window, "Export movie…")
    assert "Only the signal changes" in window.banner.text
    assert not [one for one in window.findChildren(QDialog) if one.isVisible()]


# -- volumes ---------------------------------------------------------------------------------------------------


def test_a_dicom_series_is_exported_with_the_window_of_the_screen(window, head, tmp_path, answer, qtbot):
    small(window, head, qtbot)
    window.session.set_window(0.02, 0.2)
    out = tmp_path / "out"
    answer(out)
    act(window, "Export as DICOM series…")
    saved(window, qtbot)
    (folder,) = out.iterdir()
    one = pydicom.dcmread(sorted(folder.iterdir())[9])
    assert (float(one.WindowCenter), float(one.WindowWidth)) == pytest.approx((110.5, 181))
    assert one.PatientID == "head"


def test_a_bids_derivative_is_exported_and_a_raw_dataset_refused(window, head, tmp_path, answer, qtbot):
    small(window, head, qtbot)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.10.0"}')
    answer(raw)
    act(window, "Export as BIDS derivative…")
    qtbot.waitUntil(lambda: "acquired images" in window.banner.text, timeout=20_000)
    assert len(list(raw.iterdir())) == 1
    answer(raw / "derivatives")
    act(window, "Export as BIDS derivative…")
    saved(window, qtbot)
    assert (raw / "derivatives" / "dataset_description.json").is_file()
    assert list((raw / "derivatives" / "sub-head" / "anat").glob("*_desc-synthetic_T1w.nii.gz"))


def test_an_impossible_protocol_is_not_exported(window):
    window.session.set_value("tr", 0.9)
    for text in ("Export as DICOM series…", "Export as BIDS derivative…", "Export synthetic image as NIfTI…"):
        window.banner.hide()
        act(window, text)
        assert "MPRAGE cannot be run so: " in window.banner.text


def test_a_dropped_dicom_folder_is_read_and_offered(window, head, tmp_path, qtbot):
    small(window, head, qtbot)
    scene, state = window.session.scene, window.session.state
    folder = export(scene, state, Export(tmp_path / "series", "dicom"))
    before = window.session.state
    drop(window, folder)
    qtbot.waitUntil(lambda: bool(window.findChildren(ScansDialog)), timeout=30_000)
    offered = window.findChild(ScansDialog)
    assert offered._rows[0].kind.currentText() == "T1w"
    assert offered._rows[0].fields["tr"].text() == "2400"
    offered.reject()
    assert window.session.state == before, "nothing is opened before it is asked for"


# -- preferences -----------------------------------------------------------------------------------------------


def preferences(window, qtbot):
    """The dialog, once it knows of devices and cache."""
    act(window, "Preferences…")
    made = window.findChild(Preferences)
    qtbot.waitUntil(lambda: made.cache.text() != "looking …", timeout=20_000)
    return made


def choose(chooser, text):
    """As by the mouse."""
    chooser.setCurrentText(text)
    chooser.activated.emit(chooser.currentIndex())


def test_display_is_set_in_the_preferences(window, qtbot):
    made = preferences(window, qtbot)
    choose(made.convention, made.convention.itemText(1))
    choose(made.theme, "Light")
    made.smooth.click()
    state = window.session.state
    assert (state.display.convention, state.appearance.theme, state.display.smooth) == ("neurological", "light", False)
    choose(made.theme, "Dark")
    choose(made.device, "CUDA")
    assert window.session.gallery.sampler.device == "cuda"
    choose(made.device, "the best there is")
    assert window.session.gallery.sampler.device is None
    choose(made.precision, "float32")
    assert window.session.gallery.sampler.precision == "float32"
    made.reject()


def test_times_are_read_in_seconds_where_that_is_preferred(window, qtbot, tmp_path):
    session = window.session
    session.choose_sequence("tse")
    session.show_panels(expert=False, side="pulses")
    session.show(cursor=(27.0, -20.0, 30.0))
    before, line = session.state.protocol.values, command(session.state)
    made = preferences(window, qtbot)
    choose(made.times, "Seconds")
    made.reject()
    assert (session.state.protocol.values, command(session.state)) == (before, line)
    field = next(f for f in window.contrast.findChildren(QLineEdit) if f.accessibleName() == "Repetition time, typed")
    assert field.text() == f"{before['tr']:.3f}"
    assert "T1 0.843 s" in window.readout.text
    assert f"TR {before['tr']:.3f} s" in caption(session.state)
    assert f"TR {before['tr']:.3f} s" in window.findChild(PulsePanel).text
    assert "T2 is 0.070 s" in why(session.scene, session.state).text
    for typed, wanted in (("3", 3.0), ("2500 ms", 2.5), ("2,2 s", 2.2), ("1,420", 1.42), ("3,100 ms", 3.1)):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, typed)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert session.state.protocol.values["tr"] == pytest.approx(wanted)
    assert '"times"' not in write_session(session.state, tmp_path / "a.mriexplorer").read_text()
    session.choose_view("t1")
    low, high = (f for f in window.display.findChildren(QLineEdit) if f.accessibleName().startswith("Window, "))
    for end, typed in ((low, "0,5"), (high, "1800 ms")):
        end.setFocus()
        end.selectAll()
        QTest.keyClicks(end, typed)
        QTest.keyClick(end, Qt.Key.Key_Return)
    assert session.state.window() == pytest.approx((0.5, 1.8))
    session.choose_view("signal")
    session.show_appearance(times="ms")
    assert "T1 843 ms" in window.readout.text


def test_the_mouse_is_bound_anew_and_back(window, qtbot):
    made, view, session = preferences(window, qtbot), window.planes.views["axial"], window.session
    choose(made.gestures["Right drag"], ACTIONS["pan"])
    choose(made.gestures["Shift + drag"], "nothing")
    choose(made.wheel, "zoom")
    before = session.state
    drag(view, (200, 150), (230, 170), RIGHT)
    assert session.state.display.centre is not None
    assert session.state.window() == before.window()
    drag(view, (200, 150), (230, 170), LEFT, SHIFT)
    assert session.state.protocol == before.protocol
    wheel(view, 120, Qt.KeyboardModifier.NoModifier)
    assert session.state.display.zoom > 1
    made.reset.click()
    assert made.gestures["Right drag"].currentText() == ACTIONS["window"]
    drag(view, (200, 150), (230, 150), RIGHT)
    assert session.state.window() != before.window()
    made.reject()


def test_preferences_are_remembered(qtbot):
    settings = UserSettings()
    first = open_window(State(), settings)
    qtbot.addWidget(first)
    first.session.gallery.sampler.devices = lambda: ("cuda", "cpu")
    made = preferences(first, qtbot)
    choose(made.gestures["Middle drag"], ACTIONS["window"])
    choose(made.wheel, "zoom")
    choose(made.device, "CPU")
    choose(made.precision, "bfloat16")
    choose(made.times, "Seconds")
    made.reject()
    first.close()
    again = open_window(State(), UserSettings())
    qtbot.addWidget(again)
    bound = {binding.gesture: binding.action for binding in again.bindings}
    assert (bound["Middle drag"], bound["Right drag"], again.wheel_zooms) == ("window", "window", True)
    assert again.planes.views["coronal"].wheel_zooms
    assert again.session.gallery.sampler.device == "cpu"
    assert again.session.gallery.sampler.precision == "bfloat16"
    assert UserSettings().applied(State()).appearance.times == "s"
    again.close()
    settings_file().unlink()


def test_the_cache_is_emptied_but_for_what_is_open(window, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr("mriexplorer.session.cache.cache_folder", lambda: tmp_path)
    for name in ("encoded/one", "encoded/two", "brain"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "map.bin").write_bytes(bytes(2_000_000))
    window.session.store.change(replace(window.session.state, source=Source()))
    made = preferences(window, qtbot)
    assert made.cache.text() == "6 MB"
    window.session.store.state = replace(window.session.state, source=Source(paths=(str(tmp_path / "encoded" / "two"),)))
    made.empty.click()
    qtbot.waitUntil(lambda: made.cache.text() == "2 MB", timeout=20_000)
    assert [path.name for path in tmp_path.rglob("*")] == ["encoded", "two", "map.bin"]
    made.reject()


def test_controls_of_the_dialogs_have_names_and_room(window, qtbot):
    for text in ("Export figure…", "Export movie…", "Preferences…"):
        act(window, text)
        shown = dialog(window)
        QApplication.processEvents()
        assert shown.width() < 1240
        assert shown.height() < 700
        for widget in (*shown.findChildren(QAbstractButton), *shown.findChildren(QComboBox), *shown.findChildren(QLineEdit)):
            assert widget.accessibleName() or getattr(widget, "text", str)()
            assert widget.width() >= widget.minimumSizeHint().width()
        shown.reject()


def test_people_of_a_dataset_come_back_by_name(window, head, tmp_path, answer, qtbot):
    head("two", "sub-01_")
    folder = head("two", "sub-02_")
    assert len(find([folder]).entries) == 2
    drop(window, folder)
    qtbot.waitUntil(lambda: window.session.state.source.person == "sub-01", timeout=20_000)
    window.session.choose_person("sub-02")
    qtbot.waitUntil(lambda: window.session.state.source.person == "sub-02", timeout=20_000)
    answer(tmp_path / "s.mriexplorer")
    act(window, "Save session…")
    window.session.open([])
    qtbot.waitUntil(lambda: window.session.state.source.paths == (), timeout=20_000)
    act(window, "Open session…")
    qtbot.waitUntil(lambda: window.session.state.source.person == "sub-02", timeout=20_000)
    assert window.session.scene.subject.name == "sub-02"


def test_two_exports_at_once_are_refused(window):
    writing = window.sharing.exporting
    writing._working = exporting.ProgressDialog("x", window)
    writing._work("y", lambda _progress: None, lambda _result: None)
    assert "still being written" in window.banner.text
    writing._end()


def test_a_movie_is_first_offered_where_there_are_images(window):
    state = State()
    low, high = possible_range(state, state.sequence.parameter("ti"), 1 / 3, 3.0)
    assert not state.with_values(ti=low).problems and not state.with_values(ti=high).problems
    assert state.with_values(ti=0.98 * low).problems and state.with_values(ti=1.02 * high).problems
    impossible = state.with_values(tr=0.4)
    assert possible_range(impossible, state.sequence.parameter("ti"), 1 / 3, 3.0) == pytest.approx((1 / 3, 3.0))
    assert "no image" not in MovieDialog(window.session.scene, state)._summary()


def test_what_was_done_is_said_and_goes_away_by_itself(window, qtbot):
    window.banner._gone.setInterval(50)
    window.sharing.copy_command()
    assert window.banner.text
    qtbot.waitUntil(lambda: not window.banner.text)
    window.banner.say("It could not be done.", severe=True)
    qtbot.wait(120)
    assert window.banner.text
