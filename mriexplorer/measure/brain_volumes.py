"""What was measured of a brain; whoever shows it needs nothing of how it was measured (``volumetry``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RECIPE = 1  # raised whenever a measure changes its meaning: norms belong to one


@dataclass(frozen=True)
class RelaxationTimes:
    """Medians of T1 and T2 (s) of the voxels that hold one tissue alone."""

    t1: float
    t2: float


@dataclass(frozen=True)
class BrainVolumes:
    """``closed`` (cm³) is the brain with its sulci and ventricles closed; ``wm``, ``gm``, ``csf`` are shares of it, and so is
    ``ventricles``, which is a part of ``csf``. ``relaxation`` by tissue, of maps alone; ``notices`` are what must be said.
    ``layout`` (blocks,) is where fluid and white matter lie (``simulation.layout``).
    """

    closed: float
    wm: float
    gm: float
    csf: float
    ventricles: float
    relaxation: Mapping[str, RelaxationTimes] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    layout: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    @property
    def brain(self) -> float:
        """The brain fraction: white and grey matter as a share of the closed brain."""
        return self.wm + self.gm

    def cm3(self, part: str) -> float:
        """The volume of ``closed``, ``brain``, ``wm``, ``gm``, ``csf`` or ``ventricles``."""
        return self.closed if part == "closed" else self.closed * self.share(part)

    def share(self, part: str) -> float:
        """The share that a part is of the closed brain."""
        return float(getattr(self, part))
