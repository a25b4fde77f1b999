"""Makes menus of tables of commands."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from mriexplorer.render.scene import Scene
from mriexplorer.ui.menus.command import Command, Desk, Entry, Shortcuts, Submenu
from mriexplorer.ui.menus.edit_menu import REDO, UNDO
from mriexplorer.view.state import State


class Menus:
    """The menus of the bar. ``all`` lists their actions, ``depends`` what of the state their ticks depend on."""

    def __init__(self, bar: QMenuBar, table: Iterable[Submenu], desk: Desk) -> None:
        made = [pair for one in table for pair in fill(bar.addMenu(one.title), one.entries, desk)]
        self.all = [action for _command, action in made]
        self._actions = dict(made)
        self._ticked = [(when, action) for command, action in made if (when := command.ticked) is not None]
        self._possible = [(when, action) for command, action in made if (when := command.possible) is not None]
        for _when, action in self._ticked:
            action.setCheckable(True)
        self.depends = frozenset(path for when, _action in (*self._ticked, *self._possible) for path in when.paths)

    def show_state(self, _scene: Scene, state: State) -> None:
        """Tick what is so, and grey what cannot be done."""
        for when, action in self._ticked:
            action.setChecked(when(state))
        for when, action in self._possible:
            action.setEnabled(when(state))

    def show_reach(self, can_undo: bool, can_redo: bool) -> None:
        """Grey undo and redo where there is nothing to go to."""
        self._actions[UNDO].setEnabled(can_undo)
        self._actions[REDO].setEnabled(can_redo)

    @property
    def shortcuts(self) -> Shortcuts:
        """Every command with a shortcut, for the card of keys."""
        keyed = [action for action in self.all if not action.shortcut().isEmpty()]
        return tuple((action.shortcut().toString(QKeySequence.SequenceFormat.NativeText), _plain(action)) for action in keyed)


def fill(menu: QMenu, entries: Iterable[Entry], desk: Desk) -> Iterator[tuple[Command, QAction]]:
    """Put entries into a menu; each command comes with its action."""
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        elif isinstance(entry, Command):
            yield entry, _action(menu, entry, desk)
        elif entry.filled is None:
            yield from fill(menu.addMenu(entry.title), entry.entries, desk)
        else:
            below = menu.addMenu(entry.title)
            below.aboutToShow.connect(partial(_fill_anew, below, entry.filled, desk))


def context_menu(entries: Iterable[Entry], desk: Desk) -> QMenu:
    """A menu of entries that is thrown away when it is closed."""
    menu = QMenu(desk.window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for command, action in fill(menu, entries, desk):
        action.setEnabled(command.possible is None or command.possible(desk.session.state))
    return menu


def _action(menu: QMenu, command: Command, desk: Desk) -> QAction:
    action = QAction(command.text, menu)
    if command.keys:
        action.setShortcut(QKeySequence(command.keys))
    action.triggered.connect(partial(_do, command, desk))
    menu.addAction(action)
    return action


def _do(command: Command, desk: Desk, _checked: bool = False) -> None:
    command.do(desk)


def _fill_anew(menu: QMenu, filled: Callable[[Desk], Iterable[Command]], desk: Desk) -> None:
    menu.clear()
    for command, action in fill(menu, filled(desk), desk):
        action.setEnabled(command.possible is None or command.possible(desk.session.state))


def _plain(action: QAction) -> str:
    return action.text().replace("&", "").replace("…", "")
