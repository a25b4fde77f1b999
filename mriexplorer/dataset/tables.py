"""Clinical tables as studies write them, brought to the columns of the record table. Nothing is filled in."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from mriexplorer.errors import InputError
from mriexplorer.files import LARGEST_TABLE, read_text
from mriexplorer.subject import record_columns
from mriexplorer.subject.record_columns import RecordValue, number_in, plain_name, read_record

Record = dict[str, RecordValue]  # by the names of the record table
# Headings that say whose row it is, as ``plain_name`` has them.
_PERSON = ("participantid", "subject", "subjectid", "oasisid", "person", "id")
_SESSION = ("session", "sessionid", "visit", "mrid", "oasissessionlabel", "adrcadrcclinicaldataid")
_IGNORED = (*_PERSON, *_SESSION, "file", "source")
_ENTRY = "age at entry"  # from which, and the days since, OASIS gives an age
_NEAR = 400  # days between a visit to the clinic and a scan that are still taken together


@dataclass(frozen=True)
class RecordRow:
    """One row of a table: whom it is of, the visit where there is one, the image it names, what it records, and its study."""

    name: str
    person: str
    file: str
    record: Record
    source: str = ""


@dataclass(frozen=True)
class ClinicalRecords:
    """What is known by person, and by (person, visit) where visits differ."""

    source: str = ""
    by_person: Mapping[str, Record] = field(default_factory=dict)
    by_visit: Mapping[tuple[str, str], Record] = field(default_factory=dict)

    @property
    def people(self) -> set[str]:
        """Everybody who has a row."""
        return set(self.by_person) | {person for person, _visit in self.by_visit}

    def of(self, person: str, visit: str) -> Record:
        """The record of a visit: its own row, the nearest visit by days, else that of the person."""
        record = {**self.by_person.get(person, {}), **self._visit(person, visit)}
        entry, day = record.pop(_ENTRY, None), _day(visit)
        if isinstance(entry, float) and (day is not None or "age" not in record):
            record["age"] = round(entry + (day or 0) / 365.25, 1)
        return record

    def _visit(self, person: str, visit: str) -> Record:
        if (person, visit) in self.by_visit:
            return dict(self.by_visit[person, visit])
        day = _day(visit)
        others = [(abs(d - day), v) for p, v in self.by_visit if p == person and day is not None and (d := _day(v)) is not None]
        near = min(others, default=(_NEAR + 1, ""))
        return dict(self.by_visit[person, near[1]]) if near[0] <= _NEAR else {}

    def joined(self, other: Self) -> "ClinicalRecords":
        """Both; where they speak of the same, this one counts."""
        people = {p: {**other.by_person.get(p, {}), **self.by_person.get(p, {})} for p in {*self.by_person, *other.by_person}}
        source = " and ".join(name for name in (self.source, other.source) if name)
        return ClinicalRecords(source, people, {**other.by_visit, **self.by_visit})

    @classmethod
    def of_rows(cls, rows: Mapping[str, Mapping[str, str]], source: str) -> "ClinicalRecords":
        """From participants.tsv, whose keys are ``sub-01`` or ``sub-01 ses-a``."""
        people, visits = {}, {}
        for key, row in rows.items():
            person, _space, visit = key.partition(" ")
            record = _read_row(row)
            if visit:
                visits[person, visit] = record
            else:
                people[person] = record
        return cls(source, people, visits)


def _day(visit: str) -> int | None:
    """The day of an OASIS visit: ``ses-d0129`` -> 129."""
    digits = visit.removeprefix("ses-").removeprefix("d")
    return int(digits) if visit.startswith("ses-d") and digits.isdecimal() else None


def read_table(path: Path) -> list[RecordRow]:
    """Rows of people or sessions. Raises InputError for tables without people, rows of another length, and doubles."""
    header, rows = _read(path)
    plain = [plain_name(name) for name in header]
    who = next((plain.index(name) for name in _PERSON if name in plain), None)
    if who is None:
        raise InputError(f"{path} has no column participant_id or subject; its first line names {', '.join(header[:8])}.")
    when = next((plain.index(name) for name in _SESSION if name in plain), None)
    source = plain.index("source") if "source" in plain else None
    file = plain.index("file") if "file" in plain else None
    found: dict[str, int] = {}
    result = []
    for number, cells in rows:
        person = cells[who].removeprefix("sub-")
        if not person:
            raise InputError(f"{path}, line {number}: the row names nobody.")
        label = f"{cells[source]}-{person}" if source is not None else person
        visit = cells[when] if when is not None else ""
        name = visit if visit.startswith(label) else f"{label} {visit}".strip()
        if name in found:
            raise InputError(f"{path}, line {number}: {name} occurs a second time (first in line {found[name]}); "
                             "give two people two names, or a column session.")  # fmt: skip
        found[name] = number
        record = _read_row(dict(zip(header, cells, strict=True)))
        study = cells[source] if source is not None else ""
        result.append(RecordRow(name, label, cells[file] if file is not None else "", record, study))
    _drop_levels(result)
    return result


def _drop_levels(rows: list[RecordRow]) -> None:
    """What a study has in levels of its own under the name of a column is left out: education in five levels is not years."""
    for source in {row.source for row in rows}:
        of = [row for row in rows if row.source == source]
        for column in record_columns.TABLE:
            numbers = [value for row in of if isinstance(value := row.record.get(column.name), float)]
            if column.exceeds is not None and numbers and max(numbers) <= column.exceeds:
                for row in of:
                    row.record.pop(column.name, None)


def _read_row(row: Mapping[str, str]) -> Record:
    return read_record(row, ignored=_IGNORED)


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header and numbered rows; cells are stripped, and are as many as the header has."""
    text = read_text(path, LARGEST_TABLE)
    mark = "\t" if path.suffix.lower() == ".tsv" else ","
    reader = csv.reader(text.splitlines(), delimiter=mark, strict=True)
    try:
        lines = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(reader, 1)]
    except csv.Error as error:
        raise InputError(f"{path} is not a readable table: {error}.") from None
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if len(lines) < 2:
        raise InputError(f"{path} has no rows.")
    header = lines[0][1]
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise InputError(f"{path}, line {number}: {len(cells)} cells where the header has {len(header)}.")
    return header, lines[1:]


# -- OASIS-3 ---------------------------------------------------------------------------------------------------


def read_clinical(folder: Path) -> ClinicalRecords:
    """Tables of OASIS-3 beside its scans (demographics, CDR, older ADRC exports); empty where there are none."""
    people: dict[str, Record] = {}
    visits: dict[tuple[str, str], Record] = {}
    used = []
    for path in sorted(folder.glob("*.csv")):
        try:
            header, rows = _read(path)
        except InputError:
            continue  # some other table
        plain = [plain_name(name) for name in header]
        who = next((plain.index(n) for n in ("oasisid", "subject") if n in plain), None)
        if who is None or not {"oasisid", "m/f", "adrcadrcclinicaldataid"} & set(plain):
            continue
        used.append(path.name)
        _read_oasis(plain, header, who, rows, people, visits)
    return ClinicalRecords(" and ".join(used), people, visits)


def _read_oasis(
    plain: list[str],
    header: list[str],
    who: int,
    rows: Iterable[tuple[int, list[str]]],
    people: dict[str, Record],
    visits: dict[tuple[str, str], Record],
) -> None:
    entry = plain.index("ageatentry") if "ageatentry" in plain else None
    label = next((plain.index(n) for n in _SESSION if n in plain), None)
    for _line, cells in rows:
        person, record = f"sub-{cells[who].removeprefix('sub-')}", _read_row(dict(zip(header, cells, strict=True)))
        visit = f"ses-{cells[label].rsplit('_', 1)[-1]}" if label is not None else ""
        if entry is not None and (age := number_in(cells[entry])) is not None:
            people.setdefault(person, {})[_ENTRY] = age
        if visit:
            visits[person, visit] = record
        else:
            people[person] = people.get(person, {}) | record
