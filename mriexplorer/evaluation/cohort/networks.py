"""What networks see in people's images: a classifier of three dimensions, and features of frozen networks.

The random network has weights from a fixed seed: its features know nothing of brains, and what differs in them differs in how
images are made. The other is the encoder of the shipped model ``scans-to-maps-1mm``, frozen: it learnt what tissue looks like.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from mriexplorer.evaluation.cohort.two_sample import ABOUT_AUC
from mriexplorer.evaluation.metric import Better, Interval, Metric
from mriexplorer.evaluation.statistics import Numbers, auc, chance, drawn_pairs, interval_of
from mriexplorer.generative.autoencoder.checkpoint import Model
from mriexplorer.generative.protocol_vector import protocol_vector
from mriexplorer.physics import SEQUENCES, Protocol

Images = NDArray[np.float32]  # (people, x, y, z), matched

_EPOCHS, _RATE, _BATCH, _SHIFT = 12, 2e-3, 8, 2  # voxels that images are shifted by at most
_DRAWS, _REPEATS = 2, 400
_WIDTHS = (1, 8, 16, 24, 32)
_RANDOM_WIDTHS = (1, 16, 32, 48)
_SEED = 20261201
_CELLS = (2, 3, 2)  # parts of the image over which features are averaged


def network_metric(synthetic: Images, real: Images) -> Metric:
    """AUC of a small 3-D convolutional network, with its interval over the people who were asked."""
    found, ceiling = [], []
    for draw, (of, one, other) in enumerate(drawn_pairs(len(synthetic), len(real), draws=_DRAWS)):
        found.append(scores_between(synthetic[of], real[one], draw))
        ceiling.append(scores_between(real[other], real[one], draw))
    values = [_interval(scores) for scores in (found, ceiling)]
    drawn = np.array([_resampled(scores, np.random.default_rng(n)) for scores in ceiling for n in range(_REPEATS)])
    return Metric(
        "images", "AUC, network of three dimensions", values[0], len(synthetic), len(real), values[1], Better.LOW,
        about=ABOUT_AUC, p=chance(values[0].value, drawn, Better.LOW),
    )  # fmt: skip


def scores_between(one: Images, other: Images, seed: int) -> tuple[Numbers, Numbers]:
    """Scores of two sets by networks that learnt on the half that each person is not of; higher is more like ``one``."""
    halves = [(rows[: len(rows) // 2], rows[len(rows) // 2 :]) for rows in (one, other)]
    found: tuple[list[Numbers], list[Numbers]] = ([], [])
    for first, second in ((0, 1), (1, 0)):
        network = _trained(halves[0][first], halves[1][first], seed)
        for into, half in zip(found, halves, strict=True):
            into.append(_asked(network, half[second]))
    return np.concatenate(found[0][::-1]), np.concatenate(found[1][::-1])


def _interval(draws: Sequence[tuple[Numbers, Numbers]]) -> Interval:
    value = float(np.mean([_auc(one, other) for one, other in draws]))
    random = np.random.default_rng(0)
    return interval_of(np.array([np.mean([_resampled(scores, random) for scores in draws]) for _ in range(_REPEATS)]), value)


def _auc(one: Numbers, other: Numbers) -> float:
    """The mean over halves: each was asked by another network, whose scores have their own scale."""
    parts = [(rows[: len(rows) // 2], rows[len(rows) // 2 :]) for rows in (one, other)]
    return float(np.mean([auc(parts[0][half], parts[1][half]) for half in (0, 1)]))


def _resampled(scores: tuple[Numbers, Numbers], random: np.random.Generator) -> float:
    """The same of people drawn with replacement from each half."""
    drawn = []
    for rows in scores:
        halves = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        drawn.append(np.concatenate([half[random.integers(0, len(half), len(half))] for half in halves]))
    return _auc(drawn[0], drawn[1])


def _trained(positive: Images, negative: Images, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = _classifier()
    optimiser = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=1e-2)
    rows = torch.from_numpy(np.concatenate([positive, negative])[:, None])
    target = torch.cat([torch.ones(len(positive)), torch.zeros(len(negative))])
    for _epoch in range(_EPOCHS):
        for places in np.array_split(random.permutation(len(rows)), max(1, len(rows) // _BATCH)):
            optimiser.zero_grad()
            loss = binary_cross_entropy_with_logits(network(_varied(rows[places], random))[:, 0], target[places])
            torch.autograd.backward(loss)
            optimiser.step()
    return network.eval()


def _varied(batch: Tensor, random: np.random.Generator) -> Tensor:
    """Mirrored, or not, and shifted a little."""
    batch = torch.flip(batch, (2,)) if random.random() < 0.5 else batch
    return torch.roll(batch, tuple(int(n) for n in random.integers(-_SHIFT, _SHIFT + 1, 3)), (2, 3, 4))


@torch.no_grad()
def _asked(network: nn.Module, images: Images) -> Numbers:
    return np.array([float(network(torch.from_numpy(image[None, None]))[0, 0]) for image in images])


def _classifier() -> nn.Module:
    layers: list[nn.Module] = []
    for inward, outward in pairwise(_WIDTHS):
        layers += [nn.Conv3d(inward, outward, 3, 2, 1), nn.GroupNorm(4, outward), nn.SiLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(_WIDTHS[-1], 1))


# -- features --------------------------------------------------------------------------------------------------


@torch.no_grad()
def random_features(image: NDArray[np.float32]) -> Numbers:
    """Of an image (x, y, z): mean and spread of each channel of a random network at three levels, by part of the image."""
    x, found = torch.from_numpy(image[None, None]), []
    for layer in _random_layers():
        x = torch.relu(layer(x))
        found.append(_pooled(x))
    return np.concatenate(found)


def _random_layers() -> list[nn.Module]:
    generator = torch.Generator().manual_seed(_SEED)
    layers: list[nn.Module] = []
    for inward, outward in pairwise(_RANDOM_WIDTHS):
        layer = nn.Conv3d(inward, outward, 3, 2, 1)
        bound = (6 / (inward * 27)) ** 0.5  # He 2015
        layer.weight.copy_((torch.rand(layer.weight.shape, generator=generator) * 2 - 1) * bound)
        layer.bias.zero_() if layer.bias is not None else None
        layers.append(layer)
    return layers


@torch.no_grad()
def encoder_features(image: NDArray[np.float32], model: Model) -> Numbers:
    """Of an image (x, y, z) of normalised intensity: mean and spread of the codes that a frozen encoder gives it as an MPRAGE."""
    protocol = protocol_vector(Protocol("mprage", SEQUENCES["mprage"].defaults()), model.network.plan.sequences)
    scan = torch.from_numpy(np.clip(image, 0, None)[None, None])
    codes = model.network.encode(
        scan, torch.as_tensor(protocol, dtype=torch.float32)[None, None], torch.ones(1, 1, dtype=torch.bool)
    )
    return np.concatenate([_pooled(code.mean) for code in codes])


def _pooled(x: Tensor) -> Numbers:
    """Mean and spread of each channel of (1, channels, x, y, z), by part."""
    mean = nn.functional.adaptive_avg_pool3d(x, _CELLS)
    square = nn.functional.adaptive_avg_pool3d(x * x, _CELLS)
    return torch.cat([mean.reshape(-1), (square - mean * mean).clamp_min(0).sqrt().reshape(-1)]).double().numpy()
