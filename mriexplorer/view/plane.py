"""The three anatomical planes, and how far a place may lie from any head."""

from collections.abc import Mapping
from dataclasses import dataclass

FARTHEST = 1e5  # mm of a place that can be looked at or measured


@dataclass(frozen=True)
class Plane:
    """An anatomical plane of a grid: which axes run across and up the screen, and which one it cuts."""

    name: str
    across: int
    up: int
    normal: int


PLANES: Mapping[str, Plane] = {
    plane.name: plane for plane in (Plane("axial", 0, 1, 2), Plane("sagittal", 1, 2, 0), Plane("coronal", 0, 2, 1))
}
