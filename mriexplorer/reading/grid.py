"""Where the voxels of an image lie, and how its file stored them."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Voxel = tuple[int, int, int]
Millimetres = tuple[float, float, float]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Grid:
    """A voxel grid whose axes run closest to Right, Anterior, Superior, and how its file stored it.

    ``affine`` (4, 4) maps voxel indices to millimetres; ``known`` is False where the file gave no orientation, so that no
    letter may be shown. ``order`` and ``flipped`` say how axes were stored: axis a of this grid is axis ``order[a]`` of the
    file, reversed where ``flipped[a]``. ``codes`` are the NIfTI (sform, qform) codes to write back.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    known: bool = True
    order: tuple[int, int, int] = (0, 1, 2)
    flipped: tuple[bool, bool, bool] = (False, False, False)
    codes: tuple[int, int] = (1, 1)

    @cached_property
    def spacing(self) -> Millimetres:
        """Voxel edge lengths in millimetres."""
        x, y, z = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(x), float(y), float(z)

    def to_mm(self, voxel: tuple[float, float, float]) -> Millimetres:
        """Millimetres of a voxel's centre."""
        x, y, z = self.affine[:3, :3] @ np.asarray(voxel, float) + self.affine[:3, 3]
        return float(x), float(y), float(z)

    def to_voxel(self, mm: Millimetres) -> Voxel:
        """The voxel nearest to a place in millimetres, kept inside the grid."""
        place = self._inverse @ (*mm, 1.0)
        i, j, k = (min(max(round(float(p)), 0), n - 1) for p, n in zip(place, self.shape, strict=False))
        return i, j, k

    @cached_property
    def _inverse(self) -> NDArray[np.float64]:
        return np.asarray(np.linalg.inv(self.affine), float)

    def stored_voxel(self, voxel: Voxel) -> Voxel:
        """The same voxel in the file's own numbering, as other viewers show it."""
        stored = [0, 0, 0]
        for axis, (source, flip) in enumerate(zip(self.order, self.flipped, strict=True)):
            stored[source] = self.shape[axis] - 1 - voxel[axis] if flip else voxel[axis]
        return stored[0], stored[1], stored[2]

    def stored(self, volume: Floats) -> tuple[Floats, NDArray[np.float64]]:
        """A volume of this grid in the file's order, with the affine that belongs to it."""
        flips = tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)
        back = np.argsort(self.order)
        corner = [n - 1 if flip else 0 for n, flip in zip(self.shape, self.flipped, strict=True)]
        affine = self.affine.copy()
        affine[:3, 3] = self.to_mm((corner[0], corner[1], corner[2]))
        affine[:3, :3] = (affine[:3, :3] * np.where(self.flipped, -1, 1))[:, back]
        return volume[flips].transpose(back), affine

    def oriented(self, stored: Floats) -> Floats:
        """A volume in the file's order brought to this grid; the inverse of ``stored``."""
        flips = tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)
        return np.ascontiguousarray(stored.transpose(self.order)[flips])

    def part(self, box: Box) -> "Grid":
        """The grid of a box of voxels; slices have starts and ends."""
        affine = self.affine.copy()
        affine[:3, 3] = self.to_mm((box[0].start, box[1].start, box[2].start))
        x, y, z = (one.stop - one.start for one in box)
        return replace(self, shape=(x, y, z), affine=affine)

    def same_as(self, other: "Grid") -> bool:
        """Whether both have the same voxels at the same places, to a twentieth of a voxel at every corner."""
        corners = np.array([(*corner, 1.0) for corner in product(*((0, n - 1) for n in self.shape))])
        apart = np.abs(corners @ (self.affine - other.affine).T).max()
        return self.known == other.known and self.shape == other.shape and bool(apart < 0.05 * min(self.spacing))
