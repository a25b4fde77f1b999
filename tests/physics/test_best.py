"""The best contrast against brute force; the cost of protocols."""

from dataclasses import replace

import numpy as np
import pytest

from mriexplorer.physics import SEQUENCES, TISSUES, Protocol, problems
from mriexplorer.physics.best import Question, Sample, best, spaced
from mriexplorer.physics.cost import relative_efficiency, relative_time


def sample(name: str, field: float = 3.0) -> Sample:
    at = TISSUES[name].at[field]
    return Sample(TISSUES[name].pd, at.t1, at.t2, at.t2star)


def question(sequence: str, a: str = "wm", b: str = "gm", across: str = "", up: str = "", **changed) -> Question:
    row = SEQUENCES[sequence]
    across, up = across or row.drag[0], up or row.drag[1]
    limits = tuple((row.parameter(n).low, row.parameter(n).high) for n in (across, up))
    return Question(Protocol.complete(row), (sample(a),), (sample(b),), across, up, limits, **changed)


ASKED = [
    question("mprage"),
    question("mprage", "gm", "csf", per_time=True),
    question("mprage", "wm", "thalamus", "ti", "flip"),
    question("se"),
    question("se", "wm", "lesion", per_time=True),
    question("tse", "wm", "lesion"),
    question("tse", "caudate", "pallidum", "te", "etl", per_time=True),
    question("flair", "wm", "lesion", "ti", "te"),
    question("flair", "gm", "lesion", "tr", "ti", per_time=True),
    question("dir", "gm", "wm", "ti", "ti2"),
    question("psir", "gm", "wm"),
    question("mp2rage"),
    question("mp2rage", "wm", "gm", "flip", "flip2", per_time=True),
    question("spgr"),
    question("spgr", per_time=True),
    question("gre", "pallidum", "wm", per_time=True),
    question("bssfp", "csf", "gm"),
    question("ideal-flair", "wm", "lesion", "ti", "tr"),
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda q: f"{q.protocol.sequence.name} {q.across} {q.up} {q.per_time}")
def test_the_optimum_is_within_one_percent_of_brute_force_from_few_points(asked):
    found = best(asked)
    assert found.contrast.size <= 0.1 * 400**2, "which is why it follows the mouse"
    grids = [
        spaced(asked.protocol.sequence.parameter(n), limits, 400)
        for n, limits in zip((asked.across, asked.up), asked.limits, strict=True)
    ]
    brute = float(np.nanmax(asked.contrast(*np.meshgrid(*grids))))
    assert found.highest >= 0.99 * brute
    across, up = found.best
    assert not problems(asked.protocol.sequence, {**asked.protocol.values, asked.across: across, asked.up: up})
    assert float(asked.contrast(across, up)) == pytest.approx(found.highest, rel=1e-9)
    assert found.contrast.shape == (found.up.size, found.across.size)
    assert np.nanmax(found.contrast) <= found.highest * (1 + 1e-9)


def test_the_best_echo_time_of_fully_relaxed_tissue_is_known():
    """|exp(-TE/T2a) - exp(-TE/T2b)| is largest at ln(T2b/T2a) / (1/T2a - 1/T2b)."""
    a, b = Sample(1, 0.1, 0.05, 0.05), Sample(1, 0.1, 0.1, 0.1)
    asked = replace(question("ideal-se"), a=(a,), b=(b,), across="te", up="tr", limits=((0.001, 0.6), (10.0, 20.0)))
    assert best(asked).best[0] == pytest.approx(np.log(2) / (20 - 10), rel=0.01)


def test_where_nothing_is_possible_there_is_no_best():
    found = best(replace(question("se"), limits=((0.05, 0.06), (0.3, 0.6))))
    assert found.best is None
    assert np.isnan(found.contrast).all()


def test_scan_time_is_what_a_train_leaves_of_tr():
    for name, changed, expected in (
        ("tse", {"tr": 8.0, "etl": 32}, 1),
        ("mprage", {"readouts": 88}, 2),
        ("spgr", {"tr": 0.01}, 0.5),
    ):
        time = relative_time(Protocol.complete(name, changed), Protocol.complete(name))
        assert time == pytest.approx(expected)


def test_efficiency_weighs_signal_against_time():
    """Fully relaxed tissue gains nothing from a longer TR; at the Ernst angle, short TRs are equally efficient."""
    longer = relative_efficiency(Protocol.complete("se", {"tr": 16.0}), Protocol.complete("se", {"tr": 8.0}), 1.0, 0.5, 0.1)
    assert longer == pytest.approx(0.5**0.5, rel=1e-3)
    t1 = 1.2
    ernst = [Protocol.complete("spgr", {"tr": tr, "flip": np.degrees(np.arccos(np.exp(-tr / t1)))}) for tr in (0.01, 0.04)]
    assert relative_efficiency(*ernst, 1.0, t1, 0.05) == pytest.approx(1, rel=1e-3)
