"""A folder of gathered sessions, as memory-mapped arrays that training reads without copying.

    DIR/store.json                      recipe, voxel, and one entry a session: kinds, times, record, inputs, set
    DIR/sessions/<name>/images.npy      (kinds, x, y, z) float16, bright tissue about 1
    DIR/sessions/<name>/maps.npy        (3, x, y, z) float16: PD, T1 (s), T2 (s), of simulated people only
    DIR/sessions/<name>/labels.npy      (x, y, z) uint8: codes of structures, likewise
    DIR/pictures/<name>.png             every scan in three planes, outlines of the first over the others

Every entry knows the size and the time of change of each file that it came from; an entry whose files changed is made anew, and
``open_store`` refuses one that is stale.
"""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mriexplorer.dataset.check_picture import picture
from mriexplorer.dataset.gathering import Gathered, gather
from mriexplorer.dataset.sessions import Cohort, ImagingSession, WeightedScan, with_scans
from mriexplorer.dataset.splits import Split, SplitMember, checked, split
from mriexplorer.errors import InputError
from mriexplorer.files import LARGEST_TABLE, read_json, write_beside
from mriexplorer.physics import SEQUENCES
from mriexplorer.reading.registry import parts_of, stem
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.record_columns import renamed
from mriexplorer.workers import Progress, Workers, alone_in, time_left

RECIPE = 2  # raised whenever gathering changes
_INDEX = "store.json"
_WRITING = ".writing-"
_KEYS = {"kinds", "times", "record", "person", "origin", "field", "maps", "labels", "inputs"}  # of a session's entry
_LONGEST_NAME = 80  # letters of a folder's name
_LONGEST_TIME = 1e3  # s, and degrees
_NEEDED = {2: 12_000_000, 1: 90_000_000}  # bytes of disk that a session takes at most, by voxel size


@dataclass(frozen=True)
class StoredSession:
    """One gathered session. ``set`` is train, validation or test; ``origin`` the anatomy of a simulated ``person``, else empty.

    ``field`` is in tesla, where it is known. ``images``, ``maps`` and ``labels`` are memory-mapped on reading.
    """

    name: str
    folder: Path
    kinds: tuple[str, ...]
    times: Mapping[str, Mapping[str, Any]]
    record: Mapping[str, float | str]
    set: str
    person: str
    origin: str
    field: float | None
    has_maps: bool
    has_labels: bool

    @property
    def labels(self) -> NDArray[np.uint8]:
        """(x, y, z): codes of structures (``labels.structures``). FileNotFoundError for real people."""
        return _mapped(self.folder / "labels.npy")

    @property
    def images(self) -> NDArray[np.float16]:
        """(kinds, x, y, z)."""
        return _mapped(self.folder / "images.npy")

    @property
    def maps(self) -> NDArray[np.float16]:
        """(3, x, y, z): PD, T1 and T2 in seconds. FileNotFoundError for real people."""
        return _mapped(self.folder / "maps.npy")


@dataclass(frozen=True)
class CohortStore:
    """Everything in a store, in the order of names."""

    folder: Path
    voxel: int
    entries: tuple[StoredSession, ...]

    def of(self, name: str) -> tuple[StoredSession, ...]:
        """The entries of a set (train, validation, test)."""
        return tuple(entry for entry in self.entries if entry.set == name)


def _mapped(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


# -- making ----------------------------------------------------------------------------------------------------


def fill_store(
    people: Cohort, folder: Path, workers: Workers, *, voxel: int = 2, seed: int = 1, progress: Progress = lambda _what: None
) -> tuple[CohortStore, tuple[str, ...]]:
    """Gather whoever is not in the store yet, or whose files changed. Returns the store and what must be said.

    A session that cannot be used is left out and said; InputError only where none can, or the folder is no store of these people.
    """
    people = with_scans(people)
    with alone_in(folder):
        try:
            notices = _fill(people, folder, workers, voxel, seed, progress)
        except OSError as error:
            raise InputError(_cannot_write(folder, voxel, error)) from None
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InputError(_damaged(folder, error)) from None
    return open_store(folder), tuple(notices)


def _cannot_write(folder: Path, voxel: int, error: OSError) -> str:
    """One sentence. numpy's own error does not say that the disk is full."""
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    full = error.errno == errno.ENOSPC or shutil.disk_usage(there).free < _NEEDED[voxel]
    what = "the disk is full" if full else f"{error.filename or 'it'} could not be written: {error.strerror or error}"
    return f"{folder}: {what}; what is complete stays, and the same command goes on."


def _damaged(folder: Path, error: Exception) -> str:
    return f"{folder / _INDEX} is damaged ({error}); remove the folder {folder}, or give another one, and gather again."


def _fill(people: Cohort, folder: Path, workers: Workers, voxel: int, seed: int, progress: Progress) -> list[str]:
    index = _begin(people, folder, voxel)
    notices = list(people.notices)
    index["tables"] = {str(people.table): _stamp(people.table)} if people.table else {}
    fresh = {s.name: s for s in people.sessions}
    known = {n: about for n, about in index["sessions"].items() if n in fresh and _is_current(about, fresh[n], folder, voxel)}
    for about in known.values():
        about.pop("set", None)  # who is where is decided when all are there; until then the store is not opened
    tasks = [(session, str(folder), voxel) for name, session in fresh.items() if name not in known]
    if known:
        progress(f"{len(known)} of {len(fresh)} sessions are there already")
    began = monotonic()
    for done, (name, entry, said) in enumerate(workers.each(_gather_one, tasks), 1):
        notices += said
        if entry is not None:
            known[name] = entry
            _write_index(folder, index | {"sessions": known})
        progress(f"{name} · {len(fresh) - len(tasks) + done} of {len(fresh)}{time_left(began, done, len(tasks))}")
    gone = sorted(set(index["sessions"]) - set(known))
    _write_index(folder, index | {"sessions": known})
    for name in gone:
        shutil.rmtree(folder / "sessions" / _slug(name), ignore_errors=True)
        (folder / "pictures" / f"{_slug(name)}.png").unlink(missing_ok=True)
    if left := [name for name in gone if name not in fresh]:
        notices.append(f"taken out, since their scans are no longer in {people.path} ({len(left)}): {', '.join(left[:5])}.")
    if not known:
        raise InputError(f"{people.path}: no session could be used. {notices[-1] if notices else ''}")
    _assign(folder, index | {"sessions": known}, fresh, seed, notices)
    return notices


def _begin(people: Cohort, folder: Path, voxel: int) -> dict[str, Any]:
    """The index of a store that is there, or of a new one."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give a folder for the gathered scans.")
    if (folder / _INDEX).is_file():
        return _known_index(people, folder, voxel)
    if folder.is_dir() and any(path.is_file() for path in folder.rglob("*")):
        raise InputError(f"{folder} has files that are no store of gathered scans; give a new or empty folder.")
    (folder / "sessions").mkdir(parents=True, exist_ok=True)
    index = {"recipe": RECIPE, "voxel": voxel, "dataset": str(people.path), "sessions": {}}
    _write_index(folder, index)
    return index


def _known_index(people: Cohort, folder: Path, voxel: int) -> dict[str, Any]:
    index = read_json(folder / _INDEX, LARGEST_TABLE)
    sessions = index.get("sessions")
    whole = isinstance(sessions, dict) and all(isinstance(about, dict) and set(about) >= _KEYS for about in sessions.values())
    if not whole or "dataset" not in index or "voxel" not in index:
        raise InputError(_damaged(folder, KeyError("sessions")))
    if index["voxel"] != voxel:
        raise InputError(f"{folder} was made at {index['voxel']} mm; give --voxel {index['voxel']}, or another folder.")
    if index["dataset"] != str(people.path):
        raise InputError(f"{folder} was made of {index['dataset']}, not of {people.path}; give another folder.")
    if index.get("recipe") != RECIPE:
        return index | {"recipe": RECIPE, "sessions": {}}
    return index


def _write_index(folder: Path, index: Mapping[str, Any]) -> None:
    ordered = {**index, "sessions": dict(sorted(index["sessions"].items()))}
    text = json.dumps(ordered, indent=1, allow_nan=False) + "\n"
    write_beside(folder / _INDEX, lambda path: path.write_text(text, encoding="utf-8"))


def _gather_one(task: tuple[ImagingSession, str, int]) -> tuple[str, dict[str, Any] | None, list[str]]:
    """Gather and write one session; what cannot be used is a sentence, not the end."""
    session, target, voxel = task
    folder = Path(target)
    try:
        inputs = _inputs(session)
        found = gather(session, voxel)
        _write(folder, session, found)
    except InputError as error:
        return session.name, None, [f"{session.name} is left out: {error}"]
    except OSError as error:
        raise InputError(_cannot_write(folder, voxel, error)) from None
    entry = {
        "kinds": list(found.kinds),
        "times": _times(session.scans),
        "record": dict(session.record),
        "person": session.person,
        "origin": session.origin,
        "scales": list(found.scales),
        "motions": {kind: motion.round(5).tolist() for kind, motion in found.motions.items()},
        "field": session.field,
        "maps": found.maps is not None,
        "labels": found.labels is not None,
        "inputs": inputs,
    }
    return session.name, entry, list(found.notices)


def _write(folder: Path, session: ImagingSession, found: Gathered) -> None:
    slug = _slug(session.name)
    beside = folder / "sessions" / f"{_WRITING}{slug}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        np.save(beside / "images.npy", found.images.astype(np.float16))
        if found.maps is not None:
            np.save(beside / "maps.npy", found.maps.astype(np.float16))
        if found.labels is not None:
            np.save(beside / "labels.npy", found.labels)
        (folder / "pictures").mkdir(exist_ok=True)
        picture(found, session.name, folder / "pictures" / f"{slug}.png")
        shutil.rmtree(folder / "sessions" / slug, ignore_errors=True)
        beside.rename(folder / "sessions" / slug)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _times(scans: tuple[WeightedScan, ...]) -> dict[str, Any]:
    return {scan.kind: {"sequence": scan.times.sequence, **scan.times.values} for scan in scans}


def _slug(name: str) -> str:
    """A session's name as a folder's, with + for a blank; odd names get a number of their own. Two names never share one."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_ -]*", name) and len(name) <= _LONGEST_NAME:
        return name.replace(" ", "+")
    plain = re.sub(r"[^A-Za-z0-9-]+", "_", name).strip("_-")[:_LONGEST_NAME] or "session"
    return f"{plain}.{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _inputs(session: ImagingSession) -> dict[str, list[int]]:
    """Size and time of change of every file that a session comes from."""
    images = [scan.path for scan in session.scans] + list(session.maps.values())
    files = [path for image in images for path in (image, *_companions(image))]
    return {str(path): _stamp(path) for path in files}


def _companions(image: Path) -> list[Path]:
    """The sidecar of an image, and its other files where it has several, as far as they are there."""
    others = [image.with_name(stem(image) + ".json"), *(part for part in parts_of(image) if part != image)]
    return [path for path in others if path.is_file()]


def _stamp(path: Path) -> list[int]:
    try:
        about = os.stat(path)  # noqa: PTH116 one call
    except OSError:
        return []
    return [about.st_size, about.st_mtime_ns]


def _is_current(entry: Mapping[str, Any], session: ImagingSession, folder: Path, voxel: int) -> bool:
    """Whether a session's entry still tells the truth: same files, unchanged, same times, same record, whole arrays."""
    same = entry["inputs"] == _inputs(session) and entry["times"] == json.loads(json.dumps(_times(session.scans)))
    place = folder / "sessions" / _slug(session.name)
    return bool(
        same
        and renamed(entry["record"]) == dict(session.record)
        and entry["field"] == session.field
        and _has_arrays(place, entry, voxel)
    )


def _has_arrays(place: Path, about: Mapping[str, Any], voxel: int) -> bool:
    """Whether the arrays of a session are there, with the shape that they must have."""
    grid = grid_of(voxel).shape
    wanted: dict[str, tuple[type, tuple[int, ...]]] = {"images": (np.float16, (len(about["kinds"]), *grid))}
    wanted |= {"maps": (np.float16, (3, *grid))} if about["maps"] else {}
    wanted |= {"labels": (np.uint8, grid)} if about["labels"] else {}
    try:
        found = {name: _mapped(place / f"{name}.npy") for name in wanted}
    except Exception:  # noqa: BLE001 numpy raises whatever a damaged header leads it to
        return False
    return all(found[name].dtype == kind and found[name].shape == shape for name, (kind, shape) in wanted.items())


def _assign(folder: Path, index: dict[str, Any], sessions: Mapping[str, ImagingSession], seed: int, notices: list[str]) -> None:
    """Write who belongs to which set. A store of too few people to split is all for training, and says so."""
    members = [
        SplitMember(name, entry["person"], entry["origin"], str(sessions[name].record.get("family", "")))
        for name, entry in index["sessions"].items()
    ]
    try:
        sets = split(members, seed).sets
    except InputError as error:
        notices.append(f"{error} All is put into train.")
        sets = {member.name: "train" for member in members}
    entries = {name: entry | {"set": sets[name]} for name, entry in index["sessions"].items()}
    _write_index(folder, index | {"seed": seed, "sessions": entries})


def refuse_leak(stores: Sequence[CohortStore]) -> None:
    """Raise InputError where a person, family or anatomy is in two sets of several stores that are used together."""
    members: list[SplitMember] = []
    sets: dict[str, str] = {}
    for place, store in enumerate(stores):
        for entry in store.entries:
            name = f"{entry.name} of store {place + 1}"
            members.append(SplitMember(name, "", entry.origin, str(entry.record.get("family", ""))))
            sets[name] = entry.set
    checked(Split(0, sets), members)


# -- reading ---------------------------------------------------------------------------------------------------


def open_store(folder: Path) -> CohortStore:
    """A store. Raises InputError where it is none, is of another recipe, has files that changed, or leaks between its sets."""
    if not (folder / _INDEX).is_file():
        raise InputError(f"{folder} is no store of gathered scans; make one with: mriexplorer gather DATASET -o {folder}.")
    index = read_json(folder / _INDEX, LARGEST_TABLE)
    try:
        if index["recipe"] != RECIPE:
            raise InputError(f"{folder} was made by another version; gather it again.")
        if index["voxel"] not in _NEEDED:
            raise ValueError(f"voxels of {index['voxel']} mm")
        if not index["sessions"] or any("set" not in about for about in index["sessions"].values()):
            raise InputError(f"{folder} is not finished; gather the dataset again, it goes on from there.")
        entries = tuple(_entry(folder, name, about, int(index["voxel"])) for name, about in index["sessions"].items())
        members = [
            SplitMember(n, a["person"], a["origin"], str(a["record"].get("family", ""))) for n, a in index["sessions"].items()
        ]
        checked(Split(int(index.get("seed", 0)), {entry.name: entry.set for entry in entries}), members)
        stale = list(_stale([index["tables"], *(about["inputs"] for about in index["sessions"].values())]))
        store = CohortStore(folder, int(index["voxel"]), entries)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{folder / _INDEX} is damaged ({error}); remove the folder, and gather the dataset again.") from None
    if stale:
        more = f" and {len(stale) - 1} more" if len(stale) > 1 else ""
        raise InputError(f"{folder} is stale: {stale[0]}{more} changed or is gone; gather the dataset again.")
    return store


def _entry(folder: Path, name: str, about: Mapping[str, Any], voxel: int) -> StoredSession:
    place = folder / "sessions" / _slug(name)
    kinds, known_set = msgspec.convert(about["kinds"], tuple[str, ...]), about["set"]
    times = msgspec.convert(about["times"], dict[str, dict[str, float | str]])
    if wrong := [kind for kind in kinds if not _are_times(times[kind])]:
        raise ValueError(f"times of {wrong[0]} of {name}")
    if not _has_arrays(place, about, voxel):
        raise InputError(f"{folder}: the arrays of {name} are gone or damaged; gather the dataset again.")
    return StoredSession(
        name,
        place,
        kinds,
        times,
        renamed(msgspec.convert(about["record"], dict[str, float | str | bool | None])),
        known_set,
        msgspec.convert(about["person"], str),
        msgspec.convert(about["origin"], str),
        msgspec.convert(about["field"], float | None),
        bool(about["maps"]),
        bool(about["labels"]),
    )


def _are_times(times: Mapping[str, object]) -> bool:
    """Whether the times of a scan can be: of a sequence of the table, in numbers above 0."""
    values = [value for name, value in times.items() if name != "sequence"]
    return str(times["sequence"]) in SEQUENCES and all(isinstance(value, float) and 0 < value < _LONGEST_TIME for value in values)


def _stale(inputs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for files in inputs:
        yield from (path for path, stamp in files.items() if _stamp(Path(path)) != stamp)
