"""A small store and a small network, made in a moment."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mriexplorer.dataset.store import RECIPE
from mriexplorer.physics import TISSUES
from mriexplorer.simulation.labels import code
from mriexplorer.simulation.person import grid_of

SHAPE = grid_of(2).shape
SETS = {"a": "train", "b": "train", "c": "validation", "d": "test"}


def head(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Maps (3, x, y, z) and labels of nested balls of grey, white matter and fluid, not quite the same for each seed."""
    rng = np.random.default_rng(seed)
    places = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in SHAPE), indexing="ij"))
    radius = np.sqrt(((places - rng.uniform(-0.05, 0.05, (3, 1, 1, 1))) ** 2).sum(0)) + 0.05 * np.sin(6 * places[0] + seed)
    maps, labels = np.zeros((3, *SHAPE)), np.zeros(SHAPE, np.uint8)
    for limit, name, structure in ((0.8, "gm", "cortex"), (0.65, "wm", "white matter"), (0.2, "csf", "ventricles")):
        at = TISSUES[name].at[3.0]
        labels[radius < limit] = code(structure)
        for place, value in enumerate((TISSUES[name].pd, at.t1, at.t2)):
            maps[place][radius < limit] = value * np.exp(rng.normal(0, 0.02))
    return maps.astype(np.float16), labels


def write_store(folder: Path, spoil: Callable[[str, np.ndarray], np.ndarray] = lambda _name, maps: maps) -> Path:
    """A store of four simulated people without scans, each of an anatomy of its own."""
    sessions = {}
    for number, (name, of) in enumerate(SETS.items()):
        place = folder / "sessions" / name
        place.mkdir(parents=True)
        maps, labels = head(number)
        np.save(place / "images.npy", np.zeros((0, *SHAPE), np.float16))
        np.save(place / "maps.npy", spoil(name, maps))
        np.save(place / "labels.npy", labels)
        sessions[name] = {"kinds": [], "times": {}, "record": {}, "person": name, "origin": name, "field": 3.0, "maps": True,
                          "labels": True, "inputs": {}, "set": of}  # fmt: skip
    index = {"recipe": RECIPE, "voxel": 2, "dataset": "x", "tables": {}, "seed": 1, "sessions": sessions}
    (folder / "store.json").write_text(json.dumps(index))
    return folder


def plain() -> dict[str, Any]:
    """A small configuration as a file would have it."""
    return {
        "network": {"cell": 2, "widths": [8, 8], "kernels": [3, 3], "latents": [8, 4], "fine": 4},
        "training": {
            "patch": [16, 16, 16], "steps": 12, "protocols": 0.5, "rate": 3e-3, "precision": "32-true",
            "weights": {"squared": False, "maps": 1.0, "spread": 0.1, "edges": 1.0},
        },
    }  # fmt: skip
