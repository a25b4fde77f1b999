"""Other values for the tissues of a simulated head, far beyond the literature's, so that a network must read them from scans.

An encoder that only ever sees literature values learns which tissue a voxel is of, and says the textbook. Here T1, T2 and PD of
every tissue are multiplied by factors of their own and by common ones (field strengths of 0.5 to 7 T, newborn to old, diseased),
change smoothly within tissue, and blobs (lesions, oedema, tumours, iron, enhancement) have values of any kind.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, avg_pool3d

from mriexplorer.generative.autoencoder.augmentation import receive_field
from mriexplorer.generative.autoencoder.network import HIGHEST, LOWEST
from mriexplorer.simulation.labels import structures

_COMMON = ((0.9, 1.1), (0.5, 2.0), (0.55, 1.7))  # of PD, T1, T2, for all tissue of a head
_OWN = (0.06, 0.18, 0.18)  # standard deviation of the logarithm of a tissue's own factor
_WITHIN = (0.02, 0.05, 0.05)  # largest amplitude of the logarithm of what changes within tissue
_TEXTURE = (0.01, 0.025, 0.03)  # largest standard deviation of the logarithm from voxel to voxel, softened
_BLOB = ((0.8, 1.25), (0.4, 2.5), (0.4, 3.0))  # of PD, T1, T2 in a blob
_BLOBS, _RADIUS = 4, (1.0, 8.0)  # at most so many in a patch; voxels
_TURNS = 1 / 120  # standard deviation of the turns by voxel of what changes within tissue
_WATER = 0.12  # of the spread of tissue that fluid has
_FREE = 0.05  # PD below which there is nothing to change


@dataclass(frozen=True)
class ValueFactors:
    """Factors of PD, T1 and T2 by group of structures (groups, 3), drawn for a head."""

    factors: NDArray[np.float32]

    def of(self, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Factors by voxel (3, *size) of structure codes."""
        return np.moveaxis(self.factors[_groups()[codes]], -1, 0)


def draw_values(rng: np.random.Generator) -> ValueFactors:
    """Factors of a head: common ones, and each group's own; those of fluid differ little."""
    common = np.array([rng.uniform(*np.log(limits)) for limits in _COMMON])
    logs = common + rng.normal(0, _OWN, (_groups().max() + 1, 3))
    logs[_fluid()] *= _WATER
    return ValueFactors(np.exp(logs).astype(np.float32))


def with_values(maps: Tensor, codes: NDArray[np.uint8], values: ValueFactors, rng: np.random.Generator) -> Tensor:
    """Maps (3, *size) with other values; ``codes`` (*size) are their structures. Voxels at borders have factors between."""
    factors = _softened(torch.from_numpy(np.ascontiguousarray(np.log(values.of(codes)))))
    size = tuple(maps.shape[1:])
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    for place in range(3):
        waves = tuple((rng.uniform(0, _WITHIN[place]) * rng.normal(), *rng.normal(0, _TURNS, len(size)), rng.uniform(0, 6.28))
                      for _ in range(2))  # fmt: skip
        factors[place] += receive_field(size, waves, maps.device).log()
        factors[place] += rng.uniform(0, _TEXTURE[place]) * _softened(torch.randn((1, *size), generator=generator))[0] * 3
    for _ in range(int(rng.integers(_BLOBS + 1))):
        logs = torch.tensor([rng.uniform(*np.log(limits)) for limits in _BLOB], dtype=torch.float32)
        factors += logs.reshape(3, *(1,) * len(size)) * _blob(size, rng)
    changed = maps * factors.exp()
    limits = [torch.tensor(ends).reshape(3, *(1,) * len(size)) for ends in (LOWEST, HIGHEST)]
    return torch.where(maps[:1] > _FREE, changed.clamp(*limits), maps)


def _softened(logs: Tensor) -> Tensor:
    """The mean of each voxel and its neighbours, as partial volume has it."""
    pooled = avg_pool2d if logs.ndim == 3 else avg_pool3d
    return pooled(logs[None], 3, 1, 1, count_include_pad=False)[0]


def _blob(size: tuple[int, ...], rng: np.random.Generator) -> Tensor:
    """An ellipsoid with a soft border, 1 inside."""
    radius = np.exp(rng.uniform(*np.log(_RADIUS))) * rng.uniform(0.7, 1.4, len(size))
    total = torch.zeros(size)
    for axis, (n, r) in enumerate(zip(size, radius, strict=True)):
        along = (torch.arange(n) - rng.uniform(0, n)) / float(r)
        total = total + along.square().reshape([-1 if d == axis else 1 for d in range(len(size))])
    return torch.sigmoid((1 - total.sqrt()) * 2 * float(radius.mean()))


@lru_cache(maxsize=1)
def _groups() -> NDArray[np.intp]:
    """By code, the group of structures that share their factors: each tissue, and each deep structure, by itself."""
    names = sorted({row.tissue or "" for row in structures().values()})
    found = np.zeros(256, np.intp)
    for row in structures().values():
        found[row.code] = names.index(row.tissue or "")
    return found


@lru_cache(maxsize=1)
def _fluid() -> NDArray[np.intp]:
    return np.unique(_groups()[[row.code for row in structures().values() if row.tissue == "csf"]])
