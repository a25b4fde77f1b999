"""Sampling through the session, without a window: recipes in the state, rough brains first, cancel, undo, comparison."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.explorer import sampler as module
from mriexplorer.explorer.session import Session
from mriexplorer.explorer.state import Recipe, State
from mriexplorer.explorer.stored_state import from_json
from mriexplorer.places import FOLDS, PEOPLE, models

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((models() / name / "config.json").is_file() for name in (PEOPLE, FOLDS)),
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
        self.session.failed = self.said.append
        self.session.shown = self.shown.append
        self.session.loading.start(State())
        self.studio = self.session.studio

    def until(self, there: Callable[[], bool], seconds: float = 180) -> bool:
        end = time.monotonic() + seconds
        while not there() and time.monotonic() < end:
            while self.calls:
                self.calls.pop(0)()
            time.sleep(0.01)
        return there()

    def settled(self) -> bool:
        return self.until(lambda: self.studio.draft is None)


@pytest.fixture
def bench(same_people: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Whole brains at 2 mm, so that they are quick."""
    monkeypatch.setattr(module, "VOXEL", 2)
    made = Bench()
    yield made
    made.session.loading.close()


def test_sampling_shows_a_rough_brain_and_then_a_whole_one(bench: Bench) -> None:
    bench.studio.sample()
    assert bench.until(lambda: bench.session.scene.subject.invented)  # type: ignore[union-attr]
    rough = bench.session.scene
    assert bench.session.state.sampled is None  # the state waits for the whole brain
    assert bench.settled()
    assert bench.session.state.sampled is not None and bench.session.scene is not rough
    record = bench.studio.record
    assert 15 < float(record["age"]) < 100 and record["sex"] in ("F", "M")
    assert [m.recipe for m in bench.studio.members] == [bench.session.state.sampled]
    bench.session.store.undo()
    assert bench.session.scene.subject.literature  # type: ignore[union-attr]
    bench.session.store.redo()
    assert bench.session.scene.subject.invented and bench.studio.record == record  # type: ignore[union-attr]


def test_an_attribute_that_is_dragged_is_followed_and_then_fixed(bench: Bench) -> None:
    bench.studio.sample()
    assert bench.settled()
    seed = bench.session.state.sampled.seed  # type: ignore[union-attr]
    before = bench.session.scene
    for age in (40.0, 60.0, 85.0):
        bench.studio.wish("age", age, settled=False)
    assert bench.until(lambda: bench.studio.record.get("age") == 85.0)
    assert bench.session.scene is not before and dict(bench.session.state.sampled.given) == {}  # type: ignore[union-attr]
    bench.studio.settle()
    assert bench.settled()
    assert bench.session.state.sampled == Recipe(seed, (("age", 85.0),))
    bench.studio.free("age")
    assert bench.settled()
    assert bench.session.state.sampled == Recipe(seed)


def test_cancel_brings_back_what_was_open(bench: Bench) -> None:
    before = bench.session.scene
    bench.studio.sample()
    bench.until(lambda: bench.session.scene is not before)
    bench.session.loading.cancel()
    bench.until(lambda: False, 1.0)
    assert bench.session.scene is before and bench.studio.draft is None
    assert bench.session.state.sampled is None and bench.said == []


def test_closing_while_sampling_leaves_no_thread(bench: Bench) -> None:
    import threading

    bench.studio.sample()
    bench.session.loading.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mriexplorer-job")]


def test_two_people_are_compared(bench: Bench) -> None:
    bench.studio.sample()
    assert bench.settled()
    first = bench.session.state.sampled
    bench.studio.sample()
    assert bench.settled()
    bench.studio.compare(first)
    assert bench.until(lambda: bench.session.state.beside is not None)
    scene, state = bench.session.scene, bench.session.state
    assert state.layout == "compare" and scene is not None and scene.compared == ("signal", "other", "difference")
    from dataclasses import replace

    own, other, off = (scene.pane("axial", replace(state, view=view)).pixels for view in scene.compared)
    assert np.any(own != other) and len(np.unique(off)) > 20
    bench.studio.compare(None)
    assert bench.until(lambda: bench.session.state.beside is None) and bench.session.state.layout == "grid"


def test_somebody_between(bench: Bench) -> None:
    bench.studio.sample()
    assert bench.settled()
    first = bench.session.state.sampled
    bench.studio.sample()
    assert bench.settled()
    bench.studio.between(first)  # type: ignore[arg-type]
    assert bench.settled()
    recipe = bench.session.state.sampled
    assert recipe is not None and recipe.other == (first.seed, first.given) and recipe.share == 0.5  # type: ignore[union-attr]
    assert from_json(bench.session.state.to_json()) == bench.session.state


def test_what_cannot_be_is_said_and_nothing_is_lost(bench: Bench) -> None:
    bench.studio.sample()
    assert bench.settled()
    scene, state = bench.session.scene, bench.session.state
    bench.studio.wish("age", 400.0, settled=True)
    assert bench.until(lambda: bool(bench.said))
    assert "Age cannot be 400" in bench.said[0]
    assert bench.session.scene is scene and bench.session.state == state and bench.studio.draft is None


def test_a_missing_model_is_a_sentence(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PEOPLE", "nobody")
    bench.studio.sample()
    assert bench.until(lambda: bool(bench.said))
    assert "nobody is no model" in bench.said[0]
    with pytest.raises(InputError, match="model of people is missing"):
        module.columns()


def test_no_memory_goes_on_on_the_cpu(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from mriexplorer.generative import devices

    sampler, told, tried = bench.studio.sampler, [], []
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
    bench.studio.sample(3)
    assert bench.until(lambda: len(bench.studio.members) == 3) and bench.settled()
    first, second = (member.recipe for member in bench.studio.members[:2])
    bench.studio.keep(second, kept=True)
    assert bench.studio.members[0].recipe == second and bench.studio.members[0].kept
    bench.studio.remove(first)
    assert len(bench.studio.members) == 2
    bench.studio.empty()
    assert [member.recipe for member in bench.studio.members] == [second]
    bench.studio.show(second)
    assert bench.settled() and bench.session.state.sampled == second
