"""A command of the window, as data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from mriexplorer.session.session import Session
from mriexplorer.ui.window.opening import Opening
from mriexplorer.ui.window.session_window import SessionWindow
from mriexplorer.ui.window.sharing import Sharing
from mriexplorer.view.state import State

Shortcuts = tuple[tuple[str, str], ...]  # keys, and what they do


@dataclass(frozen=True)
class Desk:
    """What commands act on."""

    window: SessionWindow
    opening: Opening
    sharing: Sharing
    shortcuts: Callable[[], Shortcuts]

    @property
    def session(self) -> Session:
        """The window's."""
        return self.window.session


@dataclass(frozen=True)
class When:
    """A condition on what lies at some ``paths`` of the state; it is asked anew where that differs."""

    paths: tuple[str, ...]
    holds: Callable[..., bool]

    def __call__(self, state: State) -> bool:
        return self.holds(*(attrgetter(path)(state) for path in self.paths))


def equal(path: str, value: Any) -> When:
    """Where a value lies at a path."""
    return When((path,), lambda there: bool(there == value))


@dataclass(frozen=True, eq=False)
class Command:
    """What a person can do: its ``text`` in the menu, what it does, its ``keys``, when it is ``ticked`` and when ``possible``."""

    text: str
    do: Callable[[Desk], object]
    keys: str = ""
    ticked: When | None = None
    possible: When | None = None


@dataclass(frozen=True)
class Submenu:
    """Commands under a title. ``filled`` gives them when the menu is opened, where they are not known before."""

    title: str
    entries: tuple["Entry", ...] = ()
    filled: Callable[[Desk], Iterable[Command]] | None = None


Entry = Command | Submenu | None  # None: a line
LINE = None


def switch(text: str, keys: str, path: str, on: object, off: object) -> Command:
    """A command that changes a field of a part of the state between two values."""
    part, name = path.split(".")

    def turn(desk: Desk) -> None:
        state = desk.session.state
        value = off if attrgetter(path)(state) == on else on
        desk.session.change(getattr(state, f"with_{part}")(**{name: value}))

    return Command(text, turn, keys, ticked=equal(path, on))
