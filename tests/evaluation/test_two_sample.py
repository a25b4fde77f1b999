"""Classifiers between sets with a known answer, and what they name."""

import numpy as np
import pytest

from mriexplorer.evaluation.cohort.networks import network_metric, random_features
from mriexplorer.evaluation.cohort.two_sample import linear_auc, linear_metrics, telling_features

RANDOM = np.random.default_rng(5)


def rows(count, shift=0.0, features=60):
    found = RANDOM.normal(size=(count, features))
    found[:, 0] += shift
    return found


def test_equal_people_are_told_apart_by_chance():
    assert np.mean([linear_auc(rows(30), rows(30)) for _ in range(40)]) == pytest.approx(0.5, abs=0.04)


def test_one_feature_among_many_gives_people_away():
    assert linear_auc(rows(60, shift=8), rows(60)) > 0.9


def test_the_family_that_differs_is_named_and_no_other():
    real = {"texture": rows(80), "layout": rows(80, features=300)}
    synthetic = {"texture": rows(100, shift=6), "layout": rows(100, features=300)}
    found = {metric.name: metric for metric in linear_metrics(synthetic, real, draws=100)}
    assert found["AUC, texture"].alarm and found["AUC, texture"].p < 0.011
    assert found["AUC, all features together"].alarm
    assert not found["AUC, layout"].alarm
    names = {name: tuple(f"{name} {n}" for n in range(each.shape[1])) for name, each in real.items()}
    assert telling_features(synthetic, real, names)[0].name == "texture 0"


def images(count, bright=0.0):
    found = RANDOM.normal(0, 0.1, size=(count, 20, 24, 20)).astype(np.float32)
    found[:, 5:15, 5:19, 5:15] += 1
    found[:, 8:12, 10:14, 8:12] += bright
    return found


def test_a_network_sees_what_differs_and_nothing_else():
    real = images(32)
    different = network_metric(images(20, bright=0.6), real)
    assert different.value > 0.9 and different.p < 0.01
    equal = network_metric(images(20), real)
    assert equal.found.low < 0.5 < equal.found.high or not equal.alarm


def test_features_of_the_random_network_are_the_same_every_time():
    image = images(1)[0]
    assert np.array_equal(random_features(image), random_features(image.copy()))
    assert not np.allclose(random_features(image), random_features(images(1, bright=1)[0]))
