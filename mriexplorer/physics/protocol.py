"""A protocol: a sequence with a value of each of its parameters. What a slider moves, a preset names and a sidecar tells."""

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, final

from mriexplorer.physics.equations import Array
from mriexplorer.physics.parameters import Parameter
from mriexplorer.physics.sequence import Problem, Sequence, problems, signal
from mriexplorer.physics.sequences import SEQUENCES


@final
class Protocol:
    """A ``sequence`` of the table with ``values`` of all its parameters, in seconds and degrees. It never changes.

    ``sequence`` may be given by its name. Raises ValueError where values are missing, or are of parameters that it lacks.
    """

    __slots__ = ("__dict__", "sequence", "values")
    sequence: Sequence
    values: Mapping[str, float]

    def __init__(self, sequence: Sequence | str, values: Mapping[str, float]) -> None:
        row = SEQUENCES[sequence] if isinstance(sequence, str) else sequence
        if values.keys() != row.names:
            known, given = (", ".join(sorted(names)) for names in (row.names, values))
            raise ValueError(f"{row.label} has the parameters {known}, not {given}")
        object.__setattr__(self, "sequence", row)
        object.__setattr__(self, "values", MappingProxyType(dict(values)))

    @classmethod
    def complete(cls, sequence: Sequence | str, values: Mapping[str, float] | None = None) -> "Protocol":
        """With the sequence's default for each value that is not given; values of parameters that it lacks are passed over."""
        row = SEQUENCES[sequence] if isinstance(sequence, str) else sequence
        return cls(row, row.complete(values or {}))

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"a protocol cannot change its {name}")

    def __getitem__(self, name: str) -> float:
        """The value of a parameter. KeyError where the sequence has none of that name."""
        return self.values[name]

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Protocol) and self.sequence is other.sequence and self.values == other.values)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.sequence.name, *(self.values[p.name] for p in self.sequence.parameters)))

    def __repr__(self) -> str:
        return f"Protocol({self.sequence.name!r}, {dict(self.values)})"

    def __reduce__(self) -> tuple[Callable[..., "Protocol"], tuple[str, dict[str, float]]]:
        return Protocol, (self.sequence.name, dict(self.values))

    # -- what it means -----------------------------------------------------------------------------------------

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Every reason why a scanner could not run it; empty where it could."""
        return problems(self.sequence, self.values)

    @property
    def title(self) -> str:
        """What its image is called: ``STIR``, ``MPRAGE``."""
        return self.sequence.title(self.values) if self.sequence.title else self.sequence.label

    @property
    def suffix(self) -> str:
        """The BIDS suffix of its image: ``T2w``."""
        return self.sequence.suffix(self.values)

    def signal(self, pd: Array, t1: Array, decay: Array, *, magnitude: bool = True) -> Array:
        """What it shows of a tissue, as ``physics.signal``; it must be free of ``problems``."""
        return signal(self.sequence, pd, t1, decay, self.values, magnitude=magnitude)

    def spread(self, pd: Array, t1: Array, decay: Array) -> Any:
        """The standard deviation of what is shown for noise of 1 in the signals that it is made of (``Sequence.spread``)."""
        return 1.0 if self.sequence.spread is None else self.sequence.spread(pd, t1, decay, **self.values)

    # -- others like it ----------------------------------------------------------------------------------------

    def with_values(self, **changed: float) -> "Protocol":
        """With some parameters moved, each kept inside its range. KeyError for one that the sequence lacks."""
        clipped = {name: self.sequence.parameter(name).clip(value) for name, value in changed.items()}
        return Protocol(self.sequence, {**self.values, **clipped})

    def within(self) -> "Protocol":
        """With every value kept inside its range."""
        return Protocol(self.sequence, self.sequence.within(self.values))

    def scaled(self, shares: Mapping[str, float]) -> "Protocol":
        """With some parameters multiplied, each kept inside its range; those that the sequence lacks are passed over."""
        return self.with_values(**{name: self.values[name] * share for name, share in shares.items() if name in self.values})

    @property
    def twin(self) -> "Protocol":
        """In the other family of equations: the same values where a scanner could run them there, else its defaults."""
        kept = Protocol.complete(self.sequence.twin, self.values)
        return Protocol.complete(self.sequence.twin) if kept.problems else kept

    def in_model(self, model: str) -> "Protocol":
        """In the family of equations ``full`` or ``ideal``."""
        return self if self.sequence.model == model else self.twin

    @property
    def timed(self) -> tuple[Parameter, ...]:
        """The parameters that tell a person what it is: those that do not fold away, and are no plain numbers."""
        return tuple(p for p in self.sequence.parameters if p.unit != "1" and not p.expert)
