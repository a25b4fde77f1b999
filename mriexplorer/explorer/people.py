"""The people of a dataset as a table: what is recorded of each, in an order, and through a filter."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mriexplorer.subject.catalog import Catalog
from mriexplorer.subject.participants import MISSING, label

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_CONDITION = re.compile(r"([A-Za-z][\w ]*?)\s*(>=|<=|!=|>|<|=)\s*(\S+)")


@dataclass(frozen=True)
class PersonRow:
    """One person of a list: the catalog's name and what is recorded, by column; n/a is left out."""

    name: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class PeopleTable:
    """Everybody, in the catalog's order. ``columns`` are as in participants.tsv."""

    columns: tuple[str, ...]
    rows: tuple[PersonRow, ...]

    def headings(self) -> tuple[str, ...]:
        """The columns as people write them."""
        return tuple(label(column) for column in self.columns)


def people_table(catalog: Catalog) -> PeopleTable:
    """Who is in a catalog, with what participants.tsv records."""
    records = catalog.participants.rows if catalog.participants else {}
    rows = tuple(
        PersonRow(entry.name, _known(records.get(entry.name) or records.get(entry.person, {}))) for entry in catalog.entries
    )
    columns = dict.fromkeys(column for row in rows for column in row.cells)
    return PeopleTable(tuple(columns), rows)


def _known(record: Mapping[str, str]) -> dict[str, str]:
    return {column: value for column, value in record.items() if value.lower() not in MISSING}


def sort_key(text: str | None) -> tuple[int, float, str]:
    """Numbers by size, words in natural order, what is missing last."""
    if text is None:
        return 2, 0.0, ""
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0.0, re.sub(r"\d+", lambda digits: digits[0].zfill(12), text.casefold())


def filtered(text: str) -> Callable[[PersonRow], bool]:
    """Whether a row passes a filter: conditions (``age>60 sex=F``) and words that occur in the name or a cell, all of them."""
    conditions = [(_plain(name), _COMPARED[sign], value) for name, sign, value in _CONDITION.findall(text)]
    words = _CONDITION.sub(" ", text).casefold().split()

    def passes(row: PersonRow) -> bool:
        cells = {_plain(column): value for column, value in row.cells.items()}
        everything = " ".join([row.name, *row.cells.values()]).casefold()
        return all(word in everything for word in words) and all(_holds(cells, *condition) for condition in conditions)

    return passes


def _plain(column: str) -> str:
    return column.strip().casefold().replace("_", " ")


def _holds(cells: Mapping[str, str], name: str, compare: Callable[[Any, Any], bool], value: str) -> bool:
    """A condition on a column, found by its name or the beginning of it; a missing cell fulfils none."""
    cell = cells.get(name) or next((v for column, v in cells.items() if column.startswith(name)), None)
    if cell is None:
        return False
    try:
        return compare(float(cell), float(value))
    except ValueError:
        return compare(cell.casefold(), value.casefold())
