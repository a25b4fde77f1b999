"""What the panels beside the planes show."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from mriexplorer.view.contrast_search import ContrastSearch

Counted = Annotated[int, Meta(ge=0)]


class SidePanel(StrEnum):
    """What can stand in the fourth place, beside the planes: its name in files, its ``label``, and the ``keys`` that show it.

    The panel of a name is made by the file of that name in ``ui/side_panels``.
    """

    label: str
    keys: str

    def __new__(cls, name: str, label: str = "", keys: str = "") -> "SidePanel":
        panel = str.__new__(cls, name)
        panel._value_ = name
        panel.label, panel.keys = label, keys
        return panel

    HISTOGRAMS = "histograms", "Histograms", "Alt+1"
    CURVES = "curves", "Curves", "Alt+2"
    PULSES = "pulses", "Pulses", "Alt+3"
    MEASURE = "measure", "Measure", "Alt+4"
    SEARCH = "search", "Best CNR", "Alt+5"
    VOLUME = "volume", "3-D", "V"
    VOLUMETRY = "volumetry", "Volumetry", "Alt+6"
    MODEL = "model", "Model", "Alt+7"


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
