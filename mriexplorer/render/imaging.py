"""What a protocol gives of voxels: their signal, with noise where that is wished, which is drawn once, then scaled and added."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics.lookup import LookUp, Voxels
from mriexplorer.physics.noise import Noise, channels
from mriexplorer.render.slices import Slice
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.view.state import State

_KEPT = 12  # planes of one seed; the three that are seen, of two scans, and those of the plane before


def noise_of(state: State, subject: Subject | None) -> Noise | None:
    """The noise of the state's signal; None where none is wished. Without a subject, at the state's field strength."""
    if not state.display.snr:
        return None
    field = (subject.field if subject else None) or state.source.field
    return Noise.of(state.sequence, field, state.display.snr, state.display.noise_seed, signed=state.contrast.signed)


@dataclass(frozen=True)
class Imaging:
    """Tables of a protocol, which keep the sign where there is ``noise``: the magnitude is taken after it."""

    table: LookUp
    noise: Noise | None

    @classmethod
    def of(cls, state: State, subject: Subject | None) -> "Imaging | None":
        """Of a state's protocol; None where no scanner could run it."""
        if state.problems:
            return None
        noise = noise_of(state, subject)
        return cls(LookUp.of(state.protocol, magnitude=state.contrast.magnitude and noise is None), noise)

    def signal(self, voxels: Voxels, drawn: Callable[[int], Floats]) -> Floats:
        """Signal of n voxels, shape (n,); ``drawn`` gives both channels of their noise, shape (2, n), by the seed."""
        clean = voxels.signal(self.table)
        return clean if self.noise is None else self.noise.on(clean, drawn(self.noise.seed), voxels.spread(self.table))


def signal_at(state: State, subject: Subject | None, pd: float, t1: float, decay: float, index: int) -> float | None:
    """The signal of one voxel by its index in the volume, with the noise that its planes show; None where there is no image.

    ``decay`` is its T2, or its T2* where the sequence decays with that.
    """
    if state.problems:
        return None
    noise, known = noise_of(state, subject), (np.float64(pd), np.float64(t1), np.float64(decay))
    shown = float(state.protocol.signal(*known, magnitude=state.contrast.magnitude and noise is None))
    if noise is None:
        return shown
    return float(
        noise.on(
            np.array([shown], np.float32), channels(np.array([index]), noise.seed), np.float32(state.protocol.spread(*known))
        )[0]
    )


class VoxelNoise:
    """Noise of voxels by their index in the volume, kept for the seed that was asked for last."""

    def __init__(self, places: NDArray[np.integer]) -> None:
        self._places = places
        self._last: tuple[int, Floats] | None = None

    def __call__(self, seed: int) -> Floats:
        if self._last is None or self._last[0] != seed:
            self._last = seed, channels(self._places, seed)
        return self._last[1]


class SliceNoise:
    """Channels of noise of the last few planes."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, str, tuple[int, int, int], int], Floats] = OrderedDict()

    def drawn(self, part: Slice, seed: int) -> Floats:
        """Both channels of every pixel of a plane, air too, shape (2, rows * columns)."""
        key = (part.geometry.plane.name, str(part.geometry.mirrored), part.at, seed)
        if key not in self._drawn:
            self._drawn[key] = channels(part.geometry.indices(part.at), seed)
        self._drawn.move_to_end(key)
        while len(self._drawn) > _KEPT:
            self._drawn.popitem(last=False)
        return self._drawn[key]

    def signal(self, part: Slice, imaging: Imaging) -> Floats:
        """Signal of the tissue of a plane, shape (n,)."""
        return imaging.signal(part.voxels, lambda seed: self.drawn(part, seed)[:, part.pixels])

    def values(self, part: Slice, imaging: Imaging) -> Floats:
        """What is seen of a plane.

        With noise every pixel, shape (rows * columns,), since air has it too; else, and of an image with a sign, only the tissue,
        shape (n,): air would be as bright there as the window makes 0.
        """
        noise = imaging.noise
        if noise is None or noise.signed:
            return self.signal(part, imaging)
        drawn = self.drawn(part, noise.seed)
        clean = np.zeros(drawn.shape[1], np.float32)
        clean[part.pixels] = part.voxels.signal(imaging.table)
        return noise.on(clean, drawn)
