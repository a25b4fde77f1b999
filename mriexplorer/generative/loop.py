"""The loop of every training: on a CPU, one GPU or many (Lightning Fabric), resumed exactly where it stopped.

DIR/training/state.safetensors           weights, their running average, the optimiser, the step
DIR/training/metrics.csv, curves.png     every part of the loss, and errors on the validation set
DIR/weights-*.safetensors, config.json   the averaged network, as it is used
"""

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from mriexplorer.errors import InputError
from mriexplorer.files import write_beside
from mriexplorer.generative.curves import draw_curves
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.precision import Precision, of_training
from mriexplorer.workers import Progress

Costs = dict[str, Tensor]
_STATE, _METRICS = "state.safetensors", "metrics.csv"
_SAVE_EVERY = 60.0  # seconds
_WARM = 100  # steps
_LOOKS, _LEAST_APART = 20, 20  # checks a run, steps between two at least
_LARGEST_GRADIENT = 1.0


class LoopPlan(Protocol):
    """What any training must have: how many steps, how fast, over how many the average runs, from which seed."""

    @property
    def steps(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def average(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def precision(self) -> Any: ...


class Loop(ABC):
    """One run. ``train`` goes on to the last step; what is saved lets a later one go on from there.

    Whoever trains makes the network, calls ``_begin`` with it, and says what a step costs, what is checked, what is kept.
    ``configuration`` is plain values: another one does not go on with this run.
    """

    def __init__(
        self,
        folder: Path,
        plan: LoopPlan,
        configuration: Mapping[str, Any],
        *,
        devices: int | str = "auto",
        nodes: int = 1,
        precision: Precision = "auto",
    ) -> None:
        from lightning_fabric import Fabric

        self._folder, self._loop_plan, self._plain = folder, plan, configuration
        self._precision = of_training(precision, plan.precision, self._begun_in(), chosen(None).type)
        self._fabric = Fabric(accelerator="auto", devices=devices, num_nodes=nodes, precision=self._precision)
        self._fabric.launch()
        torch.manual_seed(plan.seed)
        self.step, self._seconds = 0, 0.0

    def _begin(self, network: nn.Module) -> None:
        """With the network as it is at the first step; goes on with what was saved."""
        plan = self._loop_plan
        self._average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=_averaging(plan.average))
        optimiser = torch.optim.AdamW(network.parameters(), plan.rate, betas=(0.9, 0.99), weight_decay=1e-3)
        self._network, self._optimiser = self._fabric.setup(network, optimiser)
        self._average.to(self._fabric.device)
        self._file("").mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def _costs_of_step(self) -> tuple[Tensor, Costs]:
        """The loss of this step's batch, and its parts."""

    def _after_step(self) -> Costs:
        """What else learns after the network's own step; its costs."""
        return {}

    @abstractmethod
    def _check(self) -> Mapping[str, float]:
        """Errors of the averaged network on the validation set."""

    @abstractmethod
    def _publish(self, network: Any) -> None:
        """Write the averaged network as it is used."""

    def _others(self) -> Mapping[str, tuple[Any, Any]]:
        """Networks that learn beside this one, with their optimisers, by name."""
        return {}

    def train(self, progress: Progress = lambda _what: None) -> None:
        """To the last step."""
        steps, last = self._loop_plan.steps, monotonic()
        began, first = last, self.step
        check = max(_LEAST_APART, steps // _LOOKS)
        while self.step < steps:
            found = self._one_step()
            self.step += 1
            if self.step % 10 == 0 or self.step == steps:
                self._write_row("train", found)
            if self.step % check == 0 or self.step == steps:
                with torch.no_grad():
                    self._average.eval()
                    errors = self._check()
                self._write_row("validation", errors)
                progress(_progress_line(self.step, steps, errors, (monotonic() - began) / (self.step - first)))
            if monotonic() - last > _SAVE_EVERY or self.step == steps:
                self._seconds += monotonic() - last
                last = monotonic()
                self._save()

    def _one_step(self) -> Mapping[str, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = _rate(self.step, self._loop_plan.steps, self._loop_plan.rate)
        self._network.train()
        torch.manual_seed(self._loop_plan.seed * 1_000_003 + self.step)  # draws are the same after a resume
        loss, found = self._costs_of_step()
        if not torch.isfinite(loss):
            raise InputError(f"the loss is no number at step {self.step}; train again with a smaller rate.")
        self._optimiser.zero_grad(set_to_none=True)
        self._fabric.backward(loss)
        self._fabric.clip_gradients(self._network, self._optimiser, max_norm=_LARGEST_GRADIENT)
        self._optimiser.step()
        self._average.update_parameters(_inside(self._network))
        found |= self._after_step()
        return {"loss": float(loss.detach()), **{name: float(cost.detach()) for name, cost in found.items()}}

    # -- files -------------------------------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        return self._folder / "training" / name

    def _write_row(self, of: str, found: Mapping[str, float]) -> None:
        if not self._fabric.is_global_zero:
            return
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
        for name, (network, optimiser) in self._others().items():
            tensors |= {f"{name}.{key}": tensor for key, tensor in _inside(network).state_dict().items()}
            tensors |= _optimiser_tensors(f"{name} optimiser.", optimiser)
        whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        about = {"step": self.step, "seconds": self._seconds, "plan": self._plain, "precision": self._precision}
        write_beside(self._file(_STATE), lambda path: save_file(whole, path, {"about": json.dumps(about)}))
        self._publish(_inside(self._average.module))

    def _begun_in(self) -> str | None:
        """The precision of a run that goes on; where its state does not tell, the planned one."""
        path = self._file(_STATE)
        return str(_read_about(path).get("precision", self._loop_plan.precision)) if path.is_file() else None

    def _resume(self) -> None:
        path = self._file(_STATE)
        if not path.is_file():
            return
        about, tensors = _read_state(path)
        if other := _differences(about["plan"], self._plain):
            raise InputError(f"{self._folder} was begun with another configuration ({other}); give it, or another folder.")
        self.step, self._seconds = int(about["step"]), float(about["seconds"])
        self._average.load_state_dict(_part(tensors, "average."))
        _inside(self._network).load_state_dict(_part(tensors, "network."))
        _fill_optimiser(self._optimiser, _part(tensors, "optimiser."))
        for name, (network, optimiser) in self._others().items():
            _inside(network).load_state_dict(_part(tensors, f"{name}."))
            _fill_optimiser(optimiser, _part(tensors, f"{name} optimiser."))
        _cut_metrics(self._file(_METRICS), self.step)


def mean_of(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each quantity over those that have it."""
    return {name: _mean(one[name] for one in found if name in one) for name in dict.fromkeys(n for one in found for n in one)}


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def _inside(network: Any) -> Any:
    """The network without what Fabric puts round it."""
    return getattr(network, "module", network)


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


def _progress_line(step: int, steps: int, errors: Mapping[str, float], each: float) -> str:
    listed = ", ".join(f"{name} {value:.3g}" for name, value in errors.items())
    return f"step {step} of {steps} · {listed} · {each:.2f} s a step"


def _read_about(path: Path) -> dict[str, Any]:
    return _read_state(path, tensors=False)[0]


def _read_state(path: Path, *, tensors: bool = True) -> tuple[dict[str, Any], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            about = json.loads(file.metadata()["about"])
            names = file.keys() if tensors else ()
            return about, {name: file.get_tensor(name) for name in names}
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
