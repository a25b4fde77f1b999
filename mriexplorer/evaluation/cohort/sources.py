"""Whom the judge looks at: sessions of a store, or of a folder of BIDS people, real or synthetic, with their records.

Nobody is read here but for names and records; ``images.measure`` reads one person at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mriexplorer.dataset.sessions import ImagingSession, find_people
from mriexplorer.dataset.store import StoredSession, open_store
from mriexplorer.errors import InputError
from mriexplorer.files import there

_INDEX = "store.json"  # of a folder that ``gather`` made
FEWEST = 8  # people on either side: of half of them nothing can be learnt, of fewer nothing at all


@dataclass(frozen=True)
class PersonSource:
    """A person's session: either the entry of a store or a session of files (never both).

    ``set`` is train, validation, test, or empty.
    """

    name: str
    person: str
    set: str
    record: Mapping[str, float | str]
    entry: StoredSession | None = None
    session: ImagingSession | None = None

    @property
    def has_maps(self) -> bool:
        """Whether there are PD, T1 and T2."""
        if self.entry is not None:
            return self.entry.has_maps
        return self.session is not None and {"pd", "t1", "t2"} <= set(self.session.maps)

    @property
    def field(self) -> float | None:
        """Tesla, where it is known."""
        return self.entry.field if self.entry is not None else self.session.field if self.session is not None else None

    @property
    def stamp(self) -> str:
        """What changes when the person's files do."""
        files = [self.entry.folder / "images.npy"] if self.entry is not None else []
        if self.session is not None:
            files = [*self.session.maps.values(), *(scan.path for scan in self.session.scans)]
        told = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files if path.exists()]
        return repr((self.name, told))


@dataclass(frozen=True)
class PeopleFound:
    """Who is in a folder, one session a person, and what must be said of who was left aside."""

    path: Path
    people: tuple[PersonSource, ...]
    notices: tuple[str, ...]


def people_in(path: Path) -> PeopleFound:
    """The people of a store or of a folder of BIDS people; of each person the first session with a T1w or with maps.

    Raises InputError where there are fewer than eight.
    """
    if not there(path):
        raise InputError(f"{path} is not there; give a folder of people, a store that gather made, or a model.")
    found = _of_store(path) if (path / _INDEX).is_file() else _of_folder(path)
    usable = [one for one in found.people if one.has_maps or _has_t1w(one)]
    first = {one.person: one for one in reversed(usable)}
    people = tuple(one for one in usable if first[one.person] is one)
    if len(people) < FEWEST:
        who = "nobody" if not people else "one person" if len(people) == 1 else f"only {len(people)} people"
        raise InputError(f"{path} holds {who} with a T1w or with maps; give at least {FEWEST}, better 50.")
    notices = list(found.notices)
    if without := len(found.people) - len(usable):
        notices.append(f"{path}: sessions without a T1w and without maps are left out ({without}).")
    return PeopleFound(path, people, tuple(notices))


def _has_t1w(one: PersonSource) -> bool:
    if one.entry is not None:
        return "T1w" in one.entry.kinds
    return one.session is not None and any(scan.kind == "T1w" for scan in one.session.scans)


def _of_store(path: Path) -> PeopleFound:
    entries = open_store(path).entries
    people = tuple(PersonSource(entry.name, entry.person, entry.set, entry.record, entry=entry) for entry in entries)
    return PeopleFound(path, people, ())


def _of_folder(path: Path) -> PeopleFound:
    cohort = find_people(path)
    people = tuple(PersonSource(each.name, each.person, "", each.record, session=each) for each in cohort.sessions)
    return PeopleFound(path, people, cohort.notices)
