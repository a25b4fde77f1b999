"""Intervals and comparisons: what is equal raises no alarm, what differs does, and p is never 0."""

import numpy as np
import pytest

from mriexplorer.evaluation.metric import Better
from mriexplorer.evaluation.statistics import auc, bootstrapped, chance, common_size, compared, drawn_pairs, over_halves

RANDOM = np.random.default_rng(3)


def mean_difference(one, other):
    return float(one.mean() - other.mean())


def test_a_bootstrap_interval_of_a_mean_is_that_of_the_textbook():
    values = RANDOM.normal(size=(400, 1))
    found = bootstrapped(values, lambda rows: float(rows.mean()), repeats=2000)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.12)


def test_each_side_of_a_draw_is_as_large_and_nobody_is_on_two():
    for of, one, other in drawn_pairs(200, 71, draws=5):
        assert len(of) == len(one) == len(other) == common_size(200, 71) == 35
        assert not set(one) & set(other) and len(set(of)) == 35


def test_draws_spread_a_mean_as_new_sets_of_the_whole_size_would():
    wholes = [RANDOM.normal(size=70) for _ in range(200)]
    wanted = np.std([whole.mean() for whole in wholes])
    drawn = [np.std([whole[one].mean() for _of, one, _other in drawn_pairs(70, 70, draws=100)]) for whole in wholes[:20]]
    assert np.mean(drawn) == pytest.approx(wanted, rel=0.15)


def test_equal_people_raise_no_alarm_and_others_do():
    real, equal, other = RANDOM.normal(size=(80, 1)), RANDOM.normal(size=(120, 1)), RANDOM.normal(2, size=(120, 1))
    calm = compared(mean_difference, equal, real).metric("images", "mean", Better.NEAR, "", (120, 80))
    loud = compared(mean_difference, other, real).metric("images", "mean", Better.NEAR, "", (120, 80))
    assert not calm.alarm and calm.p > 0.05
    assert loud.alarm and loud.excess > 2 and 0 < loud.p < 0.01


def test_chance_looks_at_the_wrong_side_only():
    draws = np.linspace(-1, 1, 199)
    assert chance(5, draws, Better.LOW) == chance(-5, draws, Better.HIGH) == 1 / 200
    assert chance(5, draws, Better.NEAR) == chance(-5, draws, Better.NEAR) == 2 / 200
    assert chance(-5, draws, Better.LOW) == chance(5, draws, Better.HIGH) == 1


def test_what_cannot_be_measured_is_no_number_and_no_alarm():
    found = compared(lambda _one, _other: float("nan"), np.zeros((20, 1)), np.zeros((20, 1)))
    metric = found.metric("images", "nothing", Better.LOW, "", (20, 20))
    assert np.isnan(metric.value) and np.isnan(metric.p) and not metric.alarm


def test_halves_are_disjoint_and_equally_large():
    seen = []
    over_halves(lambda one, other: float(seen.append((set(one), set(other))) or 0), 21, 10, repeats=5)
    assert all(len(one) == len(other) == 10 and not one & other for one, other in seen)


def test_auc_counts_ties_as_half():
    assert auc(np.array([1.0, 2.0]), np.array([0.0, 0.5])) == 1
    assert auc(np.array([1.0, 1.0]), np.array([1.0, 1.0])) == 0.5
