"""Whole heads through a network: the air round them is left out, and a network of slices sees every slice."""

from typing import Any

import numpy as np
import pytest
import torch
from made_store import plain

from mriexplorer.cohort.scans import protocols
from mriexplorer.generative.autoencoder import LOWEST, MAPS, Autoencoder, Decoded
from mriexplorer.generative.checkpoint import Model
from mriexplorer.generative.configuration import checked
from mriexplorer.generative.encoding import head_box, infer
from mriexplorer.generative.scanner import Protocol
from mriexplorer.physics import SEQUENCES

SHAPE = (48, 64, 40)


def scan(air: int) -> np.ndarray:
    """A head that leaves ``air`` voxels on each side but below."""
    rng = np.random.default_rng(3)
    image = np.zeros((1, *SHAPE), np.float32)
    inside = (0, slice(air, -air), slice(air, -air), slice(0, -air))
    image[inside] = rng.uniform(0.3, 1, image[inside].shape)
    return image


def decoded(image: np.ndarray, network: dict[str, Any]) -> Decoded:
    torch.manual_seed(1)
    content = plain()
    content["network"] |= network
    content["training"]["patch"] = [16] * content["network"].get("dims", 3)
    configuration = checked(content, "test")
    made = Autoencoder(configuration.network)
    torch.nn.init.normal_(made.decoder.exit.weight, std=0.3)  # type: ignore[arg-type]
    model = Model("small", made.eval(), configuration, 1, {"": (1.0,) * len(MAPS)})
    first = protocols()["T1w"][0]
    protocol = Protocol(first.sequence, SEQUENCES[first.sequence].complete(first.values))
    return infer(model, image, [protocol], 3.0, torch.device("cpu"))


def test_the_box_holds_the_head_with_air_round_it() -> None:
    assert head_box(scan(12), 4) == (slice(4, 44), slice(4, 60), slice(0, 36))
    assert head_box(scan(12), 32) == (slice(0, 48), slice(0, 64), slice(0, 40))
    assert head_box(np.zeros((1, *SHAPE), np.float32), 4) == tuple(slice(0, n) for n in SHAPE)


def test_leaving_out_air_changes_nothing_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    part = decoded(scan(12), {})
    monkeypatch.setattr("mriexplorer.generative.encoding.head_box", lambda *_a: tuple(slice(0, n) for n in SHAPE))
    whole = decoded(scan(12), {})
    middle = (..., slice(20, 28), slice(24, 40), slice(8, 20))
    assert float((part.logs - whole.logs)[middle].abs().mean()) < 0.01  # bfloat16
    assert float(whole.logs[middle].std()) > 0.1
    assert torch.allclose(part.maps[0, :, 0, 0, 0], torch.tensor(LOWEST))


def test_a_network_of_slices_sees_each_slice_alone() -> None:
    flat = {"dims": 2, "norm": "group", "conditioning": "scalar", "gain": "regressed"}
    image = scan(4)
    whole = decoded(image, flat)
    assert whole.logs.shape == (1, 3, *SHAPE) and whole.spread.shape == whole.logs.shape
    other = image.copy()
    other[..., 20] = 0.5
    changed = (decoded(other, flat).logs != whole.logs)[0].any(dim=0).any(dim=0).any(dim=0)
    assert changed.nonzero().flatten().tolist() == [20]
