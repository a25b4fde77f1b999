"""Which of the people that a model was trained on is nearest to a brain: as a distance, for no picture of them is kept.

REPORT/neighbours.safetensors, and beside a shipped model: few axes of the layout of tissue (``simulation.layout``), where the
trained people lie on them, and how far kept people lie from the nearest of them. No name, record or image is in it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.evaluation.distances import Axes, axes_of
from mriexplorer.evaluation.statistics import Numbers
from mriexplorer.files import write_beside

NEIGHBOURS_FILE = "neighbours.safetensors"
_AXES = 32


@dataclass(frozen=True)
class NearestTrained:
    """``ratio``: the distance to the nearest trained person over the median of kept people; ``nearer``: share of these who are
    as near or nearer.
    """

    ratio: float
    nearer: float


@dataclass(frozen=True)
class TrainedPeople:
    """``axes`` are of the blocks ``used``; ``trained`` (people, axes); ``kept`` (people,) distances to the nearest of them."""

    axes: Axes
    used: NDArray[np.int64]
    trained: Numbers
    kept: Numbers

    def nearest(self, layout: NDArray[np.float32]) -> NearestTrained:
        """Of a brain with a layout (blocks,)."""
        here = self.axes.of(np.asarray(layout, float)[None, self.used])
        distance = float(np.linalg.norm(self.trained - here, axis=1).min())
        return NearestTrained(distance / float(np.median(self.kept)), float((self.kept <= distance).mean()))


def trained_people(kept: Numbers, trained: Numbers) -> TrainedPeople:
    """Of layouts (people, blocks) of kept and of trained people."""
    from scipy.spatial.distance import cdist

    used = np.flatnonzero(np.concatenate([kept, trained]).std(0) > 1e-3)
    axes = axes_of(kept[:, used], trained[:, used], _AXES)
    places = axes.of(trained[:, used])
    return TrainedPeople(axes, used, places, np.asarray(cdist(axes.of(kept[:, used]), places).min(1)))


def save_trained(path: Path, people: TrainedPeople) -> None:
    """Write them, whole or not at all."""
    from safetensors.numpy import save_file

    arrays = {
        "middle": people.axes.middle, "scale": people.axes.scale, "components": people.axes.components, "trained": people.trained,
        "kept": people.kept,
    }  # fmt: skip
    plain = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
    write_beside(path, lambda beside: save_file({**plain, "used": people.used.astype(np.int32)}, beside))


def load_trained(path: Path) -> TrainedPeople:
    """What ``save_trained`` wrote. Raises InputError where it is missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
        axes = Axes(*(np.asarray(arrays[name], float) for name in ("middle", "scale", "components")))
        return TrainedPeople(axes, arrays["used"].astype(np.int64), arrays["trained"].astype(float), arrays["kept"].astype(float))
    except (OSError, KeyError, SafetensorError) as error:
        raise InputError(f"{path} is missing or damaged ({error}); run mriexplorer evaluate people again.") from None
