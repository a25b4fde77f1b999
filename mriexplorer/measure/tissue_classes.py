"""Which tissue a voxel is most like, by the literature's T1, T2 and PD."""

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics import FIELDS, TISSUES
from mriexplorer.subject.tissue_maps import Floats

_LONGEST_T2 = 0.5  # s; beyond, sources disagree about CSF from 0.35 to 2.4 s, and maps of clinical scans cannot tell
_MEMBERS = {"wm": ("wm",), "gm": ("gm", "caudate", "putamen", "thalamus", "pallidum"), "csf": ("csf",), "lesion": ("lesion",)}
_NAMES = tuple(name for name in TISSUES if name != "flow")


def nearest(pd: Floats, t1: Floats, t2: Floats, field: float) -> NDArray[np.int8]:
    """The nearest tissue of each voxel, as a place in the table (``members``), shape (n,); ``field`` in tesla.

    The distance is that of ln T1, ln T2 and PD. Every tissue of the table can be nearest, so fat, muscle and blood are in no
    class of brain.
    """
    known = min(FIELDS, key=lambda one: abs(one - field))
    log_t1, log_t2 = np.log(t1), np.log(np.minimum(t2, np.float32(_LONGEST_T2)))
    best = np.full(pd.shape, np.inf, np.float32)
    result = np.zeros(pd.shape, np.int8)
    for place, name in enumerate(_NAMES):
        tissue = TISSUES[name]
        times = tissue.at[known]
        away = (log_t1 - np.float32(np.log(times.t1))) ** 2
        away += (log_t2 - np.float32(np.log(min(times.t2, _LONGEST_T2)))) ** 2
        away += (pd - np.float32(tissue.pd)) ** 2
        nearer = away < best
        best[nearer] = away[nearer]
        result[nearer] = place
    return result


def members(tissue_class: str) -> tuple[int, ...]:
    """The places in the table that belong to a class of brain; deep grey matter is grey matter."""
    return tuple(_NAMES.index(name) for name in _MEMBERS[tissue_class])
