"""participants.tsv and participants.json: the clinical attributes of a dataset's people, as recorded."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.files import LARGEST_TABLE, read_json, read_text
from mriexplorer.subject.record_columns import MISSING, label_of, unit_of
from mriexplorer.subject.subject import Attribute


@dataclass(frozen=True)
class Participants:
    """The table of a dataset: rows by participant_id (``sub-01``), and what the JSON says about columns."""

    path: Path
    rows: Mapping[str, Mapping[str, str]]
    columns: Mapping[str, Mapping[str, Any]]

    def attributes(self, person: str) -> tuple[Attribute, ...]:
        """What is recorded of one person; cells that say n/a are left out, and nothing is filled in."""
        row = self.rows.get(person, {})
        return tuple(self._attribute(name, value) for name, value in row.items() if value.lower() not in MISSING)

    def _attribute(self, name: str, value: str) -> Attribute:
        about = self.columns.get(name, {})
        levels = about.get("Levels")
        meaning = levels.get(value) if isinstance(levels, dict) else None
        if isinstance(meaning, dict):  # BIDS allows {"M": {"Description": ...}}
            meaning = meaning.get("Description")
        shown = f"{value} ({meaning})" if isinstance(meaning, str) and meaning.lower() != value.lower() else value
        return Attribute(label_of(name), shown, str(about.get("Units", "") or unit_of(name)), str(about.get("Description", "")))


def find_participants(start: Path) -> Participants | None:
    """The table of the dataset that holds ``start``: in its folder or up to five above, not past a raw dataset's root."""
    folder = start if start.is_dir() else start.parent
    for place in (folder, *list(folder.parents)[:5]):
        table = place / "participants.tsv"
        if table.is_file():
            return read_participants(table)
        if (place / "dataset_description.json").is_file() and place.parent.name != "derivatives":
            return None
    return None


def read_participants(path: Path) -> Participants:
    """Read the table and, beside it, its JSON. Raises InputError with the line that is wrong."""
    lines = read_text(path, LARGEST_TABLE).split("\n")
    rows = [(number, _cells(line, path, number)) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows or "participant_id" not in rows[0][1]:
        raise InputError(f"{path} has no column participant_id in its first line; BIDS asks for it.")
    header = rows[0][1]
    if len(set(header)) < len(header):
        raise InputError(f"{path} has two columns of one name in its first line; rename one.")
    table: dict[str, dict[str, str]] = {}
    for number, cells in rows[1:]:
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            raise InputError(f"{path}, line {number}: {len(cells)} cells where the header has {len(header)}; "
                             "cells must be separated by one tab.")  # fmt: skip
        row = dict(zip(header, cells, strict=True))
        person = row.pop("participant_id")
        person = person if person.startswith("sub-") else f"sub-{person}"
        if session := row.get("session_id"):  # a row a session: the first also stands for the person
            table[f"{person} {session if session.startswith('ses-') else f'ses-{session}'}"] = row
        elif person in table:
            raise InputError(f"{path}, line {number}: {person} occurs a second time; keep one row a person.")
        table.setdefault(person, row)
    return Participants(path, table, _columns(path.with_suffix(".json")))


def _cells(line: str, path: Path, number: int) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter="\t", strict=True))]
    except csv.Error as error:
        if "field limit" in str(error):
            raise InputError(
                f"{path}, line {number}: a cell has more than {csv.field_size_limit()} characters; shorten it."
            ) from None
        raise InputError(
            f"{path}, line {number}: a quotation mark is not closed, or closed too early; remove or mend it."
        ) from None


def _columns(path: Path) -> dict[str, dict[str, Any]]:
    content = read_json(path) if path.is_file() else {}
    return {k: v for k, v in content.items() if isinstance(v, dict)}
