"""A subject's brain as scans of real people are at hand: a T1w of its maps at 2 mm, brought to the template's frame and size.

A head of the frame holds 1788 cm³ of closed brain, whoever it is of; ``size`` says how much larger or smaller the person's is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics import SEQUENCES, signal
from mriexplorer.simulation.demons import hull_of, normalised_intensity
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import CENTRE
from mriexplorer.subject.reference import template, template_intensity
from mriexplorer.subject.registration import register, to_image
from mriexplorer.subject.tissue_maps import Floats, TissueMaps

VOXEL = 2  # mm
CLOSED = 1788.0  # cm³ of the closed brain in scans that were brought to the atlas, mean of 30 sessions of OASIS-1 (sd 41)
SOLID = 0.25  # shade above which there is white or grey matter
_AROUND = 5.0  # mm beyond the template's brain in which a brain may still lie
_SHORT = 0.45  # s: T1 of fat, which is no brain
_SKULL = "The maps hold more than a brain; what lies outside was left out by the template's mask, which is a rough cut."


@dataclass(frozen=True)
class StandardBrain:
    """Volumes on ``grid_of(VOXEL)``: a T1-weighted ``image``, where there is brain (``inside``), T1 and T2 (s).

    ``size``: the volume of the person's closed brain over ``CLOSED``. ``notices`` are what must be said of it.
    """

    image: Floats
    inside: NDArray[np.bool_]
    t1: Floats
    t2: Floats
    size: float
    notices: tuple[str, ...] = ()


def standard_brain(maps: TissueMaps, name: str, progress: Callable[[str], None]) -> StandardBrain:
    """The brain of maps. Raises InputError, about ``name``, where there is no whole brain."""
    progress("drawing the brain")
    motion, head, shown = _motion(maps, name), _is_head(maps), t1w(maps)
    image, inside = _brain(maps, shown, motion, head=head)
    solid = inside & (normalised_intensity(image, inside) > SOLID)
    size = float(hull_of(solid, VOXEL).sum()) * VOXEL**3 / 1000 / CLOSED
    motion = motion @ _scaled(size ** (1 / 3))
    image, inside = _brain(maps, shown, motion, head=head)
    t1, t2 = (_resampled(part, maps, motion) for part in (maps.t1, maps.t2))
    return StandardBrain(image, inside, t1, t2, size, (_SKULL,) if head else ())


def t1w(maps: TissueMaps) -> Floats:
    """A T1-weighted image of maps (MPRAGE, its usual times); 0 where there is nothing."""
    row = SEQUENCES["mprage"]
    valid = maps.valid
    pd, t1, t2 = (np.where(valid, part, 1).astype(np.float32) for part in (maps.pd, maps.t1, maps.decay_star))
    return np.where(valid, np.asarray(signal(row, pd, t1, t2, row.defaults())), 0).astype(np.float32)


def _brain(maps: TissueMaps, shown: Floats, motion: NDArray[np.float64], *, head: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """An image of the maps on the grid of 2 mm, and where there is brain."""
    image, inside = _resampled(shown, maps, motion), _resampled(maps.valid.astype(np.float32), maps, motion) > 0.5
    if head:
        inside = largest_part(inside & near_template() & (_resampled(maps.t1, maps, motion) > _SHORT))
    return image, inside


def _resampled(volume: Floats, maps: TissueMaps, motion: NDArray[np.float64]) -> Floats:
    """A volume of the maps on the grid of 2 mm, first as soft as its voxels need to be."""
    from scipy.ndimage import affine_transform, gaussian_filter

    grid = grid_of(VOXEL)
    step = np.linalg.inv(maps.grid.affine) @ motion @ grid.affine
    wide = [max(0.0, 0.45 * VOXEL / edge - 0.3) for edge in maps.grid.spacing]
    smooth = gaussian_filter(volume, wide)
    return np.asarray(affine_transform(smooth, step[:3, :3], step[:3, 3], grid.shape, order=1, output=np.float32))


def _scaled(factor: float) -> NDArray[np.float64]:
    """Larger about the middle of the template's brain."""
    found = np.diag([factor, factor, factor, 1.0])
    found[:3, 3] = CENTRE * (1 - factor)
    return found


def _motion(maps: TissueMaps, name: str) -> NDArray[np.float64]:
    """From millimetres of the standard frame to those of the maps."""
    if any(maps.grid.same_as(grid_of(voxel)) for voxel in (1, 2)):
        return np.eye(4)
    shown = np.where(maps.valid, 1 / np.maximum(maps.t1, 0.3), 0).astype(np.float32)
    return register(to_image(*template_intensity()), to_image(shown, maps.grid.affine), name)


def _is_head(maps: TissueMaps) -> bool:
    """Whether there is more than a brain: fat, which has a short T1."""
    valid = maps.valid
    return bool((valid & (maps.t1 < _SHORT)).sum() > 0.02 * valid.sum())


def near_template() -> NDArray[np.bool_]:
    """Where a brain may lie in the standard frame (2 mm): within 5 mm of the template's."""
    from scipy.ndimage import affine_transform, distance_transform_edt

    _wm, _gm, mask, affine = template()
    grid = grid_of(VOXEL)
    step = np.linalg.inv(affine) @ grid.affine
    inside = affine_transform(mask.astype(np.float32), step[:3, :3], step[:3, 3], grid.shape, order=1) > 0.5
    return np.asarray(distance_transform_edt(~inside, VOXEL) < _AROUND)


def largest_part(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest part that hangs together."""
    from scipy.ndimage import label

    parts, count = label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(parts.reshape(-1))[1:]
    return np.asarray(parts == 1 + int(sizes.argmax()))
