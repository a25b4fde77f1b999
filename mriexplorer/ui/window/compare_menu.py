"""The menu "Compare", and the context menu of a cell."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from mriexplorer.view.comparison import RATES
from mriexplorer.view.display import SIDES, Layout
from mriexplorer.view.plane import PLANES
from mriexplorer.view.presets import Preset, presets
from mriexplorer.view.state import State

if TYPE_CHECKING:
    from mriexplorer.ui.window.actions import Actions
    from mriexplorer.ui.window.main_window import MainWindow

_LAYOUTS = (
    ("contrasts 2x2", "Four contrasts", "F2"),
    ("contrasts 3x3", "Nine contrasts", "F3"),
    ("people", "Several people", "F4"),
)
_WAYS = (
    ("pinned", "Flip to the pinned contrast", "F"),
    ("flicker", "Flicker between the two", "Shift+F"),
    ("wipe", "Wipe: pinned left, current right", "W"),
    ("difference", "Difference: current minus pinned", "D"),
)
_STEP = 0.02  # of the width, that a key moves the divider


def fill(actions: "Actions", menu: QMenu) -> None:
    """Put everything about comparing into a menu."""
    session = actions.window.session
    commands, add = session.comparison, actions._add
    for layout, name, keys in _LAYOUTS:
        add(menu, name, keys, lambda w=layout: commands.lay_out(w), lambda s, w=layout: s.display.layout == w)
    planes = menu.addMenu("Plane")
    for plane in PLANES:
        add(planes, plane.capitalize(), "", lambda p=plane: session.show(plane=p), lambda s, p=plane: s.display.plane == p)
    menu.addSeparator()
    add(menu, "Add the current contrast", "Ins", commands.add)
    _add_presets(menu.addMenu("Add a preset"), commands.add_preset)
    add(menu, "Remove the chosen contrast", "Shift+Del", commands.remove, possible=lambda s: s.display.layout in SIDES)
    add(menu, "TE, TR, TI of all contrasts together", "G", lambda: commands.set_together(not session.state.comparison.together),
        lambda s: s.comparison.together)  # fmt: skip
    menu.addSeparator()
    add(menu, "Pin this contrast", "B", commands.pin)
    add(menu, "Unpin", "Shift+B", commands.unpin, possible=lambda s: s.comparison.pinned is not None)
    for way, name, keys in _WAYS:
        add(menu, name, keys, lambda w=way: commands.compare(w), lambda s, w=way: s.comparison.mode == w, _has_reference)
    rates = menu.addMenu("Flicker rate")
    for rate in RATES:
        add(rates, f"{rate} a second", "", lambda r=rate: commands.set_rate(r), lambda s, r=rate: s.comparison.rate == r)
    for name, keys, step in (("Divider to the left", "Ctrl+Left", -_STEP), ("Divider to the right", "Ctrl+Right", _STEP)):
        add(
            menu,
            name,
            keys,
            lambda by=step: commands.wipe(session.state.comparison.wipe + by),
            possible=lambda s: s.comparison.mode == "wipe",
        )


def _has_reference(state: State) -> bool:
    """Whether there is something to compare the current contrast with."""
    return state.comparison.pinned is not None or state.display.layout == Layout.COMPARE


def cell_menu(window: "MainWindow", place: int) -> QMenu:
    """What can be done with a cell; with an empty one, only adding."""
    session, menu = window.session, QMenu(window)
    commands = session.comparison
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    full = place < len(session.state.contrasts)
    _add(menu, "Add the current contrast", commands.add)
    _add_presets(menu.addMenu("Set to preset" if full else "Add a preset"), session.apply_preset if full else commands.add_preset)
    if full:
        _add(menu, "Remove", lambda: commands.remove(place)).setEnabled(len(session.state.contrasts) > 1)
        menu.addSeparator()
        _add(menu, "Pin this contrast", commands.pin)
        _add(menu, "Show in three planes", lambda: session.show(layout=Layout.GRID))
    planes = menu.addMenu("Plane")
    for plane in PLANES:
        _add(planes, plane.capitalize(), lambda p=plane: session.show(plane=p))
    return menu


def pop_up(window: "MainWindow", place: int, at: QPoint) -> None:
    """The context menu of a cell, which is chosen by the click."""
    cell_menu(window, place).popup(at)


def _add(menu: QMenu, text: str, call: Callable[[], object]) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda _checked=False: call())
    return action


def _add_presets(menu: QMenu, call: Callable[[Preset], object]) -> None:
    groups: dict[str, QMenu] = {}
    for preset in presets():
        if preset.group not in groups:
            groups[preset.group] = menu.addMenu(preset.group)
        _add(groups[preset.group], preset.name, lambda p=preset: call(p))
