"""What a person's voxels are made of: an anatomy seen through a shape, with as much of each tissue as the person has.

Structures that keep their borders (deep grey matter, skull) come by trilinear interpolation of their labels. Ventricles lie over
the rest as a smooth map of presence, so that their walls stay smooth however far they swell. White matter, cortex and fluid
share what is left of a voxel by the squares of their smooth presence, each times a factor that is the same for the whole head;
the factors move the borders between them until brain and grey matter have the wanted volume.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from mriexplorer.linear import combined
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, Anatomy, lumen
from mriexplorer.simulation.labels import Labels, code, codes_of, structures
from mriexplorer.simulation.shape import HeadDeformation, Vectors, interpolated
from mriexplorer.subject.tissue_maps import Box, Floats, Grid

_SHARING = ("white matter", "cortex", "cerebrospinal fluid")
_THREADS = 2
_STRIDE = 4.0  # mm between places at which it is looked where the brain is
_SAMPLE = 400_000  # voxels on which the factors are found
_FACTOR = 6.0  # largest natural logarithm of a factor


@dataclass(frozen=True)
class Composition:
    """Every voxel's share (0 to 1, float32, shape of the grid) of each structure that occurs, by the structure's name.

    Shares sum to at most 1; the rest is air or bone.
    """

    grid: Grid
    shares: dict[str, Floats]

    def volume(self, counts: str) -> float:
        """cm³ of all structures that count as wm, gm, csf or ventricle."""
        edge = float(np.prod(self.grid.spacing)) / 1000
        rows = structures()
        return edge * sum(
            float(share.sum(dtype=np.float64)) for name, share in self.shares.items() if rows[name].counts == counts
        )


@dataclass
class _Mixed:
    """Sums over the eight labels around each place: shares of fixed structures, of the sharing three, and their presence."""

    shares: dict[int, Floats]
    sharing: Floats
    presence: Floats  # (3, ...)


def extent(anatomy: Anatomy, shape: HeadDeformation, grid: Grid) -> Box:
    """The voxels of a grid among which a brain lies, so that no air is computed; for anatomies without a skull."""
    stride = max(1, round(_STRIDE / grid.spacing[0]))
    width, depth, height = (-(-n // stride) for n in grid.shape)
    places = shape.at(Grid((width, depth, height), grid.affine @ np.diag([*[float(stride)] * 3, 1.0])))
    at = np.rint((places - FRAME_ORIGIN.reshape(3, 1, 1, 1)) / 2).astype(int)
    x, y, z = (part.clip(0, size - 1) for part, size in zip(at, anatomy.skull.shape, strict=True))
    inside = anatomy.skull[x, y, z] > 0
    ends = [stride * np.flatnonzero(inside.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    found = [
        slice(max(0, int(e[0]) - 2 * stride), min(n, int(e[-1]) + 2 * stride)) for e, n in zip(ends, grid.shape, strict=True)
    ]
    return found[0], found[1], found[2]


def compose(anatomy: Anatomy, shape: HeadDeformation, grid: Grid, *, brain: float, grey: float) -> Composition:
    """The composition of a head on ``grid`` with ``brain`` (share of the inside of the skull) and ``grey`` (share of the brain).

    Where the borders cannot move far enough, the volumes come as near as they can.
    """
    mixed = _mix(anatomy, shape.at(grid), grid.shape)
    factors = _factors(mixed, brain, grey)
    squares = mixed.presence
    squares *= factors.reshape(3, 1, 1, 1)
    total = squares.sum(axis=0)
    scale = np.divide(mixed.sharing, total, out=np.zeros_like(total), where=total > 0)
    rows = list(structures().values())
    shares = {rows[number].name: share for number, share in mixed.shares.items()}
    for name, square in zip(_SHARING, squares, strict=True):
        shares[name] = square * scale
    return Composition(grid, shares)


def balanced(anatomy: Anatomy, fluid: Floats, white: Floats) -> Anatomy:
    """An anatomy in which some places have more fluid, or more white matter for cortex, than others.

    Both are natural logarithms of the factor of a share, at the knots of a deformation. The anatomy's axes are those of the
    frame.
    """
    edges = np.diag(anatomy.to_voxel)[:3]
    axes = [(np.arange(n) - anatomy.to_voxel[a, 3]) / edges[a] for a, n in enumerate(anatomy.walls.shape)]
    more_fluid, more_white = interpolated(np.stack([fluid, white]) / np.float32(2), axes)  # shares go by squares
    factors = np.exp(np.stack([more_white / 2, -more_white / 2, more_fluid]))
    voxels = np.array(anatomy.voxels)
    for channel, factor in enumerate(factors, 1):
        voxels[..., channel] = np.clip(voxels[..., channel] * (factor / factors.max(axis=0)) + 0.5, 0, 255)
    return replace(anatomy, voxels=voxels)


def _mix(anatomy: Anatomy, places: Vectors, shape: tuple[int, int, int]) -> _Mixed:
    """Interpolate labels and presence where there is anything, a few slices at a time so that the work stays in the cache."""
    codes = anatomy.voxels[..., 0]
    sharing = [code(name) for name in _SHARING]
    silent = {row.code for row in structures().values() if row.tissue is None}
    kept = [int(n) for n in np.flatnonzero(np.bincount(codes.reshape(-1))) if n not in sharing and n not in silent]
    mixed = _Mixed({n: np.zeros(shape, np.float32) for n in kept}, np.zeros(shape, np.float32), np.zeros((3, *shape), np.float32))
    source = _Source(
        np.ascontiguousarray(anatomy.voxels).view(np.uint32)[..., 0], np.ascontiguousarray(anatomy.walls), _forward(codes > 0),
        np.isin(np.arange(256), sharing).astype(np.float32),
    )  # fmt: skip
    rotation, offset = anatomy.to_voxel[:3, :3].astype(np.float32), anatomy.to_voxel[:3, 3].astype(np.float32)

    def slab(first: int) -> None:
        part = slice(first, first + 4)
        at = combined(rotation, places[:, part]) + offset.reshape(3, 1, 1, 1)
        _mix_slab(source, at, mixed, first * shape[1] * shape[2])

    with ThreadPoolExecutor(_THREADS) as threads:  # numpy lets go of the interpreter; slabs do not touch each other
        list(threads.map(slab, range(0, shape[0], 4)))
    np.square(mixed.presence, out=mixed.presence)
    return mixed


def _forward(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where any of the eight voxels from each on (its own, and the next along every axis) is in the mask."""
    found = np.array(mask)
    for axis in range(3):
        one = np.moveaxis(found, axis, 0)
        one[:-1] |= one[1:]
    return found


@dataclass(frozen=True)
class _Source:
    """An anatomy's voxels as whole numbers, the smooth presence of ventricles, where there is anything, and which codes share."""

    packed: NDArray[np.uint32]
    walls: Labels
    occupied: NDArray[np.bool_]
    is_sharing: Floats


def _mix_slab(source: _Source, at: Vectors, mixed: _Mixed, first: int) -> None:
    """Fill in the voxels from number ``first`` on, whose places are ``at``."""
    chosen, start, rest, strides = _bases(source.occupied, at)
    if not len(chosen):
        return
    (sharing, walls), presence = np.zeros((2, len(chosen)), np.float32), np.zeros((3, len(chosen)), np.float32)
    shares: dict[int, Floats] = {}
    packed, ventricular = source.packed.reshape(-1), source.walls.reshape(-1)
    for corner in product((0, 1), repeat=3):
        weight = np.prod([r if one else 1 - r for one, r in zip(corner, rest, strict=True)], axis=0)
        place = start + sum(c * s for c, s in zip(corner, strides, strict=True))
        found = packed.take(place)
        labels = (found & 255).astype(np.uint8)
        sharing += weight * source.is_sharing[labels]
        walls += weight * ventricular.take(place)
        for axis in range(3):
            presence[axis] += weight * ((found >> (8 * axis + 8)) & 255).astype(np.float32)
        for number in np.flatnonzero(np.bincount(labels, minlength=256)).tolist():
            if number in mixed.shares:
                shares.setdefault(number, np.zeros(len(chosen), np.float32))[:] += weight * (labels == number)
    _lay_ventricles(shares, sharing, walls)
    chosen = chosen + first
    mixed.sharing.reshape(-1)[chosen] = sharing
    for axis in range(3):
        mixed.presence[axis].reshape(-1)[chosen] = presence[axis]
    for number, share in shares.items():
        mixed.shares[number].reshape(-1)[chosen] = share


def _lay_ventricles(shares: dict[int, Floats], sharing: Floats, walls: Floats) -> None:
    """Ventricles as their smooth presence says; what else is there shares the rest as it did."""
    number = code("ventricles")
    before = shares.pop(number, np.zeros_like(walls))
    share = lumen(walls)
    share[before > 0.999] = 1
    others = (1 - share) / np.maximum(1 - before, 1e-3)
    sharing *= others
    for other in shares.values():
        other *= others
    shares[number] = share


def _bases(
    occupied: NDArray[np.bool_], at: Vectors
) -> tuple[NDArray[np.int64], NDArray[np.int32], list[Floats], tuple[int, ...]]:
    """Of places around which there is anything: their numbers, the first of their eight voxels, and how far behind it they lie.

    Places outside take the nearest voxel, which is air.
    """
    strides = (occupied.shape[1] * occupied.shape[2], occupied.shape[2], 1)
    start, places = np.int32(0), []
    for axis, size in enumerate(occupied.shape):
        place = np.clip(at[axis].reshape(-1), 0, size - 1.001)
        places.append(place)
        start = start + place.astype(np.int32) * np.int32(strides[axis])
    chosen = np.flatnonzero(occupied.reshape(-1).take(start))
    rest = [place[chosen] - np.floor(place[chosen]) for place in places]
    return chosen, np.asarray(start)[chosen], rest, strides


def _factors(mixed: _Mixed, brain: float, grey: float) -> Floats:
    """Factors of white matter, cortex and fluid; fluid's is 1. Found on every n-th voxel, so the same each time."""
    fixed = {counts: sum(float(mixed.shares[n].sum(dtype=np.float64)) for n in codes_of(counts) if n in mixed.shares)
             for counts in ("wm", "gm", "csf", "ventricle")}  # fmt: skip
    inside = sum(fixed.values()) + float(mixed.sharing.sum(dtype=np.float64))
    chosen = np.flatnonzero(mixed.sharing > 0.01)
    chosen = chosen[:: max(1, len(chosen) // _SAMPLE)]
    weight = mixed.sharing.reshape(-1)[chosen].astype(np.float64)
    weight *= float(mixed.sharing.sum(dtype=np.float64)) / weight.sum()
    wm, gm, fluid = mixed.presence.reshape(3, -1)[:, chosen].astype(np.float64)
    wanted_brain, wanted_grey = brain * inside, grey * brain * inside

    def missing_brain(common: float, ratio: float) -> float:
        solid = np.exp(common) * (wm * np.exp(-ratio) + gm * np.exp(ratio))
        return fixed["wm"] + fixed["gm"] + float((weight * solid / np.maximum(solid + fluid, 1e-9)).sum()) - wanted_brain

    def missing_grey(ratio: float) -> float:
        common = _root(lambda x: missing_brain(x, ratio))
        w, g = wm * np.exp(common - ratio), gm * np.exp(common + ratio)
        return fixed["gm"] + float((weight * g / np.maximum(w + g + fluid, 1e-9)).sum()) - wanted_grey

    ratio = _root(missing_grey)
    common = _root(lambda x: missing_brain(x, ratio))
    return np.array([np.exp(common - ratio), np.exp(common + ratio), 1.0], np.float32)


def _root(function: Callable[[float], float]) -> float:
    """Where a rising function is zero within the allowed factors, or the end that comes nearest."""
    low, high = function(-_FACTOR), function(_FACTOR)
    if low >= 0 or high <= 0:
        return -_FACTOR if low >= 0 else _FACTOR
    return float(brentq(function, -_FACTOR, _FACTOR, xtol=1e-3))


def segmentation(composition: Composition) -> Labels:
    """The structure that most of each voxel is made of; 0 where more than half is air or bone."""
    best = np.full(composition.grid.shape, 0.5, np.float32)
    found = np.zeros(composition.grid.shape, np.uint8)
    total = np.zeros(composition.grid.shape, np.float32)
    for name, share in composition.shares.items():
        total += share
        winning = share > np.where(found > 0, best, 0)
        found[winning], best[winning] = code(name), share[winning]
    found[total < 0.5] = 0
    return found
