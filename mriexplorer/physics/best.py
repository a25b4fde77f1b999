"""The protocol that tells two tissues apart best: two parameters of a sequence are searched, the others stay.

A grid over both (logarithmic where their sliders are), evaluated at once, then finer grids around its best peaks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics.cost import time_per_line
from mriexplorer.physics.equations import Array
from mriexplorer.physics.parameters import Parameter
from mriexplorer.physics.protocol import Protocol
from mriexplorer.physics.sequence import possible, signal

Reals = NDArray[np.float64]
Limits = tuple[float, float]
_GRID = 97
_FINE = 13  # steps of each finer grid, that spans two steps of the one before to either side
_ROUNDS = 4
_PEAKS = 6  # of the first grid that are looked at closely


@dataclass(frozen=True)
class Sample:
    """What is known of a tissue, or of a ``share`` of its voxels: PD (water = 1), T1, T2 and T2* in seconds."""

    pd: float
    t1: float
    t2: float
    t2star: float
    share: float = 1.0


@dataclass(frozen=True)
class Question:
    """Which two tissues are to be told apart, by moving two parameters (by name) within ``limits`` (s, degrees).

    Each is one sample, or several whose shares add up to 1: its signal is then their mean. ``protocol`` has the
    values of the others; ``magnitude`` as for ``physics.signal``; ``per_time`` asks for the contrast that a unit of scan time
    buys.
    """

    protocol: Protocol
    a: tuple[Sample, ...]
    b: tuple[Sample, ...]
    across: str
    up: str
    limits: tuple[Limits, Limits]
    per_time: bool = False
    magnitude: bool = True

    def contrast(self, across: Array, up: Array) -> Reals:
        """Contrast-to-noise ratio for noise of 1 (PD of water) at values of the two parameters; NaN where no scanner could.

        |S_A - S_B|, by the mean spread of both where the image is no signal itself, and by the square root of the seconds that a
        line of k-space takes where it is asked ``per_time``.
        """
        values: dict[str, Array] = {**self.protocol.values, self.across: across, self.up: up}
        with np.errstate(all="ignore"):  # what is impossible may be anything, and is left out
            apart = abs(self._shown(self.a, values) - self._shown(self.b, values)) / self._spread(values)
            if self.per_time:
                apart = apart / np.sqrt(time_per_line(self.protocol.sequence, values))
            return np.where(possible(self.protocol.sequence, values), apart, np.nan)

    def _shown(self, tissue: tuple[Sample, ...], values: Mapping[str, Array]) -> Array:
        signals = [
            one.share * signal(self.protocol.sequence, *self._times(one), values, magnitude=self.magnitude) for one in tissue
        ]
        return sum(signals[1:], signals[0])

    def _spread(self, values: Mapping[str, Array]) -> Array:
        spread = self.protocol.sequence.spread
        if spread is None:
            return 1.0
        squares = [one.share / 2 * spread(*self._times(one), **values) ** 2 for one in (*self.a, *self.b)]
        return np.sqrt(sum(squares[1:], squares[0]))

    def _times(self, one: Sample) -> tuple[float, float, float]:
        return one.pd, one.t1, one.t2star if self.protocol.sequence.decay == "t2star" else one.t2


@dataclass(frozen=True)
class Answer:
    """Contrast over a grid of both parameters, as far as anything is possible, and where it is best.

    ``across`` (n,) and ``up`` (m,) hold the values (s, degrees) of the columns and rows of ``contrast`` (m, n), NaN where no
    scanner could; ``best`` are the values of both parameters and ``highest`` the contrast there, None and 0 where nothing is
    possible.
    """

    across: Reals
    up: Reals
    contrast: Reals
    best: tuple[float, float] | None
    highest: float


def best(question: Question) -> Answer:
    """Search both parameters."""
    first, second = (question.protocol.sequence.parameter(name) for name in (question.across, question.up))
    across = spaced(first, question.limits[0], _GRID)
    up = spaced(second, question.limits[1], _GRID)
    can = ~np.isnan(question.contrast(*np.meshgrid(across, up)))
    columns, rows = (np.flatnonzero(can.any(axis=axis)) for axis in (0, 1))
    across, up = _narrowed(first, across, columns), _narrowed(second, up, rows)
    contrast = question.contrast(*np.meshgrid(across, up))
    found = [_refined(question, (first, second), (across, up), place) for place in _peaks(contrast)]
    highest, at = max(found, default=(0.0, None), key=lambda one: one[0])
    return Answer(across, up, contrast, at, highest)


def spaced(parameter: Parameter, limits: Limits, count: int) -> Reals:
    """Values of a parameter between limits, evenly on its slider; whole numbers where it is one, and then fewer."""
    low, high = (min(max(limit, parameter.low), parameter.high) for limit in sorted(limits))
    if parameter.scale == "integer":
        return np.unique(np.rint(np.linspace(low, high, count)))
    return np.geomspace(low, high, count) if parameter.scale == "log" else np.linspace(low, high, count)


def _narrowed(parameter: Parameter, grid: Reals, places: NDArray[np.intp]) -> Reals:
    """As many values over the places of a grid where anything is possible, and a step beyond."""
    if not places.size:
        return grid
    limits = float(grid[max(places[0] - 1, 0)]), float(grid[min(places[-1] + 1, grid.size - 1)])
    return spaced(parameter, limits, _GRID) if limits != (grid[0], grid[-1]) else grid


def _peaks(contrast: Reals) -> list[tuple[int, int]]:
    """Rows and columns of the highest places of a grid that no neighbour exceeds, the highest first."""
    filled = np.where(np.isnan(contrast), -np.inf, contrast)
    framed = np.pad(filled, 1, constant_values=-np.inf)
    rows, columns = filled.shape
    around = [framed[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    row, column = np.nonzero((filled >= np.max(around, axis=0)) & np.isfinite(filled))
    order = np.argsort(-filled[row, column])[:_PEAKS]
    return [(int(row[k]), int(column[k])) for k in order]


def _refined(
    question: Question, parameters: tuple[Parameter, Parameter], grids: tuple[Reals, Reals], place: tuple[int, int]
) -> tuple[float, tuple[float, float]]:
    """The highest contrast near a place of the grid, and the values there."""
    highest, at = -np.inf, (0.0, 0.0)
    row, column = place
    for _round in range(_ROUNDS):
        grids = _around(parameters[0], grids[0], column), _around(parameters[1], grids[1], row)
        contrast = question.contrast(*np.meshgrid(*grids))
        row, column = (int(k) for k in np.unravel_index(np.nanargmax(contrast), contrast.shape))
        if contrast[row, column] > highest:
            highest, at = float(contrast[row, column]), (float(grids[0][column]), float(grids[1][row]))
    return highest, at


def _around(parameter: Parameter, grid: Reals, place: int) -> Reals:
    """A finer grid around a value of a grid, which stays on it, so that nothing possible is lost."""
    limits = float(grid[max(place - 2, 0)]), float(grid[min(place + 2, grid.size - 1)])
    return np.union1d(spaced(parameter, limits, _FINE), grid[place])
