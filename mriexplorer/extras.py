"""Packages that not every installation has, by the extra of pyproject.toml that brings them."""

from importlib.util import find_spec

from mriexplorer.errors import InputError

EXTRAS = {
    "window": ("PySide6", "font_roboto", "pyqtgraph", "vtkmodules"),
    "evaluation": ("bokeh", "monai"),
    "records": ("ctgan", "sdmetrics"),
    "train": ("einops", "lightning_fabric", "matplotlib", "monai"),
}


def require(extra: str, what: str) -> None:
    """Raises InputError, whose sentence says what to install, where a package of an extra is missing; ``what`` begins it."""
    if missing := lacking(extra):
        raise InputError(f"{what} needs more packages ({', '.join(missing)}); {how_to_get(extra)}")


def lacking(extra: str) -> list[str]:
    """Packages of an extra that are not installed."""
    return [name for name in EXTRAS[extra] if not _is_there(name)]


def how_to_get(extra: str) -> str:
    """What to type for an extra."""
    return f"install them with: pip install 'mriexplorer[{extra}]'"


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:  # some finders refuse instead of finding nothing
        return False
