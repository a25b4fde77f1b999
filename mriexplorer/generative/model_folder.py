"""Where models lie, and what their config.json says. No network is loaded here."""

from pathlib import Path
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.generative.kinds import ModelKind
from mriexplorer.places import models

CONFIG = "config.json"


def find_model(name: str) -> Path:
    """The folder of a shipped model by its name, or of one's own by its path. Raises InputError that says which there are."""
    for folder in (Path(name), models() / name):
        if (folder / CONFIG).is_file():
            return folder
    known = sorted(path.parent.name for path in models().glob(f"*/{CONFIG}"))
    raise InputError(f"{name} is no model; there are {', '.join(known) or 'none'}, or give the folder of your own.")


def read_config(folder: Path, kind: ModelKind, version: int) -> dict[str, Any]:
    """config.json of a model of a kind. Raises InputError where it is of none, or of another version."""
    content = read_json(folder / CONFIG)
    if content.get("kind") != kind.name or content.get("format") != version:
        raise InputError(f"{folder / CONFIG} is of no {kind.called} of this version of mriexplorer.")
    return content
