"""One softness and one noise level for two sets of people, found from some of each; the same for everybody of a set.

Real scans were interpolated and are noisy, synthetic ones are neither, and any network sees that first. So the sharper set is
blurred (Gaussian) until its spectrum between 0.4 and 0.8 of Nyquist falls as that of the softer one does, and the quieter set is
given noise as soft as its images until white matter fluctuates from voxel to voxel as in the other. The figures of the spectrum
itself are taken before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.cohort.images import BrainImage
from mriexplorer.evaluation.cohort.spectrum import BANDS, spectrum
from mriexplorer.subject.tissue_maps import Floats

Numbers = NDArray[np.float64]
_MATCHED = (0.4, 0.8)
_BLURS = np.arange(0, 1.6, 0.05)  # voxels, standard deviation
_WHITE = 0.8  # normalised intensity above which there is white matter
_LEAST = 200  # voxels of white matter's core


@dataclass(frozen=True)
class Matching:
    """What is done to every image of a set: a blur (voxels of 2 mm, standard deviation) and noise (normalised intensity)."""

    blur: float = 0.0
    noise: float = 0.0

    def of(self, image: BrainImage, seed: int) -> Floats:
        """The image as it is compared (x, y, z), 0 outside of the brain."""
        soft = _blurred(image.intensity, self.blur)
        if self.noise:
            noise = np.random.default_rng(seed).normal(size=soft.shape).astype(np.float32)
            soft = soft + self.noise * _grain(noise)
        return np.where(image.brain, soft, 0).astype(np.float32)


def matched(synthetic: Sequence[BrainImage], real: Sequence[BrainImage]) -> tuple[Matching, Matching]:
    """What makes some of both sets equally soft and noisy: for synthetic, for real people."""
    one, other = ([image.intensity for image in people] for people in (synthetic, real))
    slopes = [_slope(np.mean([spectrum(image) for image in images], axis=0)) for images in (one, other)]
    sharper, wanted = (one, slopes[1]) if slopes[0] > slopes[1] else (other, slopes[0])
    blur = _blur_for(sharper, wanted)
    blurs = (blur, 0.0) if sharper is one else (0.0, blur)
    levels = [_fluctuation([_blurred(i, b) for i in images]) for images, b in zip((one, other), blurs, strict=True)]
    missing = [float(np.sqrt(max(0.0, max(levels) ** 2 - level**2))) / _response() for level in levels]
    return Matching(blurs[0], missing[0]), Matching(blurs[1], missing[1])


def _slope(power: Numbers) -> float:
    """How much of the power is left, in logarithms, in the matched bands over the lower ones."""
    middle = (BANDS[1:] + BANDS[:-1]) / 2
    high = (middle > _MATCHED[0]) & (middle < _MATCHED[1])
    return float(np.log(power[high]).mean() - np.log(power[middle < _MATCHED[0]]).mean())


def _blur_for(images: Sequence[Floats], wanted: float) -> float:
    """The blur after which the mean spectrum of images falls as ``wanted``; by the Gaussian's own spectrum, without blurring."""
    power = np.mean([spectrum(image) for image in images], axis=0)
    middle = (BANDS[1:] + BANDS[:-1]) / 2
    left = [_slope(power * np.exp(-((np.pi * middle * blur) ** 2))) for blur in _BLURS]
    return float(_BLURS[int(np.abs(np.array(left) - wanted).argmin())])


def _blurred(image: Floats, blur: float) -> Floats:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(image, blur), np.float32) if blur else image


def _grain(noise: Floats) -> Floats:
    """White noise as an image of 2 mm has it that was interpolated once."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(noise, 0.6), np.float32)


def _fluctuation(images: Sequence[Floats]) -> float:
    """Standard deviation of a voxel of white matter's core from its six neighbours' mean; median over images."""
    return float(np.median([_rough(image) for image in images]))


def _rough(image: Floats) -> float:
    from scipy.ndimage import binary_erosion

    core = binary_erosion(image > _WHITE, iterations=2)
    off = off_neighbours(image)[core]
    return float(1.4826 * np.median(np.abs(off - np.median(off)))) if off.size > _LEAST else 0.0


def off_neighbours(image: Floats) -> Floats:
    """Each voxel less the mean of its six neighbours."""
    from scipy.ndimage import convolve1d

    around = sum(convolve1d(image, [0.5, 0, 0.5], axis=axis) for axis in range(3)) / 3
    return np.asarray(image - around, np.float32)


@lru_cache(maxsize=1)
def _response() -> float:
    """What ``_rough`` finds of noise of standard deviation 1 before it is softened."""
    noise = np.random.default_rng(0).normal(size=(48, 48, 48)).astype(np.float32)
    return float(off_neighbours(_grain(noise)).std())
