"""The formats that are known, and which of them a target means."""

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from mriexplorer.errors import InputError
from mriexplorer.export import formats
from mriexplorer.export.export_format import Container, ExportFormat, ExportKind
from mriexplorer.export.request import Export
from mriexplorer.extras import require
from mriexplorer.files import said


@lru_cache(maxsize=1)
def known_formats() -> tuple[ExportFormat, ...]:
    """What every module of ``formats`` tells: single files before folders, then by label."""
    modules = [import_module(f"{formats.__name__}.{module.name}") for module in iter_modules(formats.__path__)]
    return tuple(sorted((module.FORMAT for module in modules), key=lambda one: (not one.endings, one.label)))


def formats_of(kind: ExportKind) -> tuple[ExportFormat, ...]:
    """The formats of volumes, pictures or movies."""
    return tuple(one for one in known_formats() if one.kind == kind)


def format_named(name: str) -> ExportFormat:
    """The format of that name. Raises InputError."""
    found = {one.name: one for one in known_formats()}
    if name not in found:
        raise InputError(f"{name!r} is no format; there is {', '.join(found)}.")
    return found[name]


def format_of(what: Export) -> ExportFormat:
    """The format that is asked for, by its name or by the target. Raises InputError, also where what paints is not installed."""
    found = _asked(what)
    if found.kind != ExportKind.VOLUME:
        require("window", f"a {found.kind}")
    return found


def _asked(what: Export) -> ExportFormat:
    if not what.format:
        return _by_ending(what.target, movie=what.movie is not None)
    found = format_named(what.format)
    if found.kind == ExportKind.MOVIE and what.movie is None:
        raise InputError(f"{what.target}: {found.label} is a movie; say which parameter moves, and between what.")
    if found.kind != ExportKind.MOVIE and what.movie is not None:
        raise InputError(f"{what.target}: {found.label} is a {found.kind}, not a movie.")
    if found.endings and not found.fits(what.target):
        raise InputError(f"{what.target}: {found.label} ends in {' or '.join(found.endings)}.")
    return found


def _by_ending(target: Path, *, movie: bool) -> ExportFormat:
    found = [one for one in known_formats() if (one.kind == ExportKind.MOVIE) == movie and one.endings and one.fits(target)]
    if found:
        return found[0]
    if movie:
        raise InputError(f"{target}: a movie ends in {_endings(ExportKind.MOVIE)}.")
    with said(target):
        if not target.suffix or target.is_dir():
            return next(one for one in known_formats() if one.container == Container.DATASET)
    raise InputError(
        f"{target}: a picture ends in {_endings(ExportKind.PICTURE)}, a volume in {_endings(ExportKind.VOLUME)}; "
        "a folder becomes a BIDS dataset."
    )


def _endings(kind: ExportKind) -> str:
    return " or ".join(ending for one in formats_of(kind) for ending in one.endings)
