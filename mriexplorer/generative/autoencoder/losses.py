"""What training makes small. Every part is a mean over voxels, so that patches of any size count alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, pi

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, avg_pool3d

from mriexplorer.generative.autoencoder.batches import Batch
from mriexplorer.generative.autoencoder.configuration import AutoencoderTrainingPlan
from mriexplorer.generative.autoencoder.forward_model import forward_signals, least_squares_gain
from mriexplorer.generative.autoencoder.network import Code, Decoded
from mriexplorer.physics import TISSUES

_FLOOR = 0.05  # PD below which nothing is known of T1 and T2, and which air is taken to have
_FINE, _PLACE = 3, 8  # voxels: what is smaller is detail, whose amount is compared from place to place
_EVERY = 4  # voxels along the first two axes: enough for the mixture, which costs as much as the network
_MEDIANS = (1.0, 0.1)  # s, T1 and T2 of the published log-normal prior
_SPREADS = (0.12, 0.18, 0.3)  # of log PD, T1, T2 within a tissue and between sources
_ELSEWHERE = log(0.05 / 60)  # log density of what is no tissue of the table (borders), over the range of the three logarithms


@dataclass(frozen=True)
class RenderedScans:
    """What the maps show under the protocols of a batch, with the gain: (batch, n, *size)."""

    scans: Tensor
    gains: Tensor


def rendered(decoded: Decoded, batch: Batch, gain: str, log_gains: Tensor | None, families: tuple[str, ...]) -> RenderedScans:
    """The scans that maps give. ``gain``: none, regressed by the network, or least squares in closed form."""
    model = forward_signals(decoded.maps, batch.protocols)
    ones = (1,) * (model.ndim - 2)
    if gain == "closed":
        gains = least_squares_gain(model, batch.targets)
    elif gain == "regressed" and log_gains is not None:
        places = [[families.index(p.sequence.name) for p in row] for row in batch.protocols]
        gains = log_gains.gather(1, torch.tensor(places, device=model.device)).exp().reshape(*model.shape[:2], *ones)
    else:
        gains = torch.ones(*model.shape[:2], *ones, device=model.device)
    return RenderedScans(model * gains, gains)


def reconstruction(computed: RenderedScans, batch: Batch, *, squared: bool, whole: Tensor) -> Tensor:
    """Mean difference over the scans that there are (``whole`` (batch, n)), shown to the encoder or not."""
    difference = computed.scans - batch.targets
    per = (difference.square() if squared else difference.abs()).flatten(2).mean(-1)
    return (per * whole).sum() / whole.sum().clamp_min(1)


def detail_error(decoded: Decoded, computed: RenderedScans, batch: Batch) -> Tensor:
    """How far the amount of fine detail is off from place to place, in scans and in logarithms of maps where truth is known.

    The mean of all that may be there is softer than what is there; this asks for as much detail, not for the same in every voxel.
    """
    scans = (amount_of_detail(computed.scans) - amount_of_detail(batch.targets)).abs().mean()
    there = _something(batch)
    logs = (amount_of_detail(decoded.logs * there) - amount_of_detail(batch.maps.clamp_min(1e-3).log() * there)).abs().mean()
    return scans + logs


def amount_of_detail(images: Tensor) -> Tensor:
    """(batch, n, *places): the root mean square of what a small mean takes away, in cubes (squares) of ``images``."""
    pooled = avg_pool2d if images.ndim == 4 else avg_pool3d
    fine = images - pooled(images, _FINE, 1, _FINE // 2, count_include_pad=False)
    return (pooled(fine.square(), min(_PLACE, *images.shape[2:])) + 1e-6).sqrt()


def map_error(decoded: Decoded, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """L1 of the logarithms where truth is known: the error, how badly its spread is scale_cost, and the error of differences.

    T1 and T2 count where there is something (PD), PD everywhere.
    """
    truth = batch.maps.clamp_min(1e-3)
    there = _something(batch)
    weight = torch.cat([batch.known.reshape(-1, *(1,) * (truth.ndim - 1)).expand_as(there), there, there], 1).float()
    logs = torch.cat([truth[:, :1].clamp_min(_FLOOR), truth[:, 1:]], 1).log()
    guess = torch.cat([decoded.logs[:, :1].clamp_min(log(_FLOOR)), decoded.logs[:, 1:]], 1)
    off = (guess - logs).abs()
    count = weight.sum().clamp_min(1)
    error = (off * weight).sum() / count
    scale_cost = (off.detach() / decoded.spread + decoded.spread.log()) * weight
    edges = torch.zeros((), device=off.device)
    signed = (guess - logs) * weight
    for axis in range(2, signed.ndim):
        both = weight.narrow(axis, 1, weight.shape[axis] - 1) * weight.narrow(axis, 0, weight.shape[axis] - 1)
        edges = edges + (signed.diff(dim=axis).abs() * both).sum() / both.sum().clamp_min(1)
    return error, scale_cost.sum() / count, edges / (signed.ndim - 2)


def _something(batch: Batch) -> Tensor:
    """(batch, 1, *size): where truth is known and there is tissue."""
    return (batch.maps[:, :1] > _FLOOR) & batch.known.reshape(-1, *(1,) * (batch.maps.ndim - 1))


def code_cost(codes: Sequence[Code], voxels: int) -> Tensor:
    """Kullback-Leibler divergence from N(0, 1), summed over the code, by voxel of the image."""
    costs = [_divergence(code) for code in codes]
    return torch.stack(costs).sum() / voxels


def _divergence(code: Code) -> Tensor:
    each = code.deviation[0, 0].numel() / code.mean[0, 0].numel()  # a deviation of size 1 stands for every voxel's
    spread = (code.deviation.square() - 1 - 2 * code.deviation.log()).flatten(1).sum(1) / each
    return ((code.mean.square().flatten(1).sum(1) + spread) / 2).mean()


def prior_cost(decoded: Decoded, kind: str) -> Tensor:
    """How far maps are from what is likely, without any truth.

    ``median``: squares of log T1 and log T2 about 1 s and 0.1 s, as published. ``tissue``: minus the log likelihood of a mixture
    of literature tissues, log-normal each, by voxel; a decoder that knows tissue also pays for what it adds to its tissues.
    """
    if kind == "median":
        return torch.stack([(decoded.logs[:, n] - log(m)).square().mean() for n, m in enumerate(_MEDIANS, 1)]).sum()
    few = decoded.logs[:, :, ::_EVERY, ::_EVERY]
    mass = few[:, 0].detach().exp().clamp(0, 1)  # air is no tissue
    cost = -(mixture(few) * mass).sum() / mass.sum().clamp_min(1)
    return cost if decoded.base is None else cost + (decoded.logs - decoded.base).square().mean()


def mixture(logs: Tensor) -> Tensor:
    """Log likelihood by voxel of log PD, T1, T2 (batch, 3, *size) under the literature's tissues at all field strengths."""
    rows = [(tissue.pd, at.t1, at.t2) for tissue in TISSUES.values() for at in tissue.at.values()]
    ones = (1,) * (logs.ndim - 2)
    spreads = torch.tensor(_SPREADS, device=logs.device).reshape(1, 3, *ones)
    total = torch.full_like(logs[:, 0], _ELSEWHERE)
    each = -log(len(rows)) - 1.5 * log(2 * pi) - sum(map(log, _SPREADS))
    for row in rows:
        centre = torch.tensor([log(v) for v in row], device=logs.device).reshape(1, 3, *ones)
        total = torch.logaddexp(total, each - ((logs - centre) / spreads).square().sum(1) / 2)
    return total


def costs(
    decoded: Decoded, codes: Sequence[Code], computed: RenderedScans, batch: Batch, plan: AutoencoderTrainingPlan
) -> dict[str, Tensor]:
    """Every part that the plan weighs but the perceptual ones, unweighted, by name."""
    weights = plan.weights
    found: dict[str, Tensor] = {}
    if weights.reconstruction:
        there = (batch.targets.flatten(2).amax(-1) > 0).float()
        found["reconstruction"] = reconstruction(computed, batch, squared=weights.squared, whole=there)
    if weights.maps or weights.spread or weights.edges:
        found["maps"], found["spread"], found["edges"] = map_error(decoded, batch)
    if weights.detail:
        found["detail"] = detail_error(decoded, computed, batch)
    if weights.code:
        found["code"] = code_cost(codes, decoded.logs[0, 0].numel())
    if weights.prior and plan.prior != "none":
        found["prior"] = prior_cost(decoded, plan.prior)
    return found


def total(found: Mapping[str, Tensor], plan: AutoencoderTrainingPlan) -> Tensor:
    """The weighted sum."""
    return torch.stack([getattr(plan.weights, name) * cost for name, cost in found.items()]).sum()
