"""A trained model of cortical folding as a folder (``weights``): the network, and the codes of the heads it was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mriexplorer.errors import InputError
from mriexplorer.generative.configuration import made
from mriexplorer.generative.folding.kind import KIND
from mriexplorer.generative.folding.network import FoldingNetwork, FoldingPlan
from mriexplorer.generative.folding.structures import LATTICE
from mriexplorer.generative.model_folder import read_config
from mriexplorer.generative.weights import read_weights, refuse_misfit, write_folder

FORMAT = 1
_STEPS_OF_CODE = 32.0  # codes in a file are whole numbers of this


@dataclass(frozen=True)
class FoldingModel:
    """The trained network and ``codes`` (heads, channels, *LATTICE) of the heads whose folding is borrowed."""

    name: str
    network: FoldingNetwork
    plan: FoldingPlan
    heads: tuple[str, ...]
    codes: Tensor
    quality: Mapping[str, float] = field(default_factory=dict)


def save_folding(folder: Path, model: FoldingModel) -> None:
    """Write network and codes; codes as whole numbers of 1/32."""
    codes = (model.codes * _STEPS_OF_CODE).round().clamp(-127, 127).to(torch.int8)
    tensors = {f"network.{name}": tensor for name, tensor in model.network.state_dict().items()}
    tensors |= {f"codes.{place}": one.contiguous() for place, one in enumerate(codes)}
    content = {"plan": asdict(model.plan), "heads": list(model.heads), "quality": dict(model.quality)}
    write_folder(folder, KIND, FORMAT, tensors, content)


def load_folding(folder: Path) -> FoldingModel:
    """Trained model. Raises InputError where the folder is none, or is damaged."""
    content = read_config(folder, KIND, FORMAT)
    plan = made(FoldingPlan, content.get("plan"), str(folder))
    heads: Sequence[Any] = content["heads"] if isinstance(content.get("heads"), list) else []
    quality = content.get("quality", {})
    if plan.problem() or not 1 <= len(heads) <= 64 or not isinstance(quality, dict):
        raise InputError(f"{folder}: config.json is damaged; get the model again.")
    tensors = read_weights(folder, content)
    with torch.device("meta"):
        wanted = {f"network.{name}": tensor for name, tensor in FoldingNetwork(plan).state_dict().items()}
        wanted |= {f"codes.{place}": torch.empty(plan.channels, *LATTICE) for place in range(len(heads))}
    refuse_misfit(folder, tensors, wanted)
    network = FoldingNetwork(plan)
    network.load_state_dict({name[8:]: tensor for name, tensor in tensors.items() if name.startswith("network.")})
    network = network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    codes = torch.stack([tensors[f"codes.{place}"].float() / _STEPS_OF_CODE for place in range(len(heads))])
    return FoldingModel(folder.name, network.eval(), plan, tuple(map(str, heads)), codes, quality)
