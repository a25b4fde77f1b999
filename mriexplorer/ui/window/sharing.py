"""What a person keeps or passes on: sessions, a command line, images (``exporting``), preferences."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from mriexplorer.errors import InputError
from mriexplorer.ui.window.exporting import Exporting
from mriexplorer.ui.window.session_window import SessionWindow
from mriexplorer.view.command_line import command
from mriexplorer.view.session_file import ENDING, read_session, write_session

_SESSIONS = f"Sessions (*{ENDING});;All files (*)"


class Sharing:
    """Each of them as a method."""

    def __init__(self, window: SessionWindow) -> None:
        self._window = window
        self.exporting = Exporting(window, window.session, window.post, self._say, self._fail)

    def close(self) -> None:
        """Stop what is being written."""
        self.exporting.close()

    def _say(self, sentence: str) -> None:
        self._window.banner.say(sentence[:1].upper() + sentence[1:], done=True)

    def _fail(self, sentence: str) -> None:
        self._window.banner.say(sentence[:1].upper() + sentence[1:], severe=True)

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except InputError as error:
            self._fail(str(error))

    # -- sessions ----------------------------------------------------------------------------------------------

    def save_session(self) -> None:
        """The state and where its maps lie, as a file."""
        chosen, _kind = QFileDialog.getSaveFileName(self._window, "Save session", f"session{ENDING}", _SESSIONS)
        if chosen:
            self._try(lambda: self._say(f"Saved {write_session(self._window.session.state, Path(chosen))}."))

    def choose_session(self) -> None:
        """Choose a session file and open it."""
        chosen, _kind = QFileDialog.getOpenFileName(self._window, "Open session", "", _SESSIONS)
        if chosen:
            self.open_session(Path(chosen))

    def open_session(self, path: Path) -> None:
        """Go to the state of a session file."""
        self._try(lambda: self._window.session.loading.restore(read_session(path)))

    def copy_command(self) -> None:
        """The command line that gives this picture, to the clipboard."""
        self._try(self._copy_command)

    def _copy_command(self) -> None:
        line = command(self._window.session.state)
        QApplication.clipboard().setText(line)
        self._say(f"Copied: {line}")

    # -- preferences -------------------------------------------------------------------------------------------

    def show_preferences(self) -> None:
        """What is remembered from one start to the next, in one dialog."""
        from mriexplorer.ui.dialogs.preferences import Preferences

        _open(Preferences(self._window))


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
