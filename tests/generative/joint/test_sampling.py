"""Questions to the model: what is wished is had, what cannot be is refused, and the same seed is the same person."""

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.columns import Column, fitted
from mriexplorer.generative.joint.conditions import checked, extrapolation_warnings
from mriexplorer.generative.joint.model import JointModel
from mriexplorer.generative.joint.sample import between, estimates, sample_subjects, shape_of
from mriexplorer.subject.body_mass_index import bmi


def test_values_come_back_from_their_scores(joint: JointModel) -> None:
    for column in joint.columns:
        values = column.values or tuple(np.linspace(*column.usual, 7))
        for value in values:
            low, high = column.interval(value)
            middle = np.clip(low, -8, 8) / 2 + np.clip(high, -8, 8) / 2
            back = column.value(float(middle))
            if isinstance(value, str):
                assert back == value
            else:
                assert abs(float(back) - value) <= column.kind.step


def test_a_column_beyond_its_ends_goes_on(joint: JointModel) -> None:
    age = joint.column("age")
    scores = [age.interval(value)[0] for value in (5.0, 20.0, 90.0, 110.0)]
    assert scores == sorted(scores) and scores[3] > scores[2] + 0.05


def test_shares_of_levels_are_those_of_people() -> None:
    column: Column = next(c for c in fitted(_records()) if c.name == "sex")
    assert column.values == ("F", "M") and abs(column.shares[0] - 0.75) < 0.01


def _records() -> list[dict[str, float | str]]:
    whole = {"study": "a", "height_cm": 170.0, "weight_kg": 70.0, "ethnicity": "White", "education_years": 12.0, "mmse": 29.0,
             "cdr": 0.0, "etiv_cm3": 1500.0, "nwbv": 0.8, "ventricles": 2.0}  # fmt: skip
    return [{**whole, "age": 20.0 + n, "sex": "F" if n % 4 else "M"} for n in range(40)]


def test_the_same_seed_is_the_same_person_and_another_is_not(joint: JointModel) -> None:
    one, again, other = sample_subjects(joint, [5])[0], sample_subjects(joint, [3, 5])[1], sample_subjects(joint, [6])[0]
    assert one.record == again.record and np.allclose(one.scores, again.scores, atol=1e-4)
    assert one.record != other.record


def test_what_is_wished_is_had_and_steers_the_rest(joint: JointModel) -> None:
    seeds = range(1, 61)
    old, young = (
        sample_subjects(joint, seeds, {"age": 80.0, "sex": "F"}),
        sample_subjects(joint, seeds, {"age": 25.0, "sex": "F"}),
    )
    assert all(p.record["age"] == 80.0 and p.record["sex"] == "F" for p in old)
    assert np.mean([p.record["ventricles"] for p in old]) > 1.3 * np.mean([p.record["ventricles"] for p in young])
    same = np.corrcoef([p.scores[-3] for p in old], [p.scores[-3] for p in young])[0, 1]
    assert same > 0.9  # the same people otherwise: what has nothing to do with age stays


def test_a_brain_that_is_given_stays_and_tells_the_record(joint: JointModel) -> None:
    old = sample_subjects(joint, [9], {"age": 85.0})[0]
    brain = {"shape": shape_of(joint, old)}
    found = sample_subjects(joint, range(1, 41), {"ventricles": old.record["ventricles"]}, brain=brain)
    assert all(np.allclose(shape_of(joint, p), brain["shape"]) for p in found)
    explained = {one.name: one for one in estimates(joint, brain["shape"], {"ventricles": old.record["ventricles"]})}
    assert explained["age"].low < explained["age"].value < explained["age"].high and explained["age"].value > 60
    assert abs(sum(explained["sex"].shares.values()) - 1) < 1e-6 and "study" not in explained


def test_body_mass_index_is_kept_whichever_parts_are_requested(joint: JointModel) -> None:
    for conditions in ({"bmi": 30.0}, {"bmi": 30.0, "height_cm": 160.0}, {"bmi": 30.0, "weight_kg": 90.0}):
        person = sample_subjects(joint, [2], conditions)[0]
        assert abs((bmi(person.record) or 0) - 30.0) < 0.2
        assert all(person.record[name] == value for name, value in conditions.items() if name != "bmi")


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"age": -3.0}, "Age cannot be -3"),
        ({"age": "400"}, "between 0 and 120 years"),
        ({"age": "old"}, "Age cannot be old"),
        ({"age": float("nan")}, "Age cannot be nan"),
        ({"height_cm": 1.75}, "Did you mean 175 cm"),
        ({"sex": "X"}, "one of F, M"),
        ({"ethnicity": "Martian"}, "one of"),
        ({"cdr": 0.7}, "the model knows 0, 0.5"),
        ({"mmse": 29.5}, "whole number"),
        ({"bmi": 22.0, "height_cm": 180.0, "weight_kg": 100.0}, "make a BMI of 30.9, not 22"),
        ({"bmi": 80.0, "height_cm": 240.0}, "Weight cannot be"),
        ({"blood": 1.0}, "no column blood"),
    ],
)
def test_what_cannot_be_is_a_sentence(joint: JointModel, conditions: dict[str, float | str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        checked(joint, conditions)


def test_words_may_be_written_otherwise(joint: JointModel) -> None:
    assert checked(joint, {"sex": "f", "age": "61"}) == {"sex": "F", "age": 61.0}


def test_extrapolation_is_said(joint: JointModel) -> None:
    assert extrapolation_warnings(joint, {"age": 50.0, "etiv_cm3": 1450.0}) == []
    assert "outside" in extrapolation_warnings(joint, {"age": 110.0})[0]
    assert any("Hardly anybody" in said for said in extrapolation_warnings(joint, {"age": 22.0, "ventricles": 9.0, "nwbv": 0.68}))


def test_somebody_between_two_people(joint: JointModel) -> None:
    one, other = sample_subjects(joint, [1], {"age": 30.0})[0], sample_subjects(joint, [2], {"age": 80.0})[0]
    assert np.allclose(between(joint, one, other, 0.0).scores, one.scores)
    assert np.allclose(between(joint, one, other, 1.0).scores, other.scores)
    middle = between(joint, one, other, 0.5)
    assert 30 < float(middle.record["age"]) < 80 and dict(middle.folding) == {1: 0.5, 2: 0.5}
