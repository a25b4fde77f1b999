"""Regions of interest and lines: where they lie, in millimetres. What is in them is another matter (``measure``)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import count
from typing import Literal
from unicodedata import category

from mriexplorer.physics import Protocol
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.plane import PLANES

RegionKind = Literal["ellipse", "polygon", "brush", "tissue", "threshold"]
REGION_KINDS: tuple[RegionKind, ...] = ("ellipse", "polygon", "brush", "tissue", "threshold")
TISSUE_CLASSES = {"wm": "White matter", "gm": "Grey matter", "csf": "CSF", "lesion": "Lesion-like"}
THRESHOLD_VIEWS = ("signal", "t1", "t2", "t2star", "pd")
COLOURS = 8  # regions that differ in colour
LONGEST_NAME = 16  # characters
MOST_REGIONS, MOST_POINTS = 200, 20_000
WIDEST = 1000.0  # mm
_FEWEST = {"ellipse": 1, "polygon": 3, "brush": 1, "tissue": 0, "threshold": 1}


@dataclass(frozen=True)
class Region:
    """A region of interest in a ``plane`` (empty: the whole volume, of tissue only), through its first point.

    ``points`` in millimetres: the centre of an ellipse, the corners of a polygon, the dabs of a brush, a place of the plane.
    ``radii`` (mm): half the width and height of an ellipse, along the plane's axes; the radius of each dab. ``tissue`` is a
    class of ``TISSUE_CLASSES``. A threshold holds what lies within ``limits`` of a ``view``, in the units of the maps; one of
    the signal remembers ``protocol`` and ``magnitude`` of when it was made, so that it stays as it is when sliders move.
    ``colour`` counts from 0.
    """

    name: str
    kind: RegionKind
    plane: str = ""
    points: tuple[Millimetres, ...] = ()
    radii: tuple[float, ...] = ()
    tissue: str = ""
    view: str = ""
    limits: tuple[float, float] = (0.0, 0.0)
    protocol: Protocol | None = None
    magnitude: bool = True
    colour: int = 0

    @property
    def movable(self) -> bool:
        """Whether it has a place of its own."""
        return self.kind in ("ellipse", "polygon", "brush")

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Found once: a brush has thousands of dabs."""
        return hash(tuple(getattr(self, field.name) for field in fields(self)))

    @cached_property
    def place(self) -> "Region":
        """The same without name and colour: which voxels it holds does not depend on them."""
        return replace(self, name="", colour=0)

    def moved(self, by: Millimetres) -> "Region":
        """The region elsewhere."""
        return replace(self, points=tuple((x + by[0], y + by[1], z + by[2]) for x, y, z in self.points))

    def description(self) -> str:
        """What it is, in words."""
        where = f"in the {self.plane} plane" if self.plane else "in the whole volume"
        if self.kind == "ellipse":
            return f"ellipse, {2 * self.radii[0]:.1f} × {2 * self.radii[1]:.1f} mm, {where}"
        if self.kind == "tissue":
            return f"{TISSUE_CLASSES[self.tissue].lower().replace('csf', 'CSF')} by nearest literature values, {where}"
        if self.kind == "threshold":
            return f"{self.view} from {self.limits[0]:.4g} to {self.limits[1]:.4g}{self._frozen_at()}, {where}"
        return f"{self.kind}, {where}"

    def _frozen_at(self) -> str:
        return f" ({self.protocol.sequence.label} as it was)" if self.protocol else ""


@dataclass(frozen=True)
class Line:
    """A line to measure along, from ``start`` to ``end`` (mm), drawn in a ``plane``."""

    plane: str
    start: Millimetres
    end: Millimetres


def is_name(name: str) -> bool:
    """Whether a region can have a name: short, in one line."""
    return 0 < len(name.strip()) <= LONGEST_NAME and not any(category(letter) == "Cc" for letter in name)


def next_name(regions: Iterable[Region]) -> str:
    """The first free letter: A to Z, then A2, B2, ..."""
    taken = {region.name for region in regions}
    names = (chr(65 + n % 26) + (str(n // 26 + 1) if n >= 26 else "") for n in count())
    return next(name for name in names if name not in taken)


def next_colour(regions: Iterable[Region]) -> int:
    """The colour that fewest regions have."""
    used = [region.colour for region in regions]
    return min(range(COLOURS), key=lambda colour: (used.count(colour), colour))


def flaw(region: Region) -> str | None:
    """Why there cannot be such a region, of values of the right types; None where there can."""
    name, points, radii = region.name, region.points, region.radii
    checks = {
        "a region has no proper name": is_name(name),
        "a region is in no plane": region.plane in PLANES or (region.plane == "" and region.kind == "tissue"),
        "a region has no colour": 0 <= region.colour < COLOURS,
        f"a region has more than {MOST_POINTS} points": len(points) <= MOST_POINTS,
        "a region has too few points": len(points) >= max(_FEWEST.get(region.kind, 0), int(region.plane != "")),
        "a region has no size": all(0 < radius <= WIDEST for radius in radii),
        "an ellipse has two radii": region.kind != "ellipse" or (len(radii) == 2 and len(points) == 1),
        "each dab has a radius": region.kind != "brush" or len(radii) == len(points),
        "a tissue is unknown": region.kind != "tissue" or region.tissue in TISSUE_CLASSES,
        "a threshold has no range": region.kind != "threshold" or _is_range(region),
    }
    return next((sentence for sentence, fine in checks.items() if not fine), None)


def _is_range(region: Region) -> bool:
    if region.view not in THRESHOLD_VIEWS or not region.limits[0] <= region.limits[1]:
        return False
    return (region.view == "signal") == (region.protocol is not None)
