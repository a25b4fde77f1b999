"""What is to be written: where, as which format, and what of the state."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.render.side_by_side import ComparedPerson
from mriexplorer.view.sweep import Sweep

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

SCREEN = 96  # dots an inch


class Planes(StrEnum):
    """Which planes a picture shows."""

    AS_SHOWN = "as shown"  # those of the state's layout, also several contrasts or people
    ALL = "all"
    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"
    COMPARE = "compare"  # one plane measured, computed and their difference; or of two people


@dataclass(frozen=True)
class Movie:
    """What moves: a parameter's ``sweep``; ``longest`` pixels of a plane's longest side, ``rate`` frames a second."""

    sweep: Sweep
    longest: int = 600
    rate: float = 12.0


@dataclass(frozen=True)
class Export:
    """An image to write.

    ``target`` is a file or a folder, ``format`` the name of a format; empty: the one that the target's ending tells, and for a
    folder a BIDS derivative. ``inside``: the target is where a new folder goes that gets a name of its own (DICOM).

    Pictures: ``planes``, ``dots`` an inch, and ``width``, the pixels of the whole figure at 96 dots an inch (None: large);
    ``people`` are those that stand side by side; ``picture`` is written in place of planes. With a ``movie`` it is one.
    """

    target: Path
    format: str = ""
    inside: bool = False
    planes: Planes = Planes.AS_SHOWN
    dots: int = SCREEN
    width: float | None = None
    people: tuple[ComparedPerson, ...] = ()
    picture: "QImage | None" = None
    movie: Movie | None = None
