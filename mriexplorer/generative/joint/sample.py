"""Every question to the joint model: people at random, with some of the record given, given a brain, otherwise, in between.

Whoever is sampled comes from noise that a seed gives. The same seed with another wish is the same person otherwise: older, of
the other sex, with a larger head.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import chi2

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.columns import BMI, HIDDEN, Values, bmi
from mriexplorer.generative.joint.flow import STEPS, flow
from mriexplorer.generative.joint.gaussian import Cells, filled
from mriexplorer.generative.joint.model import JointModel, sound
from mriexplorer.generative.joint.quantile_mapping import moved
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.linear import Numbers
from mriexplorer.subject.record_columns import RecordColumn, record_column

_AGREE = 0.6  # kg/m² by which a given BMI may differ from height and weight
_RARE = 0.01  # of people are as unlikely together
_DRAWS = 160  # of an estimate
_INTERVAL = (5, 95)  # percentiles


@dataclass(frozen=True)
class Invented:
    """A person who never was. ``scores`` (numbers,): of the columns, then of the shape; ``given`` is what was wished.

    ``folds``: seeds and shares of whose folds they have.
    """

    record: Values
    scores: Numbers
    seed: int
    given: Mapping[str, float | str]
    folds: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Estimate:
    """What a brain (and what else was given) tells of a column: the median, and where 90 % lie; levels with their shares."""

    name: str
    value: float | str
    low: float | None
    high: float | None
    shares: Mapping[str, float]


def checked(model: JointModel, wishes: Mapping[str, float | str]) -> dict[str, float | str]:
    """Wishes as the model takes them, BMI turned into weight where height is wished too.

    Raises InputError for columns that are not there, values that nobody can have, and wishes that contradict each other.
    """
    found = {name: _possible(model, name, value) for name, value in wishes.items()}
    mass = found.get(BMI.name)
    if not isinstance(mass, float):
        return found
    height, weight = found.get("height_cm"), found.get("weight_kg")
    if isinstance(height, float) and isinstance(weight, float):
        real = bmi(found) or 0.0
        if abs(real - mass) > _AGREE:
            raise InputError(
                f"height {height:g} cm and weight {weight:g} kg make a BMI of {real:.1f}, not {mass:g}; leave one out."
            )
    elif isinstance(height, float):
        found["weight_kg"] = _possible(model, "weight_kg", round(mass * (height / 100) ** 2, 1))
    elif isinstance(weight, float):
        found["height_cm"] = _possible(model, "height_cm", round(100 * (weight / mass) ** 0.5, 1))
    if isinstance(found.get("height_cm"), float) and isinstance(found.get("weight_kg"), float):
        del found[BMI.name]
    return found


def _possible(model: JointModel, name: str, value: float | str) -> float | str:
    known = [column.name for column in model.columns] + [BMI.name]
    if name not in known:
        shown = [n for n in known if n not in HIDDEN]
        raise InputError(f"the model {model.name} has no column {name}; it has {', '.join(shown)}.")
    of = record_column(name)
    if of.name == BMI.name or not _of_words(model, of):
        return _number(model, of, value)
    column = model.column(name)
    match = next((v for v in column.values if str(v).lower() == str(value).lower()), None)
    if match is None:
        raise InputError(f"{of.label} cannot be {value!r}; it is one of {', '.join(map(str, column.values))}.")
    return str(match)


def _of_words(model: JointModel, of: RecordColumn) -> bool:
    return of.discrete and isinstance(model.column(of.name).values[0], str)


def _number(model: JointModel, of: RecordColumn, value: float | str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    low, high = of.limits
    if not low <= number <= high:
        unit = f" {of.unit.name}" if of.unit.name else ""
        metres = f" Did you mean {100 * number:g} cm?" if of.name == "height_cm" and 0.5 <= number <= 2.5 else ""
        raise InputError(f"{of.label} cannot be {value}; it lies between {low:g} and {high:g}{unit}.{metres}")
    if of.discrete:
        values = [float(v) for v in model.column(of.name).values]
        if of.step >= 1 or of.name == "cdr":
            nearest = min(values, key=lambda v: abs(v - number))
            if of.name == "cdr" and abs(nearest - number) > 1e-6:
                raise InputError(f"CDR cannot be {value}; the model knows {', '.join(f'{v:g}' for v in values)}.")
            if abs(round(number) - number) > 1e-6 and of.step >= 1:
                raise InputError(f"{of.label} cannot be {value}; it is a whole number.")
    return number


@sound
def unlike(model: JointModel, wishes: Mapping[str, float | str]) -> list[str]:
    """What of the wishes lies outside of what the model knows, in sentences: beyond 98 % of people, or hardly anybody has all."""
    said, places, scores = [], [], []
    for name, value in wishes.items():
        if name == BMI.name:
            continue
        column, low_high = model.column(name), (0.0, 0.0)
        if isinstance(value, float | int):
            low, high = column.usual
            if not low <= value <= high:
                said.append(f"{column.kind.label} {value:g} lies outside of what the model knows ({low:g} to {high:g}).")
        low_high = column.interval(value)
        if low_high[0] == low_high[1]:
            places.append(model.place(name))
            scores.append(low_high[0])
    if len(places) > 1:
        normal = model.normal
        off = np.array(scores) - normal.mean[places]
        apart = float(off @ np.linalg.solve(normal.covariance[np.ix_(places, places)], off))
        if chi2.sf(apart, len(places)) < _RARE:
            named = ", ".join(model.columns[place].kind.label for place in places)
            said.append(f"Hardly anybody has this {named} together.")
    return said


# -- sampling --------------------------------------------------------------------------------------------------


@sound
def invent(
    model: JointModel,
    seeds: Sequence[int],
    wishes: Mapping[str, float | str] | None = None,
    *,
    brain: Mapping[str, Numbers] | None = None,
    device: torch.device | None = None,
    steps: int = STEPS,
) -> list[Invented]:
    """People of the seeds, with what is wished. ``brain`` gives the shape (numbers of the basis) too. Raises InputError."""
    given = checked(model, wishes or {})
    if BMI.name in given:  # neither height nor weight is wished: the height first, then the weight that makes the BMI
        mass = given.pop(BMI.name)
        first = invent(model, seeds, given, brain=brain, device=device, steps=steps)
        each = [{**given, "height_cm": p.record["height_cm"], BMI.name: mass} for p in first]
        people = [invent(model, [s], w, brain=brain, device=device, steps=steps)[0] for s, w in zip(seeds, each, strict=True)]
        return [replace(person, given={**given, BMI.name: mass}) for person in people]
    fixed = _given_scores(model, seeds, given, brain)
    start = np.stack([noise_of(model, seed) for seed in seeds])
    there = np.isfinite(fixed)
    scores = _as_studied(model, _flowed(model, np.where(there, fixed, start), there, device, steps), there)
    if brain is None and model.margins:  # a brain for the record as it is now
        record = np.arange(scores.shape[1]) < len(model.columns)
        scores = _flowed(model, np.where(record, scores, start), np.broadcast_to(record, scores.shape).copy(), device, steps)
    if not np.isfinite(scores).all():
        raise ArithmeticError("values that are no numbers")
    return [
        Invented({**_record(model, row), **given}, row, seed, dict(given), ((seed, 1.0),))
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
    """Scores of people (people, numbers) whose free columns are moved as the study of each has them."""
    found = scores.copy()
    for row, free in zip(found, ~there, strict=True):
        study = model.column("study").value(float(row[model.place("study")]))
        for place, column in enumerate(model.columns):
            if free[place]:
                row[place] = moved(model.margins, study, column.name, float(row[place]))
    return found


def _record(model: JointModel, scores: Numbers) -> Values:
    return {column.name: column.value(float(score)) for column, score in zip(model.columns, scores, strict=False)}


def shape_of(model: JointModel, person: Invented) -> Numbers:
    """The numbers of a person's shape."""
    return person.scores[len(model.columns) :]


def between(model: JointModel, one: Invented, other: Invented, share: float) -> Invented:
    """Somebody between two people: scores, and folds place by place; ``share`` 0 is the one, 1 the other."""
    scores = (1 - share) * one.scores + share * other.scores
    folds = tuple((s, w * (1 - share)) for s, w in one.folds) + tuple((s, w * share) for s, w in other.folds)
    return Invented(_record(model, scores), scores, one.seed, {}, tuple((s, w) for s, w in folds if w > 0))


# -- a record from a brain -------------------------------------------------------------------------------------


def estimates(
    model: JointModel, shape: Numbers, known: Mapping[str, float | str], device: torch.device | None = None
) -> list[Estimate]:
    """What the shape of a brain and what is known of the person tell of each other column. Raises InputError."""
    people = invent(model, range(1, _DRAWS + 1), known, brain={"shape": shape}, device=device)
    free = [column for column in model.columns if column.name not in known and column.name not in HIDDEN]
    return [_estimate(column.name, [person.record[column.name] for person in people]) for column in free]


def _estimate(name: str, drawn: list[float | str]) -> Estimate:
    if isinstance(drawn[0], str):
        shares = {str(level): drawn.count(level) / len(drawn) for level in dict.fromkeys(drawn)}
        ordered = dict(sorted(shares.items(), key=lambda item: -item[1]))
        return Estimate(name, next(iter(ordered)), None, None, ordered)
    numbers = np.array(drawn, float)
    low, high = np.percentile(numbers, _INTERVAL)
    return Estimate(name, float(np.median(numbers)), float(low), float(high), {})
