"""Noise of a receiver that stays where it is: each voxel has its own, whatever plane it is seen in and whatever a slider does.

The noise of both channels (real and imaginary) is Gaussian with standard deviation sigma. A magnitude image is then Rician
(Gudbjartsson, Patz 1995): sigma sqrt(pi/2) on average in air, nearly Gaussian where the signal is above 3 sigma. An image that
keeps its sign shows the real channel alone.

Scale: sigma is the signal that literature tissue has under the sequence's *default* protocol at the given field strength, divided
by the SNR: of white or grey matter, whichever is brighter there. So a slider changes the signal and not the noise, as on a
scanner whose bandwidth and voxel size stay, and noise of one SNR is about as visible in every sequence. Between sequences
it says nothing.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics.sequence import Sequence, signal
from mriexplorer.physics.tissues import FIELDS, TISSUES

Floats = NDArray[np.float32]
Spread = float | np.floating[Any] | NDArray[np.floating[Any]]  # one for all voxels, or one each
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_LIMIT = np.float32(0.5)  # of a uniform image


@dataclass(frozen=True)
class Noise:
    """Noise of an image: ``snr`` as it was wished, the ``seed``, and the standard deviation ``sigma`` of each channel."""

    snr: float
    seed: int
    sigma: float
    signed: bool
    uniform: bool = False

    @classmethod
    def of(cls, sequence: Sequence, field: float, snr: float, seed: int, *, signed: bool) -> "Noise":
        """The noise of an image of this sequence; ``field`` (T), ``snr`` above 0."""
        nearest = min(FIELDS, key=lambda known: abs(known - field))
        return cls(snr, seed, sigma_of(sequence, nearest, snr), signed or sequence.signed, sequence.spread is not None)

    def on(self, values: Floats, drawn: Floats, spread: Spread = 1.0) -> Floats:
        """Signed signal values (n,) with the noise of ``channels``; ``spread`` as ``Sequence.spread`` gives it."""
        made = added(values, drawn, np.float32(self.sigma) * spread, signed=self.signed)
        return limited(made) if self.uniform else made

    def in_air(self, drawn: Floats) -> Floats:
        """What is seen where there is no signal; of a uniform image, the ratio of noise and noise."""
        if self.uniform:
            return np.asarray(drawn[0] * drawn[1] / (drawn[0] ** 2 + drawn[1] ** 2), np.float32)
        return added(np.zeros_like(drawn[0]), drawn, np.float32(self.sigma), signed=self.signed)

    @property
    def told(self) -> dict[str, Any]:
        """What a sidecar says of it."""
        kind = "Gaussian in each train of the uniform image" if self.uniform else "Gaussian" if self.signed else "Rician"
        return {
            "Distribution": kind,
            "StandardDeviation": round(self.sigma, 9),
            "SNR": self.snr,
            "SNRReference": "literature white or grey matter, the brighter, under the sequence's default protocol",
            "Seed": self.seed,
        }


def channels(voxels: NDArray[np.integer], seed: int) -> Floats:
    """Standard Gaussian noise of both channels, shape (2, n), for n voxels by their index in the volume.

    Counter-based: splitmix64 of index and seed, then Box and Muller; it depends on nothing else.
    """
    with np.errstate(over="ignore"):
        start = _mixed(np.asarray([seed], np.uint64) + _GOLDEN)
        bits = _mixed(start + _GOLDEN * (np.asarray(voxels).astype(np.uint64) + np.uint64(1)))
    first = ((bits >> np.uint64(32)).astype(np.float32) + np.float32(0.5)) * np.float32(2**-32)
    second = (bits & np.uint64(0xFFFFFFFF)).astype(np.float32) * np.float32(2 * np.pi * 2**-32)
    radius = np.sqrt(np.float32(-2) * np.log(np.minimum(first, np.float32(1))))
    return np.stack([radius * np.cos(second), radius * np.sin(second)])


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX[0]
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX[1]
    return numbers ^ (numbers >> np.uint64(31))


def added(values: Floats, drawn: Floats, sigma: Spread, *, signed: bool) -> Floats:
    """Signal values (n,) with the noise of ``channels``: Rician, or of the real channel alone where the image is ``signed``."""
    real = values + sigma * drawn[0]
    if signed:
        return np.asarray(real, np.float32)
    imaginary = sigma * drawn[1]
    real *= real
    imaginary *= imaginary
    real += imaginary
    return np.asarray(np.sqrt(real, out=real), np.float32)


def limited(values: Floats) -> Floats:
    """A uniform image with noise stays between -0.5 and 0.5, as the ratio that it is."""
    return np.clip(values, -_LIMIT, _LIMIT)


@lru_cache(maxsize=64)
def sigma_of(sequence: Sequence, field: float, snr: float) -> float:
    """Standard deviation of each channel for an SNR above 0, in units of PD = 1; ``field`` is one of ``FIELDS`` (T)."""
    return max(_brightness(sequence, name, field) for name in ("wm", "gm")) / snr


def _brightness(sequence: Sequence, name: str, field: float) -> float:
    """The signal of a tissue under the default protocol; of a uniform image, that of both its trains together."""
    tissue, at = TISSUES[name], TISSUES[name].at[field]
    arguments = np.float64(tissue.pd), np.float64(at.t1), np.float64(getattr(at, sequence.decay))
    shown = abs(float(signal(sequence, *arguments, sequence.defaults())))
    if sequence.spread is None:
        return shown
    return float(np.sqrt(1 - 4 * shown**2) / sequence.spread(*arguments, **sequence.defaults()))
