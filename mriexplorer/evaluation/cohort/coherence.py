"""Do a person's image and record fit each other: slopes on age, what can be read back from the image, pairs that were mixed up.

What reads a record from an image is a ridge regression, learnt from the people that were trained on, else from half of the real
people; synthetic people and the other half are asked in the same way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mriexplorer.evaluation.chart import Chart, Illustrations, Role, Series
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import DRAWS, Chosen, DrawnComparison, Numbers, auc, drawn_pairs, standard_scale

Record = Mapping[str, float | str]

_SHARES = {"ventricles": "ventricles", "fluid": "all fluid", "white matter": "white matter", "grey matter": "grey matter"}
_FEWEST = 8  # people with an attribute, of a sex, in a half
_PENALTIES = np.geomspace(1e-2, 1e3, 9)  # of the ridge, times the mean eigenvalue
_NUMBERS = ("age", "nwbv", "etiv_cm3", "mmse")  # what is read back, where both sides have it


@dataclass(frozen=True)
class People:
    """Records; ``volumes`` by name (people,), as shares of the closed brain; ``image`` (people, features)."""

    records: Sequence[Record]
    volumes: Mapping[str, Numbers]
    image: Numbers

    def numbers(self, name: str) -> Numbers:
        """A column as numbers; NaN where it is missing."""
        return np.array([_number(record.get(name)) for record in self.records])

    def is_sex(self, sex: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Who is of a sex."""
        return np.array([record.get("sex") == sex for record in self.records])


def _number(value: float | str | None) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def judge_coherence(
    synthetic: People, real: People, trained: People | None = None, *, draws: int = DRAWS
) -> tuple[list[Metric], Illustrations]:
    """Metrics and charts of the group coherence; what cannot be measured for want of ages or sexes is said.

    ``trained`` are real people whom what reads records from images learns from, where there are many.
    """
    counts = len(synthetic.records), len(real.records)
    pairs = list(drawn_pairs(*counts, draws=draws))
    found, warnings = [], list[str]()
    if min(np.isfinite(side.numbers("age")).sum() for side in (synthetic, real)) < 2 * _FEWEST:
        warnings.append("Ages are missing on one side, so slopes on age and ages from images are not measured.")
    found += _slopes(synthetic, real, pairs)
    learners = trained if trained is not None and len(trained.records) >= len(real.records) // 2 else None
    found += _read_back(synthetic, real, learners, pairs)
    if mixed := _mixed_up(synthetic, real, learners, pairs):
        found.append(mixed)
    return found, Illustrations(charts=tuple(_charts(synthetic, real)), warnings=tuple(warnings))


# -- slopes ----------------------------------------------------------------------------------------------------


def _slopes(synthetic: People, real: People, pairs: Sequence[tuple[Chosen, Chosen, Chosen]]) -> list[Metric]:
    found = []
    for name, called in _SHARES.items():
        for sex, who in (("F", "women"), ("M", "men")):
            whole = _slope(real, name, sex, np.arange(len(real.records)))
            if not np.isfinite([whole, _slope(synthetic, name, sex, np.arange(len(synthetic.records)))]).all():
                continue
            drawn = [
                [_slope(side, name, sex, at) for side, at in ((synthetic, of), (real, one), (real, other))]
                for of, one, other in pairs
            ]
            of, one, other = np.array(drawn).T
            each = DrawnComparison(100 * (of - one) / abs(whole), 100 * (other - one) / abs(whole), len(pairs[0][0]))
            found.append(each.metric(
                "coherence", f"slope of {called} on age, {who}", Better.NEAR,
                f"How far the change of {called} with age is off that of real people, in % of it; measured in the images.",
                (len(synthetic.records), len(real.records)), "%",
            ))  # fmt: skip
            found += _correlation(synthetic, real, name, called, sex, who, pairs)
    return found


def _correlation(
    synthetic: People, real: People, name: str, called: str, sex: str, who: str, pairs: Sequence[tuple[Chosen, Chosen, Chosen]]
) -> list[Metric]:
    drawn = [[_r(side, name, sex, at) for side, at in ((synthetic, of), (real, one), (real, other))] for of, one, other in pairs]
    of, one, other = np.array(drawn).T
    each = DrawnComparison(of - one, other - one, len(pairs[0][0]))
    about = f"Correlation of {called} with age, less that of real people; measured in the images."
    return [each.metric("coherence", f"correlation of {called} with age, {who}", Better.NEAR, about,
                        (len(synthetic.records), len(real.records)))]  # fmt: skip


def _of_sex(side: People, name: str, sex: str, places: Chosen) -> tuple[Numbers, Numbers]:
    age, volume = side.numbers("age")[places], side.volumes[name][places]
    kept = np.isfinite(age) & np.isfinite(volume) & side.is_sex(sex)[places]
    return age[kept], volume[kept]


def _slope(side: People, name: str, sex: str, places: Chosen) -> float:
    age, volume = _of_sex(side, name, sex, places)
    return float(np.polyfit(age, volume, 1)[0]) if len(age) >= _FEWEST and age.std() > 1 else float("nan")


def _r(side: People, name: str, sex: str, places: Chosen) -> float:
    age, volume = _of_sex(side, name, sex, places)
    return float(np.corrcoef(age, volume)[0, 1]) if len(age) >= _FEWEST and age.std() > 1 else float("nan")


# -- read back -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """A ridge regression of a number on features of the image."""

    middle: Numbers
    scale: Numbers
    weights: Numbers
    offset: float

    def read(self, rows: Numbers) -> Numbers:
        """(people,)."""
        return np.asarray((rows - self.middle) / self.scale @ self.weights + self.offset)


def reader_of(rows: Numbers, value: Numbers) -> Reader:
    """Fitted with the penalty that is best for people left out (in closed form)."""
    middle, scale = rows.mean(0), standard_scale(rows)
    known, off = (rows - middle) / scale, value - value.mean()
    values, vectors = np.linalg.eigh(known @ known.T)
    values = np.maximum(values, 0)
    best = (np.inf, 1.0)
    for penalty in _PENALTIES * max(float(values.mean()), 1e-9):
        hat = (vectors * (values / (values + penalty))) @ vectors.T
        left = (off - hat @ off) / np.maximum(1 - np.diag(hat), 1e-6)
        best = min(best, (float(np.square(left).mean()), float(penalty)))
    solved = vectors @ ((vectors.T @ off) / (values + best[1]))
    return Reader(middle, scale, known.T @ solved, float(value.mean()))


def _readers(real: People, learners: People | None, name: str) -> Callable[[Chosen], tuple[Reader, float] | None]:
    """Who reads a number, and the spread of it, for each half of real people: one for all, where there are learners."""
    if learners is not None and (found := _reader(learners, name, np.arange(len(learners.records)))):
        return lambda _half: found
    return lambda half: _reader(real, name, half)


def _reader(side: People, name: str, places: Chosen) -> tuple[Reader, float] | None:
    values = side.numbers(name)[places]
    known = np.isfinite(values)
    if known.sum() < 2 * _FEWEST or values[known].std() < 1e-9:
        return None
    return reader_of(side.image[places][known], values[known]), float(values[known].std())


def _read_back(
    synthetic: People, real: People, learners: People | None, pairs: Sequence[tuple[Chosen, Chosen, Chosen]]
) -> list[Metric]:
    """Mean error of each number read from the image by who learnt it from real people."""
    found = []
    for name in _NUMBERS:
        readers, drawn = _readers(real, learners, name), []
        for of, one, other in pairs:
            reader = readers(one)
            if reader is None:
                break
            errors = [_error(side, name, at, reader[0]) for side, at in ((synthetic, of), (real, other))]
            drawn.append(errors)
        if len(drawn) == len(pairs) and np.isfinite(drawn).any(axis=0).all():
            about = f"Mean error of {name} as a ridge regression reads it from the image, which learnt from real people."
            counts = tuple(int(np.isfinite(side.numbers(name)).sum()) for side in (synthetic, real))
            each = _of_drawn(drawn, len(pairs[0][0]))
            found.append(
                each.metric("coherence", f"{name} read from the image, error", Better.LOW, about, (counts[0], counts[1]))
            )
    return found


def _error(side: People, name: str, places: Chosen, reader: Reader) -> float:
    values = side.numbers(name)[places]
    known = np.isfinite(values)
    return (
        float(np.abs(reader.read(side.image[places][known]) - values[known]).mean()) if known.sum() >= _FEWEST else float("nan")
    )


def _of_drawn(drawn: Sequence[Sequence[float]], n: int) -> DrawnComparison:
    """Of pairs of what was found and its ceiling."""
    found, ceiling = np.array(drawn).T
    return DrawnComparison(found, ceiling, n)


def _mixed_up(
    synthetic: People, real: People, learners: People | None, pairs: Sequence[tuple[Chosen, Chosen, Chosen]]
) -> Metric | None:
    """Are a person's image and record told from an image and the record of somebody else, as well as in real people?"""
    names = [name for name in _NUMBERS if all(np.isfinite(side.numbers(name)).mean() > 0.8 for side in (synthetic, real))]
    readers = {name: _readers(real, learners, name) for name in names}
    random, drawn = np.random.default_rng(0), []
    for of, one, other in pairs:
        reading = {name: found for name, reader in readers.items() if (found := reader(one))}
        if not reading:
            return None
        drawn.append([_told_apart(side, reading, at, random) for side, at in ((synthetic, of), (real, other))])
    about = (
        "How well a person's own record is told from somebody else's by what is read from the image; "
        "in synthetic people it should be as in real ones: lower, and image and record hardly belong together."
    )
    counts = len(synthetic.records), len(real.records)
    return _of_drawn(drawn, len(pairs[0][0])).metric("coherence", "AUC, own against mixed-up records", Better.NEAR, about, counts)


def _told_apart(side: People, readers: Mapping[str, tuple[Reader, float]], places: Chosen, random: np.random.Generator) -> float:
    other = np.roll(random.permutation(len(places)), 1)
    own, mixed = np.zeros(len(places)), np.zeros(len(places))
    for name, (reader, spread) in readers.items():
        values = side.numbers(name)[places]
        read = reader.read(side.image[places])
        for into, told in ((own, values), (mixed, values[other])):
            into -= np.nan_to_num(np.square((told - read) / spread))
    return auc(own, mixed)


# -- charts ----------------------------------------------------------------------------------------------------


def _charts(synthetic: People, real: People) -> list[Chart]:
    found = []
    for name, called in _SHARES.items():
        series = [
            _dots(side, name, role, f"{role.value} {who}", sex)
            for side, role in ((real, Role.REAL), (synthetic, Role.SYNTHETIC)) for sex, who in (("F", "women"), ("M", "men"))
        ]  # fmt: skip
        if any(each.x for each in series):
            found.append(Chart(
                "coherence", f"{called.capitalize()} by age", "age (years)", f"{called} (% of the closed brain)", tuple(series),
                "Measured in the images, in the same way for everybody. Synthetic people should rise and fall as real ones do.",
                f"{len(synthetic.records)} synthetic, {len(real.records)} real people",
            ))  # fmt: skip
    return found


def _dots(side: People, name: str, role: Role, called: str, sex: str) -> Series:
    age, volume = _of_sex(side, name, sex, np.arange(len(side.records)))
    return Series(called, role, tuple(map(float, age)), tuple(100 * float(v) for v in volume), points=True)
