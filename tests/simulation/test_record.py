"""Records hang together."""

import numpy as np
import pytest

from mriexplorer.simulation.record import SimulatedRecord, draw, populations


def many(population: str, count: int = 1500) -> list[SimulatedRecord]:
    return [draw(np.random.default_rng([3, n]), population) for n in range(count)]


@pytest.fixture(scope="module")
def adults() -> list[SimulatedRecord]:
    return many("adults")


def test_bmi_is_that_of_height_and_weight(adults: list[SimulatedRecord]) -> None:
    assert all(p.bmi == round(p.weight_kg / (p.height_cm / 100) ** 2, 2) for p in adults)  # type: ignore[operator]
    assert 20 < np.median([p.bmi for p in adults]) < 28  # type: ignore[type-var]


def test_every_column_is_there_and_possible(adults: list[SimulatedRecord]) -> None:
    for p in adults:
        assert 18 <= p.age <= 96 and p.sex in "FM"
        assert 140 < p.height_cm < 212 and 40 < p.weight_kg < 130  # type: ignore[operator]
        assert p.mmse is not None and 10 <= p.mmse <= 30 and p.cdr in (0, 0.5, 1, 2)
        assert 1000 < p.etiv_cm3 < 2100 and 0.6 < p.nwbv <= 0.9
        assert 0.002 < p.ventricles < 0.12 and p.ventricles <= 0.3 * (1 - p.nwbv) + 1e-9


def test_dementia_comes_with_age_and_lowers_mmse_and_brain(adults: list[SimulatedRecord]) -> None:
    assert all(p.cdr == 0 for p in adults if p.age < 50)
    old = [p for p in adults if p.age > 70]
    assert 0.3 < np.mean([p.cdr > 0 for p in old]) < 0.75  # OASIS-1 was enriched
    for value, least in (("mmse", 2.0), ("nwbv", 0.015)):
        well, ill = (np.mean([getattr(p, value) for p in old if (p.cdr > 0) == sick]) for sick in (False, True))
        assert well - ill > least


def test_men_are_taller_and_have_larger_heads(adults: list[SimulatedRecord]) -> None:
    men, women = ([p for p in adults if p.sex == sex] for sex in "MF")
    assert np.mean([p.height_cm for p in men]) - np.mean([p.height_cm for p in women]) > 9
    assert np.mean([p.etiv_cm3 for p in men]) == pytest.approx(1596, rel=0.02)
    assert np.mean([p.etiv_cm3 for p in women]) == pytest.approx(1409, rel=0.02)
    assert np.corrcoef([p.height_cm for p in men], [p.etiv_cm3 for p in men])[0, 1] > 0.1


def test_ventricles_grow_and_brains_shrink_with_age(adults: list[SimulatedRecord]) -> None:
    well = [p for p in adults if p.cdr == 0]
    for low, high in ((20, 45), (45, 65), (65, 85)):
        young, old = ([p for p in well if abs(p.age - age) < 8] for age in (low, high))
        assert np.median([p.ventricles for p in old]) > np.median([p.ventricles for p in young])
        assert np.median([p.nwbv for p in old]) < np.median([p.nwbv for p in young])


def test_a_study_has_the_columns_that_it_measured() -> None:
    students = many("AOMIC-PIOP2", 50)
    assert all(p.height_cm is None and p.mmse is None and p.cdr is None and p.bmi is None for p in students)
    assert max(p.age for p in students) < 27
    assert set(populations()) == {"adults", "AOMIC-PIOP2", "DLBS", "IXI", "OASIS-1"}
    with pytest.raises(KeyError):
        draw(np.random.default_rng(0), "nowhere")
