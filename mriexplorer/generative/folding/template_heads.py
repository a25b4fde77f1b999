"""Label maps of heads brought to the template's shape, so that the folding of several can be learned place by place."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriexplorer.generative.folding.structures import BOX, STRUCTURES
from mriexplorer.linear import combined
from mriexplorer.simulation.anatomy import Anatomy, prepare
from mriexplorer.simulation.demons import axes_of, register_demons
from mriexplorer.simulation.labels import Labels, code, codes_of
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import Vectors, exponential, interpolated
from mriexplorer.subject.tissue_maps import Floats, Grid
from mriexplorer.workers import Workers

_SHADES = {
    "white matter": 1.0,
    "brainstem": 0.95,
    "thalamus": 0.75,
    "pallidum": 0.85,
    "cerebrospinal fluid": 0.0,
    "ventricles": 0.0,
}
_GREY = 0.5
_SOFT = 0.5  # voxels by which the drawn head is smoothed, as a scanner's image is


def heads_in_template(paths: Sequence[Path], workers: Workers, progress: Callable[[str], None]) -> dict[str, Labels]:
    """By name, each head as numbers of ``STRUCTURES`` on ``BOX``, its shape taken away. Raises InputError for what is no head."""
    found = {}
    for done, (name, labels) in enumerate(workers.each(_one, list(paths)), 1):
        found[name] = labels
        progress(f"{name} brought to the template's shape · {done} of {len(paths)}")
    return dict(sorted(found.items()))


def _one(path: Path) -> tuple[str, Labels]:
    anatomy = prepare(path)
    return anatomy.name, in_template(anatomy)


def in_template(anatomy: Anatomy) -> Labels:
    """A head's structures in the template's shape: numbers of ``STRUCTURES`` on ``BOX``."""
    classes = _classes(anatomy)
    grid = grid_of(2)
    to_grid = anatomy.to_voxel @ grid.affine
    shares = [_resampled(classes == number, to_grid, grid) for number in range(len(STRUCTURES))]
    image = sum(_SHADES.get(name, _GREY) * share for name, share in zip(STRUCTURES[1:], shares[1:], strict=True)) + 0.02
    brain = shares[0] < 0.5
    away = register_demons(np.where(brain, image, 0).astype(np.float32), grid, brain).velocity
    places = _places(exponential(-away), anatomy)
    return _voted(classes, places)


def _classes(anatomy: Anatomy) -> Labels:
    """Numbers of ``STRUCTURES`` at the anatomy's own voxels; what is none of them is outside."""
    table = np.zeros(256, np.uint8)
    for number, name in enumerate(STRUCTURES):
        table[code(name)] = number
    table[codes_of("ventricle")] = STRUCTURES.index("ventricles")
    table[code("lesion")] = STRUCTURES.index("white matter")
    return table[np.asarray(anatomy.voxels[..., 0])]


def _resampled(inside: object, to_voxel: NDArray[np.float64], grid: Grid) -> Floats:
    from scipy.ndimage import affine_transform, gaussian_filter

    smooth = gaussian_filter(np.asarray(inside, np.float32), _SOFT)
    return np.asarray(affine_transform(smooth, to_voxel[:3, :3], to_voxel[:3, 3], grid.shape, order=1), np.float32)


def _places(back: Vectors, anatomy: Anatomy) -> Vectors:
    """Where in the anatomy's voxels each voxel of ``BOX`` comes from."""
    axes = axes_of(BOX)
    moved = interpolated(back, axes)
    for axis, place in enumerate(axes):
        moved[axis] += place.astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    rotation, offset = anatomy.to_voxel[:3, :3].astype(np.float32), anatomy.to_voxel[:3, 3].astype(np.float32)
    return np.asarray(combined(rotation, moved) + offset.reshape(3, 1, 1, 1), np.float32)


def _voted(classes: Labels, places: Vectors) -> Labels:
    """The class with the largest share of the eight voxels around each place."""
    from scipy.ndimage import map_coordinates

    best = np.zeros(BOX.shape, np.float32)
    found = np.zeros(BOX.shape, np.uint8)
    for number in range(len(STRUCTURES)):
        share = map_coordinates((classes == number).astype(np.float32), places, order=1, output=np.float32)
        found[share > best] = number
        np.maximum(best, share, out=best)
    return found
