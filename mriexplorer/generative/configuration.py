"""Configurations of networks and their training: plain values in TOML or JSON, checked when read. None can name code to run."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from mriexplorer.errors import InputError
from mriexplorer.files import read_text
from mriexplorer.places import resource

_Made = TypeVar("_Made")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file, or a shipped configuration by its name. Raises InputError."""
    shipped = resource("training") / f"{path}.toml"
    path = shipped if shipped.is_file() and not path.is_file() else path
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path} is no TOML: {error}.") from None


def as_plain(configuration: Any) -> dict[str, Any]:
    """A configuration as plain values for JSON."""
    return asdict(configuration)


def made(kind: type[_Made], content: Any, name: str) -> _Made:
    """A dataclass of plain values from a table. Raises InputError that names what is unknown or of another type."""
    if not isinstance(content, Mapping):
        raise InputError(f"{name}: a table is expected.")
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(content) - known):
        raise InputError(f"{name}: {unknown[0]!r} is not known; there are {', '.join(sorted(known))}.")
    types = get_type_hints(kind)
    return kind(**{key: _value(types[key], value, f"{name}: {key}") for key, value in content.items()})


def _value(kind: Any, value: Any, name: str) -> Any:
    """One value of the type that is wanted; lists become tuples."""
    origin = get_origin(kind)
    if origin is Literal:
        if value in get_args(kind) and not isinstance(value, bool):
            return value
        raise InputError(f"{name} is {value!r}; it can be {', '.join(map(str, get_args(kind)))}.")
    if origin is tuple:
        if isinstance(value, list | tuple):
            return tuple(_value(get_args(kind)[0], one, name) for one in value)
        raise InputError(f"{name} is {value!r}; a list is expected.")
    if hasattr(kind, "__dataclass_fields__"):
        return made(kind, value, name)
    wanted = (int, float) if kind is float else kind
    if isinstance(value, wanted) and isinstance(value, bool) == (kind is bool) and (kind is str or abs(value) < 1e9):
        return kind(value)
    raise InputError(f"{name} is {value!r}; {'a number' if kind in (int, float) else kind.__name__} is expected.")
