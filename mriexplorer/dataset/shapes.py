"""The shapes of many people's brains, found once and kept: a folder with an array for each session.

DIR/<session>.npy     float16 (3, knots): velocity in millimetres (``demons.DemonsRegistration``)
DIR/shapes.json       by session: ventricles, fluid, the residual (``unlike``); or why there is none
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np

from mriexplorer.dataset.store import StoredSession
from mriexplorer.errors import InputError
from mriexplorer.files import LARGEST_TABLE, read_json, write_beside
from mriexplorer.simulation.demons import register_demons
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import KNOTS, Vectors
from mriexplorer.workers import Progress, Workers, alone_in, time_left

_INDEX = "shapes.json"
_VOXEL = 2  # mm
_LEAST_BRAIN = 0.02  # of the brightest tissue, below which a brain-extracted image is empty


@dataclass(frozen=True)
class BrainShape:
    """The shape of one session's brain. ``ventricles`` and ``fluid`` are shares of the closed brain."""

    entry: StoredSession
    file: Path
    ventricles: float
    fluid: float

    @property
    def velocity(self) -> Vectors:
        """(3, knots), millimetres, backwards."""
        return np.asarray(np.load(self.file, allow_pickle=False), np.float32)


def find_shapes(
    entries: Sequence[StoredSession], folder: Path, workers: Workers, progress: Progress = lambda _what: None
) -> list[BrainShape]:
    """The shape of every session with a T1w of an extracted brain on the 2 mm grid, in the order of ``entries``.

    What was found before is taken; whoever cannot be found is left out and said.
    """
    usable = [entry for entry in entries if "T1w" in entry.kinds]
    with alone_in(folder):
        folder.mkdir(parents=True, exist_ok=True)
        index = read_json(folder / _INDEX, LARGEST_TABLE) if (folder / _INDEX).is_file() else {}
        missing = [entry for entry in usable if not _is_there(index.get(entry.name), folder, entry)]
        began = monotonic()
        for done, (name, about) in enumerate(workers.each(_find_one, [(entry, str(folder)) for entry in missing]), 1):
            index[name] = about
            text = json.dumps(index, indent=1) + "\n"
            write_beside(folder / _INDEX, lambda path, text=text: path.write_text(text, encoding="utf-8"))  # type: ignore[misc]
            said = f" is left out: {about['why']}" if "why" in about else ""
            progress(f"shape of {name}{said} · {done} of {len(missing)}{time_left(began, done, len(missing))}")
    told = [(entry, index[entry.name]) for entry in usable if "why" not in index[entry.name]]
    return [BrainShape(entry, _file(folder, entry.name), about["ventricles"], about["fluid"]) for entry, about in told]


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name.replace(' ', '+')}.npy"


def _is_there(about: object, folder: Path, entry: StoredSession) -> bool:
    if not isinstance(about, dict):
        return False
    if "why" in about:
        return True
    try:
        array = np.load(_file(folder, entry.name), mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return False
    return bool(array.shape == (3, *KNOTS) and array.dtype == np.float16)


def _find_one(task: tuple[StoredSession, str]) -> tuple[str, dict[str, float | str]]:
    entry, folder = task
    image = entry.images[entry.kinds.index("T1w")].astype(np.float32)
    if image.shape != grid_of(_VOXEL).shape:
        raise InputError("shapes are found at 2 mm; gather the scans with --voxel 2.")
    try:
        found = register_demons(image, grid_of(_VOXEL), image > _LEAST_BRAIN)
    except InputError as error:
        return entry.name, {"why": str(error)}
    write_beside(_file(Path(folder), entry.name), lambda path: _save(path, found.velocity))
    return entry.name, {"ventricles": found.ventricles, "fluid": found.fluid, "unlike": found.residual}


def _save(path: Path, velocity: Vectors) -> None:
    with path.open("wb") as file:
        np.save(file, velocity.astype(np.float16))
