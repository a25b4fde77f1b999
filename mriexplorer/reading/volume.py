"""A volume as it was read, and what every format sees to: nothing that cannot be shown, axes that run as in the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.reading.grid import Floats, Grid

VOXEL_EDGES = (0.02, 30.0)  # mm
_MOST_VOXELS = 150_000_000  # a whole head at 0.4 mm; some gigabytes while maps are put together


@dataclass(frozen=True)
class Volume:
    """A volume as stored, scaled, axes closest to Right, Anterior, Superior. ``data`` is float32 and may hold NaN."""

    data: Floats
    grid: Grid
    path: Path


def spatial_shape(sizes: Sequence[int], path: Path) -> tuple[int, int, int]:
    """The three sizes of a volume from those that a header tells. Raises InputError for other dimensions, and too many voxels."""
    shape = tuple(int(n) for n in sizes)
    if not shape or min(shape) < 1:
        raise InputError(f"{path} is damaged: its header gives no usable size ({' × '.join(map(str, shape))}).")
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) == 4:
        raise InputError(f"{path} is 4-D with {shape[3]} frames; save the one frame that is the map.")
    if len(shape) > 4:
        raise InputError(f"{path} is {len(shape)}-D; a tissue map has three dimensions.")
    if len(shape) < 3 or min(shape) < 2:
        size = " × ".join(map(str, shape))
        raise InputError(f"{path} is a single slice ({size}); three linked planes need a volume.")
    return shape[0], shape[1], shape[2]


def refuse_too_many(shape: tuple[int, int, int], path: Path) -> None:
    """Raises InputError for more voxels than can be shown live."""
    count = int(np.prod(np.asarray(shape, object)))
    if count > _MOST_VOXELS:
        raise InputError(f"{path} has {count / 1e6:.0f} million voxels, more than can be shown live; resample it.")


def oriented(data: Floats, affine: NDArray[np.float64], path: Path, codes: tuple[int, int] = (1, 1)) -> Volume:
    """A volume brought to axes closest to Right, Anterior, Superior.

    ``affine`` (4, 4) takes indices of ``data`` to millimetres; ``codes`` are those of NIfTI (sform, qform), both 0 where the file
    gives no orientation. Raises InputError for voxels that are none.
    """
    from nibabel.orientations import apply_orientation, inv_ornt_aff, io_orientation

    edges = np.linalg.norm(affine[:3, :3], axis=0)
    usable = np.isfinite(affine).all() and (edges > VOXEL_EDGES[0]).all() and (edges < VOXEL_EDGES[1]).all()
    if not usable or abs(np.linalg.det(affine[:3, :3])) < 1e-3 * np.prod(edges):
        raise InputError(f"{path}: its header gives no usable voxel size or orientation; voxels of 0.02 to 30 mm are expected.")
    known = any(codes)
    steps = io_orientation(affine) if known else np.array([[0, 1], [1, 1], [2, 1]])
    turned = np.ascontiguousarray(apply_orientation(data, steps))
    order = tuple(int(a) for a in np.argsort(steps[:, 0]))
    flipped = tuple(bool(steps[a, 1] < 0) for a in order)
    grid = Grid(
        (turned.shape[0], turned.shape[1], turned.shape[2]),
        affine @ inv_ornt_aff(steps, data.shape),
        known,
        (order[0], order[1], order[2]),
        (flipped[0], flipped[1], flipped[2]),
        codes,
    )
    return Volume(turned, grid, path)
