"""Lessons: Markdown files with steps, of which each may set something and ask for something.

The format is told in resources/lessons/README.md. Lessons of the user's own lie in ``places.own_lessons_folder``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.explain.lesson_check import Check, check_line
from mriexplorer.explain.lesson_setting import LineError, Setting, setting_line
from mriexplorer.files import read_text
from mriexplorer.places import own_lessons_folder, resource

_FENCE = "```"
_MOST_CHECKS = 12  # of a step; more would not fit below its text
_LARGEST = 200_000  # bytes; no lesson is larger


@dataclass(frozen=True)
class Step:
    """A step: its ``title``, Markdown ``text``, what it sets by itself, and what it asks for."""

    title: str
    text: str
    setting: Setting
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Lesson:
    """A lesson by its ``name`` (that of its file); ``summary`` says in a sentence what it is about."""

    name: str
    title: str
    summary: str
    steps: tuple[Step, ...]

    def setting(self, step: int) -> Setting:
        """What is set at a step: all that was set up to it, so that nobody has to start at the beginning."""
        result = Setting()
        for one in self.steps[: step + 1]:
            result = result.then(one.setting)
        return result


@dataclass
class _Draft:
    """A step while its lines are read."""

    title: str
    lines: list[str] = field(default_factory=list)
    setting: Setting = field(default_factory=Setting)
    checks: list[Check] = field(default_factory=list)

    def step(self) -> Step:
        return Step(self.title, "\n".join(self.lines).strip(), self.setting, tuple(self.checks))


def read_lesson(path: Path) -> Lesson:
    """A lesson's file. Raises InputError that names file and line."""
    return parse_lesson(read_text(path, _LARGEST), path)


def parse_lesson(text: str, path: Path) -> Lesson:
    """A lesson from its Markdown. Raises InputError that names file and line."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            reader.take(line)
        except LineError as error:
            raise InputError(f"{path}, line {number}: {error}.") from None
    try:
        return reader.lesson(path.stem)
    except LineError as error:
        raise InputError(f"{path}: {error}.") from None


class _Reader:
    """Takes a lesson line by line."""

    def __init__(self) -> None:
        self._title = ""
        self._summary: list[str] = []
        self._drafts: list[_Draft] = []
        self._block = ""  # set, check, or another fenced block, while inside it
        self._before = Setting()

    def take(self, line: str) -> None:
        """One line. Raises LineError."""
        if line.startswith(_FENCE):
            self._fence(line[len(_FENCE) :].strip())
        elif self._block in ("set", "check"):
            if line.strip():
                self._order(line)
        elif line.startswith("# ") and not self._block:
            if self._title:
                raise LineError("a lesson has one title (one line with a single #)")
            self._title = line[2:].strip()
        elif line.startswith("## ") and not self._block:
            self._drafts.append(_Draft(line[3:].strip()))
        else:
            (self._drafts[-1].lines if self._drafts else self._summary).append(line)

    def _fence(self, kind: str) -> None:
        """The start or end of a block; blocks of other kinds stay in the text."""
        inside, self._block = self._block, "" if self._block else kind or "text"
        if inside not in ("set", "check") and self._block not in ("set", "check"):
            (self._drafts[-1].lines if self._drafts else self._summary).append(_FENCE)
        elif not inside and not self._drafts:
            raise LineError(f"a {kind} block belongs into a step (after a line with ##)")
        elif inside and kind:
            raise LineError(f"the {inside} block before is not closed")

    def _order(self, line: str) -> None:
        draft = self._drafts[-1]
        if self._block == "check":
            if len(draft.checks) >= _MOST_CHECKS:
                raise LineError(f"a step asks for at most {_MOST_CHECKS} things")
            draft.checks.append(check_line(line))
            return
        pair = setting_line(line, self._before.then(draft.setting))
        if pair[0] in dict(draft.setting.pairs):
            raise LineError(f"{pair[0]} is set twice")
        draft.setting = Setting((*draft.setting.pairs, pair))
        if pair[0] in ("preset", "sequence") and {"preset", "sequence"} <= dict(draft.setting.pairs).keys():
            raise LineError("a preset has its sequence already")
        self._before = self._before.then(Setting((pair,)))

    def lesson(self, name: str) -> Lesson:
        """What was read. Raises LineError where something is missing."""
        if self._block:
            raise LineError(f"a {self._block} block is not closed")
        if not self._title:
            raise LineError("a lesson begins with its title: # Title")
        if not self._drafts:
            raise LineError("a lesson has steps: ## First step")
        return Lesson(name, self._title, "\n".join(self._summary).strip(), tuple(draft.step() for draft in self._drafts))


def lesson_files() -> Iterator[Path]:
    """The shipped lessons in the order of their names, then the user's own."""
    for folder in (resource("lessons"), own_lessons_folder()):
        if folder.is_dir():
            yield from sorted(path for path in folder.glob("*.md") if path.name.lower() != "readme.md")


def load_lessons() -> tuple[dict[str, Lesson], tuple[str, ...]]:
    """Every lesson by its name, and a sentence for each file that is none. An own lesson replaces a shipped one of its name."""
    found: dict[str, Lesson] = {}
    wrong: list[str] = []
    for path in lesson_files():
        try:
            found[path.stem] = read_lesson(path)
        except InputError as error:
            wrong.append(str(error))
    return found, tuple(wrong)
