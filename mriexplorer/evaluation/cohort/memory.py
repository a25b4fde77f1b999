"""Does the model repeat people that it was trained on: the nearest of them against the nearest of people it never saw.

In each space, a synthetic person's distance to the nearest trained person over that to the nearest kept one. The more people were
trained on, the nearer the nearest of them is; so the ceiling is the same ratio of the kept people themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mriexplorer.evaluation.distances import axes_of
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import DRAWS, DrawnComparison, Numbers

_AXES = 32
_COPY = 0.5  # of the distance to the nearest kept person: nearer than that is a copy


@dataclass(frozen=True)
class NearestPair:
    """Whoever is likest to a copy, and of whom, as places; ``ratio``: their distance over that to the nearest kept person."""

    synthetic: int
    trained: int
    ratio: float


class Groups(NamedTuple):
    """Rows of synthetic, kept and trained people in one space, each (people, features)."""

    synthetic: Numbers
    kept: Numbers
    trained: Numbers


def judge_memory(spaces: Mapping[str, Groups]) -> tuple[list[Metric], NearestPair | None]:
    """Metrics of the group memory, by space; and the nearest pair of the first space."""
    found: list[Metric] = []
    nearest = None
    for name, groups in spaces.items():
        apart = _apart(*groups)
        mine, theirs = _ratios(apart)
        found += _metrics(name, mine, theirs)
        nearest = nearest or _nearest_pair(apart, mine)
    return found, nearest


@dataclass(frozen=True)
class _Apart:
    """Distances: synthetic to kept, synthetic to trained, kept to kept (never to oneself), kept to trained."""

    kept: Numbers
    trained: Numbers
    between_kept: Numbers
    kept_trained: Numbers


def _apart(synthetic: Numbers, kept: Numbers, trained: Numbers) -> _Apart:
    from scipy.spatial.distance import cdist

    axes = axes_of(synthetic, np.concatenate([kept, trained]), _AXES)
    one, two, three = (axes.of(rows) for rows in (synthetic, kept, trained))
    between = np.asarray(cdist(two, two))
    np.fill_diagonal(between, np.inf)
    return _Apart(np.asarray(cdist(one, two)), np.asarray(cdist(one, three)), between, np.asarray(cdist(two, three)))


def _ratios(apart: _Apart) -> tuple[Numbers, Numbers]:
    """Nearest trained over nearest kept person, of each synthetic person; for kept people the nearest other kept one."""
    mine = apart.trained.min(1) / np.maximum(apart.kept.min(1), 1e-9)
    return mine, apart.kept_trained.min(1) / np.maximum(apart.between_kept.min(1), 1e-9)


def _metrics(name: str, mine: Numbers, theirs: Numbers) -> list[Metric]:
    about = (
        "Distance to the nearest of the people that were trained on over that to the nearest of those who were kept, {}; lower "
        "than in kept people themselves where trained ones are repeated."
    )
    copies = f"Share of people who lie nearer to one of the trained people than {_COPY:.0%} of the way to any kept one."
    near = [(ratios < _COPY).astype(float) for ratios in (mine, theirs)]
    return [
        _over_people(f"nearest trained over nearest kept, {name}", np.median, mine, theirs, Better.HIGH, about.format("median")),
        _over_people(
            f"nearest trained over nearest kept, lowest 5 %, {name}",
            _lowest,
            mine,
            theirs,
            Better.HIGH,
            about.format("5th percentile"),
        ),
        _over_people(f"share of near copies, {name}", np.mean, near[0], near[1], Better.LOW, copies),
    ]


def _lowest(ratios: Numbers) -> np.float64:
    """The 5th percentile: the least of all depends on how many there are, and draws say nothing about it."""
    return np.float64(np.percentile(ratios, 5))


def _over_people(
    name: str, figure: Callable[[Numbers], np.float64], mine: Numbers, theirs: Numbers, better: Better, about: str
) -> Metric:
    """A figure of a number of each person, of synthetic people beside kept ones, as many drawn of both."""
    random, n = np.random.default_rng(0), min(len(mine), len(theirs))
    draws = [np.array([figure(side[random.integers(0, len(side), n)]) for _ in range(DRAWS)]) for side in (mine, theirs)]
    counts = len(mine), len(theirs)
    return DrawnComparison(draws[0], draws[1], n, float(figure(mine))).metric("memory", name, better, about, counts)


def _nearest_pair(apart: _Apart, ratios: Numbers) -> NearestPair:
    one = int(ratios.argmin())
    return NearestPair(one, int(apart.trained[one].argmin()), float(ratios[one]))


def record_rows(people: Sequence[Mapping[str, float | str]], reference: Sequence[Mapping[str, float | str]]) -> Numbers:
    """Records as numbers (people, columns): columns that most of the reference have; levels one-hot; missing ones the mean."""
    names = [name for name in dict.fromkeys(k for r in reference for k in r) if np.mean([name in r for r in reference]) > 0.8]
    columns: list[Numbers] = []
    for name in names:
        told = [record[name] for record in reference if name in record]
        if all(isinstance(value, int | float) for value in told):
            mean = float(np.mean([float(value) for value in told]))
            columns.append(np.array([_float(record.get(name), mean) for record in people]))
        else:
            levels = sorted(map(str, set(told)))
            columns += [np.array([float(str(record.get(name)) == level) for record in people]) for level in levels[1:]]
    return np.array(columns, float).T.reshape(len(people), len(columns))


def _float(value: float | str | None, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise
