"""What the chosen protocol costs, in words: scan time and SNR against the protocol that it started from."""

from mriexplorer.physics import TISSUES
from mriexplorer.physics.cost import relative_efficiency, relative_time
from mriexplorer.view.presets import home
from mriexplorer.view.state import State


def cost(state: State, field: float) -> str:
    """``Scan time 1.50×, SNR of white matter 0.92×, per √time 0.75× of the usual protocol``; empty where it cannot run.

    ``field`` (T) is that of the white matter. What is assumed stands in ``physics.cost``.
    """
    usual = home(state)
    if state.problems:
        return ""
    time = relative_time(state.protocol, usual)
    tissue = TISSUES["wm"]
    at = tissue.at[field]
    decay = at.t2star if state.sequence.decay == "t2star" else at.t2
    each = relative_efficiency(state.protocol, usual, tissue.pd, at.t1, decay)
    against = f"of {state.contrast.preset}" if state.contrast.preset else "of the sequence's usual protocol"
    return f"Scan time {time:.2f}×, SNR of white matter {each * time**0.5:.2f}×, per √time {each:.2f}× {against}"
