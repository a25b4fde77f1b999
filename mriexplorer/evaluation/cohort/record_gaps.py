"""Cells that nobody measured, where a model tells everything: synthetic people are asked as real people like them were.

Studies do not leave cells empty at random: OASIS-1 has MMSE and CDR of its older people only. The MMSE of synthetic people of all
ages would be another one for that alone, and a CDR of 0 at 25 a combination that no real person has.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Record = Mapping[str, float | str]

_OTHER_STUDY = 1000.0  # years: whoever is of the same study is nearer, whatever the age


def with_gaps_of(real: Sequence[Record], synthetic: Sequence[Record], names: Sequence[str]) -> list[Record]:
    """Synthetic records without what the real person nearest in age (of the same study, where both say) lacks.

    Only of columns (``names``) that every synthetic and not every real person has: a model that leaves cells empty is taken
    as it is. Of several that are as near, one by chance, the same every time.
    """
    emptied = [name for name in names if all(name in one for one in synthetic) and any(name not in one for one in real)]
    if not emptied or not real:
        return list(synthetic)
    ages, studies, random = _ages(real), np.array([one.get("study") for one in real], object), np.random.default_rng(0)
    found: list[Record] = []
    for one in synthetic:
        like = real[_nearest(one, ages, studies, random)]
        found.append({name: value for name, value in one.items() if name not in emptied or name in like})
    return found


def _nearest(one: Record, ages: NDArray[np.float64], studies: NDArray[np.object_], random: np.random.Generator) -> int:
    far = np.nan_to_num(np.abs(ages - _ages([one])[0]), nan=_OTHER_STUDY)
    if "study" in one:
        far = far + _OTHER_STUDY * (studies != one["study"])
    return int(random.choice(np.flatnonzero(far == far.min())))


def _ages(records: Sequence[Record]) -> NDArray[np.float64]:
    told = [one.get("age") for one in records]
    return np.array([float(age) if isinstance(age, int | float) else np.nan for age in told])
