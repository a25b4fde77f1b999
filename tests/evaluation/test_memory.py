"""Copies of people who were trained on, and people who are none."""

import numpy as np

from mriexplorer.evaluation.cohort.memory import Groups, judge_memory, record_rows

RANDOM = np.random.default_rng(2)


def rows(count):
    return RANDOM.normal(size=(count, 30))


def judged(synthetic, kept, trained):
    found, nearest = judge_memory({"image": Groups(synthetic, kept, trained)})
    return {metric.name: metric for metric in found}, nearest


def test_people_who_are_new_raise_no_alarm():
    found, _nearest = judged(rows(100), rows(70), rows(120))
    assert not [name for name, metric in found.items() if metric.alarm]


def test_copied_people_are_found_and_the_pair_is_named():
    trained = rows(120)
    copied = trained[:80] + 0.05 * rows(80)
    found, nearest = judged(copied, rows(70), trained)
    assert found["share of near copies, image"].value > 0.95 and found["share of near copies, image"].alarm
    assert found["nearest trained over nearest kept, image"].alarm
    assert nearest.synthetic == nearest.trained and nearest.ratio < 0.2


def test_one_copy_among_many_is_found():
    trained = rows(120)
    people = rows(100)
    people[37] = trained[5]
    found, nearest = judged(people, rows(70), trained)
    assert (nearest.synthetic, nearest.trained) == (37, 5)
    assert found["share of near copies, image"].value == 0.01


def test_copies_are_told_from_people_who_lie_close_by_nature():
    """In a space of two numbers everybody has somebody near; only copies alarm."""
    few = [RANDOM.normal(size=(count, 2)) for count in (200, 60, 90)]
    found, _nearest = judged(*few)
    assert not [name for name, metric in found.items() if metric.alarm]
    few[0][:60] = few[2][:60] + 0.001
    found, _nearest = judged(*few)
    assert found["share of near copies, image"].alarm and found["share of near copies, image"].p < 0.01


def test_records_become_numbers_with_levels_and_gaps():
    people = [{"age": 30.0, "sex": "F"}, {"age": 50.0, "sex": "M"}, {"sex": "M"}]
    found = record_rows(people, [{"age": 40.0, "sex": "F"}, {"age": 60.0, "sex": "M"}])
    assert found.tolist() == [[30, 0], [50, 1], [50, 1]]
