"""How far two sets of people lie from each other in a space of features, and whether one spreads as the other does.

Fréchet distances of few people mostly measure how few they are, so it is extrapolated in 1/n (Chong and Forsyth 2020) and a
kernel distance without that bias stands beside it (Bińkowski 2018). Precision, recall, density and coverage are those of
Kynkäänniemi 2019 and Naeem 2020, as the package ``prdc`` computes them; all of precision, density and coverage praise a set
that spreads too little, so recall and the ratio of spreads always stand with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import DRAWS, Chosen, DrawnComparison, Numbers, common_size, drawn_pairs, standard_scale

NEAREST = 5  # neighbours of precision, recall, density, coverage
_MOST = 16  # axes that distances are taken on
_PEOPLE_PER_AXIS = 3


@dataclass(frozen=True)
class Axes:
    """Few axes of many features: z-scores by the real people, then principal components of everybody, one scale for all axes.

    The variance of real people along them is the number of axes, so that distances of several spaces can be compared. Who took
    no part in finding axes spreads less along them, so people are compared on axes of all of them, and of no others.
    """

    middle: Numbers
    scale: Numbers
    components: Numbers  # (axes, features)

    def of(self, rows: Numbers) -> Numbers:
        """Rows (people, features) on the axes (people, axes)."""
        return np.asarray((rows - self.middle) / self.scale @ self.components.T)


def axes_of(synthetic: Numbers, real: Numbers, most: int = _MOST) -> Axes:
    """At most ``most``, and a third as many as there are people on the smaller side."""
    n = min(len(synthetic), len(real))
    count = max(1, min(most, n // _PEOPLE_PER_AXIS, real.shape[1]))
    middle, scale = real.mean(0), standard_scale(real)
    both = (np.concatenate([synthetic, real]) - middle) / scale
    _left, _size, right = np.linalg.svd(both - both.mean(0), full_matrices=False)
    components = right[:count]
    spread = float(((real - middle) / scale @ components.T).var(0).sum())
    return Axes(middle, scale, components * np.sqrt(count / max(spread, 1e-12)))


def frechet(one: Numbers, other: Numbers) -> float:
    """Fréchet distance, squared, of two normal distributions fitted to people (people, axes)."""
    means = one.mean(0) - other.mean(0)
    a, b = np.atleast_2d(np.cov(one.T)), np.atleast_2d(np.cov(other.T))
    root = np.sqrt(np.maximum(np.linalg.eigvals(a @ b).real, 0)).sum()
    return float(means @ means + np.trace(a) + np.trace(b) - 2 * root)


def frechet_extrapolated(one: Numbers, other: Numbers) -> float:
    """What ``frechet`` tends to with many people: the line through it at n and at half of n, at 1/n = 0."""
    half = min(len(one), len(other)) // 2
    halves = (frechet(one[:half], other[:half]) + frechet(one[half : 2 * half], other[half : 2 * half])) / 2
    return 2 * frechet(one[: 2 * half], other[: 2 * half]) - halves


def kernel_distance(one: Numbers, other: Numbers) -> float:
    """Maximum mean discrepancy, squared, without bias, of the kernel (x·y / axes + 1)³; around 0 for one distribution."""
    axes = one.shape[1]
    within = [_off_diagonal((rows @ rows.T / axes + 1) ** 3) for rows in (one, other)]
    return float(sum(within) - 2 * ((one @ other.T / axes + 1) ** 3).mean())


def _off_diagonal(kernel: Numbers) -> float:
    n = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))


def spread_ratio(one: Numbers, other: Numbers) -> float:
    """Total variance of one set over that of the other."""
    return float(one.var(0, ddof=1).sum() / max(float(other.var(0, ddof=1).sum()), 1e-12))


def manifold(apart: Numbers, within: Numbers, within_real: Numbers, nearest: int = NEAREST) -> dict[str, float]:
    """Precision, recall, density, coverage by distances: (synthetic, real), (synthetic, synthetic), (real, real)."""
    nearest = min(nearest, len(within) - 1, len(within_real) - 1)
    radius, radius_real = (np.partition(part, nearest, axis=1)[:, nearest] for part in (within, within_real))  # self is first
    inside = apart < radius_real
    return {
        "precision": float(inside.any(1).mean()),
        "recall": float((apart < radius[:, None]).any(0).mean()),
        "density": float(inside.sum(1).mean() / nearest),
        "coverage": float((apart.min(0) < radius_real).mean()),
    }


_ABOUT = {
    "Fréchet distance": "How far the two sets lie apart, as normal distributions; extrapolated to many people, so that few "
    "people do not look far. 0 for one distribution.",
    "kernel distance": "How far apart, by a kernel and without bias; around 0 for one distribution.",
    "spread ratio": "Total variance of synthetic people over that of real ones; below 1 they are too much alike.",
    "precision": "Share of synthetic people who lie where real ones do; says nothing about how different they are.",
    "recall": "Share of real people who lie where synthetic ones do; falls when a kind of people is missing.",
    "density": "How densely real people lie around synthetic ones; above that of real people, they crowd in the middle.",
    "coverage": "Share of real people with a synthetic person nearby.",
}
_BETTER = {
    "Fréchet distance": Better.LOW, "kernel distance": Better.LOW, "spread ratio": Better.NEAR, "precision": Better.HIGH,
    "recall": Better.HIGH, "density": Better.NEAR, "coverage": Better.HIGH,
}  # fmt: skip


def compare_sets(synthetic: Numbers, real: Numbers, *, draws: int = DRAWS, seed: int = 0) -> dict[str, DrawnComparison]:
    """Every distance of this module between people (people, features), drawn; real against real beside each.

    No more synthetic people are taken than there are real ones.
    """
    synthetic = synthetic[: len(real)]
    axes = axes_of(synthetic, real)
    of, against = axes.of(synthetic), axes.of(real)
    everybody = np.concatenate([of, against])
    apart = _apart(everybody)
    found: dict[str, list[float]] = {name: [] for name in _ABOUT}
    ceiling: dict[str, list[float]] = {name: [] for name in _ABOUT}
    for mine, one, other in drawn_pairs(len(of), len(against), draws=draws, seed=seed):
        for into, rows, places in ((found, of[mine], mine), (ceiling, against[other], other + len(of))):
            for name, value in _distances(rows, against[one], apart, places, one + len(of)).items():
                into[name].append(value)
    n = common_size(len(of), len(against))
    return {name: DrawnComparison(np.array(found[name]), np.array(ceiling[name]), n) for name in _ABOUT}


def _distances(rows: Numbers, real: Numbers, apart: Numbers, places: Chosen, others: Chosen) -> Mapping[str, float]:
    return {
        "Fréchet distance": frechet_extrapolated(rows, real),
        "kernel distance": kernel_distance(rows, real),
        "spread ratio": spread_ratio(rows, real),
        **manifold(apart[np.ix_(places, others)], apart[np.ix_(places, places)], apart[np.ix_(others, others)]),
    }


def _apart(rows: NDArray[np.float64]) -> Numbers:
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(rows, rows))


def distance_metrics(
    group: str, space: str, synthetic: Numbers, real: Numbers, *, draws: int = DRAWS, seed: int = 0
) -> list[Metric]:
    """``compare_sets`` as metrics of a group, named after the space: "recall, random network"."""
    compared = compare_sets(synthetic, real, draws=draws, seed=seed)
    counts = min(len(synthetic), len(real)), len(real)
    return [each.metric(group, f"{name}, {space}", _BETTER[name], _ABOUT[name], counts) for name, each in compared.items()]
