"""One subject in several contrasts: what the cells of the layouts "contrasts" show, and the contrast that is pinned.

The state's own sequence, values and window are those of its ``chosen`` cell; only the others are read from
``State.contrasts``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mriexplorer.physics import SEQUENCES
from mriexplorer.view.views import View

if TYPE_CHECKING:
    from mriexplorer.view.state import State

SIDES: Mapping[str, int] = {"contrasts 2x2": 2, "contrasts 3x3": 3}  # cells along each side, by layout
MOST = 9
TIMES = ("te", "tr", "ti")  # that all cells follow together
AB = ("", "pinned", "flicker", "wipe", "difference")  # how a contrast is compared with its reference
RATES = (1, 2, 3, 4)  # changes a second of the flicker


@dataclass(frozen=True)
class Contrast:
    """What makes a contrast: a ``sequence`` with its ``values`` in seconds and degrees, magnitude or signed.

    ``window`` is that of the signal (None: not set yet), ``preset`` the one it came from, ``view`` the signal or a map.
    """

    sequence: str
    values: tuple[tuple[str, float], ...]
    magnitude: bool = True
    window: tuple[float, float] | None = None
    preset: str = ""
    view: View = "signal"

    def scaled(self, shares: Mapping[str, float]) -> "Contrast":
        """The contrast with some parameters multiplied, each kept inside its range; those that it lacks are passed over."""
        row = SEQUENCES[self.sequence]
        moved = {n: row.parameter(n).clip(v * shares[n]) if n in shares else v for n, v in self.values}
        return replace(self, values=tuple(moved.items()))


def contrast_of(state: "State") -> Contrast:
    """The state's own contrast."""
    window = dict(state.windows).get("signal")
    return Contrast(state.sequence, state.values, state.magnitude, window, state.preset, state.view)


def applied(contrast: Contrast, state: "State") -> "State":
    """The state with another contrast; windows of maps stay common to all."""
    windows = {**dict(state.windows), "signal": contrast.window}
    return replace(
        state,
        sequence=contrast.sequence,
        values=contrast.values,
        magnitude=contrast.magnitude,
        preset=contrast.preset,
        view=contrast.view,
        windows=tuple((name, window) for name, window in windows.items() if window is not None),
    )


def pinned(state: "State") -> "State | None":
    """The state in the contrast that is pinned, as a scan of its own; None where none is."""
    return None if state.pinned is None else applied(state.pinned, state.rescanned)


def cells(state: "State") -> tuple[Contrast, ...]:
    """All contrasts that stand side by side, the chosen one as it is now."""
    own = contrast_of(state)
    return tuple(own if place == state.chosen else one for place, one in enumerate(state.contrasts)) or (own,)


def choosing(state: "State", place: int) -> "State":
    """The state with another cell chosen: what was the state's own is stored, and that cell's contrast becomes its own."""
    every = cells(state)
    return applied(every[place], replace(state, contrasts=every, chosen=place))
