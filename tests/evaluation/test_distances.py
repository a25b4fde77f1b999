"""Distances between sets with a known answer: the same distribution, half the spread, a shift, a mode that is missing."""

import numpy as np
import pytest

from mriexplorer.evaluation.distances import (
    axes_of,
    distance_metrics,
    frechet,
    frechet_extrapolated,
    kernel_distance,
    manifold,
    spread_ratio,
)

RANDOM = np.random.default_rng(11)


def people(count, spread=1.0, shift=0.0, features=40):
    return RANDOM.normal(shift, spread, size=(count, features))


def judged(synthetic, real):
    return {metric.name.split(",")[0]: metric for metric in distance_metrics("images", "test", synthetic, real, draws=100)}


def test_the_same_distribution_raises_no_alarm():
    found = judged(people(200), people(80))
    assert not [name for name, metric in found.items() if metric.excess > 2]
    assert found["spread ratio"].value == pytest.approx(1, abs=0.25)


def test_half_the_spread_is_praised_by_precision_and_seen_by_recall_spread_and_density():
    found = judged(people(200, spread=0.5), people(80))
    assert found["precision"].value > 0.98 and not found["precision"].alarm
    assert found["recall"].value < 0.1 and found["recall"].alarm
    assert found["spread ratio"].alarm and found["density"].alarm


def test_a_shift_is_seen_by_both_distances():
    found = judged(people(200, shift=1.0), people(80))
    assert found["Fréchet distance"].alarm and found["kernel distance"].alarm and found["precision"].alarm
    assert not found["spread ratio"].alarm


def test_a_mode_that_is_missing_is_seen_by_recall():
    def modes(count, kinds):
        return people(count) + 3 * RANDOM.choice(kinds, size=(count, 1))

    found = judged(modes(200, [-1, 1]), modes(90, [-1, 0, 1]))
    assert found["coverage"].alarm or found["recall"].alarm


def test_a_frechet_distance_of_few_people_is_extrapolated_to_many():
    plain = [frechet(people(40, features=12), people(40, features=12)) for _ in range(40)]
    extrapolated = [frechet_extrapolated(people(40, features=12), people(40, features=12)) for _ in range(40)]
    assert np.mean(plain) > 2  # that of many is 0
    assert abs(np.mean(extrapolated)) < 0.3 * np.mean(plain)
    shifted = [frechet_extrapolated(people(40, shift=0.5, features=12), people(40, features=12)) for _ in range(40)]
    assert np.mean(shifted) == pytest.approx(12 * 0.25, abs=1.2)


def test_a_kernel_distance_has_no_bias():
    assert abs(np.mean([kernel_distance(people(30, features=8), people(30, features=8)) for _ in range(60)])) < 0.03


def test_a_spread_ratio_is_one_of_variances():
    assert spread_ratio(people(3000, spread=0.5), people(3000)) == pytest.approx(0.25, rel=0.05)


def test_precision_recall_density_and_coverage_are_those_of_prdc():
    """Values of prdc 0.2 (Naeem 2020) on the same sets."""
    random = np.random.default_rng(0)
    real, synthetic = random.normal(size=(40, 8)), random.normal(size=(40, 8)) * 1.1
    apart = np.linalg.norm(np.concatenate([synthetic, real])[:, None] - np.concatenate([synthetic, real])[None], axis=-1)
    found = manifold(apart[:40, 40:], apart[:40, :40], apart[40:, 40:])
    assert found == pytest.approx(PRDC)


PRDC = {"precision": 0.925, "recall": 0.975, "density": 0.845, "coverage": 0.975}


def test_axes_leave_out_what_never_differs():
    rows = people(30)
    rows[:, 3] = 7.0
    axes = axes_of(rows, rows)
    assert np.isfinite(axes.of(rows)).all() and axes.components.shape[0] == 10
