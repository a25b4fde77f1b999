"""Volumes (batch, channels, x, y, z) computed a few planes at a time: what the cache can hold, and what a thread is given."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from mriexplorer.generative.threads import each

Result = TypeVar("Result")
PLANES = 8  # of a slab


def slabs(count: int, least: int = PLANES) -> list[slice]:
    """Parts of at least so many planes, the same whoever computes them."""
    parts = max(1, count // least)
    return [slice(count * part // parts, count * (part + 1) // parts) for part in range(parts)]


def in_slabs(function: Callable[..., Result], *parts: Tensor) -> Result:
    """A function of every voxel by itself, to a tensor or a tuple of them; outside training a few planes at a time, which the
    processor's cache can hold. What has one plane goes with all."""
    if torch.is_grad_enabled() or parts[0].dim() < 5:
        return function(*parts)
    count = max(part.shape[2] for part in parts)
    found: Result = joined([*each(lambda planes: function(*_at(planes, parts)), slabs(count), parts[0].device)])
    return found


def changed(change: Callable[..., Tensor], whole: Tensor, *others: Tensor) -> Tensor:
    """``whole``, after a change in place of every voxel by itself."""
    for _ in each(lambda planes: change(*_at(planes, (whole, *others))), slabs(whole.shape[2]), whole.device):
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
    places = [whole[:, :, end - part.shape[2] : end] for part, end in zip(parts, ends, strict=True)]
    for _ in each(lambda pair: pair[0].copy_(pair[1]), zip(places, parts, strict=True), first.device):
        pass
    return whole
