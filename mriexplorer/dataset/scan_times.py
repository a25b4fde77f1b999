"""Echo, repetition and inversion times of a scan: from its sidecar, from the person who asks, or a stated default."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.physics import SEQUENCES
from mriexplorer.reading.registry import header_times, stem
from mriexplorer.subject.sidecar import read_sidecar

_SEQUENCE = {"T1w": "mprage", "T2w": "tse", "PDw": "tse", "FLAIR": "flair"}
_DEFAULT = {
    "T1w": {"te": 0.00316, "tr": 2.4, "ti": 1.0},
    "T2w": {"te": 0.1, "tr": 4.0},
    "PDw": {"te": 0.015, "tr": 2.5},
    "FLAIR": {"te": 0.091, "tr": 9.0, "ti": 2.5},
}
_FIELDS = {
    "te": ("EchoTime",),
    "tr": ("RepetitionTimePreparation", "RepetitionTime", "RepetitionTimeExcitation"),
    "ti": ("InversionTime",),
    "flip": ("FlipAngle",),
}
# s and degrees; what is larger was meant in milliseconds, or is none
_HIGHEST = {"te": 2.0, "tr": 30.0, "ti": 10.0, "flip": 180.0}
_LOWEST = {"te": 2e-4, "tr": 2e-3, "ti": 1e-3, "flip": 0.1}
_VARIABLE_FLIP = 0.25  # s; a longer echo time is that of a 3-D train with variable flip angles
_EQUIVALENT = {"T2w": 0.150, "FLAIR": 0.130}
_FEWEST = 16.0  # readouts, as few as the table of sequences has
_SPARE = 0.98  # of the time that there is, which a train may fill
_SPIN_ECHO = 0.008  # s; a T1w scan with a longer echo and no inversion is a spin echo


@dataclass(frozen=True)
class Times:
    """A row of the table of sequences, its times in seconds (and flip angle in degrees), and what had to be assumed."""

    sequence: str
    values: Mapping[str, float]
    notes: tuple[str, ...] = ()


def completed(times: Times) -> dict[str, float]:
    """All parameters of a scan's sequence: what is known, and a train of echoes or readouts that suits it where none is told."""
    row, told = SEQUENCES[times.sequence], times.values
    values = row.complete(told)
    rest = values["tr"] - values.get("ti", 0.0)
    if "etl" in values and not {"etl", "esp"} & set(told):
        values["esp"] = min(values["esp"], values["te"])
        most = max(1.0, floor(_SPARE * rest / values["esp"]))
        values["etl"] = min(max(values["etl"], ceil(values["te"] / values["esp"])), most)
    if "readouts" in values and "readouts" not in told:
        before, after = values["ti"] / max(values["centre"], 0.01), rest / max(1 - values["centre"], 0.01)
        values["readouts"] = max(_FEWEST, min(values["readouts"], floor(_SPARE * min(before, after) / values["es"])))
    return values


def told_times(image: Path) -> dict[str, float]:
    """What header and sidecar tell of TE, TR, TI (s) and flip angle (degrees); the sidecar comes first.

    Raises InputError for a sidecar that is not readable.
    """
    header = {name: value for name, value in header_times(image).items() if _LOWEST[name] <= value <= _HIGHEST[name]}
    return header | _numbers(_sidecar(image))


def read_times(image: Path, kind: str, given: Times | None = None, own: Mapping[str, float] | None = None) -> Times:
    """The times of a scan of a kind (T1w, T2w, PDw, FLAIR).

    ``own`` values (s, degrees) are this scan's and count before its sidecar; ``given`` ones are taken where neither has any.
    Raises InputError for a sidecar that is not readable, and for own values that cannot be.
    """
    for name, value in (own or {}).items():
        if not _LOWEST[name] <= value <= _HIGHEST[name]:
            raise InputError(
                f"{image}: {name.upper()} of {value * 1000:g} ms is not possible; it lies between {_LOWEST[name] * 1000:g} and "
                f"{_HIGHEST[name] * 1000:g} ms."
            )
    found = told_times(image) | dict(own or {})
    notes: list[str] = []
    if kind == "T1w" and found.get("te", 0) >= _SPIN_ECHO and "ti" not in found:
        notes = ["T1w with a TE of 8 ms or more and no TI is read as a spin echo"]
        notes += [] if "tr" in found else ["T1w has no TR in its sidecar; TR 500 ms is taken"]
        return Times("se", {"te": found["te"], "tr": found.get("tr", 0.5)}, tuple(notes))
    if kind == "T1w" and found.get("tr", 1) < 0.1:  # the time between excitations, not between inversions
        found["es"] = found.pop("tr")
    if found.get("te", 0) > _VARIABLE_FLIP and kind in _EQUIVALENT:
        equivalent = _EQUIVALENT[kind]
        notes.append(f"{kind} with TE {found['te'] * 1000:.0f} ms is read as a 3-D variable-flip train of equivalent TE "
                     f"{equivalent * 1000:.0f} ms")  # fmt: skip
        found["te"] = equivalent
    wanted = dict(given.values) if given else _DEFAULT[kind]
    lacking = [name for name in _DEFAULT[kind] if name not in found]
    for name in lacking:
        found[name] = wanted.get(name, _DEFAULT[kind][name])
    if lacking and not given:
        listed = ", ".join(f"{name.upper()} {found[name] * 1000:g} ms" for name in lacking)
        notes.append(f"{kind} has no {' and no '.join(name.upper() for name in lacking)} in its sidecar; {listed} is taken")
    return Times(_SEQUENCE[kind], found, tuple(notes))


def given_times(kind: str, numbers: list[float]) -> Times:
    """Times that a person gave, in seconds: TE, TR, and TI where the kind has one. ValueError where they are not as many."""
    names = list(_DEFAULT[kind])
    if len(numbers) != len(names):
        raise ValueError(f"{kind} has {len(names)} times: {', '.join(name.upper() for name in names)}")
    if wrong := [name.upper() for name, number in zip(names, numbers, strict=True) if not 0 < number <= _HIGHEST[name]]:
        raise ValueError(f"{wrong[0]} must be above 0 and below {_HIGHEST[wrong[0].lower()] * 1000:.0f} ms")
    return Times(_SEQUENCE[kind], dict(zip(names, numbers, strict=True)))


def _sidecar(image: Path) -> dict[str, Any]:
    """The sidecar beside the image, or in the folder BIDS/ beside its folder, as XNAT keeps it."""
    found = read_sidecar(image)
    other = image.parent.parent / "BIDS" / f"{stem(image)}.json"
    return found or (read_json(other) if other.is_file() else {})


def _numbers(sidecar: Mapping[str, Any]) -> dict[str, float]:
    """Numbers of the fields that are known and possible; times that can only be milliseconds are taken as such."""
    found = {}
    for name, keys in _FIELDS.items():
        value = next((number for key in keys if (number := _possible(name, sidecar.get(key))) is not None), None)
        if value is not None:
            found[name] = value
    return found


def _possible(name: str, value: Any) -> float | None:
    """A number that the parameter may have, in seconds or degrees."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        return None
    highest = _HIGHEST[name]
    for number in (float(value), float(value) / 1000):
        if _LOWEST[name] <= number <= highest:
            return number
        if name == "flip":
            return None
    return None
