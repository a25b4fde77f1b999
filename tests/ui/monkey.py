"""A monkey at the window: random actions of a seed, as a person's hands could do them.

    python tests/ui/monkey.py [actions] [seeds ...]        # default: 20000 actions, seeds 1 to 5

Prints, for each seed, actions a second, Qt warnings, exceptions, and how memory grew after the first 2,000 actions.
"""

import ctypes
import gc
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider, QTabBar, QToolButton, QWidget

from mriexplorer.physics import FIELDS
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.ui.window.application import application, open_window
from mriexplorer.ui.window.main_window import MainWindow
from mriexplorer.view.region import TISSUE_CLASSES
from mriexplorer.view.source import Recipe, Source
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json

_SAVED = 20  # actions, after which the session could be saved
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)
_MODIFIERS = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier)
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
         Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Space)  # fmt: skip
# Dialogs wait for a person; the clipboard and sampling belong to others; what writes files would litter.
_LEFT_ALONE = re.compile(
    r"…|&?Quit|About|Keys and mouse|ample|Estimate|xport|Copy|clipboard|Built-in|Save|Encode|folder|^One$|^Four$|^Blend$",
    re.IGNORECASE,
)
_OF_THE_PLATFORM = re.compile("propagateSizeHints|This plugin does not support")  # offscreen, at every dialog and menu
_TEXTS = ("", "90", "90 ms", "0.09s", "-3", "1e99", "nan", "abc", "2500", "7")


class Monkey:
    """Draws actions and does them; ``done`` counts them by kind."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.window, self.rng, self.done = window, random.Random(seed), Counter[str]()
        self._escape = QTimer(interval=50)  # a key may open a dialog or a menu that waits for a person
        self._escape.timeout.connect(_close_what_waits)
        self._escape.start()
        self._what: dict[str, Callable[[], None]] = {
            "menu": self._menu, "mouse": self._mouse, "wheel": self._wheel, "key": self._key, "slider": self._slider,
            "choice": self._choice, "button": self._button, "typing": self._typing, "tab": self._tab, "undo": self._undo,
        }  # fmt: skip

    def rest(self) -> None:
        """Close nothing any more: other windows may have dialogs of their own."""
        self._escape.stop()

    def act(self) -> None:
        """One action."""
        name = self.rng.choices(list(self._what), (3, 6, 3, 4, 6, 2, 2, 1, 1, 2))[0]
        self.done[name] += 1
        self._what[name]()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as the loop of the application, which is not running
        for dialog in QApplication.topLevelWidgets():
            if dialog is not self.window and dialog.isVisible():
                dialog.close()

    def _some(self, kind: type, ok: Callable[[QWidget], bool] = lambda _widget: True) -> QWidget | None:
        found = [w for w in self.window.findChildren(kind) if w.isVisible() and w.isEnabled() and ok(w)]
        return self.rng.choice(found) if found else None

    def _menu(self) -> None:
        usable = [a for a in self.window.menus.all if a.isEnabled() and not _LEFT_ALONE.search(a.text())]
        self.rng.choice(usable).trigger()

    def _view(self) -> PlaneView | None:
        view = self._some(PlaneView)
        return view if isinstance(view, PlaneView) else None

    def _at(self, view: QWidget) -> QPointF:
        return QPointF(self.rng.uniform(-10, view.width() + 10), self.rng.uniform(-10, view.height() + 10))

    def _mouse(self) -> None:
        view = self._view()
        if view is None:
            return
        button, modifiers = self.rng.choice(_BUTTONS), self.rng.choice(_MODIFIERS)
        kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * self.rng.randrange(4), QEvent.Type.MouseButtonRelease]
        if self.rng.random() < 0.05:
            kinds.insert(1, QEvent.Type.MouseButtonDblClick)
        for kind in kinds:
            at = self._at(view)
            QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), button, button, modifiers))

    def _wheel(self) -> None:
        view = self._view()
        if view is not None:
            at, turn, modifiers = self._at(view), QPoint(0, self.rng.choice((-120, 120, 240))), self.rng.choice(_MODIFIERS)
            none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
            QApplication.sendEvent(view, QWheelEvent(at, view.mapToGlobal(at), QPoint(), turn, none, modifiers, phase, False))

    def _key(self) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, self.rng.choice(_KEYS))

    def _slider(self) -> None:
        slider = self._some(QSlider)
        if isinstance(slider, QSlider):
            slider.setValue(self.rng.randint(slider.minimum(), slider.maximum()))

    def _choice(self) -> None:
        box = self._some(QComboBox)
        if isinstance(box, QComboBox):
            usable = [n for n in range(box.count()) if box.model().flags(box.model().index(n, 0)) & Qt.ItemFlag.ItemIsSelectable]
            if usable:
                box.setCurrentIndex(self.rng.choice(usable))
                box.activated.emit(box.currentIndex())

    def _button(self) -> None:
        button = self._some(QAbstractButton, lambda b: not _LEFT_ALONE.search(b.text() + b.accessibleName()))
        if isinstance(button, QToolButton) and button.menu() is not None:  # its menu would wait for a person
            usable = [
                a for a in button.menu().actions() if a.isEnabled() and a.menu() is None and not _LEFT_ALONE.search(a.text())
            ]
            if usable:
                self.rng.choice(usable).trigger()
        elif isinstance(button, QAbstractButton):
            button.click()

    def _typing(self) -> None:
        line = self._some(QLineEdit)
        if isinstance(line, QLineEdit) and not line.isReadOnly():
            line.setText(self.rng.choice(_TEXTS))
            QTest.keyClick(line, Qt.Key.Key_Return)

    def _tab(self) -> None:
        bar = self._some(QTabBar)
        if isinstance(bar, QTabBar):
            bar.setCurrentIndex(self.rng.randrange(bar.count()))

    def _undo(self) -> None:
        self.rng.choice((self.window.session.store.undo, self.window.session.store.redo))()


def _close_what_waits() -> None:
    waiting = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if waiting is not None:
        waiting.close()


def _fill(window: MainWindow) -> None:
    """Use once what is loaded at its first use and then kept, up to as many as are kept: memory is compared after that."""
    session = window.session
    session.gallery.sampler.rough(Recipe(1), 3.0, lambda _what: None)
    for field in FIELDS:
        session.loading.start(State(Source(field=field)))
        for tissue in TISSUE_CLASSES:
            session.measurement.add_tissue(tissue)
            QApplication.processEvents()
    session.show_panels(side="volume")
    for sequence in ("gre", "mprage"):
        session.choose_sequence(sequence)
        QTest.qWait(3000)
    session.loading.start(State())


def resident() -> float:
    """MB, without what is free but not given back."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(actions: int, seed: int, settled: int = 2000) -> tuple[list[str], float, Counter[str]]:
    """What Qt said, was raised, or would not reopen; growth of memory after the first ``settled`` actions; what was done."""
    said: list[str] = []
    loud = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    before_handler = qInstallMessageHandler(
        lambda kind, _context, text: said.append(text) if kind in loud and not _OF_THE_PLATFORM.search(text) else None
    )
    hook, sys.excepthook = sys.excepthook, lambda kind, error, _trace: said.append(f"{kind.__name__}: {error}")
    window = open_window(State())
    window.side.begin()
    QApplication.processEvents()
    if settled < actions:
        _fill(window)
    monkey, start = Monkey(window, seed), 0.0
    for number in range(actions):
        if number == settled:
            start = resident()
        monkey.act()
        if number % _SAVED == 0 and from_json(to_json(window.session.state)) != window.session.state:
            said.append("a session would not reopen as it is")
    monkey.rest()
    grown = resident() / start - 1 if start else 0.0
    window.close()
    QApplication.processEvents()
    qInstallMessageHandler(before_handler)
    sys.excepthook = hook
    return said, grown, monkey.done


def main() -> None:
    """Print a line for each seed."""
    actions = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    application()
    for seed in [int(s) for s in sys.argv[2:]] or range(1, 6):
        began = time.perf_counter()
        said, grown, _done = run(actions, seed)
        speed = actions / (time.perf_counter() - began)
        print(f"seed {seed}: {actions} actions, {speed:.0f} a second, {len(said)} warnings and exceptions, memory {grown:+.1%}")
        for what, count in Counter(said).most_common(5):
            print(f"    {count} x {what[:200]}")


if __name__ == "__main__":
    main()
