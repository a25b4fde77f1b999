"""A figure of an evaluation: its value with an interval, how many people it is of, and what real people among themselves give."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import isfinite, nan
from typing import Any

OTHERS = "published models"  # the group of metrics that are of other models, trained beside
_LEAST = 1e-9  # of a ceiling's interval


class Better(StrEnum):
    """Where a metric is good: as low or high as real people are among themselves, or as near to them as can be."""

    LOW = "low"
    HIGH = "high"
    NEAR = "near"


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval about a value."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Metric:
    """``value`` with its 95 % interval (bootstrap over people), of ``n`` synthetic and ``real`` real people.

    ``name`` is short and unique within the ``group`` (images, anatomy, relaxation, records, coherence, memory, maps); ``about``
    is a sentence for readers who know nothing of it. ``ceiling`` is the same metric of real people against other real people, as
    many of both; None where there is no such thing. ``p`` is how often real people among themselves are as far on the wrong side
    (of drawn halves, so never 0; NaN where none were drawn).
    """

    group: str
    name: str
    found: Interval
    n: int
    real: int
    ceiling: Interval | None = None
    better: Better = Better.NEAR
    unit: str = ""
    about: str = ""
    p: float = nan

    @property
    def value(self) -> float:
        """The metric itself."""
        return self.found.value

    @property
    def excess(self) -> float:
        """How far the value is on the wrong side of the ceiling, in half widths of the ceiling's interval; 0 where it is not."""
        if self.ceiling is None or not isfinite(self.value):
            return 0.0
        off = self.value - self.ceiling.value
        side = {Better.LOW: off, Better.HIGH: -off, Better.NEAR: abs(off)}[self.better]
        reach = self.ceiling.high - self.ceiling.value if off > 0 else self.ceiling.value - self.ceiling.low
        return max(0.0, side / max(reach, _LEAST))

    @property
    def alarm(self) -> bool:
        """Whether real people among themselves would hardly ever give such a value."""
        return self.excess > 1 and not (self.ceiling is not None and self.found.low <= self.ceiling.value <= self.found.high)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"excess": self.excess, "alarm": self.alarm}


def metric_of(plain: Mapping[str, Any]) -> Metric:
    """The metric that ``Metric.plain`` wrote. Raises KeyError, TypeError or ValueError for something else."""
    ceiling = plain["ceiling"]
    return Metric(
        str(plain["group"]), str(plain["name"]), _interval(plain["found"]), int(plain["n"]), int(plain["real"]),
        None if ceiling is None else _interval(ceiling), Better(plain["better"]), str(plain["unit"]), str(plain["about"]),
        nan if plain["p"] is None else float(plain["p"]),
    )  # fmt: skip


def _interval(plain: Mapping[str, Any]) -> Interval:
    return Interval(float(plain["value"]), float(plain["low"]), float(plain["high"]))
