"""What is measured: regions, which of them are selected, and a line."""

from dataclasses import dataclass

from mriexplorer.view.region import Line, Region


@dataclass(frozen=True)
class Measurement:
    """``regions``, of which some are ``selected`` by name, and what lies along ``line``."""

    regions: tuple[Region, ...] = ()
    selected: tuple[str, ...] = ()
    line: Line | None = None
