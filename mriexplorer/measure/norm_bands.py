"""A norm's curves as points to draw: centiles of a measure over age, for one sex."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mriexplorer.measure.norms import BANDS, Norms

_STEPS = 40


@dataclass(frozen=True)
class NormBands:
    """``ages`` (years) and, by centile of ``BANDS``, the values there; shares in %, volumes in cm³."""

    ages: tuple[float, ...]
    values: Mapping[float, tuple[float, ...]]

    @property
    def span(self) -> tuple[float, float]:
        """The least and the largest value."""
        return min(min(line) for line in self.values.values()), max(max(line) for line in self.values.values())


def bands(of: Norms, name: str, sex: str) -> NormBands:
    """The curves of a measure (``wm``, or ``wm_cm3``) for a sex of the norm."""
    ages = tuple(float(age) for age in np.linspace(*of.ages[sex], _STEPS))
    curve, factor = of.curves[name][sex], 1.0 if name.endswith("_cm3") else 100.0
    return NormBands(ages, {centile: tuple(factor * curve.value(centile, age) for age in ages) for centile in BANDS})
