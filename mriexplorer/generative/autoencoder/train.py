"""Training of the autoencoder.

DIR/training/features.safetensors        the frozen network whose features are compared, where they are
DIR/training/step-002000.png             reconstructions and maps of a validation head
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mriexplorer.dataset.store import open_store, refuse_leak
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.batches import Batch, Batches, heads_of
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model, mark_of, save_model
from mriexplorer.generative.autoencoder.configuration import AutoencoderConfiguration, read_configuration
from mriexplorer.generative.autoencoder.dashboard import draw_reconstruction
from mriexplorer.generative.autoencoder.losses import RenderedScans, costs, rendered, total
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder, Decoded
from mriexplorer.generative.autoencoder.perceptual import PerceptualLosses, adversary, adversary_loss, trained_features
from mriexplorer.generative.configuration import as_plain
from mriexplorer.generative.kinds import TrainingRequest
from mriexplorer.generative.loop import Costs, Loop, mean_of
from mriexplorer.generative.model_folder import find_model
from mriexplorer.generative.precision import Precision
from mriexplorer.workers import Progress

_FEATURES = "features.safetensors"
_CHECKED = 8  # validation batches


@dataclass(frozen=True)
class AutoencoderRun:
    """What a run is made of: its folder, its configuration, the stores it learns from, and the model that it may begin with."""

    folder: Path
    configuration: AutoencoderConfiguration
    stores: tuple[Path, ...]
    first: Path | None = None


def train_autoencoder(request: TrainingRequest, configuration: Path, progress: Progress) -> None:
    """Train as asked. Raises InputError."""
    first = find_model(request.first) if request.first else None
    run = AutoencoderRun(request.folder, read_configuration(configuration), request.data, first)
    AutoencoderTrainer(run, **request.engine, nodes=request.nodes).train(progress)


class AutoencoderTrainer(Loop):
    """A run of the autoencoder."""

    def __init__(
        self, run: AutoencoderRun, *, devices: int | str = "auto", nodes: int = 1, precision: Precision = "auto"
    ) -> None:
        self._run, plan = run, run.configuration
        stores = [open_store(path) for path in run.stores]
        self._voxel = _one_voxel(stores)
        refuse_leak(stores)
        heads = heads_of(stores, "train", plan.network, plan.training)
        self._trained_on = frozenset(mark_of(head.entry) for head in heads)
        self._batches = Batches(heads, plan.network, plan.training)
        self._checks = Batches(heads_of(stores, "validation", plan.network, plan.training), plan.network, plan.training)
        super().__init__(run.folder, plan.training, as_plain(plan), devices=devices, nodes=nodes, precision=precision)
        network = self._first_network()
        if plan.network.dims == 3:
            network = network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        self._begin(network)
        self._perceptual, self._against_optimiser = self._with_perceptual()
        self._resume()

    def _first_network(self) -> Autoencoder:
        """Anew, or that of a model which was trained before; whom that one saw, this one has seen."""
        plan = self._run.configuration.network
        network = Autoencoder(plan)
        if self._run.first is not None:
            model = load_model(self._run.first)
            if as_plain(model.configuration.network) != as_plain(plan):
                raise InputError(
                    f"{self._run.first} has another network than the configuration; give one with the same [network]."
                )
            network.load_state_dict(model.network.state_dict())
            self._trained_on |= model.trained_on
        return network

    def _with_perceptual(self) -> tuple[PerceptualLosses, Any]:
        plan, dims = self._run.configuration.training, self._run.configuration.network.dims
        features = against = optimiser = None
        if plan.weights.features:
            features = trained_features(dims, self._batches.batch, self._file(_FEATURES), self._fabric.device)
        if plan.weights.adversary:
            torch.manual_seed(plan.seed)
            made = adversary(dims)
            against, optimiser = self._fabric.setup(made, torch.optim.Adam(made.parameters(), plan.rate / 4, betas=(0.5, 0.99)))
        return PerceptualLosses(plan, dims, features, against), optimiser

    def _others(self) -> Mapping[str, tuple[Any, Any]]:
        return {} if self._perceptual.against is None else {"against": (self._perceptual.against, self._against_optimiser)}

    def _costs_of_step(self) -> tuple[Tensor, Costs]:
        self._batch = self._batches.batch(self.step, self._fabric.global_rank).to(self._fabric.device)
        found, _decoded, self._computed = self._costs(self._network, self._batch)
        self._with_adversary = "adversary" in found
        return total(found, self._run.configuration.training), found

    def _after_step(self) -> Costs:
        if self._perceptual.against is None or not self._with_adversary:
            return {}
        self._against_optimiser.zero_grad(set_to_none=True)  # the network's step has left gradients here
        cost = adversary_loss(self._perceptual.against, self._computed.scans, self._batch)
        self._fabric.backward(cost)
        self._against_optimiser.step()
        return {"against": cost}

    def _costs(self, network: Any, batch: Batch) -> tuple[dict[str, Tensor], Decoded, RenderedScans]:
        plan = self._run.configuration
        codes, decoded, log_gains = network(batch.scans, batch.vectors, batch.present)
        computed = rendered(decoded, batch, plan.network.gain, log_gains, plan.network.sequences)
        found = costs(decoded, codes, computed, batch, plan.training) | self._perceptual.costs(computed.scans, batch, self.step)
        return found, decoded, computed

    def _check(self) -> Mapping[str, float]:
        """The same validation batches each time; and a picture."""
        found: list[Mapping[str, float]] = []
        for number in range(_CHECKED):
            batch = self._checks.batch(10_000_000 + number).to(self._fabric.device)
            with self._fabric.autocast():
                parts, decoded, computed = self._costs(self._average, batch)
            found.append({**{name: float(cost) for name, cost in parts.items()}, **_map_errors(decoded, batch)})
            if number == 0 and self._fabric.is_global_zero:
                draw_reconstruction(self._file(f"step-{self.step:06d}.png"), batch, decoded, computed)
        return mean_of(found)

    def _publish(self, network: Any) -> None:
        calibration = {"": (1.0,) * len(MAPS)}
        save_model(self._run.folder, Model("", network, self._run.configuration, self._voxel, calibration, self._trained_on))


def _one_voxel(stores: Sequence[Any]) -> int:
    sizes = sorted({store.voxel for store in stores})
    if len(sizes) != 1:
        raise InputError(f"stores of {' and '.join(map(str, sizes))} mm cannot be trained on together; gather them at one size.")
    return int(sizes[0])


def _map_errors(decoded: Decoded, batch: Batch) -> dict[str, float]:
    """Median absolute error of each map in tissue, as a share."""
    there = (batch.maps[:, 0] > 0.3) & batch.known.reshape(-1, *(1,) * (batch.maps.ndim - 2))
    if not there.any():
        return {}
    off = (decoded.logs - batch.maps.clamp_min(1e-3).log()).abs()
    return {f"{kind} off": float(off[:, place][there].expm1().median()) for place, kind in enumerate(MAPS)}
