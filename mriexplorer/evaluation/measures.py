"""How alike two images are, how sharp one is, how far a map is off, and how honest its interval is."""

import numpy as np
import torch
from monai.metrics.regression import MultiScaleSSIMMetric
from numpy.typing import NDArray

from mriexplorer.subject.tissue_maps import Floats

_SSIM_KERNEL = 4  # as in the physics-informed model's paper; the usual 11 does not suit 224 x 160
_HALF = 0.25  # half the Nyquist frequency, in cycles a voxel


def psnr(image: Floats, truth: Floats) -> float:
    """Peak signal-to-noise ratio in dB over the range of ``truth``."""
    error = float(np.mean((image.astype(np.float64) - truth) ** 2))
    return float(10 * np.log10(float(np.ptp(truth)) ** 2 / max(error, 1e-20)))


def ms_ssim(image: Floats, truth: Floats) -> float:
    """Multi-scale structural similarity (Gaussian kernel of 4) of axial slices (x, y, slices), mean over slices."""
    measure = MultiScaleSSIMMetric(spatial_dims=2, kernel_size=_SSIM_KERNEL, data_range=float(np.ptp(truth)), reduction="mean")
    slices = [torch.from_numpy(np.ascontiguousarray(part.transpose(2, 0, 1)[:, None], np.float32)) for part in (image, truth)]
    return float(measure(*slices).mean())


def fine_power(image: Floats) -> float:
    """Spectral power above half the Nyquist frequency of axial slices (x, y, slices), whose borders are faded out."""
    window = np.hanning(image.shape[0])[:, None, None] * np.hanning(image.shape[1])[None, :, None]
    level = (image * window).sum(axis=(0, 1), keepdims=True) / window.sum()
    spectrum = np.abs(np.fft.fft2((image - level) * window, axes=(0, 1))) ** 2
    frequencies = np.hypot(np.fft.fftfreq(image.shape[0])[:, None], np.fft.fftfreq(image.shape[1])[None])
    return float(spectrum[frequencies > _HALF].mean())


def sharpness(image: Floats, truth: Floats) -> float:
    """The fine power of an image as a share of that of the true one; 1 is as sharp."""
    return fine_power(image) / max(fine_power(truth), 1e-20)


def median_error(image: Floats, truth: Floats, where: NDArray[np.bool_]) -> float:
    """Median absolute error as a share of the truth."""
    return float(np.median(np.abs(image[where] / truth[where] - 1)))


def scaled_errors(image: Floats, spread: Floats, truth: Floats, where: NDArray[np.bool_]) -> Floats:
    """Differences of logarithms in units of the spread that the network tells."""
    off = np.abs(np.log(np.maximum(image[where], 1e-6)) - np.log(truth[where]))
    return np.asarray(off / spread[where], np.float32)
