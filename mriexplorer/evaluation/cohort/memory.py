"""Does the model repeat people that it was trained on: the nearest of them against the nearest of people it never saw.

In each space, a synthetic person's distance to the nearest trained person over that to the nearest kept one. The more people were
trained on, the nearer the nearest of them is, and how near depends on the space; so the ceiling is the same with real people
called trained and kept at random, as many of both: what is nearer than that is nearer because it was trained on.
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
        distances = _distances(groups)
        found += _metrics(name, distances, len(groups.trained), len(groups.kept))
        nearest = nearest or _nearest_pair(distances, len(groups.trained))
    return found, nearest


def _distances(groups: Groups) -> Numbers:
    """(synthetic, trained, then kept)."""
    from scipy.spatial.distance import cdist

    real = np.concatenate([groups.trained, groups.kept])
    axes = axes_of(groups.synthetic, real, _AXES)
    return np.asarray(cdist(axes.of(groups.synthetic), axes.of(real)))


def _ratios(distances: Numbers, trained: int) -> Numbers:
    """Nearest trained over nearest kept person, of each synthetic person."""
    return np.asarray(distances[:, :trained].min(1) / np.maximum(distances[:, trained:].min(1), 1e-9))


def _metrics(name: str, distances: Numbers, trained: int, kept: int) -> list[Metric]:
    about = (
        "Distance to the nearest of the people that were trained on over that to the nearest of those who were kept, {}. Real "
        "against real is the same with people called trained and kept at random; lower than that where trained ones are repeated."
    )
    copies = (
        f"Share of people who lie nearer to one of the trained people than {_COPY:.0%} of the way to any kept one. Real against "
        "real is the same with people called trained and kept at random."
    )
    random = np.random.default_rng(0)
    mine = _ratios(distances, trained)
    called = [_ratios(distances[:, random.permutation(trained + kept)], trained) for _ in range(DRAWS)]
    told: tuple[tuple[str, Callable[[Numbers], np.float64], Better, str], ...] = (
        ("nearest trained over nearest kept", np.median, Better.HIGH, about.format("median over people")),
        ("nearest trained over nearest kept, lowest 5 %", _lowest, Better.HIGH, about.format("5th percentile of people")),
        ("share of near copies", _near, Better.LOW, copies),
    )
    found = []
    for what, figure, better, sentence in told:
        drawn = [figure(mine[random.integers(0, len(mine), len(mine))]) for _ in range(DRAWS)]
        each = DrawnComparison(np.array(drawn), np.array([figure(of) for of in called]), len(mine), float(figure(mine)))
        found.append(each.metric("memory", f"{what}, {name}", better, sentence, (len(mine), kept)))
    return found


def _lowest(ratios: Numbers) -> np.float64:
    """The 5th percentile: the least of all depends on how many there are."""
    return np.float64(np.percentile(ratios, 5))


def _near(ratios: Numbers) -> np.float64:
    return np.float64((ratios < _COPY).mean())


def _nearest_pair(distances: Numbers, trained: int) -> NearestPair:
    ratios = _ratios(distances, trained)
    one = int(ratios.argmin())
    return NearestPair(one, int(distances[one, :trained].argmin()), float(ratios[one]))


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
