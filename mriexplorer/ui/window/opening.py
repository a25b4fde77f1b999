"""Opening files from the window: a person is asked which."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from mriexplorer.reading.registry import dialog_filter
from mriexplorer.ui.window.session_window import SessionWindow

if TYPE_CHECKING:
    from mriexplorer.dataset.recognition import RecognisedScan


class Opening:
    """Maps, folders, datasets, and a patient's scans, which are encoded first."""

    def __init__(self, window: SessionWindow) -> None:
        self._window = window

    def files(self) -> None:
        """Choose maps."""
        names, _kind = QFileDialog.getOpenFileNames(self._window, "Open T1, T2 and PD maps of one person", "", dialog_filter())
        if names:
            self._window.session.open([Path(name) for name in names])

    def folder(self) -> None:
        """Choose a folder or dataset."""
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder of maps or a BIDS dataset")
        if name:
            self._window.session.open([Path(name)])

    def scans(self) -> None:
        """Choose a patient's scans."""
        names, _kind = QFileDialog.getOpenFileNames(self._window, "Open the scans of one patient", "", dialog_filter())
        if names:
            self.offer_scans([Path(name) for name in names])

    def scan_folder(self) -> None:
        """Choose a folder with a patient's scans, as NIfTI or DICOM."""
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder with the scans of one patient")
        if name:
            self.offer_scans([Path(name)])

    def dropped(self, paths: Sequence[Path]) -> None:
        """Open what was dropped: scans are offered, maps are shown."""
        from mriexplorer.session.encoding import look_like_scans

        if look_like_scans(paths):
            self.offer_scans(paths)
        else:
            self._window.session.open(paths)

    def offer_scans(self, paths: Sequence[Path]) -> None:
        """Show what the scans are recognised as, and encode them if that is asked for."""
        self._window.session.read_scans(paths, self._ask)

    def _ask(self, recognised: "Sequence[RecognisedScan]", notices: Sequence[str]) -> None:
        from mriexplorer.ui.dialogs.scans_dialog import ScansDialog

        dialog = ScansDialog(recognised, notices, self._window)
        dialog.accepted.connect(lambda: self._window.session.encode(dialog.scans))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
