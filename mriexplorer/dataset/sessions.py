"""Real people: which scans there are of whom, with which echo, repetition and inversion times, and what is recorded of them.

Understood are a BIDS dataset, OASIS-3 as its download scripts leave it (``OAS30001_MR_d0129/anat1/...``), a table with a column
``file`` (as OASIS-1 comes here), and tables of people without images.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mriexplorer.dataset.scan_times import Times, read_times
from mriexplorer.dataset.tables import ClinicalRecords, read_clinical, read_table
from mriexplorer.errors import InputError
from mriexplorer.reading.folders import images_below
from mriexplorer.reading.registry import stem
from mriexplorer.subject import naming
from mriexplorer.subject.participants import find_participants
from mriexplorer.subject.sidecar import read_sidecar

KINDS = ("T1w", "T2w", "PDw", "FLAIR")
MAPS = {"PDmap": "pd", "T1map": "t1", "T2map": "t2", "dseg": "labels"}
_SKIPPED = {"sourcedata", "code", "derivatives", "__pycache__", "fsaverage"}
_DEEPEST = 8
_GENERIC = {"anat", "nifti", "nii", "scans", "images", "mri", "raw", "dicom"}  # folders that name nobody


@dataclass(frozen=True)
class WeightedScan:
    """One scan of a session: ``kind`` is its BIDS suffix; ``times`` what is known of the protocol, and how."""

    kind: str
    path: Path
    times: Times


@dataclass(frozen=True)
class ImagingSession:
    """One visit of one person. ``record`` holds clinical attributes by name (``record_columns``), missing ones left out.

    ``maps`` are true tissue maps and the segmentation of simulated people, by kind (pd, t1, t2, labels); ``origin`` names the
    source anatomy of such. ``field`` in tesla, where a sidecar tells it.
    """

    name: str
    person: str
    scans: tuple[WeightedScan, ...]
    record: Mapping[str, float | str] = field(default_factory=dict)
    maps: Mapping[str, Path] = field(default_factory=dict)
    origin: str = ""
    field: float | None = None


@dataclass(frozen=True)
class Cohort:
    """All sessions found at ``path``, in natural order; ``notices`` say what was left aside or assumed.

    ``table`` is the file that tells who they are, where there is one.
    """

    path: Path
    sessions: tuple[ImagingSession, ...]
    notices: tuple[str, ...] = ()
    table: Path | None = None


def find_people(path: Path, given: Mapping[str, Times] | None = None) -> Cohort:
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


def _of_table(path: Path, given: Mapping[str, Times]) -> Cohort:
    """People of a table; with a column ``file``, their scans lie beside it."""
    if path.suffix.lower() not in (".csv", ".tsv"):
        raise InputError(f"{path} is no table (.csv, .tsv) and no folder; give a dataset's folder, or a table of people.")
    rows = read_table(path)
    sessions, missing = [], []
    for row in rows:
        scans: tuple[WeightedScan, ...] = ()
        if row.file:
            image = path.parent / row.file
            if image.is_file():
                kind = kind_by_name(image) or "T1w"
                scans = (WeightedScan(kind, image, read_times(image, kind, given.get(kind))),)
            else:
                missing.append(row.file)
        sessions.append(ImagingSession(row.name, row.person, scans, row.record))
    notices = [_listed(f"{path.name} names images that are not there", missing)] if missing else []
    return Cohort(path, tuple(sessions), (*notices, *_assumed(sessions)), path)


def _listed(what: str, names: Iterable[str]) -> str:
    names = list(names)
    return f"{what} ({len(names)}): {', '.join(names[:5])}{' …' if len(names) > 5 else ''}."


def _assumed(sessions: Iterable[ImagingSession]) -> list[str]:
    """One sentence for each way in which times were not known, with how many scans it concerns."""
    counts: dict[str, int] = {}
    for session in sessions:
        for scan in session.scans:
            for note in scan.times.notes:
                counts[note] = counts.get(note, 0) + 1
    return [f"{note} ({count} scan{'s' * (count > 1)})." for note, count in counts.items()]


# -- folders ---------------------------------------------------------------------------------------------------


def _of_folder(folder: Path, given: Mapping[str, Times]) -> Cohort:
    notices: list[str] = []
    every = _images(folder, notices)
    scans = _by_visit(folder, [image for image in every if kind_by_name(image)], notices)
    maps = _true_maps(folder, every)
    visits = {**scans, **{whose: [] for whose in maps if whose not in scans}}  # simulated people may have no scans
    if not visits:
        raise InputError(f"{folder} holds no scans named T1w, T2w, PDw or FLAIR; name them as BIDS does (sub-01_T1w.nii.gz).")
    records, table = _records(folder)
    sessions: list[ImagingSession] = []
    for whose in sorted(visits, key=lambda key: naming.natural(" ".join(key))):
        try:
            sessions.append(_session(whose, visits[whose], maps.get(whose, {}), records.of(*whose), given, notices))
        except InputError as error:
            notices.append(f"{' '.join(filter(None, whose))} is left out: {error}")
    notices += _mismatches(records, {session.person for session in sessions})
    return Cohort(folder, tuple(sessions), (*notices, *_assumed(sessions)), table)


def _session(
    whose: tuple[str, str],
    paths: list[Path],
    maps: Mapping[str, Path],
    record: Mapping[str, float | str],
    given: Mapping[str, Times],
    notices: list[str],
) -> ImagingSession:
    """One visit of one person. Raises InputError where a sidecar cannot be read."""
    chosen = _chosen(paths, notices)
    scans = tuple(WeightedScan(kind, path, read_times(path, kind, given.get(kind))) for kind, path in chosen.items())
    about = [read_sidecar(path) for path in (*chosen.values(), *maps.values())]
    plain = {key: value for key, value in record.items() if key not in ("anatomy", "mirrored")}
    origin = str(record.get("anatomy", "")) or (_origin(about) if maps else "")
    return ImagingSession(" ".join(filter(None, whose)), whose[0], scans, plain, maps, origin, field_of(about))


def _origin(sidecars: Iterable[Mapping[str, Any]]) -> str:
    """The source anatomy that a simulated person's own sidecars tell; people of whom nothing is told hang together."""
    told = (about.get("Simulation") for about in sidecars)
    names = (content.get("Anatomy") for content in told if isinstance(content, dict))
    return next((name for name in names if isinstance(name, str) and name), "unknown")


def field_of(sidecars: Iterable[Mapping[str, Any]]) -> float | None:
    """The field strength in tesla that a sidecar tells first."""
    told = (about.get("MagneticFieldStrength") for about in sidecars)
    return next((float(tesla) for tesla in told if isinstance(tesla, int | float) and 0.1 <= tesla <= 20), None)


def _images(folder: Path, notices: list[str]) -> list[Path]:
    """Every image below the folder; folders that may not be looked into are said."""
    unread: list[str] = []
    images = list(images_below(folder, _DEEPEST, _SKIPPED, lambda error: unread.append(str(error.filename))))
    if unread:
        notices.append(_listed("folders that may not be looked into", unread))
    return images


def kind_by_name(image: Path) -> str | None:
    """The kind of scan by the name's last part, as BIDS has it; maps, masks and other images are None."""
    words = stem(image).replace("-", "_").split("_")
    spelled = {kind.lower(): kind for kind in KINDS} | {"t1": "T1w", "t2": "T2w", "pd": "PDw"}
    return spelled.get(words[-1].lower())


def _base(folder: Path, images: Sequence[Path]) -> Path:
    """The folder that all images share."""
    places = {image.parent for image in images}
    return Path(os.path.commonpath(places)) if places else folder


def _by_visit(folder: Path, images: Sequence[Path], notices: list[str]) -> dict[tuple[str, str], list[Path]]:
    """Images by person and visit. Where two folders give one name, their people are told apart by the folders' names."""
    found: dict[tuple[str, str], dict[Path, list[Path]]] = {}
    base = _base(folder, images)
    for image in images:
        person, visit, home = _whose(image, folder, base)
        found.setdefault((person, visit), {}).setdefault(home, []).append(image)
    visits: dict[tuple[str, str], list[Path]] = {}
    for (person, visit), homes in found.items():
        for home, paths in homes.items():
            visits[person if len(homes) == 1 else _distinct(home), visit] = paths
        if len(homes) > 1:
            notices.append(
                _listed(f"{person} is in several folders, which are taken for different people", map(str, sorted(homes)))
            )
    return visits


def _distinct(home: Path) -> str:
    """A name made of a folder's whole path; folders whose letters are the same are told apart by a number."""
    return f"sub-{_label(str(home))}{int(hashlib.sha256(str(home).encode()).hexdigest()[:6], 16)}"


def _whose(image: Path, root: Path, base: Path) -> tuple[str, str, Path]:
    """Person, visit, and the folder that is the person's, relative to the root.

    By BIDS entities, by an OASIS-3 folder (``OAS30001_MR_d0129``), or by folders: the first below ``base``, which is what the
    places of all images have in common, is the person, those below it are the visit.
    """
    inside = image.relative_to(root)
    for place, part in enumerate(inside.parts[:-1]):
        words = part.split("_")
        if len(words) == 3 and words[1] == "MR" and words[2].startswith("d"):
            return f"sub-{words[0]}", f"ses-{words[2]}", Path(*inside.parts[:place])
    own = (root.name,) if root.name.startswith(("sub-", "ses-")) else ()
    entities = naming.entities(Path(*own, inside))
    if "sub" in entities:
        above = [place for place, part in enumerate(inside.parts[:-1]) if part.startswith("sub-")]
        home = Path(*inside.parts[: above[0]]) if above else Path()
        return f"sub-{entities['sub']}", f"ses-{entities['ses']}" if "ses" in entities else "", home
    person, *visit = [part for part in image.parent.relative_to(base).parts if part.lower() not in _GENERIC] or [base.name]
    return f"sub-{_label(person)}", f"ses-{_label(''.join(visit))}" if visit else "", Path(person)


def _label(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()) or "unnamed"


def _chosen(paths: list[Path], notices: list[str]) -> dict[str, Path]:
    """One scan a kind: the first run, the plainest name; the others are named."""
    kinds: dict[str, list[Path]] = {}
    for path in paths:
        kinds.setdefault(str(kind_by_name(path)), []).append(path)
    chosen = {}
    for kind in KINDS:
        candidates = sorted(kinds.get(kind, ()), key=lambda p: (len(naming.entities(p)), len(p.name), str(p)))
        if candidates:
            chosen[kind] = candidates[0]
            if len(candidates) > 1:
                notices.append(f"{candidates[0].name} was taken, {len(candidates) - 1} more {kind} of that session left aside.")
    return chosen


def _true_maps(folder: Path, images: Iterable[Path]) -> dict[tuple[str, str], dict[str, Path]]:
    """True maps of simulated people, by person and visit."""
    found: dict[tuple[str, str], dict[str, Path]] = {}
    for image in images:
        name = stem(image)
        kind = MAPS.get(name.rsplit("_", 1)[-1])
        if kind and "desc-synthetic" in name:
            found.setdefault(_whose(image, folder, folder)[:2], {})[kind] = image
    return found


def _records(folder: Path) -> tuple[ClinicalRecords, Path | None]:
    """What is recorded of people, and the table of the dataset where there is one."""
    participants = find_participants(folder)
    rows = dict(participants.rows) if participants else {}
    table = participants.path if participants else None
    return ClinicalRecords.of_rows(rows, table.name if table else "").joined(read_clinical(folder)), table


def _mismatches(records: ClinicalRecords, seen: set[str]) -> list[str]:
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


def with_scans(people: Cohort) -> Cohort:
    """Only sessions that have scans; who has none is said. Raises InputError where nobody has any."""
    kept = tuple(session for session in people.sessions if session.scans or session.maps)
    if not kept:
        raise InputError(f"{people.path} names {len(people.sessions)} people, but no images; give the dataset that has them.")
    left = [session.name for session in people.sessions if session not in kept]
    alone = [session.name for session in kept if len(session.scans) == 1]
    notices = [_listed("people without images are left out", left)] if left else []
    notices += [_listed("sessions with one scan only, which say little of T1 and T2", alone)] if alone else []
    return replace(people, sessions=kept, notices=(*people.notices, *notices))
