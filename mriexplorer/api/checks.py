"""What arguments of the functions for scripts can be, said in one sentence where they are not that."""

from collections.abc import Collection, Iterable
from os import PathLike
from typing import TypeVar

from mriexplorer.errors import InputError

AnyPath = str | PathLike[str]
Value = TypeVar("Value")
MOST = 1_000_000  # of people, and the highest seed


def quiet(_what: str) -> None:
    """The progress of who wants to hear of none."""


def count(name: str, value: int) -> int:
    """A whole number from 1 to a million. Raises InputError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise InputError(f"{name} is {value!r}; it must be a whole number from 1 to a million.")
    return value


def one_of(name: str, value: Value, choices: Collection[Value]) -> Value:
    """One of the choices. Raises InputError."""
    if value not in choices:
        raise InputError(f"{name} is {value!r}; it must be one of {', '.join(map(str, choices))}.")
    return value


def some_of(name: str, values: Iterable[str], choices: Collection[str]) -> tuple[str, ...]:
    """Some of the choices, each once, in their order as given. Raises InputError."""
    if isinstance(values, str):
        raise InputError(f"{name} is the text {values!r}; give a list of some of {', '.join(choices)}.")
    return tuple(dict.fromkeys(one_of(name, value, choices) for value in values))
