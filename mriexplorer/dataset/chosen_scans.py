"""The scans of one patient: what each is by name, sidecar and header, or by what a person says of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from mriexplorer.dataset.recognition import Progress, RecognisedScan, files_of, recognise
from mriexplorer.errors import InputError

Value = TypeVar("Value")
LEFT_OUT = "no"  # said of a scan that is not to be used


def chosen_scans(
    paths: Sequence[Path],
    kinds: Sequence[str | None] | None,
    times: Mapping[str, Sequence[float | None] | None],
    progress: Progress = lambda _what: None,
) -> tuple[tuple[RecognisedScan, ...], tuple[str, ...]]:
    """What the scans at ``paths`` (files, or folders of them) are, and what must be said of those that are left out.

    ``kinds`` and ``times`` (te, tr, ti in s) have a value for each file in their order and count before all that is found; None
    leaves one open. Where no file is of a known kind, all are returned. Raises InputError.
    """
    read = [files_of(path, progress) for path in paths]
    files = list(dict.fromkeys(file for one in read for file in one.paths))
    told = _for_each(kinds, files, "kind")
    values = {name: _for_each(some, files, name) for name, some in times.items()}
    found = [
        recognise(file, told[n], {name: value for name, some in values.items() if (value := some[n]) is not None})
        for n, file in enumerate(files)
        if told[n] != LEFT_OUT
    ]
    notices = [notice for one in read for notice in one.notices]
    known = [one for one in found if one.kind is not None]
    if known:
        notices += [f"{one.path.name} is left out: {one.how}." for one in found if one.kind is None]
    return tuple(known or found), tuple(dict.fromkeys(notices))


def _for_each(values: Sequence[Value | None] | None, files: Sequence[Path], name: str) -> Sequence[Value | None]:
    if values is None:
        return [None] * len(files)
    if len(values) != len(files):
        raise InputError(f"{name} needs one value for each of the {len(files)} scans, in their order.")
    return values
