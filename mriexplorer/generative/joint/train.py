"""Training of the joint model: columns and shapes are fitted, then normal distributions, then the transformer's correction.

Who trains is drawn whole from the normal distribution of the others (people are in eight parts), given what is known of them;
so the network sees nobody's absent cells, and a closed form that has not seen the people of the batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mriexplorer.dataset.store import open_store, refuse_leak
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.checkpoint import mark_of
from mriexplorer.generative.configuration import as_plain, made, read_toml
from mriexplorer.generative.folding.model import load_folding
from mriexplorer.generative.joint import basis as shapes
from mriexplorer.generative.joint import columns as records
from mriexplorer.generative.joint.calibration import calibrate
from mriexplorer.generative.joint.columns import MEASURED_IN_IMAGES
from mriexplorer.generative.joint.gaussian import Cells, Normal, filled, fit, parts
from mriexplorer.generative.joint.model import JointModel, save_joint
from mriexplorer.generative.joint.network import JointNetwork, JointNetworkPlan, velocity
from mriexplorer.generative.joint.people import Participant, cells_of, people_of, simulated
from mriexplorer.generative.kinds import TrainingRequest
from mriexplorer.generative.loop import Costs, Loop
from mriexplorer.generative.model_folder import find_model
from mriexplorer.generative.precision import Precision
from mriexplorer.workers import Progress, Workers

_TURN = ("age", "ventricles", "nwbv", "sex", "etiv_cm3", "cdr", "mmse", "education_years")  # what the first numbers tell
_PARTS = 8
_VERSIONS = 12  # of everybody, each drawn whole
_SOME, _NOTHING, _OF_A_STUDY, _OF_A_BRAIN = 0.5, 0.2, 0.5, 0.2  # shares of what is given in training
_CHECKED = 8  # draws of noise for each person of the validation set


@dataclass(frozen=True)
class JointTrainingPlan:
    """``simulated``: their share of all people, by weight. ``rows``: what a person without an image counts.

    ``shrunk``: by how much correlations are. ``apart``: share of the batch in which every number has a level of its own; the
    others have what is given, and one level for all the rest, as in sampling.
    """

    batch: int = 256
    steps: int = 4000
    rate: float = 1e-3
    average: float = 0.998
    seed: int = 1
    precision: str = "32-true"
    simulated: float = 0.1
    rows: float = 1.0
    shrunk: float = 0.02
    apart: float = 0.1

    def problem(self) -> str | None:
        """What cannot be, as a sentence."""
        shares = (self.simulated, self.rows, self.shrunk, self.apart)
        if not all(0 <= share <= 1 for share in shares):
            return "simulated, rows, shrunk and apart are shares between 0 and 1"
        return None if self.batch > 0 and self.steps > 0 and 0 < self.average < 1 else "batch, steps or average cannot be"


@dataclass(frozen=True)
class JointPlan:
    """Both, as in a file."""

    network: JointNetworkPlan = field(default_factory=JointNetworkPlan)
    training: JointTrainingPlan = field(default_factory=JointTrainingPlan)


@dataclass(frozen=True)
class JointRun:
    """Where the model goes, its plan, stores of scans gathered at 2 mm, and tables of people without scans."""

    folder: Path
    plan: JointPlan
    stores: tuple[Path, ...]
    tables: tuple[Path, ...] = ()
    jobs: int = 1


def read_plan(path: Path) -> JointPlan:
    """A plan from a TOML file with tables ``network`` and ``training``, or a shipped one by name. Raises InputError."""
    plan = made(JointPlan, read_toml(path), str(path))
    if problem := plan.network.problem() or plan.training.problem():
        raise InputError(f"{path}: {problem}.")
    return plan


@dataclass(frozen=True)
class FittedStatistics:
    """What is fitted before any network trains. ``scores`` (versions, people, numbers) of ``people`` of ``known`` cells."""

    columns: tuple[records.Column, ...]
    basis: shapes.Basis
    people: list[Participant]
    cells: Cells
    normal: Normal


def fitted_statistics(people: list[Participant], plan: JointPlan) -> FittedStatistics:
    """Columns, shapes and the normal distribution of people who train. Raises InputError where there are too few."""
    columns = records.fitted([person.record for person in people])
    having = [place for place, person in enumerate(people) if person.shape is not None]
    rng = np.random.default_rng(plan.training.seed)
    alone = cells_of(people, columns, {}, 0)
    record_scores = filled(alone, fit(alone, rng, shrunk=plan.training.shrunk), rng)
    velocities = [people[place].velocity for place in having]
    basis = shapes.fitted_basis(
        velocities,
        record_scores[np.ix_(having, [place for name in _TURN for place, c in enumerate(columns) if c.name == name])],
        plan.network.shape,
    )
    numbers = {place: basis.numbers(v) for place, v in zip(having, velocities, strict=True)}
    cells = cells_of(people, columns, numbers, plan.network.shape)
    return FittedStatistics(columns, basis, people, cells, fit(cells, rng, shrunk=plan.training.shrunk))


def weighted(people: list[Participant], plan: JointTrainingPlan) -> list[Participant]:
    """With what each counts, and the simulated ones after them."""
    real = [replace(person, weight=1.0 if person.shape else plan.rows) for person in people if person.set == "train"]
    if not plan.simulated:
        return [person for person in real if person.weight > 0]
    others = simulated(max(1, len(real) // 4), plan.seed)
    total = sum(person.weight for person in real)
    weight = plan.simulated / (1 - min(plan.simulated, 0.9)) * total / len(others)
    return [p for p in [*real, *(replace(person, weight=weight) for person in others)] if p.weight > 0]


def train_joint(request: TrainingRequest, configuration: Path, progress: Progress) -> None:
    """Train as asked, then calibrate. Raises InputError."""
    run = JointRun(request.folder, read_plan(configuration), request.data, request.people, request.jobs)
    folding = load_folding(find_model(request.folding))
    trainer = JointTrainer(run, progress, **request.engine)
    trainer.train(progress)
    calibrate(request.folder, folding, trainer.people, progress)


class JointTrainer(Loop):
    """A run of the joint model."""

    def __init__(
        self,
        run: JointRun,
        progress: Progress = lambda _what: None,
        *,
        devices: int | str = "auto",
        precision: Precision = "auto",
    ) -> None:
        stores = [open_store(path) for path in run.stores]
        refuse_leak(stores)
        with Workers(run.jobs) as workers:
            everybody = people_of(stores, run.tables, workers, progress)
        if not any(person.shape for person in everybody):
            raise InputError(
                "nobody has a T1w of an extracted brain; the joint model learns from stores of real people with one."
            )
        self._run, plan = run, run.plan
        super().__init__(run.folder, plan.training, as_plain(plan), devices=devices, precision=precision)
        progress("fitting columns, shapes and the normal distribution")
        self._fitted = fitted_statistics(weighted(everybody, plan.training), plan)
        self._with_parts()
        self._validation = self._checked([person for person in everybody if person.set == "validation"])
        network = JointNetwork(plan.network, len(self._fitted.columns))
        network.take(self._fitted.normal)
        self._begin(network)
        self._resume()

    @property
    def people(self) -> list[Participant]:
        """Who trains."""
        return self._fitted.people

    def _with_parts(self) -> None:
        """For each part of the people the normal distribution of the others, and its people drawn whole from that."""
        cells, plan = self._fitted.cells, self._run.plan.training
        part = parts([person.person for person in self._fitted.people], _PARTS)
        self._normals, self._members, self._scores = [], [], []
        for number in range(_PARTS):
            rng = np.random.default_rng([plan.seed, number])
            normal = fit(cells.of(part != number), rng, shrunk=plan.shrunk)
            own = cells.of(part == number)
            self._normals.append(_tensors(normal))
            self._members.append(own)
            self._scores.append(np.stack([filled(own, normal, rng) for _ in range(_VERSIONS)]).astype(np.float32))

    def _checked(self, people: list[Participant]) -> tuple[Tensor, Tensor]:
        """Scores and known cells of the validation set, drawn whole."""
        columns, basis = self._fitted.columns, self._fitted.basis
        numbers = {place: basis.numbers(person.velocity) for place, person in enumerate(people) if person.shape}
        cells = cells_of(people, columns, numbers, basis.components.shape[0])
        scores = filled(cells, self._fitted.normal, np.random.default_rng(5))
        return torch.from_numpy(scores.astype(np.float32)), torch.from_numpy(cells.known)

    def _costs_of_step(self) -> tuple[Tensor, Costs]:
        plan, part = self._run.plan.training, self.step % _PARTS
        rng = np.random.default_rng([plan.seed, self.step, 1])
        own = self._members[part]
        chosen = rng.choice(len(own.weights), plan.batch, p=own.weights / own.weights.sum())
        scores = torch.from_numpy(self._scores[part][rng.integers(_VERSIONS, size=plan.batch), chosen])
        known = torch.from_numpy(own.known[chosen])
        device = self._fabric.device
        mean, covariance = (tensor.to(device) for tensor in self._normals[part])
        levels = self._levels(rng, plan.batch)
        found = _costs(self._network, scores.to(device), known.to(device), levels.to(device), (mean, covariance))
        return found["record"] + found["brain"], found

    def _levels(self, rng: np.random.Generator, count: int) -> Tensor:
        """Levels of noise (people, numbers): of a record number by number, of a shape as a whole.

        As people ask: nothing is given, a few columns, the brain with a few, or any share; the study in half of all cases. The
        rest has one level, or, ``apart``, each number its own.
        """
        columns, shape = len(self._fitted.columns), self._run.plan.network.shape
        names = [column.name for column in self._fitted.columns]
        few = rng.random((count, columns + 1)) < rng.integers(1, 4, (count, 1)) / columns
        given = rng.random((count, columns + 1)) < rng.random((count, 1))
        asked = rng.random((count, 1))
        given = np.where(asked < _SOME, few, np.where(asked < _SOME + _NOTHING, False, given))
        given[:, names.index("study")] |= rng.random(count) < _OF_A_STUDY
        given[:, -1] |= rng.random(count) < _OF_A_BRAIN
        with_brain = given[:, -1] & (rng.random(count) < 0.8)
        for place, name in enumerate(names):
            if name in MEASURED_IN_IMAGES:
                given[:, place] |= with_brain
        own, level = rng.random((count, columns + 1)), rng.random((count, 1))
        apart = rng.random((count, 1)) < self._run.plan.training.apart
        levels = np.where(apart, own, np.where(given, 0.0, level))
        whole = np.concatenate([levels[:, :-1], np.repeat(levels[:, -1:], shape, axis=1)], axis=1)
        return torch.from_numpy(whole.astype(np.float32))

    def _check(self) -> Mapping[str, float]:
        """Errors of sampling both, a record given the brain, and a brain given the record; and of the closed form alone."""
        scores, known = (tensor.to(self._fabric.device) for tensor in self._validation)
        columns, found = len(self._fitted.columns), dict[str, list[float]]()
        generator = torch.Generator().manual_seed(11)
        for number in range(_CHECKED):
            level = (number + 0.5) / _CHECKED
            for name, given in (("both", None), ("record", slice(columns, None)), ("brain", slice(0, columns))):
                levels = torch.full_like(scores, level)
                if given is not None:
                    levels[:, given] = 0
                noise = torch.randn(scores.shape, generator=generator).to(scores.device)
                x = (1 - levels) * scores + levels * noise
                wanted, used = noise - scores, known & (levels > 0)
                for of, v in (("", self._average(x, levels)), (" closed", velocity(x, levels, *self._normal()))):
                    found.setdefault(name + of, []).append(float((v - wanted)[used].square().mean()))
        return {name: sum(values) / len(values) for name, values in found.items()}

    def _normal(self) -> tuple[Tensor, Tensor]:
        network: Any = self._average.module
        return network.mean, network.covariance

    def _publish(self, network: Any) -> None:
        people = [person for person in self._fitted.people if not person.person.startswith("simulated ")]
        about = {"brains": sum(person.shape is not None for person in people), "records": len(people)}
        trained_on = frozenset(mark_of(p.shape.entry) for p in people if p.shape is not None)
        fitted = self._fitted
        found = JointModel("", network, fitted.columns, fitted.basis, (0.0, 1.0), _fluid(people))
        save_joint(self._run.folder, replace(found, trained_on=trained_on, training=about))


def _fluid(people: list[Participant]) -> tuple[float, float]:
    """The line from nWBV to fluid in pictures; flat where too few have both."""
    pairs = np.array([(p.record["nwbv"], p.shape.fluid) for p in people if p.shape and "nwbv" in p.record], float)
    if len(pairs) < 3 or np.ptp(pairs[:, 0]) == 0:
        return 0.0, 0.0
    slope, start = np.polyfit(pairs[:, 0], pairs[:, 1], 1)
    return float(start), float(slope)


def _costs(network: Any, scores: Tensor, known: Tensor, levels: Tensor, normal: tuple[Tensor, Tensor]) -> Costs:
    """Squared errors of the velocity at what is known and noisy, of the record and of the brain."""
    noise = torch.randn_like(scores)
    off = (network((1 - levels) * scores + levels * noise, levels, normal) - (noise - scores)).square()
    used = known & (levels > 0)
    columns = network.columns if hasattr(network, "columns") else network.module.columns
    parts_of = {"record": (off[:, :columns], used[:, :columns]), "brain": (off[:, columns:], used[:, columns:])}
    return {name: (part * there).sum() / there.sum().clamp_min(1) for name, (part, there) in parts_of.items()}


def _tensors(normal: Normal) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(normal.mean, dtype=torch.float32), torch.as_tensor(normal.covariance, dtype=torch.float32)
