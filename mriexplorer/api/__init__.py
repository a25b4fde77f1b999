"""What window and command line do, for scripts and notebooks: plain functions. Times are in seconds, angles in degrees.

Whatever cannot be raises ``InputError``, whose text is the sentence that the window would show. What takes long tells
``progress`` what it is doing, one short line at a time; an exception that ``progress`` raises stops it.
"""

from mriexplorer.api.encoding import encode
from mriexplorer.api.evaluation import Evaluation, evaluate_maps, evaluate_people
from mriexplorer.api.images import load, presets, reference, save, sequences, signal
from mriexplorer.api.people import Estimates, PeopleFolder, estimate, gather, open_store, sample, sample_people, simulate
from mriexplorer.errors import InputError
from mriexplorer.subject.subject import Subject

__all__ = [
    "Estimates",
    "Evaluation",
    "InputError",
    "PeopleFolder",
    "Subject",
    "encode",
    "estimate",
    "evaluate_maps",
    "evaluate_people",
    "gather",
    "load",
    "open_store",
    "presets",
    "reference",
    "sample",
    "sample_people",
    "save",
    "sequences",
    "signal",
    "simulate",
]
