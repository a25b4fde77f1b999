"""A session as a file: reopened the same, moved with its maps, and refused in a sentence where it cannot be."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, Protocol
from mriexplorer.session.session import Session
from mriexplorer.view.contrast import Contrast
from mriexplorer.view.session_file import read_session, write_session
from mriexplorer.view.source import Recipe, Source
from mriexplorer.view.state import State

REGION = {
    "name": "A", "kind": "ellipse", "plane": "axial", "points": [[0, 0, 0]], "radii": [5, 5], "tissue": "", "view": "",
    "limits": [0, 0], "sequence": "", "values": [], "magnitude": True, "colour": 0,
}  # fmt: skip


def looked_at(folder):
    """A state with something of everything."""
    picked = (("pd", str(folder / "PDmap.nii.gz")),)
    state = State(Source(paths=(str(folder),), picked=picked, units=(("t1", "s"),))).with_sequence("flair")
    state = state.with_values(te=0.0912345, ti=2.4).with_window(0.1, 0.7).with_contrast(preset="x")
    return state.with_display(cursor=(3.0, -4.5, 6.0), zoom=2.0, centre=(1.0, 2.0, 3.0), layout="coronal",
                              convention="neurological", smooth=False, auto=False)  # fmt: skip


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
    assert read_session(moved / "sessions" / "one.mriexplorer").source.paths == (str(moved / "head"),)


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
        ({"cursor": [1, 2]}, "expected array of length 3, got 2 at display.cursor"),
        ({"cursor": 5}, "not a state"),
        ({"values": [["te", float("nan")]]}, "expected float, got null at values"),
        ({"sequence": "nonsense"}, "not a state"),
        ({"smooth": "yes"}, "expected bool, got str at display.smooth"),
        ({"paths": [5]}, "expected str"),
        ({"paths": 5}, "not a state"),
        ({"layout": "spiral"}, "there is no display.layout 'spiral'"),
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
        ({"noise_seed": 10**400}, "expected int, got null at display.noise_seed"),
        ({"seed": float("inf"), "zoom": float("inf")}, "expected float, got null at display.zoom"),
        ({"regions": [REGION] * 201}, "more than 200 regions"),
        ({"regions": [REGION | {"kind": "polygon", "points": [[0, 0, 0]] * 20_001, "radii": []}]}, "more than 20000 points"),
        *(({"regions": [REGION | {name: wrong}]}, "not a state") for name in REGION for wrong in ([[]], {}, None, 1e300)),
        ({"regions": [REGION | {"name": "a\nb"}]}, "no proper name"),
    ],
)
def test_what_is_no_session_is_said_in_one_sentence(change, said, tmp_path):
    """Of version 0.1, whose state was one list of fields; what is wrong is told by its place in the state of today."""
    path = write_session(State(), tmp_path / "one.mriexplorer")
    if isinstance(change, dict):
        path.write_text(json.dumps({"mriexplorer": "0.1.0", "state": change}))
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
    content["state"]["contrasts"] = [{"protocol": {"sequence": sequence, "values": dict(values)}}]
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
    assert not session.state.comparison.pinned.protocol.problems
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


# -- files of version 0.1 --------------------------------------------------------------------------------------

KEPT = Path(__file__).with_name("sessions-0.1")
BESIDE = ("head", "dataset", "encoded", "T1map.nii.gz", "T2map.nii.gz", "maps/größe PD.nii.gz")  # the maps that they name


@pytest.fixture
def kept(tmp_path):
    """A folder with the kept sessions, and empty files where their maps were."""
    shutil.copytree(KEPT, tmp_path / "kept")
    for name in BESIDE:
        path = tmp_path / "kept" / name
        path.parent.mkdir(exist_ok=True)
        path.touch() if path.suffix else path.mkdir()
    return tmp_path / "kept"


def protocol_of(flat):
    return Protocol.complete(flat["sequence"], dict(flat["values"]))


def contrast_of(flat):
    window = dict(flat["windows"]).get("signal") if "windows" in flat else flat["window"]
    window = tuple(window) if window is not None else None
    return Contrast(protocol_of(flat), flat["magnitude"], window, flat["preset"], flat["view"])


@pytest.mark.parametrize("name", sorted(path.name for path in KEPT.glob("*.mriexplorer")))
def test_a_session_of_version_0_1_opens_as_it_was(name, kept):
    old = json.loads((KEPT / "expected.json").read_text())["states"][name]
    state = read_session(kept / name)
    assert state.contrast == contrast_of(old)
    every = [contrast_of(one) for one in old["contrasts"]]
    assert [one for place, one in enumerate(state.contrasts) if place != state.chosen] == [
        one for place, one in enumerate(every) if place != old["chosen"]
    ]
    assert state.comparison.pinned == (contrast_of(old["pinned"]) if old["pinned"] else None)
    assert [Path(path).relative_to(kept).as_posix() for path in state.source.paths] == old["paths"]
    recipes = (state.source.recipe, old["sampled"]), (state.source.beside, old["beside"])
    for recipe, told in recipes:
        assert (recipe is None) == (told is None)
        assert recipe is None or (recipe.seed, dict(recipe.given), recipe.share) == (
            told["seed"],
            dict(told["given"]),
            told["share"],
        )
    display, windows = state.display, {view: tuple(window) for view, window in old["windows"] if view != "signal"}
    assert (display.zoom, display.snr, display.noise_seed, dict(display.windows)) == (
        old["zoom"], old["snr"], old["noise_seed"], windows)  # fmt: skip
    assert display.layout == {"corner": "side panel"}.get(old["layout"], old["layout"])
    assert state.panels.side == {"find": "search"}.get(old["corner"], old["corner"])
    same = {
        "display": ("convention", "auto", "smooth", "crosshair"),
        "panels": ("varied", "curve", "lesson", "step", "people", "expert"),
        "comparison": ("scan", "wipe", "rate", "together"),
        "source": ("person", "field"),
    }
    for part, fields in same.items():
        assert {field: getattr(getattr(state, part), field) for field in fields} == {field: old[field] for field in fields}
    assert (display.plane, state.comparison.mode, list(state.measurement.selected)) == (
        old["compared"],
        old["ab"],
        old["selected"],
    )
    for place, told in ((display.cursor, old["cursor"]), (display.centre, old["centre"])):
        assert place == (tuple(told) if told else None)
    assert asdict(state.panels.search) | {"limits": []} == old["finding"] | {"limits": []}
    assert [(name, list(limits)) for name, limits in state.panels.search.limits] == [
        tuple(one) for one in old["finding"]["limits"]
    ]
    assert asdict(state.volume) == {"preset": old["volume_preset"], "clip": old["volume_clip"], "camera": old["camera"]}
    for region, told in zip(state.measurement.regions, old["regions"], strict=True):
        assert (region.name, region.kind, region.plane, region.view) == tuple(told[n] for n in ("name", "kind", "plane", "view"))
        assert [list(point) for point in region.points] == told["points"]
        assert region.protocol == (protocol_of(told) if told["sequence"] else None)
    assert (state.measurement.line is None) == (old["line"] is None)


def test_a_session_of_version_0_1_is_written_as_one_of_today(kept, tmp_path):
    for path in kept.glob("*.mriexplorer"):
        state = read_session(path)
        again = write_session(state, kept / f"again-{path.name}")
        assert read_session(again) == state
        assert set(json.loads(again.read_text())["state"]) >= {"source", "contrasts", "display"}
