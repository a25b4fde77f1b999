"""Lessons in a session: which is open is part of the state; what a step sets goes there, what it asks is read there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from mriexplorer.explain.lessons import Lesson, Step, load_lessons
from mriexplorer.session.workspace import Workspace
from mriexplorer.view.state import State


@dataclass(frozen=True)
class CheckResult:
    """What a step asks for in words, and whether it is ``done``."""

    words: str
    done: bool


class LessonPlayer:
    """Opens lessons, walks through them, and tells how far the live state is. ``follow`` goes to a state that a step sets."""

    def __init__(self, workspace: Workspace, follow: Callable[[State], None]) -> None:
        self._workspace, self._follow = workspace, follow

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
        name = self._workspace.state.panels.lesson
        return self.lessons.get(name) if name else None

    @property
    def number(self) -> int:
        """The number of the step, from 0."""
        lesson = self.lesson
        return min(self._workspace.state.panels.step, len(lesson.steps) - 1) if lesson is not None else 0

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        lesson = self.lesson
        return lesson.steps[self.number] if lesson is not None else None

    def open(self, name: str = "") -> None:
        """Open a lesson at its first step; without a name, the first lesson."""
        name = name or next(iter(self.lessons), "")
        self._go(self._workspace.state.with_panels(lesson=name, step=0))

    def close(self) -> None:
        """Put the lesson away."""
        self._workspace.change(self._workspace.state.with_panels(lesson="", step=0))

    def turn(self, by: int) -> None:
        """Go some steps on, or back."""
        lesson = self.lesson
        if lesson is not None:
            number = min(max(self.number + by, 0), len(lesson.steps) - 1)
            self._go(self._workspace.state.with_panels(step=number))

    def _go(self, state: State) -> None:
        """Go to a step; the panel beside the planes that it speaks of is shown."""
        lesson = self.lessons.get(state.panels.lesson)
        panel = dict(lesson.setting(state.panels.step).pairs).get("panel") if lesson is not None else None
        self._workspace.change(state.with_panels(side=panel or state.panels.side))

    @property
    def following(self) -> str:
        """The name of the lesson after the one that is open; empty where it is the last."""
        names = list(self.lessons)
        lesson = self.lesson
        return "" if lesson is None or lesson.name == names[-1] else names[names.index(lesson.name) + 1]

    def set_up(self) -> None:
        """Set what the step asks for. One step of undo."""
        lesson, scene = self.lesson, self._workspace.scene
        if lesson is not None and scene is not None:
            self._follow(lesson.setting(self.number).applied(self._workspace.state, scene))

    def checks(self) -> tuple[CheckResult, ...]:
        """What the step asks for, and what of it is done."""
        step, scene, state = self.step, self._workspace.scene, self._workspace.state
        if step is None or scene is None:
            return ()
        return tuple(CheckResult(check.words(scene, state), check.holds(scene, state)) for check in step.checks)
