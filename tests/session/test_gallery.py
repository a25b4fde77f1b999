"""Sampling through the session, without a window: recipes in the state, rough brains first, cancel, undo, comparison."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.places import FOLDING, PEOPLE, models
from mriexplorer.session import attribute_range
from mriexplorer.session import sampler as module
from mriexplorer.session.session import Session
from mriexplorer.view.source import Recipe
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((models() / name / "config.json").is_file() for name in (PEOPLE, FOLDING)),
        reason="the shipped models are not there",
    ),
]


class Bench:
    """A session whose posted calls are run here, in the thread of the test."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []
        self.session = Session(State(), self.calls.append)
        self.said: list[str] = []
        self.shown: list[object] = []
        self.session.workspace.error = self.said.append
        self.session.workspace.subject_changed = self.shown.append
        self.session.loading.start(State())
        self.gallery = self.session.gallery

    def until(self, there: Callable[[], bool], seconds: float = 180) -> bool:
        end = time.monotonic() + seconds
        while not there() and time.monotonic() < end:
            while self.calls:
                self.calls.pop(0)()
            time.sleep(0.01)
        return there()

    def settled(self) -> bool:
        return self.until(lambda: self.gallery.draft is None)


@pytest.fixture
def bench(same_people: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Whole brains at 2 mm, so that they are quick."""
    monkeypatch.setattr(module, "VOXEL", 2)
    made = Bench()
    yield made
    made.session.loading.close()


def test_sampling_shows_a_rough_brain_and_then_a_whole_one(bench: Bench) -> None:
    bench.gallery.sample()
    assert bench.until(lambda: bench.session.scene.subject.synthetic)  # type: ignore[union-attr]
    rough = bench.session.scene
    assert bench.session.state.source.recipe is None  # the state waits for the whole brain
    assert bench.settled()
    assert bench.session.state.source.recipe is not None and bench.session.scene is not rough
    record = bench.gallery.record
    assert 15 < float(record["age"]) < 100 and record["sex"] in ("F", "M")
    assert [m.recipe for m in bench.gallery.members] == [bench.session.state.source.recipe]
    bench.session.store.undo()
    assert bench.session.scene.subject.literature  # type: ignore[union-attr]
    bench.session.store.redo()
    assert bench.session.scene.subject.synthetic and bench.gallery.record == record  # type: ignore[union-attr]


def test_an_attribute_that_is_dragged_is_followed_and_then_fixed(bench: Bench) -> None:
    bench.gallery.sample()
    assert bench.settled()
    seed = bench.session.state.source.recipe.seed  # type: ignore[union-attr]
    before = bench.session.scene
    for age in (40.0, 60.0, 85.0):
        bench.gallery.set_condition("age", age, settled=False)
    assert bench.until(lambda: bench.gallery.record.get("age") == 85.0)
    assert bench.session.scene is not before and dict(bench.session.state.source.recipe.given) == {}  # type: ignore[union-attr]
    bench.gallery.settle()
    assert bench.settled()
    assert bench.session.state.source.recipe == Recipe(seed, (("age", 85.0),))
    bench.gallery.free("age")
    assert bench.settled()
    assert bench.session.state.source.recipe == Recipe(seed)


def test_cancel_brings_back_what_was_open(bench: Bench) -> None:
    before = bench.session.scene
    bench.gallery.sample()
    bench.until(lambda: bench.session.scene is not before)
    bench.session.loading.cancel()
    bench.until(lambda: False, 1.0)
    assert bench.session.scene is before and bench.gallery.draft is None
    assert bench.session.state.source.recipe is None and bench.said == []


def test_closing_while_sampling_leaves_no_thread(bench: Bench) -> None:
    import threading

    bench.gallery.sample()
    bench.session.loading.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mriexplorer-job")]


def test_two_people_are_compared(bench: Bench) -> None:
    bench.gallery.sample()
    assert bench.settled()
    first = bench.session.state.source.recipe
    bench.gallery.sample()
    assert bench.settled()
    bench.gallery.compare(first)
    assert bench.until(lambda: bench.session.state.source.beside is not None)
    scene, state = bench.session.scene, bench.session.state
    assert state.display.layout == "compare" and scene is not None and scene.compared == ("signal", "other", "difference")

    own, other, off = (scene.rendered(("axial",), state.with_contrast(view=view))[0].pixels for view in scene.compared)
    assert np.any(own != other) and len(np.unique(off)) > 20
    bench.gallery.compare(None)
    assert bench.until(lambda: bench.session.state.source.beside is None) and bench.session.state.display.layout == "grid"


def test_somebody_between(bench: Bench) -> None:
    bench.gallery.sample()
    assert bench.settled()
    first = bench.session.state.source.recipe
    bench.gallery.sample()
    assert bench.settled()
    bench.gallery.between(first)  # type: ignore[arg-type]
    assert bench.settled()
    recipe = bench.session.state.source.recipe
    assert recipe is not None and recipe.other == (first.seed, first.given) and recipe.share == 0.5  # type: ignore[union-attr]
    assert from_json(to_json(bench.session.state)) == bench.session.state


def test_what_cannot_be_is_said_and_nothing_is_lost(bench: Bench) -> None:
    bench.gallery.sample()
    assert bench.settled()
    scene, state = bench.session.scene, bench.session.state
    bench.gallery.set_condition("age", 400.0, settled=True)
    assert bench.until(lambda: bool(bench.said))
    assert "Age cannot be 400" in bench.said[0]
    assert bench.session.scene is scene and bench.session.state == state and bench.gallery.draft is None


def test_a_missing_model_is_a_sentence(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PEOPLE", "nobody")
    bench.gallery.sample()
    assert bench.until(lambda: bool(bench.said))
    assert "nobody is no model" in bench.said[0]
    monkeypatch.setattr(attribute_range, "PEOPLE", "nobody")
    with pytest.raises(InputError, match="model of people is missing"):
        attribute_range.attribute_ranges()


def test_no_memory_goes_on_on_the_cpu(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from mriexplorer.generative import devices

    sampler, told, tried = bench.gallery.sampler, [], []
    sampler.notice = told.append
    monkeypatch.setattr(sampler, "_device", lambda: sampler.device or "cuda")

    def work() -> str:
        tried.append(sampler.device)
        if sampler.device is None:
            raise devices.NoMemory("none left")
        return "done"

    assert sampler._without_memory(work) == "done"
    assert tried == [None, "cpu"] and "CUDA has too little memory" in told[0]


def test_the_gallery_keeps_and_forgets(bench: Bench) -> None:
    bench.gallery.sample(3)
    assert bench.until(lambda: len(bench.gallery.members) == 3) and bench.settled()
    first, second = (member.recipe for member in bench.gallery.members[:2])
    bench.gallery.keep(second, kept=True)
    assert bench.gallery.members[0].recipe == second and bench.gallery.members[0].kept
    bench.gallery.remove(first)
    assert len(bench.gallery.members) == 2
    bench.gallery.empty()
    assert [member.recipe for member in bench.gallery.members] == [second]
    bench.gallery.show(second)
    assert bench.settled() and bench.session.state.source.recipe == second
