"""A person's volumetry as a file: a table (CSV), or one page for the record (HTML)."""

from collections.abc import Callable, Mapping
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.export.volumetry_page import page
from mriexplorer.files import write_text
from mriexplorer.measure.volumetry_sheet import VolumetrySheet, csv_text

WRITTEN: Mapping[str, Callable[[VolumetrySheet], str]] = {".csv": csv_text, ".html": page}  # by the file's ending
FILTERS: Mapping[str, str] = {".html": "One page, HTML (*.html)", ".csv": "Table, CSV (*.csv)"}  # of a file dialog


def check_volumetry_target(target: Path) -> None:
    """Raises InputError for a file that is neither."""
    if target.suffix.lower() not in WRITTEN:
        raise InputError(f"{target}: volumetry is written as {' or '.join(WRITTEN)}.")


def write_volumetry(sheet: VolumetrySheet, target: Path) -> Path:
    """Write a sheet, whole or not at all; the ending says as what. Raises InputError."""
    check_volumetry_target(target)
    write_text(target, WRITTEN[target.suffix.lower()](sheet))
    return target
