"""Convolutions, normalisation that a protocol steers, and residual blocks, in two or three dimensions alike."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import conv3d, group_norm, interpolate, layer_norm, linear, pad, silu

from mriexplorer.generative.slabs import PLANES, in_slabs, joined, slabs
from mriexplorer.generative.threads import are_shared, each

_LEAST = 20_480  # batch x channels x planes x rows up to which torch leaves a convolution to code that is six times as slow
_FIRST_STEERING = 2.0  # a network that begins alike for all protocols learns their differences slowly
Conditioning = Literal["off", "scalar", "layer"]


def convolution(dims: int, inward: int, outward: int, size: int = 3, stride: int = 1, *, zero: bool = False) -> nn.Module:
    """A convolution that keeps the size (or halves it, with ``stride`` 2); ``zero`` starts it silent."""
    kind = nn.Conv2d if dims == 2 else SlabConvolution
    made = kind(inward, outward, size, stride, padding=size // 2)
    if zero:
        nn.init.zeros_(made.weight)
        nn.init.zeros_(made.bias)  # type: ignore[arg-type]
    return made


class SlabConvolution(nn.Conv3d):
    """A convolution of volumes. One of single voxels is a matrix product outside training, which one thread does four times as
    fast; any other is computed slab by slab inside ``threads.one_thread_each``."""

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (batch, channels, *size)."""
        if torch.is_grad_enabled() or x.device.type != "cpu":
            return super().forward(x)
        if self.weight[0, 0].numel() == self.stride[0] == 1:
            return in_slabs(self._of_voxels, x)
        if not are_shared(x.device):
            return super().forward(x)
        padded = x.shape[2] + 2 * int(self.padding[0])
        least = max(PLANES, _LEAST // (len(x) * x.shape[1] * x.shape[3]) + 1)
        planes = slabs((padded - self.kernel_size[0]) // self.stride[0] + 1, least)
        return joined([*each(lambda some: self._planes(x, some), planes, x.device)])  # type: ignore[no-any-return]

    def _of_voxels(self, x: Tensor) -> Tensor:
        return linear(x.movedim(1, -1), self.weight.flatten(1), self.bias).movedim(-1, 1)

    def _planes(self, x: Tensor, found: slice) -> Tensor:
        """Some planes of the result, from those of ``x`` that they come from."""
        stride, padding = self.stride[0], int(self.padding[0])
        first, stop = found.start * stride - padding, (found.stop - 1) * stride - padding + self.kernel_size[0]
        before, after = max(-first, 0), max(stop - x.shape[2], 0)
        part = x[:, :, first + before : stop]
        part = pad(part, (0, 0, 0, 0, before, after)) if before or after else part
        return conv3d(part, self.weight, self.bias, self.stride, (0, *self.padding[1:]))


class VoxelNorm(nn.Module):
    """Layer normalisation over the channels of each voxel: the same in a patch as in a whole head."""

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (batch, channels, *size); fastest with channels last in memory."""
        normed: Tensor = layer_norm(x.movedim(1, -1), (x.shape[1],)).movedim(-1, 1)
        return normed


class GroupNorm(nn.Module):
    """Over groups of channels and the whole image, as the published model has it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.groups = next(n for n in (16, 8, 4, 2, 1) if channels % n == 0)

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (batch, channels, *size)."""
        return group_norm(x, self.groups)


class AdaptiveNorm(nn.Module):
    """Normalisation, then scale and shift of each channel; both from the protocol where a layer is conditioned."""

    def __init__(self, channels: int, norm: str, conditions: int, conditioning: Conditioning) -> None:
        super().__init__()
        self.norm = VoxelNorm() if norm == "voxel" else GroupNorm(channels)
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.steer = nn.Linear(conditions, 2 * channels) if conditioning == "layer" else None
        if self.steer is not None:
            nn.init.normal_(self.steer.weight, std=_FIRST_STEERING / conditions**0.5)
            nn.init.zeros_(self.steer.bias)
        self.uses_scalars = conditioning == "scalar"

    def active(self, x: Tensor, condition: Tensor | None) -> Tensor:
        """The same, then SiLU."""
        if isinstance(self.norm, VoxelNorm):
            return in_slabs(lambda slab: silu(self(slab, condition)), x)
        return silu(self(x, condition))

    def forward(self, x: Tensor, condition: Tensor | None) -> Tensor:
        """``condition`` (batch, conditions), or (batch, 2) with scalar conditioning."""
        scale, shift = self.scale.expand(len(x), -1), self.shift.expand(len(x), -1)
        if self.steer is not None and condition is not None:
            more, also = self.steer(condition).chunk(2, dim=1)
            scale, shift = scale + more, shift + also
        elif self.uses_scalars and condition is not None:
            scale, shift = scale * (1 + condition[:, :1]), shift + condition[:, 1:]
        ones = (1,) * (x.ndim - 2)
        scale, shift = (part.reshape(*part.shape, *ones).to(x.dtype) for part in (scale, shift))
        return torch.addcmul(shift, self.norm(x), scale)


class Block(nn.Module):
    """Residual: norm, convolution, norm, convolution. It starts as the identity."""

    def __init__(
        self, dims: int, channels: int, norm: str, conditions: int = 0, conditioning: Conditioning = "off", kernel: int = 3
    ) -> None:
        super().__init__()
        self.first = AdaptiveNorm(channels, norm, conditions, conditioning)
        self.second = AdaptiveNorm(channels, norm, conditions, conditioning)
        self.inner = convolution(dims, channels, channels, kernel)
        self.outer = convolution(dims, channels, channels, kernel, zero=True)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """``x`` (batch, channels, *size)."""
        inside = self.inner(self.first.active(x, condition))
        return in_slabs(torch.add, x, self.outer(self.second.active(inside, condition)))


class Finer(nn.Module):
    """Twice as fine: channels are brought down first, then every voxel is repeated."""

    def __init__(self, dims: int, inward: int, outward: int) -> None:
        super().__init__()
        self.mix = convolution(dims, inward, outward, size=1)

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (batch, channels, *size)."""
        return in_slabs(lambda slab: interpolate(slab, scale_factor=2.0, mode="nearest"), self.mix(x))


def folded(x: Tensor, cell: int) -> Tensor:
    """(batch, channels, *size) with cells of ``cell`` voxels along each axis folded into channels."""
    if cell == 1:
        return x
    batch, channels, *size = x.shape
    split = [part for n in size for part in (n // cell, cell)]
    dims = len(size)
    order = [0, 1, *(3 + 2 * d for d in range(dims)), *(2 + 2 * d for d in range(dims))]
    return x.reshape(batch, channels, *split).permute(order).reshape(batch, channels * cell**dims, *(n // cell for n in size))


def unfolded(x: Tensor, cell: int) -> Tensor:
    """The inverse of ``folded``."""
    if cell == 1:
        return x
    batch, channels, *size = x.shape
    dims = len(size)
    split = x.reshape(batch, channels // cell**dims, *(cell,) * dims, *size)
    order = [0, 1, *(part for d in range(dims) for part in (2 + dims + d, 2 + d))]
    return split.permute(order).reshape(batch, channels // cell**dims, *(n * cell for n in size))
