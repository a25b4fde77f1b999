"""What is remembered from one start to the next: layout, theme, convention, mouse, device, recent files."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings

from mriexplorer.explorer.state import LAYOUTS, State
from mriexplorer.places import settings_file
from mriexplorer.ui.mouse import ACTIONS, GESTURES, USUAL

_CHOICES = {"theme": ("dark", "light"), "convention": ("radiological", "neurological"), "layout": LAYOUTS}
_SWITCHES = ("smooth", "crosshair", "expert", "auto", "people")
_RECENT = 10
DEVICES = ("", "cpu", "cuda", "mps")  # of the model; empty: the best there is


class Settings:
    """A small file of the user's. Values that make no sense are passed over."""

    def __init__(self) -> None:
        self.file = QSettings(str(settings_file()), QSettings.Format.IniFormat)

    def applied(self, state: State) -> State:
        """The state as it was left."""
        chosen = {name: self.file.value(name) for name in _CHOICES if self.file.value(name) in _CHOICES[name]}
        switched = {name: self.file.value(name) == "true" for name in _SWITCHES if self.file.value(name) in ("true", "false")}
        return replace(state, **chosen, **switched)

    def remember(self, state: State) -> None:
        """Keep what should be so at the next start."""
        for name in _CHOICES:
            self.file.setValue(name, getattr(state, name))
        for name in _SWITCHES:
            self.file.setValue(name, "true" if getattr(state, name) else "false")

    @property
    def recent(self) -> list[Path]:
        """What was opened last, newest first; what is gone is left out."""
        kept = self.file.value("recent") or []
        kept = [kept] if isinstance(kept, str) else kept
        return [Path(path) for path in kept if Path(path).exists()]

    def add_recent(self, path: Path) -> None:
        """Put a path on top of the recent ones."""
        others = [str(p) for p in self.recent if p != path]
        self.file.setValue("recent", [str(path), *others][:_RECENT])

    @property
    def mouse(self) -> dict[str, str]:
        """The chosen action of each gesture."""
        kept = {gesture: self.file.value(f"mouse/{gesture}", USUAL.get(gesture, "")) for gesture in GESTURES}
        return {gesture: action if action in ACTIONS else USUAL.get(gesture, "") for gesture, action in kept.items()}

    @mouse.setter
    def mouse(self, chosen: Mapping[str, str]) -> None:
        for gesture in GESTURES:
            self.file.setValue(f"mouse/{gesture}", chosen.get(gesture, ""))

    @property
    def wheel_zooms(self) -> bool:
        """Whether the wheel zooms without Ctrl."""
        return bool(self.file.value("wheel_zooms") == "true")

    @wheel_zooms.setter
    def wheel_zooms(self, zooms: bool) -> None:
        self.file.setValue("wheel_zooms", "true" if zooms else "false")

    @property
    def device(self) -> str | None:
        """Where the model runs; None: the best there is."""
        kept = self.file.value("device")
        return kept if kept and kept in DEVICES else None

    @device.setter
    def device(self, name: str | None) -> None:
        self.file.setValue("device", name or "")
