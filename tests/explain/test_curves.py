"""Curves over a parameter, their null points, and the state that says which."""

import math
from dataclasses import replace

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.explain.curves import curves, null_times, recovery_of, substances, tissue, variable, varied
from mriexplorer.physics import SEQUENCES, problems
from mriexplorer.physics.timeline import timeline
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json


@pytest.fixture(scope="module")
def scene(brain):
    """The built-in brain."""
    return Scene(brain)


def state_of(sequence: str, varied: str = "", **values: float) -> State:
    return State().with_sequence(sequence).with_panels(varied=varied).with_values(**values)


def test_the_varied_parameter_is_one_that_the_sequence_has():
    assert varied(state_of("flair")).name == "ti"
    assert varied(state_of("tse")).name == "te"
    assert varied(state_of("tse", "tr")).name == "tr"
    assert varied(state_of("se", "ti")).name == "te"
    assert [p.name for p in variable(state_of("tse"))] == ["te", "tr"]
    assert [p.name for p in variable(state_of("tse").with_panels(expert=True))] == ["te", "tr", "esp"]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_curves_go_through_the_signal_that_is_read_out(sequence, scene):
    for parameter in variable(state_of(sequence)):
        state = state_of(sequence, parameter.name)
        drawn = curves(substances(scene, state), state)
        assert [curve.substance.name for curve in drawn.curves] == ["wm", "gm", "csf", "here"]
        assert drawn.axis[0] <= drawn.at <= drawn.axis[-1]
        here = drawn.curves[-1]
        assert here.now == pytest.approx(scene.reading(state).signal, rel=1e-6)
        fine = np.isfinite(here.signal)
        nearby = np.interp(drawn.at, drawn.axis[fine], here.signal[fine])
        assert nearby == pytest.approx(here.now, abs=0.03)


def test_null_points_of_inversion_recovery_are_at_ln2_t1():
    """With TR far beyond T1, in every kind of inversion recovery that starts from equilibrium."""
    state = state_of("ideal-flair", tr=20.0)
    fat = tissue("fat", 3.0)
    drawn = curves((fat,), state)
    assert drawn.curves[0].nulls == pytest.approx((0.370 * math.log(2),), rel=1e-5)
    assert null_times(fat, state) == pytest.approx((0.370 * math.log(2),), rel=1e-4)


def test_the_csf_null_of_flair():
    state = state_of("flair", te=0.12, tr=9.0, esp=0.01, etl=16)
    csf = tissue("csf", 3.0)
    (null,) = curves((csf,), state).curves[0].nulls
    assert null == pytest.approx(2.463, abs=0.002)
    assert float(csf.along(state.protocol, {"ti": null}, magnitude=False)) == pytest.approx(0, abs=1e-6)


def test_magnitude_folds_the_curve_and_keeps_the_null():
    signed, folded = (
        curves((tissue("csf", 3.0),), state_of("flair").with_contrast(magnitude=m)).curves[0] for m in (False, True)
    )
    assert np.nanmin(signed.signal) < 0 <= np.nanmin(folded.signal)
    assert signed.nulls == folded.nulls


def test_curves_end_where_no_scanner_could_go():
    state = state_of("mprage")
    drawn = curves((tissue("wm", 3.0),), state)
    for value, shown in zip(drawn.axis, drawn.curves[0].signal, strict=True):
        assert np.isfinite(shown) == (not problems(state.sequence, {**state.protocol.values, "ti": float(value)}))
    impossible = curves((tissue("wm", 3.0),), state.with_values(tr=0.9))
    assert impossible.curves[0].now is None


def test_the_axis_stays_while_it_is_dragged_along():
    state = state_of("tse", "te", te=0.1)
    assert curves((), state, end=0.2).axis[-1] == 0.2
    assert curves((), state).axis[-1] == pytest.approx(0.2)


@pytest.mark.parametrize("field", [1.5, 7.0])
def test_literature_is_that_of_the_field_strength(field):
    assert tissue("wm", field).t1 == {1.5: 0.65, 7.0: 1.13}[field]
    assert tissue("wm", 4.7).t1 == 0.84


def test_no_recovery_where_mz_alone_does_not_tell(scene):
    state = state_of("mprage")
    line = timeline(state.protocol)
    assert recovery_of(substances(scene, state), line).mz.shape[0] == 4
    assert recovery_of(substances(scene, state), None) is None
    assert recovery_of(substances(scene, state), replace(line, spoiled=False)) is None


def test_air_has_no_curve_of_its_own(scene):
    state = state_of("se").with_display(cursor=(-70.0, -105.0, 75.0))
    assert scene.reading(state).pd == 0
    assert [one.name for one in substances(scene, state)] == ["wm", "gm", "csf"]


def test_curves_and_lessons_are_part_of_the_state():
    state = State().with_panels(varied="tr", curve="recovery", lesson="flair", step=2, side="curves")
    assert from_json(to_json(state)) == state
    for bad in ('{"curve": "spiral"}', '{"step": -1}', '{"step": "x"}', '{"lesson": 3}', '{"varied": null}'):
        with pytest.raises(InputError, match="not a state"):
            from_json(bad)
