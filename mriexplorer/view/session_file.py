"""A session as a file: the state as JSON, and where its maps lie, seen from the file where that is possible."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.files import read_json, there, write_text
from mriexplorer.version import __version__
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json

ENDING = ".mriexplorer"
_NAMED = 2  # missing files that are named
_ABOUT = "A session of mriexplorer: what was looked at and how. Open it in the window, or with: mriexplorer FILE"


def is_session(paths: Sequence[Path]) -> bool:
    """Whether the paths are one session file, by its name."""
    return len(paths) == 1 and paths[0].suffix.lower() == ENDING


def write_session(state: State, path: Path) -> Path:
    """Write a session; its ending is added where it is missing. Raises InputError when it cannot be written."""
    path = path if path.suffix.lower() == ENDING else path.with_name(path.name + ENDING)
    folder = path.absolute().parent
    stored = json.loads(to_json(_with_paths(state, lambda one: _seen_from(folder, one))))
    del stored["appearance"]
    content = {"about": _ABOUT, "mriexplorer": __version__, "state": stored}
    write_text(path, json.dumps(content, indent=1) + "\n")  # letters beyond ASCII escaped: a path may be of any encoding
    return path


def _with_paths(state: State, moved: Callable[[str], str]) -> State:
    source = state.source
    paths, picked = tuple(map(moved, source.paths)), tuple((kind, moved(one)) for kind, one in source.picked)
    return replace(state, source=replace(source, paths=paths, picked=picked))


def _seen_from(folder: Path, path: str) -> str:
    """A path relative to a folder, unless the two share nothing but the root of the disk."""
    try:
        shared = Path(os.path.commonpath([path, folder]))
    except ValueError:  # other drives
        return path
    return path if shared == Path(shared.anchor) else Path(os.path.relpath(path, folder)).as_posix()


def read_session(path: Path) -> State:
    """The state of a session file. Raises InputError for what is none, and where maps are missing, with their names."""
    content = read_json(path)
    if "mriexplorer" not in content or not isinstance(content.get("state"), dict):
        raise InputError(f"{path} is not a session of mriexplorer; choose a file that Save session has written.")
    try:
        state = from_json(json.dumps(content["state"]))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    folder = path.absolute().parent
    state = _with_paths(state, lambda one: os.path.normpath(folder / one))
    source = state.source
    missing = [one for one in (*source.paths, *(one for _kind, one in source.picked)) if not there(Path(one))]
    if missing:
        named = " and ".join((*missing[:_NAMED], *([f"{len(missing) - _NAMED} more"] if len(missing) > _NAMED else ())))
        raise InputError(f"{path} was saved with {named}, which cannot be found; bring the maps back there.")
    return state
