"""The menu "Compare", and the context menu of a cell."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from mriexplorer.view.contrast import RATES, SIDES, cells
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
    wish, add = session.comparing, actions._add
    for layout, name, keys in _LAYOUTS:
        add(menu, name, keys, lambda w=layout: wish.lay_out(w), lambda s, w=layout: s.layout == w)
    planes = menu.addMenu("Plane")
    for plane in PLANES:
        add(planes, plane.capitalize(), "", lambda p=plane: session.show(compared=p), lambda s, p=plane: s.compared == p)
    menu.addSeparator()
    add(menu, "Add the current contrast", "Ins", wish.add)
    _add_presets(menu.addMenu("Add a preset"), wish.add_preset)
    add(menu, "Remove the chosen contrast", "Shift+Del", wish.remove, possible=lambda s: s.layout in SIDES)
    add(menu, "TE, TR, TI of all contrasts together", "G", lambda: wish.set_together(not session.state.together),
        lambda s: s.together)  # fmt: skip
    menu.addSeparator()
    add(menu, "Pin this contrast", "B", wish.pin)
    add(menu, "Unpin", "Shift+B", wish.unpin, possible=lambda s: s.pinned is not None)
    for way, name, keys in _WAYS:
        add(menu, name, keys, lambda w=way: wish.compare(w), lambda s, w=way: s.ab == w, _has_reference)
    rates = menu.addMenu("Flicker rate")
    for rate in RATES:
        add(rates, f"{rate} a second", "", lambda r=rate: wish.set_rate(r), lambda s, r=rate: s.rate == r)
    for name, keys, step in (("Divider to the left", "Ctrl+Left", -_STEP), ("Divider to the right", "Ctrl+Right", _STEP)):
        add(menu, name, keys, lambda by=step: wish.wipe(session.state.wipe + by), possible=lambda s: s.ab == "wipe")


def _has_reference(state: State) -> bool:
    """Whether there is something to compare the current contrast with."""
    return state.pinned is not None or state.layout == "compare"


def cell_menu(window: "MainWindow", place: int) -> QMenu:
    """What can be done with a cell; with an empty one, only adding."""
    session, menu = window.session, QMenu(window)
    wish = session.comparing
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    full = place < len(cells(session.state))
    _add(menu, "Add the current contrast", wish.add)
    _add_presets(menu.addMenu("Set to preset" if full else "Add a preset"), session.apply_preset if full else wish.add_preset)
    if full:
        _add(menu, "Remove", lambda: wish.remove(place)).setEnabled(len(cells(session.state)) > 1)
        menu.addSeparator()
        _add(menu, "Pin this contrast", wish.pin)
        _add(menu, "Show in three planes", lambda: session.show(layout="grid"))
    planes = menu.addMenu("Plane")
    for plane in PLANES:
        _add(planes, plane.capitalize(), lambda p=plane: session.show(compared=p))
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
