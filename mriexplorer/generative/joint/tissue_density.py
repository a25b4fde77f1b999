"""How much more fluid, or white matter, each place of the template has than the borrowed cortical folding would give it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mriexplorer.errors import InputError
from mriexplorer.simulation.anatomy import Anatomy, prepare
from mriexplorer.simulation.composition import balanced
from mriexplorer.simulation.shape import KNOTS, Vectors

_SMOOTH = 1.5  # knots
_WHOLE = 20.0  # a file's whole numbers are so many to a natural logarithm
_FAR = 2.0  # standard deviations of nWBV beyond which nothing changes any more


@dataclass(frozen=True)
class TissueDensityCorrection:
    """``factors`` (2, 2, knots): natural logarithms for a person of ``middle`` nWBV, and more for each ``spread`` of it.

    Each for fluid, then for white matter against cortex.
    """

    middle: float
    spread: float
    factors: Vectors

    def of(self, anatomy: Anatomy, nwbv: float) -> Anatomy:
        """The anatomy of a person with an nWBV."""
        if not self.factors.any():
            return anatomy
        at = np.float32(np.clip((nwbv - self.middle) / self.spread, -_FAR, _FAR))
        fluid, white = self.factors[0] + at * self.factors[1]
        return balanced(anatomy, fluid, white)

    def tensors(self) -> dict[str, Tensor]:
        """For a file; named as in files of version 0.1."""
        whole = np.clip(np.rint(self.factors * _WHOLE), -127, 127).astype(np.int8)
        return {"balance.factors": torch.from_numpy(whole), "balance.nwbv": torch.tensor([self.middle, self.spread])}


NONE = TissueDensityCorrection(0.0, 1.0, np.zeros((2, 2, *KNOTS), np.float32))


def from_tensors(tensors: dict[str, Tensor]) -> TissueDensityCorrection:
    """From a file's tensors. Raises InputError where they do not fit."""
    factors, nwbv = tensors.get("balance.factors"), tensors.get("balance.nwbv")
    if (
        factors is None
        or nwbv is None
        or factors.shape != NONE.factors.shape
        or nwbv.shape != (2,)
        or not (nwbv.isfinite().all() and nwbv[1] > 0)
    ):
        raise InputError("the tissue density correction of the weights (balance) does not fit; get the model again.")
    return TissueDensityCorrection(float(nwbv[0]), float(nwbv[1]), factors.numpy().astype(np.float32) / np.float32(_WHOLE))


def usable(factors: Vectors) -> Vectors:
    """Smooth, alike left and right (folding is mirrored), and nothing near the ventricles, which are calibrated by themselves."""
    from scipy.ndimage import gaussian_filter

    inside, ventricles = _regions()
    weight = inside * (1 - ventricles)
    size = [0.0] * (factors.ndim - 3) + [_SMOOTH] * 3
    smooth = gaussian_filter(factors * weight, size) / np.maximum(gaussian_filter(weight, _SMOOTH), 0.05)
    return np.asarray((smooth + smooth[..., ::-1, :, :]) / 2 * (1 - ventricles), np.float32)


@lru_cache(maxsize=1)
def _regions() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Near the template's brain, and near its ventricles, at every knot."""
    from scipy.ndimage import binary_dilation

    anatomy = prepare(None)
    few = [np.pad(part, ((0, 0), (0, 2), (0, 2)))[::2, ::2, ::2] for part in (anatomy.skull > 0, anatomy.ventricles > 0.2)]
    return tuple(binary_dilation(part, iterations=n).astype(np.float32) for part, n in zip(few, (1, 2), strict=True))
