"""Training of the model of cortical folding, on heads in the template's shape."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from mriexplorer.errors import InputError
from mriexplorer.generative.configuration import as_plain, made, read_toml
from mriexplorer.generative.folding.model import FoldingModel, save_folding
from mriexplorer.generative.folding.network import FoldingNetwork, FoldingPlan
from mriexplorer.generative.folding.structures import BOX, STRUCTURES
from mriexplorer.generative.folding.template_heads import heads_in_template
from mriexplorer.generative.kinds import TrainingRequest
from mriexplorer.generative.loop import Costs, Loop
from mriexplorer.generative.precision import Precision
from mriexplorer.simulation.anatomy import sources
from mriexplorer.simulation.labels import Labels
from mriexplorer.workers import Progress, Workers


def read_plan(path: Path) -> FoldingPlan:
    """A plan from a TOML file with a table ``folding`` (in older ones ``folds``), or a shipped one by name. Raises InputError."""
    content = read_toml(path)
    plan = made(FoldingPlan, content.get("folding", content.get("folds", {})), str(path))
    if problem := plan.problem():
        raise InputError(f"{path}: {problem}.")
    return plan


def train_folding(request: TrainingRequest, configuration: Path, progress: Progress) -> None:
    """Train on the label maps of folders, as asked. Raises InputError."""
    plan = read_plan(configuration)
    paths = [path for folder in request.data for path in sources(folder) if path is not None]
    with Workers(request.jobs) as workers:
        heads = heads_in_template(paths, workers, progress)
    FoldingTrainer(request.folder, plan, heads, request.held_out, **request.engine).train(progress)


class FoldingTrainer(Loop):
    """A run on heads in the template's shape; the last ``held_out`` of them, by name, are only for checking."""

    def __init__(
        self,
        folder: Path,
        plan: FoldingPlan,
        heads: Mapping[str, Labels],
        held_out: int,
        *,
        devices: int | str = "auto",
        precision: Precision = "auto",
    ) -> None:
        if len(heads) <= held_out:
            raise InputError(f"{len(heads)} heads are too few: {held_out} are held out for checking, and at least one trains.")
        names = sorted(heads)
        self._plan, self._folder_of = plan, folder
        self._names = tuple(names[: len(names) - held_out])
        self._heads = torch.from_numpy(np.stack([heads[name] for name in self._names]))
        self._held_out = (
            torch.from_numpy(np.stack([heads[name] for name in names[len(names) - held_out :]])) if held_out else None
        )
        super().__init__(folder, plan, {**as_plain(plan), "heads": list(self._names)}, devices=devices, precision=precision)
        self._begin(FoldingNetwork(plan).to(memory_format=torch.channels_last_3d))  # type: ignore[call-overload]
        self._network.mark_forward_method("encode")
        self._network.mark_forward_method("decode")
        self._resume()

    def _costs_of_step(self) -> tuple[Tensor, Costs]:
        labels = self._patches(np.random.default_rng([self._plan.seed, self.step])).to(self._fabric.device)
        codes = self._network.encode(labels)
        codes = codes + self._plan.noise * torch.randn_like(codes)
        logits = self._network.decode(codes).float()
        cost = cross_entropy(logits, labels.long(), label_smoothing=0.01)
        return cost, {"cross entropy": cost}

    def _patches(self, rng: np.random.Generator) -> Tensor:
        """Cubes of heads, half of them mirrored."""
        size, found = self._plan.patch, []
        for _ in range(self._plan.batch):
            start = [int(rng.integers(0, n - size + 1)) for n in BOX.shape]
            head = self._heads[int(rng.integers(len(self._heads)))]
            patch = head[tuple(slice(s, s + size) for s in start)]
            found.append(patch.flip(0) if rng.random() < 0.5 else patch)
        return torch.stack(found)

    def _check(self) -> Mapping[str, float]:
        """Dice of what comes back of the middle of heads that were held out (of those trained on where none was)."""
        heads = self._heads[:1] if self._held_out is None else self._held_out
        x, y, z = (slice(n // 2 - 32, n // 2 + 32) for n in BOX.shape)
        found = dict[str, float]()
        with self._fabric.autocast():
            network: Any = self._average.module
            labels = heads[:, x, y, z].to(self._fabric.device)
            back = network.decode(network.encode(labels)).argmax(1)
        for number, name in enumerate(STRUCTURES[1:], 1):
            both, either = (labels == number) & (back == number), (labels == number).sum() + (back == number).sum()
            if (labels == number).sum() > 100:
                found[name] = float(2 * both.sum() / either)
        return found | {"mean": sum(found.values()) / len(found)}

    def _publish(self, network: Any) -> None:
        quality = self._check() if self.step == self._plan.steps else {}
        with torch.no_grad():
            codes = torch.stack([network.encode(head[None].to(self._fabric.device))[0].float().cpu() for head in self._heads])
        save_folding(self._folder_of, FoldingModel("", network, self._plan, self._names, codes, quality))
