"""How planes are shown: where, how large, how bright, and what stands where in the window."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.contrast import Window
from mriexplorer.view.views import UNCERTAINTIES, View

FARTHEST_EDGE = 1e6  # of a window
HIGHEST_SNR, HIGHEST_SEED = 1000.0, 2**31 - 1


class Layout(StrEnum):
    """What stands in the middle of the window."""

    GRID = "grid"  # three planes and the side panel
    AXIAL = "axial"
    SAGITTAL = "sagittal"
    CORONAL = "coronal"
    COMPARE = "compare"  # one plane measured, computed and their difference; or of two people
    SIDE_PANEL = "side panel"
    CONTRASTS_2X2 = "contrasts 2x2"
    CONTRASTS_3X3 = "contrasts 3x3"
    PEOPLE = "people"


SIDES: Mapping[Layout, int] = {Layout.CONTRASTS_2X2: 2, Layout.CONTRASTS_3X3: 3}  # cells along each side
SINGLE = (Layout.AXIAL, Layout.SAGITTAL, Layout.CORONAL)  # one plane, large

# Ranges of the maps as they are first shown, in seconds and PD of water = 1.
MAP_WINDOWS: Mapping[str, Window] = {View.T1: (0.0, 3.0), View.T2: (0.0, 0.25), View.T2STAR: (0.0, 0.15), View.PD: (0.0, 1.1),
                                     **dict.fromkeys(UNCERTAINTIES, (0.0, 0.5))}  # fmt: skip


@dataclass(frozen=True)
class Display:
    """How planes are shown.

    ``plane`` is the one of layouts that show one plane several times. ``cursor`` and ``centre`` of the view are in millimetres
    (None: the middle of the head), ``zoom`` 1 = the plane fits. ``windows`` (low, high) of maps by view, and of the difference
    (``change``); the signal's is the contrast's. ``auto``: a new contrast gets a window anew. Noise of ``snr`` (0: none) and
    ``noise_seed``.
    """

    layout: Layout = Layout.GRID
    plane: str = "axial"
    convention: Literal["radiological", "neurological"] = "radiological"
    cursor: Millimetres | None = None
    centre: Millimetres | None = None
    zoom: Annotated[float, Meta(ge=0.05, le=100)] = 1.0
    windows: tuple[tuple[str, Window], ...] = ()
    auto: bool = True
    snr: Annotated[float, Meta(ge=0, le=HIGHEST_SNR)] = 0.0
    noise_seed: Annotated[int, Meta(ge=0, le=HIGHEST_SEED)] = 0
    smooth: bool = True
    crosshair: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", Layout(self.layout))
