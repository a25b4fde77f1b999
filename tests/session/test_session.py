"""State, undo, presets, windows, colours, jobs, and the wishes of a session, without a window."""

import gc
import shutil
import threading
import weakref

import numpy as np
import pytest
from conftest import T1, values
from hypothesis import given
from hypothesis import strategies as st

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, signal
from mriexplorer.render.colour import BLACK, LEVELS, colours, log_like
from mriexplorer.render.histogram import histogram
from mriexplorer.render.scene import Scene, caption, mark
from mriexplorer.render.windowing import automatic, dragged
from mriexplorer.session.jobs import Jobs
from mriexplorer.session.session import Session
from mriexplorer.session.state_store import StateStore
from mriexplorer.view.contrast_search import ContrastSearch
from mriexplorer.view.presets import matching, presets
from mriexplorer.view.source import Source
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json


@pytest.fixture
def session(brain):
    """A session with the built-in brain; what jobs post is run at once by whoever waits."""
    made = Session(State(), lambda call: call())
    made.loading.start(State())
    yield made
    made.loading.close()


def test_states_survive_json():
    state = State(Source(paths=("/a b/ü.nii",))).with_display(cursor=(1.0, 2.5, -3.0)).with_window(0, 0.3)
    state = state.with_sequence("flair", {"te": 0.1})
    assert from_json(to_json(state)) == state
    looking = state.with_panels(search=ContrastSearch("lesion", "here", "ti", "te").with_limits("te", (0.01, 0.2)))
    assert from_json(to_json(looking)) == looking


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"sequence": "nonsense"}',
        '{"zoom": "far"}',
        '{"field": 2.0}',
        '{"layout": "spiral"}',
        '{"values": [1]}',
        '{"finding": {"a": "stone", "b": "wm", "across": "", "up": "", "limits": [], "per_time": true}}',
        '{"finding": 3}',
    ],
)
def test_what_is_no_state_is_refused(text):
    with pytest.raises(InputError, match="not a state"):
        from_json(text)


def test_undo_and_redo_of_drags_and_steps():
    now = [0.0]
    store = StateStore(State(), clock=lambda: now[0])
    for ti in (0.9, 0.8, 0.7):
        now[0] += 0.05
        store.change(store.state.with_values(ti=ti), "value ti")
    store.settle()
    store.change(store.state.with_values(ti=0.75), "value ti")
    store.undo()
    assert store.state.protocol.values["ti"] == 0.7
    store.undo()
    assert store.state == State()
    assert not store.can_undo
    store.redo()
    store.redo()
    assert store.state.protocol.values["ti"] == 0.75
    store.undo()
    store.change(store.state.with_values(tr=2.0))
    assert not store.can_redo


def test_values_are_kept_inside_their_range():
    state = State().with_values(te=99.0, flip=-4.0)
    assert (state.protocol.values["te"], state.protocol.values["flip"]) == (0.014, 1)


@pytest.mark.parametrize("preset", presets(), ids=lambda p: p.title)
def test_a_preset_is_recognised_after_it_was_applied(preset):
    assert matching(preset.applied(State())) == preset


def test_a_preset_keeps_the_family_of_equations():
    ideal = State().with_sequence("ideal-mprage")
    flair = next(p for p in presets() if p.title == "OASIS-3 · FLAIR")
    assert flair.applied(ideal).sequence.name == "ideal-flair"
    assert flair.applied(ideal).protocol.values == {"te": 0.091, "tr": 9.0, "ti": 2.5}


def test_planes_show_the_signal_of_each_voxel(brain):
    """Pixels are the window's grey of the exact equation, to one grey level of the 1024."""
    scene = Scene(brain)
    state = State().with_sequence("tse").with_window(0.0, 0.5)
    at = scene.voxel(state)
    for rendered in scene.rendered(("axial", "sagittal", "coronal"), state):
        cuts = {n: rendered.geometry.cut(getattr(brain.maps, n), at) for n in ("pd", "t1", "t2")}
        head = cuts["pd"] > 0
        exact = signal(state.sequence, cuts["pd"][head], cuts["t1"][head], cuts["t2"][head], state.protocol.values)
        shown = (rendered.pixels[head] & 0xFF).astype(int)
        assert np.abs(shown - np.clip(exact / 0.5, 0, 1) * 255).max() <= 1.0
        assert (rendered.pixels[~head] == BLACK).all()


def test_an_impossible_protocol_shows_no_image_and_no_number(brain):
    scene = Scene(brain)
    state = State().with_values(tr=0.5)
    assert state.problems
    assert (scene.rendered_slice("axial", state).pixels == BLACK).all()
    assert scene.reading(state).signal is None


def test_reading_is_the_equation_at_the_voxel(brain):
    scene = Scene(brain)
    state = State().with_display(cursor=(-25.0, -20.0, 25.0)).with_sequence("flair")
    reading = scene.reading(state)
    expected = signal(
        state.sequence, np.float64(reading.pd), np.float64(reading.t1), np.float64(reading.t2), state.protocol.values
    )
    assert reading.signal == pytest.approx(float(expected), rel=1e-6)
    assert reading.mm == pytest.approx((-25, -20, 25), abs=0.5)


def test_histograms_end_at_the_95th_percentile(brain):
    shown = histogram(brain.maps, "t1")
    values = brain.maps.t1[brain.maps.head]
    assert shown.edges[-1] == pytest.approx(np.percentile(values, 95), rel=1e-4)
    assert shown.share.sum() == pytest.approx(0.95, abs=0.002)


def test_captions_and_marks_say_what_a_picture_is(brain):
    state = State().with_sequence("flair")
    assert caption(state) == "FLAIR · TE 91.0 · TR 9000 · TI 2500 ms"
    assert mark(state, brain) == "SYNTHETIC · not for diagnosis"
    assert "SYNTHETIC" not in mark(State().with_contrast(view="t1"), brain)


def test_automatic_windows_of_every_preset_show_the_brain(session):
    for preset in presets():
        session.apply_preset(preset)
        session.loading._jobs._pool.submit(int).result()  # after a brain of another field strength
        low, high = session.state.window()
        grey, white = (
            (session.scene.reading(session.state.with_display(cursor=place)).signal - low) / (high - low)
            for place in ((2.0, -14.0, 8.0), (27.0, -20.0, 30.0))
        )
        assert 0.15 < grey < 0.9, preset.title
        darkened = preset.name in ("FGATIR", "DIR", "T1w white matter nulled")
        assert (-0.05 if darkened else 0.15) < white < 0.95, preset.title


def test_presets_of_every_sequence_give_an_image_with_ideal_maps_too():
    ideal = State().with_sequence("ideal-se")
    for preset in presets():
        applied = preset.applied(ideal)
        assert applied.sequence.model == "ideal"
        assert not applied.problems, preset.title


def test_sequences_that_keep_their_sign_do_so_whatever_is_requested(session):
    session.choose_sequence("psir")
    low, high = session.state.window()
    assert session.state.contrast.magnitude
    assert session.state.contrast.signed
    assert low < 0
    assert session.scene.reading(session.state.with_display(cursor=(2.0, -14.0, 8.0))).signal < 0
    session.set_magnitude(False)
    assert session.state.window() == (low, high)


def test_several_values_are_one_step_of_undo(session):
    before = session.state
    session.set_values({"tr": 2.0, "ti": 0.8})
    assert (session.state.protocol.values["tr"], session.state.protocol.values["ti"]) == (2.0, 0.8)
    session.store.undo()
    assert session.state == before


@given(st.lists(st.floats(-2, 2, width=32), max_size=50))
def test_any_values_give_a_window(values):
    low, high = automatic(np.array(values, np.float32))
    assert low < high


def test_drags_widen_and_brighten():
    low, high = dragged((0.0, 1.0), 0.1, 0.0)
    assert high - low > 1
    assert dragged((0.0, 1.0), 0.0, 0.1)[1] < 1


@pytest.mark.parametrize(("low", "high"), [(0.0, 3.0), (0.5, 2.0), (1.5, 2.0)])
def test_relaxation_colours_run_linear_then_logarithmic(low, high):
    """Fuderer 2025: monotonic, continuous, from 0 to 1, equal ratios get equal steps above upper/e."""
    place = log_like(np.linspace(0, 1, 2001), low, high)
    assert place[0] == pytest.approx(0, abs=1e-9)
    assert place[-1] == pytest.approx(1)
    steps = np.diff(place)
    assert (steps >= 0).all()
    assert steps.max() < 0.004
    ratios = np.array([0.5, 0.6, 0.72]) * high
    if low < ratios[0]:
        a, b, c = log_like((ratios - low) / (high - low), low, high)
        assert b - a == pytest.approx(c - b, rel=1e-6)


@pytest.mark.parametrize("view", ["signal", "residual", "t1"])
@pytest.mark.parametrize("window", [(0, 1e12), (-1e12, -1e11), (1e9, 1e10), (-5e5, 5e5)])
def test_windows_end_where_a_session_can_still_be_opened(view, window):
    state = State().with_contrast(view=view).with_window(*window)
    assert from_json(to_json(state)) == state
    if view == "t1" and window == (-5e5, 5e5):
        assert state.window() == window


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6))
def test_any_window_has_colours(low, width):
    assert len(colours("t1", low, low + width)) == LEVELS


def test_maps_are_coloured_and_images_grey():
    lipari, navia = colours("t1", 0.0, 3.0), colours("t2", 0.0, 0.25)
    assert len(lipari) == LEVELS
    assert not np.array_equal(lipari, navia)
    assert lipari[0] != BLACK, "low valid values take the darkest valid colour; black is for invalid ones"
    grey = colours("signal", 0.0, 1.0)
    assert np.array_equal(grey & 0xFF, grey >> 16 & 0xFF)


def test_cursor_steps_follow_the_screen(session):
    session.move_cursor("axial", (60.0, 70.0))
    before = session.state.display.cursor
    session.step("axial", 1, 0, 0)
    assert session.state.display.cursor[0] == before[0] - 1, "radiological: to the right of the screen is to the patient's left"
    session.show(convention="neurological")
    session.step("axial", 1, 0, 0)
    assert session.state.display.cursor == before
    session.step("sagittal", 0, 1, 2)
    assert session.state.display.cursor == (before[0] + 2, before[1], before[2] + 1)
    session.step("axial", 0, 0, 10_000)
    assert session.scene.voxel(session.state)[2] == session.scene.subject.maps.grid.shape[2] - 1


def test_outside_the_volume_there_is_no_cursor(session):
    before = session.state
    session.move_cursor("axial", (-500.0, 3.0))
    assert session.state == before


def test_the_window_is_locked_while_parameters_move(session):
    before = session.state.window()
    session.set_value("ti", 0.8)
    session.drag_contrast(0.1, 0.1)
    assert session.state.window() == before
    session.choose_sequence("flair")
    assert session.state.window() != before
    session.show(auto=False)
    before = session.state.window()
    session.choose_sequence("se")
    assert session.state.window() == before
    session.automatic_window()
    assert session.state.window() != before


def test_a_drag_moves_two_parameters(session):
    session.choose_sequence("se")
    before = session.state.protocol.values
    session.drag_contrast(0.1, 0.1)
    assert session.state.protocol.values["tr"] > before["tr"]
    assert session.state.protocol.values["te"] > before["te"]
    session.choose_sequence("flair")
    before = session.state.protocol.values
    session.drag_contrast(0.02, 0.02, other=True)
    moved = {name for name, value in session.state.protocol.values.items() if value != before[name]}
    assert "tr" in moved


def wait_for(condition, seconds=60):
    """Until a condition of another thread holds."""
    tick = threading.Event()
    for _ in range(int(seconds * 100)):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("waited in vain")


def test_field_strength_changes_the_built_in_brain_and_can_be_undone(session):
    grey = State().with_display(cursor=(2.0, -14.0, 8.0))
    assert session.scene.reading(grey).t1 == pytest.approx(1.42, rel=0.01)
    session.choose_field(7.0)
    wait_for(lambda: session.state.source.field == 7.0)
    assert session.scene.reading(grey).t1 == pytest.approx(1.92, rel=0.01)
    session.store.undo()
    assert session.scene.reading(grey).t1 == pytest.approx(1.42, rel=0.01)


def test_a_failed_open_changes_nothing(session, tmp_path):
    said = []
    session.workspace.error = said.append
    before, scene = session.state, session.scene
    session.open([tmp_path / "missing.nii.gz"])
    wait_for(lambda: said)
    assert "missing.nii.gz" in said[0]
    assert session.state == before
    assert session.scene is scene


def test_opening_people_and_going_back(session, head):
    head("two", "sub-01_")
    folder = head("two", "sub-02_")
    session.open([folder])
    wait_for(lambda: session.state.source.paths)
    assert session.state.source.person == "sub-01"
    session.choose_person("sub-02")
    wait_for(lambda: session.scene.subject.name == "sub-02")
    session.store.undo()
    assert session.scene.subject.name == "sub-01"
    session.store.undo()
    assert session.scene.subject.name == "ICBM152 brain"
    session.choose_view("t2star")
    assert session.state.view == "t2star"


def test_a_person_and_units_can_be_opened_at_once(session, head):
    head("two", "sub-01_")
    folder = head("two", "sub-02_")
    session.open([folder], person="02", units=[("pd", "%")])
    wait_for(lambda: session.state.source.paths)
    assert session.state.source.person == session.scene.subject.name == "sub-02"
    assert session.scene.subject.sources[-1].unit == "%"


def test_units_can_be_chosen(session, head):
    session.open([head()])
    wait_for(lambda: session.state.source.paths)
    session.choose_unit("pd", "%")
    wait_for(lambda: dict(session.state.source.units).get("pd") == "%")
    assert session.scene.subject.sources[-1].how == "chosen by you"


def test_the_newest_job_wins_and_a_cancelled_one_is_silent():
    jobs, done = Jobs(), []
    gate = threading.Event()

    def slow(progress):
        gate.wait(5)
        progress("half way")
        return "slow"

    jobs.start(slow, lambda _what: None, done.append)
    jobs.start(lambda _progress: "fast", lambda _what: None, done.append)
    gate.set()
    wait_for(lambda: done)
    jobs.close()
    assert [outcome.result for outcome in done] == ["fast"]


def test_errors_of_jobs_are_sentences():
    jobs, done = Jobs(), []

    def broken(_progress):
        raise ZeroDivisionError("by zero")

    jobs.start(broken, lambda _what: None, done.append)
    jobs.close()
    assert "ZeroDivisionError" in (done[0].sentence if done else "ZeroDivisionError")


def test_sequences_have_captions(session):
    for name in SEQUENCES:
        session.choose_sequence(name)
        assert caption(session.state).startswith("FLAIR" if name == "flair" else SEQUENCES[name].label)
    session.set_value("ti", 0.2)


def test_undo_through_more_people_than_are_kept(session, head):
    """Each undo shows the subject of its state, even one that has to be loaded again; redo goes the same way back."""
    folders = [
        head(f"{letter}/sub-01", "sub-01_", T1map=values(T1) * scale)
        for letter, scale in (("a", 1), ("b", 1.1), ("c", 1.2), ("d", 1.3), ("e", 1.4))
    ]
    medians = []
    for folder in folders:
        session.open([folder])
        wait_for(lambda folder=folder: session.state.source.paths == (str(folder),))
        medians.append(float(session.scene.subject.maps.t1.max()))
    for folder, median in list(zip(folders, medians, strict=True))[-2::-1]:
        session.store.undo()
        assert session.state.source.paths == (str(folder),)
        wait_for(lambda median=median: session.scene.subject.maps.t1.max() == pytest.approx(median))
    session.store.undo()
    wait_for(lambda: session.scene.subject.literature)
    for folder, median in zip(folders, medians, strict=True):
        session.store.redo()
        assert session.state.source.paths == (str(folder),)
        wait_for(lambda median=median: session.scene.subject.maps.t1.max() == pytest.approx(median))


def test_a_subject_that_is_no_longer_kept_frees_its_memory_at_once(session, head):
    """Without waiting for the garbage collector: maps are large."""
    gone = weakref.ref(session.scene)
    searched = gc.isenabled()  # the window's collector turns it off for good
    gc.disable()
    try:
        for letter in "abcd":
            folder = head(f"{letter}/sub-01", "sub-01_")
            session.open([folder])
            wait_for(lambda folder=folder: session.state.source.paths == (str(folder),))
        wait_for(lambda: gone() is None)
    finally:
        if searched:
            gc.enable()


def test_an_undo_to_what_is_gone_says_so_and_stays_consistent(session, head):
    said = []
    session.workspace.error = said.append
    folders = [head(f"{letter}/sub-01", "sub-01_") for letter in "abcd"]
    for folder in folders:
        session.open([folder])
        wait_for(lambda folder=folder: session.state.source.paths == (str(folder),))
    shutil.rmtree(folders[0])
    for _ in range(3):
        session.store.undo()
    wait_for(lambda: said)
    assert str(folders[0]) in said[0]
    assert session.state.source.paths == (str(folders[1]),)


def test_the_last_wish_wins_and_cancel_is_final(brain, head):
    """Even where a job has already reported: what an older wish posts is passed over."""
    posted = []
    session = Session(State(), posted.append)
    session.loading.start(State())
    told = []
    session.workspace.progress = told.append
    folder = head()
    session.open([folder])
    wait_for(lambda: len(posted) >= 2)
    session.open([])
    for call in posted:
        call()
    assert session.state.source.paths == ()
    assert session.scene.subject.literature
    posted.clear()
    session.open([folder])
    wait_for(lambda: posted)
    session.loading.cancel()
    told.clear()
    for call in posted:
        call()
    assert not any(told)
    session.loading.close()
