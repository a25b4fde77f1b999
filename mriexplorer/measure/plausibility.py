"""Whether a record can be: its values among those of real people of the same age and sex, and against each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp
from statistics import NormalDist
from typing import Any

from mriexplorer.measure.norms import norms
from mriexplorer.simulation.record import DEFAULT, populations
from mriexplorer.subject.body_mass_index import bmi
from mriexplorer.subject.dementia_rating import cdr_of_mmse, steps_apart
from mriexplorer.subject.record_columns import RecordValue

_RARE = 0.5  # %: beyond this centile on either side a value is said to be rare
_APART = 1  # steps of the CDR that MMSE and CDR of one real person may well differ by


@dataclass(frozen=True)
class RecordCheck:
    """What was looked at, in words, and whether it is plausible."""

    sentence: str
    plausible: bool


def checks(record: Mapping[str, RecordValue]) -> tuple[RecordCheck, ...]:
    """What can be checked of a record; nothing where it tells too little."""
    found = [_dementia(record), *(_among(record, *row) for row in _VALUES)]
    return tuple(one for one in found if one is not None)


def _dementia(record: Mapping[str, RecordValue]) -> RecordCheck | None:
    apart = steps_apart(record)
    mmse, cdr = _number(record, "mmse"), _number(record, "cdr")
    if apart is None or mmse is None or cdr is None:
        return None
    said = f"MMSE {mmse:g} and CDR {cdr:g}: by the MMSE, CDR {cdr_of_mmse(mmse):g} (Perneczky 2006)"
    return RecordCheck(said, apart <= _APART)


def _among(
    record: Mapping[str, RecordValue], label: str, unit: str, centile: Callable[..., tuple[float, float] | None]
) -> RecordCheck | None:
    age, sex = _number(record, "age"), record.get("sex")
    found = None if age is None or sex not in ("F", "M") else centile(record, age, str(sex))
    if found is None:
        return None
    value, place = found
    return RecordCheck(f"{label} {value:.4g}{unit}: centile {place:.1f} for age and sex", _RARE <= place <= 100 - _RARE)


def _measured_by_the_study(name: str) -> Callable[..., tuple[float, float] | None]:
    def centile(record: Mapping[str, RecordValue], age: float, sex: str) -> tuple[float, float] | None:
        value = _number(record, name)
        place = None if value is None else norms().centile(name, value, age, sex)
        return None if value is None or place is None else (value, place)

    return centile


def _height(record: Mapping[str, RecordValue], age: float, sex: str) -> tuple[float, float] | None:
    value, of = _number(record, "height_cm"), populations()[DEFAULT]["height_cm"]
    return None if value is None else (value, 100 * NormalDist().cdf((value - _expected(of, age, sex)) / of["sd"][sex]))


def _body_mass(record: Mapping[str, RecordValue], age: float, sex: str) -> tuple[float, float] | None:
    value, of = bmi(record), populations()[DEFAULT]["log_bmi"]
    ratio = None if value is None else value / exp(_expected(of, age, sex))
    return None if value is None or ratio is None else (value, 100 * NormalDist().cdf((ratio - 1) / of["sd"][sex]))


def _expected(of: Mapping[str, Any], age: float, sex: str) -> float:
    level, slope, bend = of[sex]
    return float(level + slope * (age - 50) + bend * (age - 50) ** 2)


def _number(record: Mapping[str, RecordValue], name: str) -> float | None:
    value = record.get(name)
    return None if value is None or isinstance(value, str) else float(value)


_VALUES: tuple[tuple[str, str, Callable[..., tuple[float, float] | None]], ...] = (
    ("eTIV", " cm³", _measured_by_the_study("etiv_cm3")),
    ("nWBV", "", _measured_by_the_study("nwbv")),
    ("Height", " cm", _height),
    ("BMI", " kg/m²", _body_mass),
)
