"""The air around the head in maps that were not masked, where a fit gives noise, a cap, or infinity.

A constant in the air is taken away. Noise is left where it is, since no rule tells it from bone and skin without losing some; but
units, and whether maps belong together, are judged by what is smooth.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_UNMASKED = 0.3  # share of the volume's faces that has values, from which on it cannot have been masked
_ROUGH = 0.25  # standard deviation over mean among neighbours: noise in air has twice that, tissue much less
_LARGE = 2_000_000  # voxels; larger volumes are looked at on every second voxel


def constant_air(data: Floats) -> NDArray[np.bool_] | None:
    """Where a map has the value of its corner (a cap, infinity, a negative number), if that fills a tenth of it; else None."""
    corner = data[0, 0, 0]
    if corner == 0 or np.isnan(corner):
        return None
    same = data == corner
    return np.asarray(same) if np.count_nonzero(same) > 0.1 * data.size and (data[~same] > 0).any() else None


def is_unmasked(data: Floats) -> bool:
    """Whether the map has values, be they noise, on much of the six faces of its volume."""
    faces = [data.take(place, axis=axis) for axis in range(3) for place in (0, -1)]
    return float(np.mean([np.mean(np.isfinite(face) & (face != 0)) for face in faces])) > _UNMASKED


def head_like(data: Floats) -> NDArray[np.bool_]:
    """Where a map has values that are no noise of air: everywhere in a masked map, else what is smooth."""
    alike = smooth(data) if is_unmasked(data) else data > 0
    return alike if alike.any() else np.asarray(data > 0)


def smooth(data: Floats) -> NDArray[np.bool_]:
    """Where a map is positive and its neighbours are alike: the inside of tissues, hardly ever air. Shape of ``data``."""
    from scipy import ndimage

    step = 2 if data.size > _LARGE else 1
    values = np.where(np.isfinite(data), data, 0)[::step, ::step, ::step]
    mean = ndimage.uniform_filter(values, 3)
    spread = np.sqrt(np.maximum(ndimage.uniform_filter(values * values, 3) - mean * mean, 0))
    alike = ndimage.binary_opening((mean > 0) & (spread < _ROUGH * mean))
    for axis in range(3):
        alike = np.repeat(alike, step, axis=axis)
    return np.asarray(alike[: data.shape[0], : data.shape[1], : data.shape[2]] & (data > 0))
