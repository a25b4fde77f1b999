"""Synthetic subjects of the joint model: at random, with conditions, given a brain, or between two others.

Whoever is sampled comes from noise that a seed gives. The same seed with other conditions is the same person otherwise: older, of
the other sex, with a larger head.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.generative.joint.columns import BMI, HIDDEN, Values
from mriexplorer.generative.joint.conditions import checked
from mriexplorer.generative.joint.flow import STEPS, flow
from mriexplorer.generative.joint.gaussian import Cells, filled
from mriexplorer.generative.joint.model import JointModel, sound
from mriexplorer.generative.joint.quantile_mapping import mapped
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.linear import Numbers
from mriexplorer.subject.attribute_estimate import AttributeEstimate
from mriexplorer.subject.record_columns import record_column

_DRAWS = 160  # of an estimate
_INTERVAL = (5, 95)  # percentiles


@dataclass(frozen=True)
class SyntheticSubject:
    """Record and numbers of a synthetic subject, without a brain yet. ``scores`` (numbers,): of the columns, then of the shape.

    ``given`` are the conditions; ``folding`` seeds and shares of the cortical folding that is mixed.
    """

    record: Values
    scores: Numbers
    seed: int
    given: Mapping[str, float | str]
    folding: tuple[tuple[int, float], ...]


@sound
def sample_subjects(
    model: JointModel,
    seeds: Sequence[int],
    conditions: Mapping[str, float | str] | None = None,
    *,
    brain: Mapping[str, Numbers] | None = None,
    device: torch.device | None = None,
    steps: int = STEPS,
) -> list[SyntheticSubject]:
    """Subjects of the seeds, with conditions. ``brain`` gives the shape (numbers of the basis) too. Raises InputError."""
    given = checked(model, conditions or {})
    if BMI.name in given:  # neither height nor weight is given: the height first, then the weight that makes the BMI
        mass = given.pop(BMI.name)
        first = sample_subjects(model, seeds, given, brain=brain, device=device, steps=steps)
        each = [{**given, "height_cm": p.record["height_cm"], BMI.name: mass} for p in first]
        people = [
            sample_subjects(model, [s], w, brain=brain, device=device, steps=steps)[0] for s, w in zip(seeds, each, strict=True)
        ]
        return [replace(person, given={**given, BMI.name: mass}) for person in people]
    fixed = _given_scores(model, seeds, given, brain)
    start = np.stack([noise_of(model, seed) for seed in seeds])
    there = np.isfinite(fixed)
    scores = _as_studied(model, _flowed(model, np.where(there, fixed, start), there, device, steps), there)
    if brain is None and model.quantile_maps:  # a brain for the record as it is now
        record = np.arange(scores.shape[1]) < len(model.columns)
        scores = _flowed(model, np.where(record, scores, start), np.broadcast_to(record, scores.shape).copy(), device, steps)
    if not np.isfinite(scores).all():
        raise ArithmeticError("values that are no numbers")
    return [
        SyntheticSubject({**_record(model, row), **given}, row, seed, dict(given), ((seed, 1.0),))
        for row, seed in zip(scores, seeds, strict=True)
    ]


def noise_of(model: JointModel, seed: int) -> Numbers:
    """The noise that a seed's person comes from."""
    return np.asarray(np.random.default_rng([seed, 3]).standard_normal(len(model.columns) + model.plan.shape))


def _given_scores(
    model: JointModel, seeds: Sequence[int], given: Mapping[str, float | str], brain: Mapping[str, Numbers] | None
) -> Numbers:
    """(people, numbers): scores of what is given, nan for the rest. Within a level, drawn by the seed, given the others."""
    count = len(model.columns)
    low = np.full(count + model.plan.shape, -np.inf)
    high = np.full_like(low, np.inf)
    for name, value in given.items():
        low[model.place(name)], high[model.place(name)] = model.column(name).interval(value)
    if brain is not None:
        low[count:] = high[count:] = brain["shape"]
    rows, normal = [], model.normal
    for seed in seeds:
        cells = Cells(low[None], high[None], np.ones(1))
        rows.append(np.where(cells.known, filled(cells, normal, np.random.default_rng([seed, 4])), np.nan)[0])
    return np.stack(rows)


@one_thread_each()
def _flowed(model: JointModel, start: Numbers, given: NDArray[np.bool_], device: torch.device | None, steps: int) -> Numbers:
    device = device or torch.device("cpu")
    network = model.network.to(device)
    x = flow(network, torch.from_numpy(start.astype(np.float32)).to(device), torch.from_numpy(given).to(device), steps=steps)
    return np.asarray(x.cpu().numpy().astype(float))


def _as_studied(model: JointModel, scores: Numbers, there: NDArray[np.bool_]) -> Numbers:
    """Scores of people (people, numbers) whose free columns are mapped as the study of each has them."""
    found = scores.copy()
    for row, free in zip(found, ~there, strict=True):
        study = model.column("study").value(float(row[model.place("study")]))
        for place, column in enumerate(model.columns):
            if free[place]:
                row[place] = mapped(model.quantile_maps, study, column.name, float(row[place]))
    return found


def _record(model: JointModel, scores: Numbers) -> Values:
    return {column.name: column.value(float(score)) for column, score in zip(model.columns, scores, strict=False)}


def shape_of(model: JointModel, person: SyntheticSubject) -> Numbers:
    """The numbers of a person's shape."""
    return person.scores[len(model.columns) :]


def between(model: JointModel, one: SyntheticSubject, other: SyntheticSubject, share: float) -> SyntheticSubject:
    """Somebody between two people: scores, and folding place by place; ``share`` 0 is the one, 1 the other."""
    scores = (1 - share) * one.scores + share * other.scores
    folding = tuple((s, w * (1 - share)) for s, w in one.folding) + tuple((s, w * share) for s, w in other.folding)
    return SyntheticSubject(_record(model, scores), scores, one.seed, {}, tuple((s, w) for s, w in folding if w > 0))


# -- a record from a brain -------------------------------------------------------------------------------------


def estimates(
    model: JointModel, shape: Numbers, known: Mapping[str, float | str], device: torch.device | None = None
) -> list[AttributeEstimate]:
    """What the shape of a brain and what is known of the person tell of each other column. Raises InputError."""
    people = sample_subjects(model, range(1, _DRAWS + 1), known, brain={"shape": shape}, device=device)
    free = [column for column in model.columns if column.name not in known and column.name not in HIDDEN]
    return [_estimate(column.name, [person.record[column.name] for person in people]) for column in free]


def _estimate(name: str, draws: list[float | str]) -> AttributeEstimate:
    of = record_column(name)
    if isinstance(draws[0], str):
        shares = {str(level): draws.count(level) / len(draws) for level in dict.fromkeys(draws)}
        ordered = dict(sorted(shares.items(), key=lambda item: -item[1]))
        return AttributeEstimate(name, of.label, of.unit.name, next(iter(ordered)), shares=ordered)
    numbers = np.array(draws, float)
    low, high = np.percentile(numbers, _INTERVAL)
    return AttributeEstimate(name, of.label, of.unit.name, float(np.median(numbers)), float(low), float(high))
