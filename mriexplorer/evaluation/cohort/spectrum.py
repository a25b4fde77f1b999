"""The spectrum of an image: how much power lies at which frequency."""

import numpy as np
from numpy.typing import NDArray

from mriexplorer.subject.tissue_maps import Floats

Numbers = NDArray[np.float64]
BANDS = np.linspace(0.1, 1.0, 13)  # of Nyquist, borders of the spectrum's bands


def spectrum(image: Floats) -> Numbers:
    """Power of an image in shells of frequency (``BANDS``, as shares of Nyquist), of its variance; (bands,)."""
    window = _window(image.shape)
    level = float((image * window).sum() / window.sum())
    power = np.abs(np.fft.rfftn((image - level) * window)) ** 2
    which = _shells(image.shape)
    inside = np.bincount(which.reshape(-1), power.reshape(-1), len(BANDS) + 1)[1:-1]
    count = np.bincount(which.reshape(-1), minlength=len(BANDS) + 1)[1:-1]
    return np.asarray(inside / np.maximum(count, 1) / max(float(power.sum()), 1e-12))


def _window(shape: tuple[int, ...]) -> Numbers:
    x, y, z = (np.hanning(size) for size in shape)
    return np.asarray(x[:, None, None] * y[None, :, None] * z[None, None, :])


def _shells(shape: tuple[int, ...]) -> NDArray[np.intp]:
    x, y, z = (np.abs(np.fft.fftfreq(size)) for size in shape)
    z = z[: shape[2] // 2 + 1]
    radius = np.sqrt(x[:, None, None] ** 2 + y[None, :, None] ** 2 + z[None, None, :] ** 2) / 0.5
    return np.asarray(np.digitize(radius, BANDS), np.intp)
