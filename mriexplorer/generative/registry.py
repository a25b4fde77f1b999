"""Every kind of model that there is. A new one is a folder with a ``kind.py``, and a line here."""

from pathlib import Path
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.generative.autoencoder.kind import KIND as AUTOENCODER
from mriexplorer.generative.folding.kind import KIND as FOLDING
from mriexplorer.generative.joint.kind import KIND as PEOPLE
from mriexplorer.generative.kinds import ModelKind
from mriexplorer.generative.latent.kind import KIND as LATENT
from mriexplorer.generative.model_folder import CONFIG

KINDS: tuple[ModelKind, ...] = (AUTOENCODER, PEOPLE, FOLDING, LATENT)


def commands() -> tuple[str, ...]:
    """What `mriexplorer train` can be asked for."""
    return tuple(kind.command for kind in KINDS)


def kind_of_command(name: str) -> ModelKind:
    """The kind that `mriexplorer train` means by a word. Raises InputError that says which there are."""
    for kind in KINDS:
        if name in (kind.command, *kind.aliases):
            return kind
    raise InputError(f"{name!r} is no kind of model; there are {', '.join(commands())}.")


def kind_of(folder: Path) -> ModelKind:
    """The kind of the model in a folder, by its config.json. Raises InputError for one that is not known."""
    name = read_json(folder / CONFIG).get("kind")
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise InputError(f"{folder / CONFIG} is of no kind of model that this version of mriexplorer knows ({name}).")


def load(folder: Path) -> Any:
    """The model of a folder, of whatever kind. Raises InputError."""
    return kind_of(folder).load(folder)
