"""Real people: which scans there are of whom, with which echo, repetition and inversion times, and what is recorded of them.

Understood are a BIDS dataset, OASIS-3 as its download scripts leave it (``OAS30001_MR_d0129/anat1/...``), a table with a column
``file`` (as OASIS-1 comes here), and tables of people without images.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mriexplorer.cohort.protocol import Times, read_times
from mriexplorer.cohort.tables import Records, read_clinical, read_table
from mriexplorer.errors import InputError
from mriexplorer.subject import naming
from mriexplorer.subject.nifti import is_image, stem
from mriexplorer.subject.participants import find_participants

KINDS = ("T1w", "T2w", "PDw", "FLAIR")
MAPS = {"PDmap": "pd", "T1map": "t1", "T2map": "t2"}
_SKIPPED = {"sourcedata", "code", "derivatives", "__pycache__", "fsaverage"}
_DEEPEST = 8


@dataclass(frozen=True)
class Scan:
    """One scan of a session: ``kind`` is its BIDS suffix; ``times`` what is known of the protocol, and how."""

    kind: str
    path: Path
    times: Times


@dataclass(frozen=True)
class Session:
    """One visit of one person. ``record`` holds clinical attributes by name (``tables.COLUMNS``), missing ones left out.

    ``maps`` are true tissue maps of simulated people, by kind (pd, t1, t2); ``origin`` names the source anatomy of such.
    """

    name: str
    person: str
    scans: tuple[Scan, ...]
    record: Mapping[str, float | str] = field(default_factory=dict)
    maps: Mapping[str, Path] = field(default_factory=dict)
    origin: str = ""


@dataclass(frozen=True)
class People:
    """All sessions found at ``path``, in natural order; ``notices`` say what was left aside or assumed."""

    path: Path
    sessions: tuple[Session, ...]
    notices: tuple[str, ...] = ()


def find_people(path: Path, given: Mapping[str, Times] | None = None) -> People:
    """Everybody at a folder or a table. ``given`` are times for kinds of scan whose sidecars have none.

    Raises InputError where there is nobody, with what is there instead.
    """
    path = path.absolute()
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder.")
    if path.is_file():
        return _of_table(path, given or {})
    table = path / "sessions.csv"
    if table.is_file():
        return _of_table(table, given or {})
    return _of_folder(path, given or {})


# -- tables ----------------------------------------------------------------------------------------------------


def _of_table(path: Path, given: Mapping[str, Times]) -> People:
    """People of a table; with a column ``file``, their scans lie beside it."""
    if path.suffix.lower() not in (".csv", ".tsv"):
        raise InputError(f"{path} is no table (.csv, .tsv) and no folder; give a dataset's folder, or a table of people.")
    rows = read_table(path)
    sessions, missing = [], []
    for row in rows:
        scans: tuple[Scan, ...] = ()
        if row.file:
            image = path.parent / row.file
            if image.is_file():
                kind = _kind(image) or "T1w"
                scans = (Scan(kind, image, read_times(image, kind, given.get(kind))),)
            else:
                missing.append(row.file)
        sessions.append(Session(row.name, row.person, scans, row.record))
    notices = [_listed(f"{path.name} names images that are not there", missing)] if missing else []
    return People(path, tuple(sessions), (*notices, *_assumed(sessions)))


def _listed(what: str, names: Iterable[str]) -> str:
    names = list(names)
    return f"{what} ({len(names)}): {', '.join(names[:5])}{' …' if len(names) > 5 else ''}."


def _assumed(sessions: Iterable[Session]) -> list[str]:
    """One sentence for each way in which times were not known, with how many scans it concerns."""
    counts: dict[str, int] = {}
    for session in sessions:
        for scan in session.scans:
            for note in scan.times.notes:
                counts[note] = counts.get(note, 0) + 1
    return [f"{note} ({count} scan{'s' * (count > 1)})." for note, count in counts.items()]


# -- folders ---------------------------------------------------------------------------------------------------


def _of_folder(folder: Path, given: Mapping[str, Times]) -> People:
    images = [image for image in _images(folder) if _kind(image)]
    groups: dict[tuple[str, str], list[Path]] = {}
    for image in images:
        person, visit = _whose(image, folder)
        groups.setdefault((person, visit), []).append(image)
    if not groups:
        raise InputError(f"{folder} holds no scans named T1w, T2w, PDw or FLAIR; name them as BIDS does (sub-01_T1w.nii.gz).")
    records = _records(folder)
    maps = _maps(folder)
    sessions: list[Session] = []
    notices: list[str] = []
    for (person, visit), paths in sorted(groups.items(), key=lambda item: naming.natural(" ".join(item[0]))):
        chosen = _chosen(paths, notices)
        scans = tuple(Scan(kind, path, read_times(path, kind, given.get(kind))) for kind, path in chosen.items())
        name = f"{person} {visit}" if visit else person
        record = records.of(person, visit)
        origin = str(record.get("anatomy", ""))
        plain = {key: value for key, value in record.items() if key not in ("anatomy", "mirrored")}
        sessions.append(Session(name, person, scans, plain, maps.get((person, visit), {}), origin))
    notices += _mismatches(records, {session.person for session in sessions})
    return People(folder, tuple(sessions), (*notices, *_assumed(sessions)))


def _images(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if depth < _DEEPEST and f not in _SKIPPED and not f.startswith("."))
        yield from (Path(place) / name for name in sorted(files) if is_image(Path(name)) and not name.startswith("."))


def _kind(image: Path) -> str | None:
    """The kind of scan by the name's last part, as BIDS has it; maps, masks and other images are None."""
    words = stem(image).replace("-", "_").split("_")
    spelled = {kind.lower(): kind for kind in KINDS} | {"t1": "T1w", "t2": "T2w", "pd": "PDw"}
    return spelled.get(words[-1].lower())


def _whose(image: Path, root: Path) -> tuple[str, str]:
    """Person and visit by BIDS entities, by an OASIS-3 folder (``OAS30001_MR_d0129``), or by the folder that holds the image."""
    for part in reversed(image.relative_to(root).parts[:-1]):
        words = part.split("_")
        if len(words) == 3 and words[1] == "MR" and words[2].startswith("d"):
            return f"sub-{words[0]}", f"ses-{words[2]}"
    entities = naming.entities(image)
    if "sub" in entities:
        return f"sub-{entities['sub']}", f"ses-{entities['ses']}" if "ses" in entities else ""
    inside = image.parent.relative_to(root).parts
    return (f"sub-{_label(inside[0])}" if inside else f"sub-{_label(root.name)}"), ""


def _label(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()) or "unnamed"


def _chosen(paths: list[Path], notices: list[str]) -> dict[str, Path]:
    """One scan a kind: the first run, the plainest name; the others are named."""
    kinds: dict[str, list[Path]] = {}
    for path in paths:
        kinds.setdefault(str(_kind(path)), []).append(path)
    chosen = {}
    for kind in KINDS:
        candidates = sorted(kinds.get(kind, ()), key=lambda p: (len(naming.entities(p)), len(p.name), str(p)))
        if candidates:
            chosen[kind] = candidates[0]
            if len(candidates) > 1:
                notices.append(f"{candidates[0].name} was taken, {len(candidates) - 1} more {kind} of that session left aside.")
    return chosen


def _maps(folder: Path) -> dict[tuple[str, str], dict[str, Path]]:
    """True maps of simulated people, by person and visit."""
    found: dict[tuple[str, str], dict[str, Path]] = {}
    for image in _images(folder):
        name = stem(image)
        kind = MAPS.get(name.rsplit("_", 1)[-1])
        if kind and "desc-synthetic" in name:
            found.setdefault(_whose(image, folder), {})[kind] = image
    return found


def _records(folder: Path) -> Records:
    participants = find_participants(folder)
    rows = dict(participants.rows) if participants else {}
    name = participants.path.name if participants else ""
    return Records.of_rows(rows, name).joined(read_clinical(folder))


def _mismatches(records: Records, seen: set[str]) -> list[str]:
    """Rows without images, and images without a row."""
    if not records.people:
        return []
    without_images = sorted(records.people - seen, key=naming.natural)
    without_row = sorted(seen - records.people, key=naming.natural)
    sentences = []
    if without_images:
        sentences.append(_listed(f"{records.source} has rows without images", without_images))
    if without_row:
        sentences.append(_listed(f"people with images but no row in {records.source}", without_row))
    return sentences


def with_scans(people: People) -> People:
    """Only sessions that have scans; who has none is said. Raises InputError where nobody has any."""
    kept = tuple(session for session in people.sessions if session.scans)
    if not kept:
        raise InputError(f"{people.path} names {len(people.sessions)} people, but no images; give the dataset that has them.")
    left = [session.name for session in people.sessions if not session.scans]
    alone = [session.name for session in kept if len(session.scans) == 1]
    notices = [_listed("people without images are left out", left)] if left else []
    notices += [_listed("sessions with one scan only, which say little of T1 and T2", alone)] if alone else []
    return replace(people, sessions=kept, notices=(*people.notices, *notices))
