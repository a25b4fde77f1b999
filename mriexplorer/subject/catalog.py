"""What lies at a path: files, a folder, a BIDS dataset; its people and the maps of each."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.reading.folders import images_below
from mriexplorer.reading.registry import endings, is_image
from mriexplorer.subject import naming
from mriexplorer.subject.assemble import Files, Progress, assemble
from mriexplorer.subject.companions import read_companions
from mriexplorer.subject.participants import Participants, find_participants
from mriexplorer.subject.sidecar import read_sidecar
from mriexplorer.subject.subject import Attribute, Subject
from mriexplorer.subject.units import Quantity

_SKIPPED = {"sourcedata", "code", "__pycache__"}
_DEEPEST = 6


@dataclass(frozen=True)
class CatalogEntry:
    """One person's maps. ``name`` is shown; ``person`` is the participant_id, empty where the name gives none."""

    name: str
    person: str
    files: Files
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """Everything found at ``paths``, people in natural order, and the table of their attributes where there is one."""

    paths: tuple[Path, ...]
    entries: tuple[CatalogEntry, ...]
    participants: Participants | None

    def entry(self, name: str | None) -> CatalogEntry:
        """The entry of that name; the first for None. Raises InputError where there is none."""
        found = next((e for e in self.entries if name in (None, e.name, e.person, e.person.removeprefix("sub-"))), None)
        if found is None:
            raise InputError(f"{self.paths[0]} has no person called {name}; it has {_some(self.entries)}.")
        return found


def find(paths: Sequence[Path], chosen: Mapping[str, Path] | None = None) -> Catalog:
    """Look for maps at files and folders. ``chosen`` names the file of a kind (t1, t2, pd, t2star) whatever it is called.

    Raises InputError where nothing is found, with what is there instead.
    """
    paths = [path.absolute() for path in paths]
    picked = {kind: _picked(kind, path.absolute()) for kind, path in (chosen or {}).items()}
    folders = [path for path in paths if _is_folder(path)]
    named = [(_must_be_map(path), path) for path in paths if path not in folders]
    found = [image for folder in folders for image in _images(folder)]
    entries = _grouped([*named, *_maps(found)]) if folders else _named(named)
    entries = _with_picked(entries, picked)
    if not entries:
        raise InputError(_nothing(paths, found))
    all_paths = (*paths, *(path for _quantity, path in picked.values()))
    return Catalog(all_paths, entries, find_participants(all_paths[0]))


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        raise InputError(f"{path}: no permission to look there.") from None
    except (OSError, ValueError):
        raise InputError(f"{path}: there is no such file or folder.") from None


def _picked(kind: str, path: Path) -> tuple[Quantity, Path]:
    """A file chosen for a kind. Its name still tells whether it holds the rate."""
    what = naming.quantity(path)
    return (what[0] if what and what[0].kind == kind else Quantity(kind)), path


def _with_picked(entries: tuple[CatalogEntry, ...], picked: Files) -> tuple[CatalogEntry, ...]:
    """One person's files, some of them chosen by hand."""
    if not picked:
        return entries
    if len(entries) > 1:
        raise InputError(f"{len(entries)} people were found, and a chosen file belongs to one; open that person's folder.")
    files = {**(entries[0].files if entries else {}), **picked}
    return (_entry(next(iter(files.values()))[1], files),)


def load(catalog: Catalog, name: str | None = None, units: Mapping[str, str] | None = None,
         progress: Progress = lambda _what: None) -> Subject:  # fmt: skip
    """Load one person of a catalog. Raises InputError with a sentence."""
    entry = catalog.entry(name)
    try:
        assembled = assemble(entry.files, units, progress)
    except MemoryError:
        raise InputError(f"{next(iter(entry.files.values()))[1]} and its maps do not fit into memory; resample them.") from None
    attributes, record = _record(catalog.participants, entry.person, entry.name)
    folder = next(iter(entry.files.values()))[1].parent
    return Subject(
        entry.name,
        assembled.maps,
        attributes,
        record,
        assembled.sources,
        entry.notices + assembled.notices,
        f"Maps from {folder}",
        assembled.field,
        read_companions(next(iter(entry.files.values()))[1], assembled.maps.grid, progress),
        synthetic=any(read_sidecar(path).get("Synthetic") is True for _quantity, path in entry.files.values()),
    )


def _record(participants: Participants | None, person: str, name: str) -> tuple[tuple[Attribute, ...], str]:
    if participants is None:
        return (), "No clinical attributes: there is no participants.tsv with these files."
    attributes = participants.attributes(name if name in participants.rows else person)
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
    return sorted(images_below(folder, _DEEPEST, _SKIPPED))


def _maps(images: Sequence[Path]) -> list[tuple[Quantity, Path]]:
    """Images that are maps by name. A bare ``T1.nii`` counts only in a folder where no name is plainer."""
    told = [(path, naming.quantity(path)) for path in images]
    plain = {path.parent for path, what in told if what and what[1]}
    return [(what[0], path) for path, what in told if what and (what[1] or path.parent not in plain)]


def _named(pairs: Sequence[tuple[Quantity, Path]]) -> tuple[CatalogEntry, ...]:
    """Files named one by one: of one person, unless the names say that they are of several."""
    if not pairs:
        return ()
    once = len({quantity.kind for quantity, _path in pairs}) == len(pairs)
    if not once:
        return _grouped(pairs)
    for entity, what in (("sub", "people"), ("ses", "sessions"), ("space", "spaces")):
        values = {naming.entities(path).get(entity) for _quantity, path in pairs}
        if len(values - {None}) > 1 or (entity == "space" and len(values) > 1):
            listed = " and ".join(f"{entity}-{value}" if value else f"no {entity}" for value in sorted(values, key=str))
            raise InputError(f"{pairs[0][1]} and the other files are of different {what} ({listed}); open those of one.")
    shared = {naming.without_quantity(path) for _quantity, path in pairs}
    notice = ("These files share no name; they are taken to be of one person.",) if len(shared) > 1 else ()
    entry = _entry(pairs[0][1], {quantity.kind: (quantity, path) for quantity, path in pairs})
    return (replace(entry, notices=notice),)


def _must_be_map(path: Path) -> Quantity:
    if not is_image(path):
        raise InputError(f"{path} is no image that can be read ({endings()}); open maps, a folder, or a BIDS dataset.")
    what = naming.quantity(path)
    if what is None:
        hint = "a weighted scan, not a map" if naming.is_weighted(path) else "no T1, T2 or PD map by its name"
        raise InputError(f"{path} is {hint}; name it like sub-01_T1map.nii.gz, or start with --t1, --t2 or --pd and the file.")
    return what[0]


def _grouped(maps: Sequence[tuple[Quantity, Path]]) -> tuple[CatalogEntry, ...]:
    """Maps by person: by sub- and ses-, else by folder and by what the names share."""
    groups: dict[tuple[str, ...], list[tuple[Quantity, Path]]] = {}
    for quantity, path in maps:
        groups.setdefault(_key(path), []).append((quantity, path))
    entries = [_chosen(pairs) for pairs in _merged(groups)]
    return tuple(sorted(entries, key=lambda e: naming.natural(e.name)))


def _key(path: Path) -> tuple[str, ...]:
    parts, rest = naming.entities(path), naming.without_quantity(path)
    if "sub" in parts:
        return ("sub", parts["sub"], parts.get("ses", ""), parts.get("space", ""), rest)
    return ("folder", str(path.parent), rest)


def _merged(groups: Mapping[tuple[str, ...], list[tuple[Quantity, Path]]]) -> list[list[tuple[Quantity, Path]]]:
    """Put files of one folder, or of one person's session, together where only their names differ and each kind occurs once."""
    families: dict[tuple[str, ...], list[list[tuple[Quantity, Path]]]] = {}
    for key, pairs in groups.items():
        families.setdefault(key[:-1], []).append(pairs)
    merged = []
    for family in families.values():
        together = [pair for pairs in family for pair in pairs]
        once = len({quantity.kind for quantity, _path in together}) == len(together)
        merged += [together] if once else family
    return merged


def _chosen(pairs: Sequence[tuple[Quantity, Path]]) -> CatalogEntry:
    """One file a kind, if possible all of one folder, run and acquisition; times before rates, plain names before long ones."""
    sets: dict[tuple[str, ...], set[str]] = {}
    for quantity, path in pairs:
        sets.setdefault(_origin(path), set()).add(quantity.kind)
    best = min(sets, key=lambda origin: (-len(sets[origin]), origin))
    files: dict[str, tuple[Quantity, Path]] = {}
    notices = []
    for quantity, path in sorted(pairs, key=lambda p: (_origin(p[1]) != best, p[0].rate, len(p[1].name), str(p[1]))):
        if quantity.kind in files:
            taken = files[quantity.kind][1]
            same = taken.name == path.name
            notices.append(f"{path if same else path.name} was left aside for {taken if same else taken.name}.")
        files.setdefault(quantity.kind, (quantity, path))
    if len({_origin(path)[:3] for _quantity, path in files.values()}) > 1:
        listed = ", ".join(path.name for _quantity, path in files.values())
        notices.insert(0, f"These maps are of different folders or runs: {listed}.")
    return replace(_entry(pairs[0][1], files), notices=tuple(notices))


def _origin(path: Path) -> tuple[str, ...]:
    """What maps that were made together share: folder, run, description, acquisition."""
    parts = naming.entities(path)
    return str(path.parent), parts.get("run", ""), parts.get("desc", ""), parts.get("acq", "")


def _entry(path: Path, files: Files) -> CatalogEntry:
    parts, rest = naming.entities(path), naming.without_quantity(path)
    shared = rest if len({naming.without_quantity(p) for _q, p in files.values()}) == 1 else ""
    if "sub" not in parts:
        return CatalogEntry(shared or path.parent.name or path.name, "", files)
    words = [f"{entity}-{parts[entity]}" for entity in ("sub", "ses", "space") if entity in parts]
    return CatalogEntry(" ".join([*words, *([shared] if shared else [])]), words[0], files)


def _some(entries: Sequence[CatalogEntry]) -> str:
    names = [entry.name for entry in entries]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _nothing(paths: Sequence[Path], found: Sequence[Path]) -> str:
    if (paths[0] / "store.json").is_file():
        return f"{paths[0]} is a store of gathered scans, for training; open the dataset that it was made of."
    weighted = sum(naming.is_weighted(path) for path in found)
    if weighted:
        return (f"{paths[0]} holds {weighted} weighted scans (T1w, T2w, FLAIR …) but no T1, T2 or PD maps; "
                "maps are needed to compute other contrasts.")  # fmt: skip
    images = f"{len(found)} images, none named" if found else "no images that can be read, so none named"
    return f"{paths[0]} holds {images} as a T1, T2 or PD map (such as T1map.nii.gz); choose another folder."
