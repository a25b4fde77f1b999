"""The bias field of a receiver: smooth, as a sum of few cosines along each axis, found by least squares."""

import numpy as np
from numpy.typing import NDArray

from mriexplorer.linear import along_axes, solved
from mriexplorer.subject.tissue_maps import Floats

WAVES = 4  # along each axis: half a wave across the grid, one, one and a half, and what is even
_EVERY = 4  # voxels that the fit looks at
_RIDGE = 1e-6

Coefficients = NDArray[np.float64]


def fitted_field(model: Floats, scan: Floats) -> Coefficients:
    """(WAVES, WAVES, WAVES) of the bias field that brings ``model`` (x, y, z) nearest to ``scan`` (x, y, z), gain included."""
    few = (slice(None, None, _EVERY),) * 3
    waves = [_cosines(n)[::_EVERY].T for n in model.shape]
    pairs = [(axis[:, None] * axis).reshape(WAVES**2, -1) for axis in waves]
    seen = model[few].astype(float)
    normal = along_axes(seen**2, pairs).reshape([WAVES] * 6).transpose(0, 2, 4, 1, 3, 5).reshape(WAVES**3, WAVES**3)
    normal = normal + _RIDGE * max(float(np.trace(normal)) / len(normal), 1e-12) * np.eye(len(normal))
    return solved(normal, along_axes(seen * scan[few], waves).reshape(-1)).reshape(WAVES, WAVES, WAVES)


def fitted_gain(model: Floats, scan: Floats) -> float:
    """The one factor that brings ``model`` nearest to ``scan``."""
    return float((model * scan).sum() / max(float((model * model).sum()), 1e-12))


def bias_field(coefficients: Coefficients, shape: tuple[int, ...]) -> Floats:
    """The bias field (x, y, z); any number of waves along each axis."""
    waves = [_cosines(n, count) for n, count in zip(shape, coefficients.shape, strict=True)]
    return np.asarray(along_axes(coefficients, waves), np.float32)


def _cosines(count: int, waves: int = WAVES) -> NDArray[np.float64]:
    """(count, waves)."""
    return np.asarray(np.cos(np.pi * (np.arange(count)[:, None] + 0.5) / count * np.arange(waves)))
