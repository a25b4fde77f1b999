"""The people of a dataset as a table: what is recorded of each, in an order, and through a filter."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mriexplorer.subject.catalog import Catalog
from mriexplorer.subject.record_columns import MISSING, label_of, level_words, listed

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_CONDITION = re.compile(r"([^\W\d][\w*]*)\s*(>=|<=|!=|>|<|=)\s*([^\s,;]+)")
_ALSO_FIRST = ("diagnosis", "group")  # headings that the record table has no row for


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
        return tuple(label_of(column) for column in self.columns)


def people_table(catalog: Catalog) -> PeopleTable:
    """Who is in a catalog, with what participants.tsv records."""
    records = catalog.participants.rows if catalog.participants else {}
    rows = tuple(
        PersonRow(entry.name, _known(records.get(entry.name) or records.get(entry.person, {}))) for entry in catalog.entries
    )
    found = list(dict.fromkeys(column for row in rows for column in row.cells))
    first = [column for name in (*listed("first"), *_ALSO_FIRST) for column in found if column.casefold() == name]
    last = [column for column in found if column.casefold() in listed("last")]
    return PeopleTable((*first, *(c for c in found if c not in (*first, *last)), *last), rows)


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
    """Whether a row passes a filter: conditions (``age>60, sex=F``) and words that occur in the name or a cell, all of them."""
    conditions = [(_plain(name), _COMPARED[sign], value) for name, sign, value in _CONDITION.findall(text)]
    words = re.sub(r"[,;]", " ", _CONDITION.sub(" ", text)).casefold().split()

    def passes(row: PersonRow) -> bool:
        everything = " ".join([row.name, *row.cells.values()]).casefold()
        return all(word in everything for word in words) and all(_holds(row.cells, *condition) for condition in conditions)

    return passes


def unknown_columns(text: str, table: PeopleTable) -> tuple[str, ...]:
    """Names in the conditions of a filter that are no column of the table."""
    return tuple(name for name, _sign, _value in _CONDITION.findall(text) if _column(_plain(name), table.columns) is None)


def _plain(column: str) -> str:
    return re.sub(r"[\W_]", "", column.casefold())


def _column(name: str, columns: Iterable[str]) -> str | None:
    """The column that is meant: by its name or its heading, or by the beginning of one of them."""
    columns = tuple(columns)
    spelled = [(plain, column) for column in columns for plain in (_plain(column), _plain(label_of(column)))]
    exact = (column for plain, column in spelled if plain == name)
    return next(exact, None) or next((column for plain, column in spelled if plain.startswith(name)), None)


def _holds(cells: Mapping[str, str], name: str, compare: Callable[[Any, Any], bool], value: str) -> bool:
    """A condition on a column; a missing cell fulfils none."""
    column = _column(name, cells)
    if column is None:
        return False
    cell = cells[column]
    try:
        return compare(float(cell), float(value))
    except ValueError:
        words = level_words()
        return compare(*(words.get(text.casefold(), text.casefold()) for text in (cell, value)))
