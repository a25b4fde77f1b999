"""Best contrast and noise in the window: choices, clicks, typing; the state answers, and undo goes back."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mriexplorer.measure.contrast_question import question
from mriexplorer.measure.masks import RoiVoxels
from mriexplorer.physics import SEQUENCES, Protocol
from mriexplorer.physics.best import Question, Sample, best, spaced
from mriexplorer.physics.lookup import Voxels
from mriexplorer.ui.side_panels.contrast_map import place, ticks, value
from mriexplorer.view.contrast_search import HERE, ContrastSearch
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(shown):
    """The window with the panel beside the planes."""
    return shown(State().with_panels(side="search"))


def choose(chooser, name):
    """As a person would: the entry of that name."""
    chooser.setCurrentIndex(chooser.findData(name))
    chooser.activated.emit(chooser.currentIndex())
    QApplication.processEvents()


def type_into(field, text):
    """Replace what a field says."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_going_to_the_best_sets_both_parameters_in_one_step(window):
    panel, before = window.side.panel("search"), window.session.state
    assert "CNR per √time" in panel._said.text()
    panel._go.click()
    QApplication.processEvents()
    moved = {name for name, v in window.session.state.protocol.values.items() if v != before.protocol[name]}
    assert moved == {"tr", "ti"}
    assert "CNR per √time ×1.00 of now" in panel._said.text()
    window.session.store.undo()
    assert window.session.state == before


def test_a_click_on_the_map_goes_there(window):
    panel, session = window.side.panel("search"), window.session
    view, box = panel.map._view, panel.map._plot.getViewBox()
    before = session.state
    at = view.mapFromScene(box.mapViewToScene(box.viewRect().center()))
    QTest.mouseClick(view.viewport(), LEFT, pos=at)
    QApplication.processEvents()
    tr, ti = (session.state.protocol.values[name] for name in ("tr", "ti"))
    centre = box.viewRect().center()
    assert (np.log10(tr * 1000), np.log10(ti * 1000)) == pytest.approx((centre.x(), centre.y()), abs=0.02)
    session.store.undo()
    assert session.state == before
    QTest.mouseClick(view.viewport(), LEFT, pos=QPoint(2, 2))  # on the axis
    assert session.state == before


def test_choices_are_of_the_state_and_can_be_undone(window):
    panel, session = window.side.panel("search"), window.session
    choose(panel._tissues[1], "csf")
    assert session.state.panels.search.b == "csf"
    choose(panel._axes[0]._which, "ti")
    assert [p.name for p in session.state.panels.search.axes(session.state.sequence)] == ["ti", "tr"], "they change places"
    choose(panel._axes[1]._which, "flip")
    assert [p.name for p in session.state.panels.search.axes(session.state.sequence)] == ["ti", "flip"]
    session.choose_sequence("tse")
    assert [p.name for p in session.state.panels.search.axes(session.state.sequence)] == ["tr", "te"]
    session.store.undo()
    session.store.undo()
    assert [p.name for p in session.state.panels.search.axes(session.state.sequence)] == ["ti", "tr"]


def test_limits_can_be_typed_and_nonsense_changes_nothing(window):
    panel, session = window.side.panel("search"), window.session
    type_into(panel._axes[0]._high, "3000")
    assert session.state.panels.search.limits_of(session.state.sequence.parameter("tr")) == (0.3, 3.0)
    before = session.state
    for text in ("100", "much", "-4"):
        type_into(panel._axes[0]._high, text)
        assert session.state == before
    assert panel._axes[0]._high.text() == "3000"
    panel._go.click()
    assert session.state.protocol.values["tr"] <= 3.0


def test_the_map_follows_other_parameters_but_is_kept_while_its_own_move(window):
    panel, session = window.side.panel("search"), window.session
    answer = panel._answer
    session.set_value("ti", 0.9)
    QApplication.processEvents()
    assert panel._answer is answer
    session.set_value("flip", 12)
    QApplication.processEvents()
    assert panel._answer is not answer


def test_a_voxel_can_be_compared_and_air_is_said(window):
    panel, session = window.side.panel("search"), window.session
    session.show(cursor=(27.0, -20.0, 30.0))
    choose(panel._tissues[0], HERE)
    assert panel._question.a[0].t1 == pytest.approx(0.84, rel=0.05)
    choose(panel._tissues[1], HERE)
    assert "two different" in panel.map._message.toPlainText()
    choose(panel._tissues[1], "csf")
    session.show(cursor=(80.0, 80.0, 80.0))
    QApplication.processEvents()
    assert "no tissue" in panel.map._message.toPlainText()
    assert not panel._go.isEnabled()


def test_two_regions_can_be_told_apart_and_keep_their_place_when_renamed(window):
    panel, session = window.side.panel("search"), window.session
    session.measurement.add_tissue("wm", "axial")
    session.measurement.add_tissue("gm", "axial")
    QApplication.processEvents()
    window.side.panel("measure").find_button.click()
    QApplication.processEvents()
    assert session.state.panels.side == "search"
    assert [chooser.currentText() for chooser in panel._tissues] == ["Region A", "Region B"]
    assert panel._answer.best is not None
    session.measurement.rename("A", "stem")
    QApplication.processEvents()
    assert panel._tissues[0].currentText() == "Region stem"
    session.measurement.select("stem")
    session.measurement.remove()
    QApplication.processEvents()
    assert "Region stem was removed" in panel.map._message.toPlainText()
    assert panel._tissues[0].currentText() == "Region stem, removed"
    session.store.undo()
    assert from_json(to_json(session.state)) == session.state
    QApplication.processEvents()
    assert panel._answer.best is not None


@pytest.mark.parametrize("sequence", list(SEQUENCES))
def test_the_best_for_regions_is_the_best_for_all_their_voxels(sequence):
    """A few samples stand for voxels of scattered times: their optimum, by all voxels, is within 1 % of the grid's highest."""
    rng, row = np.random.default_rng(4), SEQUENCES[sequence]
    parts = [
        Voxels.of(*(np.float32(mean * rng.lognormal(0, 0.2, 500)) for mean in means))
        for means in ((0.7, 0.85, 0.07, 0.05), (0.8, 1.5, 0.09, 0.06))
    ]
    few = [RoiVoxels(part, np.arange(500, dtype=np.int32), 500).samples for part in parts]
    whole = [tuple(Sample(*map(float, row), 1 / 500) for row in zip(p.pd, p.t1, p.t2, p.t2star, strict=True)) for p in parts]
    limits = tuple((row.parameter(n).low, row.parameter(n).high) for n in row.drag)
    asked = Question(Protocol.complete(row), *few, *row.drag, limits)
    assert max(map(len, few)) <= 50, "of 500 voxels, which is why it follows the mouse"
    found = best(asked)
    every = replace(asked, a=whole[0], b=whole[1])
    grid = np.meshgrid(*(spaced(row.parameter(n), limit, 40) for n, limit in zip(row.drag, limits, strict=True)))
    assert float(every.contrast(*found.best)) >= 0.99 * float(np.nanmax(every.contrast(*grid)))


def test_every_sequence_has_a_map(window):
    panel, session = window.side.panel("search"), window.session
    for sequence in SEQUENCES:
        session.choose_sequence(sequence)
        QApplication.processEvents()
        assert panel._answer.best is not None
        assert panel.map._marks["best"]._symbol.isVisible(), "the optimum lies on the map"
    session.show_appearance(theme="light")
    QApplication.processEvents()
    edge = panel.map._view.grab().toImage().pixelColor(3, 3)
    assert edge.lightness() > 200


def test_axes_always_have_two_parameters():
    for row in SEQUENCES.values():
        for search in (
            ContrastSearch(),
            ContrastSearch(across="te", up="tr"),
            ContrastSearch(across="ti"),
            ContrastSearch(up="tr"),
            ContrastSearch(up="flip"),
        ):
            first, second = search.axes(row)
            assert first != second
    tr = SEQUENCES["se"].parameter("tr")
    assert ContrastSearch().with_limits("tr", (30.0, 40.0)).limits_of(tr) == (tr.low, tr.high), "an empty range is none"


def test_axes_read_as_sliders_do():
    tr, flip = SEQUENCES["spgr"].parameter("tr"), SEQUENCES["spgr"].parameter("flip")
    assert value(tr, float(place(tr, np.array(0.02)))) == pytest.approx(0.02)
    assert [text for _at, text in ticks(tr, 0.9, 2.2)] == ["10", "20", "50", "100"]
    assert [text for _at, text in ticks(flip, 1, 90)] == ["20", "40", "60", "80"]


def test_the_field_strength_of_tissues_is_that_of_the_subject(window):
    session = window.session
    assert question(session.scene, session.state).a[0].t1 == 0.84
    session.loading.start(session.state.with_field(7.0))
    assert question(session.scene, session.state).a[0].t1 == 1.13


def pixels(window):
    """The axial plane."""
    return window.session.scene.rendered_slice("axial", window.session.state).pixels.copy()


# -- noise -----------------------------------------------------------------------------------------------------


def test_noise_is_chosen_drawn_and_undone(window):
    row, session = window.display.noise, window.session
    assert not row._new.isEnabled()
    choose(row._snr, 10.0)
    first = pixels(window)
    assert session.state.display.snr == 10
    assert "SNR 10" in row._snr.currentText()
    row._new.click()
    assert session.state.display.noise_seed == 1
    assert (pixels(window) != first).any()
    type_into(row._seed, "0")
    assert np.array_equal(pixels(window), first), "the same seed gives the same noise"
    for text in ("-1", "x", "99999999999"):
        type_into(row._seed, text)
        assert session.state.display.noise_seed == 0
    assert row._seed.text() == "0"
    session.show(snr=37.0)
    assert row._snr.currentText() == "SNR 37"
    session.choose_view("t1")
    assert not row.isEnabled()
