"""Records that cannot be, and records that nobody real has: limits, contradictions, and combinations far from all real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mriexplorer.subject.body_mass_index import bmi
from mriexplorer.subject.record_columns import TABLE, RecordColumn, record_column

Record = Mapping[str, float | str]
Numbers = NDArray[np.float64]

_BMI_OFF = 0.5  # kg/m² that a BMI may differ from that of height and weight, for rounding
_ROUNDING = 1e-6  # of a step
_NEAR = 2  # real people who must have a combination like it
_BEYOND = 1.2  # times as far from them as any real person is from other real people: 2 % of 195 fresh people of OASIS-1 are
_FEWEST = 12  # real people with both columns of a pair


def impossible(record: Record) -> list[str]:
    """What nobody can have: cells that are nothing their column has, a BMI that contradicts height and weight."""
    known = {column.name for column in TABLE}
    found = [said for name, value in record.items() if name in known and (said := _never(record_column(name), value))]
    told, computed = record.get("bmi"), bmi(record)
    if isinstance(told, int | float) and computed is not None and abs(told - computed) > _BMI_OFF:
        found.append(f"BMI {told:g} is not that of height and weight, {computed:g}")
    return found


def _never(column: RecordColumn, value: float | str) -> str:
    """Why a cell cannot be, or nothing: words for numbers and numbers for words, beyond the limits, between the levels."""
    if isinstance(value, str) if column.step else not isinstance(value, str):
        return f"{column.label} {value} is no {'number' if column.step else 'word'}"
    if isinstance(value, str):
        odd = column.closed and value not in {level.value for level in column.levels}
        return f"{column.label} {value} is none of {', '.join(level.value for level in column.levels)}" if odd else ""
    low, high = column.limits
    if not low <= value <= high:
        return f"{column.label} {value:g} is beyond {low:g} to {high:g}"
    between = column.discrete and abs(value / column.step - round(value / column.step)) > _ROUNDING
    return f"{column.label} {value:g} is no multiple of {column.step:g}" if between else ""


@dataclass(frozen=True)
class Combinations:
    """Pairs of columns of real people, as normal scores, and how far apart real people lie in each at most.

    ``values`` by column are sorted real values, of which scores are made; ``pairs`` by the two columns' names hold the real
    people's scores (people, 2) and the farthest that any of them lies from the second nearest other.
    """

    values: Mapping[str, Numbers]
    pairs: Mapping[tuple[str, str], tuple[Numbers, float]]

    def strange(self, record: Record) -> list[str]:
        """Combinations that no real person is near to, in words; the farthest first."""
        found = []
        for (one, other), (real, farthest) in self.pairs.items():
            here = [self._score(name, record.get(name)) for name in (one, other)]
            if any(score is None for score in here):
                continue
            far = float(np.sort(np.linalg.norm(real - np.array(here, float), axis=1))[_NEAR - 1])
            if far > _BEYOND * farthest:
                found.append((-far / farthest, f"{_said(one, record)} with {_said(other, record)}"))
        return [said for _far, said in sorted(found)]

    def are_strange(self, records: Sequence[Record]) -> NDArray[np.bool_]:
        """Whether anything is strange in each of many records; (people,)."""
        from scipy.spatial.distance import cdist

        scores = {name: _scores(values, _column(name, records)) for name, values in self.values.items() if len(values)}
        found = np.zeros(len(records), bool)
        for (one, other), (real, farthest) in self.pairs.items():
            rows = np.stack([scores[one], scores[other]], axis=1)
            known = np.isfinite(rows).all(1)
            if known.any():
                far = np.sort(cdist(rows[known], real), axis=1)[:, _NEAR - 1]
                found[known] |= far > _BEYOND * farthest
        return found

    def _score(self, name: str, value: float | str | None) -> float | None:
        number = numeric(name, value)
        return None if number is None else float(_scores(self.values[name], np.array([number]))[0])


def combinations_of(real: Sequence[Record], names: Sequence[str]) -> Combinations:
    """What real people span, in each pair of columns that enough of them have."""
    told = {name: _column(name, real) for name in names}
    values = {name: np.sort(column[np.isfinite(column)]) for name, column in told.items()}
    scores = {name: _scores(values[name], column) for name, column in told.items() if len(values[name])}
    pairs = {}
    for one, other in combinations(scores, 2):
        rows = np.stack([scores[one], scores[other]], axis=1)
        rows = rows[np.isfinite(rows).all(1)]
        if len(rows) >= _FEWEST:
            pairs[one, other] = (rows, _farthest(rows))
    return Combinations(values, pairs)


def _farthest(rows: Numbers) -> float:
    from scipy.spatial.distance import cdist

    return max(0.3, float(np.sort(cdist(rows, rows), axis=1)[:, _NEAR].max()))  # of oneself, nobody is counted


def numeric(name: str, value: float | str | None) -> float | None:
    """A cell as a number: sex as 0 and 1, other words not at all."""
    if isinstance(value, int | float):
        return float(value)
    return {"F": 0.0, "M": 1.0}.get(str(value)) if name == "sex" else None


def _column(name: str, records: Sequence[Record]) -> Numbers:
    """A column as numbers, NaN where there is none."""
    told = (numeric(name, record.get(name)) for record in records)
    return np.array([float("nan") if value is None else value for value in told])


def _scores(values: Numbers, asked: Numbers) -> Numbers:
    """Normal scores by the rank among sorted values; beyond them, on along the outer slope."""
    from scipy.special import ndtri

    n = len(values)
    low, high = (np.searchsorted(values, asked, side=side) for side in ("left", "right"))
    score = ndtri(np.clip((low + high) / 2 / n, 0.5 / n, 1 - 0.5 / n))
    spread = max(float(values.std()), 1e-9)
    beyond = np.where(asked > values[-1], asked - values[-1], np.where(asked < values[0], asked - values[0], 0))
    return np.asarray(np.where(np.isfinite(asked), score + beyond / spread, np.nan))


def _said(name: str, record: Record) -> str:
    column, value = record_column(name), record[name]
    told = f"{value:g}" if isinstance(value, int | float) else str(value)
    return f"{column.label} {told}{f' {column.unit.name}' if column.unit.name else ''}"
