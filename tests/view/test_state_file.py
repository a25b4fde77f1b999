"""A session as a file: reopened the same, moved with its maps, and refused in a sentence where it cannot be."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, problems
from mriexplorer.session.session import Session
from mriexplorer.view.source import Recipe, Source
from mriexplorer.view.state import State
from mriexplorer.view.state_file import read_session, write_session

REGION = {
    "name": "A", "kind": "ellipse", "plane": "axial", "points": [[0, 0, 0]], "radii": [5, 5], "tissue": "", "view": "",
    "limits": [0, 0], "sequence": "", "values": [], "magnitude": True, "colour": 0,
}  # fmt: skip


def looked_at(folder):
    """A state with something of everything."""
    state = replace(
        State(Source(paths=(str(folder),))).with_sequence("flair"),
        source=replace(
            State(Source(paths=(str(folder),))).with_sequence("flair").source, picked=(("pd", str(folder / "PDmap.nii.gz")),)
        ),
    )
    state = state.with_values(te=0.0912345, ti=2.4).with_window(0.1, 0.7)
    return replace(state.with_display(cursor=(3.0, -4.5, 6.0), zoom=2.0, centre=(1.0, 2.0, 3.0), layout="coronal", convention="neurological", smooth=False, auto=False).with_contrast(preset="x"), source=replace(state.source, units=(("t1", "s"),)))  # fmt: skip


def test_a_session_is_read_as_it_was_written(head, tmp_path):
    state = looked_at(head())
    path = write_session(state.with_appearance(theme="light"), tmp_path / "mine")
    assert path.name == "mine.mriexplorer"
    assert read_session(path) == state


def test_a_sampled_person_comes_back_by_the_recipe(tmp_path):
    state = State(Source(recipe=Recipe(7, (("age", 70.0), ("sex", "F")), (9, ()), 0.25)))
    assert read_session(write_session(state, tmp_path / "a.mriexplorer")) == state


def test_a_folder_with_maps_and_session_can_be_moved(head, tmp_path):
    folder = head()
    path = write_session(looked_at(folder), tmp_path / "sessions" / "one.mriexplorer")
    assert str(tmp_path) not in path.read_text()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("head", "sessions"):
        shutil.move(tmp_path / name, moved / name)
    assert read_session(moved / "sessions" / "one.mriexplorer").paths == (str(moved / "head"),)


def test_maps_that_are_gone_are_named(head, tmp_path):
    folder = head()
    path = write_session(looked_at(folder), tmp_path / "one.mriexplorer")
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="cannot be found") as caught:
        read_session(path)
    assert str(folder) in str(caught.value)
    assert str(folder / "PDmap.nii.gz") in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("{", "not readable as JSON"),
        ("{}", "is not a session"),
        ({"windows": [["signal", [1, 0]]]}, "a window has no width"),
        ({"windows": [["signal", ["a", "b"]]]}, "not a state"),
        ({"cursor": [1, 2]}, "expected array of length 3, got 2 at cursor"),
        ({"cursor": 5}, "not a state"),
        ({"values": [["te", float("nan")]]}, "expected float, got null at values"),
        ({"sequence": "nonsense"}, "not a state"),
        ({"smooth": "yes"}, "expected bool, got str at smooth"),
        ({"paths": [5]}, "expected str"),
        ({"paths": 5}, "not a state"),
        ({"layout": "spiral"}, "no such layout"),
        ({"sampled": {"seed": -1, "given": [], "share": 0}}, "not a state"),
        ({"sampled": {"seed": 10**20, "given": [], "share": 0}}, "not a state"),
        ({"sampled": {"seed": 1, "given": [["age", {}]], "share": 0}}, "not a state"),
        ({"sampled": {"seed": 1, "given": [], "other": [], "share": 0}}, "not a state"),
        ({"sampled": {"seed": 1, "given": [], "other": [-6, []], "share": 0}}, "not a state"),
        ({"windows": [[{}, [0, 1]]]}, "expected str, got object"),
        ({"windows": [["signal", []]]}, "length 2"),
        ({"windows": [["signal", [0, 1e-300]]]}, "no width"),
        ({"picked": "x"}, "expected array"),
        ({"picked": [["t1"]]}, "length 2"),
        ({"units": [{}]}, "not a state"),
        ({"person": {}}, "not a state"),
        ({"line": {"plane": "axial", "start": [0, 0, 0], "end": [1e200, 0, 0]}}, "far from any head"),
        ({"cursor": [1e300, 0, 0]}, "far from any head"),
        ({"noise_seed": 10**400}, "expected int, got null at noise_seed"),
        ({"seed": float("inf"), "zoom": float("inf")}, "expected float, got null at zoom"),
        ({"regions": [REGION] * 201}, "more than 200 regions"),
        ({"regions": [REGION | {"kind": "polygon", "points": [[0, 0, 0]] * 20_001, "radii": []}]}, "more than 20000 points"),
        *(({"regions": [REGION | {name: wrong}]}, "not a state") for name in REGION for wrong in ([[]], {}, None, 1e300)),
        ({"regions": [REGION | {"name": "a\nb"}]}, "no proper name"),
    ],
)
def test_what_is_no_session_is_said_in_one_sentence(change, said, tmp_path):
    path = write_session(State(), tmp_path / "one.mriexplorer")
    if isinstance(change, dict):
        content = json.loads(path.read_text())
        content["state"] |= change
        path.write_text(json.dumps(content))
    else:
        path.write_text(change)
    with pytest.raises(InputError, match=said) as caught:
        read_session(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("sequence", "values", "name"),
    [("mprage", [["flip", 1e8]], "flip"), ("se", [["tr", 0]], "tr"), ("mp2rage", [["readouts", 0]], "readouts")],
)
def test_values_out_of_range_are_kept_inside(sequence, values, name, tmp_path):
    path = write_session(State(), tmp_path / "one.mriexplorer")
    content = json.loads(path.read_text())
    content["state"] |= {"sequence": sequence, "values": values}
    path.write_text(json.dumps(content))
    parameter = SEQUENCES[sequence].parameter(name)
    assert read_session(path).protocol[name] in (parameter.low, parameter.high)


def test_a_contrast_of_the_other_equations_suits_another_subject_and_reopens(session, tmp_path):
    session.choose_sequence("ideal-se")
    session.set_values({"te": 0.001})
    session.comparison.pin()
    session.choose_sequence("mprage")
    session.loading.load(session.state.with_field(1.5))
    run(session)
    assert not any(problems(SEQUENCES[one.sequence], dict(one.values)) for one in (session.state.pinned,))
    assert read_session(write_session(session.state, tmp_path / "one.mriexplorer")) == session.state


def test_a_session_in_ideal_equations_is_restored_as_it_was(session, tmp_path):
    session.choose_sequence("ideal-mprage")
    saved = session.state
    path = write_session(saved, tmp_path / "one.mriexplorer")
    session.choose_sequence("se")
    session.loading.restore(read_session(path))
    run(session)
    assert session.state == saved


def test_a_file_that_is_not_there_or_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_session(tmp_path / "none.mriexplorer")
    with pytest.raises(InputError, match="could not be written"):
        write_session(State(), Path("/proc/none/x.mriexplorer"))


@pytest.fixture
def session():
    """A session whose posts are run by the test."""
    calls = []
    made = Session(State(), calls.append)
    made.loading.start(State())
    made.calls = calls
    yield made
    made.loading.close()


def run(session):
    """Wait for the worker, and do what it posted."""
    session.loading._jobs._pool.submit(int).result()
    while session.calls:
        session.calls.pop(0)()


def test_a_restored_session_is_exactly_the_same(session, head, tmp_path):
    state = replace(
        looked_at(head()).with_display(auto=True).with_contrast(preset=""), source=replace(looked_at(head()).source, picked=())
    )
    session.loading.restore(read_session(write_session(state, tmp_path / "one.mriexplorer")))
    run(session)
    assert session.state == replace(state, source=replace(state.source, person="head"))
    session.store.undo()
    assert session.state.source.paths == ()


def test_what_is_open_stays_where_a_session_cannot_be_loaded(session, head, tmp_path):
    folder = head()
    (folder / "T1map.nii.gz").write_text("broken")
    said, before = [], session.state
    session.workspace.error = said.append
    session.loading.restore(read_session(write_session(State(Source(paths=(str(folder),))), tmp_path / "one.mriexplorer")))
    run(session)
    assert "not a readable NIfTI" in said[0]
    assert session.state == before
