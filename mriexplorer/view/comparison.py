"""What the current contrast is compared with, and how."""

from dataclasses import dataclass
from enum import StrEnum

from mriexplorer.view.contrast import Contrast
from mriexplorer.view.source import Share

RATES = (1, 2, 3, 4)  # changes a second of the flicker


class Mode(StrEnum):
    """How a contrast is compared with its reference: shown in its place, in turns, beside a divider, or subtracted."""

    NONE = ""
    PINNED = "pinned"
    FLICKER = "flicker"
    WIPE = "wipe"
    DIFFERENCE = "difference"


@dataclass(frozen=True)
class Comparison:
    """``pinned`` is the contrast that the current one is compared with, ``mode`` how: in its place, in turns (``rate`` a second),
    left of a divider at ``wipe`` of the width, or subtracted.

    Of maps that were encoded from scans, ``scan`` is the kind of the measured one that is shown. ``together``: sliders move all
    contrasts that stand side by side.
    """

    pinned: Contrast | None = None
    mode: Mode = Mode.NONE
    wipe: Share = 0.5
    rate: int = 2
    scan: str = ""
    together: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", Mode(self.mode))
