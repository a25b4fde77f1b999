"""Tissue maps on one grid. The affine never leaves the arrays."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mriexplorer.reading.grid import Box, Floats, Grid, Millimetres, Voxel
from mriexplorer.subject.air import head_like

__all__ = ["Box", "Floats", "Grid", "Millimetres", "TissueMaps", "Voxel"]

_LEAST_WATER = 0.12  # of what the wettest tissues have


@dataclass(frozen=True)
class TissueMaps:
    """PD (water = 1), T1, T2 and, where known, T2* (seconds), float32 arrays of ``grid.shape``.

    A value of 0 means that nothing is known of the voxel: no signal, black. ``model`` names the equations that the maps
    belong to: ``full`` for measured and literature maps, ``ideal`` for maps fitted with eq. 1 of the paper.
    """

    pd: Floats
    t1: Floats
    t2: Floats
    grid: Grid
    t2star: Floats | None = None
    model: Literal["full", "ideal"] = "full"

    @property
    def decay_star(self) -> Floats:
        """T2*, or T2 where no T2* map is known (``Subject.notices`` then say so)."""
        return self.t2 if self.t2star is None else self.t2star

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Where every map has a value, and so a signal."""
        return np.asarray((self.pd > 0) & (self.t1 > 0) & (self.t2 > 0))

    @property
    def head(self) -> NDArray[np.bool_]:
        """Where there is tissue, for statistics: in maps that were not masked, air has noise, and hardly any water."""
        valid = self.valid & head_like(self.t1)
        valid = valid if valid.any() else self.valid
        water = self.pd[valid]
        return np.asarray(valid & (self.pd > _LEAST_WATER * np.percentile(water, 95))) if water.size else valid
