"""Everything can be reached without a mouse and by a screen reader."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QSlider,
    QWidget,
)

from mriexplorer.view.panels import SidePanel
from mriexplorer.view.state import State

CONTROLS = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox, QLineEdit)


@pytest.fixture
def window(shown):
    return shown(State().with_panels(expert=True))


def named(widget: QWidget) -> bool:
    """Whether a screen reader has something to say: a name, a text, or a label that is its buddy."""
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    buddies = [label.buddy() for label in widget.window().findChildren(QLabel)]
    return bool(widget.accessibleName() or text.strip() or widget in buddies)


def own(window, kind):
    """Controls that we made: not the parts that Qt builds into others (a spin box's line, a table's corner)."""
    inner = ("qt_spinbox_lineedit", "ScrollLeftButton", "ScrollRightButton", "qt_menubar_ext_button", "qt_toolbar_ext_button")
    for widget in window.findChildren(kind):
        parent = widget.parentWidget()
        inside = isinstance(parent, QComboBox | QLineEdit | QAbstractItemView)
        if widget.objectName() not in inner and not inside:
            yield widget


@pytest.mark.parametrize("panel", SidePanel)
def test_every_control_has_a_name(window, panel):
    window.session.show_panels(side=panel)
    QApplication.processEvents()
    nameless = {
        f"{type(w).__name__} in {type(w.parentWidget()).__name__}" for kind in CONTROLS for w in own(window, kind) if not named(w)
    }
    assert nameless == set()


@pytest.mark.parametrize("panel", SidePanel)
def test_every_control_takes_the_keyboard(window, panel):
    window.session.show_panels(side=panel)
    QApplication.processEvents()
    deaf = {
        f"{type(w).__name__} {w.accessibleName()}"
        for kind in (QComboBox, QSlider, QAbstractSpinBox, QLineEdit, QAbstractButton)
        for w in own(window, kind)
        if w.focusPolicy() == Qt.FocusPolicy.NoFocus
    }
    assert deaf == set()


def test_every_action_is_in_a_menu_with_a_text_and_no_key_is_taken_twice(window):
    menus = [action.menu() for action in window.top.menus.actions()]
    reached, todo = [], [menu for menu in menus if menu is not None]
    while todo:
        menu: QMenu = todo.pop()
        for action in menu.actions():
            if action.menu() is not None:
                todo.append(action.menu())
            elif not action.isSeparator():
                reached.append(action)
    assert all(action in reached for action in window.menus.all)
    assert all(action.text().strip() for action in reached)
    keys = [key.toString() for action in window.menus.all for key in action.shortcuts()]
    assert len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1]
    mnemonics = [action.text() for action in window.top.menus.actions()]
    assert all("&" in text for text in mnemonics)
