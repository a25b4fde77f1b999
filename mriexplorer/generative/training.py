"""Training of the autoencoder, on a CPU, one GPU or many (Lightning Fabric), resumed exactly where it stopped.

DIR/training/state.safetensors           weights, their running average, the optimiser, the step
DIR/training/features.safetensors        the frozen network whose features are compared, where they are
DIR/training/metrics.csv, curves.png     every part of the loss, and errors on the validation set
DIR/training/step-002000.png             reconstructions and maps of a validation head
DIR/weights-*.safetensors, config.json   the averaged network, as it is used
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import Tensor

from mriexplorer.cohort.store import open_store, refuse_leak
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder import MAPS, Autoencoder, Decoded
from mriexplorer.generative.batches import Batch, Batches, heads_of
from mriexplorer.generative.checkpoint import Model, load_model, mark_of, save_model
from mriexplorer.generative.configuration import Configuration, as_plain
from mriexplorer.generative.judges import Judges, adversary, against_cost, trained_features
from mriexplorer.generative.losses import Shown, costs, rendered, total
from mriexplorer.subject.derivative import write_beside

Progress = Callable[[str], None]
_STATE, _METRICS, _FEATURES = "state.safetensors", "metrics.csv", "features.safetensors"
_SAVE_EVERY = 60.0  # seconds
_WARM = 100  # steps
_CHECKED = 8  # validation batches
_LOOKS, _LEAST_APART = 20, 20  # pictures a run, steps between two at least
_LARGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class Run:
    """What a run is made of: its folder, its configuration, the stores it learns from, and the model that it may begin with."""

    folder: Path
    configuration: Configuration
    stores: tuple[Path, ...]
    first: Path | None = None


class Trainer:
    """One run. ``train`` goes on to the last step; what is saved lets a later one go on from there."""

    def __init__(self, run: Run, *, devices: int | str = "auto", nodes: int = 1) -> None:
        from lightning_fabric import Fabric

        self._run, plan = run, run.configuration
        stores = [open_store(path) for path in run.stores]
        self._voxel = _one_voxel(stores)
        refuse_leak(stores)
        heads = heads_of(stores, "train", plan.network, plan.training)
        self._trained_on = frozenset(mark_of(head.entry) for head in heads)
        self._batches = Batches(heads, plan.network, plan.training)
        self._checks = Batches(heads_of(stores, "validation", plan.network, plan.training), plan.network, plan.training)
        self._fabric = Fabric(accelerator="auto", devices=devices, num_nodes=nodes, precision=plan.training.precision)
        self._fabric.launch()
        torch.manual_seed(plan.training.seed)
        network = self._first_network()
        if plan.network.dims == 3:
            network = network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        self._average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=_averaging(plan.training.average))
        optimiser = torch.optim.AdamW(network.parameters(), plan.training.rate, betas=(0.9, 0.99), weight_decay=1e-3)
        self._network, self._optimiser = self._fabric.setup(network, optimiser)
        self._average.to(self._fabric.device)
        self.step, self._seconds = 0, 0.0
        self._file("").mkdir(parents=True, exist_ok=True)
        self._judges, self._against_optimiser = self._with_judges()
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

    def _with_judges(self) -> tuple[Judges, Any]:
        plan, dims = self._run.configuration.training, self._run.configuration.network.dims
        features = against = optimiser = None
        if plan.weights.features:
            features = trained_features(dims, self._batches.batch, self._file(_FEATURES), self._fabric.device)
        if plan.weights.adversary:
            torch.manual_seed(plan.seed)
            made = adversary(dims)
            against, optimiser = self._fabric.setup(made, torch.optim.Adam(made.parameters(), plan.rate / 4, betas=(0.5, 0.99)))
        return Judges(plan, dims, features, against), optimiser

    def train(self, progress: Progress = lambda _what: None) -> None:
        """To the last step."""
        plan, last = self._run.configuration.training, monotonic()
        began, first = last, self.step
        check = max(_LEAST_APART, plan.steps // _LOOKS)
        while self.step < plan.steps:
            found = self._one_step()
            self.step += 1
            if self.step % 10 == 0 or self.step == plan.steps:
                self._write_row("train", found)
            if self.step % check == 0 or self.step == plan.steps:
                errors = self._check()
                progress(_told(self.step, plan.steps, errors, (monotonic() - began) / (self.step - first)))
            if monotonic() - last > _SAVE_EVERY or self.step == plan.steps:
                self._seconds += monotonic() - last
                last = monotonic()
                self._save()

    def _one_step(self) -> Mapping[str, float]:
        plan = self._run.configuration.training
        batch = self._batches.batch(self.step, self._fabric.global_rank).to(self._fabric.device)
        for group in self._optimiser.param_groups:
            group["lr"] = _rate(self.step, plan.steps, plan.rate)
        self._network.train()
        torch.manual_seed(plan.seed * 1_000_003 + self.step)  # draws of codes are the same after a resume
        found, _decoded, shown = self._costs(self._network, batch)
        loss = total(found, plan)
        if not torch.isfinite(loss):
            raise InputError(f"the loss is no number at step {self.step}; train again with a smaller rate.")
        self._optimiser.zero_grad(set_to_none=True)
        self._fabric.backward(loss)
        self._fabric.clip_gradients(self._network, self._optimiser, max_norm=_LARGEST_GRADIENT)
        self._optimiser.step()
        self._average.update_parameters(_inside(self._network))
        if "adversary" in found:
            found["against"] = self._against_step(shown, batch)
        return {"loss": float(loss.detach()), **{name: float(cost.detach()) for name, cost in found.items()}}

    def _against_step(self, shown: Shown, batch: Batch) -> Tensor:
        self._against_optimiser.zero_grad(set_to_none=True)  # the network's step has left gradients here
        cost = against_cost(self._judges.against, shown.scans, batch)  # type: ignore[arg-type]
        self._fabric.backward(cost)
        self._against_optimiser.step()
        return cost

    def _costs(self, network: Any, batch: Batch) -> tuple[dict[str, Tensor], Decoded, Shown]:
        plan = self._run.configuration
        codes, decoded, log_gains = network(batch.scans, batch.vectors, batch.present)
        shown = rendered(decoded, batch, plan.network.gain, log_gains, plan.network.sequences)
        found = costs(decoded, codes, shown, batch, plan.training) | self._judges.costs(shown.scans, batch, self.step)
        return found, decoded, shown

    @torch.no_grad()
    def _check(self) -> Mapping[str, float]:
        """Errors of the averaged network on the same validation batches each time; and a picture."""
        self._average.eval()
        found: list[Mapping[str, float]] = []
        for number in range(_CHECKED):
            batch = self._checks.batch(10_000_000 + number).to(self._fabric.device)
            with self._fabric.autocast():
                parts, decoded, shown = self._costs(self._average, batch)
            found.append({**{name: float(cost) for name, cost in parts.items()}, **_map_errors(decoded, batch)})
            if number == 0 and self._fabric.is_global_zero:
                from mriexplorer.generative.dashboard import draw_look

                draw_look(self._file(f"step-{self.step:06d}.png"), batch, decoded, shown)
        mean = {name: _mean(one[name] for one in found if name in one) for name in dict.fromkeys(n for one in found for n in one)}
        self._write_row("validation", mean)
        return mean

    # -- files -------------------------------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        return self._run.folder / "training" / name

    def _write_row(self, of: str, found: Mapping[str, float]) -> None:
        if not self._fabric.is_global_zero:
            return
        from mriexplorer.generative.dashboard import draw_curves

        path = self._file(_METRICS)
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            if new:
                rows.writerow(["step", "set", "what", "value"])
            rows.writerows([self.step, of, name, f"{value:.6g}"] for name, value in found.items())
        if of == "validation":
            draw_curves(path, self._file("curves.png"))

    def _save(self) -> None:
        if not self._fabric.is_global_zero:
            return
        from safetensors.torch import save_file

        tensors = {f"average.{name}": tensor for name, tensor in self._average.state_dict().items()}
        tensors |= {f"network.{name}": tensor for name, tensor in _inside(self._network).state_dict().items()}
        tensors |= _optimiser_tensors("optimiser.", self._optimiser)
        if self._judges.against is not None:
            against = _inside(self._judges.against)
            tensors |= {f"against.{name}": tensor for name, tensor in against.state_dict().items()}
            tensors |= _optimiser_tensors("against optimiser.", self._against_optimiser)
        whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        about = {"step": self.step, "seconds": self._seconds, "plan": as_plain(self._run.configuration)}
        write_beside(self._file(_STATE), lambda path: save_file(whole, path, {"about": json.dumps(about)}))
        calibration = {"": (1.0,) * len(MAPS)}
        network = _inside(self._average.module)
        save_model(self._run.folder, Model("", network, self._run.configuration, self._voxel, calibration, self._trained_on))

    def _resume(self) -> None:
        path = self._file(_STATE)
        if not path.is_file():
            return
        about, tensors = _read_state(path)
        wanted = as_plain(self._run.configuration)
        if other := _differences(about["plan"], wanted):
            raise InputError(f"{self._run.folder} was begun with another configuration ({other}); give it, or another folder.")
        self.step, self._seconds = int(about["step"]), float(about["seconds"])
        self._average.load_state_dict(_part(tensors, "average."))
        _inside(self._network).load_state_dict(_part(tensors, "network."))
        _fill_optimiser(self._optimiser, _part(tensors, "optimiser."))
        if self._judges.against is not None:
            _inside(self._judges.against).load_state_dict(_part(tensors, "against."))
            _fill_optimiser(self._against_optimiser, _part(tensors, "against optimiser."))
        _cut_metrics(self._file(_METRICS), self.step)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def _inside(network: Any) -> Any:
    """The network without what Fabric puts round it."""
    return getattr(network, "module", network)


def _one_voxel(stores: Sequence[Any]) -> int:
    sizes = sorted({store.voxel for store in stores})
    if len(sizes) != 1:
        raise InputError(f"stores of {' and '.join(map(str, sizes))} mm cannot be trained on together; gather them at one size.")
    return int(sizes[0])


def _averaging(decay: float) -> Callable[..., None]:
    """The running average of weights, which forgets its beginning sooner."""

    def update(averaged: list[Tensor], current: list[Tensor], count: Tensor | int) -> None:
        kept = min(decay, (1 + float(count)) / (10 + float(count)))
        torch._foreach_lerp_(averaged, current, 1 - kept)

    return update


def _rate(step: int, steps: int, highest: float) -> float:
    """Up over the first steps, then down along a cosine."""
    from math import cos, pi

    if step < _WARM:
        return highest * (step + 1) / _WARM
    return highest * max(0.02, (1 + cos(pi * (step - _WARM) / max(1, steps - _WARM))) / 2)


def _map_errors(decoded: Decoded, batch: Batch) -> dict[str, float]:
    """Median absolute error of each map in tissue, as a share."""
    there = (batch.maps[:, 0] > 0.3) & batch.known.reshape(-1, *(1,) * (batch.maps.ndim - 2))
    if not there.any():
        return {}
    off = (decoded.logs - batch.maps.clamp_min(1e-3).log()).abs()
    return {f"{kind} off": float(off[:, place][there].expm1().median()) for place, kind in enumerate(MAPS)}


def _told(step: int, steps: int, errors: Mapping[str, float], each: float) -> str:
    listed = ", ".join(f"{name} {value:.3g}" for name, value in errors.items())
    return f"step {step} of {steps} · {listed} · {each:.2f} s a step"


def _read_state(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            about = json.loads(file.metadata()["about"])
            return about, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 not a mapping
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        raise InputError(f"{path} is damaged; remove the folder {path.parent} to begin anew.") from None


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _optimiser_tensors(prefix: str, optimiser: Any) -> dict[str, Tensor]:
    states = optimiser.state_dict()["state"].items()
    return {f"{prefix}{place}.{name}": torch.as_tensor(value) for place, state in states for name, value in state.items()}


def _fill_optimiser(optimiser: Any, tensors: Mapping[str, Tensor]) -> None:
    whole = optimiser.state_dict()
    whole["state"] = {}
    for name, tensor in tensors.items():
        place, what = name.split(".")
        whole["state"].setdefault(int(place), {})[what] = tensor
    optimiser.load_state_dict(whole)


def _differences(there: Mapping[str, Any], wanted: Mapping[str, Any], above: str = "") -> str:
    """What differs between two configurations, in words; lists and tuples are alike."""
    said = []
    for name, value in wanted.items():
        old = there.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            said.append(_differences(old, value, f"{above}{name}."))
        elif json.dumps(old) != json.dumps(value):
            said.append(f"{above}{name} was {old}, now {value}")
    return "; ".join(filter(None, said))


def _cut_metrics(path: Path, step: int) -> None:
    """Leave out rows after the step that was saved: they come again."""
    if path.is_file():
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row and (row[0] == "step" or int(row[0]) <= step)]
        write_beside(path, lambda beside: _write_rows(beside, rows))


def _write_rows(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
