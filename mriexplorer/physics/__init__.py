"""What a scanner would show: equations, the table of sequences, and literature values of tissues.

Arrays in, arrays out, for every library of the array API (numpy, torch, ...). No files, no window. Times are in
seconds, angles in degrees, signal in units of the proton density of water (PD = 1).
"""

from mriexplorer.physics.parameters import TIMES, Parameter, TimeUnit, number_in, time_in
from mriexplorer.physics.protocol import Protocol
from mriexplorer.physics.sequence import Problem, Sequence, outside, problems, signal
from mriexplorer.physics.sequences import SEQUENCES
from mriexplorer.physics.tissues import FIELDS, TISSUES, Relaxation, Tissue

__all__ = [
    "FIELDS",
    "SEQUENCES",
    "TIMES",
    "TISSUES",
    "Parameter",
    "Problem",
    "Protocol",
    "Relaxation",
    "Sequence",
    "TimeUnit",
    "Tissue",
    "number_in",
    "outside",
    "problems",
    "signal",
    "time_in",
]
