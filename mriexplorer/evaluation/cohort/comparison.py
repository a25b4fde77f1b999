"""Numbers of synthetic people against those of real ones: how far their means lie apart, and whether they spread as much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.evaluation.chart import Chart, Role, Series
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import DrawnComparison, bootstrapped, common_size, drawn_pairs

Numbers = NDArray[np.float64]
People = Sequence[Mapping[str, float]]
_LEAST_SPREAD = 1e-3  # of the mean, below which real people count as spread by that much
_FAR = 4.0  # robust standard deviations
_LEAST_PEOPLE = 2  # of each side of a comparison: fewer have no spread


@dataclass(frozen=True)
class Measure:
    """A number of people: its name among theirs, ``shown`` in a report, its ``unit``, and a sentence that says what it is.

    ``least`` is the spread that real people are taken to have at least, in the number's unit.
    """

    name: str
    shown: str
    unit: str
    about: str
    least: float = 0.0


def rows_of(people: People, measures: Sequence[Measure]) -> Numbers:
    """Numbers of people (people, measures); NaN where a person lacks one."""
    return np.array([[person.get(measure.name, np.nan) for measure in measures] for person in people], float)


def distances(group: str, measures: Sequence[Measure], synthetic: People, real: People) -> list[Metric]:
    """For each measure the distance of means in standard deviations of real people, and the ratio of standard deviations.

    The ceiling is that of real people against as many other real people. Raises InputError for fewer than two and four people.
    """
    if not measures:
        return []
    found, ceiling = _drawn(measures, synthetic, real)
    n, counts = common_size(len(synthetic), len(real)), (len(synthetic), len(real))
    metrics = []
    for place, measure in enumerate(measures):
        apart, ratio = (DrawnComparison(found[:, what, place], ceiling[:, what, place], n) for what in (0, 1))
        metrics.append(
            apart.metric(group, f"{measure.shown}: distance", Better.NEAR, f"{measure.about} {_DISTANCE}", counts, "sd")
        )
        if np.isfinite(ratio.ceiling).all():
            metrics.append(ratio.metric(group, f"{measure.shown}: spread", Better.NEAR, f"{measure.about} {_RATIO}", counts))
    return metrics


_DISTANCE = "Mean of synthetic people less that of real ones, in standard deviations of real people."
_RATIO = "Standard deviation over synthetic people divided by that over real ones."


def topic_distance(group: str, name: str, about: str, measures: Sequence[Measure], synthetic: People, real: People) -> Metric:
    """How far the means of several measures lie apart together: root mean square, in standard deviations of real people."""
    found, ceiling = (np.sqrt(np.mean(np.square(draws[:, 0]), axis=1)) for draws in _drawn(measures, synthetic, real))
    drawn = DrawnComparison(found, ceiling, common_size(len(synthetic), len(real)))
    return drawn.metric(group, name, Better.LOW, about, (len(synthetic), len(real)), "sd")


def _drawn(measures: Sequence[Measure], synthetic: People, real: People) -> tuple[Numbers, Numbers]:
    """Draws (draws, distance or ratio, measures) of synthetic against real people, and of real against other real ones."""
    refuse_few(synthetic, real)
    of, among = rows_of(synthetic, measures), rows_of(real, measures)
    least = np.array([measure.least for measure in measures])
    found, ceiling = [], []
    for some, one, other in drawn_pairs(len(of), len(among)):
        found.append(_apart(of[some], among[one], least))
        ceiling.append(_apart(among[other], among[one], least))
    return np.array(found), np.array(ceiling)


def _apart(rows: Numbers, reference: Numbers, least: Numbers) -> Numbers:
    """Distance of means, and ratio of standard deviations (NaN where the reference has hardly any); (2, measures)."""
    rows, reference = _without_far(rows), _without_far(reference)
    mean, spread = reference.mean(0), reference.std(0, ddof=1)
    floor = np.maximum(np.maximum(least, _LEAST_SPREAD * np.abs(mean)), 1e-9)
    ratio = np.divide(rows.std(0, ddof=1), spread, out=np.full(len(mean), np.nan), where=spread >= floor)
    return np.stack([(rows.mean(0) - mean) / np.maximum(spread, floor), ratio])


def _without_far(rows: Numbers) -> Numbers:
    """What lies more than four robust standard deviations from the median of its own side is taken to lie there: one brain whose
    extraction failed would else be most of a spread."""
    middle = np.median(rows, axis=0)
    reach = _FAR * 1.4826 * np.median(np.abs(rows - middle), axis=0)
    return np.where(reach > 0, np.clip(rows, middle - reach, middle + reach), rows)


def shares(group: str, measures: Sequence[Measure], synthetic: People, real: People) -> list[Metric]:
    """For each measure that is 0 or 1 the share (%) of synthetic people who have 1; the ceiling is that of real people."""
    if not measures:
        return []
    refuse_few(synthetic, real)
    n, counts = common_size(len(synthetic), len(real)), (len(synthetic), len(real))
    of, among = 100 * rows_of(synthetic, measures), 100 * rows_of(real, measures)
    drawn = [(of[some].mean(0), among[other].mean(0)) for some, _one, other in drawn_pairs(len(of), len(among))]
    found, ceiling = (np.array(side) for side in zip(*drawn, strict=True))
    return [
        DrawnComparison(found[:, place], ceiling[:, place], n).metric(
            group, measure.shown, Better.NEAR, f"{measure.about} Share of people.", counts, "%"
        )
        for place, measure in enumerate(measures)
    ]


def refuse_few(synthetic: People, real: People) -> None:
    """Raises InputError where there are too few people to compare."""
    if common_size(len(synthetic), len(real)) < _LEAST_PEOPLE:
        raise InputError(
            f"{len(synthetic)} synthetic and {len(real)} real people are too few to compare; at least 2 and 4 are needed."
        )


def dots(group: str, title: str, about: str, measures: Sequence[Measure], synthetic: People, real: People) -> Chart:
    """Means of both kinds of people with their 95 % intervals, in standard deviations about the mean of real people."""
    among = rows_of(real, measures)
    least = np.array([measure.least for measure in measures])
    middle = among.mean(0)
    scale = np.maximum(np.maximum(among.std(0, ddof=1), least), np.maximum(_LEAST_SPREAD * np.abs(middle), 1e-9))
    sides = ((Role.REAL, real, -0.12), (Role.SYNTHETIC, synthetic, 0.12))
    series = tuple(_dots(role, (rows_of(people, measures) - middle) / scale, measures, off) for role, people, off in sides)
    y_label = "standard deviations of real people from their mean"
    return Chart(group, title, "measure", y_label, series, about, f"{len(synthetic)} synthetic and {len(real)} real people")


def _dots(role: Role, rows: Numbers, measures: Sequence[Measure], off: float) -> Series:
    found = [bootstrapped(column, np.mean, repeats=200) for column in rows.T]
    x = tuple(place + 1 + off for place in range(len(measures)))
    y, low, high = (tuple(getattr(one, what) for one in found) for what in ("value", "low", "high"))
    return Series(role.value, role, x, y, low, high, tuple(measure.shown for measure in measures), points=True)
