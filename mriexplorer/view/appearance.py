"""What is of the person and not of what is looked at: no session changes it."""

from dataclasses import dataclass
from typing import Literal

from mriexplorer.physics import TimeUnit


@dataclass(frozen=True)
class Appearance:
    """The ``theme``, and whether ``times`` are read in ms or s."""

    theme: Literal["dark", "light"] = "dark"
    times: TimeUnit = "ms"
