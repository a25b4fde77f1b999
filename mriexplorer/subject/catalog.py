"""What lies at a path: files, a folder, a BIDS dataset; its people and the maps of each."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.subject import naming
from mriexplorer.subject.assemble import Files, Progress, assemble
from mriexplorer.subject.nifti import is_image
from mriexplorer.subject.participants import Participants, find_participants
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.units import Quantity

_SKIPPED = {"sourcedata", "code", "__pycache__"}
_DEEPEST = 6


@dataclass(frozen=True)
class Entry:
    """One person's maps. ``name`` is shown; ``person`` is the participant_id, empty where the name gives none."""

    name: str
    person: str
    files: Files
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """Everything found at ``paths``, people in natural order, and the table of their attributes where there is one."""

    paths: tuple[Path, ...]
    entries: tuple[Entry, ...]
    participants: Participants | None

    def entry(self, name: str | None) -> Entry:
        """The entry of that name; the first for None. Raises InputError where there is none."""
        found = next((e for e in self.entries if name in (None, e.name, e.person, e.person.removeprefix("sub-"))), None)
        if found is None:
            raise InputError(f"{self.paths[0]} has no person called {name}; it has {_some(self.entries)}.")
        return found


def find(paths: Sequence[Path], chosen: Mapping[str, Path] | None = None) -> Catalog:
    """Look for maps at files and folders. ``chosen`` names the file of a kind (t1, t2, pd, t2star) whatever it is called.

    Raises InputError where nothing is found, with what is there instead.
    """
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder.")
    named = [path for path in paths if not path.is_dir()]
    found = [image for path in paths if path.is_dir() for image in _images(path)]
    picked = {kind: (Quantity(kind), path) for kind, path in (chosen or {}).items()}
    entries = _named(named, picked) if named or picked else _grouped(_maps(found))
    if not entries:
        raise InputError(_nothing(paths, found))
    all_paths = tuple(paths) + tuple(path for _q, path in picked.values())
    return Catalog(all_paths, entries, find_participants(all_paths[0]))


def load(catalog: Catalog, name: str | None = None, units: Mapping[str, str] | None = None,
         progress: Progress = lambda _what: None) -> Subject:  # fmt: skip
    """Load one person of a catalog. Raises InputError with a sentence."""
    entry = catalog.entry(name)
    assembled = assemble(entry.files, units, progress)
    attributes, record = _record(catalog.participants, entry.person)
    folder = next(iter(entry.files.values()))[1].parent
    return Subject(
        entry.name,
        assembled.maps,
        attributes,
        record,
        assembled.sources,
        entry.notices + assembled.notices,
        f"Maps from {folder}",
    )


def _record(participants: Participants | None, person: str) -> tuple[tuple, str]:  # type: ignore[type-arg]
    if participants is None:
        return (), "No clinical attributes: there is no participants.tsv with these files."
    attributes = participants.attributes(person)
    if not person or person not in participants.rows:
        return (), f"No clinical attributes: {participants.path.name} has no row for {person or 'these files'}."
    return (
        attributes,
        f"From {participants.path.name}" if attributes else f"{participants.path.name} says n/a throughout.",
    )


def _images(folder: Path) -> list[Path]:
    try:
        os.listdir(folder)  # noqa: PTH208 os.walk would pass over a folder that may not be read
    except PermissionError:
        raise InputError(f"{folder}: no permission to look into this folder.") from None
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = [f for f in folders if depth < _DEEPEST and f not in _SKIPPED and not f.startswith(".")]
        yield from (Path(place) / f for f in files if is_image(Path(f)) and not f.startswith("."))


def _maps(images: Sequence[Path]) -> list[tuple[Quantity, Path]]:
    """Images that are maps by name. A bare ``T1.nii`` counts only in a folder where no name is plainer."""
    told = [(path, naming.quantity(path)) for path in images]
    plain = {path.parent for path, what in told if what and what[1]}
    return [(what[0], path) for path, what in told if what and (what[1] or path.parent not in plain)]


def _named(paths: Sequence[Path], picked: Files) -> tuple[Entry, ...]:
    """Files named one by one: of one person, unless the names say that they are of several."""
    maps = [(*_must_be_map(path), path) for path in paths]
    pairs = [(quantity, path) for quantity, _plain, path in maps]
    people = {naming.entities(path).get("sub") for _quantity, path in pairs} - {None}
    once = len({quantity.kind for quantity, _path in pairs}) == len(pairs)
    if len(people) > 1 and once:
        listed = " and ".join(f"sub-{person}" for person in sorted(filter(None, people)))
        raise InputError(f"{pairs[0][1]} and the other files are of different people ({listed}); open maps of one person.")
    if not once:
        return _grouped(pairs)
    files = {**{quantity.kind: (quantity, path) for quantity, path in pairs}, **picked}
    return (_entry(next(iter(files.values()))[1], files),)


def _must_be_map(path: Path) -> tuple[Quantity, bool]:
    if not is_image(path):
        raise InputError(f"{path} is not a NIfTI image (.nii, .nii.gz); open maps, a folder, or a BIDS dataset.")
    what = naming.quantity(path)
    if what is None:
        hint = "a weighted scan, not a map" if naming.is_weighted(path) else "no T1, T2 or PD map by its name"
        raise InputError(f"{path} is {hint}; name it like sub-01_T1map.nii.gz, or give it with --t1, --t2 or --pd.")
    return what


def _grouped(maps: Sequence[tuple[Quantity, Path]]) -> tuple[Entry, ...]:
    """Maps by person: by sub- and ses-, else by folder and by what the names share."""
    groups: dict[tuple[str, ...], list[tuple[Quantity, Path]]] = {}
    for quantity, path in maps:
        groups.setdefault(_key(path), []).append((quantity, path))
    groups = _merged(groups)
    entries = [_chosen(pairs) for _key, pairs in groups.items()]
    return tuple(sorted(entries, key=lambda e: _natural(e.name)))


def _key(path: Path) -> tuple[str, ...]:
    parts = naming.entities(path)
    if "sub" in parts:
        return ("sub", parts["sub"], parts.get("ses", ""))
    return ("folder", str(path.parent), naming.without_quantity(path))


def _merged(
    groups: dict[tuple[str, ...], list[tuple[Quantity, Path]]],
) -> dict[tuple[str, ...], list[tuple[Quantity, Path]]]:
    """Put files of one folder together where their names share nothing but each kind occurs once."""
    folders: dict[str, list[tuple[str, ...]]] = {}
    for key in groups:
        if key[0] == "folder":
            folders.setdefault(key[1], []).append(key)
    for folder, keys in folders.items():
        together = [pair for key in keys for pair in groups[key]]
        if len(keys) > 1 and len({quantity.kind for quantity, _path in together}) == len(together):
            for key in keys:
                del groups[key]
            groups["folder", folder, ""] = together
    return groups


def _chosen(pairs: Sequence[tuple[Quantity, Path]]) -> Entry:
    """One file a kind: times before rates, plainer names before longer ones; what is left aside is said."""
    files: dict[str, tuple[Quantity, Path]] = {}
    notices = []
    for quantity, path in sorted(pairs, key=lambda pair: (pair[0].rate, len(pair[1].name), pair[1].name)):
        if quantity.kind in files:
            notices.append(f"{path.name} was left aside for {files[quantity.kind][1].name}.")
        files.setdefault(quantity.kind, (quantity, path))
    entry = _entry(pairs[0][1], files)
    return Entry(entry.name, entry.person, entry.files, tuple(notices))


def _entry(path: Path, files: Files) -> Entry:
    parts = naming.entities(path)
    if "sub" not in parts:
        shared = naming.without_quantity(path) if len({p.parent for _q, p in files.values()}) == 1 else ""
        return Entry(shared or path.parent.name or path.name, "", files)
    session = f" ses-{parts['ses']}" if "ses" in parts else ""
    return Entry(f"sub-{parts['sub']}{session}", f"sub-{parts['sub']}", files)


def _natural(name: str) -> list[tuple[int, int | str]]:
    import re

    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part]


def _some(entries: Sequence[Entry]) -> str:
    names = [entry.name for entry in entries]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _nothing(paths: Sequence[Path], found: Sequence[Path]) -> str:
    weighted = sum(naming.is_weighted(path) for path in found)
    if weighted:
        return (f"{paths[0]} holds {weighted} weighted scans (T1w, T2w, FLAIR …) but no T1, T2 or PD maps; "
                "maps are needed to compute other contrasts.")  # fmt: skip
    images = f"{len(found)} images, none named" if found else "no NIfTI images, so none named"
    return f"{paths[0]} holds {images} as a T1, T2 or PD map (such as T1map.nii.gz); choose another folder."
