"""T1, T2 and PD by tissue: a phantom of literature values gives them back; times that are off raise their own alarm."""

from functools import lru_cache

import numpy as np
import pytest
from scipy.ndimage import affine_transform

from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.atlas import regions
from mriexplorer.evaluation.cohort.relaxation import NUCLEI, judge_relaxation, literature, relaxation_of
from mriexplorer.evaluation.metric import Metric
from mriexplorer.physics import FIELDS, TISSUES
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.reference import fractions_of, mix, template

pytestmark = pytest.mark.slow

Maps = dict[str, np.ndarray]


@lru_cache(maxsize=1)
def phantom() -> Maps:
    """Maps at 2 mm and 1.5 T: the template with literature values, deep nuclei laid in."""
    white, grey, mask, affine = template()
    step = np.linalg.inv(affine) @ grid_of(2).affine
    shape = grid_of(2).shape
    wm, gm, brain = (
        affine_transform(np.asarray(p, np.float32), step[:3, :3], step[:3, 3], shape, order=1) for p in (white, grey, mask)
    )
    shares = fractions_of(wm, gm, brain > 0.5)
    for name in NUCLEI:
        inside = regions().mask(name)
        shares = {tissue: np.where(inside, 0, share).astype(np.float32) for tissue, share in shares.items()}
        shares[name] = inside.astype(np.float32)
    return mix(shares, 1.5)


@lru_cache(maxsize=1)
def numbers() -> dict[str, float]:
    maps = phantom()
    return relaxation_of(maps["pd"], maps["t1"], maps["t2"], 1.5)


def test_literature_values_come_back() -> None:
    for tissue, row in {"white matter": "wm", "cortex": "gm", "fluid": "csf", **{name: name for name in NUCLEI}}.items():
        at = TISSUES[row].at[1.5]
        assert numbers()[f"T1 {tissue}"] == pytest.approx(1000 * at.t1, rel=0.06), tissue
        assert numbers()[f"T2 {tissue}"] == pytest.approx(1000 * at.t2, rel=0.06), tissue
        assert numbers()[f"PD {tissue}"] == pytest.approx(TISSUES[row].pd, rel=0.03), tissue
    assert numbers()["T1 putamen within"] < 1
    assert numbers()["field"] == 1.5


def test_maps_at_1_mm_give_what_those_at_2_mm_do() -> None:
    fine = {name: part.repeat(2, 0).repeat(2, 1).repeat(2, 2) for name, part in phantom().items()}
    found = relaxation_of(fine["pd"], fine["t1"], fine["t2"], 1.5)
    for name in ("T1 white matter", "T2 cortex", "PD thalamus", "T1 fluid"):
        assert found[name] == pytest.approx(numbers()[name], rel=0.02), name


def test_longer_t1_is_found_by_as_much() -> None:
    maps = phantom()
    longer = relaxation_of(maps["pd"], 1.05 * maps["t1"], maps["t2"], 1.5)
    for tissue in ("white matter", "cortex", "thalamus", "putamen"):
        assert longer[f"T1 {tissue}"] / numbers()[f"T1 {tissue}"] == pytest.approx(1.05, abs=0.005), tissue
        assert longer[f"T2 {tissue}"] == pytest.approx(numbers()[f"T2 {tissue}"], rel=0.005), tissue


def test_spread_within_a_tissue() -> None:
    """5 % of noise on the map adds up with what was there."""
    maps, random = phantom(), np.random.default_rng(1)
    noisy = (maps["t2"] * (1 + 0.05 * random.standard_normal(maps["t2"].shape))).astype(np.float32)
    found = relaxation_of(maps["pd"], maps["t1"], noisy, 1.5)
    assert found["T2 putamen within"] == pytest.approx(5, rel=0.15)
    assert found["T1 putamen within"] == pytest.approx(numbers()["T1 putamen within"], abs=0.2)


def test_maps_without_a_brain_or_off_the_grid_are_refused() -> None:
    nothing = np.zeros(grid_of(2).shape, np.float32)
    with pytest.raises(InputError, match="no brain"):
        relaxation_of(nothing, nothing, nothing, 3.0)
    with pytest.raises(InputError, match="resample"):
        relaxation_of(*[np.zeros((40, 40, 40), np.float32)] * 3, 3.0)


@pytest.mark.parametrize("field", FIELDS)
def test_literature_ranges_hold_their_values(field: float) -> None:
    known = literature(field)
    assert len(known) == 3 * 7
    assert all(0 < low <= value <= high for low, value, high in known.values())
    assert known["white matter", "T1"][1] == pytest.approx(1000 * TISSUES["wm"].at[field].t1)
    assert literature(field * 1.05) == known


# -- judging ---------------------------------------------------------------------------------------------------


def people(count: int, seed: int) -> list[dict[str, float]]:
    """People whose values lie 3 % about those of the phantom."""
    random = np.random.default_rng(seed)
    return [
        {name: number * random.normal(1, 0.03) if name != "field" else 1.5 for name, number in numbers().items()}
        for _ in range(count)
    ]


def judged(synthetic: list[dict[str, float]], real: list[dict[str, float]]) -> dict[str, Metric]:
    metrics, _drawn = judge_relaxation(synthetic, real, 1.5)
    assert len({metric.name for metric in metrics}) == len(metrics)
    return {metric.name: metric for metric in metrics}


def test_t1_that_is_5_percent_off_raises_the_alarm_of_t1_alone() -> None:
    synthetic = people(50, 1)
    for person in synthetic:
        person["T1 white matter"] *= 1.05
    found = judged(synthetic, people(100, 2))
    assert found["T1 white matter: distance"].alarm
    assert found["T1 white matter: distance"].p < 0.01
    assert found["T1 white matter: distance"].value == pytest.approx(5 / 3, abs=0.5)
    others = [metric for name, metric in found.items() if name.endswith((": distance", ": spread"))]
    assert not any(metric.excess > 2 for metric in others if metric.name != "T1 white matter: distance")


def test_without_real_maps_the_literature_alone_is_compared() -> None:
    synthetic = people(20, 1)
    for person in synthetic:
        person["T1 white matter"] *= 1.6
    found = judged(synthetic, [])
    assert found["T1 white matter: literature"].alarm
    assert not found["T1 cortex: literature"].alarm
    assert found["T2 cortex: between people"].value == pytest.approx(3, abs=1.2)
    assert not any(name.endswith("distance") for name in found)


def test_people_without_maps_are_left_out() -> None:
    metrics, drawn = judge_relaxation([{}, {}], [{}], 1.5)
    assert (metrics, drawn.charts) == ([], ())
    some, drawn = judge_relaxation([{}, *people(5, 1)], people(8, 2), 1.5)
    assert {metric.n for metric in some} == {5}
    assert [chart.title.split()[0] for chart in drawn.charts] == ["T1", "T2", "PD"]
    assert all(len(series.x) == len(series.y) == len(series.names) for chart in drawn.charts for series in chart.series)
