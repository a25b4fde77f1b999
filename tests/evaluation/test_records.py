"""Records with a known answer: the same, a column shuffled, a spread halved, rows copied, a combination nobody has."""

import numpy as np
import pytest

from mriexplorer.evaluation.cohort.plausibility import combinations_of, impossible
from mriexplorer.evaluation.cohort.record_baselines import _emptied, _filled
from mriexplorer.evaluation.cohort.record_scores import closest_record
from mriexplorer.evaluation.cohort.records import _frame, judge_records
from mriexplorer.subject.dementia_rating import cdr_of_mmse, steps_apart

RANDOM = np.random.default_rng(8)


def people(count, spread=1.0, gaps=0.2):
    age = RANDOM.uniform(20, 90, count)
    height = RANDOM.normal(170, 9 * spread, count)
    found = []
    for a, h in zip(age, height, strict=True):
        record = {
            "age": round(float(a), 1), "sex": "M" if h + RANDOM.normal(0, 6) > 170 else "F", "height_cm": round(float(h), 1),
            "nwbv": round(0.95 - 0.002 * float(a) + float(RANDOM.normal(0, 0.01)), 3), "mmse": float(RANDOM.integers(27, 31)),
            "cdr": 0.0,
        }  # fmt: skip
        if RANDOM.random() < gaps:
            del record["mmse"]
        found.append(record)
    return found


@pytest.fixture(scope="module")
def real():
    return people(120)


def judged(synthetic, real):
    found, drawn = judge_records(synthetic, real)
    return {metric.name: metric for metric in found}, drawn


@pytest.mark.slow
def test_the_same_distribution_raises_no_loud_alarm(real):
    found, drawn = judged(people(120), real)
    assert not [name for name, metric in found.items() if metric.alarm and metric.excess > 2]
    assert {"column shapes (sdmetrics)", "pair trends (sdmetrics)", "detection (sdmetrics)", "implausible combinations"} <= set(
        found
    )
    assert {chart.title for chart in drawn.charts} >= {"Age", "Height", "Correlations of columns"}


@pytest.mark.slow
def test_a_shuffled_column_is_seen_in_pairs_and_not_in_columns(real):
    fresh = people(120)
    ages = RANDOM.permutation([record["age"] for record in fresh])
    found, _drawn = judged([{**record, "age": float(age)} for record, age in zip(fresh, ages, strict=True)], real)
    assert found["pair correlations, largest difference"].alarm and found["pair correlations, largest difference"].p < 0.01
    assert found["pair trends (sdmetrics)"].alarm
    assert (
        not found["Age: mean"].alarm and not found["Age: variance ratio"].alarm and not found["column shapes (sdmetrics)"].alarm
    )


@pytest.mark.slow
def test_half_of_a_spread_is_named_by_its_column_alone(real):
    found, _drawn = judged(people(120, spread=0.5), real)
    assert found["Height: variance ratio"].value == pytest.approx(0.25, abs=0.1) and found["Height: variance ratio"].p < 0.01
    assert not [
        name for name, metric in found.items() if name.endswith("variance ratio") and name[:6] != "Height" and metric.alarm
    ]


@pytest.mark.slow
def test_columns_of_one_side_are_left_out_and_said_and_gaps_stay(real):
    fresh = [{**record, "weight_kg": 70.0} for record in people(60, gaps=0.0)]
    found, drawn = judged(fresh, real)
    assert any("only synthetic people have are left out: Weight" in said for said in drawn.warnings)
    assert found["MMSE: missing"].value < -0.1 and found["MMSE: missing"].alarm


def test_records_without_a_common_column_are_said():
    found, drawn = judge_records([{"age": 30.0}] * 10, [{"sex": "F"}] * 20)
    assert not found and any("records are not judged" in said for said in drawn.warnings)


def test_copied_rows_are_nearer_than_fresh_ones(real):
    names = ["age", "sex", "height_cm", "nwbv"]
    known = _frame(real, names)
    assert closest_record(known, known) == 0
    assert closest_record(known, _frame(people(120), names)) > 0.05


def test_the_closest_record_score_of_two_tables_is_the_same_every_time(real):
    names = ["age", "sex", "height_cm", "nwbv"]
    known, fresh = _frame(real, names), _frame(people(50), names)
    assert len({closest_record(known, fresh) for _ in range(5)}) == 1


# -- plausibility ----------------------------------------------------------------------------------------------


def test_a_cdr_follows_from_an_mmse():
    assert [cdr_of_mmse(mmse) for mmse in (30, 29, 26, 25, 21, 20, 11, 10, 0)] == [0, 0.5, 0.5, 1, 1, 2, 2, 3, 3]
    assert steps_apart({"mmse": 26.0, "cdr": 2.0}) == 2
    assert steps_apart({"mmse": 29.0, "cdr": 0.0}) == 1
    assert steps_apart({"mmse": 29.0}) is None


def test_what_nobody_can_have_is_said():
    assert impossible({"age": 50.0, "mmse": 31.0}) == ["MMSE 31 is beyond 0 to 30"]
    assert "BMI 30 is not that" in impossible({"height_cm": 170.0, "weight_kg": 60.0, "bmi": 30.0})[0]
    assert impossible({"height_cm": 170.0, "weight_kg": 60.0, "bmi": 20.8, "made up": 5.0}) == []


def test_a_combination_that_no_real_person_has_is_said_and_others_are_not(real):
    spanned = combinations_of(real, ["age", "sex", "height_cm", "nwbv", "mmse", "cdr"])
    strange = spanned.strange({"age": 85.0, "nwbv": 0.91, "sex": "F", "height_cm": 165.0})
    assert strange[0] == "Age 85 years with nWBV 0.91"
    assert np.mean([bool(spanned.strange(record)) for record in people(200)]) < 0.1
    assert not any(spanned.strange(record) for record in real)
    asked = [*people(30), {"age": 85.0, "nwbv": 0.91}, {}]
    assert spanned.are_strange(asked).tolist() == [bool(spanned.strange(record)) for record in asked]


def test_gaps_of_a_table_survive_a_model_that_knows_none():
    table = _frame(
        [{"age": 30.0, "sex": "F", "mmse": 29.0}, {"age": 40.0}, {"age": 50.0, "sex": "M", "mmse": 30.0}], ["age", "sex", "mmse"]
    )
    filled, discrete = _filled(table)
    assert not filled.isna().any().any() and set(discrete) == {"sex", "mmse is missing"}
    again = _emptied(filled, table)
    assert again["mmse"].isna().tolist() == [False, True, False] and again["sex"].tolist() == ["F", None, "M"]
