"""Bringing a volume onto another grid."""

import numpy as np

from mriexplorer.subject.tissue_maps import Floats, Grid


def resample(data: Floats, grid: Grid, onto: Grid) -> Floats:
    """Linear interpolation of ``data`` on ``grid`` at the voxels of ``onto``; shape ``onto.shape``.

    Voxels without a value (0) do not bleed into their neighbours: values are weighted by how much of them is valid, and a
    voxel less than half of which is valid becomes 0.
    """
    from scipy.ndimage import affine_transform

    step = np.linalg.solve(grid.affine, onto.affine)
    valid = (data > 0).astype(np.float32)

    def moved(volume: Floats) -> Floats:
        return np.asarray(affine_transform(volume, step[:3, :3], step[:3, 3], onto.shape, order=1), np.float32)

    share, total = moved(valid), moved(data * valid)
    return np.where(share >= 0.5, total / np.maximum(share, 0.5), 0).astype(np.float32)
