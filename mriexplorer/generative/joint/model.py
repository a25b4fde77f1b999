"""The trained joint model: columns, shapes, network; as a folder (``weights``).

models/<name>/attributes.json   what each column is: quantiles, levels, what is usual
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import torch

from mriexplorer.errors import InputError
from mriexplorer.files import parse_json, read_text, write_beside
from mriexplorer.generative.configuration import as_plain as plain
from mriexplorer.generative.configuration import made
from mriexplorer.generative.joint import columns as records
from mriexplorer.generative.joint.basis import Basis, from_tensors
from mriexplorer.generative.joint.columns import Column
from mriexplorer.generative.joint.gaussian import Normal
from mriexplorer.generative.joint.kind import KIND
from mriexplorer.generative.joint.network import JointNetwork, JointNetworkPlan
from mriexplorer.generative.joint.quantile_mapping import QuantileMaps
from mriexplorer.generative.joint.quantile_mapping import from_plain as maps_from_plain
from mriexplorer.generative.joint.tissue_density import NONE, TissueDensityCorrection
from mriexplorer.generative.joint.tissue_density import from_tensors as correction_from_tensors
from mriexplorer.generative.model_folder import read_config
from mriexplorer.generative.weights import read_weights, refuse_misfit, write_folder

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
FORMAT = 2
ATTRIBUTES = "attributes.json"
_LINES = ("ventricles", "fluid", "brain")


@dataclass(frozen=True)
class JointModel:
    """``ventricles`` (a, b): log of their share in a picture is a + b log of their share in the anatomy, both measured.

    ``fluid`` (a, b): of the closed brain in pictures of real people it is a + b nWBV. ``brain`` (a, b): a + b nWBV is the brain
    as a share of the anatomy's inside that shows as much; ``tissue_density`` corrects where it lies (``calibration``).
    ``quantile_maps`` lead the numbers of each study to those of its people.


    ``trained_on`` has marks of the people that it has seen.
    """

    name: str
    network: JointNetwork
    columns: tuple[Column, ...]
    basis: Basis
    ventricles: tuple[float, float]
    fluid: tuple[float, float]
    brain: tuple[float, float] = (0.0, 1.0)
    tissue_density: TissueDensityCorrection = NONE
    quantile_maps: QuantileMaps = field(default_factory=dict)
    trained_on: frozenset[str] = frozenset()
    training: Mapping[str, Any] | None = None

    @property
    def plan(self) -> JointNetworkPlan:
        """Sizes of the network."""
        return self.network.plan

    @property
    def normal(self) -> Normal:
        """Of all people."""
        return Normal(self.network.mean.double().cpu().numpy(), self.network.covariance.double().cpu().numpy())

    def place(self, name: str) -> int:
        """Where a column is among the numbers. KeyError for one that is not there."""
        for place, column in enumerate(self.columns):
            if column.name == name:
                return place
        raise KeyError(name)

    def column(self, name: str) -> Column:
        """A column by its name. KeyError for one that is not there."""
        return self.columns[self.place(name)]


def sound(work: Callable[Concatenate[JointModel, _Given], _Made]) -> Callable[Concatenate[JointModel, _Given], _Made]:
    """Work with a model whose weights may make nothing sensible: that is an InputError then."""

    @wraps(work)
    def tried(model: JointModel, /, *given: _Given.args, **named: _Given.kwargs) -> _Made:
        try:
            return work(model, *given, **named)
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            raise InputError(f"the weights of {model.name} make no person ({error}); get the model again.") from None

    return tried


def save_joint(folder: Path, model: JointModel) -> None:
    """Write network, shapes, columns; each file beside, then renamed."""
    tensors = {f"network.{name}": tensor for name, tensor in model.network.state_dict().items()}
    tensors |= model.basis.tensors() | model.tissue_density.tensors()
    text = json.dumps(records.as_plain(model.columns), indent=1) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    write_beside(folder / ATTRIBUTES, lambda path: path.write_text(text, encoding="utf-8"))
    content = {
        "network": plain(model.plan),
        **{name: list(getattr(model, name)) for name in _LINES},
        "margins": {study: dict(columns) for study, columns in model.quantile_maps.items()},
        "training": dict(model.training or {}),
        "trained_on": sorted(model.trained_on),
    }
    write_folder(folder, KIND, FORMAT, tensors, content)


def load_joint(folder: Path) -> JointModel:
    """A trained joint model. Raises InputError where the folder is none, or is damaged, or is of another version."""
    content = read_config(folder, KIND, FORMAT)
    network_plan = made(JointNetworkPlan, content.get("network"), str(folder))
    if problem := network_plan.problem():
        raise InputError(f"{folder}: {problem}.")
    columns = records.from_plain(_attributes(folder), str(folder / ATTRIBUTES))
    try:
        lines = [(float(content[name][0]), float(content[name][1])) for name in _LINES]
        trained_on = frozenset(map(str, content["trained_on"]))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise InputError(f"{folder}: config.json is damaged ({error}); get the model again.") from None
    if not (np.isfinite(lines).all() and lines[0][1] > 0 and lines[2][1] > 0):
        raise InputError(f"{folder}: config.json is damaged ({', '.join(_LINES)}); get the model again.")
    tensors = read_weights(folder, content)
    of_network = {name[8:]: tensor for name, tensor in tensors.items() if name.startswith("network.")}
    with torch.device("meta"):
        refuse_misfit(folder, of_network, JointNetwork(network_plan, len(columns)).state_dict())
    network = JointNetwork(network_plan, len(columns))
    network.load_state_dict(of_network)
    basis = from_tensors(tensors, network_plan.shape)
    return JointModel(
        folder.name, network.eval(), columns, basis, lines[0], lines[1], lines[2], correction_from_tensors(tensors),
        maps_from_plain(content.get("margins"), str(folder / "config.json")), trained_on, content.get("training"),
    )  # fmt: skip


def _attributes(folder: Path) -> object:
    try:
        found: object = parse_json(read_text(folder / ATTRIBUTES))
    except ValueError as error:
        raise InputError(f"{folder / ATTRIBUTES} is damaged ({error}); get the model again.") from None
    return found
