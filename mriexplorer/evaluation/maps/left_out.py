"""A scan that the network was not shown, computed from what it estimated from the others, against the measured one.

For each session with at least two of T1w, T2w and FLAIR, each is left out in turn. The computed scan is brought to the measured
one by a line; what is compared is without bias field (N4), and brain only. Beside it stand the scan computed from maps that were
estimated from all scans, itself among them, and the best **polynomial** of the given scans, voxel by voxel (degree 1 to 3).

Lines and polynomials alike are fitted to the measured scan of the same person, in blocks of 16 mm: on one half of the blocks,
compared on the other, and the other way round; the degree is picked by cross-validation within the fitted half. So the
polynomial has seen how this scan looks in this person, which the network has not: it is more than any method without it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from mriexplorer.dataset.check_picture import planes_of
from mriexplorer.evaluation.cohort.atlas import template_brain
from mriexplorer.evaluation.maps.cases import Case, Mask, computed
from mriexplorer.evaluation.maps.figure import Figure, Figures
from mriexplorer.evaluation.measures import psnr
from mriexplorer.evaluation.metric import Better
from mriexplorer.evaluation.statistics import Numbers
from mriexplorer.linear import solved
from mriexplorer.simulation.labels import structures
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.tissue_maps import Floats

GROUP = "left out"
DEGREES = (1, 2, 3)
_BLOCK = 16.0  # mm
_FOLDS = 4  # of each half, by which the degree is picked
_RIDGE = 1e-9
_RIM = 5.0  # mm of the template's brain that are not compared in real people, whose own brain ends somewhere there
_FEWEST = 1000  # voxels of a brain
_AIR = 0.06  # PD below which a voxel is taken for air, in pictures
_SEEN = 0.05  # of bright tissue, above which a scan shows something
_BRAIN = ("wm", "gm", "csf", "ventricle")
POLYNOMIAL, ALL = "polynomial", "all given"


@dataclass(frozen=True)
class LeftOutPlanes:
    """Of one scan in three planes: ``measured``, ``computed`` without it, and their ``difference`` in the brain."""

    kind: str
    given: tuple[str, ...]
    measured: Sequence[Floats]
    computed: Sequence[Floats]
    difference: Sequence[Floats]


def brain_of(case: Case) -> Mask:
    """Where scans are compared: the brain of a simulated person's labels; of real ones the template's, less its rim."""
    if case.labels is not None:
        return np.isin(case.labels, [s.code for s in structures().values() if s.counts in _BRAIN])
    return np.asarray(_template_middle(case.voxel) & (case.images > _SEEN).all(axis=0))


@lru_cache(maxsize=1)
def _template_middle(voxel: int) -> Mask:
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(template_brain(grid_of(voxel)), voxel) > _RIM)


def left_out_figures(case: Case, maps: Mapping[tuple[str, ...], Floats]) -> Figures:
    """Correlation and PSNR of each scan left out, with what stands beside.

    ``maps`` (3, x, y, z) as estimated, by the scans that were shown. Nothing where there are no two scans of one brain.
    """
    found, brain = Figures(), brain_of(case)
    if brain.sum() < _FEWEST:
        return found
    parts = _parts(brain, case.voxel)
    for kind, given in _each(case):
        target = case.flat[case.kinds.index(kind)][brain]
        others = np.stack([case.flat[case.kinds.index(other)][brain] for other in given])
        found |= _compared(case, kind, "", _line(case, kind, maps[given], brain, target, parts), target)
        found |= _compared(case, kind, POLYNOMIAL, predicted(others, target, parts, DEGREES), target)
        found |= _compared(case, kind, ALL, _line(case, kind, maps[case.usual], brain, target, parts), target)
    return found


def left_out_planes(case: Case, maps: Mapping[tuple[str, ...], Floats]) -> LeftOutPlanes | None:
    """Of the last of the usual scans of a person, to be looked at; None where there are no two of one brain."""
    every, brain = list(_each(case)), brain_of(case)
    if not every or brain.sum() < _FEWEST:
        return None
    kind, given = every[-1]
    estimated, measured = maps[given], case.flat[case.kinds.index(kind)]
    again = computed(estimated, case.protocol(kind))
    slope, level = np.polyfit(again[brain].astype(float), measured[brain].astype(float), 1)
    again = np.where(estimated[0] > _AIR, np.clip(slope * again + level, 0, None), 0).astype(np.float32)
    difference = np.where(brain, again - measured, 0).astype(np.float32)
    return LeftOutPlanes(kind, given, *(planes_of(image) for image in (measured, again, difference)))


def _each(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each scan that is left out, and the others."""
    if len(case.usual) > 1:
        for kind in case.usual:
            yield kind, tuple(other for other in case.usual if other != kind)


def _line(case: Case, kind: str, maps: Floats, brain: Mask, target: Floats, parts: NDArray[np.intp]) -> Numbers:
    return predicted(computed(maps, case.protocol(kind))[brain][None], target, parts, (1,))


def _compared(case: Case, kind: str, how: str, found: Numbers, target: Floats) -> Figures:
    """Correlation and PSNR of what was predicted for a scan in the brain."""
    people = "real people" if case.maps is None else "simulated people"
    told = {
        "": f"The {kind} computed by the signal equations from maps that were estimated from the other scans",
        POLYNOMIAL: f"The best polynomial of the other scans, voxel by voxel, fitted to half of the person's own {kind}",
        ALL: f"The {kind} computed from maps estimated from all scans, the {kind} among them",
    }[how]
    about = f"{told}, against the measured one, in the brain ({people})."
    ending = f"{kind}, {people}{f', {how}' if how else ''}"
    same = float(np.corrcoef(found, target)[0, 1]) if np.ptp(found) > 0 and np.ptp(target) > 0 else 0.0
    return {
        Figure(GROUP, f"correlation, {ending}", Better.HIGH, "", about, case.maps is None): same,
        Figure(GROUP, f"PSNR, {ending}", Better.HIGH, "dB", about, case.maps is None): psnr(found.astype(np.float32), target),
    }


# -- polynomials -----------------------------------------------------------------------------------------------


def _parts(brain: Mask, voxel: float) -> NDArray[np.intp]:
    """To which of twice ``_FOLDS`` parts each voxel of the brain belongs, in blocks; even and odd parts are the halves."""
    blocks = np.argwhere(brain) // max(1, round(_BLOCK / voxel))
    count = blocks.max(axis=0, initial=0) + 1
    table = np.random.default_rng(0).permutation(int(count.prod())) % (2 * _FOLDS)
    return np.asarray(table[np.ravel_multi_index(tuple(blocks.T), tuple(count))])


def predicted(given: Floats, target: Floats, parts: NDArray[np.intp], degrees: Sequence[int]) -> Numbers:
    """``target`` (voxels,) by the best polynomial of ``given`` (scans, voxels), in each half as the other half tells it."""
    powers = _powers(len(given), max(degrees))
    terms = _terms(given, powers)
    sums = _normal(terms, target.astype(float), parts)
    found = np.zeros(len(target))
    for half in (0, 1):
        fitting = [part for part in range(2 * _FOLDS) if part % 2 != half]
        degree = min(degrees, key=lambda d: _cross_validated(sums, fitting, _of_degree(powers, d)))
        used = _of_degree(powers, degree)
        there = parts % 2 == half
        found[there] = _solution(sums[fitting].sum(axis=0), used) @ terms[used][:, there]
    return found


def _powers(scans: int, degree: int) -> list[tuple[int, ...]]:
    """Which scans are multiplied in each term: none, each, each pair and so on."""
    return [term for d in range(degree + 1) for term in combinations_with_replacement(range(scans), d)]


def _of_degree(powers: Sequence[tuple[int, ...]], degree: int) -> list[int]:
    return [place for place, term in enumerate(powers) if len(term) <= degree]


def _terms(given: Floats, powers: Sequence[tuple[int, ...]]) -> Numbers:
    """(terms, voxels) of scans about 0 with deviation 1."""
    even = [(scan - scan.mean()) / max(float(scan.std()), 1e-12) for scan in given.astype(float)]
    return np.stack([np.prod([even[place] for place in term], axis=0) * np.ones(given.shape[1]) for term in powers])


def _normal(terms: Numbers, target: Numbers, parts: NDArray[np.intp]) -> Numbers:
    """Products of terms and target with each other (parts, terms + 1, terms + 1): all that least squares needs, by part."""
    every = np.concatenate([terms, target[None]])
    return np.stack([(some := every[:, parts == part]) @ some.T for part in range(2 * _FOLDS)])


def _solution(sums: Numbers, used: Sequence[int]) -> Numbers:
    normal = sums[np.ix_(used, used)]
    return np.asarray(solved(normal + _RIDGE * max(float(np.trace(normal)), 1e-12) * np.eye(len(used)), sums[used, -1]))


def _cross_validated(sums: Numbers, fitting: Sequence[int], used: Sequence[int]) -> float:
    """Squared error of each fold by what the others tell."""
    total, error = sums[fitting].sum(axis=0), 0.0
    for part in fitting:
        weights, left = _solution(total - sums[part], used), sums[part]
        error += left[-1, -1] - 2 * weights @ left[used, -1] + weights @ left[np.ix_(used, used)] @ weights
    return float(error)
