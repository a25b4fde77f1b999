"""Timelines of every sequence, and the longitudinal magnetisation along them against the equations."""

from dataclasses import replace

import numpy as np
import pytest

from mriexplorer.physics import SEQUENCES, TISSUES, Protocol, signal
from mriexplorer.physics.longitudinal import mz_at, recovery_curves
from mriexplorer.physics.sequences import Sequence
from mriexplorer.physics.timeline import timeline
from mriexplorer.view.presets import presets

T1 = np.array([tissue.at[3.0].t1 for tissue in TISSUES.values()])
PROTOCOLS = [(row.name, row.defaults()) for row in SEQUENCES.values()]
PROTOCOLS += [(p.protocol.sequence.name, dict(p.protocol.values)) for p in presets()]
PROTOCOLS += [(n, SEQUENCES[n].complete({"efficiency": 0.9})) for n in ("mprage", "flair", "ir-se")]
PROTOCOLS += [("mprage", SEQUENCES["mprage"].complete({"centre": 0.0, "flip": 20.0}))]


def excitation(row: Sequence, values: dict[str, float]) -> np.ndarray:
    """Mz at the excitation by the signal equation: without decay, by the sine of the flip angle."""
    forever = np.full_like(T1, np.inf)
    shown = signal(row, np.ones_like(T1), T1, forever, values, magnitude=False)
    return shown / np.sin(np.radians(values.get("flip", 90.0)))


OF_MZ = [(n, v) for n, v in PROTOCOLS if SEQUENCES[n].separable and not SEQUENCES[n].of_t1]  # not a ratio, nothing carried over


@pytest.mark.parametrize(("name", "values"), OF_MZ, ids=lambda v: v if isinstance(v, str) else "")
def test_mz_at_the_excitation_is_that_of_the_equation(name, values):
    """Within 1 % of the equilibrium, for every tissue of the table."""
    row = SEQUENCES[name]
    line = timeline(Protocol(row, values))
    assert mz_at(line, T1, line.seen[0]) == pytest.approx(excitation(row, values), abs=0.01)


@pytest.mark.parametrize(("name", "values"), PROTOCOLS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_period_ends_as_it_began(name, values):
    line = timeline(Protocol(name, values))
    curves = recovery_curves(line, T1)
    assert curves.mz[:, -1] == pytest.approx(curves.mz[:, 0], abs=1e-9)
    assert curves.times[-1] - curves.times[0] == pytest.approx(values["tr"])
    assert np.all(np.diff(curves.times) >= -1e-12)
    assert np.abs(curves.mz).max() <= 1


@pytest.mark.parametrize(("name", "values"), PROTOCOLS, ids=lambda v: v if isinstance(v, str) else "")
def test_everything_happens_within_tr_in_order(name, values):
    line = timeline(Protocol(name, values))
    times = [pulse.time for pulse in line.pulses]
    assert times == sorted(times)
    assert times[0] >= 0
    assert max(times) <= values["tr"]
    spans = {span.label: span.end - span.start for span in line.spans}
    assert spans["TR"] == values["tr"]
    for parameter in ("te", "ti", "ti2"):
        if parameter in values:
            assert spans[parameter.upper()] == pytest.approx(values[parameter])


def test_an_mprage_has_its_train_around_ti():
    line = timeline(Protocol.complete("mprage", {"readouts": 160, "es": 0.008}))
    assert [pulse.role for pulse in line.pulses] == ["inversion"] + ["excitation"] * 160
    assert line.pulses[1 + 80].time == pytest.approx(1.0)
    assert line.centres[0] == pytest.approx(1.0 + 0.00316)
    assert line.trains[0].end - line.trains[0].start == pytest.approx(1.28)


def test_a_turbo_spin_echo_refocuses_between_its_echoes():
    line = timeline(Protocol.complete("tse", {"esp": 0.01, "etl": 4, "te": 0.02}))
    assert [round(pulse.time, 4) for pulse in line.pulses] == [0, 0.005, 0.015, 0.025, 0.035]
    assert line.echoes == pytest.approx((0.01, 0.02, 0.03, 0.04))


def test_rows_that_others_add_have_a_timeline_by_their_parameters():
    """A spoiled and a balanced gradient echo, and two trains after one inversion."""
    flip = replace(SEQUENCES["mprage"].parameter("flip"), high=90)
    te, tr = SEQUENCES["se"].parameters
    spoiled = replace(SEQUENCES["se"], name="spgr", parameters=(te, tr, flip))
    line = timeline(Protocol.complete(spoiled, {"te": 0.004, "tr": 0.02, "flip": 25.0}))
    assert [(pulse.time, pulse.angle) for pulse in line.pulses] == [(0.0, 25.0)]
    e, kept = np.exp(-0.02 / T1), np.cos(np.radians(25))
    assert mz_at(line, T1, 0.0) == pytest.approx((1 - e) / (1 - kept * e))

    balanced = replace(SEQUENCES["se"], name="bssfp", parameters=(tr, flip), separable=False)
    line = timeline(Protocol.complete(balanced, {"tr": 0.006, "flip": 40.0}))
    assert line.echoes == pytest.approx((0.003,))
    assert not line.spoiled

    ti2 = SEQUENCES["dir"].parameter("ti2")
    twice = replace(SEQUENCES["mprage"], name="mp2rage", parameters=(*SEQUENCES["mprage"].parameters, ti2))
    line = timeline(Protocol.complete(twice, {"tr": 5.0, "ti": 0.7, "ti2": 2.5, "readouts": 100}))
    assert len(line.trains) == 2
    assert line.seen == (0.7, 2.5)
    assert recovery_curves(line, T1).mz.shape[0] == len(T1)
