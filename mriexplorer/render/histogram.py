"""Histograms of a subject's maps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.subject.tissue_maps import TissueMaps

_BINS = 100
_FARTHEST = 5.0  # times the median


@dataclass(frozen=True)
class Histogram:
    """Share of the head's voxels by value (s): ``edges`` (bins + 1,), ``share`` (bins,)."""

    edges: NDArray[np.float64]
    share: NDArray[np.float64]
    median: float
    constant: bool


def histogram(maps: TissueMaps, kind: str) -> Histogram:
    """Histogram of t1 or t2 over the head, clipped at the 95th percentile as in figure 4 of the paper.

    Where fluid is more than a twentieth of the head, that percentile is fluid's, and T2 of tissue would fill a few bins; the
    axis then ends at five times the median.
    """
    values = getattr(maps, kind)[maps.head]
    median = float(np.median(values))
    top = min(float(np.percentile(values, 95)), _FARTHEST * median)
    counts, edges = np.histogram(values, bins=_BINS, range=(0, top * (1 + 1e-6)))
    return Histogram(edges.astype(float), counts / values.size, median, bool(np.ptp(values) == 0))
