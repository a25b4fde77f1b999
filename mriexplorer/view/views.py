"""What can be shown of a subject: the signal, a map, what was measured, and differences."""

from typing import Literal

View = Literal[
    "signal", "t1", "t2", "t2star", "pd", "measured", "residual", "t1 uncertainty", "t2 uncertainty", "pd uncertainty", "other",
    "difference", "change",
]  # fmt: skip
VIEWS: tuple[View, ...] = ("signal", "t1", "t2", "t2star", "pd")  # of every subject
UNCERTAINTIES: tuple[View, ...] = ("t1 uncertainty", "t2 uncertainty", "pd uncertainty")  # of encoded maps
SCANNED: tuple[View, ...] = ("measured", "residual")  # of maps that were encoded from scans
BESIDE: tuple[View, ...] = ("other", "difference")  # of two people who were sampled
CHANGE: tuple[View, ...] = ("change",)  # the signal less that of the pinned contrast; painted, never a state's own
COMPARED: tuple[View, ...] = ("measured", "signal", "residual")  # what the layout "compare" shows of one plane
COMPARED_PEOPLE: tuple[View, ...] = ("signal", "other", "difference")
