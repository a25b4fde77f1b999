"""What a protocol costs, in words."""

import pytest

from mriexplorer.explain.cost import cost
from mriexplorer.view.state import State


def test_the_usual_protocol_costs_what_it_costs() -> None:
    assert cost(State(), 3.0).startswith("Scan time 1.00×, SNR of white matter 1.00×, per √time 1.00×")


def test_twice_the_repetition_time_takes_twice_as_long() -> None:
    state = State().with_sequence("se")
    twice = cost(state.with_values(tr=2 * state.protocol.values["tr"]), 3.0)
    assert twice.startswith("Scan time 2.00×")
    gain = float(twice.split("white matter ")[1].split("×")[0])
    assert 1.3 < gain < 2  # less than twice: white matter was not wholly saturated
    assert float(twice.split("√time ")[1].split("×")[0]) == pytest.approx(gain / 2**0.5, abs=0.01)


def test_the_preset_is_named_and_what_cannot_run_costs_nothing() -> None:
    assert "of OASIS-3 · FLAIR" in cost(State().with_sequence("flair").with_contrast(preset="OASIS-3 · FLAIR"), 3.0)
    assert cost(State().with_sequence("se", {"te": 0.5, "tr": 0.3}), 3.0) == ""
