"""How many values, their mean, SD, least and most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Summary:
    """Of ``n`` values: ``mean``, sample ``sd`` (n − 1; 0 for one value), ``low`` and ``high``. n = 0: NaN throughout.

    Values that are not finite are left out.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float

    @property
    def constant(self) -> bool:
        """Whether all values are the same."""
        return self.n > 0 and self.low == self.high

    @property
    def snr(self) -> float | None:
        """Mean over SD; None where there is none."""
        return self.mean / self.sd if self.n and not self.constant else None


def summary(values: NDArray[np.float32]) -> Summary:
    """The summary of values of shape (n,)."""
    total = float(values.sum(dtype=np.float64))
    if not np.isfinite(total):
        values = values[np.isfinite(values)]
        total = float(values.sum(dtype=np.float64))
    n = values.size
    if not n:
        return Summary(0, *(float("nan"),) * 4)
    mean, low, high = total / n, float(values.min()), float(values.max())
    if low == high:
        return Summary(n, low, 0.0, low, high)
    away = values - np.float32(mean)
    squares = float(np.square(away, out=away).sum(dtype=np.float64))  # not dot: its threads wait where cores are busy
    return Summary(n, mean, float(np.sqrt(squares / (n - 1))), low, high)
