"""Numbers as people read them, in milliseconds or in seconds."""

import pytest

from mriexplorer.physics import SEQUENCES, number_in, time_in


@pytest.mark.parametrize(
    ("name", "value", "in_ms", "in_s"),
    [("te", 0.0032, "3.2", "0.0032"), ("te", 0.0912, "91.2", "0.0912"), ("te", 0.4, "400", "0.400"), ("tr", 2.4, "2400", "2.400"),
     ("flip", 8.0, "8.0", "8.0"), ("readouts", 176.0, "176", "176")],
)  # fmt: skip
def test_seconds_are_as_exact_as_milliseconds(name, value, in_ms, in_s):
    parameter = SEQUENCES["mprage"].parameter(name)
    assert (parameter.shown(value), parameter.shown(value, "s")) == (in_ms, in_s)


def test_units_and_factors():
    tr, flip = (SEQUENCES["mprage"].parameter(name) for name in ("tr", "flip"))
    assert (tr.unit_in(), tr.factor_in(), tr.unit_in("s"), tr.factor_in("s")) == ("ms", 1000.0, "s", 1.0)
    assert (flip.unit_in("s"), flip.factor_in("s")) == ("°", 1.0)
    assert (number_in(1.42, 0, "ms"), time_in(0.083, 1, "s")) == ("1420", "0.0830 s")
