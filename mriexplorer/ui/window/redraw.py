"""A change of the state draws what depends on the part that changed, and nothing else."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from time import perf_counter
from typing import Any

from PySide6.QtWidgets import QWidget

from mriexplorer.render.scene import Scene
from mriexplorer.session.workspace import Workspace
from mriexplorer.view.state import State

Draw = Callable[[Scene, State], object]
_FIRST = State()
_CONTRAST = tuple(one.name for one in fields(_FIRST.contrast))
_PARTS: dict[str, tuple[str, ...]] = {
    part.name: tuple(one.name for one in fields(getattr(_FIRST, part.name)))
    for part in fields(State)
    if part.name not in ("contrasts", "chosen")
}


class Redraw:
    """Knows who draws what, and hears of every change of the state.

    What is drawn depends on paths of the state: a part (``display``) or a field of one (``display.cursor``). ``contrast`` is the
    chosen one, ``contrasts`` are all of them and which is chosen. ``reach_changed`` hears whether there is something to undo, and
    to redo, where that differs.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._registered: tuple[tuple[frozenset[str], Draw, QWidget | None], ...] = ()
        self._reach = False, False  # whether there is something to undo, and to redo
        self.reach_changed: Callable[[bool, bool], None] = lambda _undo, _redo: None
        self.began = 0.0  # when what is drawn changed, s of perf_counter
        workspace.listen(self._follow)

    def register(self, depends: frozenset[str], draw: Draw, *, seen: QWidget | None = None) -> None:
        """Call ``draw`` where one of the paths differs, after those that were registered before; with ``seen``, only while that
        is not hidden. Raises AttributeError for a path that leads nowhere.
        """
        for path in depends:
            attrgetter(path)(_FIRST)
        self._registered = (*self._registered, (depends, draw, seen))

    def _follow(self, new: State, old: State) -> None:
        store, scene = self._workspace, self._workspace.scene
        if (reach := (store.can_undo, store.can_redo)) != self._reach:
            self._reach = reach
            self.reach_changed(*reach)
        if scene is not None:
            self.began = perf_counter()
            paths = changed(new, old)
            for depends, draw, seen in self._registered:
                if not depends.isdisjoint(paths) and (seen is None or not seen.isHidden()):
                    draw(scene, new)

    def everything(self) -> None:
        """Draw all: another subject is shown."""
        self.began = perf_counter()
        scene, state = self._workspace.scene, self._workspace.state
        if scene is not None:
            for _depends, draw, _seen in self._registered:
                draw(scene, state)


def changed(new: State, old: State) -> set[str]:
    """The paths of what differs between two states."""
    paths: set[str] = set()
    for part, names in _PARTS.items():
        one, other = getattr(new, part), getattr(old, part)
        if one is not other:
            _compare(part, names, one, other, paths)
    if new.contrasts is not old.contrasts or new.chosen != old.chosen:
        one, other = new.contrasts[new.chosen], old.contrasts[old.chosen]
        paths.add("contrasts")
        _compare("contrast", _CONTRAST, one, other, paths)
        if one.protocol.sequence is not other.protocol.sequence:
            paths.add("contrast.protocol.sequence")
    return paths


def _compare(part: str, names: tuple[str, ...], one: Any, other: Any, paths: set[str]) -> None:
    """Add the fields of a part that differ, and the part where any does."""
    for name in names:
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine is not theirs and mine != theirs:
            paths |= {part, f"{part}.{name}"}
