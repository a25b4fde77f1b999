"""Images as files and on the clipboard, from the window: a person is asked how and where, a worker writes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

from mriexplorer.errors import InputError
from mriexplorer.export.checks import refuse_volume, shows_cells
from mriexplorer.export.export import export, picture
from mriexplorer.export.export_format import Container, ExportFormat, ExportKind
from mriexplorer.export.image import image_name
from mriexplorer.export.registry import formats_of
from mriexplorer.export.request import Export
from mriexplorer.render.scene import Scene
from mriexplorer.session.jobs import Jobs, Outcome, Work
from mriexplorer.session.session import Session
from mriexplorer.ui.dialogs.progress_dialog import ProgressDialog
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State
from mriexplorer.view.sweep import refuse_map

if TYPE_CHECKING:
    from mriexplorer.ui.dialogs.figure_dialog import FigureDialog
    from mriexplorer.ui.dialogs.movie_dialog import MovieDialog

Say = Callable[[str], None]
_UNKNOWN = Path()  # before a person has said where
_WHERE = {
    Container.DATASET: "Choose a derivative dataset, or a new folder for one",
    Container.FOLDER: "Choose where the new folder goes",
}


class Exporting:
    """Each export as a method. Everything is written beside the window's thread, one at a time.

    ``post`` runs a function later in the window's thread; ``say`` and ``fail`` show a sentence.
    """

    def __init__(
        self, window: QWidget, session: Session, post: Callable[[Callable[[], None]], None], say: Say, fail: Say
    ) -> None:
        self._window, self._session = window, session
        self._post, self._say, self._fail = post, say, fail
        self._jobs = Jobs()
        self._working: ProgressDialog | None = None

    def close(self) -> None:
        """Stop what is being written."""
        self._jobs.close()

    @property
    def _shown(self) -> tuple[Scene, State]:
        """Raises InputError before anything is open."""
        if self._session.scene is None:
            raise InputError("nothing is open yet.")
        return self._session.scene, self._session.state

    @property
    def _planes(self) -> Export:
        """The visible planes, whoever stands side by side there."""
        return Export(_UNKNOWN, people=self._session.people())

    # -- pictures ----------------------------------------------------------------------------------------------

    def save_planes(self) -> None:
        """The visible planes as a picture with letters, parameters and what it is."""
        self._try(lambda: self._save_as("Save planes", "planes", ExportKind.PICTURE, self._shown, self._planes))

    def save_window(self) -> None:
        """The whole window as a picture."""
        self._try(self._save_window)

    def _save_window(self) -> None:
        grabbed = Export(_UNKNOWN, picture=self._window.grab().toImage())
        self._save_as("Save window", "window", ExportKind.PICTURE, self._shown, grabbed)

    def copy_planes(self) -> None:
        """The visible planes to the clipboard."""
        self._try(self._copy_planes)

    def _copy_planes(self) -> None:
        scene, state = self._shown
        self._work("Copy planes", lambda _progress: picture(scene, state, self._planes), _to_clipboard)

    def export_figure(self) -> None:
        """Ask how, then where; several contrasts or people are written as they are shown."""
        self._try(self._export_figure)

    def _export_figure(self) -> None:
        from mriexplorer.ui.dialogs.figure_dialog import FigureDialog

        scene, state = self._shown
        if state.display.layout != Layout.COMPARE and shows_cells(scene, state, self._planes):
            self._save_as("Export figure", "figure", ExportKind.PICTURE, (scene, state), self._planes)
            return
        dialog = FigureDialog(scene, state, self._window)
        dialog.accepted.connect(lambda: self._save_figure(dialog, scene))
        _open(dialog)

    def _save_figure(self, dialog: "FigureDialog", scene: Scene) -> None:
        self._save("Export figure", "figure", (dialog.format,), (scene, dialog.state), dialog.export)

    def export_movie(self) -> None:
        """Ask of what, then where."""
        self._try(self._export_movie)

    def _export_movie(self) -> None:
        from mriexplorer.ui.dialogs.movie_dialog import MovieDialog

        scene, state = self._shown
        refuse_map(state)
        dialog = MovieDialog(scene, state, self._window)
        dialog.accepted.connect(lambda: self._save_movie(dialog, scene, state))
        _open(dialog)

    def _save_movie(self, dialog: "MovieDialog", scene: Scene, state: State) -> None:
        name = f"{state.sequence.name}-{dialog.movie.sweep.name}"
        self._save("Export movie", name, (dialog.format,), (scene, state), dialog.export)

    # -- volumes -----------------------------------------------------------------------------------------------

    def volumes(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """For the menu: what each format of volumes is called there, its keys (of the first), and its export."""
        for place, one in enumerate(formats_of(ExportKind.VOLUME)):
            yield one.menu or f"Export as {one.label}…", "" if place else "Ctrl+E", partial(self.export_volume, one)

    def export_volume(self, chosen: ExportFormat) -> None:
        """The signal of the whole volume as a file, into a dataset, or as a new folder."""
        self._try(lambda: self._export_volume(chosen))

    def _export_volume(self, chosen: ExportFormat) -> None:
        scene, state = self._shown
        refuse_volume(state)
        if chosen.container == Container.FILE:
            name = image_name(scene.subject, state).removesuffix(".nii.gz")
            self._save("Export synthetic image", name, (chosen,), (scene, state), Export(_UNKNOWN))
            return
        folder = QFileDialog.getExistingDirectory(self._window, _WHERE[chosen.container])
        if folder:
            what = Export(Path(folder), chosen.name, inside=chosen.container == Container.FOLDER)
            self._write(f"Export as {chosen.label}", scene, state, what)

    # -- where -------------------------------------------------------------------------------------------------

    def _save_as(self, title: str, name: str, kind: ExportKind, shown: tuple[Scene, State], what: Export) -> None:
        """Ask where, in which of all formats of pixels, and write."""
        self._save(title, name, [one for one in formats_of(kind) if one.raster], shown, what)

    def _save(self, title: str, name: str, choices: Sequence[ExportFormat], shown: tuple[Scene, State], what: Export) -> None:
        """Ask where, and write; the format is that of the name's ending, else the one that is chosen in the dialog."""
        filters = [one.dialog_filter for one in choices]
        chosen, kind = QFileDialog.getSaveFileName(self._window, title, name + choices[0].endings[0], ";;".join(filters))
        if chosen:
            path = Path(chosen)
            fallback = choices[filters.index(kind)] if kind in filters else choices[0]
            one = next((one for one in choices if one.fits(path)), fallback)
            self._write(title, *shown, replace(what, target=one.with_ending(path), format=one.name))

    # -- work beside the window --------------------------------------------------------------------------------

    def _write(self, title: str, scene: Scene, state: State, what: Export) -> None:
        self._work(title, lambda progress: export(scene, state, what, progress), lambda path: self._say(f"Saved {path}."))

    def _work(self, title: str, work: Work, done: Callable[[Any], object]) -> None:
        """Do something beside the window, then ``done`` in its thread; it says what is being done, and can be stopped."""
        if self._working is not None:
            self._fail("Something is still being written; wait for it, or cancel it.")
            return
        dialog = self._working = ProgressDialog(title, self._window)
        dialog.stopped.connect(lambda: self._stop(title))

        def if_wanted(call: Callable[[], None]) -> None:
            self._post(lambda: call() if self._working is dialog else None)

        self._jobs.start(
            work,
            lambda what: if_wanted(partial(dialog.show_progress, what)),
            lambda outcome: if_wanted(partial(self._done, outcome, done)),
        )

    def _done(self, outcome: Outcome, done: Callable[[Any], object]) -> None:
        self._end()
        if outcome.sentence is not None:
            self._fail(outcome.sentence)
        elif outcome.result is not None:
            done(outcome.result)

    def _stop(self, title: str) -> None:
        self._jobs.cancel()
        self._end()
        self._say(f"{title} was stopped.")

    def _end(self) -> None:
        if self._working is not None:
            self._working.over()
        self._working = None

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except InputError as error:
            self._fail(str(error))


def _to_clipboard(image: QImage) -> None:
    QApplication.clipboard().setImage(image)


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
