"""Image and record that fit, fit less, or were mixed up."""

import numpy as np
import pytest

from mriexplorer.evaluation.cohort.coherence import People, judge_coherence, reader_of

RANDOM = np.random.default_rng(9)


def people(count, slope=0.001, mixed=False, ages=True):
    age = RANDOM.uniform(20, 90, count)
    sex = RANDOM.choice(["F", "M"], count)
    image = np.stack([0.05 * age + RANDOM.normal(size=count), *RANDOM.normal(size=(6, count))], axis=1)
    volumes = {
        name: 0.02 + slope * age + RANDOM.normal(0, 0.01, count)
        for name in ("ventricles", "fluid", "white matter", "grey matter")
    }
    told = RANDOM.permutation(age) if mixed else age
    records = [{"age": float(a), "sex": str(s)} if ages else {"sex": str(s)} for a, s in zip(told, sex, strict=True)]
    return People(records, volumes, image)


def judged(synthetic, real):
    found, drawn = judge_coherence(synthetic, real, draws=120)
    return {metric.name: metric for metric in found}, drawn


def test_people_whose_image_and_record_fit_raise_no_alarm():
    found, drawn = judged(people(150), people(90))
    assert not [name for name, metric in found.items() if metric.excess > 2]
    assert len(drawn.charts) == 4 and not drawn.warnings


def test_a_slope_of_half_is_minus_fifty_percent():
    found, _drawn = judged(people(200, slope=0.0005), people(200))
    metric = found["slope of ventricles on age, women"]
    assert metric.value == pytest.approx(-50, abs=12) and metric.alarm


def test_mixed_up_records_are_seen():
    found, _drawn = judged(people(150, mixed=True), people(90))
    assert found["AUC, own against mixed-up records"].value == pytest.approx(0.5, abs=0.1)
    assert found["AUC, own against mixed-up records"].ceiling.value > 0.6
    assert found["AUC, own against mixed-up records"].alarm
    assert found["age read from the image, error"].alarm


def test_people_without_ages_are_judged_by_what_is_left():
    found, drawn = judged(people(40, ages=False), people(40))
    assert not found and any("Ages are missing" in said for said in drawn.warnings)


def test_a_reader_reads_what_it_learnt():
    rows = RANDOM.normal(size=(60, 5))
    reader = reader_of(rows, 50 + 10 * rows[:, 0])
    assert reader.read(np.array([[1.0, 0, 0, 0, 0]]))[0] == pytest.approx(60, abs=0.5)
