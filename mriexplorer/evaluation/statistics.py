"""Intervals of figures over people, and what two sets of real people give: the ceiling of every comparison.

A comparison is a figure of two equally large sets of people. It is drawn many times: as many synthetic people against as many
real ones, and the same number of real people against other real ones. The mean of the draws is the value, 2.5 and 97.5 % of them
its interval. (Drawing half of a set without replacement spreads a mean as new sets of the whole size would: the delete-half
jackknife of Shao and Wu 1989. Unlike a bootstrap it draws nobody twice, whom a nearest neighbour would find at distance 0.)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.metric import Better, Interval, Metric

Numbers = NDArray[np.float64]
Chosen = NDArray[np.intp]  # places of people

DRAWS = 200  # of a comparison: enough to see p below 0.01
_LOW, _HIGH = 2.5, 97.5  # %
_LEAST_SPREAD = 0.1  # of the median feature's


def interval_of(draws: Numbers, value: float | None = None) -> Interval:
    """Of drawn values (draws,), about their mean unless ``value`` is given; NaN where nothing finite was drawn."""
    finite = draws[np.isfinite(draws)]
    if not len(finite):
        return Interval(nan if value is None else value, nan, nan)
    low, high = np.percentile(finite, (_LOW, _HIGH))
    return Interval(float(finite.mean()) if value is None else value, float(low), float(high))


def bootstrapped(rows: NDArray[np.generic], figure: Callable[..., float], *, repeats: int = 400, seed: int = 0) -> Interval:
    """A figure of rows (people, ...) with its interval over people, drawn with replacement."""
    random = np.random.default_rng(seed)
    draws = [figure(rows[random.integers(0, len(rows), len(rows))]) for _ in range(repeats)]
    return interval_of(np.array(draws), float(figure(rows)))


@dataclass(frozen=True)
class DrawnComparison:
    """Draws of one figure: ``found`` of synthetic against real people, ``ceiling`` of real against other real; ``n`` of each.

    The value is the mean of the draws, unless it was measured on everybody.
    """

    found: Numbers
    ceiling: Numbers
    n: int
    value: float | None = None

    def metric(self, group: str, name: str, better: Better, about: str, counts: tuple[int, int], unit: str = "") -> Metric:
        """As the report has it; ``counts``: how many synthetic and real people there were."""
        found = interval_of(self.found, self.value)
        p = chance(found.value, self.ceiling, better) if np.isfinite(found.value) else nan
        return Metric(group, name, found, *counts, interval_of(self.ceiling), better, unit, about, p)


def chance(value: float, ceiling: Numbers, better: Better) -> float:
    """How often the ceiling's draws are at least as far on the wrong side as ``value``, of two sides twice the rarer; never 0."""
    above, below = ((1 + side.sum()) / (1 + len(ceiling)) for side in (ceiling >= value, ceiling <= value))
    return float(min(1.0, {Better.LOW: above, Better.HIGH: below, Better.NEAR: 2 * min(above, below)}[better]))


def common_size(synthetic: int, real: int) -> int:
    """How many people each side of every comparison has: as many as leave as many real ones over."""
    return min(synthetic, real // 2)


def drawn_pairs(synthetic: int, real: int, *, draws: int = DRAWS, seed: int = 0) -> Iterator[tuple[Chosen, Chosen, Chosen]]:
    """For each draw: places of n synthetic people, of n real ones, and of n other real ones."""
    random, n = np.random.default_rng(seed), common_size(synthetic, real)
    for _ in range(draws):
        shuffled = random.permutation(real)
        yield random.permutation(synthetic)[:n], shuffled[:n], shuffled[n : 2 * n]


def compared(
    figure: Callable[[NDArray[np.generic], NDArray[np.generic]], float],
    synthetic: NDArray[np.generic],
    real: NDArray[np.generic],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> DrawnComparison:
    """A ``figure`` of (rows, reference rows), drawn: synthetic against real, and real against other real."""
    found, ceiling = [], []
    for of, one, other in drawn_pairs(len(synthetic), len(real), draws=draws, seed=seed):
        found.append(figure(synthetic[of], real[one]))
        ceiling.append(figure(real[other], real[one]))
    return DrawnComparison(np.array(found), np.array(ceiling), common_size(len(synthetic), len(real)))


def over_halves(
    figure: Callable[[Chosen, Chosen], float], count: int, n: int, *, repeats: int = DRAWS, seed: int = 0
) -> Interval:
    """A figure of two disjoint sets of ``n`` of ``count`` people, given as places, drawn many times."""
    random = np.random.default_rng(seed)
    shuffled = [random.permutation(count) for _ in range(repeats)]
    return interval_of(np.array([figure(places[:n], places[n : 2 * n]) for places in shuffled]))


def standard_scale(rows: Numbers) -> Numbers:
    """Standard deviations of features (people, features), none below a tenth of their median: what hardly differs among some
    people would count for hundreds of standard deviations in the next.
    """
    spread = rows.std(0)
    usual = float(np.median(spread[spread > 0])) if (spread > 0).any() else 1.0
    return np.asarray(np.maximum(spread, _LEAST_SPREAD * usual))


def auc(positive: Numbers, negative: Numbers) -> float:
    """Area under the receiver's curve: how often a positive score is above a negative one (Mann and Whitney 1947)."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    return float((ranks.sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))
