"""Whether values are read from the scans, or said by heart: simulated people whose T1 and T2 are not the literature's.

A network that tells tissue from tissue and then gives the textbook's value is right as long as people are like the textbook.
So the same person is scanned again (thin) with T1 or T2 of everything multiplied, with lesions of other values in white matter,
and with another field strength told. A multiplied value should come back multiplied, and what is told of the field should
change nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from mriexplorer.evaluation.maps.cases import TISSUES, Case, Estimate, Estimator, Mask, thin
from mriexplorer.evaluation.maps.figure import LABELS, Figure, Figures
from mriexplorer.evaluation.maps.intervals import LEVELS, coverage
from mriexplorer.evaluation.metric import Better
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.subject.tissue_maps import Floats

GROUP = "other values"
FACTORS = (0.8, 1.25)
_LESIONS: Mapping[str, tuple[float, float, float]] = {  # factors of PD, T1, T2
    "oedema-like": (1.1, 1.8, 2.2),
    "iron-like": (1.0, 1.0, 0.5),
}
_DIAMETERS = (5.0, 8.0)  # mm
_EACH = 4  # lesions of each kind and size
_APART = 20.0  # mm between the middles of lesions
_NINETY = LEVELS.index(0.9)


def other_values(case: Case, base: Estimate, estimate: Estimator) -> Figures:
    """Figures of one simulated person, whose thin scans gave ``base``."""
    return {**_multiplied(case, base, estimate), **_lesions(case, base, estimate), **_field(case, base, estimate)}


# -- everything multiplied -------------------------------------------------------------------------------------


def _multiplied(case: Case, base: Estimate, estimate: Estimator) -> Figures:
    found: Figures = {}
    for place, kind in list(enumerate(MAPS))[1:]:
        for factor in FACTORS:
            factors = np.ones((3, 1, 1, 1), np.float32)
            factors[place] = factor
            other = thin(replace(case, maps=case.truth * factors))
            read = estimate(other, other.usual)
            for tissue, called in TISSUES.items():
                where = case.tissues[tissue]
                found[_recovered(f"{LABELS[kind]} x {factor:g}", called)] = _share(base, read, place, where, factor)
            found[_within(f"{LABELS[kind]} x {factor:g}", kind)] = 100 * float(coverage(other, read)[place, _NINETY])
    return found


def _share(base: Estimate, read: Estimate, place: int, where: Mask, factor: float) -> float:
    """How much of a factor came back, in logarithms; median over voxels."""
    if not where.any():
        return float("nan")
    return float(np.median(np.log(read.maps[place][where] / base.maps[place][where])) / np.log(factor))


def _recovered(what: str, where: str) -> Figure:
    about = (
        f"Share of a true change ({what}, thin scans of one person with and without it) that the maps show in {where}, in "
        "logarithms, median over voxels: 1 is all of it, 0 is a value said by heart."
    )
    return Figure(GROUP, f"recovered of {what}, {where}", Better.NEAR, "", about)


def _within(what: str, kind: str) -> Figure:
    about = f"How much of true {LABELS[kind]} in white and grey matter lies within the told 90 % interval where {what}."
    return Figure(GROUP, f"true {LABELS[kind]} within the 90 % interval, {what}", Better.NEAR, "%", about)


# -- lesions ---------------------------------------------------------------------------------------------------


def _lesions(case: Case, base: Estimate, estimate: Estimator) -> Figures:
    """Balls in white matter, all in one scan."""
    logs, cores = np.zeros_like(case.truth), dict[tuple[str, float], Mask]()
    for (name, diameter), middle in _placed(case):
        ball = _ball(case, middle, diameter / 2)
        logs += np.log(np.array(_LESIONS[name], np.float32)).reshape(3, 1, 1, 1) * ball
        cores[name, diameter] = cores.get((name, diameter), np.zeros(ball.shape, bool)) | (ball > 0.9)
    if not cores:
        return {}
    other = thin(replace(case, maps=case.truth * np.exp(logs)))
    read, found = estimate(other, other.usual), Figures()
    for (name, diameter), where in cores.items():
        for place, kind in enumerate(MAPS):
            factor = _LESIONS[name][place]
            if kind != "pd" and factor != 1:
                found[_recovered(f"{LABELS[kind]} x {factor:g}", f"{name} lesions of {diameter:g} mm")] = _share(
                    base, read, place, where & case.known, factor
                )
    return found


def _placed(case: Case) -> Iterator[tuple[tuple[str, float], np.ndarray]]:
    """Kinds and sizes in turn, and where: deep in white matter and far from each other."""
    from scipy.ndimage import distance_transform_edt

    deep = distance_transform_edt(case.tissues["wm"], case.voxel)
    kinds = [(name, diameter) for diameter in sorted(_DIAMETERS, reverse=True) for name in _LESIONS for _ in range(_EACH)]
    places = np.argwhere(deep > min(_DIAMETERS) / 2)
    places = places[np.random.default_rng(0).permutation(len(places))]
    taken: list[np.ndarray] = []
    for name, diameter in kinds:
        for middle in places:
            free = all(np.linalg.norm((middle - other) * case.voxel) > _APART for other in taken)
            if free and deep[tuple(middle)] > diameter / 2:
                taken.append(middle)
                yield (name, diameter), middle
                break


def _ball(case: Case, middle: np.ndarray, radius: float) -> Floats:
    """1 inside, 0 outside, soft over one voxel (x, y, z)."""
    axes = [(np.arange(n) - at) * case.voxel for n, at in zip(case.truth.shape[1:], middle, strict=True)]
    away = np.sqrt(axes[0][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[2][None, None, :] ** 2)
    return np.asarray(np.clip((radius - away) / case.voxel + 0.5, 0, 1), np.float32)


# -- the field strength ----------------------------------------------------------------------------------------


def _field(case: Case, base: Estimate, estimate: Estimator) -> Figures:
    """How much maps change with what is told of the field."""
    told = {"not told": None, "told wrongly": 1.5 if (case.field or 3.0) > 2 else 3.0}
    scans, found = thin(case), Figures()
    for how, field in told.items():
        read = estimate(replace(scans, field=field), scans.usual)
        for place, kind in enumerate(MAPS):
            ratio = read.maps[place][case.inside] / base.maps[place][case.inside]
            about = (
                f"How much the {LABELS[kind]} of white and grey matter changes where the field strength is {how}, median over "
                "voxels; scans of the same person."
            )
            name = f"{LABELS[kind]} changes where the field is {how}"
            found[Figure(GROUP, name, Better.LOW, "%", about)] = 100 * float(np.median(np.abs(ratio - 1)))
    return found
