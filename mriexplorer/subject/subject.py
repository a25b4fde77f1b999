"""A subject: tissue maps, clinical attributes, and where both came from."""

from dataclasses import dataclass
from pathlib import Path

from mriexplorer.subject.companions import NONE, Companions
from mriexplorer.subject.tissue_maps import TissueMaps


@dataclass(frozen=True)
class Attribute:
    """One clinical attribute as recorded: ``age``, ``63``, ``years`` and what the record says about the column."""

    name: str
    value: str
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class MapSource:
    """Where one map came from: ``kind`` (pd, t1, t2, t2star), the file (None for a default), its quantity and unit.

    ``how`` says how the unit was known, or what the default is; ``scale`` is the factor that was applied to the file's values.
    """

    kind: str
    path: Path | None
    quantity: str
    unit: str
    how: str
    scale: float = 1.0


@dataclass(frozen=True, repr=False)
class Subject:
    """A person, or an average of people. ``field`` is the field strength (T) of the maps where it is known.

    ``record`` says where the attributes came from, or why there are none; ``notices`` is what a user must know about how the
    maps were put together; ``companions`` lie beside encoded maps. ``literature`` marks maps made of literature values,
    ``synthetic`` people who do not exist.
    """

    name: str
    maps: TissueMaps
    attributes: tuple[Attribute, ...] = ()
    record: str = ""
    sources: tuple[MapSource, ...] = ()
    notices: tuple[str, ...] = ()
    description: str = ""
    field: float | None = None
    companions: Companions = NONE
    literature: bool = False
    synthetic: bool = False

    def __repr__(self) -> str:
        grid = self.maps.grid
        size = "x".join(map(str, grid.shape))
        return f"Subject({self.name!r}, {size} voxels of {' x '.join(f'{mm:.3g}' for mm in grid.spacing)} mm)"
