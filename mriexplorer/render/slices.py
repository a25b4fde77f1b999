"""Three orthogonal cuts through tissue maps, and how they lie on the screen.

::

    radiological              neurological
      axial      sagittal       axial     sagittal
        A           S             A           S
      R   L       A   P         L   R       P   A
        P           I             P           I
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics.lookup import Voxels
from mriexplorer.subject.tissue_maps import Floats, Grid, TissueMaps, Voxel
from mriexplorer.view.plane import PLANES, Plane

_LETTERS = ("LR", "PA", "IS")
Extent = tuple[int, int, int, int]
_OBLIQUE = 0.26  # a second letter where an axis leans more than 15 degrees


@dataclass(frozen=True)
class SliceGeometry:
    """How one plane lies on the screen: ``mirrored`` where the across axis runs to the left."""

    plane: Plane
    grid: Grid
    mirrored: bool

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.grid.shape[self.plane.up], self.grid.shape[self.plane.across]

    @cached_property
    def spacing(self) -> tuple[float, float]:
        """Millimetres a column and a row."""
        return self.grid.spacing[self.plane.across], self.grid.spacing[self.plane.up]

    @cached_property
    def middle(self) -> tuple[float, float]:
        """Column and row of the middle."""
        rows, columns = self.shape
        return columns / 2, rows / 2

    def place(self, voxel: tuple[float, float, float]) -> tuple[float, float]:
        """Column and row of a voxel's centre; the first pixel's centre is (0.5, 0.5)."""
        rows, columns = self.shape
        column = voxel[self.plane.across] + 0.5
        return (columns - column if self.mirrored else column), rows - voxel[self.plane.up] - 0.5

    def voxel(self, column: float, row: float, at: Voxel) -> tuple[float, float, float]:
        """The voxel under a place of the plane through ``at``; the inverse of ``place``."""
        rows, columns = self.shape
        result = [float(v) for v in at]
        result[self.plane.across] = (columns - column if self.mirrored else column) - 0.5
        result[self.plane.up] = rows - row - 0.5
        return result[0], result[1], result[2]

    def indices(self, at: Voxel) -> NDArray[np.intp]:
        """Index in the flattened volume of each pixel of the plane through ``at``, shape (rows * columns,)."""
        steps = (self.grid.shape[1] * self.grid.shape[2], self.grid.shape[2], 1)
        across, up = (np.arange(self.grid.shape[axis]) * steps[axis] for axis in (self.plane.across, self.plane.up))
        here = at[self.plane.normal] * steps[self.plane.normal]
        return np.asarray((up[::-1, None] + (across[::-1] if self.mirrored else across) + here).reshape(-1), np.intp)

    @cached_property
    def letters(self) -> tuple[str, str, str, str] | None:
        """What lies to the left, right, top and bottom of the screen: one letter, two on oblique grids; None if unknown."""
        if not self.grid.known:
            return None
        right = self.grid.affine[:3, self.plane.across] * (-1 if self.mirrored else 1)
        up = self.grid.affine[:3, self.plane.up]
        return direction(-right), direction(right), direction(up), direction(-up)

    def position(self, at: Voxel) -> str:
        """Which plane, and where it cuts: ``Axial   z +8.0 mm``."""
        normal = self.plane.normal
        return f"{self.plane.name.capitalize()}   {'xyz'[normal]} {self.grid.to_mm(at)[normal]:+.1f} mm".replace("-", "−")

    def cut(self, volume: Floats, voxel: Voxel) -> Floats:
        """The volume's pixels on the plane through ``voxel``, first row on top."""
        where: list[int | slice] = [slice(None)] * 3
        where[self.plane.normal] = voxel[self.plane.normal]
        pixels = volume[tuple(where)].T[::-1]
        return pixels[:, ::-1] if self.mirrored else pixels


def geometry(name: str, grid: Grid, convention: str) -> SliceGeometry:
    """A plane in the radiological (patient's left on screen right, nose left) or neurological convention."""
    return SliceGeometry(PLANES[name], grid, convention == "radiological")


def direction(vector: NDArray[np.float64]) -> str:
    """The patient's side that a direction in millimetres points to: L R P A I S, two letters where it is oblique."""
    unit = vector / np.linalg.norm(vector)
    first, second = np.argsort(-np.abs(unit))[:2]
    letters = _LETTERS[first][int(unit[first] > 0)]
    return letters + (_LETTERS[second][int(unit[second] > 0)] if abs(unit[second]) > _OBLIQUE else "")


@dataclass(frozen=True)
class Slice:
    """The voxels of one plane that hold tissue: their properties, and their places in the flattened image.

    The plane runs through ``at``.
    """

    geometry: SliceGeometry
    voxels: Voxels
    pixels: NDArray[np.intp]
    at: Voxel

    @cached_property
    def position(self) -> str:
        """Which plane, and where it cuts: ``Axial   z +8.0 mm``."""
        return self.geometry.position(self.at)

    @cached_property
    def extent(self) -> Extent:
        """Within which columns and rows there is tissue: left, top, right, bottom; the whole plane where there is none."""
        rows, columns = self.geometry.shape
        if not len(self.pixels):
            return 0, 0, columns, rows
        across = self.pixels % columns
        return int(across.min()), int(self.pixels[0]) // columns, int(across.max()) + 1, int(self.pixels[-1]) // columns + 1

    def of(self, volume: NDArray[Any]) -> NDArray[Any]:
        """The values of another volume of the same grid, in the order of the voxels."""
        return np.ascontiguousarray(self.geometry.cut(volume, self.at)).reshape(-1)[self.pixels]


def cut(maps: TissueMaps, plane: SliceGeometry, voxel: Voxel) -> Slice:
    """Cut tissue maps along a plane through ``voxel``."""
    pd, t1, t2 = (plane.cut(volume, voxel) for volume in (maps.pd, maps.t1, maps.t2))
    inside = (pd > 0) & (t1 > 0) & (t2 > 0)
    pd, t1, t2 = pd[inside], t1[inside], t2[inside]
    t2star = t2
    if maps.t2star is not None:
        t2star = plane.cut(maps.t2star, voxel)[inside]
        t2star = np.where(t2star > 0, t2star, t2)
    return Slice(plane, Voxels.of(pd, t1, t2, t2star), np.flatnonzero(inside), voxel)
