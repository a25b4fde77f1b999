"""Menus and shortcuts: every action of the window in one table."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox

from mriexplorer.dataset.recognition import Recognised
from mriexplorer.errors import InputError
from mriexplorer.figures import figure
from mriexplorer.figures.cells_figure import cells_figure
from mriexplorer.physics import SEQUENCES
from mriexplorer.render.imaging import noise_of
from mriexplorer.session.state_store import Store
from mriexplorer.subject.derivative import bids_name, write_signal
from mriexplorer.ui.dialogs.help_card import HelpCard
from mriexplorer.ui.dialogs.scans_dialog import ScansDialog
from mriexplorer.ui.window import compare_menu
from mriexplorer.version import __version__
from mriexplorer.view.contrast import SIDES
from mriexplorer.view.presets import presets, protocol_name
from mriexplorer.view.state import State
from mriexplorer.view.views import VIEWS

if TYPE_CHECKING:
    from mriexplorer.ui.window.main_window import MainWindow

_CORNERS = (
    ("histograms", "Histograms", "Alt+1"),
    ("curves", "Curves", "Alt+2"),
    ("pulses", "Pulse diagram", "Alt+3"),
    ("measure", "Measure", "Alt+4"),
    ("find", "Best contrast", "Alt+5"),
    ("volume", "3-D beside the planes", "V"),
)
_IMAGES = "NIfTI images (*.nii *.nii.gz *.mgz *.mgh);;All files (*)"
_ABOUT = """<b>mriexplorer {version}</b><br>Tissue maps of a brain, and every MR contrast of them, live.<br><br>
Computed images are synthetic: they show what the signal equations give for the maps, not what a scanner saw.
Flow, diffusion, partial inversion and artefacts are not in them. <b>Not for diagnosis.</b><br><br>
Built-in brain: ICBM152 2009a symmetric templates (Fonov et al.), as carried by nilearn.<br>
Map colours: Fuderer et al. 2025, tables by Crameri. Typeface: Roboto. Licence: Apache-2.0."""


class Actions:
    """The window's actions. ``all`` lists those with a place in a menu."""

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self.all: list[QAction] = []
        self._checks: list[tuple[QAction, Callable[[State], bool]]] = []
        self._possible: list[tuple[QAction, Callable[[State], bool]]] = []
        menus = {name: window.top.menus.addMenu(name) for name in ("&File", "&Edit", "&View", "&Contrast", "Co&mpare", "&Help")}
        self._file(menus["&File"])
        self._edit(menus["&Edit"])
        self._view(menus["&View"])
        self._contrast(menus["&Contrast"])
        compare_menu.fill(self, menus["Co&mpare"])
        self._help(menus["&Help"])

    def _add(self, menu: QMenu, text: str, keys: str, call: Callable[[], object],
             checked: Callable[[State], bool] | None = None,
             possible: Callable[[State], bool] | None = None) -> QAction:  # fmt: skip
        action = QAction(text, self.window)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: call())
        if checked is not None:
            action.setCheckable(True)
            self._checks.append((action, checked))
        if possible is not None:
            self._possible.append((action, possible))
        menu.addAction(action)
        self.all.append(action)
        return action

    def _file(self, menu: QMenu) -> None:
        session = self.window.session
        self._add(menu, "&Open maps…", "Ctrl+O", self.open_files)
        self._add(menu, "Open s&cans…", "Ctrl+Alt+O", self.open_scans)
        self._add(menu, "Open a folder of scans (DICOM)…", "", self.open_scan_folder)
        self._add(menu, "Open &folder or dataset…", "Ctrl+Shift+O", self.open_folder)
        self._recent = menu.addMenu("Open &recent")
        self._recent.aboutToShow.connect(self._fill_recent)
        self._add(menu, "&Built-in brain", "Ctrl+B", lambda: session.open([]))
        menu.addSeparator()
        self._add(menu, "Sa&mple a person", "Ctrl+N", session.studio.sample)
        self._add(menu, "Sample four people", "Ctrl+Shift+N", lambda: session.studio.sample(4))
        self._add(menu, "Estimate attributes from the brain", "", session.studio.estimate)
        self._add(menu, "Export the sampled person…", "Ctrl+Shift+E", self.export_person,
                  possible=lambda state: state.sampled is not None)  # fmt: skip
        menu.addSeparator()
        sharing = self.window.sharing
        self._add(menu, "Open sess&ion…", "Ctrl+Alt+L", sharing.choose_session)
        self._add(menu, "Save session…", "Ctrl+Alt+S", sharing.save_session)
        menu.addSeparator()
        self._add(menu, "&Save planes as picture…", "Ctrl+S", self.save_planes)
        self._add(menu, "Save &window as picture…", "Ctrl+Shift+S", self.save_window)
        self._add(menu, "&Copy planes", "Ctrl+C", self.copy_planes)
        self._add(menu, "Export synthetic image as &NIfTI…", "Ctrl+E", self.export_nifti)
        self._add(menu, "Export as BIDS derivative…", "", sharing.export_bids)
        self._add(menu, "Export as &DICOM series…", "", sharing.export_dicom)
        self._add(menu, "Export fi&gure…", "Ctrl+Shift+F", sharing.export_figure)
        self._add(menu, "Export mo&vie…", "Ctrl+Shift+M", sharing.export_movie)
        menu.addSeparator()
        self._add(menu, "&Quit", "Ctrl+Q", self.window.close)

    def _edit(self, menu: QMenu) -> None:
        session = self.window.session
        self._undo = self._add(menu, "&Undo", "Ctrl+Z", session.store.undo)
        self._redo = self._add(menu, "&Redo", "Ctrl+Shift+Z", session.store.redo)
        menu.addSeparator()
        self._add(menu, "Copy as command &line", "Ctrl+Shift+C", self.window.sharing.copy_command)
        self._add(menu, "&Preferences…", "Ctrl+,", self.window.sharing.show_preferences)

    def _view(self, menu: QMenu) -> None:
        show, session = self.window.session.show, self.window.session
        names = ("Signal", "T1 map", "T2 map", "T2* map", "PD map")
        for place, (view, name) in enumerate(zip(VIEWS, names, strict=True)):
            self._add(menu, name, str(place + 1), lambda v=view: session.choose_view(v), lambda s, v=view: s.view == v)
        menu.addSeparator()
        large = {"grid": "All planes", "corner": "Panel beside the planes, large"}
        for layout, keys in (("grid", "F5"), ("axial", "F6"), ("sagittal", "F7"), ("coronal", "F8"), ("corner", "F9")):
            name = large.get(layout, f"{layout.capitalize()} plane large")
            self._add(menu, name, keys, lambda w=layout: show(layout=w), lambda s, w=layout: s.layout == w)
        corners = menu.addMenu("Panel beside the planes")
        for corner, label, keys in _CORNERS:
            self._add(corners, label, keys, lambda c=corner: self._show_corner(c), lambda s, c=corner: s.corner == c)
        menu.addSeparator()
        self._add(menu, "Zoom in", "+", lambda: session.zoom(1.25))
        self._add(menu, "Zoom out", "-", lambda: session.zoom(0.8))
        self._add(menu, "Whole head", "0", session.whole_head)
        menu.addSeparator()
        self._switch(menu, "Radiological (patient's left on the right)", "Shift+R", "convention", "radiological", "neurological")
        self._switch(menu, "Crosshair", "X", "crosshair", True, False)
        self._switch(menu, "Smooth pixels", "I", "smooth", True, False)
        self._switch(menu, "More parameters", "E", "expert", True, False)
        self._switch(menu, "People of a dataset", "P", "people", True, False)
        self._switch(menu, "Dark theme", "T", "theme", "dark", "light")

    def _show_corner(self, name: str) -> None:
        """A panel beside the planes; a single plane or the cells give way to them."""
        session = self.window.session
        session.show(corner=name, layout=session.state.layout if session.state.layout in ("corner", "compare") else "grid")

    def _switch(self, menu: QMenu, text: str, keys: str, name: str, on: object, off: object) -> None:
        session = self.window.session

        def turn() -> None:
            session.show(**{name: off if getattr(session.state, name) == on else on})

        self._add(menu, text, keys, turn, lambda state: getattr(state, name) == on)

    def _contrast(self, menu: QMenu) -> None:
        session = self.window.session
        self._add(menu, "Automatic window", "A", session.automatic_window)
        self._add(menu, "Signed signal", "M", lambda: session.set_magnitude(not session.state.magnitude),
                  lambda s: not s.magnitude)  # fmt: skip
        self._add(menu, "Reset parameters", "Ctrl+R", session.reset_contrast)
        self._add(menu, "Why is this dark?", "Q", self.show_why)
        menu.addSeparator()
        groups: dict[str, QMenu] = {}
        for preset in presets():
            if preset.group not in groups:
                groups[preset.group] = menu.addMenu(preset.group)
            self._add(groups[preset.group], preset.name, "", lambda p=preset: session.apply_preset(p))
        sequences = menu.addMenu("Sequence")
        for row in SEQUENCES.values():
            self._add(sequences, row.label, "", lambda n=row.name: session.choose_sequence(n),
                      lambda s, n=row.name: s.sequence == n)  # fmt: skip

    def _help(self, menu: QMenu) -> None:
        self._add(menu, "&Lessons…", "Ctrl+L", self.show_lessons, lambda state: bool(state.lesson))
        self._add(menu, "&Keys and mouse", "F1", self.show_help)
        self._add(menu, "&About mriexplorer", "", self.show_about)

    def show_state(self, state: State, store: Store) -> None:
        """Tick what is so, and grey what cannot be done."""
        for action, checked in self._checks:
            action.setChecked(checked(state))
        for action, possible in self._possible:
            action.setEnabled(possible(state))
        self._undo.setEnabled(store.can_undo)
        self._redo.setEnabled(store.can_redo)

    # -- files -------------------------------------------------------------------------------------------------

    def open_files(self) -> None:
        """Choose maps."""
        names, _kind = QFileDialog.getOpenFileNames(self.window, "Open T1, T2 and PD maps of one person", "", _IMAGES)
        if names:
            self.window.session.open([Path(name) for name in names])

    def open_folder(self) -> None:
        """Choose a folder or dataset."""
        name = QFileDialog.getExistingDirectory(self.window, "Open a folder of maps or a BIDS dataset")
        if name:
            self.window.session.open([Path(name)])

    def open_scans(self) -> None:
        """Choose a patient's scans."""
        names, _kind = QFileDialog.getOpenFileNames(self.window, "Open the scans of one patient", "", _IMAGES)
        if names:
            self.offer_scans([Path(name) for name in names])

    def open_scan_folder(self) -> None:
        """Choose a folder with a patient's scans, as NIfTI or DICOM."""
        name = QFileDialog.getExistingDirectory(self.window, "Open a folder with the scans of one patient")
        if name:
            self.offer_scans([Path(name)])

    def offer_scans(self, paths: Sequence[Path]) -> None:
        """Show what the scans are recognised as, and encode them if that is wished."""
        self.window.session.read_scans(paths, self._ask_of_scans)

    def _ask_of_scans(self, found: Sequence[Recognised], notices: Sequence[str]) -> None:
        dialog = ScansDialog(found, notices, self.window)
        dialog.accepted.connect(lambda: self.window.session.encode(dialog.scans))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _fill_recent(self) -> None:
        self._recent.clear()
        recent = self.window.settings.recent if self.window.settings else []
        for path in recent:
            self._recent.addAction(str(path), lambda p=path: self.window.session.open([p]))
        if not recent:
            self._recent.addAction("Nothing was opened yet").setEnabled(False)

    def save_planes(self) -> None:
        """The visible planes as a picture with letters, parameters and what it is."""
        self._save("Save planes", "planes.png", self._planes)

    def save_window(self) -> None:
        """The whole window as a picture."""
        self._save("Save window", "window.png", lambda: self.window.grab().toImage())

    def copy_planes(self) -> None:
        """The visible planes to the clipboard."""
        if self.window.session.scene is not None:
            QApplication.clipboard().setImage(self._planes())

    def _planes(self) -> QImage:
        session = self.window.session
        return self.cells() or figure.figure(session.scene, session.state, figure.planes_of(session.state))

    def cells(self) -> QImage | None:
        """Several contrasts, people, or what is compared of one plane, as one picture; None in the other layouts."""
        session = self.window.session
        layout = session.state.layout
        if layout not in (*SIDES, "people") and not (layout == "compare" and session.scene.can_compare):
            return None
        return cells_figure(session.scene, session.state, session.comparing.people())

    def _save(self, title: str, name: str, image: Callable[[], object]) -> None:
        if self.window.session.scene is None:
            return
        chosen, _kind = QFileDialog.getSaveFileName(self.window, title, name, "PNG picture (*.png)")
        if chosen:
            path = Path(chosen)
            self._try(lambda: figure.save(image(), path if path.suffix else path.with_suffix(".png")), path)

    def export_nifti(self) -> None:
        """The signal of the whole volume as NIfTI with a sidecar."""
        scene, state = self.window.session.scene, self.window.session.state
        if scene is None:
            return
        if state.problems:
            self.window.banner.say(f"There is no image to export: {state.problems[0].sentence}.", severe=True)
            return
        name = bids_name(scene.subject, state.row, state.protocol, state.snr)
        chosen, _kind = QFileDialog.getSaveFileName(self.window, "Export synthetic image", name, "NIfTI (*.nii.gz *.nii)")
        if chosen:
            path = Path(chosen if chosen.endswith((".nii", ".nii.gz")) else chosen + ".nii.gz")
            subject, row, values, named = scene.subject, state.row, state.protocol, protocol_name(state)
            noise = noise_of(state, subject)
            self._try(
                lambda: write_signal(subject, row, values, path, magnitude=state.magnitude, protocol=named, noise=noise), path
            )

    def export_person(self) -> None:
        """Maps and record of whoever was sampled, as a BIDS derivative."""
        if self.window.session.state.sampled is None:
            self.window.banner.say("Nobody who was sampled is shown; choose Sample first.", severe=True)
            return
        name = QFileDialog.getExistingDirectory(self.window, "Choose a new or empty folder, or one with sampled people")
        if name:
            self.window.session.studio.write(Path(name), lambda who: self.window.banner.say(f"Saved {who} in {name}.", done=True))

    def _try(self, write: Callable[[], object], path: Path) -> None:
        try:
            write()
        except InputError as error:
            self.window.banner.say(str(error), severe=True)
        else:
            self.window.banner.say(f"Saved {path}.", done=True)

    # -- help --------------------------------------------------------------------------------------------------

    def show_why(self) -> None:
        """The curves of the voxel under the crosshair, with words for its brightness."""
        self._show_corner("curves")

    def show_lessons(self) -> None:
        """Open the lessons, or put them away."""
        room = self.window.session.classroom
        if room.lesson is None:
            room.open()
        else:
            room.close()

    def show_help(self) -> None:
        """The card of keys and mouse."""
        HelpCard(self.window, self.all, self.window.bindings, wheel_zooms=self.window.wheel_zooms).show()

    def show_about(self) -> None:
        """What this is."""
        QMessageBox.about(self.window, "About mriexplorer", _ABOUT.format(version=__version__))
