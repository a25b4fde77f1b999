"""The noise of the planes that are looked at: drawn once for each plane, then only scaled and added."""

from collections import OrderedDict
from dataclasses import replace

import numpy as np

from mriexplorer.explorer.planes import Cut
from mriexplorer.explorer.state import State
from mriexplorer.physics.lookup import LookUp
from mriexplorer.physics.noise import Noise, channels
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats

_KEPT = 6  # planes; the three that are seen, and those of the plane before


def noise_of(state: State, subject: Subject) -> Noise | None:
    """The noise of the state's signal; None where none is wished."""
    if not state.snr:
        return None
    field = subject.field or state.field
    return Noise.of(state.row, field, state.snr, state.noise_seed, signed=state.signed)


def without_magnitude(state: State) -> State:
    """The state whose signal noise is added to: the magnitude is taken after it."""
    return replace(state, magnitude=False)


class Grain:
    """Channels of noise of the last few planes."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, str, tuple[int, int, int], int], Floats] = OrderedDict()

    def drawn(self, part: Cut, seed: int) -> Floats:
        """Both channels of every pixel of a plane, air too, shape (2, rows * columns)."""
        key = (part.face.plane.name, str(part.face.mirrored), part.at, seed)
        if key not in self._drawn:
            self._drawn[key] = channels(part.face.indices(part.at), seed)
        self._drawn.move_to_end(key)
        while len(self._drawn) > _KEPT:
            self._drawn.popitem(last=False)
        return self._drawn[key]

    def values(self, part: Cut, table: LookUp, noise: Noise) -> Floats:
        """What is seen of a plane with noise; ``table`` keeps the sign.

        Every pixel, shape (rows * columns,), since air has noise too; of an image with a sign only the tissue, shape (n,): air
        would be as bright there as the window makes 0.
        """
        drawn = self.drawn(part, noise.seed)
        if noise.signed:
            return noise.on(part.voxels.signal(table), drawn[:, part.pixels], part.voxels.spread(table))
        clean = np.zeros(drawn.shape[1], np.float32)
        clean[part.pixels] = part.voxels.signal(table)
        return noise.on(clean, drawn)
