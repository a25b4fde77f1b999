"""What the panels beside the planes show."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from mriexplorer.view.contrast_search import ContrastSearch

Counted = Annotated[int, Meta(ge=0)]


class SidePanel(StrEnum):
    """What stands in the fourth place, beside the planes."""

    HISTOGRAMS = "histograms"
    CURVES = "curves"
    PULSES = "pulses"
    MEASURE = "measure"
    SEARCH = "search"
    VOLUME = "volume"


@dataclass(frozen=True)
class Panels:
    """``side`` is the panel beside the planes. Curves run over ``varied`` (empty: what suits the sequence), and are of the
    ``signal``, or of Mz over one TR (``recovery``). ``search`` is what the best contrast is looked for. ``lesson`` is the name of
    the one that is open, at ``step``. ``people``: the list of a dataset, and the gallery; ``expert``: what folds away.
    """

    side: SidePanel = SidePanel.HISTOGRAMS
    varied: str = ""
    curve: Literal["signal", "recovery"] = "signal"
    search: ContrastSearch = ContrastSearch()  # noqa: RUF009 it is frozen
    lesson: str = ""
    step: Counted = 0
    people: bool = True
    expert: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", SidePanel(self.side))
