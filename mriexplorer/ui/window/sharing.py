"""What a person keeps or passes on: sessions, figures, movies, volumes for other programs, a command line."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from mriexplorer.errors import InputError
from mriexplorer.figures.figure import save, save_figure
from mriexplorer.render.imaging import noise_of
from mriexplorer.render.scene import Scene
from mriexplorer.session.jobs import Jobs, Outcome, Work
from mriexplorer.subject.derivative import write_signal
from mriexplorer.ui.dialogs.progress_dialog import WorkingDialog
from mriexplorer.view.command_line import command
from mriexplorer.view.presets import protocol_name
from mriexplorer.view.state import State
from mriexplorer.view.state_file import ENDING, read_session, write_session
from mriexplorer.view.views import View

if TYPE_CHECKING:
    from mriexplorer.ui.dialogs.figure_dialog import FigureDialog
    from mriexplorer.ui.dialogs.movie_dialog import MovieDialog
    from mriexplorer.ui.window.main_window import MainWindow

_SESSIONS = f"Sessions (*{ENDING});;All files (*)"


class Sharing:
    """Each wish as a method. Whatever takes longer than a moment runs beside the window, one at a time."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._jobs = Jobs()
        self._working: WorkingDialog | None = None

    def close(self) -> None:
        """Stop what is being written."""
        self._jobs.close()

    @property
    def _shown(self) -> tuple[Scene, State]:
        """Raises InputError before anything is open."""
        session = self._window.session
        if session.scene is None:
            raise InputError("nothing is open yet.")
        return session.scene, session.state

    def _say(self, sentence: str, *, severe: bool = False) -> None:
        self._window.banner.say(sentence[:1].upper() + sentence[1:], severe=severe, done=not severe)

    def _try(self, wish: Callable[[], object]) -> None:
        try:
            wish()
        except InputError as error:
            self._say(str(error), severe=True)

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

    # -- pictures ----------------------------------------------------------------------------------------------

    def export_figure(self) -> None:
        """Ask how, then where."""
        from mriexplorer.ui.dialogs.figure_dialog import FigureDialog

        if self._window.session.scene is None:
            return
        if self._shown[1].display.layout != "compare" and (cells := self._window.actions_.cells()) is not None:
            path = self._where("Export figure", "figure.png", "PNG picture (*.png)", ".png")
            if path is not None:
                self._try(lambda: (save(cells, path), self._say(f"Saved {path}.")))
            return
        dialog = FigureDialog(*self._shown, self._window)
        dialog.accepted.connect(lambda: self._save_figure(dialog))
        _open(dialog)

    def _save_figure(self, dialog: "FigureDialog") -> None:
        kind = "SVG picture (*.svg)" if dialog.suffix == ".svg" else "PNG picture (*.png)"
        path = self._where("Export figure", f"figure{dialog.suffix}", kind, dialog.suffix)
        if path is not None:
            self._try(lambda: (save_figure(dialog.sheet, path, dialog.dots), self._say(f"Saved {path}.")))

    def export_movie(self) -> None:
        """Ask of what, then where."""
        from mriexplorer.ui.dialogs.movie_dialog import MovieDialog

        if self._window.session.scene is None:
            return
        scene, state = self._shown
        if state.view != View.SIGNAL:
            self._say("Only the signal changes with a parameter; choose Signal under Display first.", severe=True)
            return
        dialog = MovieDialog(scene, state, self._window)
        dialog.accepted.connect(lambda: self._save_movie(dialog, scene, state))
        _open(dialog)

    def _save_movie(self, dialog: "MovieDialog", scene: Scene, state: State) -> None:
        from mriexplorer.figures.movie import write_movie

        movie, suffix = dialog.movie, dialog.suffix
        kind = "GIF (*.gif)" if suffix == ".gif" else "Animated PNG (*.png)"
        path = self._where("Export movie", f"{state.sequence.name}-{movie.sweep.name}{suffix}", kind, suffix)
        if path is not None:
            own = Scene(scene.subject, scene.other and Scene(scene.other.subject))  # the window paints with the other one
            self._work("Export movie", lambda progress: write_movie(own, state, movie, path, progress))

    def _where(self, title: str, name: str, kind: str, suffix: str) -> Path | None:
        chosen, _kind = QFileDialog.getSaveFileName(self._window, title, name, kind)
        if not chosen:
            return None
        return Path(chosen) if Path(chosen).suffix.lower() == suffix else Path(chosen + suffix)

    # -- volumes -----------------------------------------------------------------------------------------------

    def export_dicom(self) -> None:
        """The signal of the whole volume as a DICOM series in a new folder."""
        if not self._has_image():
            return
        from mriexplorer.subject.dicom_export import Image, free_folder, write_dicom

        scene, state = self._shown
        window = state.with_contrast(view=View.SIGNAL).window()
        image = Image(scene.subject, state.protocol, window, state.contrast.magnitude, protocol_name(state),
                      noise_of(state, scene.subject))  # fmt: skip
        chosen = QFileDialog.getExistingDirectory(self._window, "Choose where the folder with the DICOM series goes")
        if chosen:
            self._work("Export DICOM series", lambda progress: write_dicom(image, free_folder(Path(chosen), image), progress))

    def export_bids(self) -> None:
        """The signal of the whole volume into a BIDS derivative dataset."""
        if not self._has_image():
            return
        scene, state = self._shown
        chosen = QFileDialog.getExistingDirectory(self._window, "Choose a derivative dataset, or a new folder for one")
        if chosen:
            self._work("Export as BIDS derivative", lambda progress: _write_bids(scene, state, Path(chosen), progress))

    def _has_image(self) -> bool:
        """Whether there is a signal to export; else it is said why not."""
        session = self._window.session
        if session.state.problems:
            self._say(f"There is no image to export: {session.state.problems[0].sentence}.", severe=True)
        return session.scene is not None and not session.state.problems

    # -- preferences -------------------------------------------------------------------------------------------

    def show_preferences(self) -> None:
        """What is remembered from one start to the next, in one dialog."""
        from mriexplorer.ui.dialogs.preferences import Preferences

        _open(Preferences(self._window))

    # -- work beside the window --------------------------------------------------------------------------------

    def _work(self, title: str, work: Work) -> None:
        """Write something beside the window; it says what is being done, and can be stopped."""
        if self._working is not None:
            self._say("Something is still being written; wait for it, or cancel it.", severe=True)
            return
        dialog = self._working = WorkingDialog(title, self._window)
        dialog.stopped.connect(lambda: self._stop(title))
        post = self._window.post

        def if_wanted(call: Callable[[], None]) -> None:
            post(lambda: call() if self._working is dialog else None)

        self._jobs.start(
            work,
            lambda what: if_wanted(partial(dialog.tell, what)),
            lambda outcome: if_wanted(partial(self._done, outcome)),
        )

    def _done(self, outcome: Outcome) -> None:
        self._end()
        if outcome.sentence is not None:
            self._say(outcome.sentence, severe=True)
        elif outcome.result is not None:
            self._say(f"Saved {outcome.result}.")

    def _stop(self, title: str) -> None:
        self._jobs.cancel()
        self._end()
        self._say(f"{title} was stopped.")

    def _end(self) -> None:
        if self._working is not None:
            self._working.over()
        self._working = None


def _write_bids(scene: Scene, state: State, folder: Path, progress: Callable[[str], None]) -> Path:
    named = protocol_name(state)
    noise = noise_of(state, scene.subject)
    return write_signal(
        scene.subject,
        state.protocol,
        folder,
        magnitude=state.contrast.magnitude,
        preset=named,
        noise=noise,
        progress=progress,
    )


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
