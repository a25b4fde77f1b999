"""What a person's voxels are made of: an anatomy seen through a shape, with as much of each tissue as the person has.

Structures that keep their borders (deep grey matter, ventricles, skull) come by trilinear interpolation of their labels.
White matter, cortex and fluid share what is left of a voxel by the squares of their smooth fields, each times a factor that is
the same for the whole head; the factors move the borders between them until brain and grey matter have the wanted volume.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from mriexplorer.cohort.anatomy import Anatomy
from mriexplorer.cohort.labels import Labels, code, codes_of, structures
from mriexplorer.cohort.shape import Field, Shape
from mriexplorer.subject.tissue_maps import Floats, Grid

_SHARING = ("white matter", "cortex", "cerebrospinal fluid")
_THREADS = 2
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
    """Sums over the eight labels around each place: shares of fixed structures, of the sharing three, and their fields."""

    shares: dict[int, Floats]
    sharing: Floats
    fields: Floats  # (3, ...)


def compose(anatomy: Anatomy, shape: Shape, grid: Grid, *, brain: float, grey: float) -> Composition:
    """The composition of a head on ``grid`` with ``brain`` (share of the inside of the skull) and ``grey`` (share of the brain).

    Where the borders cannot move far enough, the volumes come as near as they can.
    """
    mixed = _mix(anatomy, shape.at(grid), grid.shape)
    factors = _factors(mixed, brain, grey)
    squares = mixed.fields
    squares *= factors.reshape(3, 1, 1, 1)
    total = squares.sum(axis=0)
    scale = np.divide(mixed.sharing, total, out=np.zeros_like(total), where=total > 0)
    rows = list(structures().values())
    shares = {rows[number].name: share for number, share in mixed.shares.items()}
    for name, square in zip(_SHARING, squares, strict=True):
        shares[name] = square * scale
    return Composition(grid, shares)


def _mix(anatomy: Anatomy, places: Field, shape: tuple[int, int, int]) -> _Mixed:
    """Interpolate labels and fields, a few slices at a time so that the work stays in the processor's cache."""
    packed = np.ascontiguousarray(anatomy.voxels).view(np.uint32)[..., 0]
    present = [n for n in np.unique(anatomy.voxels[..., 0]) if n]
    sharing = [code(name) for name in _SHARING]
    silent = {row.code for row in structures().values() if row.tissue is None}
    kept = [int(n) for n in present if n not in sharing and n not in silent]
    mixed = _Mixed({n: np.zeros(shape, np.float32) for n in kept}, np.zeros(shape, np.float32), np.zeros((3, *shape), np.float32))
    rotation, offset = anatomy.to_voxel[:3, :3].astype(np.float32), anatomy.to_voxel[:3, 3].astype(np.float32)
    is_sharing = np.isin(np.arange(256), sharing).astype(np.float32)

    def slab(first: int) -> None:
        part = slice(first, first + 4)
        at = np.tensordot(rotation, places[:, part], axes=1) + offset.reshape(3, 1, 1, 1)
        _mix_slab(packed, at, mixed, part, is_sharing)

    with ThreadPoolExecutor(_THREADS) as threads:  # numpy lets go of the interpreter; slabs do not touch each other
        list(threads.map(slab, range(0, shape[0], 4)))
    np.square(mixed.fields, out=mixed.fields)
    return mixed


def _mix_slab(packed: NDArray[np.uint32], at: Field, mixed: _Mixed, part: slice, is_sharing: Floats) -> None:
    for weight, found in _corners(packed, at):
        labels = (found & 255).astype(np.uint8)
        mixed.sharing[part] += weight * is_sharing[labels]
        for axis in range(3):
            mixed.fields[axis, part] += weight * ((found >> (8 * axis + 8)) & 255).astype(np.float32)
        counts = np.bincount(labels.ravel(), minlength=256)
        for number, share in mixed.shares.items():
            if counts[number]:
                share[part] += weight * (labels == number)


def _corners(packed: NDArray[np.uint32], at: Field) -> Iterator[tuple[Floats, NDArray[np.uint32]]]:
    """The eight voxels around each place and their weights; places outside take the nearest voxel, which is air."""
    base, rest = [], []
    for axis, size in enumerate(packed.shape):
        place = np.clip(at[axis], 0, size - 1.001)
        whole = place.astype(np.int32)
        base.append(whole)
        rest.append(place - whole)
    strides = (packed.shape[1] * packed.shape[2], packed.shape[2], 1)
    start = base[0] * strides[0] + base[1] * strides[1] + base[2]
    flat = packed.reshape(-1)
    for corner in product((0, 1), repeat=3):
        weight: Any = np.float32(1)
        for one, r in zip(corner, rest, strict=True):
            weight = weight * (r if one else 1 - r)
        yield weight, flat.take(start + sum(c * s for c, s in zip(corner, strides, strict=True)))


def _factors(mixed: _Mixed, brain: float, grey: float) -> Floats:
    """Factors of white matter, cortex and fluid; fluid's is 1. Found on every n-th voxel, so the same each time."""
    fixed = {counts: sum(float(mixed.shares[n].sum(dtype=np.float64)) for n in codes_of(counts) if n in mixed.shares)
             for counts in ("wm", "gm", "csf", "ventricle")}  # fmt: skip
    inside = sum(fixed.values()) + float(mixed.sharing.sum(dtype=np.float64))
    chosen = np.flatnonzero(mixed.sharing > 0.01)
    chosen = chosen[:: max(1, len(chosen) // _SAMPLE)]
    weight = mixed.sharing.reshape(-1)[chosen].astype(np.float64)
    weight *= float(mixed.sharing.sum(dtype=np.float64)) / weight.sum()
    wm, gm, fluid = mixed.fields.reshape(3, -1)[:, chosen].astype(np.float64)
    wanted_brain, wanted_grey = brain * inside, grey * brain * inside

    def missing_brain(level: float, balance: float) -> float:
        solid = np.exp(level) * (wm * np.exp(-balance) + gm * np.exp(balance))
        return fixed["wm"] + fixed["gm"] + float((weight * solid / np.maximum(solid + fluid, 1e-9)).sum()) - wanted_brain

    def missing_grey(balance: float) -> float:
        level = _root(lambda x: missing_brain(x, balance))
        w, g = wm * np.exp(level - balance), gm * np.exp(level + balance)
        return fixed["gm"] + float((weight * g / np.maximum(w + g + fluid, 1e-9)).sum()) - wanted_grey

    balance = _root(missing_grey)
    level = _root(lambda x: missing_brain(x, balance))
    return np.array([np.exp(level - balance), np.exp(level + balance), 1.0], np.float32)


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
