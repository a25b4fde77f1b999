"""Window and level: what automatic means, and what a drag does."""

import numpy as np
from numpy.typing import NDArray

from mriexplorer.explorer.state import Window


def automatic(values: NDArray[np.float32]) -> Window:
    """A window for a sample of the head's signal.

    From 0 (or, for signed images, the lowest half percent) to a tenth above the highest half percent, but no higher than
    2.2 times the median: fluid on a T2-weighted image is then white, as it is read, and the brain keeps the greys.
    """
    if not values.size:
        return 0.0, 1.0
    low, middle, high = (float(p) for p in np.percentile(values, (0.5, 50, 99.5)))
    if low < -0.02 * max(high, -low):
        return low, max(high, low + 1e-6)
    high *= 1.1
    return 0.0, max(min(high, 2.2 * middle) if middle > 0.1 * high else high, 1e-6)


def dragged(window: Window, across: float, up: float) -> Window:
    """The window after a drag, in fractions of the pane: to the right widens, up brightens."""
    low, high = window
    width, level = high - low, (low + high) / 2
    width *= float(np.exp(2 * across))
    level -= up * width
    return level - width / 2, level + width / 2
