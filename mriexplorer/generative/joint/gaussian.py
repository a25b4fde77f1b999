"""Records and brains as normally distributed scores, from people of whom most cells are missing.

Mean and covariance by expectation and maximisation, the expectation by draws: what is missing is drawn from the distribution as
it is, given what is there; a level is drawn within its interval (a probit model for levels, data augmentation of Tanner and
Wong 1987). The average over the later rounds is kept, and its correlations shrunk once, for there are more numbers of a shape
than a few hundred people tell for sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from mriexplorer.linear import Numbers, cholesky, product, solved

_ROUNDS, _KEPT_FROM = 60, 25
_LEAST = 1e-9


@dataclass(frozen=True)
class Cells:
    """Scores of people (people, numbers): each lies between ``low`` and ``high``; equal for what was measured, infinite apart
    for what was not. ``weights`` (people,) is what each counts.
    """

    low: Numbers
    high: Numbers
    weights: Numbers

    @cached_property
    def patterns(self) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
        """Each pattern (numbers,) of what is known, and the people who have it."""
        found, which = np.unique(self.known, axis=0, return_inverse=True)
        return [(pattern, np.flatnonzero(which.reshape(-1) == place)) for place, pattern in enumerate(found)]

    def of(self, chosen: NDArray[np.bool_]) -> "Cells":
        """Some of the people."""
        return Cells(self.low[chosen], self.high[chosen], self.weights[chosen])

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(people, numbers) what was measured, exactly or as a level."""
        return np.isfinite(self.low) | np.isfinite(self.high)


@dataclass(frozen=True)
class Normal:
    """``mean`` (numbers,) and ``covariance`` (numbers, numbers)."""

    mean: Numbers
    covariance: Numbers

    @cached_property
    def precision(self) -> Numbers:
        """The inverse of the covariance."""
        return solved(self.covariance, np.eye(len(self.mean)))

    def rest(self, pattern: NDArray[np.bool_]) -> tuple[Numbers, Numbers, Numbers]:
        """Of what is not in ``pattern``, given what is: how it follows (free, known), its covariance, and the root of that."""
        key = pattern.tobytes()
        if key not in self._rests:
            cross = self.covariance[np.ix_(~pattern, pattern)]
            gain = solved(self.covariance[np.ix_(pattern, pattern)], cross.T).T
            rest = self.covariance[np.ix_(~pattern, ~pattern)] - product(gain, cross.T)
            rest = (rest + rest.T) / 2
            self._rests[key] = gain, rest, cholesky(rest + _LEAST * np.eye(len(rest)))
        return self._rests[key]

    @cached_property
    def _rests(self) -> dict[bytes, tuple[Numbers, Numbers, Numbers]]:
        return {}


def fit(cells: Cells, rng: np.random.Generator, *, shrunk: float) -> Normal:
    """The normal distribution of people; correlations are shrunk by a share at the end.

    Levels tell no scale of their own, so their scores have standard deviation 1.
    """
    count = cells.low.shape[1]
    levels = (cells.known & (cells.low < cells.high)).any(axis=0)
    normal = Normal(np.zeros(count), np.eye(count))
    scores = filled(cells, normal, rng, sweeps=1)
    sums = [np.zeros(count), np.zeros((count, count))]
    weights = cells.weights / cells.weights.sum()
    for number in range(_ROUNDS):
        scores = redrawn(cells, scores, normal, rng)
        expected, rest = _expected(cells, scores, normal, weights)
        mean = weights @ expected
        off = expected - mean
        covariance = (off * weights[:, None]).T @ off + rest + 1e-4 * np.eye(count)
        scale = np.where(levels, 1 / np.sqrt(np.diag(covariance)), 1.0)
        normal = Normal(mean, covariance * scale[:, None] * scale)
        if number >= _KEPT_FROM:
            sums[0] += normal.mean
            sums[1] += normal.covariance
    kept = _ROUNDS - _KEPT_FROM
    covariance = sums[1] / kept
    own = np.diag(np.diag(covariance))
    return Normal(sums[0] / kept, (1 - shrunk) * covariance + shrunk * own)


def filled(cells: Cells, normal: Normal, rng: np.random.Generator, sweeps: int = 6) -> Numbers:
    """Complete scores (people, numbers), each drawn given what is known of the person."""
    start = np.where(np.isfinite(cells.low), cells.low, cells.high)
    middle = ndtri((ndtr(cells.low) + ndtr(cells.high)) / 2)  # of a level
    exact = cells.low == cells.high
    scores = np.where(exact, start, np.where(cells.known, middle, normal.mean))
    for _ in range(sweeps):
        scores = redrawn(cells, scores, normal, rng)
    return scores


def redrawn(cells: Cells, scores: Numbers, normal: Normal, rng: np.random.Generator) -> Numbers:
    """One round of draws: all that is missing of a person at once, then each level within its interval."""
    scores = scores.copy()
    known = cells.known
    for pattern, people in cells.patterns:
        if not pattern.all():
            scores[np.ix_(people, np.flatnonzero(~pattern))] = conditional(normal, scores[people][:, pattern], pattern, rng)
    for place in np.flatnonzero((known & (cells.low < cells.high)).any(axis=0)):
        people = np.flatnonzero(known[:, place] & (cells.low[:, place] < cells.high[:, place]))
        spread = 1 / np.sqrt(normal.precision[place, place])
        off = product(scores[people] - normal.mean, normal.precision[:, [place]])[:, 0]
        middle = scores[people, place] - off * spread**2
        scores[people, place] = _within(middle, spread, cells.low[people, place], cells.high[people, place], rng)
    return scores


def _expected(cells: Cells, scores: Numbers, normal: Normal, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Scores with the mean of what is missing in place of a draw, and the covariance of what is missing about that mean."""
    expected = scores.copy()
    rest = np.zeros_like(normal.covariance)
    for pattern, people in cells.patterns:
        if not pattern.all():
            free = np.flatnonzero(~pattern)
            expected[np.ix_(people, free)], spread = _given(normal, scores[people][:, pattern], pattern)
            rest[np.ix_(free, free)] += weights[people].sum() * spread
    return expected, rest


def conditional(normal: Normal, given: Numbers, pattern: NDArray[np.bool_], rng: np.random.Generator) -> Numbers:
    """Draws of what is not in ``pattern``, given (people, sum of pattern) what is."""
    middle, _rest = _given(normal, given, pattern)
    return np.asarray(middle + product(rng.standard_normal(middle.shape), normal.rest(pattern)[2].T))


def _given(normal: Normal, given: Numbers, pattern: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Mean (people, free) and covariance (free, free) of what is not in ``pattern``."""
    gain, rest, _root = normal.rest(pattern)
    return normal.mean[~pattern] + product(given - normal.mean[pattern], gain.T), rest


def _within(middle: Numbers, spread: float, low: Numbers, high: Numbers, rng: np.random.Generator) -> Numbers:
    """Draws of normal distributions cut off at both ends."""
    below, above = ndtr((low - middle) / spread), ndtr((high - middle) / spread)
    drawn = middle + spread * ndtri(np.clip(below + rng.random(len(middle)) * (above - below), 1e-12, 1 - 1e-12))
    return np.asarray(np.clip(drawn, np.maximum(low, -6), np.minimum(high, 6)))


def parts(people: Sequence[str], count: int) -> NDArray[np.int64]:
    """A part from 0 to ``count`` - 1 for each row, the same for all rows of a person."""
    import hashlib

    return np.array([int(hashlib.sha256(person.encode()).hexdigest()[:8], 16) % count for person in people])
