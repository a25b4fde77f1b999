"""Anatomy in numbers: bodies whose answer is known, a phantom brain with planted faults, sets of people that differ in one."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pytest
from scipy.ndimage import affine_transform, distance_transform_edt, gaussian_filter

from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.anatomy import anatomy_of, asymmetry, deep_structures, labels_anatomy
from mriexplorer.evaluation.cohort.anatomy_judgement import by_structure, judge_anatomy
from mriexplorer.evaluation.cohort.atlas import SIDES, regions, warped
from mriexplorer.evaluation.cohort.folds import judge_folds, repeated_folds
from mriexplorer.evaluation.cohort.surfaces import distance_to, surface_area, topology
from mriexplorer.evaluation.metric import Metric
from mriexplorer.simulation.labels import code
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import KNOTS
from mriexplorer.subject.reference import template

pytestmark = pytest.mark.slow

Shares = tuple[np.ndarray, np.ndarray, np.ndarray]
X, Y, Z = np.ogrid[-26:27, -26:27, -26:27]
SQUARE = X**2 + Y**2 + Z**2
BALL = SQUARE <= 20**2
TORUS = (np.sqrt(X**2 + Y**2) - 15) ** 2 + Z**2 <= 5**2

# -- bodies ----------------------------------------------------------------------------------------------------


def test_surface_of_ball_and_torus() -> None:
    assert surface_area(BALL, 1.0) == pytest.approx(4 * np.pi * 20**2, rel=0.01)
    assert surface_area(BALL, 2.0) == pytest.approx(4 * surface_area(BALL, 1.0))
    assert surface_area(TORUS, 1.0) == pytest.approx(4 * np.pi**2 * 15 * 5, rel=0.04)


@pytest.mark.parametrize(
    ("body", "islands", "cavities", "handles"),
    [
        (BALL, 0, 0, 0),
        (TORUS, 0, 0, 1),
        (TORUS | ((abs(X) <= 2) & (abs(Y) <= 15) & (abs(Z) <= 2)), 0, 0, 2),  # a spoke through it
        (BALL & (SQUARE > 8**2), 0, 1, 0),
        (BALL & (SQUARE > 8**2) & ~((abs(X) < 2) & (abs(Y) < 2)), 0, 0, 1),  # a channel through the cavity
        ((SQUARE <= 8**2) | (SQUARE > 20**2) & (SQUARE <= 24**2), 1, 1, 0),
        (np.zeros((9, 9, 9), bool), 0, 0, 0),
    ],
    ids=["ball", "torus", "torus with a spoke", "hollow ball", "pierced ball", "ball in a ball", "nothing"],
)
def test_topology(body: np.ndarray, islands: int, cavities: int, handles: int) -> None:
    found = topology(body, 2.0)
    assert (found.islands, found.cavities, found.handles) == (islands, cavities, handles)


def test_specks_are_no_islands_but_count_as_loose() -> None:
    body = BALL.copy()
    body[0, 0, 0] = True
    assert topology(body, 2.0).islands == 0
    assert topology(body, 2.0).loose == pytest.approx(1 / body.sum())


@pytest.mark.parametrize("thick", [2.0, 3.25, 4.5])
def test_thickness_of_a_plate_is_exact(thick: float) -> None:
    """Borders inside voxels: distances to both sides add up to the plate's thickness."""
    place = np.arange(30) - 10.3
    within = np.broadcast_to(np.clip(0.5 - place, 0, 1)[:, None, None], (30, 5, 5)).astype(np.float32)
    beyond = np.broadcast_to(np.clip(place - thick + 0.5, 0, 1)[:, None, None], (30, 5, 5)).astype(np.float32)
    plate = 1 - within - beyond > 0.5
    through = distance_to(within, 2.0, plate) + distance_to(beyond, 2.0, plate)
    assert through == pytest.approx(2 * thick, abs=1e-4)


def test_thickness_of_a_shell() -> None:
    radius = np.sqrt(SQUARE)
    within, beyond = (np.clip(0.5 + s, 0, 1).astype(np.float32) for s in (16 - radius, radius - 20))
    shell = 1 - within - beyond > 0.5
    assert np.median(distance_to(within, 1.0, shell) + distance_to(beyond, 1.0, shell)) == pytest.approx(4, rel=0.08)


# -- atlas -----------------------------------------------------------------------------------------------------

PLACES: Mapping[str, tuple[int, int, int]] = {  # mm, of the right side
    "thalamus": (12, -18, 8), "caudate": (13, 12, 12), "putamen": (26, 4, 2), "pallidum": (20, -4, -1),
    "hippocampus": (27, -20, -16), "amygdala": (23, -3, -19), "ventricle": (7, 10, 13), "cerebellum": (25, -66, -33),
    "frontal": (38, -14, 58), "parietal": (42, -38, 54), "occipital": (8, -86, 4), "temporal": (58, -20, -4),
    "insula": (38, 4, 2),
}  # fmt: skip


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("side", SIDES)
def test_regions_lie_where_anatomists_have_them(region: str, side: str) -> None:
    x, y, z = PLACES[region]
    place = np.array([-x if side == "left" else x, y, z])
    voxel = np.rint((place - grid_of(2).affine[:3, 3]) / 2).astype(int)
    assert regions().names[regions().codes[tuple(voxel)]] == f"{side} {region}"


def test_atlas_is_the_same_on_both_sides() -> None:
    swapped = np.zeros(len(regions().names), np.uint8)
    for number, name in enumerate(regions().names):
        other = name.replace("left", "*").replace("right", "left").replace("*", "right")
        swapped[number] = regions().code(other)
    assert (swapped[regions().codes[::-1]] == regions().codes).all()


def test_atlas_at_1_mm_and_back() -> None:
    fine = regions().at(1)
    assert fine.codes.shape == grid_of(1).shape
    assert (fine.edge, regions().edge) == (1.0, 2.0)
    assert (fine.at(2).codes == regions().codes).all()


def test_atlas_follows_the_velocity_of_demons() -> None:
    """Backwards: what a person has at x, the template has 4 mm further right."""
    velocity = np.zeros((3, *KNOTS), np.float32)
    velocity[0] = 4
    moved = warped(regions(), velocity).codes
    assert (moved[10:-10] == regions().codes[12:-8]).mean() > 0.999
    assert (warped(regions(), 0 * velocity).codes == regions().codes).all()


# -- a brain ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def phantom() -> Shares:
    """Shares at 2 mm of the template, which is the same on both sides."""
    white, grey, mask, affine = template()
    step = np.linalg.inv(affine) @ grid_of(2).affine
    parts = [affine_transform(part * mask, step[:3, :3], step[:3, 3], grid_of(2).shape, order=1) for part in (white, grey)]
    wm, gm = ((part + part[::-1]) / 2 for part in parts)
    return wm, gm, np.clip(1 - wm - gm, 0, 1)


def mirrored(shares: Shares) -> Shares:
    return tuple(part[::-1] for part in shares)  # type: ignore[return-value]


def changed(shares: Shares, where: np.ndarray, wm: float = 0, gm: float = 0, csf: float = 0) -> Shares:
    """What is there becomes something else."""
    return tuple(np.where(where, value, part) for part, value in zip(shares, (wm, gm, csf), strict=True))  # type: ignore[return-value]


def measured(shares: Shares) -> dict[str, float]:
    return anatomy_of(*(part.astype(np.float32) for part in shares), 2.0)


@lru_cache(maxsize=1)
def whole() -> dict[str, float]:
    return measured(phantom())


def ball_at(x: float, y: float, z: float, radius: float) -> np.ndarray:
    axes = [a.reshape([-1 if n == k else 1 for n in range(3)]) for k, a in enumerate(grid_axes())]
    return np.asarray(sum((a - c) ** 2 for a, c in zip(axes, (x, y, z), strict=True)) <= radius**2)


def grid_axes() -> list[np.ndarray]:
    grid = grid_of(2)
    return [grid.affine[a, 3] + 2 * np.arange(grid.shape[a]) for a in range(3)]


def test_numbers_of_a_brain_are_plausible() -> None:
    found = whole()
    assert all(np.isfinite(number) and isinstance(number, float) for number in found.values())
    assert found["volume: white matter"] + found["volume: grey matter"] + found["volume: fluid"] == pytest.approx(100, abs=2)
    assert 1600 < found["size: closed brain cm³"] < 2000
    assert found["volume: frontal grey"] > found["volume: temporal grey"] > found["volume: occipital grey"]
    assert 9 < found["volume: cerebellum grey"] + found["volume: cerebellum white"] < 13
    assert 2 < found["cortex: thickness"] < 7
    assert all(found[f"present: {side} {name}"] == 1 for side in SIDES for name in ("caudate", "hippocampus", "amygdala"))
    assert all(abs(found[name]) < 0.01 for name in found if name.startswith("asymmetry"))


def test_mirrored_brain_exchanges_left_and_right() -> None:
    axes = grid_axes()
    left = changed(phantom(), (axes[0] < -30)[:, None, None] & (phantom()[0] > 0.5) & (axes[1] > 0)[None, :, None], gm=1)
    one, other = measured(left), measured(mirrored(left))
    for name, number in one.items():
        there = name.replace("left", "*").replace("right", "left").replace("*", "right")
        expected = -other[there] if name.startswith("asymmetry") else other[there]
        assert number == pytest.approx(expected, rel=5e-3, abs=1e-3), name
    assert one["asymmetry: white matter"] < -5


def test_smaller_hemisphere_shows_in_asymmetry_alone() -> None:
    axes = grid_axes()
    depth = distance_transform_edt(phantom()[0] + phantom()[1] > 0.1, 2.0)
    rim = (axes[0] < 0)[:, None, None] & (gaussian_filter(phantom()[2], 1) > 0.2) & (phantom()[1] > 0.2) & (depth > 4)
    found = measured(changed(phantom(), rim & regions().mask("frontal"), csf=1))
    assert found["asymmetry: hemispheres"] < -1
    assert found["asymmetry: frontal"] < 4 * found["asymmetry: hemispheres"] / 2
    assert found["asymmetry: occipital"] == pytest.approx(0, abs=0.01)
    assert found["asymmetry: putamen"] == pytest.approx(0, abs=0.01)
    assert found["sulci: frontal fluid"] > whole()["sulci: frontal fluid"]


def test_planted_blob_is_thick_cortex() -> None:
    found = measured(changed(phantom(), ball_at(40, -40, 50, 13), gm=1))
    assert found["cortex: far from white matter"] > whole()["cortex: far from white matter"] + 0.3
    assert found["cortex: thickness parietal"] > whole()["cortex: thickness parietal"] + 0.1
    assert found["cortex: thickness spread"] > whole()["cortex: thickness spread"]
    assert found["cortex: thickness occipital"] == pytest.approx(whole()["cortex: thickness occipital"])


def test_planted_islands_and_cavities_are_counted() -> None:
    holes = [(x, y, 30) for x in (-26, 26) for y in (-28, -10)]
    cavities = np.any([ball_at(*place, 2.5) for place in holes], axis=0) & (phantom()[0] > 0.9)
    found = measured(changed(phantom(), cavities, gm=1))
    assert found["topology: white matter cavities"] == whole()["topology: white matter cavities"] + 4
    outside = np.any([ball_at(x, 20, z, 2.5) for x in (-75, 75) for z in (-10, 0, 10)], axis=0)
    hull = outside | (phantom()[0] + phantom()[1] > 0.2)
    loose = changed(phantom(), outside, wm=1)
    found = anatomy_of(*(part.astype(np.float32) for part in loose), 2.0, hull)
    assert found["topology: white matter islands"] == whole()["topology: white matter islands"] + 6


def test_missing_and_broken_deep_structures() -> None:
    gone = changed(phantom(), ball_at(-26, 4, 2, 24) & (np.array(grid_axes()[0]) < -15)[:, None, None], wm=1)
    assert measured(gone)["present: left putamen"] == 0
    assert measured(gone)["present: right putamen"] == 1
    assert measured(gone)["deep: left putamen cm³"] < 0.2 * whole()["deep: left putamen cm³"]
    cut = (np.abs(grid_axes()[1] + 24) < 3)[None, :, None] & (grid_axes()[0] > 0)[:, None, None]
    broken = deep_structures(
        *(part.astype(np.float32) for part in changed(phantom(), np.broadcast_to(cut, gone[0].shape), csf=1))
    )
    assert broken["pieces: right hippocampus"] >= 2
    assert broken["pieces: left hippocampus"] == 1


def test_what_is_no_brain_is_refused() -> None:
    nothing = np.zeros(grid_of(2).shape, np.float32)
    with pytest.raises(InputError, match="no brain"):
        anatomy_of(nothing, nothing, nothing, 2.0)
    with pytest.raises(InputError, match="grid of 2 mm"):
        anatomy_of(*[np.zeros((91, 109, 91), np.float32)] * 3, 2.0)


def test_labels() -> None:
    codes = np.zeros(grid_of(2).shape, np.uint8)
    codes[20:26, 40:50, 30:34] = code("hippocampus")
    codes[20:26, 44:46, 30:34] = 0
    codes[54:60, 40:50, 30:34] = code("hippocampus")
    found = labels_anatomy(codes, 2.0)
    assert found["labelled: right hippocampus cm³"] == pytest.approx(6 * 10 * 4 * 8 / 1000)
    assert (found["labelled pieces: left hippocampus"], found["labelled pieces: right hippocampus"]) == (2, 1)
    assert found["labelled asymmetry: hippocampus"] == pytest.approx(asymmetry(0.8, 1.0))
    assert by_structure(found)["labelled in pieces: hippocampus"] == 1
    assert by_structure(found)["labelled: hippocampus"] == pytest.approx(1.8 * 6 * 10 * 4 * 8 / 1000)


# -- judging ---------------------------------------------------------------------------------------------------


def people(count: int, seed: int) -> list[dict[str, float]]:
    """The phantom's numbers, each with a spread."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        person = {name: number + random.normal(0, 0.05 * abs(number) + 1) for name, number in whole().items()}
        kept = {name: number for name, number in whole().items() if name.startswith(("pieces", "present"))}
        made.append(person | kept)
    return made


def judged(synthetic: list[dict[str, float]], real: list[dict[str, float]]) -> dict[str, Metric]:
    metrics, drawn = judge_anatomy(synthetic, real)
    assert len({metric.name for metric in metrics}) == len(metrics)
    assert all(len(series.x) == len(series.y) == len(series.low) for chart in drawn.charts for series in chart.series)
    return {metric.name: metric for metric in metrics}


def test_people_of_the_same_kind_raise_hardly_an_alarm() -> None:
    found = judged(people(60, 1), people(120, 2))
    assert sum(metric.alarm and metric.excess > 2 for metric in found.values()) == 0
    assert sum(metric.alarm for metric in found.values()) < 0.1 * len(found)


def test_one_fault_raises_its_own_alarm() -> None:
    synthetic = people(60, 1)
    for person in synthetic:
        person["cortex: thickness temporal"] += 2
        person["pieces: left hippocampus"] = 1 + (person is synthetic[0] or synthetic.index(person) % 2)
    found = judged(synthetic, people(120, 2))
    for name in ("cortex: thickness temporal: distance", "cortex: all", "in pieces: hippocampus"):
        assert found[name].alarm, name
        assert found[name].p < 0.01, name
    assert found["in pieces: hippocampus"].value == pytest.approx(50, abs=5)
    assert not any(metric.excess > 2 for name, metric in found.items() if not name.startswith(("cortex", "in pieces")))


def test_half_the_spread_shows_in_the_ratio_but_not_in_the_distance() -> None:
    synthetic = people(60, 1)
    middle = np.mean([person["deep: left caudate cm³"] + person["deep: right caudate cm³"] for person in synthetic])
    for person in synthetic:
        both = person["deep: left caudate cm³"] + person["deep: right caudate cm³"]
        person["deep: left caudate cm³"] += (middle - both) / 2
    found = judged(synthetic, people(120, 2))
    assert found["deep: caudate: spread"].value == pytest.approx(0.5, abs=0.1)
    assert found["deep: caudate: spread"].alarm
    assert found["deep: caudate: distance"].excess < 2


def test_too_few_people_are_refused() -> None:
    with pytest.raises(InputError, match="too few"):
        judge_anatomy(people(1, 1), people(9, 2))


# -- folds -----------------------------------------------------------------------------------------------------


def folded(count: int, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    noise = [gaussian_filter(random.standard_normal(grid_of(2).shape, np.float32), 1.5) for _ in range(count)]
    return [0.5 + one / one.std() / 4 for one in noise]


def test_borrowed_folds_are_found() -> None:
    """A block that one person has from another, 4 mm further on; the two of them alone are alike."""
    brains = folded(6, 1)
    brains[3][8:30, 50:76, 46:70] = brains[1][10:32, 48:74, 46:70]
    alike = repeated_folds(brains)
    assert alike[1, 3] > 0.95
    others = alike[np.triu_indices(6, 1)]
    assert sorted(others)[-2] < 0.6
    assert (alike == alike.T).all()


def test_share_of_pairs_with_the_same_folds() -> None:
    real, synthetic = repeated_folds(folded(12, 2)), repeated_folds(folded(6, 3))
    assert judge_folds(synthetic, real).value < 30
    shared = folded(6, 3)
    for brain in shared[1:]:
        brain[8:30, 50:76, 46:70] = shared[0][8:30, 50:76, 46:70]
    found = judge_folds(repeated_folds(shared), real)
    assert found.value == pytest.approx(100)
    assert found.alarm
    with pytest.raises(InputError, match="too few"):
        judge_folds(synthetic, synthetic[:4, :4])
