"""Whole heads through a network, in slabs and in slices."""

from typing import Any

import numpy as np
import torch
from made_store import plain

from mriexplorer.generative.autoencoder.checkpoint import Model
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.encode import infer
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder, Decoded
from mriexplorer.physics import Protocol
from mriexplorer.simulation.acquisition import protocols

SHAPE = (48, 64, 40)


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
    protocol = Protocol.complete(first.protocol.sequence, first.protocol.values)
    return infer(model, image, [protocol], 3.0, torch.device("cpu"))


def test_slabs_of_voxelwise_layers_change_nothing() -> None:
    content = plain()
    network = Autoencoder(checked(content, "test").network)
    code, around = torch.rand(1, 4, 20, 6, 5), torch.rand(1, 8, 20, 6, 5)
    whole = network.decoder.joined(code, around)
    with torch.no_grad():
        assert torch.allclose(network.decoder.joined(code, around), whole, atol=1e-6)


def test_a_network_of_slices_sees_each_slice_alone() -> None:
    flat = {"dims": 2, "norm": "group", "conditioning": "scalar", "gain": "regressed"}
    image = np.random.default_rng(3).uniform(0, 1, (1, *SHAPE)).astype(np.float32)
    whole = decoded(image, flat)
    assert whole.logs.shape == (1, 3, *SHAPE) and whole.spread.shape == whole.logs.shape
    other = image.copy()
    other[..., 20] = 0.5
    changed = (decoded(other, flat).logs != whole.logs)[0].any(dim=0).any(dim=0).any(dim=0)
    assert changed.nonzero().flatten().tolist() == [20]
