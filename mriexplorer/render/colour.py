"""From values to colours: grey for images, and for relaxation maps the tables and rule of Fuderer et al.

Fuderer M et al., "Color-map recommendation for MR relaxometry maps", Magn Reson Med 2025;93:490-506: Lipari for T1 and R1,
Navia for T2, T2* and R2; value 0 is black and means invalid; low valid values take the darkest valid colour; the table is
run through linearly below upper/e and logarithmically above, so that equal steps of colour are about equal percentages.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint32]  # 0xffRRGGBB
LEVELS = 1024
BLACK = np.uint32(0xFF000000)
SIGNED = ("residual", "difference", "change")  # differences: blue below 0, black at 0, orange above
_ENDS = np.array([(0.45, 0.85, 1.0), (0.1, 0.35, 0.8), (0.0, 0.0, 0.0), (0.85, 0.4, 0.05), (1.0, 0.85, 0.45)])
_TABLES = {"t1": "crameri:lipari", "t2": "crameri:navia", "t2star": "crameri:navia"}


def _packed(rgb: NDArray[np.float64]) -> Colours:
    red, green, blue = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint32).T
    return np.asarray(BLACK | red << 16 | green << 8 | blue, np.uint32)


@lru_cache(maxsize=1)
def grey() -> Colours:
    """A linear grey ramp, black to white, shape (LEVELS,)."""
    return _packed(np.repeat(np.linspace(0, 1, LEVELS)[:, None], 3, axis=1))


@lru_cache(maxsize=8)
def _table(name: str) -> NDArray[np.float64]:
    from cmap import Colormap

    return np.asarray(Colormap(name).lut(256)[:, :3], float)


def log_like(fraction: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Place in the colour table (0 to 1) of each place in the display range (0 = ``low``, 1 = ``high``).

    Linear below high/e, logarithmic above, continuous where they meet (Fuderer 2025).
    """
    value = low + fraction * (high - low)
    knee = high / np.e
    start = max(knee, low)
    at_knee = (knee - low) / (2 * knee - low) if knee > low else 0.0
    linear = (value - low) / max(knee - low, 1e-12) * at_knee
    logarithmic = at_knee + (1 - at_knee) * np.log(np.maximum(value, start) / start) / max(np.log(high / start), 1e-12)
    return np.where(value > start, logarithmic, np.maximum(linear, 0))


@lru_cache(maxsize=64)
def colours(view: str, low: float, high: float) -> Colours:
    """The colours of a view from ``low`` to ``high``, shape (LEVELS,): grey for signal and PD, maps by Fuderer's rule.

    A difference is black at 0, so that tissue that did not change is as dark as what is outside of it.

    Entry 0 is already the darkest valid colour: invalid voxels are not coloured at all, they stay black.
    """
    if view in SIGNED:
        places = np.linspace(-1, 1, LEVELS)
        return _packed(np.stack([np.interp(places, np.linspace(-1, 1, len(_ENDS)), channel) for channel in _ENDS.T], axis=1))
    if view not in _TABLES or high <= 0:
        return grey()
    table = _table(_TABLES[view])
    places = log_like(np.linspace(0, 1, LEVELS), max(low, 0.0), high)
    return _packed(table[1 + np.minimum(places * 255, 254).astype(int)])


def coloured(values: NDArray[np.float32], low: float, high: float, table: Colours) -> Colours:
    """The colour of each value in a window; values outside take the ends."""
    places = (values - np.float32(low)) * np.float32((LEVELS - 1) / (high - low))
    np.clip(places, 0, LEVELS - 1, out=places)
    return np.asarray(np.take(table, places.astype(np.intp)))
