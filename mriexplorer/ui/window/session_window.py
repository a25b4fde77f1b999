"""A window on a session, as far as menus and dialogs need to know it."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow

from mriexplorer.session.session import Session
from mriexplorer.ui.planes.mouse import BINDINGS, Binding
from mriexplorer.ui.window.banner import Banner
from mriexplorer.ui.window.settings import UserSettings
from mriexplorer.view.state import State

Call = Callable[[], None]


class SessionWindow(QMainWindow):
    """Holds the session, a line to say things in, what is remembered, and what the mouse does.

    ``post`` runs a function later in the window's thread, from whichever thread.
    """

    mouse_bound = Signal()
    _posted = Signal(object)

    def __init__(self, state: State, settings: UserSettings | None) -> None:
        super().__init__()
        self.settings = settings
        self._posted.connect(_run)
        self.post: Callable[[Call], None] = self._posted.emit
        self.session = Session(state, self.post)
        self.banner = Banner()
        self.bindings, self.wheel_zooms = BINDINGS, False

    def bind(self, table: tuple[Binding, ...], *, wheel_zooms: bool) -> None:
        """What the mouse does in the planes."""
        self.bindings, self.wheel_zooms = table, wheel_zooms
        self.mouse_bound.emit()


def _run(call: Call) -> None:
    call()
