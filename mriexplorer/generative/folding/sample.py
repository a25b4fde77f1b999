"""The cortical folding of a synthetic subject: codes of real heads, mixed place by place by smooth random fields of the seed.

One head here and another there; on the borders codes are averaged, and the network makes one brain of them.

    codes of heads (13, 8, x/4, y/4, z/4) ──mixing shares──► code ──decoder──► shares of structures ──► an anatomy
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mriexplorer.generative.folding.model import FoldingModel
from mriexplorer.generative.folding.structures import BOX, FACTOR, LATTICE, STRUCTURES
from mriexplorer.generative.precision import Precision, autocast
from mriexplorer.generative.slabs import in_slabs
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, Anatomy, indicators, prepare, smooth
from mriexplorer.simulation.labels import Labels, code

_REACH = 7.0  # codes: how smooth the choice between heads is
_DECIDED = 6.0  # how much the random field that is highest wins over the others
_SLAB = 19  # planes of codes that are decoded at a time
_MARGIN = 4  # planes beside a slab that the network looks at
_PRESENCE = tuple(STRUCTURES.index(name) for name in ("white matter", "cortex", "cerebrospinal fluid", "ventricles"))


@one_thread_each()
def mixing_shares(model: FoldingModel, seed: int) -> Tensor:
    """How much of each head there is at every place of the lattice (heads, *LATTICE); sums to 1. The same for a seed."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng([seed, 77])
    random_fields = []
    for _ in model.heads:
        noise = gaussian_filter(rng.standard_normal([n + 32 for n in LATTICE], np.float32), _REACH)[16:-16, 16:-16, 16:-16]
        random_fields.append(noise / noise.std())
    return torch.softmax(_DECIDED * torch.from_numpy(np.stack(random_fields)), 0)


@dataclass(frozen=True)
class DecodedFolding:
    """``labels`` (x, y, z) are numbers of ``STRUCTURES`` on ``BOX`` or on every other voxel of it.

    ``presence`` (4, x, y, z), 0 to 255, is how much white matter, cortex, fluid and ventricle there is.
    """

    labels: Labels
    presence: Labels


@one_thread_each()
@torch.no_grad()
def decoded(
    model: FoldingModel, shares: Tensor, device: torch.device, *, half: bool = False, precision: Precision = "auto"
) -> DecodedFolding:
    """The structures of heads mixed by ``shares``, with ``half`` at every other voxel.

    Computed slab by slab where the template has a brain, so that little memory is needed. On a CPU in float32 unless asked
    otherwise: the same seed gives the same brain on any.
    """
    precision = "float32" if precision == "auto" and device.type == "cpu" else precision
    mixed = torch.einsum("hxyz,hcxyz->cxyz", shares, model.codes)[None].to(device)
    network, step = model.network.to(device), 2 if half else 1
    size = tuple(n // step for n in BOX.shape)
    labels, presence = np.zeros(size, np.uint8), np.zeros((len(_PRESENCE), *size), np.uint8)
    for part in _parts():
        wide = tuple(slice(max(0, s.start - _MARGIN), s.stop + _MARGIN) for s in part)
        x, y, z = (slice(FACTOR * (s.start - w.start), FACTOR * (s.stop - w.start)) for s, w in zip(part, wide, strict=True))
        some = mixed[:, :, *wide].contiguous(memory_format=torch.channels_last_3d)
        with autocast(precision, device):
            logits = network.decode(some)[:, :, x, y, z]
        there = tuple(slice(FACTOR // step * s.start, FACTOR // step * s.stop) for s in part)
        numbers, present = in_slabs(_structures, logits[:, :, ::step, ::step, ::step])
        labels[there], presence[:, *there] = numbers[0, 0].cpu().numpy(), present[0].cpu().numpy()
    return DecodedFolding(labels, presence)


def _structures(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers of structures (batch, 1, x, y, z), and presence of some (batch, 4, x, y, z)."""
    found = torch.softmax(logits.float(), 1)
    return found.argmax(1, keepdim=True).to(torch.uint8), (255 * found[:, list(_PRESENCE)]).round().to(torch.uint8)


def _parts() -> Iterator[tuple[slice, slice, slice]]:
    """Slabs of the lattice, each cut to where the template's brain is, and 8 mm more."""
    region = _region()
    for first in range(0, LATTICE[0], _SLAB):
        slab = region[first : first + _SLAB]
        if slab.any():
            ends = [np.flatnonzero(slab.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
            x, y, z = (slice(int(end[0]), int(end[-1]) + 1) for end in ends)
            yield slice(first + x.start, first + x.stop), y, z


@lru_cache(maxsize=1)
def _region() -> NDArray[np.bool_]:
    """Where on the lattice the template has a brain, and two codes around."""
    from scipy.ndimage import binary_dilation

    first = np.rint((BOX.affine[:3, 3] - FRAME_ORIGIN) / 2).astype(int)
    inside = prepare(None).skull[tuple(slice(f, f + n // 2) for f, n in zip(first, BOX.shape, strict=True))] > 0
    whole = inside.reshape(*(n for size in LATTICE for n in (size, 2))).any(axis=(1, 3, 5))
    return np.asarray(binary_dilation(whole, iterations=2))


def anatomy_of(folded: DecodedFolding, identity: str) -> Anatomy:
    """An anatomy, as people are made of."""
    step = BOX.shape[0] // folded.labels.shape[0]
    affine = BOX.affine @ np.diag([step, step, step, 1.0])
    labels = np.array([code(name) for name in STRUCTURES], np.uint8)[folded.labels]
    to_voxel = np.asarray(np.linalg.inv(affine), np.float64)
    walls = smooth(folded.presence[3] / np.float32(255), affine)
    skull, ventricles = indicators(labels, walls, to_voxel)
    return Anatomy("cortical folding", identity, np.stack([labels, *folded.presence[:3]], -1), walls, to_voxel, skull, ventricles)
