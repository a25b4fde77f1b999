"""What is remembered from one start to the next: layout, theme, convention, mouse, device and precision, recent files."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray

from mriexplorer.errors import InputError
from mriexplorer.files import read_json, there, write_text
from mriexplorer.physics import TIMES
from mriexplorer.places import settings_file
from mriexplorer.session.sampler import PRECISIONS, Precision
from mriexplorer.ui.planes.mouse import ACTIONS, GESTURES, USUAL
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_CHOICES: Mapping[str, tuple[str, ...]] = {  # a part of the state, and a field of it
    "appearance.theme": ("dark", "light"),
    "appearance.times": tuple(TIMES),
    "display.convention": ("radiological", "neurological"),
    "display.layout": tuple(Layout),
}
_SWITCHES = ("display.smooth", "display.crosshair", "display.auto", "panels.expert", "panels.people")
_RECENT = 10
DEVICES = ("", "cpu", "cuda", "mps")  # of the model; empty: the best there is


class UserSettings:
    """A small JSON file of the user's. Values that make no sense are passed over, and so is a file that cannot be read.

    Not QSettings: reading a value of its files can run whatever they hold.
    """

    def __init__(self) -> None:
        self._file = settings_file()
        self._values = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            return read_json(self._file)
        except InputError:
            return {}

    def _keep(self, **changed: Any) -> None:
        """Write some values; what another window has written meanwhile stays. What cannot be written lasts until the end."""
        self._values = {**self._values, **self._read(), **changed}
        with suppress(InputError):
            write_text(self._file, json.dumps(self._values, indent=1) + "\n")

    def applied(self, state: State) -> State:
        """The state as it was left."""
        for path in (*_CHOICES, *_SWITCHES):
            part, name = path.split(".")
            value = self._values.get(name)
            if value in _CHOICES[path] if path in _CHOICES else isinstance(value, bool):
                state = replace(state, **{part: replace(getattr(state, part), **{name: value})})
        return state

    def remember(self, state: State, geometry: QByteArray) -> None:
        """Keep what should be so at the next start, and where the window is."""
        paths = (path.split(".") for path in (*_CHOICES, *_SWITCHES))
        kept = {name: getattr(getattr(state, part), name) for part, name in paths}
        self._keep(**kept, geometry=bytes(geometry.toBase64().data()).decode())

    @property
    def geometry(self) -> QByteArray:
        """Where the window was; empty where that is not known."""
        kept = self._values.get("geometry")
        return QByteArray.fromBase64(kept.encode(errors="replace")) if isinstance(kept, str) else QByteArray()

    @property
    def recent(self) -> list[Path]:
        """What was opened last, newest first; what is gone is left out."""
        kept = (self._read() or self._values).get("recent")
        paths = [Path(path) for path in kept if isinstance(path, str) and path] if isinstance(kept, list) else []
        return [path for path in paths[:_RECENT] if there(path)]

    def add_recent(self, path: Path) -> None:
        """Put a path on top of the recent ones."""
        others = [str(p) for p in self.recent if p != path]
        self._keep(recent=[str(path), *others][:_RECENT])

    @property
    def mouse(self) -> dict[str, str]:
        """The chosen action of each gesture."""
        kept = self._values.get("mouse")
        chosen = kept if isinstance(kept, dict) else {}
        usual = {gesture: USUAL.get(gesture, "") for gesture in GESTURES}
        return usual | {gesture: action for gesture, action in chosen.items() if gesture in GESTURES and _is_action(action)}

    @mouse.setter
    def mouse(self, chosen: Mapping[str, str]) -> None:
        self._keep(mouse={gesture: chosen.get(gesture, "") for gesture in GESTURES})

    @property
    def wheel_zooms(self) -> bool:
        """Whether the wheel zooms without Ctrl."""
        return self._values.get("wheel_zooms") is True

    @wheel_zooms.setter
    def wheel_zooms(self, zooms: bool) -> None:
        self._keep(wheel_zooms=zooms)

    @property
    def device(self) -> str | None:
        """Where the model runs; None: the best there is."""
        kept = self._values.get("device")
        return kept if isinstance(kept, str) and kept in DEVICES[1:] else None

    @device.setter
    def device(self, name: str | None) -> None:
        self._keep(device=name or "")

    @property
    def precision(self) -> Precision:
        """What models compute in."""
        kept = self._values.get("precision")
        return next((known for known in PRECISIONS if known == kept), "auto")

    @precision.setter
    def precision(self, name: Precision) -> None:
        self._keep(precision=name)


def _is_action(action: object) -> bool:
    return isinstance(action, str) and action in ACTIONS
