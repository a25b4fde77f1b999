"""Maps given the scans: what the network says is the prior of each voxel, the measured scans are the likelihood.

    minimise over log PD, log T1, log T2    sum over scans (scan - field * blur * signal(maps))² / noise²  +  prior

By Gauss-Newton steps. The gain and receive field of each scan are fitted along, in closed form; how soft a scan is along each
axis (thick slices, interpolation) is found from the scan itself. The prior of a voxel is Laplace's about the network's value, so
that what the scans contradict strongly (a small lesion) gives way. A blur is never above 1 for any frequency, so steps computed
as if there were none only fall short, and what a soft scan cannot tell stays as the network has it (majorised Landweber).
Where three maps can, they show the measured scans within noise; where they cannot, the posterior stays as wide as the prior.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from mriexplorer.generative.autoencoder.forward_model import forward_signal
from mriexplorer.generative.autoencoder.network import HIGHEST, LOWEST, Decoded
from mriexplorer.generative.threads import each
from mriexplorer.physics import Protocol
from mriexplorer.subject.receive_field import bias_field, fitted_field
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.workers import Progress

_STEPS = 5
_FARTHEST = 0.4  # of a logarithm, in one step
_DIFFERENCE = 0.01  # of a logarithm, for derivatives
_LEAST_NOISE = 0.012  # of bright tissue: equations, registration and interpolation are no better
_BLURS = (0.0, 0.5, 0.8, 1.2, 1.7, 2.3)  # voxels, standard deviation
_WIDER = 1.0  # the network's spread, as a prior
_AIR = 0.06  # PD
_CENTRE = 0.25  # of each axis at both ends is not looked at for the blur
_NEIGHBOURS = float(np.sqrt(1 + 1 / 6))  # a voxel less the mean of six: how much more white noise that has
_PART = 1 << 16  # voxels that are solved together


@dataclass(frozen=True, eq=False)
class _Scan:
    """A measured image (x, y, z), its protocol, how soft it is along each axis (voxels), and its noise."""

    image: Floats
    protocol: Protocol
    blur: tuple[float, float, float]
    noise: float


def with_physics(
    decoded: Decoded, images: NDArray[np.float32], protocols: Sequence[Protocol], progress: Progress = lambda _what: None
) -> Decoded:
    """Maps and spread (1, 3, x, y, z) of one head after the measured scans had the last word.

    ``images`` (n, x, y, z) as the network was shown them, bright tissue about 1. Voxels of air stay as they are.
    """
    prior, scale = (np.asarray(part[0].float().cpu().numpy(), np.float32) for part in (decoded.logs, decoded.spread))
    inside = (prior[0] > np.log(_AIR)) & (images > 0).any(axis=0)
    box = _box(inside)
    inside, few = inside[box], np.ascontiguousarray(images[(slice(None), *box)])
    mean, spread = (np.ascontiguousarray(part[(slice(None), *box)][:, inside]) for part in (prior, scale * np.float32(_WIDER)))
    logs, scans = mean.copy(), list[_Scan]()
    for step in range(_STEPS):
        progress(f"fitting the maps to the scans, step {step + 1} of {_STEPS}")
        if step < 2:
            scans = [_seen(image, protocol, logs, inside) for image, protocol in zip(few, protocols, strict=True)]
        logs, deviation = _stepped(logs, mean, spread, scans, inside)
    found, width = prior.copy(), scale.copy()
    for whole, part in ((found, logs), (width, deviation)):
        view = whole[(slice(None), *box)]
        view[:, inside] = part
    return Decoded(torch.from_numpy(found)[None], torch.from_numpy(width)[None])


def _box(inside: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Where there is anything."""
    ends = [np.flatnonzero(inside.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    return tuple(slice(int(end[0]), int(end[-1]) + 1) if len(end) else slice(0, 0) for end in ends)


# -- what is known of a scan -----------------------------------------------------------------------------------


def _seen(image: Floats, protocol: Protocol, logs: Floats, inside: NDArray[np.bool_]) -> _Scan:
    """How soft and noisy a scan is, beside what the maps show: the blur that brings these nearest, then what is left."""
    shown = _volume(_signals(logs, protocol), inside)
    middle = tuple(slice(int(n * _CENTRE), max(int(n * (1 - _CENTRE)), int(n * _CENTRE) + 1)) for n in image.shape)
    blur = [0.0, 0.0, 0.0]
    for axis in range(3):
        costs = []
        for width in _BLURS:
            soft = _blurred(shown[middle], [*blur[:axis], width, 0, 0][:3])
            gain = float((soft * image[middle]).sum() / max(float((soft * soft).sum()), 1e-12))
            costs.append(float(np.square(_fine(gain * soft - image[middle])).mean()))
        blur[axis] = _BLURS[int(np.argmin(costs))]
    soft = _blurred(shown, blur)
    left = _fine(image - bias_field(fitted_field(soft, image), image.shape) * soft)[inside]
    noise = 1.4826 * float(np.median(np.abs(left - np.median(left)))) / _NEIGHBOURS
    return _Scan(image, protocol, (blur[0], blur[1], blur[2]), max(noise, _LEAST_NOISE))


def _fine(image: Floats) -> Floats:
    """Each voxel less the mean of its six neighbours."""
    from scipy.ndimage import convolve1d

    around = sum(convolve1d(image, [0.5, 0, 0.5], axis=axis) for axis in range(3)) / 3
    return np.asarray(image - around, np.float32)


def _blurred(image: Floats, blur: Sequence[float]) -> Floats:
    """Softer along each axis; what lies outside is as at the border, so that nothing is lost there."""
    for axis, width in enumerate(blur):
        if width:
            image = gaussian_filter1d(image, width, axis=axis, mode="nearest")
    return image


def _volume(values: Floats, inside: NDArray[np.bool_]) -> Floats:
    whole = np.zeros(inside.shape, np.float32)
    whole[inside] = values
    return whole


def _signals(logs: Floats, protocol: Protocol) -> Floats:
    """The magnitude of voxels (3, n)."""
    device = torch.device("cpu")
    parts = each(lambda part: forward_signal(torch.from_numpy(part).exp(), protocol).numpy(), _parts(logs), device)
    return np.concatenate([*parts]) if logs.shape[1] else np.zeros(0, np.float32)


def _parts(rows: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [np.ascontiguousarray(rows[:, at : at + _PART]) for at in range(0, rows.shape[1], _PART)]


# -- one step --------------------------------------------------------------------------------------------------


def _stepped(
    logs: Floats, mean: Floats, spread: Floats, scans: Sequence[_Scan], inside: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Logarithms of maps (3, voxels) after a step, and the scale of their posterior."""
    fields, pulls = [], []
    for scan in scans:
        soft = _blurred(_volume(_signals(logs, scan.protocol), inside), scan.blur)
        field = bias_field(fitted_field(soft, scan.image), scan.image.shape)
        off = scan.image - field * soft
        pulls.append((_blurred(off, scan.blur) if any(scan.blur) else off)[inside])
        fields.append(field[inside])
    rows = np.concatenate([logs, mean, spread, np.stack(fields), np.stack(pulls)])
    solved = [*each(lambda part: _solved(part, scans), _parts(np.asarray(rows, np.float32)), torch.device("cpu"))]
    return tuple(np.concatenate(part, axis=1) for part in zip(*solved, strict=True))  # type: ignore[return-value]


def _solved(part: NDArray[np.float32], scans: Sequence[_Scan]) -> tuple[Floats, Floats]:
    """Of voxels, whose rows are logs, mean and spread (3 each), and field and pull of each scan."""
    count = len(scans)
    whole = torch.from_numpy(part)
    logs, mean, spread, fields, pulls = torch.split(whole, [3, 3, 3, count, count])
    away = logs - mean
    precision = 1 / (2 * spread.square()).clamp_min(1e-8)
    weight = precision / (1 + away.square() * precision).sqrt()  # Laplace's, as a Gaussian that gives way far off
    normal = torch.diag_embed(weight.T).contiguous()  # (voxels, 3, 3)
    right = (-weight * away).T.contiguous()
    for place, scan in enumerate(scans):
        slopes = _slopes(logs, scan.protocol) * fields[place]
        slopes = slopes / scan.noise
        normal += slopes.T[:, :, None] * slopes.T[:, None, :]
        right += (slopes * (pulls[place] / scan.noise)).T
    factor = torch.linalg.cholesky(normal)
    step = torch.cholesky_solve(right[:, :, None], factor)[:, :, 0].T.clamp(-_FARTHEST, _FARTHEST)
    variance = torch.cholesky_inverse(factor).diagonal(dim1=1, dim2=2).T
    limits = [torch.tensor(ends).log()[:, None] for ends in (LOWEST, HIGHEST)]
    moved = torch.minimum(torch.maximum(logs + step, limits[0]), limits[1])
    return moved.numpy(), (variance / 2).sqrt().numpy()


def _slopes(logs: Tensor, protocol: Protocol) -> Tensor:
    """(3, voxels): how the signal changes with the logarithm of each map; it is proportional to PD."""
    here = forward_signal(logs.exp(), protocol)
    found = [here]
    for place in (1, 2):
        moved = logs.clone()
        moved[place] += _DIFFERENCE
        found.append((forward_signal(moved.exp(), protocol) - here) / _DIFFERENCE)
    return torch.stack(found)
