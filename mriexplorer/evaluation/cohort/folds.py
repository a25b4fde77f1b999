"""Folds repeated between people: whether two people share a block of cortex that no two real people would.

Each person's image, without what is broader than folds, is looked at in blocks of cortex; a pair of people is as alike as their
most alike block, a few millimetres of displacement allowed. Blocks hold no ventricles and no deep structures: those of old people
are alike.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.atlas import LOBES, regions, template_brain
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import DRAWS, DrawnComparison, common_size, drawn_pairs
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.tissue_maps import Floats

Numbers = NDArray[np.float64]
_BLOCK = 12  # voxels of 2 mm to an edge: 24 mm
_STRIDE = 10  # voxels between blocks
_SEARCH = (-2, -1, 0, 1, 2)  # voxels by which a block may be displaced along each axis
_BROAD = 2.5  # voxels, standard deviation of the mean around each that is taken away
_CORTICAL, _INSIDE = 0.99, 0.9  # of a block's voxels in a lobe of the cerebrum, and in the template's brain, at least
_MOST = 60  # people who are compared, the first of them: 1,770 pairs
_RARE = 99.0  # % of pairs of real people who are less alike than those that count as repeated


def repeated_folds(people: Sequence[Floats]) -> Numbers:
    """How alike the most alike block of cortex of each two people is: a correlation (people, people), 1 with oneself.

    ``people`` are normalised intensities (x, y, z) on the grid of 2 mm; of many, the first 60 are looked at. Raises InputError
    for fewer than three.
    """
    from scipy.ndimage import gaussian_filter

    if len(people) < 3:
        raise InputError(f"{len(people)} people are too few to look for repeated folds; give at least three.")
    images = np.stack([person - gaussian_filter(person, _BROAD) for person in np.asarray(people[:_MOST], np.float32)])
    most = np.full((len(images), len(images)), -1.0, np.float32)
    for corner in _corners():
        own = _unit(images, corner)
        for step in product(_SEARCH, repeat=3):
            np.maximum(most, own @ _unit(images, tuple(c + s for c, s in zip(corner, step, strict=True))).T, out=most)
    np.fill_diagonal(most, 1.0)
    return np.asarray(np.minimum(np.maximum(most, most.T), 1), np.float64)


@lru_cache(maxsize=1)
def _corners() -> tuple[tuple[int, int, int], ...]:
    """First voxels of blocks in the cerebrum that stay inside the grid when displaced."""
    lobes, brain = regions().at(2).mask(*LOBES), template_brain(grid_of(2))
    reach = max(_SEARCH)
    found = []
    for corner in product(*(range(reach, n - _BLOCK - reach + 1, _STRIDE) for n in lobes.shape)):
        block = tuple(slice(c, c + _BLOCK) for c in corner)
        if lobes[block].mean() > _CORTICAL and brain[block].mean() > _INSIDE:
            found.append((corner[0], corner[1], corner[2]))
    return tuple(found)


def _unit(images: Floats, corner: tuple[int, ...]) -> Floats:
    """Blocks of all people (people, voxels), of mean 0 and length 1; an even block stays 0."""
    rows = images[(slice(None), *(slice(c, c + _BLOCK) for c in corner))].reshape(len(images), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-3), np.float32)


def judge_folds(synthetic: Numbers, real: Numbers) -> Metric:
    """Share (%) of pairs of people who share a block, from what ``repeated_folds`` gives of each side.

    A block is shared where it is more alike than in 99 % of pairs of real people; the ceiling is the share of pairs of other real
    people. Raises InputError for fewer than three and six people.
    """
    n = common_size(len(synthetic), len(real))
    if n < 3:
        raise InputError(f"{len(synthetic)} synthetic and {len(real)} real people are too few; at least 3 and 6 are needed.")
    found, ceiling = np.zeros(DRAWS), np.zeros(DRAWS)
    for draw, (some, one, other) in enumerate(drawn_pairs(len(synthetic), len(real))):
        limit = np.percentile(_pairs(real, one), _RARE)
        found[draw], ceiling[draw] = (
            100 * float((_pairs(of, at) > limit).mean()) for of, at in ((synthetic, some), (real, other))
        )
    about = (
        "Share of pairs of people with a block of cortex (24 mm) that is more alike than in 99 % of pairs of real people: folds "
        "that were borrowed from the same head."
    )
    drawn = DrawnComparison(found, ceiling, n)
    return drawn.metric("anatomy", "folds: repeated between people", Better.LOW, about, (len(synthetic), len(real)), "% of pairs")


def _pairs(alike: Numbers, places: NDArray[np.intp]) -> Numbers:
    rows, columns = np.triu_indices(len(places), 1)
    return np.asarray(alike[places[rows], places[columns]], np.float64)
