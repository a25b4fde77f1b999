"""Several contrasts of one subject, the pinned one, several people: states, undo, JSON and pixels, without a window."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, Protocol
from mriexplorer.render import comparison as ab
from mriexplorer.render.colour import coloured, colours
from mriexplorer.render.scene import Scene, caption
from mriexplorer.render.side_by_side import GalleryMember, contrast_for_all, side_by_side
from mriexplorer.session.gallery import _plane
from mriexplorer.session.session import Session
from mriexplorer.subject.companions import Companions, MeasuredScan, Stored
from mriexplorer.view.contrast import Contrast
from mriexplorer.view.presets import presets
from mriexplorer.view.source import Recipe
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json


@pytest.fixture
def session(brain):
    """A session with the built-in brain."""
    made = Session(State(), lambda call: call())
    made.loading.start(State())
    yield made
    made.loading.close()


@pytest.fixture
def said(session):
    """What the session says."""
    heard = []
    session.workspace.error = heard.append
    return heard


def test_a_layout_is_filled_with_different_contrasts_each_with_its_window(session):
    session.show(layout="contrasts 3x3")
    every = session.state.contrasts
    assert len({one.protocol for one in every}) == 9
    assert every[0] == session.state.contrast
    for one in every:
        shown = session.state.alone(one)
        assert one.window == pytest.approx(session.scene.automatic(shown))
        assert not shown.problems
    session.store.undo()
    assert len(session.state.contrasts) == 1 and session.state.display.layout == "grid"


def test_choosing_swaps_and_undo_brings_back(session):
    session.show(layout="contrasts 2x2")
    session.set_value("ti", 0.8)
    first = session.state.contrast
    session.comparison.choose(2)
    assert session.state.sequence.name == "flair" and session.state.chosen == 2
    assert session.state.contrasts[0] == first
    session.set_value("ti", 2.0)
    session.set_window(0.0, 0.3)
    assert session.state.contrasts[0] == first
    changed = session.state.contrast
    session.comparison.choose(0)
    assert session.state.contrast == first and session.state.contrasts[2] == changed
    session.store.undo()
    assert session.state.chosen == 2 and session.state.contrast == changed


def test_a_state_with_contrasts_survives_json(session):
    session.show(layout="contrasts 3x3")
    session.comparison.choose(3)
    session.comparison.pin()
    session.comparison.compare("wipe")
    session.comparison.wipe(0.25)
    session.comparison.set_rate(4)
    assert from_json(to_json(session.state)) == session.state


SPIN_ECHO = {"sequence": "se", "values": {"te": 0.01, "tr": 0.5}}
FINE = {"protocol": SPIN_ECHO, "magnitude": True, "window": None, "preset": "", "view": "signal"}


@pytest.mark.parametrize(
    "changed",
    [
        {"contrasts": [FINE] * 10},
        {"contrasts": []},
        {"contrasts": [FINE], "chosen": 1},
        {"contrasts": [FINE], "chosen": True},
        {"contrasts": [FINE | {"protocol": SPIN_ECHO | {"sequence": "nonsense"}}]},
        {"contrasts": [FINE | {"protocol": SPIN_ECHO | {"values": {"te": float("nan")}}}]},
        {"contrasts": [FINE | {"protocol": SPIN_ECHO | {"values": [["te", 0.01]]}}]},
        {"contrasts": [FINE | {"protocol": "se"}]},
        {"contrasts": [FINE | {"window": [1.0, 0.0]}]},
        {"contrasts": [FINE, FINE | {"view": "difference"}]},
        {"contrasts": [FINE | {"view": "change"}]},
        {"contrasts": [FINE | {"magnitude": "yes"}]},
        {"contrasts": [3]},
        {"contrasts": 3},
        {"comparison": {"pinned": {"protocol": {"values": {}}}}},
        {"comparison": {"mode": "sideways"}},
        {"comparison": {"wipe": 1.5}},
        {"comparison": {"wipe": "left"}},
        {"comparison": {"rate": 50}},
        {"comparison": {"together": 1}},
        {"comparison": 7},
    ],
)
def test_nonsense_is_refused(changed):
    content = json.loads(to_json(State()))
    assert from_json(json.dumps(content | {"contrasts": [FINE, FINE], "chosen": 1})).chosen == 1
    with pytest.raises(InputError, match="not a state"):
        from_json(json.dumps(content | changed))


def test_adding_and_removing(session, said):
    session.show(layout="contrasts 2x2")
    session.comparison.add()
    assert len(session.state.contrasts) == 5 and session.state.chosen == 4
    assert session.state.display.layout == "contrasts 3x3", "so that it is seen"
    stir = next(preset for preset in presets() if preset.title == "Clinical 1.5 T · STIR")
    session.comparison.add_preset(stir)
    assert session.state.source.field == 3.0 and session.state.contrast.preset == stir.title
    session.comparison.remove(0)
    assert len(session.state.contrasts) == 5 and session.state.chosen == 4 and session.state.contrast.preset == stir.title
    session.comparison.remove()
    assert session.state.chosen == 3 and session.state.sequence.name == "mprage"
    for _ in range(5):
        session.comparison.remove()
    assert len(session.state.contrasts) == 1
    for _ in range(9):
        session.comparison.add()
    assert len(session.state.contrasts) == 9 and "room for 9" in said[0]
    session.show(layout="grid")
    before = session.state
    session.comparison.remove()
    assert session.state == before and "where they are seen" in said[1]


def test_adding_shows_the_cells(session):
    session.comparison.add()
    assert session.state.display.layout == "contrasts 2x2" and len(session.state.contrasts) == 2
    session.store.undo()
    assert session.state == State().with_contrast(window=session.state.contrast.window)


def test_all_move_together_by_the_same_factor_and_come_back(session):
    session.show(layout="contrasts 3x3")
    before = session.state.contrasts
    session.comparison.set_together(True)
    session.set_value("te", 0.00316 * 2)
    moved = session.state.contrasts
    for old, new in zip(before, moved, strict=True):
        parameter = old.protocol.sequence.parameter("te")
        assert new.protocol["te"] == pytest.approx(parameter.clip(2 * old.protocol["te"]))
    session.set_value("te", 0.014)
    session.set_value("te", before[0].protocol["te"])
    for old, new in zip(before, session.state.contrasts, strict=True):
        assert dict(new.protocol.values) == pytest.approx(dict(old.protocol.values)), (
            "what waited at the end of its range comes back too"
        )
    session.set_value("flip", 12)
    for old, new in zip(before[1:], session.state.contrasts[1:], strict=True):
        assert dict(new.protocol.values) == pytest.approx(dict(old.protocol.values)), "only times move together"
    session.show(layout="grid")
    session.set_value("tr", 3.0)
    assert session.state.contrasts[1].protocol["tr"] == pytest.approx(before[1].protocol["tr"]), "unseen cells stay"


def test_a_narrower_layout_shows_the_chosen_one(session):
    session.show(layout="contrasts 3x3")
    session.comparison.choose(7)
    session.show(layout="contrasts 2x2")
    assert session.state.chosen == 0 and session.state.sequence.name == "mprage"


def test_cells_follow_to_maps_of_the_other_equations(session, brain):
    session.show(layout="contrasts 3x3")
    session.comparison.pin()
    ideal = Scene(replace(brain, maps=replace(brain.maps, model="ideal")))
    chosen = session.state.with_sequence("ideal-mprage")  # which the loading has done
    state = session.comparison.arrived(chosen, ideal)
    assert {one.protocol.sequence.model for one in (*state.contrasts, state.comparison.pinned)} == {"ideal"}


# -- pinned ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two(session):
    """A session with FLAIR pinned and MPRAGE current."""
    session.choose_sequence("flair")
    session.comparison.pin()
    session.choose_sequence("mprage")
    return session


def pixels(session, state):
    return ab.rendered(session.scene, ("axial",), state, "test")[0].pixels.copy()


def test_a_flip_shows_the_pinned_contrast_and_its_numbers(two):
    pinned = two.state.pinned
    alone, current = pixels(two, pinned), pixels(two, two.state)
    two.comparison.compare("pinned")
    assert np.array_equal(pixels(two, two.state), alone)
    assert ab.seen(two.scene, two.state).sequence.name == "flair"
    assert ab.lines(two.scene, two.state)[0] == "pinned: FLAIR"
    two.comparison.compare("pinned")
    assert np.array_equal(pixels(two, two.state), current)
    two.store.undo()
    assert two.state.comparison.mode == "pinned"


def test_a_wipe_has_the_pinned_one_at_the_left(two):
    two.comparison.compare("wipe")
    rendered = ab.rendered(two.scene, ("axial",), two.state, "test")[0]
    plain = two.state.with_comparison(mode="")
    left = two.scene.rendered(("axial",), plain.pinned, "a")[0].pixels
    assert np.array_equal(rendered.left, left)
    assert np.array_equal(rendered.pixels, two.scene.rendered(("axial",), plain, "b")[0].pixels)
    for requested, is_ in ((0.3, 0.3), (-1, 0.0), (7, 1.0)):
        two.comparison.wipe(requested)
        assert two.state.comparison.wipe == is_


def test_a_difference_is_signed_and_has_its_own_window(two):
    before = two.state.window()
    two.comparison.compare("difference")
    shown = ab.shown(two.scene, two.state)
    low, high = shown.window()
    assert low == -high
    assert two.state.window() == before
    part = two.scene._cut("axial", two.scene.voxel(two.state)[2], "radiological")
    seen = pixels(two, two.state).reshape(-1)[part.pixels]
    one, other = (two.scene.reading(s).signal for s in (two.state, two.state.pinned))
    at = two.scene.voxel(two.state)
    column, row = part.geometry.place(at)
    here = seen[np.searchsorted(part.pixels, int(row) * part.geometry.shape[1] + int(column))]
    assert here in coloured(
        np.float32([one - other]) + np.float32([[-1e-4], [0], [1e-4]]), low, high, colours("change", low, high)
    )
    two.drag_window(0.1, 0.0)
    assert ab.shown(two.scene, two.state).window()[1] > high and two.state.window() == before
    two.set_value("tr", 0.5)
    assert "No image" in ab.message(two.scene, two.state)
    assert "minus" in " ".join(ab.lines(two.scene, two.state)) and "minus" in caption(shown)


def test_a_map_and_a_signal_have_no_difference(two):
    two.choose_view("t1")
    two.comparison.compare("difference")
    assert "No difference" in ab.message(two.scene, two.state)


def test_without_a_pin_there_is_nothing_to_compare_with(session, said):
    before = session.state
    for way in ("pinned", "flicker", "wipe", "difference"):
        session.comparison.compare(way)
    assert session.state == before
    assert len(said) == 4 and "pin a contrast first" in said[0]


def test_the_measured_scan_is_the_reference_beside_what_is_computed(session, brain, said):
    volume = Stored.of(np.where(brain.maps.head, 0.02, 0).astype(np.float32))
    flat = Stored.of(np.ones_like(brain.maps.pd))
    scan = MeasuredScan("T1w", volume, flat, Protocol.complete("mprage"))
    scene = session.workspace.scene = Scene(replace(brain, companions=Companions((scan,))))
    session.choose_scan("T1w")
    state = session.state.with_comparison(mode="wipe")
    rendered = ab.rendered(scene, ("axial",), state)[0]
    assert np.array_equal(rendered.left, scene.rendered_slice("axial", state.with_contrast(view="measured")).pixels)
    flipped = ab.rendered(scene, ("axial",), state.with_comparison(mode="pinned"))[0].pixels
    assert np.array_equal(flipped, rendered.left)
    assert ab.title(scene, state.with_comparison(mode="pinned")) == "T1w as measured"
    session.comparison.compare("difference")
    assert session.state.comparison.mode == "" and "already" in said[0]


# -- people ----------------------------------------------------------------------------------------------------


def test_people_of_the_gallery_are_painted_as_planes_are(session):
    member = GalleryMember(Recipe(3), {"age": 71.0, "sex": "F"}, _plane(session.scene))
    state = replace(session.state.with_display(layout="people"), source=replace(session.state.source, recipe=Recipe(3)))
    (someone,) = side_by_side((member,), (), state)
    assert someone.title == "F 71"
    assert np.array_equal(someone.rendered(state).pixels, session.scene.rendered_slice("axial", state).pixels)
    at = session.scene.voxel(state)
    place = session.scene.geometry("axial", state).place(at)
    reading, expected = someone.reading(place, state), session.scene.reading(state)
    assert (reading.t1, reading.signal) == pytest.approx((expected.t1, expected.signal))
    assert reading.mm == expected.mm
    assert someone.reading((0.5, 0.5), state).signal is None


def test_people_of_a_dataset_as_far_as_they_are_in_memory(session, head, said):
    session.comparison.lay_out("people")
    assert session.state.display.layout == "grid" and "nobody to compare" in said[0]
    scenes = (session.scene, session.scene)
    found = side_by_side((), scenes, replace(session.state, source=replace(session.state.source, paths=("/a",))))
    assert [one.whole for one in found] == list(scenes)
    state = contrast_for_all(session.state.with_contrast(view="measured").with_comparison(mode="wipe"))
    assert (state.view, state.comparison.mode) == ("signal", "")


def test_a_contrast_lacks_what_its_sequence_lacks():
    spin = Contrast(Protocol("se", {"te": 0.01, "tr": 0.5}))
    assert spin.scaled({"ti": 3.0}) == spin
    assert spin.scaled({"te": 1000.0}).protocol["te"] == SEQUENCES["se"].parameter("te").high
    with pytest.raises(ValueError, match="parameters te, tr"):
        Protocol("se", {"te": 0.01})
