"""The network of cortical folding: structures of a brain in the template's shape to a few numbers per 4 mm, and back.

labels (x, y, z) ──encoder──► codes (8, x/4, y/4, z/4) ──decoder──► shares (13, x, y, z)
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot, silu

from mriexplorer.generative.folding.structures import STRUCTURES
from mriexplorer.generative.layers import VoxelNorm, convolution
from mriexplorer.generative.slabs import in_slabs


@dataclass(frozen=True)
class FoldingPlan:
    """``channels`` of a code; ``width`` of the layers at 4 mm, ``fine`` of those at 2 mm. The rest is how it is trained."""

    channels: int = 8
    width: int = 96
    fine: int = 24
    patch: int = 48
    batch: int = 2
    steps: int = 4500
    rate: float = 2e-3
    average: float = 0.998
    seed: int = 1
    precision: str = "32-true"
    noise: float = 0.1

    def problem(self) -> str | None:
        """What cannot be, as a sentence."""
        sizes = (self.channels, self.width, self.fine, self.batch)
        if not all(1 <= n <= 1024 for n in sizes) or self.patch % 8 or not 16 <= self.patch <= 152:
            return "channels, width, fine and batch are 1 to 1024, patch a multiple of 8 from 16 to 152"
        return None if self.steps > 0 and 0 < self.average < 1 and 0 <= self.noise < 1 else "steps, average or noise cannot be"


class FoldingNetwork(nn.Module):
    """Labels to codes and back."""

    def __init__(self, plan: FoldingPlan) -> None:
        super().__init__()
        classes, width, fine = len(STRUCTURES), plan.width, plan.fine
        self.encoder = nn.Sequential(
            convolution(3, classes, 16, 3, 2), nn.SiLU(), convolution(3, 16, fine, 3), nn.SiLU(),
            convolution(3, fine, width, 3, 2), VoxelNorm(), nn.SiLU(), convolution(3, width, width, 3), nn.SiLU(),
            convolution(3, width, plan.channels, 1),
        )  # fmt: skip
        self.widen = convolution(3, plan.channels, width, 3)
        self.first, self.second = convolution(3, width, width, 3), convolution(3, width, width, 3)
        self.norm = VoxelNorm()
        self.halve = convolution(3, width, 8 * fine, 1)
        self.mend = convolution(3, fine, fine, 3)
        self.last = convolution(3, fine, 8 * classes, 3)

    def encode(self, labels: Tensor) -> Tensor:
        """Codes (batch, channels, x/4, y/4, z/4) of numbers of structures (batch, x, y, z); between about -3 and 3."""
        shown = one_hot(labels.long(), len(STRUCTURES)).movedim(-1, 1).float()
        codes: Tensor = 4 * torch.tanh(self.encoder(shown) / 4)
        return codes

    def decode(self, codes: Tensor) -> Tensor:
        """Logits (batch, structures, x, y, z) of codes."""
        x = self.widen(codes)
        x = x + self.second(in_slabs(silu, self.first(in_slabs(lambda slab: silu(self.norm(slab)), x))))
        x = in_slabs(_finer, self.halve(in_slabs(silu, x)))
        x = in_slabs(torch.add, x, self.mend(in_slabs(silu, x)))
        finest: Tensor = in_slabs(_finer, self.last(in_slabs(silu, x)))
        return finest


def _finer(x: Tensor) -> Tensor:
    """Eight channels of each voxel become the eight voxels at half its edge."""
    batch, channels, *size = x.shape
    x = x.reshape(batch, channels // 8, 2, 2, 2, *size).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(batch, channels // 8, *(2 * n for n in size))
