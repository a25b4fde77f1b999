"""What makes a contrast: a protocol, magnitude or signed, its window, and what of it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mriexplorer.physics import Protocol
from mriexplorer.view.views import View

Window = tuple[float, float]
MOST = 9  # contrasts side by side
TIMES = ("te", "tr", "ti")  # that all cells follow together
_FIRST = Protocol.complete("mprage")


@dataclass(frozen=True)
class Contrast:
    """A ``protocol``, magnitude or signed; ``window`` is that of the signal (None: not set yet), ``preset`` the one it came from.

    ``view`` is the signal or a map.
    """

    protocol: Protocol = _FIRST
    magnitude: bool = True
    window: Window | None = None
    preset: str = ""
    view: View = View.SIGNAL

    @property
    def signed(self) -> bool:
        """Whether the signal keeps its sign: by choice, or because the sequence's always does."""
        return self.protocol.sequence.signed or not self.magnitude

    def scaled(self, shares: Mapping[str, float]) -> "Contrast":
        """The contrast with some parameters multiplied, each kept inside its range; those that it lacks are passed over."""
        return replace(self, protocol=self.protocol.scaled(shares))
