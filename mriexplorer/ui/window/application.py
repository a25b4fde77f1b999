"""Starts the window."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from mriexplorer.figures import theme
from mriexplorer.places import resource
from mriexplorer.ui.window.garbage_collection import Collector
from mriexplorer.ui.window.main_window import MainWindow
from mriexplorer.ui.window.settings import UserSettings
from mriexplorer.view.state import State


def application(*, offscreen: bool = False) -> QApplication:
    """The Qt application of this process, made on first use; ``offscreen`` where there is no display or none is wanted."""
    if offscreen:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QApplication.instance()
    made = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    if made.findChild(Collector) is None:
        made.setApplicationName("mriexplorer")
        made.setWindowIcon(QIcon(str(resource("icon.svg"))))
        Collector(made)
    return made


def run(state: State, paths: Sequence[Path], picked: Sequence[tuple[str, Path]], saved: State | None = None) -> int:
    """Open the window on ``paths`` (or the built-in brain, or a ``saved`` session) and stay until it is closed."""
    running = application()
    settings = UserSettings()
    window = open_window(settings.applied(replace(state, source=replace(state.source, person=None, units=()))), settings)
    sys.excepthook = _telling(window)
    if paths or picked:
        window.session.open(paths, picked, state.source.person, state.source.units)
    if saved is not None:
        window.session.loading.restore(saved)
    return running.exec()


def _telling(window: MainWindow) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """What becomes of an error that nobody foresaw: the window lives on, and says so."""

    def tell(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, traceback)
        sentence = f"Something unforeseen happened: {kind.__name__}: {error}. Save the session, and start again."
        if window.banner.text != sentence:  # it may come from painting, again and again
            window.banner.say(sentence, severe=True)

    return tell


def open_window(state: State, settings: UserSettings | None = None) -> MainWindow:
    """A window that shows the built-in brain; what takes longer than the first picture is built right after it."""
    running = application()
    theme.apply(running, state.appearance.theme)
    window = MainWindow(state, settings)
    window.readout.dress(state.appearance.theme)
    window.session.loading.start(state)
    window.show()
    window.planes.views["axial"].setFocus()
    QTimer.singleShot(30, window.side.begin)
    return window
