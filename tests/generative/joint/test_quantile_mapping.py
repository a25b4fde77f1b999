"""Numbers of each study: led to the real ones."""

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.columns import Column
from mriexplorer.generative.joint.columns import fitted as columns_of
from mriexplorer.generative.joint.quantile_mapping import fitted, from_plain, mapped


@pytest.fixture(scope="module")
def age() -> Column:
    """Ages of everybody."""
    rng = np.random.default_rng(0)
    record = {"study": "A", "sex": "F", "ethnicity": "White", "height_cm": 170.0, "weight_kg": 70.0, "education_years": 12.0,
              "mmse": 30.0, "cdr": 0.0, "etiv_cm3": 1500.0, "nwbv": 0.8, "ventricles": 2.0}  # fmt: skip
    return next(c for c in columns_of([{**record, "age": float(a)} for a in rng.uniform(20, 90, 400)]) if c.name == "age")


def test_quantiles_of_a_study_become_those_of_its_people(age: Column) -> None:
    rng = np.random.default_rng(1)
    people = [{"age": float(a)} for a in rng.normal(30, 4, 300).clip(20, 90)]
    sampled = rng.normal(0.2, 1.0, 3000)
    ladder = fitted(age, people, sampled)
    assert ladder is not None
    made = np.array([age.value(mapped({"A": {"age": ladder}}, "A", "age", score)) for score in sampled], float)
    assert np.percentile(made, (10, 50, 90)) == pytest.approx(np.percentile([p["age"] for p in people], (10, 50, 90)), abs=0.7)
    assert mapped({"A": {"age": ladder}}, "B", "age", 0.3) == 0.3


def test_order_is_kept_also_beyond_the_quantiles(age: Column) -> None:
    ladder = fitted(age, [{"age": float(a)} for a in np.linspace(25, 60, 100)], np.random.default_rng(2).normal(0, 1, 2000))
    made = [mapped({"A": {"age": ladder}}, "A", "age", float(score)) for score in np.linspace(-4, 4, 60)]
    assert (np.diff(made) > 0).all()


def test_a_few_people_tell_nothing(age: Column) -> None:
    assert fitted(age, [{"age": 30.0}] * 20, np.zeros(100)) is None


@pytest.mark.parametrize("content", [None, [], {"A": 3}, {"A": {"age": [[0, 1]]}}, {"A": {"age": [[1, 0], [0, 0]]}}])
def test_damaged_ones_are_a_sentence(content: object) -> None:
    with pytest.raises(InputError, match="margins"):
        from_plain(content, "config.json")
