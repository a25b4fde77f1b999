"""Volumes of real people by age and sex: curves that give a person's centile. ``resources/norms/volumes.json`` holds them.

A curve is fitted by the LMS method (Cole and Green, Statistics in Medicine 1992): at each age a power (L) makes the values normal
about a median (M) with a coefficient of variation (S). Here the power is one number, and the logarithms of median and spread are
polynomials in age. ``tests/benchmarks/norms.py`` fits them; no person is in the file, only the numbers of the curves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from statistics import NormalDist
from typing import Any

from mriexplorer.measure.brain_volumes import RECIPE
from mriexplorer.places import resource

BANDS = (5.0, 25.0, 50.0, 75.0, 95.0)  # centiles that are drawn
MIDDLE_AGE, AGE_SCALE = 50.0, 30.0  # years: polynomials are in (age - 50) / 30
SEXES = {"F": "women", "M": "men"}
_NORMAL = NormalDist()
_FILE = "norms/volumes.json"


@dataclass(frozen=True)
class NormCurve:
    """The values of one measure in people of one sex. ``median`` and ``spread``: coefficients of polynomials, constant first."""

    power: float
    median: tuple[float, ...]
    spread: tuple[float, ...]

    def centile(self, value: float, age: float) -> float:
        """The share (%) of people of an age (years) whose value is below."""
        if value <= 0:
            return 0.0
        middle, spread = self._at(age)
        ratio = value / middle
        z = log(ratio) / spread if abs(self.power) < 1e-6 else (ratio**self.power - 1) / (self.power * spread)
        return 100 * _NORMAL.cdf(z)

    def value(self, centile: float, age: float) -> float:
        """The value that a share (%) of people of an age lies below."""
        middle, spread = self._at(age)
        z = _NORMAL.inv_cdf(centile / 100)
        if abs(self.power) < 1e-6:
            return middle * exp(spread * z)
        return float(middle * max(1 + self.power * spread * z, 1e-9) ** (1 / self.power))

    def _at(self, age: float) -> tuple[float, float]:
        x = (age - MIDDLE_AGE) / AGE_SCALE
        return exp(_polynomial(self.median, x)), exp(_polynomial(self.spread, x))


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    return sum(c * x**power for power, c in enumerate(coefficients))


@dataclass(frozen=True)
class Calibration:
    """How the curves fare on people who were left out of the fit: shares (%) below the 5th, above the 95th centile, and the
    probability of a Kolmogorov-Smirnov test that their centiles are uniform. ``again``: the standard deviation of the difference
    of centiles between two scans of one person.
    """

    below_5: float
    above_95: float
    uniform_p: float
    again: float


@dataclass(frozen=True)
class Norms:
    """Curves by measure and sex; ``people`` by sex, the ``ages`` (years) that they cover, and the ``field`` (T) of their scans.

    ``sentence`` says in the window whose values they are; ``credit`` is the citation, ``method`` how they were fitted. ``head``
    (cm³): eTIV over this is the size of a head that was brought to the atlas.
    """

    measure: int
    study: str
    sentence: str
    credit: str
    method: str
    field: float
    people: Mapping[str, int]
    ages: Mapping[str, tuple[float, float]]
    head: float
    curves: Mapping[str, Mapping[str, NormCurve]]
    calibration: Mapping[str, Calibration]

    def missing(self, age: float | None, sex: str | None) -> str:
        """Why a person of this age and sex has no centiles; empty where they have."""
        if age is None or sex is None:
            unknown = " and ".join(name for name, value in (("age", age), ("sex", sex)) if value is None)
            return f"No centiles: the record tells no {unknown}."
        if sex not in self.ages:
            return f"No centiles: the norm knows {' and '.join(SEXES.values())} alone, the record says {sex}."
        low, high = self.ages[sex]
        if not low <= age <= high:
            return f"No centiles: the norm holds {SEXES[sex]} of {low:g} to {high:g} years, the record says {age:g}."
        return ""

    def centile(self, name: str, value: float, age: float | None, sex: str | None) -> float | None:
        """The centile of a measure's value; None where there is none (``missing`` says why)."""
        if age is None or sex is None or self.missing(age, sex) or name not in self.curves:
            return None
        return self.curves[name][sex].centile(value, age)


@lru_cache(maxsize=1)
def norms() -> Norms:
    """The shipped norms. Raises ValueError where the file belongs to another measure than the one in use."""
    import msgspec

    content: Any = msgspec.json.decode(resource(_FILE).read_bytes())
    found = msgspec.convert(content, Norms)
    if found.measure != RECIPE:
        raise ValueError(f"{_FILE} was measured by recipe {found.measure}, not {RECIPE}; run tests/benchmarks/norms.py --fit.")
    return found
