"""A trained latent diffusion as a folder (``weights``)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mriexplorer.errors import InputError
from mriexplorer.generative.configuration import made
from mriexplorer.generative.latent.kind import KIND
from mriexplorer.generative.latent.network import LatentPlan, unet
from mriexplorer.generative.model_folder import read_config
from mriexplorer.generative.weights import read_weights, refuse_misfit, write_folder

FORMAT = 1


@dataclass(frozen=True)
class LatentModel:
    """The trained UNet. ``scale`` (2, channels): mean and standard deviation of codes, ``size`` of a code in voxels."""

    name: str
    network: Any
    plan: LatentPlan
    scale: Tensor
    size: tuple[int, int]


def save_latent(folder: Path, model: LatentModel, trained_on: Iterable[str]) -> None:
    """Write the UNet, and marks of the people that it has seen."""
    tensors = {f"network.{name}": tensor for name, tensor in model.network.state_dict().items()} | {"scale": model.scale}
    content = {"plan": asdict(model.plan), "size": list(model.size), "trained_on": list(trained_on)}
    write_folder(folder, KIND, FORMAT, tensors, content)


def load_latent(folder: Path) -> LatentModel:
    """A trained UNet. Raises InputError where the folder is none, or is damaged."""
    content = read_config(folder, KIND, FORMAT)
    plan = made(LatentPlan, content.get("plan"), str(folder))
    if problem := plan.problem():
        raise InputError(f"{folder}: {problem}.")
    tensors = read_weights(folder, content)
    scale, size = tensors.pop("scale", torch.zeros(0)), _size_of(content)
    if scale.ndim != 2 or len(scale) != 2 or size is None:
        raise InputError(f"{folder}: config.json is damaged; get the model again.")
    network = unet(plan, scale.shape[1])
    refuse_misfit(folder, tensors, {f"network.{name}": tensor for name, tensor in network.state_dict().items()})
    network.load_state_dict({name[8:]: tensor for name, tensor in tensors.items()})
    return LatentModel(folder.name, network.eval(), plan, scale, size)


def _size_of(content: Mapping[str, Any]) -> tuple[int, int] | None:
    """Of a code in voxels; None where the file has none that can be."""
    size = content.get("size")
    if not isinstance(size, list) or len(size) != 2 or not all(isinstance(n, int) and 0 < n < 512 for n in size):
        return None
    return size[0], size[1]
