"""The columns of a record as numbers of a normal distribution, and back.

A measured number goes through its quantiles to a normal score. What comes in levels (sex, CDR, points of the MMSE) is an
interval of scores, as wide as the level is frequent: where in the interval a person stands is not known, and drawn.
Derived columns (BMI) are computed from their parts, never modelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.subject.record_columns import RecordColumn, modelled, record_column

Values = dict[str, float | str]  # a record, by the names of columns
Scores = NDArray[np.float64]
_KNOTS = 101
_TAIL = 1e-4  # of the distribution beyond the first and the last knot
_SLOPE_OVER = 8  # knots at each end over which a value beyond them is extrapolated


MEASURED_IN_IMAGES = ("ventricles",)  # columns that a picture of the brain tells, beside its shape
HIDDEN = tuple(one.name for one in modelled() if one.hidden)  # columns that are no clinical attribute
BMI = record_column("bmi")
_NEEDED = {"study", "age", "sex", "height_cm", "weight_kg", "cdr", "etiv_cm3", "nwbv", "ventricles"}  # without, no brain is made


@dataclass(frozen=True)
class Column:
    """A fitted column. ``knots``: equally spaced quantiles of numbers; ``values`` and ``shares`` of levels, in their order.

    ``usual``: the 1st and 99th percentile of what was trained on (of numbers, and of levels that are numbers).
    """

    name: str
    knots: tuple[float, ...] = ()
    values: tuple[Any, ...] = ()
    shares: tuple[float, ...] = ()
    usual: tuple[float, float] = (0.0, 0.0)

    @property
    def kind(self) -> RecordColumn:
        return record_column(self.name)

    def interval(self, value: float | str) -> tuple[float, float]:
        """The scores that mean a value; one point for a measured number. KeyError for a level that was never seen."""
        from scipy.special import ndtri  # not at the start of the window

        if not self.kind.discrete:
            score = self._score(float(value))
            return score, score
        place = self._nearest(value)
        ends = np.concatenate([[0.0], np.cumsum(self.shares)])
        return float(ndtri(ends[place])), float(ndtri(min(ends[place + 1], 1.0)))

    def value(self, score: float) -> float | str:
        """What a score means, rounded as the column is."""
        from scipy.special import ndtr

        if self.kind.discrete:
            place = int(np.searchsorted(np.cumsum(self.shares)[:-1], ndtr(score), side="right"))
            found: float | str = self.values[place]
            return found
        raw = float(np.interp(score, self._ladder, self.knots))
        return round(round(raw / self.kind.step) * self.kind.step, 4)

    def _nearest(self, value: float | str) -> int:
        if isinstance(value, str):
            if value not in self.values:
                raise KeyError(value)
            return self.values.index(value)
        return int(np.argmin([abs(float(level) - value) for level in self.values]))

    @property
    def _ladder(self) -> Scores:
        from scipy.special import ndtri

        return np.asarray(ndtri(np.clip(np.linspace(0, 1, len(self.knots)), _TAIL, 1 - _TAIL)))

    def _score(self, value: float) -> float:
        """Beyond the knots, as if the distribution went on as it does towards its end."""
        ladder, knots = self._ladder, self.knots
        if value < knots[0] or value > knots[-1]:
            end, inner = (0, _SLOPE_OVER) if value < knots[0] else (-1, -1 - _SLOPE_OVER)
            slope = (ladder[end] - ladder[inner]) / ((knots[end] - knots[inner]) or 1.0)
            return float(np.clip(ladder[end] + slope * (value - knots[end]), -6, 6))
        return float(np.interp(value, knots, ladder))


def fitted(records: Sequence[Mapping[str, float | str]]) -> tuple[Column, ...]:
    """Columns of what records have; each by those who have it. Raises InputError for a column that nobody has."""
    return tuple(_fitted(of, [record for record in records if of.name in record]) for of in modelled())


def _fitted(of: RecordColumn, having: Sequence[Mapping[str, float | str]]) -> Column:
    found = [record[of.name] for record in having]
    if not found:
        raise InputError(f"nobody has {of.label}, so it cannot be learnt; give a table with a column {of.name}.")
    if of.name == "study":
        ages = {name: [float(r["age"]) for r in having if r["study"] == name and "age" in r] for name in map(str, found)}
        named = tuple(sorted(ages, key=lambda name: sum(ages[name]) / max(len(ages[name]), 1)))
        return Column(of.name, values=named, shares=_shares([found.count(word) for word in named]))
    if of.words:
        known = [str(value) for value in found if value in of.words]
        return Column(of.name, values=of.words, shares=_shares([known.count(word) for word in of.words]))
    numbers = np.sort(np.array([float(value) for value in found]))
    usual = (float(np.percentile(numbers, 1)), float(np.percentile(numbers, 99)))
    if of.discrete:
        values, counts = np.unique(np.round(numbers / of.step) * of.step, return_counts=True)
        return Column(of.name, values=tuple(map(float, values)), shares=_shares(counts.tolist()), usual=usual)
    knots = np.quantile(numbers, np.linspace(0, 1, _KNOTS))
    knots = knots + np.arange(_KNOTS) * 1e-9 * max(1.0, float(np.ptp(numbers)))  # rising, where a value is frequent
    return Column(of.name, knots=tuple(map(float, knots)), usual=usual)


def _shares(counts: list[int]) -> tuple[float, ...]:
    """At least half a person to each."""
    whole = np.maximum(np.array(counts, float), 0.5)
    return tuple(map(float, whole / whole.sum()))


def as_plain(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """For JSON."""
    return [asdict(column) for column in columns]


def from_plain(content: object, where: str) -> tuple[Column, ...]:
    """The columns of a JSON. Raises InputError for what no columns are."""
    try:
        if not isinstance(content, list):
            raise TypeError("a list is expected")
        columns = tuple(
            Column(str(one["name"]), tuple(map(float, one["knots"])), tuple(one["values"]), tuple(map(float, one["shares"])),
                   (float(one["usual"][0]), float(one["usual"][1])))
            for one in content
        )  # fmt: skip
        names = [c.name for c in columns]
        whole = set(names) >= _NEEDED and names == [one.name for one in modelled() if one.name in names]
        whole = whole and all(
            _are_levels(c) if c.kind.discrete else (len(c.knots) == _KNOTS and bool(np.all(np.diff(c.knots) > 0)))
            for c in columns
        )
        if not whole:
            raise ValueError("columns do not fit")
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise InputError(f"{where} is damaged ({error}); get the model again.") from None
    return columns


def _are_levels(column: Column) -> bool:
    wanted = str if column.kind.words or column.name == "study" else float
    if not all(isinstance(value, wanted) for value in column.values):
        return False
    return len(column.values) == len(column.shares) > 0 and min(column.shares) > 0 and abs(sum(column.shares) - 1) < 1e-6


def of_columns(record: Mapping[str, Any]) -> Values:
    """What of a record the model has columns for, numbers as numbers."""
    known: Values = {}
    for one in modelled():
        value = record.get(one.name)
        if value is None or (isinstance(value, str) != bool(one.words) and one.name != "study"):
            continue
        if one.words and value not in one.words:
            continue
        known[one.name] = value if isinstance(value, str) else float(value)
    return known
