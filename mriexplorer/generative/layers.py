"""Convolutions, normalisation that a protocol steers, and residual blocks, in two or three dimensions alike."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv3d, group_norm, interpolate, layer_norm, pad, silu

from mriexplorer.generative.threads import are_shared, each

_FIRST_STEERING = 2.0  # a network that begins alike for all protocols learns their differences slowly
_SLAB = 8  # planes; of fewer than six, oneDNN convolves several times as slowly
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
    """A convolution of volumes; inside ``threads.one_thread_each`` slab by slab."""

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (batch, channels, *size)."""
        if not are_shared(x):
            return super().forward(x)
        return joined(list(each(lambda planes: self._planes(x, planes), slabs((x.shape[2] - 1) // self.stride[0] + 1))))

    def _planes(self, x: Tensor, found: slice) -> Tensor:
        """Some planes of the result, from those of ``x`` that they come from."""
        stride, reach = self.stride[0], self.kernel_size[0] // 2
        first, stop = found.start * stride - reach, (found.stop - 1) * stride + reach + 1
        before, after = max(-first, 0), max(stop - x.shape[2], 0)
        part = x[:, :, first + before : stop]
        part = pad(part, (0, 0, 0, 0, before, after)) if before or after else part
        return conv3d(part, self.weight, self.bias, self.stride, (0, *self.padding[1:]))  # type: ignore[arg-type]


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
            return in_slabs(lambda slab: silu(self(slab, condition)), x)  # type: ignore[no-any-return]
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
        return in_slabs(torch.add, x, self.outer(self.second.active(inside, condition)))  # type: ignore[no-any-return]


class Finer(nn.Module):
    """Twice as fine: channels are brought down first, then every voxel is repeated."""

    def __init__(self, dims: int, inward: int, outward: int) -> None:
        super().__init__()
        self.mix = convolution(dims, inward, outward, size=1)

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (batch, channels, *size)."""
        return in_slabs(lambda slab: interpolate(slab, scale_factor=2.0, mode="nearest"), self.mix(x))  # type: ignore[no-any-return]


def slabs(count: int) -> list[slice]:
    """Parts of about ``_SLAB`` planes, the same whoever computes them."""
    parts = max(1, round(count / _SLAB))
    return [slice(count * part // parts, count * (part + 1) // parts) for part in range(parts)]


def in_slabs(function: Callable[..., Any], *parts: Tensor) -> Any:
    """A function (of a tensor, or of several) of every voxel by itself; outside training a few planes at a time, which the
    processor's cache can hold. What has one plane goes with all."""
    if torch.is_grad_enabled() or parts[0].dim() < 5:
        return function(*parts)
    count = max(part.shape[2] for part in parts)
    return joined([*_each(lambda planes: function(*_at(planes, parts)), slabs(count), parts[0])])


def changed(change: Callable[..., Tensor], whole: Tensor, *others: Tensor) -> Tensor:
    """``whole``, after a change in place of every voxel by itself."""
    for _ in _each(lambda planes: change(*_at(planes, (whole, *others))), slabs(whole.shape[2]), whole):
        pass
    return whole


def _at(planes: slice, parts: Sequence[Tensor]) -> list[Tensor]:
    return [part if part.shape[2] == 1 else part[:, :, planes] for part in parts]


def joined(parts: Sequence[Any]) -> Any:
    """Slabs as one tensor; tuples of slabs as a tuple of tensors, where None stays None."""
    first = parts[0]
    if isinstance(first, tuple):
        return getattr(first, "_make", tuple)(map(joined, zip(*parts, strict=True)))
    if first is None or len(parts) == 1:
        return first
    ends = np.cumsum([part.shape[2] for part in parts])
    last = first.dim() == 5 and first.is_contiguous(memory_format=torch.channels_last_3d)
    whole = torch.empty(
        (*first.shape[:2], int(ends[-1]), *first.shape[3:]), dtype=first.dtype, device=first.device,
        memory_format=torch.channels_last_3d if last else torch.contiguous_format,
    )  # fmt: skip
    for _ in _each(lambda at: whole[:, :, at[1] - at[0].shape[2] : at[1]].copy_(at[0]), zip(parts, ends, strict=True), whole):
        pass
    return whole


def _each(work: Callable[[Any], Tensor], parts: Iterable[Any], on: Tensor) -> Iterator[Tensor]:
    return each(work, parts) if are_shared(on) else map(work, parts)


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
