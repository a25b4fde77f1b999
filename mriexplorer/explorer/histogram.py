"""Histograms of a subject's maps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.subject.tissue_maps import TissueMaps

_BINS = 100


@dataclass(frozen=True)
class Histogram:
    """Share of the head's voxels by value (s): ``edges`` (bins + 1,), ``share`` (bins,); the axis ends at the 95th percentile."""

    edges: NDArray[np.float64]
    share: NDArray[np.float64]
    median: float
    constant: bool


def histogram(maps: TissueMaps, kind: str) -> Histogram:
    """Histogram of t1 or t2 over the head, clipped at the 95th percentile as in figure 4 of the paper."""
    values = getattr(maps, kind)[maps.head]
    top = float(np.percentile(values, 95))
    counts, edges = np.histogram(values, bins=_BINS, range=(0, top * (1 + 1e-6)))
    return Histogram(edges.astype(float), counts / values.size, float(np.median(values)), bool(np.ptp(values) == 0))
