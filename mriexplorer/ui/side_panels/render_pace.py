"""How finely 3-D is drawn: coarse while something moves, fine at rest, and never so fine that the window waits."""

from math import sqrt

_BUDGETS = {True: 0.045, False: 0.25}  # seconds a frame may take, moving and at rest
_STEPS = {True: 1.6, False: 0.6}  # voxels along a ray
_FIRST = {True: 8e-7, False: 2e-6}  # seconds a pixel, until it is known
_LEAST = 0.2  # of the widget's pixels along each side
_MOST = {True: 1.0, False: 2.0}  # at rest edges become smooth, where there is time
_TRUST = 0.4  # in the newest measurement


class RenderPace:
    """Measures what a pixel takes, and tells how many of them fit into the time there is."""

    def __init__(self) -> None:
        self._taken = dict(_FIRST)

    def size(self, width: int, height: int, *, moving: bool) -> tuple[int, int, float]:
        """Pixels across and down to draw for a widget of that many, and the step along rays in voxels."""
        share = sqrt(_BUDGETS[moving] / (self._taken[moving] * width * height))
        share = min(max(share, _LEAST), _MOST[moving])
        share = 1.0 if 0.9 < share < 1.2 else share
        return max(round(width * share), 16), max(round(height * share), 16), _STEPS[moving]

    def took(self, pixels: int, seconds: float, *, moving: bool) -> None:
        """Hear what a frame took."""
        self._taken[moving] += _TRUST * (seconds / pixels - self._taken[moving])
