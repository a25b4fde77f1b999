"""From where 3-D is looked at: angles about the vertical, and what follows from them. Never mirrored.

::

    azimuth 0: from the front (nose); 90: from the patient's right; 180: from behind
    elevation 90: from above
"""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

Vector = NDArray[np.float64]

_FARTHEST = 89.0  # degrees of elevation; at 90 the vertical would have no direction on the screen
_ZOOMS = (0.3, 12.0)
_ANGLE = 12.0  # degrees from the middle to the edge: little perspective
_SHARE = 0.68  # of half the box's diagonal that a view of zoom 1 reaches


@dataclass(frozen=True)
class Camera:
    """Angles in degrees, ``zoom`` 1 = the head fits; ``across`` and ``up`` move the image, in heights of the view at zoom 1."""

    azimuth: Annotated[float, Meta(ge=-360, le=360)] = 40.0
    elevation: Annotated[float, Meta(ge=-_FARTHEST, le=_FARTHEST)] = 24.0
    zoom: Annotated[float, Meta(ge=_ZOOMS[0], le=_ZOOMS[1])] = 1.0
    across: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    up: Annotated[float, Meta(ge=-1, le=1)] = 0.0

    def turned(self, azimuth: float, elevation: float) -> "Camera":
        """Gone about the head, by degrees to the patient's right and upwards."""
        raised = min(max(self.elevation + elevation, -_FARTHEST), _FARTHEST)
        return replace(self, azimuth=(self.azimuth + azimuth) % 360, elevation=raised)

    def zoomed(self, factor: float) -> "Camera":
        """Nearer or farther."""
        return replace(self, zoom=min(max(self.zoom * factor, _ZOOMS[0]), _ZOOMS[1]))

    def panned(self, across: float, up: float) -> "Camera":
        """The image moved by shares of the view's height."""
        across, up = (min(max(v, -1.0), 1.0) for v in (self.across + across / self.zoom, self.up + up / self.zoom))
        return replace(self, across=across, up=up)

    @property
    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Unit vectors in millimetres of the patient: to the right and to the top of the screen, and away from the viewer."""
        azimuth, elevation = np.radians((self.azimuth, self.elevation))
        right = np.array((-np.cos(azimuth), np.sin(azimuth), 0.0))
        ahead = -np.array((np.sin(azimuth) * np.cos(elevation), np.cos(azimuth) * np.cos(elevation), np.sin(elevation)))
        return right, np.cross(right, ahead), ahead


@dataclass(frozen=True)
class Rays:
    """The ray of each point of the screen, whose coordinates run from -1 to 1 to the right and upwards.

    A ray starts at ``eye + x eye_across + y eye_up`` and goes along ``ahead + x across + y up``; millimetres of the patient.
    """

    eye: Vector
    ahead: Vector
    across: Vector
    up: Vector
    eye_across: Vector
    eye_up: Vector


def rays(one: Camera, centre: Vector, diagonal: float, aspect: float) -> Rays:
    """Rays of a camera that looks at a box by its centre and the length of its diagonal (mm); ``aspect`` is width by height."""
    right, top, ahead = one.axes
    reach = _SHARE * diagonal / 2
    tangent = np.tan(np.radians(_ANGLE)) * max(1.0, 1 / aspect)
    distance = reach / np.tan(np.radians(_ANGLE))
    middle = centre - 2 * reach * (one.across * right + one.up * top)
    half = tangent / one.zoom
    nothing = np.zeros(3)
    return Rays(middle - distance * ahead, ahead, right * half * aspect, top * half, nothing, nothing)
