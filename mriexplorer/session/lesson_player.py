"""Lessons in a session: which is open is part of the state; what a step sets goes there, what it asks is read there."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mriexplorer.explain.lessons import Lesson, Step, load_lessons

if TYPE_CHECKING:
    from mriexplorer.session.session import Session
    from mriexplorer.view.state import State


@dataclass(frozen=True)
class Asked:
    """What a step asks for in words, and whether it is ``done``."""

    words: str
    done: bool


class Classroom:
    """Opens lessons, walks through them, and tells how far the live state is."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    @cached_property
    def _loaded(self) -> tuple[dict[str, Lesson], tuple[str, ...]]:
        return load_lessons()  # at the first lesson, not at the start

    @property
    def lessons(self) -> dict[str, Lesson]:
        """Every lesson by its name."""
        return self._loaded[0]

    @property
    def wrong(self) -> tuple[str, ...]:
        """A sentence for each file that is no lesson."""
        return self._loaded[1]

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that is open. None also where a state names one that is not there."""
        name = self._session.state.lesson
        return self.lessons.get(name) if name else None

    @property
    def number(self) -> int:
        """The number of the step, from 0."""
        lesson = self.lesson
        return min(self._session.state.step, len(lesson.steps) - 1) if lesson is not None else 0

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        lesson = self.lesson
        return lesson.steps[self.number] if lesson is not None else None

    def open(self, name: str = "") -> None:
        """Open a lesson at its first step; without a name, the first lesson."""
        name = name or next(iter(self.lessons), "")
        self._go(replace(self._session.state, lesson=name, step=0))

    def close(self) -> None:
        """Put the lesson away."""
        self._session.store.change(replace(self._session.state, lesson="", step=0))

    def turn(self, by: int) -> None:
        """Go some steps on, or back."""
        lesson = self.lesson
        if lesson is not None:
            number = min(max(self.number + by, 0), len(lesson.steps) - 1)
            self._go(replace(self._session.state, step=number))

    def _go(self, state: "State") -> None:
        """Go to a step; the panel beside the planes that it speaks of is shown."""
        lesson = self.lessons.get(state.lesson)
        corner = dict(lesson.setting(state.step).pairs).get("corner") if lesson is not None else None
        self._session.store.change(replace(state, corner=corner or state.corner))

    @property
    def following(self) -> str:
        """The name of the lesson after the one that is open; empty where it is the last."""
        names = list(self.lessons)
        lesson = self.lesson
        return "" if lesson is None or lesson.name == names[-1] else names[names.index(lesson.name) + 1]

    def set_up(self) -> None:
        """Set what the step asks for. One step of undo."""
        lesson, scene = self.lesson, self._session.scene
        if lesson is not None and scene is not None:
            self._session.follow(lesson.setting(self.number).applied(self._session.state, scene))

    def asked(self) -> tuple[Asked, ...]:
        """What the step asks for, and what of it is done."""
        step, scene, state = self.step, self._session.scene, self._session.state
        if step is None or scene is None:
            return ()
        return tuple(Asked(check.words(scene, state), check.holds(scene, state)) for check in step.checks)
