"""Sampling in the window, driven as a person would: the button, sliders that the brain follows, the gallery, closing."""

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from mriexplorer.places import FOLDING, PEOPLE, models
from mriexplorer.session import sampler as module
from mriexplorer.ui.window.application import open_window
from mriexplorer.view.state import State

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((models() / name / "config.json").is_file() for name in (PEOPLE, FOLDING)),
        reason="the shipped models are not there",
    ),
]
LEFT = Qt.MouseButton.LeftButton
PATIENCE = 180_000  # ms


@pytest.fixture
def window(qtbot, same_people, monkeypatch):
    """The window; whole brains at 2 mm, so that they are quick."""
    monkeypatch.setattr(module, "VOXEL", 2)
    made = open_window(State())
    qtbot.addWidget(made)
    qtbot.waitExposed(made)
    yield made
    made.close()


def press(window, text):
    """A button by its text."""
    button = next(b for b in window.findChildren(QPushButton) if b.text() == text and b.isVisibleTo(window))
    QTest.mouseClick(button, LEFT)


def sampled(qtbot, window):
    """Press Sample and wait for the whole brain."""
    press(window, "Sample")
    qtbot.waitUntil(lambda: window.session.gallery.draft is None, timeout=PATIENCE)


def test_a_person_with_a_record_that_can_be_dragged(qtbot, window):
    assert window.gallery_panel.isHidden() and window.record.isHidden() and not window.attributes.isHidden()
    sampled(qtbot, window)
    assert "SYNTHETIC · not for diagnosis" in window.readout.text
    assert window.windowTitle().startswith("sub-sampled")
    assert window.gallery_panel.isVisible() and window.record.isVisible() and window.attributes.isHidden()
    row, gallery = window.record._rows["age"], window.session.gallery
    seed, before = window.session.state.source.recipe.seed, window.planes.views["axial"].grab().toImage()
    track = row._track
    at = QPoint(int(track.width() * 0.9), track.height() // 2)
    QTest.mousePress(track, LEFT, pos=at)
    assert gallery.draft is not None  # dragged: the state has not changed
    qtbot.waitUntil(lambda: float(gallery.record["age"]) == dict(gallery.draft.given)["age"], timeout=PATIENCE)
    assert window.planes.views["axial"].grab().toImage() != before
    QTest.mouseRelease(track, LEFT, pos=at)
    qtbot.waitUntil(lambda: gallery.draft is None, timeout=PATIENCE)
    given = dict(window.session.state.source.recipe.given)
    assert window.session.state.source.recipe.seed == seed and list(given) == ["age"] and given["age"] > 75
    assert row._lock.isChecked() and row._field.text() == f"{given['age']:.1f}"
    QTest.mouseClick(row._lock, LEFT)
    qtbot.waitUntil(lambda: window.session.state.source.recipe.given == () and gallery.draft is None, timeout=PATIENCE)
    assert not row._lock.isChecked()
    window.session.store.undo()
    assert dict(window.session.state.source.recipe.given) == given


def test_extrapolation_and_what_cannot_be(qtbot, window):
    sampled(qtbot, window)
    gallery, row = window.session.gallery, window.record._rows["age"]
    gallery.set_condition("age", 104.0, settled=True)
    qtbot.waitUntil(lambda: gallery.draft is None, timeout=PATIENCE)
    assert "Age 104 lies outside" in window.record._said.text() and row._track.alarmed
    before = window.session.state
    gallery.set_condition("age", 300.0, settled=True)
    qtbot.waitUntil(lambda: gallery.draft is None, timeout=PATIENCE)
    assert "Age cannot be 300" in window.banner.text
    assert window.session.state == before and row._field.text() == "104.0"


def test_the_gallery_shows_everybody_in_the_contrast(qtbot, window):
    sampled(qtbot, window)
    sampled(qtbot, window)
    panel, gallery = window.gallery_panel, window.session.gallery
    assert panel.list.count() == 2
    qtbot.waitUntil(lambda: not panel.list.item(0).icon().isNull(), timeout=5000)
    first = panel.list.item(0).icon().pixmap(84, 84).toImage()
    assert (
        first.width() > 40
        and max(first.pixelColor(first.width() // 2 + d, first.height() // 3).lightness() for d in range(9)) > 40
    )
    window.session.choose_sequence("flair")
    qtbot.waitUntil(lambda: panel.list.item(0).icon().pixmap(84, 84).toImage() != first, timeout=5000)
    item = panel.list.item(0)
    QTest.mouseClick(panel.list.viewport(), LEFT, pos=panel.list.visualItemRect(item).center())
    qtbot.waitUntil(
        lambda: window.session.state.source.recipe == gallery.members[0].recipe and gallery.draft is None, timeout=PATIENCE
    )
    press(window, "Keep ★")
    assert gallery.members[0].kept and "★" in panel.list.item(0).text()
    press(window, "Clear")
    assert len(gallery.members) == 1


def test_two_people_side_by_side_and_between(qtbot, window):
    sampled(qtbot, window)
    sampled(qtbot, window)
    panel, gallery = window.gallery_panel, window.session.gallery
    panel.list.setCurrentRow(0)
    press(window, "Compare")
    qtbot.waitUntil(lambda: window.session.state.source.beside is not None and gallery.draft is None, timeout=PATIENCE)
    assert window.session.state.display.layout == "compare"
    assert len({view.plane for view in window.planes.visible_views()}) == 1
    press(window, "Compare")
    qtbot.waitUntil(lambda: window.session.state.source.beside is None, timeout=PATIENCE)
    panel.list.setCurrentRow(0)
    press(window, "Blend")
    qtbot.waitUntil(lambda: window.session.state.source.recipe.other is not None and gallery.draft is None, timeout=PATIENCE)
    assert window.record._way.isVisible() and not window.record._rows["age"].isEnabled()


def test_export_writes_a_dataset(qtbot, window, tmp_path, monkeypatch):
    sampled(qtbot, window)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path / "out"))
    (tmp_path / "out").mkdir()
    press(window, "Export…")
    qtbot.waitUntil(lambda: "Saved" in window.banner.text, timeout=PATIENCE)
    name = window.session.scene.subject.name
    assert (tmp_path / "out" / name / "anat" / f"{name}_desc-synthetic_T1map.nii.gz").is_file()
    assert name in (tmp_path / "out" / "participants.tsv").read_text()


def test_attributes_are_estimated_from_an_open_brain(qtbot, window):
    press(window, "Estimate from the brain")
    qtbot.waitUntil(lambda: window.attributes._estimates is not None, timeout=PATIENCE)
    assert "not for diagnosis" in window.attributes._said.text()


def test_closing_while_sampling_leaves_no_thread(qtbot, window):
    press(window, "Sample")
    QApplication.processEvents()
    window.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mriexplorer-job")]


def test_cancel_brings_back_what_was_open(qtbot, window):
    before = window.session.scene
    press(window, "Sample")
    qtbot.waitUntil(lambda: window.banner.is_working, timeout=PATIENCE)
    press(window, "Cancel")
    qtbot.waitUntil(lambda: window.session.scene is before, timeout=PATIENCE)
    assert window.session.gallery.draft is None and window.session.state.source.recipe is None
