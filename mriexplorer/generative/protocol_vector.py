"""A scan's protocol as the network has it: a few numbers, read from the table of sequences."""

from math import log

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, Protocol

_TIMES = {"te": 0.03, "tr": 2.0, "ti": 1.0}  # s: what counts as 0 on the logarithmic scale
_TRAIN = 0.5  # s, likewise, for the length of the train of readouts or echoes


def width(known: tuple[str, ...]) -> int:
    """How many numbers a vector has."""
    return len(_TIMES) + 5 + len(known)


def protocol_vector(protocol: Protocol, known: tuple[str, ...], field: float | None = None) -> list[float]:
    """log TE, log TR, log TI, whether there is a TI, log length of the train, flip, field, and which of the ``known`` families.

    ``field`` in tesla, where it is known. What a sequence does not have is 0. Raises InputError for a sequence that
    the network never saw.
    """
    row, values = protocol.sequence, protocol.values
    family = row.name if row.model == "full" else row.twin
    if family not in known:
        raise InputError(f"this model was not trained for {row.label}; it knows {', '.join(SEQUENCES[n].label for n in known)}.")
    times = [log(values[name] / scale) if name in values else 0.0 for name, scale in _TIMES.items()]
    train = values.get("es", 0.0) * values.get("readouts", 0.0) + values.get("esp", 0.0) * values.get("etl", 0.0)
    others = [float("ti" in values), log(train / _TRAIN) if train else 0.0, values.get("flip", 0.0) / 10]
    others += [log(field / 3), 1.0] if field else [0.0, 0.0]
    return [*times, *others, *(float(family == name) for name in known)]
