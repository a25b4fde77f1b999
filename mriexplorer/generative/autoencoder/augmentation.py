"""What a scanner and a registration do to an image, on patches and in torch, so that every training step sees other scans.

What ``simulation.acquisition`` does to scans of whole people, drawn anew for each patch.

    signal ── blurred ── thick slices or large voxels ── receive field ── noise ── on the grid again ── shifted ── gain
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

_SNR = (15.0, 90.0)  # of bright tissue of the brain
_BIAS = 0.08  # largest standard deviation of the logarithm of the bias field that a correction leaves
_TURNS = 0.8 / 200  # standard deviation of a wave's turns by voxel along an axis: about one across a head
_BLUR = 0.6  # voxels, largest standard deviation
_THICK = (2, 5)  # voxels
_COARSE = 0.1  # share of the scans with voxels twice as large along every axis, brought back to the grid
_SHIFT = 0.25  # voxels, standard deviation
_GAIN = 0.08  # standard deviation of the logarithm of what normalisation leaves
_ODD_GAIN = 0.4  # largest logarithm of the gain of a scan of odd brightness


@dataclass(frozen=True)
class Augmentation:
    """How one scan of a patch is degraded. ``thick`` voxels along the ``axes`` are averaged.

    Each of ``waves`` of the receive field is an amplitude, turns by voxel along each axis, and a phase.
    """

    blur: float = 0.0
    thick: int = 1
    axes: tuple[int, ...] = ()
    shift: tuple[float, ...] = ()
    waves: tuple[tuple[float, ...], ...] = field(default=())
    snr: float = np.inf
    gain: float = 1.0


def draw_noise(rng: np.random.Generator) -> Augmentation:
    """Noise, and nothing else."""
    return Augmentation(snr=float(np.exp(rng.uniform(*np.log(_SNR)))))


def odd_gain(rng: np.random.Generator) -> float:
    """Of a scan that is brighter or darker than normalisation makes it, as where the field of view or a lesion is unusual."""
    return float(np.exp(rng.uniform(-_ODD_GAIN, _ODD_GAIN)))


def draw_augmentation(rng: np.random.Generator, dims: int, *, thick: bool) -> Augmentation:
    """An augmentation as it may come; ``thick`` slices for scans that are often acquired so."""
    bias = rng.uniform(0, _BIAS)
    waves = tuple((bias * rng.normal(), *rng.normal(0, _TURNS, dims), rng.uniform(0, 2 * np.pi)) for _ in range(3))
    coarse = not thick and rng.random() < _COARSE
    return Augmentation(
        rng.uniform(0, _BLUR),
        int(rng.integers(_THICK[0], _THICK[1] + 1)) if thick else 2 if coarse else 1,
        tuple(range(dims)) if coarse else (int(rng.integers(dims)),),
        tuple(rng.normal(0, _SHIFT, dims).clip(-0.6, 0.6)) if rng.random() < 0.5 else (),
        waves,
        float(np.exp(rng.uniform(*np.log(_SNR)))),
        float(np.exp(rng.normal(0, _GAIN))),
    )


def degraded(signal: Tensor, bright: float, level: float, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """A scan of a signal (*size), bright tissue about 1.

    ``bright`` is what bright tissue of the whole head shows, ``level`` what that of the brain does, which noise refers to.
    """
    scan = signal / bright
    if augmentation.blur > 0.2:
        scan = _blurred(scan, augmentation.blur)
    if augmentation.waves:
        scan = scan * receive_field(tuple(scan.shape), augmentation.waves, scan.device)
    if augmentation.thick > 1:
        few = [max(1, round(n / augmentation.thick)) if d in augmentation.axes else n for d, n in enumerate(signal.shape)]
        scan = interpolate(scan[None, None], few, mode="area")[0, 0]
    if np.isfinite(augmentation.snr):
        noise = torch.randn((2, *scan.shape), generator=generator, device=scan.device) * (level / bright / augmentation.snr)
        scan = torch.hypot(scan + noise[0], noise[1])
    if augmentation.thick > 1:
        mode = "bilinear" if scan.ndim == 2 else "trilinear"
        scan = interpolate(scan[None, None], list(signal.shape), mode=mode, align_corners=False)[0, 0]
    for axis, shift in enumerate(augmentation.shift):
        scan = torch.lerp(scan, torch.roll(scan, 1 if shift > 0 else -1, axis), abs(shift))
    return scan * augmentation.gain


def receive_field(shape: tuple[int, ...], waves: tuple[tuple[float, ...], ...], device: torch.device) -> Tensor:
    """Smooth factors about 1: the exponential of a few plane waves (amplitude, turns by voxel along each axis, phase)."""
    axes = [torch.arange(n, device=device) - n / 2 for n in shape]
    total = torch.zeros(shape, device=device)
    for amplitude, *frequencies, phase in waves:
        turn = torch.full(shape, phase, device=device)
        for axis, frequency in enumerate(frequencies):
            turn = turn + 2 * np.pi * frequency * axes[axis].reshape([-1 if d == axis else 1 for d in range(len(shape))])
        total = total + amplitude * torch.sin(turn)
    return total.exp()


def _blurred(scan: Tensor, deviation: float) -> Tensor:
    """Three taps along each axis, with the variance that is wanted."""
    side = min(deviation**2 / 2, 0.25)
    for axis in range(scan.ndim):
        scan = (1 - 2 * side) * scan + side * (torch.roll(scan, 1, axis) + torch.roll(scan, -1, axis))
    return scan
