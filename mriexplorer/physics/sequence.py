"""What one row of the table of sequences is, what a scanner could not run, and the signal of a row."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mriexplorer.physics.equations import Array
from mriexplorer.physics.parameters import Parameter

Values = Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """A relation that a scanner could not break.

    The sentence (short, it stands beside a slider) is shown at the first parameter, the others are marked. ``holds`` may
    assume values within their ranges; it takes arrays of values as well as numbers.
    """

    parameters: tuple[str, ...]
    holds: Callable[[Values], bool]
    sentence: str


@dataclass(frozen=True)
class Problem:
    """A broken rule: which sliders it concerns, and the sentence to show at the first of them."""

    parameters: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, eq=False)
class Sequence:
    """One row of the table; there is one object of each.

    ``model`` tells maps apart: ``full`` equations suit measured and literature maps, ``ideal`` (eq. 1 of the paper) those
    fitted with the ideal equations; ``twin`` names the row of the other model. ``decay`` says which map stands for the
    third argument. ``drag`` are the parameters moved by a drag across and up. ``suffix`` (of the values) and ``kind``
    are the BIDS suffix and PulseSequenceType. ``title`` names the image where its name
    depends on the values. ``separable`` says that the signal is PD times a function of T1 times exp(-TE/decay); ``of_t1`` that
    it is a function of T1 alone. ``signed`` images keep their sign whatever is wished. ``spread``, of images that are not
    a signal themselves, has the arguments of ``equation`` and gives their standard deviation for noise of 1 in the signals they
    are made of; ``unit`` says what a value counts. ``lines`` is the parameter that tells how many lines of k-space one TR reads
    (none: one).
    """

    name: str
    label: str
    equation: Callable[..., Array]
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...]
    model: Literal["full", "ideal"]
    twin: str
    kind: str
    drag: tuple[str, str]
    suffix: Callable[[Values], str]
    decay: Literal["t2", "t2star"] = "t2"
    formula: str = ""
    title: Callable[[Values], str] | None = None
    separable: bool = True
    of_t1: bool = False
    signed: bool = False
    spread: Callable[..., Array] | None = None
    unit: str = "PD of water = 1"
    lines: str = ""

    def __deepcopy__(self, _memo: object) -> "Sequence":
        return self

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {p.name: p for p in self.parameters}

    @cached_property
    def names(self) -> Set[str]:
        """The names of its parameters."""
        return self._by_name.keys()

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError when the sequence has none."""
        return self._by_name.get(name) or _missing(self.name, name)

    def defaults(self) -> dict[str, float]:
        """Every parameter's default."""
        return {p.name: p.default for p in self.parameters}

    def complete(self, values: Values) -> dict[str, float]:
        """Defaults, overridden by those of ``values`` that this sequence has."""
        return {p.name: values.get(p.name, p.default) for p in self.parameters}

    def within(self, values: Values) -> dict[str, float]:
        """``complete``, each value kept inside its range."""
        return {p.name: p.clip(value) for p, value in zip(self.parameters, self.complete(values).values(), strict=True)}


def _missing(sequence: str, parameter: str) -> Parameter:
    raise KeyError(f"{sequence} has no parameter {parameter}")


def problems(sequence: Sequence, values: Values) -> tuple[Problem, ...]:
    """Every reason why a scanner could not run ``values``; empty when it could.

    ``values`` are complete (``Sequence.complete``), in seconds and degrees. Values out of range are reported first, and
    alone, since the rules assume a range.
    """
    return outside(sequence, values) or tuple(
        Problem(rule.parameters, rule.sentence) for rule in sequence.rules if not rule.holds(values)
    )


def outside(sequence: Sequence, values: Values) -> tuple[Problem, ...]:
    """Every parameter that is out of its range, which no slider can bring it to."""
    return tuple(
        Problem((p.name,), f"{p.label} must lie between {p.shown(p.low)} and {p.shown(p.high)} {p.unit_in()}".strip())
        for p in sequence.parameters
        if not p.low * 0.999 <= values[p.name] <= p.high * 1.001
    )


def possible(sequence: Sequence, values: Mapping[str, Array]) -> Array:
    """Where a scanner could run ``values``, which may be arrays that go together: True or False, of their shape."""
    holds: Array = True
    for p in sequence.parameters:
        holds = holds & (p.low * 0.999 <= values[p.name]) & (values[p.name] <= p.high * 1.001)
    for rule in sequence.rules:
        holds = holds & rule.holds(values)
    return holds


def signal(sequence: Sequence, pd: Array, t1: Array, decay: Array, values: Values, *, magnitude: bool = True) -> Array:
    """What the sequence shows of a tissue, in units of PD = 1.

    ``pd``, ``t1``, ``decay`` are arrays of one shape; ``decay`` is T2 or T2*, as ``sequence.decay`` says; times in seconds.
    ``values`` are complete and free of ``problems``. ``magnitude`` gives the absolute value, as scanners do; without it, and
    in ``signed`` sequences always, the sign of the magnetisation is kept.
    """
    result = sequence.equation(pd, t1, decay, **{p.name: values[p.name] for p in sequence.parameters})
    return abs(result) if magnitude and not sequence.signed else result
