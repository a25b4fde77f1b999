"""The table of sequences: its rows are consistent, and what no scanner could run is named."""

import numpy as np
import pytest

from mriexplorer.physics import SEQUENCES, TISSUES, problems
from mriexplorer.physics.sequence import possible
from mriexplorer.view.presets import presets


@pytest.mark.parametrize("row", SEQUENCES.values(), ids=lambda row: row.name)
def test_rows_are_consistent(row):
    names = [p.name for p in row.parameters]
    assert len(set(names)) == len(names)
    assert set(row.drag) <= set(names)
    assert SEQUENCES[row.twin].model != row.model
    assert not problems(row, row.defaults())
    for rule in row.rules:
        assert set(rule.parameters) <= set(names)
    for p in row.parameters:
        assert p.low <= p.default <= p.high
        assert p.doc and p.bids


@pytest.mark.parametrize("row", SEQUENCES.values(), ids=lambda row: row.name)
def test_sliders_reach_every_value_and_back(row):
    for p in row.parameters:
        for value in (p.low, p.default, p.high):
            assert p.from_fraction(p.to_fraction(value)) == pytest.approx(value, rel=1e-9)
        middle = p.from_fraction(0.5)
        assert middle == pytest.approx((p.low * p.high) ** 0.5 if p.scale == "log" else (p.low + p.high) / 2, abs=0.5, rel=1e-6)


@pytest.mark.parametrize("preset", presets(), ids=lambda p: p.title)
def test_presets_can_be_run(preset):
    assert not preset.protocol.problems
    assert preset.note


@pytest.mark.parametrize(
    ("sequence", "changed", "named"),
    [
        ("se", {"te": 0.4, "tr": 0.3}, "te"),
        ("ideal-flair", {"ti": 5.0, "tr": 4.0}, "ti"),
        ("flair", {"ti": 5.0, "tr": 5.1}, "ti"),
        ("tse", {"te": 0.3}, "te"),
        ("mprage", {"ti": 0.5}, "ti"),
        ("mprage", {"tr": 1.2}, "tr"),
        ("mprage", {"te": 0.01}, "te"),
        ("mp2rage", {"ti": 0.4}, "ti"),
        ("mp2rage", {"ti2": 1.5}, "ti2"),
        ("mp2rage", {"tr": 3.0}, "tr"),
        ("spgr", {"te": 0.025}, "te"),
        ("se", {"te": 9.0}, "te"),
        ("se", {"te": -0.1}, "te"),
    ],
)
def test_impossible_protocols_name_the_slider(sequence, changed, named):
    row = SEQUENCES[sequence]
    found = problems(row, row.complete(changed))
    assert found
    assert named in found[0].parameters
    assert found[0].sentence


@pytest.mark.parametrize("row", SEQUENCES.values(), ids=lambda row: row.name)
def test_what_is_possible_is_the_same_for_arrays_of_protocols(row):
    rng = np.random.default_rng(1)
    names = [p.name for p in row.parameters]
    drawn = [{p.name: p.from_fraction(rng.uniform(-0.02, 1.02)) for p in row.parameters} for _ in range(300)]
    arrays = {name: np.array([values[name] for values in drawn]) for name in names}
    expected = [not problems(row, values) for values in drawn]
    assert np.array_equal(possible(row, arrays) & np.ones(300, bool), expected)


def test_t1_lengthens_and_t2_shortens_with_field_strength():
    for name in ("wm", "gm"):
        at = TISSUES[name].at
        assert at[1.5].t1 < at[3.0].t1 < at[7.0].t1
        assert at[1.5].t2 > at[3.0].t2 > at[7.0].t2
        assert all(r.t2star <= r.t2 < r.t1 for r in at.values())
