"""The classical way, to compare with: each voxel alone, least squares with the same equations, over a grid of T1 and T2."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics import Protocol, signal
from mriexplorer.subject.tissue_maps import Floats

_T1, _T2 = np.geomspace(0.2, 5.0, 72), np.geomspace(0.02, 2.5, 64)  # s
_MIDDLE, _WIDTH = (1.0, 0.09), (0.4, 0.5)  # medians (s) and spreads of the logarithms of a weak prior
_WEIGHT = 1e-4  # of the prior: where the scans decide, it does not show
_AT_ONCE = 2000  # voxels


def fitted(scans: Floats, protocols: Sequence[Protocol], gains: Sequence[float]) -> Floats:
    """PD, T1, T2 (3, voxels) of scans (n, voxels) whose gains are known: more than any patient's scans tell.

    Two scans cannot tell three values: a weak log-normal prior then decides, as it must.
    """
    t1, t2 = (part.ravel() for part in np.meshgrid(_T1, _T2, indexing="ij"))
    pairs = zip(gains, protocols, strict=True)
    atoms = np.stack([gain * signal(p.sequence, np.ones_like(t1), t1, t2, p.values) for gain, p in pairs])
    penalty = sum((np.log(value / middle) / width) ** 2 for value, middle, width in zip((t1, t2), _MIDDLE, _WIDTH, strict=True))
    norms = np.maximum((atoms**2).sum(0), 1e-12)
    out = np.zeros((3, scans.shape[1]), np.float32)
    for start in range(0, scans.shape[1], _AT_ONCE):
        part = scans[:, start : start + _AT_ONCE].astype(np.float64)
        best = _best(part, atoms, norms, _WEIGHT * np.asarray(penalty))
        pd = np.clip((atoms[:, best] * part).sum(0) / norms[best], 0.05, 1.3)
        out[:, start : start + _AT_ONCE] = pd, t1[best], t2[best]
    return out


def _best(
    part: NDArray[np.float64], atoms: NDArray[np.float64], norms: NDArray[np.float64], penalty: NDArray[np.float64]
) -> NDArray[np.intp]:
    """The atom of least residual for each voxel, PD in closed form."""
    explained = (part.T @ atoms) ** 2 / norms
    residual = (part**2).sum(0)[:, None] - explained + penalty * (part**2).sum(0)[:, None]
    return np.asarray(residual.argmin(axis=1))
