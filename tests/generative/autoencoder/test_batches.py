"""What a training step sees: scans with noise only, patches at the edge, odd brightness."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_store import plain

from mriexplorer.dataset.store import open_store
from mriexplorer.generative.autoencoder.batches import Batch, Batches, heads_of
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.losses import amount_of_detail


def batches(store: Path, **changes: Any) -> Batches:
    content = plain()
    content["training"] |= {"batch": 4, "patch": [32, 32, 32]} | changes
    plan = checked(content, "test")
    return Batches(heads_of([open_store(store)], "train", plan.network, plan.training), plan.network, plan.training)


def differences(batch: Batch) -> torch.Tensor:
    """Of each scan from what it should show, in tissue, but for one gain: its standard deviation there."""
    there = (batch.maps[:, :1] > 0).expand_as(batch.scans)
    found = [
        (scan / (scan * true).sum() * true.square().sum() - true)[inside].std()
        for scan, true, inside in zip(*(part.flatten(0, 1) for part in (batch.scans, batch.targets, there)), strict=True)
        if inside.sum() > 1000
    ]
    return torch.stack(found)


def test_thin_scans_have_noise_only_and_other_ones_more(small_store: Path) -> None:
    thin, usual = (torch.cat([differences(batches(small_store, thin=share).batch(n)) for n in range(4)]) for share in (1.0, 0.0))
    assert thin.max() < 0.08 < usual.max()
    assert thin.median() < 0.7 * usual.median()


@pytest.mark.slow
def test_patches_that_may_lie_anywhere_lie_at_the_edge_as_well(small_store: Path) -> None:
    def air(share: float) -> float:
        return float(np.mean([(batches(small_store, anywhere=share).batch(n).maps[:, 0] == 0).float().mean() for n in range(16)]))

    assert air(1.0) > air(0.0) + 0.04


def test_scans_of_odd_brightness(small_store: Path) -> None:
    def brightness(share: float) -> float:
        found = [batches(small_store, brightness=share, thin=1.0).batch(n) for n in range(6)]
        gains = [(b.scans * b.targets).sum((2, 3, 4)) / b.targets.square().sum((2, 3, 4)) for b in found]
        return float(torch.cat(gains).log().std())

    assert brightness(0.0) < 0.05 < 0.15 < brightness(1.0)


def test_blurring_takes_detail_and_brightness_does_not() -> None:
    torch.manual_seed(0)
    image = torch.rand(1, 2, 32, 32, 32)
    blurred = torch.nn.functional.avg_pool3d(image, 3, 1, 1)
    detail = amount_of_detail(image)
    assert detail.shape == (1, 2, 4, 4, 4)
    assert (amount_of_detail(blurred) < 0.5 * detail).all()
    assert torch.allclose(amount_of_detail(image.roll(8, 2)), detail.roll(1, 2), rtol=0.1)
    assert torch.allclose(amount_of_detail(image + 3), detail, rtol=0.01)
    assert amount_of_detail(image[..., 0]).shape == (1, 2, 4, 4)
