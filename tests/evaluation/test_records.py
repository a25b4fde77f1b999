"""Records with a known answer: the same, a column shuffled, a spread halved, rows copied, a combination nobody has."""

import numpy as np
import pytest

from mriexplorer.evaluation.cohort.plausibility import combinations_of, impossible
from mriexplorer.evaluation.cohort.record_baselines import _emptied, _filled
from mriexplorer.evaluation.cohort.record_gaps import with_gaps_of
from mriexplorer.evaluation.cohort.record_scores import closest_record, detection, without_gaps
from mriexplorer.evaluation.cohort.records import _columns, _frame, judge_records
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


def test_detection_knows_levels_of_one_side_only_and_says_the_same_every_time(real):
    names = ["age", "sex", "ethnicity"]
    known = _frame([{**record, "ethnicity": "White"} for record in real], names)
    fresh = [{**record, "ethnicity": "Asian" if place % 2 else "White"} for place, record in enumerate(people(120))]
    before = np.random.get_state()[1].copy()
    assert len({detection(known, _frame(fresh, names)) for _ in range(3)}) == 1
    assert (np.random.get_state()[1] == before).all()
    assert detection(known, _frame(fresh, names)) < detection(known, known) - 0.2


def test_names_of_people_are_no_columns_and_cells_of_the_wrong_kind_are_gaps(real):
    named = [{**record, "family": f"f{place}", "sex": 1.0 if place == 3 else record["sex"], "age": "old" if place == 5 else
              record["age"]} for place, record in enumerate(real)]  # fmt: skip
    assert "family" not in _columns(named, named)[0]
    frame = _frame(named, ["age", "sex", "height_cm"])
    assert frame.isna().sum().to_dict() == {"age": 1, "sex": 1, "height_cm": 0}
    assert without_gaps(frame, frame) == ["height_cm"]


def test_what_a_study_asks_the_old_only_is_asked_of_old_synthetic_people_only():
    real = [{"age": age, **({"mmse": 29.0} if age > 60 else {})} for age in np.linspace(20, 90, 141)]
    whole = [{"age": float(age), "mmse": 28.0} for age in RANDOM.uniform(20, 90, 50)]
    asked = with_gaps_of(real, whole, ["age", "mmse"])
    assert all(("mmse" in record) == (record["age"] > 60.25) for record in asked)
    gappy = [*whole, {"age": 80.0}]
    assert with_gaps_of(real, gappy, ["age", "mmse"]) == gappy
    of = [{"age": 70.0, "study": "a", "mmse": 29.0}, {"age": 30.0, "study": "b"}]
    assert with_gaps_of(of, [{"age": 70.0, "study": "b", "mmse": 20.0}], ["age", "mmse"]) == [{"age": 70.0, "study": "b"}]
    assert with_gaps_of(of, [{"study": "a", "mmse": 20.0}], ["mmse"]) == [{"study": "a", "mmse": 20.0}]


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


def test_cells_of_another_kind_and_between_levels_cannot_be():
    assert impossible({"mmse": 27.4}) == ["MMSE 27.4 is no multiple of 1"]
    assert impossible({"age": "old", "sex": 1.0}) == ["Age old is no number", "Sex 1.0 is no word"]
    assert impossible({"sex": "X"})[0].startswith("Sex X is none of F, M")
    assert impossible({"age": 50.03, "cdr": 0.5, "ethnicity": "Mixed", "education_years": 12.0}) == []


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
