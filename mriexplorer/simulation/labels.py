"""From the codes of a label map to anatomical structures and their tissues, by the table resources/structures.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.places import resource
from mriexplorer.reading.registry import read_volume
from mriexplorer.subject.tissue_maps import Floats, Grid

Labels = NDArray[np.uint8]
_MOST_CODE = 100_000


@dataclass(frozen=True)
class Structure:
    """One row of the table: its ``code`` in this program, the ``tissue`` it is made of (None: no signal), and what it counts as.

    ``counts`` is wm, gm, csf, ventricle or outside.
    """

    code: int
    name: str
    tissue: str | None
    counts: str


@dataclass(frozen=True)
class Scheme:
    """How one kind of label map numbers its structures: the name of a structure by code, and codes that every such map has."""

    name: str
    codes: Mapping[int, str]
    needs: frozenset[int] = frozenset()


@lru_cache(maxsize=1)
def structures() -> Mapping[str, Structure]:
    """Every structure by name, in the order of the table."""
    rows = [
        Structure(code, row["name"], None if row["tissue"] == "none" else row["tissue"], row["class"])
        for code, row in enumerate(_table()["structures"])
    ]
    return {row.name: row for row in rows}


def code(name: str) -> int:
    """The code of a structure by its name."""
    return structures()[name].code


def codes_of(counts: str) -> list[int]:
    """The codes of all structures that count as ``counts``."""
    return [row.code for row in structures().values() if row.counts == counts]


@lru_cache(maxsize=1)
def schemes() -> tuple[Scheme, ...]:
    """The kinds of label map that are known."""
    return tuple(_scheme(name, content) for name, content in _table()["schemes"].items())


def _scheme(name: str, content: Mapping[str, Any]) -> Scheme:
    codes = {int(key): str(value) for key, value in content["codes"].items()}
    for first, last, structure in content.get("ranges", ()):
        codes |= dict.fromkeys(range(first, last + 1), structure)
    return Scheme(name, codes, frozenset(content.get("needs", ())))


def _table() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(resource("structures.json").read_text(encoding="utf-8"))
    return content


def read_labels(path: Path) -> tuple[Labels, Grid]:
    """A label map as structure codes of this program, axes closest to Right, Anterior, Superior; and its grid.

    Raises InputError for what is no label map, and for codes that no scheme knows.
    """
    volume = read_volume(path)
    if not volume.grid.known:
        raise InputError(f"{path} gives no orientation (neither sform nor qform), so left and right are not known; add it.")
    whole = _whole_numbers(volume.data, path)
    found = np.unique(whole)
    scheme = _scheme_of(found, whole, path)
    table = np.zeros(int(found[-1]) + 1, np.uint8)
    for number in found:
        table[number] = code(scheme.codes[int(number)])
    return table[whole], volume.grid


def _whole_numbers(data: Floats, path: Path) -> NDArray[np.int32]:
    if not np.isfinite(data).all() or (data < 0).any() or float(data.max()) > _MOST_CODE:
        raise InputError(f"{path} is no label map: it holds negative, infinite or huge numbers.")
    whole = np.rint(data).astype(np.int32)
    broken = np.abs(data - whole) > 1e-3
    if broken.any():
        raise InputError(f"{path} is no label map: {float(data[broken][0]):g} is not a whole number; "
                         "give the segmentation itself, resampled (if at all) by nearest neighbour.")  # fmt: skip
    return whole


def _scheme_of(found: NDArray[np.int32], whole: NDArray[np.int32], path: Path) -> Scheme:
    """The scheme that knows every code: the smaller one where several do."""
    if len(found) < 2:
        raise InputError(f"{path} holds only the code {found[0]}; it is no label map of a head.")
    by_size = sorted((s for s in schemes() if s.needs <= set(found.tolist())), key=lambda scheme: len(scheme.codes))
    unknown = [[int(n) for n in found if int(n) not in scheme.codes] for scheme in by_size]
    strange, scheme = min(zip(unknown, by_size, strict=True), key=lambda pair: len(pair[0]))
    if not strange:
        return scheme
    listed = ", ".join(f"{n} ({int((whole == n).sum())} voxels)" for n in strange[:5]) + (" …" if len(strange) > 5 else "")
    raise InputError(f"{path} has codes without a tissue: {listed}; "
                     f"the nearest table is {scheme.name}. Relabel them, or add them to resources/structures.json.")  # fmt: skip
