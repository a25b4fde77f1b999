"""Clinical attributes of simulated people: a short chain of fitted distributions, so that a record hangs together.

    age, sex ─┬─► height ─► weight (by BMI) ─► BMI (derived, never drawn)
              ├─► ethnicity, education
              ├─► CDR ─► MMSE
              └─► eTIV (with height), nWBV (with CDR) ─► grey share, ventricles

The numbers are in resources/people.json, with the studies that they were fitted on; tests/benchmarks/attributes.py fits them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from typing import Any

import numpy as np

from mriexplorer.places import resource

DEFAULT = "adults"
# Medians of healthy people at these ages: grey matter's share of the brain, and ventricles as a share of the inside of the skull.
# From 45 on the ratios of the reference volumes; below, continued towards the ventricles of young adults.
_AGES = (20.0, 30.0, 45.0, 55.0, 65.0, 75.0, 85.0, 95.0)
_GREY = (0.590, 0.580, 0.568, 0.560, 0.554, 0.5475, 0.5455, 0.544)
_VENTRICLES = (0.0085, 0.0095, 0.0114, 0.0127, 0.0171, 0.0241, 0.0325, 0.0420)
_GREY_SPREAD, _VENTRICLE_SPREAD = 0.010, 0.32  # standard deviations: of the share, and of the logarithm of ventricles
_VENTRICLES_WITH_DEMENTIA = 1.35
_TRIES = 50


@dataclass(frozen=True)
class SimulatedRecord:
    """What is known of a simulated person. ``age`` in years, lengths in cm, weight in kg, eTIV in cm³, nWBV as a share.

    A value that the population's study did not measure is None. ``grey`` and ``ventricles`` are targets for the anatomy: grey
    matter as a share of the brain, ventricles as a share of eTIV.
    """

    age: float
    sex: str
    height_cm: float | None
    weight_kg: float | None
    ethnicity: str | None
    education_years: float | None
    mmse: int | None
    cdr: float | None
    etiv_cm3: float
    nwbv: float
    grey: float
    ventricles: float

    @property
    def bmi(self) -> float | None:
        """Weight over height squared (kg/m²), of the values as written."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return round(self.weight_kg / (self.height_cm / 100) ** 2, 2)


@lru_cache(maxsize=1)
def populations() -> Mapping[str, Mapping[str, Any]]:
    """The fitted numbers by population: ``adults`` (all columns, ages 18 to 96) and each study as it was measured."""
    content: dict[str, Any] = json.loads(resource("people.json").read_text(encoding="utf-8"))
    return dict(content["populations"])


def draw(rng: np.random.Generator, population: str = DEFAULT) -> SimulatedRecord:
    """One person of a population. KeyError for a population that is not there."""
    of = populations()[population]
    age = float(np.clip(round(_quantile(rng, of["age"]), 1), 18, 96))
    male = bool(rng.random() < np.interp(age, *of["male"]))
    tall, height, weight = _body(rng, of, age, male) if "height_cm" in of else (0.0, None, None)
    ethnicity = _one_of(rng, of["ethnicity"]) if "ethnicity" in of else None
    education = _one_of(rng, of["education_years"]) if "education_years" in of else None
    cdr = _cdr(rng, of["cdr"], age) if "cdr" in of else None
    mmse = _one_of(rng, of["mmse"][f"{min(cdr or 0.0, 1.0):g}"]) if "mmse" in of else None
    demented = (cdr or 0) > 0
    etiv = _head_size(rng, of["etiv_cm3"], age, male, tall)
    expected = _nwbv(of["nwbv"], age, male, demented)
    nwbv = _within(of["nwbv"]["range"], lambda: expected + of["nwbv"]["sd"] * rng.standard_normal())
    nwbv = round(nwbv, 4)
    grey = grey_share(age) + float(rng.normal(0, _GREY_SPREAD))
    wide = rng.normal(0, _VENTRICLE_SPREAD) * (0.85 if demented else 1.0)
    ventricles = exp(float(np.interp(age, _AGES, np.log(_VENTRICLES))) + wide) * (_VENTRICLES_WITH_DEMENTIA if demented else 1.0)
    return SimulatedRecord(
        age, "M" if male else "F", height, weight, ethnicity, float(education) if education else None,
        int(mmse) if mmse else None, cdr, round(etiv, 1), nwbv, grey, min(ventricles, 0.3 * (1 - nwbv)),
    )  # fmt: skip


def grey_share(age: float) -> float:
    """Grey matter as a share of the brain: the median of healthy people of an age (years)."""
    return float(np.interp(age, _AGES, _GREY))


def _body(rng: np.random.Generator, of: Mapping[str, Any], age: float, male: bool) -> tuple[float, float, float]:
    """Height as standard deviations from what age and sex let expect, height (cm) and weight (kg); all as far as was measured."""
    heights, masses, sex = of["height_cm"], of["log_bmi"], "M" if male else "F"
    for _ in range(_TRIES):
        tall = _quantile(rng, heights["residual"][sex])
        height = round(_expected(heights, age, male) + heights["sd"][sex] * tall, 1)
        bmi = exp(_expected(masses, age, male) + masses["sd"][sex] * _quantile(rng, masses["residual"][sex]))
        weight = round(bmi * (height / 100) ** 2, 1)
        if _inside(heights["range"], height) and _inside(of["weight_range"], weight) and _inside(masses["range"], bmi):
            break
    return tall, height, weight


def _head_size(rng: np.random.Generator, fitted: Mapping[str, Any], age: float, male: bool, tall: float) -> float:
    """eTIV in cm³, larger in the tall."""
    r, sex = fitted["with_height"], "M" if male else "F"
    own, spread = fitted["residual"][sex], fitted["sd"][sex]
    expected = _expected(fitted, age, male) + spread * r * tall
    return _within(fitted["range"], lambda: expected + spread * float(np.sqrt(1 - r**2)) * _quantile(rng, own))


def _within(limits: list[float], draw_one: Callable[[], float]) -> float:
    """A draw that lies inside the limits, or the last of some tries brought to the nearer one."""
    for _ in range(_TRIES):
        value = draw_one()
        if _inside(limits, value):
            return value
    return min(max(value, limits[0]), limits[1])


def _inside(limits: list[float], value: float) -> bool:
    return limits[0] <= value <= limits[1]


def _quantile(rng: np.random.Generator, knots: list[float]) -> float:
    """A draw from a distribution that is given by equally spaced quantiles, the smallest and largest value included."""
    return float(np.interp(rng.random(), np.linspace(0, 1, len(knots)), knots))


def _expected(fitted: Mapping[str, Any], age: float, male: bool) -> float:
    by_sex = fitted["M" if male else "F"]
    return float(by_sex[0] + by_sex[1] * (age - 50) + by_sex[2] * (age - 50) ** 2)


def _nwbv(fitted: Mapping[str, float], age: float, male: bool, demented: bool) -> float:
    a = age - 50
    return fitted["at50"] + fitted["slope"] * a + fitted["bend"] * a**2 + fitted["male"] * male + fitted["demented"] * demented


def _one_of(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    values, weights = list(shares), np.array(list(shares.values()), float)
    return values[int(np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(), side="right").clip(0, len(values) - 1))]


def _cdr(rng: np.random.Generator, fitted: Mapping[str, Any], age: float) -> float:
    """Clinical dementia rating: above 0 with a probability that grows with age."""
    if rng.random() >= np.interp(age, *fitted["above_zero"]):
        return 0.0
    return float(_one_of(rng, fitted["levels"]))
