"""Surface, topology and thickness of tissue on voxels.

Areas come from crossings of lines with the border of the tissue (Cauchy and Crofton) in 13 directions (Legland, Kiêu and
Devaux 2007); numbers of handles from Euler's characteristic; thickness from distances to both sides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mriexplorer.subject.tissue_maps import Floats

Mask = NDArray[np.bool_]
_BY_STEPS = {1: 0.0915557824, 2: 0.0739612558, 3: 0.0703912796}  # weight of a direction of so many axes: its part of the sphere
_LEAST_PART = 24.0  # mm³: smaller parts are noise, three voxels of 2 mm
_TOUCHING = np.ones((3, 3, 3), bool)  # voxels of tissue hang together by faces, edges and corners; what is not tissue by faces


@dataclass(frozen=True)
class Topology:
    """What is wrong with a body that should be a ball: ``islands`` beside it, ``cavities`` inside, ``handles`` through it.

    ``loose`` is the share of its volume that lies in islands.
    """

    islands: int
    cavities: int
    handles: int
    loose: float


# -- area ------------------------------------------------------------------------------------------------------


def surface_area(inside: Mask, edge: float) -> float:
    """mm² of the border of voxels of an ``edge`` (mm); what reaches the array's end ends there."""
    whole = np.pad(inside, 1)
    total = 0.0
    for step in _directions():
        here, there = _shifted(whole, step)
        axes = sum(map(abs, step))
        total += _BY_STEPS[axes] * np.count_nonzero(here != there) / np.sqrt(axes)
    return float(2 * total * edge**2)


def _directions() -> Iterator[tuple[int, int, int]]:
    """One of every two opposite directions to the 26 neighbours."""
    for x, y, z in product((-1, 0, 1), repeat=3):
        if (x, y, z) > (0, 0, 0):
            yield x, y, z


def _shifted(whole: Mask, step: tuple[int, int, int]) -> tuple[Mask, Mask]:
    here = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(step, whole.shape, strict=True))
    there = tuple(slice(max(0, s), n + min(0, s)) for s, n in zip(step, whole.shape, strict=True))
    return whole[here], whole[there]


# -- topology --------------------------------------------------------------------------------------------------


def euler_characteristic(inside: Mask) -> int:
    """Bodies less handles plus cavities of the union of closed voxels: corners - edges + faces - voxels."""
    whole = np.pad(inside, 1)
    faces = [_either(whole, axis) for axis in range(3)]
    edges = [_either(faces[0], 1), _either(faces[0], 2), _either(faces[1], 2)]
    corners = _either(edges[0], 2)
    count = np.count_nonzero
    return int(count(corners)) - sum(int(count(e)) for e in edges) + sum(int(count(f)) for f in faces) - int(count(whole))


def _either(inside: Mask, axis: int) -> Mask:
    """Where a voxel or the next along an axis is inside."""
    rows = np.moveaxis(inside, axis, 0)
    return np.moveaxis(rows[:-1] | rows[1:], 0, axis)


def topology(inside: Mask, edge: float) -> Topology:
    """Islands and cavities are those of at least 24 mm³; handles are those of the largest body, its cavities filled."""
    body, sizes = largest(inside)
    if not sizes:
        return Topology(0, 0, 0, 0.0)
    least = _LEAST_PART / edge**3
    filled, cavities = _filled(body)
    islands = sum(size >= least for size in sizes[1:])
    handles = 1 - euler_characteristic(filled)
    return Topology(islands, sum(size >= least for size in cavities), handles, sum(sizes[1:]) / sum(sizes))


def largest(inside: Mask) -> tuple[Mask, list[int]]:
    """The largest part that hangs together, and voxels of every part, the largest first."""
    from scipy.ndimage import label

    parts, count = label(inside, _TOUCHING)
    if not count:
        return inside, []
    sizes = np.bincount(parts.reshape(-1))[1:]
    return np.asarray(parts == 1 + int(sizes.argmax())), sorted((int(n) for n in sizes), reverse=True)


def _filled(body: Mask) -> tuple[Mask, list[int]]:
    """A body without cavities, and how many voxels each of them had."""
    from scipy.ndimage import label

    parts, _count = label(np.pad(~body, 1, constant_values=True))
    sizes = np.bincount(parts.reshape(-1))
    sizes[[0, parts[0, 0, 0]]] = 0
    return (parts != parts[0, 0, 0])[1:-1, 1:-1, 1:-1], [int(n) for n in sizes if n]


# -- thickness -------------------------------------------------------------------------------------------------


def distance_to(share: Floats, edge: float, where: Mask) -> Floats:
    """Millimetres from voxels (those of ``where``, in a row) to where the ``share`` is a half; half a voxel below 0 inside.

    The border is placed by the shares of the last voxel that is mostly inside and of the next on the way (after Gustavson and
    Strand 2011), along that way: for plates along the grid exactly. Infinite where nothing is inside.
    """
    from scipy.ndimage import distance_transform_edt

    inside = share >= 0.5
    if not inside.any():
        return np.full(np.count_nonzero(where), np.inf, np.float32)
    away, nearest = distance_transform_edt(~inside, return_indices=True)
    away, seed = away[where], nearest[:, where]
    way = np.stack(np.nonzero(where)).astype(np.int32) - seed
    longest = np.maximum(np.abs(way).max(axis=0), 1)
    following = seed + np.rint(way / longest).astype(np.int32)
    beyond = share[tuple(seed)] + np.where(away > 0, share[tuple(following)], 0) - 0.5
    slant = np.divide(np.abs(way).sum(axis=0), away, out=np.ones(len(away)), where=away > 0)
    return np.asarray(edge * (away - beyond * slant), np.float32)
