"""How 3-D is drawn, and from where it is looked at."""

from dataclasses import dataclass
from enum import StrEnum

from mriexplorer.view.camera import Camera


class VolumePreset(StrEnum):
    """How 3-D is drawn."""

    SURFACE = "surface"
    CUT = "cut"
    XRAY = "xray"
    MAXIMUM = "maximum"


class VolumeClip(StrEnum):
    """What a cut takes away before the crosshair."""

    OCTANT = "octant"
    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


@dataclass(frozen=True)
class VolumeView:
    """A ``preset``, what a cut takes away, and the ``camera``."""

    preset: VolumePreset = VolumePreset.CUT
    clip: VolumeClip = VolumeClip.OCTANT
    camera: Camera = Camera()  # noqa: RUF009 it is frozen

    def __post_init__(self) -> None:
        object.__setattr__(self, "preset", VolumePreset(self.preset))
        object.__setattr__(self, "clip", VolumeClip(self.clip))
