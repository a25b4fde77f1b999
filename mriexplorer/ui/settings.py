"""What is remembered from one start to the next: layout, theme, convention, recent files."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings

from mriexplorer.explorer.state import LAYOUTS, State
from mriexplorer.places import settings_file

_CHOICES = {"theme": ("dark", "light"), "convention": ("radiological", "neurological"), "layout": LAYOUTS}
_SWITCHES = ("smooth", "crosshair", "expert", "auto", "people")
_RECENT = 10


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
