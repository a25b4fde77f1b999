"""What a step of a lesson asks for: lines that the live state satisfies or not.

::

    ti within 2300 2700       a parameter, in ms, degrees or a number
    csf < 0.1 wm              signals of literature tissues under the protocol as shown; also csf > 0.3
    sequence is flair         also field, view, magnitude, panel, curve, varied
    cursor on csf             what the crosshair is on
    subject is synthetic      or built-in
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mriexplorer.explain.curves import tissue, under_crosshair
from mriexplorer.explain.lesson_setting import (
    PARAMETERS,
    LineError,
    field_strength,
    number,
    on_or_off,
    one_of,
)
from mriexplorer.explain.tissue_class import SPOKEN, TISSUE_CLASSES, tissue_class_of
from mriexplorer.physics import SEQUENCES
from mriexplorer.render.scene import Scene
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.state import State
from mriexplorer.view.views import VIEWS


class Check(ABC):
    """One line of a ``check`` block."""

    @abstractmethod
    def holds(self, scene: Scene, state: State) -> bool:
        """Whether the state satisfies it."""

    @abstractmethod
    def words(self, scene: Scene, state: State) -> str:
        """What is asked for, and how it stands."""


@dataclass(frozen=True)
class Within(Check):
    """A parameter lies between two values."""

    name: str
    low: float
    high: float

    def holds(self, scene: Scene, state: State) -> bool:
        return self.name in state.protocol and self.low <= state.protocol[self.name] <= self.high

    def words(self, scene: Scene, state: State) -> str:
        kind = PARAMETERS[self.name]
        low, high = (kind.shown(end, state.appearance.times) for end in (self.low, self.high))
        now = (
            f"now {kind.shown(state.protocol[self.name], state.appearance.times)}"
            if self.name in state.protocol
            else "not in this sequence"
        )
        return f"{kind.label} between {low} and {high} {kind.unit_in(state.appearance.times)} ({now})"


@dataclass(frozen=True)
class Signal(Check):
    """The signal of a tissue is below or above a share of another's, or a number."""

    name: str
    below: bool
    share: float
    other: str  # empty: the share is the limit itself

    def holds(self, scene: Scene, state: State) -> bool:
        if state.problems:
            return False
        own, limit = self._signal(self.name, scene, state), self._limit(scene, state)
        return own < limit if self.below else own > limit

    def words(self, scene: Scene, state: State) -> str:
        limit = (
            f"{self.share:g} × {_label(self.other)}"
            if self.other and self.share != 1
            else _label(self.other) or f"{self.share:g}"
        )
        way = ("darker" if self.below else "brighter") + " than" if self.share == 1 else "at most" if self.below else "at least"
        asked = f"{_label(self.name)} {way} {limit}"
        if state.problems:
            return f"{asked} (no image)"
        own = self._signal(self.name, scene, state)
        if not self.other:
            return f"{asked} (now\N{NO-BREAK SPACE}{own:.3f})".replace("-", "−")
        other = self._signal(self.other, scene, state)
        return f"{asked} (now\N{NO-BREAK SPACE}{own / other:.2f}\N{NO-BREAK SPACE}×)".replace("-", "−") if other else asked

    def _limit(self, scene: Scene, state: State) -> float:
        return self.share * (self._signal(self.other, scene, state) if self.other else 1.0)

    def _signal(self, name: str, scene: Scene, state: State) -> float:
        return tissue(name, scene.subject.field).signal(state.protocol, magnitude=state.contrast.magnitude)


@dataclass(frozen=True)
class Is(Check):
    """A part of the state has a value."""

    name: str
    value: Any
    said: str

    def holds(self, scene: Scene, state: State) -> bool:
        if self.name == "subject":
            return scene.subject.synthetic if self.value == "synthetic" else scene.subject.literature
        if self.name == "sequence" and state.sequence.model == "ideal" and self.value == state.sequence.twin:
            return True
        return bool(_READ[self.name](state) == self.value)

    def words(self, scene: Scene, state: State) -> str:
        return self.said


@dataclass(frozen=True)
class On(Check):
    """The crosshair is on a tissue."""

    name: str

    def holds(self, scene: Scene, state: State) -> bool:
        here = under_crosshair(scene.reading(state))
        return here is not None and tissue_class_of(here, scene.subject.field).names == (self.name,)

    def words(self, scene: Scene, state: State) -> str:
        return f"the crosshair on {SPOKEN[self.name]}"


def _label(name: str) -> str:
    return SPOKEN.get(name, name)


def check_line(text: str) -> Check:
    """One line of a ``check`` block. Raises LineError."""
    words = text.split()
    if len(words) == 4 and words[1] == "within":
        return _within(words)
    if len(words) in (3, 4) and words[1] in ("<", ">"):
        return _signal(words)
    if len(words) >= 3 and words[1] == "is":
        return _is(words[0], " ".join(words[2:]))
    if len(words) == 3 and words[:2] == ["cursor", "on"]:
        return On(one_of(TISSUE_CLASSES)(words[2]))
    raise LineError(
        f"{text.strip()!r} is no check; write as in: ti within 2300 2700, csf < 0.1 wm, sequence is flair, cursor on csf"
    )


def _within(words: list[str]) -> Check:
    if words[0] not in PARAMETERS:
        raise LineError(f"{words[0]!r} is no parameter; those are {', '.join(PARAMETERS)}")
    low, high = (number(word, PARAMETERS[words[0]]) for word in words[2:])
    if low >= high:
        raise LineError(f"{words[2]} is not less than {words[3]}")
    return Within(words[0], low, high)


def _signal(words: list[str]) -> Check:
    name, other = one_of(TISSUE_CLASSES)(words[0]), one_of(TISSUE_CLASSES)(words[3]) if len(words) == 4 else ""
    return Signal(name, words[1] == "<", number(words[2]), other)


def _is(name: str, text: str) -> Check:
    name = "panel" if name == "corner" else name  # its name in version 0.1
    if name not in _PARTS:
        raise LineError(f"{name!r} cannot be asked for; what can is {', '.join(_PARTS)}")
    read, said = _PARTS[name]
    value = read(text)
    return Is(name, value, said(text))


_panel = one_of(tuple(SidePanel), {"find": SidePanel.SEARCH})
_VIEWS_SAID = {"signal": "the signal", "t1": "the T1 map", "t2": "the T2 map", "t2star": "the T2* map", "pd": "the PD map"}
_READ: Mapping[str, Callable[[State], Any]] = {
    "sequence": lambda state: state.sequence.name,
    "field": lambda state: state.source.field,
    "view": lambda state: state.view,
    "magnitude": lambda state: state.contrast.magnitude,
    "panel": lambda state: state.panels.side,
    "curve": lambda state: state.panels.curve,
    "varied": lambda state: state.panels.varied,
}
_PARTS: Mapping[str, tuple[Callable[[str], Any], Callable[[str], str]]] = {
    "sequence": (one_of(tuple(SEQUENCES)), lambda t: f"the sequence {SEQUENCES[t].label}"),
    "field": (field_strength, lambda t: f"a field of {t} T"),
    "view": (one_of(VIEWS), lambda t: f"{_VIEWS_SAID[t]} is shown"),
    "magnitude": (on_or_off, lambda t: "Signed is off (Display)" if t == "on" else "Signed is on (Display)"),
    "panel": (_panel, lambda t: f"{SidePanel(_panel(t)).label} beside the planes"),
    "curve": (
        one_of(("signal", "recovery")),
        lambda t: "Mz over one TR in Curves" if t == "recovery" else "Signal over in Curves",
    ),
    "varied": (one_of(tuple(PARAMETERS)), lambda t: f"curves over {PARAMETERS[t].label}"),
    "subject": (
        one_of(("synthetic", "built-in"), {"invented": "synthetic"}),
        lambda t: "a synthetic person is shown" if t in ("synthetic", "invented") else "the built-in brain is shown",
    ),
}
