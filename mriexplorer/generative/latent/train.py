"""Training of the latent diffusion, on the codes of T1w slices."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mriexplorer.dataset.store import CohortStore, StoredSession, open_store, refuse_leak
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model, mark_of
from mriexplorer.generative.autoencoder.forward_model import recorded_settings
from mriexplorer.generative.configuration import as_plain, made, read_toml
from mriexplorer.generative.kinds import TrainingRequest
from mriexplorer.generative.latent.model import LatentModel, save_latent
from mriexplorer.generative.latent.network import TIMES, LatentPlan, context, noise_schedule, unet
from mriexplorer.generative.loop import Costs, Loop
from mriexplorer.generative.model_folder import find_model
from mriexplorer.generative.precision import Precision
from mriexplorer.generative.protocol_vector import protocol_vector
from mriexplorer.workers import Progress

_MIDDLE = 0.3  # of the slices at either end are left out


def read_plan(path: Path) -> LatentPlan:
    """A plan from a TOML file with a table ``latent``, or a shipped one by name. Raises InputError."""
    plan = made(LatentPlan, read_toml(path).get("latent", {}), str(path))
    if problem := plan.problem():
        raise InputError(f"{path}: {problem}.")
    return plan


def train_latent(request: TrainingRequest, configuration: Path, progress: Progress) -> None:
    """Train as asked. Raises InputError."""
    LatentTrainer(request.folder, read_plan(configuration), request.data, **request.engine).train(progress)


class LatentTrainer(Loop):
    """A run on T1w slices of stores that have the autoencoder's voxel."""

    def __init__(
        self,
        folder: Path,
        plan: LatentPlan,
        stores: Sequence[Path],
        *,
        devices: int | str = "auto",
        precision: Precision = "auto",
    ) -> None:
        opened = [open_store(path) for path in stores]
        refuse_leak(opened)
        model = load_model(find_model(plan.autoencoder))
        _refuse_unsuitable(model, opened)
        super().__init__(folder, plan, as_plain(plan), devices=devices, precision=precision)
        self._plan, self._target = plan, folder
        people = {name: [e for store in opened for e in store.of(name) if "T1w" in e.kinds] for name in ("train", "validation")}
        if not all(people.values()):
            raise InputError(
                "latent diffusion learns from people with a T1w in the training and validation sets; there are none."
            )
        sets = {name: _codes(model, entries) for name, entries in people.items()}
        self._trained_on = sorted({mark_of(entry) for entry in people["train"]})
        codes = sets["train"][0]
        self._scale = torch.stack([codes.mean((0, 2, 3)), codes.std((0, 2, 3)) + 1e-6])
        self._sets = {name: (_scaled(of, self._scale), records) for name, (of, records) in sets.items()}
        self._schedule = noise_schedule()
        self._begin(unet(plan, codes.shape[1]))
        self._resume()

    def _costs_of_step(self) -> tuple[Tensor, Costs]:
        codes, records = self._sets["train"]
        chosen = np.random.default_rng([self._plan.seed, self.step]).integers(len(codes), size=self._plan.batch)
        cost = self._cost(self._network, codes[chosen], records[chosen])
        return cost, {"noise": cost}

    def _cost(self, network: Any, codes: Tensor, records: Tensor) -> Tensor:
        """Squared error of the noise that was added."""
        codes, records = codes.to(self._fabric.device), records.to(self._fabric.device)
        noise = torch.randn_like(codes)
        times = torch.randint(0, TIMES, (len(codes),), device=codes.device)
        noisy = self._schedule.add_noise(codes, noise, times)
        return (network(noisy, times, records) - noise).square().mean()  # type: ignore[no-any-return]

    def _check(self) -> Mapping[str, float]:
        torch.manual_seed(3)
        codes, records = self._sets["validation"]
        return {"noise": float(self._cost(self._average, codes[:64], records[:64]))}

    def _publish(self, network: Any) -> None:
        width, height = self._sets["train"][0].shape[2:]
        save_latent(self._target, LatentModel("", network, self._plan, self._scale, (width, height)), self._trained_on)


def _refuse_unsuitable(model: Model, stores: Sequence[CohortStore]) -> None:
    plan = model.configuration.network
    if plan.dims != 2 or sum(map(bool, plan.latents)) != 1 or plan.fine:
        raise InputError(f"{model.name} is no autoencoder of slices with one code; give one such as published-2d.")
    if wrong := [store for store in stores if store.voxel != model.voxel]:
        raise InputError(
            f"{wrong[0].folder} is of {wrong[0].voxel} mm, {model.name} of {model.voxel}; gather it at {model.voxel}."
        )


@torch.no_grad()
def _codes(model: Model, entries: Sequence[StoredSession]) -> tuple[Tensor, Tensor]:
    """Codes of middle axial slices, and their tokens."""
    codes, records = [], []
    plan = model.configuration.network
    for entry in entries:
        image = torch.from_numpy(entry.images[entry.kinds.index("T1w")].astype(np.float32)).movedim(-1, 0)
        count = len(image)
        slices = image[round(_MIDDLE * count) : round((1 - _MIDDLE) * count) : 4][:, None]
        settings = recorded_settings(entry.times["T1w"])
        vector = torch.tensor(protocol_vector(settings, plan.sequences, entry.field))
        vectors = vector.expand(len(slices), 1, -1)
        codes.append(model.network.encode(slices, vectors, torch.ones(len(slices), 1, dtype=torch.bool))[0].mean)
        records.append(context([entry.record]).expand(len(slices), -1, -1))
    return torch.cat(codes), torch.cat(records)


def _scaled(codes: Tensor, scale: Tensor) -> Tensor:
    return (codes - scale[0].reshape(1, -1, 1, 1)) / scale[1].reshape(1, -1, 1, 1)
