"""How a person's head differs in shape from the anatomy that it was made of: a size, and a smooth warp that never folds.

The warp is the exponential of a stationary velocity field (Arsigny 2006): random and smooth, plus an amount of flow towards
the ventricles that makes them as large as wanted. It is sampled backwards: ``Shape.at`` tells for every voxel of the person
where in the standard frame its tissue comes from.

    person (mm) ── mirror, size ──► frame (mm) ── + warp ──► frame (mm) ── anatomy.to_voxel ──► source voxel
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from mriexplorer.linear import along_axes
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, FRAME_SHAPE, Anatomy
from mriexplorer.subject.tissue_maps import Floats, Grid

Vectors = NDArray[np.float32]  # (3, x, y, z), millimetres
CENTRE = np.array([0.0, -17.0, 6.0])  # mm in the standard frame, the middle of the template's brain
KNOT_EDGE = 4.0  # mm between the knots of a deformation
KNOTS = (49, 60, 53)  # from FRAME_ORIGIN on: a little more than the coarse indicators
_SQUARINGS = 6
_REACH = 25.0  # mm, how far from the ventricles tissue moves with their walls
_LEAST, _MOST = 0.03, 6.0  # Jacobian of the backward warp: ventricles may swell to 33 times, tissue be pressed to a sixth
_MIDDLE = (6.0, 12.0)  # mm, half the width and the upper end of where the third and fourth ventricle lie
_WAVES = ((18.0, 2.2), (8.0, 0.7))  # (smoothness, size) of the random displacement, both mm, standard deviations
_FLOW = 7.0  # mm of it that make ventricles e times as large, to begin with
_LONGEST = 12.0  # mm, of the flow towards the ventricles


@dataclass(frozen=True)
class HeadDeformation:
    """``scale`` (3,) takes the person's millimetres about ``CENTRE`` to those of the frame (negative: mirrored left to right).

    ``warp`` (3, knots) is the displacement in the frame; ``least`` its smallest Jacobian determinant, always positive.
    """

    scale: NDArray[np.float64]
    warp: Vectors
    least: float

    def at(self, grid: Grid) -> Vectors:
        """Where in the standard frame (mm) every voxel of a person's ``grid`` comes from; (3, ``grid.shape``)."""
        places = self._axes(grid)
        moved = interpolated(self.warp, places)
        for axis, place in enumerate(places):
            moved[axis] += place.astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        return moved

    def _axes(self, grid: Grid) -> list[NDArray[np.float64]]:
        """Frame millimetres along each axis of the grid, whose axes are those of the frame."""
        edges = np.diag(grid.affine)[:3]
        return [
            (edges[a] * np.arange(grid.shape[a]) + grid.affine[a, 3] - CENTRE[a]) * self.scale[a] + CENTRE[a] for a in range(3)
        ]


# -- vectors ---------------------------------------------------------------------------------------------------


def exponential(velocity: Vectors, squarings: int = _SQUARINGS) -> Vectors:
    """The displacement (mm) that flows along a velocity field for a unit of time: scaling and squaring."""
    displacement = velocity / np.float32(2**squarings)
    for _ in range(squarings):
        displacement = displacement + _moved(displacement, displacement)
    return np.asarray(displacement, np.float32)


def _moved(vectors: Vectors, by: Vectors) -> Vectors:
    """Vectors where a displacement leads."""
    from scipy.ndimage import map_coordinates

    places = np.indices(vectors.shape[1:], np.float32) + by / np.float32(KNOT_EDGE)
    moved = _threads().map(lambda part: map_coordinates(part, places, order=1, mode="nearest"), vectors)
    return np.stack(list(moved))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """One for each component: filters let go of the interpreter. Kept, since making them takes as long as their work."""
    return ThreadPoolExecutor(3)


def interpolated(vectors: Vectors, places: list[NDArray[np.float64]], along: int | None = None) -> Vectors:
    """Vectors at the knots (cubic B-spline) on the grid that three lists of millimetres span; its derivative with ``along``."""
    from scipy.ndimage import spline_filter

    bases = [basis(place, axis, derivative=axis == along) for axis, place in enumerate(places)]
    return np.stack([along_axes(spline_filter(part, order=3, output=np.float32, mode="mirror"), bases) for part in vectors])


def basis(place: NDArray[np.float64], axis: int, *, derivative: bool = False) -> Vectors:
    """Cubic B-spline weights (places, knots) of an axis, mirrored at its ends."""
    count = KNOTS[axis]
    at = np.clip((place - FRAME_ORIGIN[axis]) / KNOT_EDGE, 0, count - 1)
    first = np.floor(at).astype(int) - 1
    t = at - np.floor(at)
    weights = np.array([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
    if derivative:
        weights = np.array([-((1 - t) ** 2), 3 * t**2 - 4 * t, -3 * t**2 + 2 * t + 1, t**2]) / (2 * KNOT_EDGE)
    found = np.zeros((len(place), count), np.float32)
    for step in range(4):
        knot = np.abs(first + step)
        knot = np.where(knot > count - 1, 2 * (count - 1) - knot, knot)
        np.add.at(found, (np.arange(len(place)), knot), weights[step])
    return found


def jacobian(warp: Vectors, places: list[NDArray[np.float64]]) -> Floats:
    """The determinant of x -> x + warp(x) on the grid that three lists of millimetres span."""
    columns = [interpolated(warp, places, along=axis) for axis in range(3)]
    matrix = np.stack(columns, axis=1)  # (component, derivative, x, y, z)
    for axis in range(3):
        matrix[axis, axis] += 1
    (a, b, c), (d, e, f), (g, h, i) = matrix
    return np.asarray(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g), np.float32)


def random_velocity(rng: np.random.Generator) -> Vectors:
    """A smooth random velocity field (mm): broad differences of shape, and finer ones of folding."""
    from scipy.ndimage import gaussian_filter

    total = np.zeros((3, *KNOTS), np.float32)
    for smoothness, size in _WAVES:
        for part in total:
            noise = gaussian_filter(rng.standard_normal(KNOTS, np.float32), smoothness / KNOT_EDGE, mode="constant")
            part += size * noise / noise.std()
    return total


# -- fitting a shape to volumes --------------------------------------------------------------------------------


def fit(anatomy: Anatomy, rng: np.random.Generator, *, inside: float, ventricles: float, mirrored: bool) -> HeadDeformation:
    """A random shape whose skull holds ``inside`` cm³, of which ``ventricles`` are a share.

    Where the ventricles cannot be brought to size without tearing or pressing tissue beyond ``_LEAST`` and ``_MOST``, they
    come as near as possible. The same generator state gives the same shape.
    """
    random = random_velocity(rng)
    proportions = np.exp(rng.normal(0, 0.025, 3))
    proportions /= np.prod(proportions) ** (1 / 3)
    shape = swollen(anatomy, random, inside=inside, ventricles=ventricles)
    scale = proportions * shape.scale
    if mirrored:
        scale[0] *= -1
    return HeadDeformation(scale, shape.warp, shape.least)


def swollen(
    anatomy: Anatomy, velocity: Vectors, *, inside: float | None, ventricles: float, every: int = 1, near: float = 0.01
) -> HeadDeformation:
    """The shape of a velocity (mm), with ``inside`` (cm³) in the skull (None: the size it has) and ``ventricles`` as a share.

    Both are measured at every n-th voxel of the coarse frame; ventricles to the share ``near`` of themselves. Where that would
    tear, they come as near as possible.
    """
    flow = _towards_ventricles(anatomy)
    axes = [FRAME_ORIGIN[a] + 2.0 * np.arange(0, FRAME_SHAPE[a], every) for a in range(3)]
    warp, amount = _warp(anatomy, velocity, flow, ventricles, axes, near)
    while float((change := jacobian(warp, axes)).min()) < _LEAST or float(change.max()) > _MOST:
        velocity, amount = velocity * np.float32(0.8), amount * 0.9
        warp = exponential(velocity + np.float32(amount) * flow)
    volume = _volumes(warp, axes, anatomy.skull)[0] * (2 * every) ** 3 / 1000
    return HeadDeformation(np.full(3, 1.0 if inside is None else (volume / inside) ** (1 / 3)), warp, float(change.min()))


def mirrored(anatomy: Anatomy) -> Anatomy:
    """Left and right exchanged, in the standard frame."""
    flip = anatomy.to_voxel @ np.diag([-1.0, 1, 1, 1])
    return replace(anatomy, to_voxel=flip, skull=anatomy.skull[::-1], ventricles=anatomy.ventricles[::-1])


def _warp(
    anatomy: Anatomy, random: Vectors, flow: Vectors, wanted: float, axes: list[NDArray[np.float64]], near: float
) -> tuple[Vectors, float]:
    """The warp, and the flow that gives it the wanted share of ventricles: the secant method on the logarithm of the share."""

    def tried(amount: float) -> tuple[float, Vectors]:
        warp = exponential(random + np.float32(amount) * flow)
        ventricles, skull = _volumes(warp, axes, anatomy.ventricles, anatomy.skull)
        return log(max(ventricles / skull, 1e-6) / wanted), warp

    before, (off_before, warp) = 0.0, tried(0.0)
    amount = float(np.clip(-_FLOW * off_before, -_LONGEST, _LONGEST))
    for _ in range(8):
        if abs(off_before) < near or amount == before:
            break
        off, warp = tried(amount)
        step = 0.0 if off == off_before else -off * (amount - before) / (off - off_before)
        before, off_before = amount, off
        amount = float(np.clip(amount + np.clip(step, -4, 4), -_LONGEST, _LONGEST))
    return warp, before


@lru_cache(maxsize=2)
def _towards_ventricles(anatomy: Anatomy) -> Vectors:
    """The flow that swells the ventricles, backwards, at most 1 mm long.

    Its divergence is that of the (smoothed) ventricles, and outside them only what makes it fade within ``_REACH``: tissue is
    pushed away rather than pressed. That is the gradient of the screened Poisson equation, solved by Fourier transform.
    """
    from scipy.fft import irfftn, rfftn
    from scipy.ndimage import gaussian_filter, map_coordinates

    source = gaussian_filter(np.pad(_lateral(anatomy), 8), 1.5)
    waves = [2 * np.pi * np.fft.fftfreq(n, 2.0) for n in source.shape[:2]] + [2 * np.pi * np.fft.rfftfreq(source.shape[2], 2.0)]
    square = sum(wave.reshape([-1 if a == axis else 1 for a in range(3)]) ** 2 for axis, wave in enumerate(waves))
    potential = irfftn(rfftn(source) / (square + 1 / _REACH**2), source.shape)
    places = np.indices(KNOTS, np.float32) * np.float32(KNOT_EDGE / 2.0) + 8
    flow = np.stack([map_coordinates(part, places, order=1, mode="nearest") for part in np.gradient(potential)])
    return np.asarray(flow / np.sqrt((flow**2).sum(axis=0)).max(), np.float32)


def _lateral(anatomy: Anatomy) -> Floats:
    """The ventricles, those in the middle at a quarter: with age the lateral ones widen most, the third stays a slit."""
    x, z = (FRAME_ORIGIN[a] + 2.0 * np.arange(FRAME_SHAPE[a]) for a in (0, 2))
    middle = (np.abs(x)[:, None] < _MIDDLE[0]) & (z < _MIDDLE[1])[None, :]
    return np.asarray(anatomy.ventricles * np.where(middle, 0.25, 1.0)[:, None, :], np.float32)


def _volumes(warp: Vectors, axes: list[NDArray[np.float64]], *indicators: Floats) -> list[float]:
    """Sums of indicators of the frame after the warp."""
    from scipy.ndimage import map_coordinates

    moved = interpolated(warp, axes)
    for axis, place in enumerate(axes):
        moved[axis] += (place - FRAME_ORIGIN[axis]).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    moved /= np.float32(2)
    return [float(map_coordinates(one, moved, order=1, output=np.float32).sum(dtype=np.float64)) for one in indicators]
