"""Window and level: what automatic means, and what a drag does."""

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics.lookup import Voxels
from mriexplorer.view.contrast import Window

_BRAIN_SPAN = 0.40  # share of the greys that most brain tissue spans
_BRAIN_LEVEL = 0.65  # grey of its middle


def brain_like(voxels: Voxels) -> NDArray[np.bool_]:
    """Voxels that could be grey or white matter at 1.5 to 7 T: neither fat nor marrow nor fluid. All, where hardly any could."""
    could = (voxels.t1 > 0.5) & (voxels.t1 < 2.8) & (voxels.t2 > 0.03) & (voxels.t2 < 0.115)
    return could if could.mean() > 0.1 else np.ones_like(could)


def automatic(values: NDArray[np.float32], *, signed: bool = False, about_zero: bool = True) -> Window:
    """A window for a sample of brain-like voxels, shape (n,).

    Their range from the 10th to the 95th percentile spans two fifths of the greys, above the middle, so that grey and white
    matter can be told apart whatever the protocol; the window begins between 0 and 0.7 of the darkest of them. A signed window
    lies evenly ``about_zero``, or begins wherever that is.
    """
    if not values.size:
        return 0.0, 1.0
    low, high = (float(p) for p in np.percentile(values, (10, 95)))
    if signed and about_zero:
        reach = max(abs(low), abs(high), 1e-6) * 1.3
        return -reach, reach
    width = max(high - low, 0.12 * max(abs(low), abs(high)), 1e-6) / _BRAIN_SPAN
    middle = (low + high) / 2
    if signed:
        return middle - _BRAIN_LEVEL * width, middle + (1 - _BRAIN_LEVEL) * width
    bottom = min(max(middle - _BRAIN_LEVEL * width, 0.0), max(0.7 * low, 0.0))
    return bottom, max(middle + (1 - _BRAIN_LEVEL) * width, 1.15 * high, bottom + 1e-6)


def dragged(window: Window, across: float, up: float) -> Window:
    """The window after a drag, in fractions of the pane: to the right widens, up brightens."""
    low, high = window
    width, level = high - low, (low + high) / 2
    width *= float(np.exp(2 * across))
    level -= up * width
    return level - width / 2, level + width / 2
