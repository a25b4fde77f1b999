"""What a protocol costs: relative scan time, and the signal-to-noise ratio that a unit of time buys.

Assumptions. Matrix, slices, bandwidth, field of view, acceleration and averages are those of the protocol compared with, so
that the time of an image is proportional to the time a line of k-space takes, and noise falls with the square root of the time
spent. A TR reads one line, or as many as the train of its sequence: ETL of turbo spin echoes, N readouts of MPRAGE and of MP2RAGE
(whose two images count as one). In two-dimensional sequences other slices are read while Mz recovers, and are taken to fit. So
protocols of one sequence can be compared with each other; a 2-D sequence with a 3-D one only line by line, since a 3-D line
serves all slices. Cross-talk between slices, absorbed power and the blur of long trains are not in it.
"""

from collections.abc import Mapping

from mriexplorer.physics.equations import Array
from mriexplorer.physics.protocol import Protocol
from mriexplorer.physics.sequence import Sequence


def time_per_line(sequence: Sequence, values: Mapping[str, Array]) -> Array:
    """Seconds that one line of k-space takes: TR, by what the train reads of it. ``values`` may be arrays that go together."""
    return values["tr"] / values[sequence.lines] if sequence.lines else values["tr"]


def relative_time(protocol: Protocol, reference: Protocol) -> float:
    """Scan time in that of another protocol of the same sequence."""
    one, other = (time_per_line(of.sequence, of.values) for of in (protocol, reference))
    return float(one / other)


def relative_efficiency(protocol: Protocol, reference: Protocol, pd: float, t1: float, decay: float) -> float:
    """SNR of a tissue for the square root of scan time, in that of another protocol of the same sequence.

    ``decay`` is T2 or T2*, as ``sequence.decay`` says; times in seconds.
    """
    shown, other = (abs(float(of.signal(pd, t1, decay))) for of in (protocol, reference))
    return float(shown / other / relative_time(protocol, reference) ** 0.5)
