"""The forward model, maps to scans in torch: the signal equations of the table of sequences, and the unknown gain of a scan."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mriexplorer.dataset.scan_times import Times, completed
from mriexplorer.physics import Protocol, signal

_LEAST_TIME = 1e-3  # s, shorter than any tissue's that has a signal


def recorded_settings(times: Mapping[str, object]) -> Protocol:
    """Those of a scan as a store has it: the sequence, and values in seconds and degrees."""
    values = {name: float(value) for name, value in times.items() if name != "sequence"}  # type: ignore[arg-type]
    sequence = str(times["sequence"])
    return Protocol(sequence, completed(Times(sequence, values)))


def forward_signal(maps: Tensor, protocol: Protocol) -> Tensor:
    """The magnitude image of maps (3, *size): PD (water = 1), T1, T2 (s), in units of PD = 1. T2* is taken as T2.

    Where nothing is known, all three are 0, and so is the image.
    """
    pd, t1, t2 = maps[0], maps[1].clamp_min(_LEAST_TIME), maps[2].clamp_min(_LEAST_TIME)
    result: Tensor = signal(protocol.sequence, pd, t1, t2, protocol.values)
    return result


def forward_signals(maps: Tensor, protocols: Sequence[Sequence[Protocol]]) -> Tensor:
    """(batch, n, *size) of maps (batch, 3, *size) and n protocols of each."""
    maps = maps.float()
    return torch.stack(
        [torch.stack([forward_signal(one, protocol) for protocol in row]) for one, row in zip(maps, protocols, strict=True)]
    )


def least_squares_gain(model: Tensor, scan: Tensor) -> Tensor:
    """The factor G of the least ``(scan - G model)²``, by scan: <model, scan> / <model, model>.

    ``model`` and ``scan`` (batch, n, *size). Returns (batch, n, 1, ...).
    """
    axes = tuple(range(2, model.ndim))
    return (model * scan).sum(axes, keepdim=True) / model.square().sum(axes, keepdim=True).clamp_min(1e-8)
