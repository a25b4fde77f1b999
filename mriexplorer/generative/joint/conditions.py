"""What is fixed of a record before the rest is sampled: whether it can be, and whether the model knows such people."""

from collections.abc import Mapping

import numpy as np
from scipy.stats import chi2

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.columns import BMI, HIDDEN
from mriexplorer.generative.joint.model import JointModel, sound
from mriexplorer.subject.body_mass_index import bmi
from mriexplorer.subject.record_columns import RecordColumn, record_column

_AGREE = 0.6  # kg/m² by which a given BMI may differ from height and weight
_RARE = 0.01  # of people are as unlikely together


def checked(model: JointModel, conditions: Mapping[str, float | str]) -> dict[str, float | str]:
    """Conditions as the model takes them, BMI turned into weight where height is given too.

    Raises InputError for columns that are not there, values that nobody can have, and conditions that contradict each other.
    """
    found = {name: _possible(model, name, value) for name, value in conditions.items()}
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
def extrapolation_warnings(model: JointModel, conditions: Mapping[str, float | str]) -> list[str]:
    """What of the conditions the model hardly knows, in sentences: beyond 98 % of people, or hardly anybody has all of them."""
    said, places, scores = [], [], []
    for name, value in conditions.items():
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
