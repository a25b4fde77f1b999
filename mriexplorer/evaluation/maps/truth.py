"""Estimated maps against true ones: error and bias by tissue, and whether an estimate follows the truth **within** a tissue.

A network may know the tissue and give it the literature's value: its error is small, since people differ by a few per cent. So
the truth is asked within each tissue of the literature table by itself, away from its borders, as correlation of deviations:

    deviation = log(map / literature value of the tissue at this field), less its mean over everybody's voxels of this tissue

An estimate that is one value for each tissue has no deviation and scores 0. One that knows every partial volume but else only
the literature scored at most 0.05 on three simulated people at 1 mm and 0.1 at 2 mm; without the care that ``cores`` takes 0.97
in grey matter, since what a voxel of cortex shows is mostly how much of it is fluid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.maps.cases import TISSUES, Case, Estimate
from mriexplorer.evaluation.maps.figure import LABELS, Figure, Figures, interval_over, metric_of
from mriexplorer.evaluation.measures import median_error
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import Numbers, bootstrapped
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.physics import FIELDS
from mriexplorer.physics import TISSUES as LITERATURE
from mriexplorer.simulation.labels import structures
from mriexplorer.subject.tissue_maps import Floats

GROUP = "maps"
Places = NDArray[np.intp]  # of voxels, flat
Cores = Mapping[str, Mapping[str, Places]]  # by what a tissue counts as, and its name in the literature table
_LESION = "lesion"  # a tissue of the literature table, whose border is gradual
_AWAY = 2.0  # mm from a border that a voxel of one tissue by itself lies
_ROUNDING = 2e-3  # of float16, in which true maps are stored
_LEAST = 1e-6
_ENOUGH = 50  # voxels of a person's tissue from which deviations are worth having
_FLAT = 1e-10  # variance of deviations that is none: rounding of float32
_TRUE_EDGES = np.linspace(-0.2, 0.2, 21)  # deviation of the truth, of the binned curve
_FOUND_EDGES = np.linspace(-0.5, 0.5, 201)  # of the estimate


def literature_maps(labels: NDArray[np.uint8], field: float | None) -> Floats:
    """PD, T1, T2 (3, x, y, z) of each structure in the literature, at the nearest field strength (3 T where unknown); else 0."""
    at = nearest_field(field)
    table = np.zeros((3, 256), np.float32)
    for structure in structures().values():
        if (row := LITERATURE.get(structure.tissue or "")) is not None:
            table[:, structure.code] = row.pd, row.at[at].t1, row.at[at].t2
    return np.asarray(table[:, labels])


def nearest_field(field: float | None) -> float:
    """The field strength (T) of the literature table that is next to one."""
    return min(FIELDS, key=lambda known: abs(known - (field or 3.0)))


def cores(case: Case) -> Cores:
    """Where each tissue is by itself: away from its borders, and no partial volume in the truth either.

    Labels do not tell partial volumes (most of a thin cortex has some), but true maps do: they change from voxel to voxel more
    than a tissue by itself does. Voxels count where they change no more than in half of deep white matter.
    """
    size = 2 * ceil(_AWAY / case.voxel) + 1
    pieces = _pieces()[case.codes]
    found: dict[str, dict[str, Places]] = {counts: {} for counts in TISSUES}
    deep = (_highest(pieces, size) == _lowest(pieces, size)) & case.known
    changes = np.stack([_change(one) for one in case.truth])
    white = changes[:, deep & (pieces == 1 + _names().index(("wm", "wm")))]
    if not white.size:
        return found
    limits = np.median(white, axis=1) + _ROUNDING
    deep &= (changes <= limits.reshape(3, 1, 1, 1)).all(axis=0)
    for place, (counts, tissue) in enumerate(_names(), 1):
        if counts in found and tissue != _LESION and len(places := np.flatnonzero(deep & (pieces == place))) >= _ENOUGH:
            found[counts][tissue] = places
    return found


def _names() -> tuple[tuple[str, str], ...]:
    """What structures count as, and their tissue, without those that have none."""
    return tuple(dict.fromkeys((row.counts, row.tissue) for row in structures().values() if row.tissue is not None))


def _pieces() -> NDArray[np.uint8]:
    """By code of structure: 1 + the place in ``_names``; 0 for what has no tissue."""
    table, names = np.zeros(256, np.uint8), _names()
    for row in structures().values():
        if row.tissue is not None:
            table[row.code] = 1 + names.index((row.counts, row.tissue))
    return table


def _change(values: Floats) -> Floats:
    """How much a map changes among a voxel's neighbours: the logarithm of the highest over the lowest of 3 x 3 x 3."""
    return np.asarray(np.log(np.maximum(_highest(values, 3), _LEAST) / np.maximum(_lowest(values, 3), _LEAST)))


def _highest(values: NDArray[Any], size: int) -> NDArray[Any]:
    from scipy.ndimage import maximum_filter

    return np.asarray(maximum_filter(values, size))


def _lowest(values: NDArray[Any], size: int) -> NDArray[Any]:
    from scipy.ndimage import minimum_filter

    return np.asarray(minimum_filter(values, size))


# -- figures of a person ---------------------------------------------------------------------------------------


def errors(case: Case, estimate: Estimate, some: str) -> Figures:
    """Median error (also the mean of white and grey matter) and median bias of each map, in %."""
    found: Figures = {}
    for n, kind in enumerate(MAPS):
        label, of = LABELS[kind], []
        for tissue, called in TISSUES.items():
            where = case.tissues[tissue]
            ratio = estimate.maps[n][where] / case.truth[n][where]
            of.append(100 * float(np.median(np.abs(ratio - 1))) if ratio.size else nan)
            found[_error(label, called, f"from {some}")] = of[-1]
            found[_bias(label, called, some)] = 100 * float(np.median(ratio) - 1) if ratio.size else nan
        found[_error(label, "white and grey matter", f"from {some}")] = float(np.mean(of))
    return found


def _error(label: str, where: str, how: str) -> Figure:
    about = f"Half of all voxels of {where} are nearer to the true {label} than this, {how}; mean over people."
    return Figure(GROUP, f"{label} error in {where}, {how}", Better.LOW, "%", about)


def _bias(label: str, where: str, some: str) -> Figure:
    about = f"How much higher than the truth the estimated {label} of {where} is in the median, from {some}; 0 is right."
    return Figure(GROUP, f"{label} bias in {where}, from {some}", Better.NEAR, "%", about)


def least_squares_error(kind: str, tissue: str, some: str) -> Figure:
    """The figure of the voxel-wise fit beside the network's error."""
    name = f"{LABELS[kind]} error in {TISSUES[tissue]}, from {some}, least squares"
    about = (
        "The same of a fit of the equations to each voxel alone, which is told the scans' gains; no patient's scans tell them."
    )
    return Figure(GROUP, name, Better.LOW, "%", about)


def literature_errors(case: Case) -> Figures:
    """The error of giving each structure the literature's value: what knowing the tissue alone is worth."""
    literature, found = literature_maps(case.codes, case.field), Figures()
    for n, kind in enumerate(MAPS):
        for tissue, called in TISSUES.items():
            where = case.tissues[tissue] & (literature[n] > 0)
            name = f"{LABELS[kind]} error in {called}, literature values"
            about = (
                f"The error of giving every voxel of {called} the {LABELS[kind]} that the literature has for its structure. "
                "It knows the tissue and nothing of the person: its correlation within a tissue is 0."
            )
            value = 100 * median_error(literature[n], case.truth[n], where) if where.any() else nan
            found[Figure(GROUP, name, Better.LOW, "%", about)] = value
    return found


# -- within a tissue -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Deviations:
    """Of one person: ``moments`` (3 maps, 2 classes, groups, 6), weights and sums of deviations of truth (x) and estimate (y):
    1, x, y, xx, yy, xy; a group is a tissue of the literature table at a field strength, and a class's weights sum to 1.

    ``density`` (3, 2, true bins, bins of the estimate): how often estimates deviate so where the truth does.
    """

    moments: Numbers
    density: Numbers


def mean_deviations(sessions: Sequence[Deviations]) -> Deviations:
    """Of several sessions of one person, each of the same weight."""
    moments, density = (np.mean([getattr(one, part) for one in sessions], axis=0) for part in ("moments", "density"))
    return Deviations(moments, density)


_GROUPS = tuple((field, tissue) for field in FIELDS for tissue in LITERATURE)


def deviations(case: Case, estimate: Estimate, where: Cores) -> Deviations:
    """Of a person's estimate within each tissue, as ``cores`` gives them."""
    at, literature = nearest_field(case.field), literature_maps(case.codes, case.field)
    moments = np.zeros((3, len(TISSUES), len(_GROUPS), 6))
    density = np.zeros((3, len(TISSUES), len(_TRUE_EDGES) - 1, len(_FOUND_EDGES) - 1))
    for c, counts in enumerate(TISSUES):
        whole = sum(map(len, where[counts].values()))
        for (tissue, places), n in product(where[counts].items(), range(len(MAPS))):
            x, y = (_deviation(maps[n], literature[n], places) for maps in (case.truth, estimate.maps))
            moments[n, c, _GROUPS.index((at, tissue))] = _sums(x, y) / whole
            density[n, c] += _histogram(x, y) / whole
    return Deviations(moments, density)


def _deviation(values: Floats, literature: Floats, places: Places) -> Numbers:
    """Logarithm of what a map has at places over the literature's value."""
    return np.log(np.maximum(values.ravel()[places], _LEAST) / literature.ravel()[places]).astype(float)


def _histogram(x: Numbers, y: Numbers) -> Numbers:
    """How often an estimate (far ones in the last bins) deviates so where the truth does."""
    found = np.clip(np.expm1(y), _FOUND_EDGES[0], _FOUND_EDGES[-1])
    return np.asarray(np.histogram2d(np.expm1(x), found, (_TRUE_EDGES, _FOUND_EDGES))[0])


def _sums(x: Numbers, y: Numbers) -> Numbers:
    return np.array([len(x), x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum()])


def correlation(moments: Numbers) -> float:
    """Of deviations of all people (people, groups, 6) within each tissue; 0 for an estimate without any, NaN for such a truth."""
    return _correlation(_scatter(moments.sum(axis=0)).sum(axis=0))


def correlation_within(moments: Numbers) -> float:
    """The part within people: deviations from each person's own mean of a tissue."""
    return _correlation(_scatter(moments).sum(axis=(0, 1)))


def _scatter(moments: Numbers) -> Numbers:
    """(..., 3): weighted sums of squares xx, yy and products xy about the mean of moments (..., 6)."""
    weight, x, y = (moments[..., n] for n in range(3))
    safe = np.maximum(weight, 1e-12)
    return moments[..., 3:] - np.stack([x * x, y * y, x * y], axis=-1) / safe[..., None]


def _correlation(scatter: Numbers) -> float:
    xx, yy, xy = (float(part) for part in scatter)
    if xx <= _FLAT:
        return nan
    return 0.0 if yy <= _FLAT else xy / float(np.sqrt(xx * yy))


_PARTS = {
    "": (correlation, "voxels of all people"),
    ", within people": (correlation_within, "voxels of one person, about that person's mean"),
}


def correlations(people: Sequence[Deviations], some: str, *, parts: bool) -> list[Metric]:
    """Of everybody's deviations, by map and tissue; with the ``parts`` within people, or only the whole."""
    every = np.stack([one.moments for one in people])
    names = list(_PARTS) if parts else [""]
    found = [
        _correlated(every[:, n, c], kind, called, part, some)
        for n, kind in enumerate(MAPS) for c, called in enumerate(TISSUES.values()) for part in names
    ]  # fmt: skip
    return [metric for metric in found if np.isfinite(metric.value)]


def _correlated(moments: Numbers, kind: str, called: str, part: str, some: str) -> Metric:
    figure, of = _PARTS[part]
    there = moments[moments[..., 0].sum(axis=1) > 0]
    if not len(there):
        return metric_of(_within(kind, called, part, some, of), interval_over(np.array([nan])), 0)
    found = bootstrapped(there, figure) if len(there) > 1 else interval_over(np.array([figure(there)]))
    return metric_of(_within(kind, called, part, some, of), found, len(there))


def _within(kind: str, called: str, part: str, some: str, of: str) -> Figure:
    about = (
        f"Whether estimated {LABELS[kind]} is higher where the true one is, within each tissue that counts as {called} and away "
        f"from its borders, over {of}, from {some}. 1 follows the truth; 0 knows the tissue only, as literature values do."
    )
    return Figure(GROUP, f"{LABELS[kind]} correlation in {called}{part}, from {some}", Better.HIGH, "", about)


def binned(density: Numbers) -> Mapping[str, tuple[float, ...]]:
    """Of a density (true bins, bins of the estimate), in %: "true" deviations; "low", "median", "high" (5, 50, 95 %)."""
    seen = density.sum(axis=1)
    kept = np.flatnonzero(seen > 0.003 * seen.sum())
    middles = (_TRUE_EDGES[1:] + _TRUE_EDGES[:-1]) / 2
    found: dict[str, tuple[float, ...]] = {"true": tuple((100 * middles[kept]).tolist())}
    for name, share in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
        found[name] = tuple(100 * _quantile(density[row], share) for row in kept)
    return found


def _quantile(counts: Numbers, share: float) -> float:
    """Of a histogram over the estimate's bins, linear within one."""
    heaped = np.concatenate([[0.0], np.cumsum(counts)])
    return float(np.interp(share * heaped[-1], heaped, _FOUND_EDGES))
