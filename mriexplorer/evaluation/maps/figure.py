"""One figure of a person's maps, by which figures of many people are put together to a metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.metric import Better, Interval, Metric
from mriexplorer.evaluation.statistics import bootstrapped

LABELS = {"pd": "PD", "t1": "T1", "t2": "T2"}


@dataclass(frozen=True)
class Figure:
    """What is measured: ``group``, ``name``, ``unit`` and ``about`` as those of a metric. ``real``: of real people."""

    group: str
    name: str
    better: Better
    unit: str
    about: str
    real: bool = False


Figures = dict[Figure, float]


def means(people: Sequence[Mapping[Figure, float]]) -> list[Metric]:
    """The mean of each figure over the people who have it, with its interval."""
    names = dict.fromkeys(figure for person in people for figure in person)
    rows = {figure: np.array([p[figure] for p in people if isfinite(p.get(figure, nan))]) for figure in names}
    return [metric_of(figure, interval_over(of), len(of)) for figure, of in rows.items() if len(of)]


def metric_of(figure: Figure, found: Interval, people: int) -> Metric:
    """A figure with its interval as a metric."""
    n, real = (0, people) if figure.real else (people, 0)
    return Metric(figure.group, figure.name, found, n, real, None, figure.better, figure.unit, figure.about)


def interval_over(rows: NDArray[np.float64]) -> Interval:
    """The mean of rows (people,) with its interval over people; of one person there is none (NaN)."""
    if len(rows) == 1:
        return Interval(float(rows[0]), nan, nan)
    return bootstrapped(rows, np.mean)


def shown(some: Sequence[str], *, thin: bool = False) -> str:
    """Which scans maps were estimated from, as it stands in names."""
    return f"{'thin ' if thin else ''}{'+'.join(some)}"
