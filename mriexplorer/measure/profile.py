"""Values along a line: the signal, or a map, against millimetres."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics.lookup import Voxels
from mriexplorer.render.imaging import Imaging, VoxelNoise
from mriexplorer.subject.tissue_maps import Grid, Millimetres, TissueMaps
from mriexplorer.view.region import Line

_FINE = 3  # points a voxel
_MOST = 2000


def fractional(grid: Grid, mm: "Millimetres | tuple[Millimetres, ...]") -> NDArray[np.float64]:
    """A place, or several of them, in voxels with fractions, and outside of the grid where it is outside; shape (..., 3)."""
    return np.asarray((np.asarray(mm, np.float64) - grid.affine[:3, 3]) @ np.linalg.inv(grid.affine[:3, :3]).T)


@dataclass(frozen=True, eq=False)
class Course:
    """Where a line runs: ``mm`` from its start, shape (n,), and the voxels around each point with their ``weights``.

    ``owner`` is the point that each of the voxels belongs to, ``drawn`` their noise.
    """

    mm: NDArray[np.float64]
    voxels: Voxels
    weights: NDArray[np.float64]
    owner: NDArray[np.intp]
    drawn: VoxelNoise

    def values(self, view: str, imaging: Imaging | None) -> NDArray[np.float64] | None:
        """The signal or a map along the line, linear between voxels; 0 where there is no tissue. None: there is no image."""
        if view == "signal" and imaging is None:
            return None
        of_voxels = imaging.signal(self.voxels, self.drawn) if view == "signal" and imaging else getattr(self.voxels, view)
        return np.asarray(np.bincount(self.owner, self.weights * of_voxels, minlength=self.mm.size), np.float64)


def course(maps: TissueMaps, line: Line) -> Course:
    """The course of a line through maps. Signals are computed in the voxels and then interpolated, as in an image."""
    start, end = np.array(line.start), np.array(line.end)
    length = float(np.linalg.norm(end - start))
    count = min(max(round(_FINE * length / min(maps.grid.spacing)), 1), _MOST) + 1
    share = np.linspace(0, 1, count)[:, None]
    first, last = fractional(maps.grid, line.start), fractional(maps.grid, line.end)
    places = first + share * (last - first)
    low = np.floor(places).astype(np.intp)
    part = places - low
    indices, weights = [], []
    for corner in product((0, 1), repeat=3):
        indices.append(low + corner)
        weights.append(np.prod(np.where(corner, part, 1 - part), axis=1))
    return _course(maps, share[:, 0] * length, np.concatenate(indices), np.concatenate(weights))


def _course(maps: TissueMaps, mm: NDArray[np.float64], at: NDArray[np.intp], weights: NDArray[np.float64]) -> Course:
    owner = np.tile(np.arange(mm.size), 8)
    inside = ((at >= 0) & (at < maps.grid.shape)).all(axis=1) & (weights > 0)
    at, weights, owner = at[inside], weights[inside], owner[inside]
    pd, t1, t2, star = (volume[tuple(at.T)] for volume in (maps.pd, maps.t1, maps.t2, maps.decay_star))
    fine = (pd > 0) & (t1 > 0) & (t2 > 0)
    voxels = Voxels.of(pd[fine], t1[fine], t2[fine], np.where(star > 0, star, t2)[fine])
    places = np.ravel_multi_index(tuple(at[fine].T), maps.grid.shape)
    return Course(mm, voxels, weights[fine], owner[fine], VoxelNoise(places))
