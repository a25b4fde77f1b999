"""What lies beside encoded maps: the scans that they came from, on the same grid, and how sure each voxel is.

``sub-01_desc-encoded_T1map`` has ``sub-01_desc-encoded_T1uncertainty`` and ``sub-01_desc-registered_T1w``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.physics import SEQUENCES, Protocol
from mriexplorer.reading.registry import read_volume, stem
from mriexplorer.subject.receive_field import WAVES, Coefficients, bias_field
from mriexplorer.subject.tissue_maps import Floats, Grid

ENCODED, REGISTERED, UNCERTAINTY = "_desc-encoded_", "_desc-registered_", "uncertainty"
_HIGHEST = 32767
_LEAST = 1e-20  # what a gain and other numbers of a sidecar, or one over them, may be


@dataclass(frozen=True)
class Stored:
    """A volume as whole numbers, each worth ``step``: half the memory of floats."""

    whole: NDArray[np.int16]
    step: float

    @classmethod
    def of(cls, values: Floats) -> "Stored":
        """From floats."""
        step = max(float(np.abs(values).max()), 1e-9) / _HIGHEST
        return cls(np.rint(values / np.float32(step)).astype(np.int16), step)

    def values(self, whole: NDArray[np.int16]) -> Floats:
        """Floats of some of the whole numbers."""
        return whole * np.float32(self.step)


@dataclass(frozen=True)
class MeasuredScan:
    """A scan as measured, divided by its gain so that it compares with a signal (PD of water = 1).

    ``bias_field`` is that of its receiver, about 1.
    ``kind`` is its BIDS suffix; ``protocol`` is what it was acquired with.
    """

    kind: str
    volume: Stored
    bias_field: Stored
    protocol: Protocol


@dataclass(frozen=True)
class Companions:
    """``uncertainty`` by kind (t1, t2, pd): half the width of the 90 % interval, as a share of the value."""

    scans: tuple[MeasuredScan, ...] = ()
    uncertainty: Mapping[str, Stored] | None = None


NONE = Companions()


def read_companions(a_map: Path, grid: Grid, progress: Callable[[str], None] = lambda _what: None) -> Companions:
    """What lies beside a map that was encoded; nothing beside any other. Raises InputError for files that do not fit it."""
    person, mark, _quantity = stem(a_map).partition(ENCODED)
    if not mark:
        return Companions()
    uncertainty = {}
    for kind in ("t1", "t2", "pd"):
        path = a_map.with_name(f"{person}{ENCODED}{kind.upper()}{UNCERTAINTY}.nii.gz")
        if path.is_file():
            progress(f"reading {path.name}")
            uncertainty[kind] = Stored.of(np.maximum(_on_grid(path, grid), 0))
    return Companions(tuple(_scans(a_map.parent, person, grid, progress)), uncertainty or None)


def _scans(folder: Path, person: str, grid: Grid, progress: Callable[[str], None]) -> Iterator[MeasuredScan]:
    for path in sorted(folder.glob(f"{person}{REGISTERED}*.nii.gz")):
        progress(f"reading {path.name}")
        about = read_json(path.with_name(stem(path) + ".json"))
        sequence, gain = SEQUENCES.get(str(about.get("Sequence"))), about.get("Gain")
        shading = _coefficients(about.get("ReceiveField"))
        sidecar = path.with_name(stem(path) + ".json")
        if sequence is None or shading is None or not _is_number(gain) or gain < _LEAST:
            raise InputError(f"{sidecar} tells no sequence, gain and receive field of {path.name}; encode the scans again.")
        told = {p.name: float(about[p.bids]) for p in sequence.parameters if _is_number(about.get(p.bids))}
        protocol = Protocol.complete(sequence, told)
        if protocol.problems:
            raise InputError(f"{sidecar} tells times that cannot be: {protocol.problems[0].sentence}; encode the scans again.")
        kind = stem(path).rsplit("_", 1)[-1]
        receiver = Stored.of(bias_field(shading, grid.shape))
        yield MeasuredScan(kind, Stored.of(_on_grid(path, grid) / np.float32(gain)), receiver, protocol)


def _coefficients(told: Any) -> Coefficients | None:
    """Of a receive field as a sidecar tells them; None where they are none."""
    try:
        found = np.asarray(told, np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.shape == (WAVES,) * 3 and (np.abs(found) < 1 / _LEAST).all() else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1 / _LEAST


def _on_grid(path: Path, grid: Grid) -> Floats:
    volume = read_volume(path)
    if not volume.grid.same_as(grid):
        raise InputError(f"{path} does not lie on the grid of the maps beside it; encode the scans again.")
    return np.nan_to_num(volume.data)
