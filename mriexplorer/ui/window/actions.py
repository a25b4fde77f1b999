"""Menus and shortcuts: every action of the window in one table."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from mriexplorer import __version__
from mriexplorer.dataset.recognition import RecognisedScan
from mriexplorer.physics import SEQUENCES
from mriexplorer.reading.registry import dialog_filter
from mriexplorer.session.state_store import StateStore
from mriexplorer.ui.dialogs.help_card import HelpCard
from mriexplorer.ui.dialogs.scans_dialog import ScansDialog
from mriexplorer.ui.window import compare_menu
from mriexplorer.view.display import SINGLE, Layout
from mriexplorer.view.presets import presets
from mriexplorer.view.state import State
from mriexplorer.view.views import VIEWS

if TYPE_CHECKING:
    from mriexplorer.ui.window.main_window import MainWindow

_CORNERS = (
    ("histograms", "Histograms", "Alt+1"),
    ("curves", "Curves", "Alt+2"),
    ("pulses", "Pulse diagram", "Alt+3"),
    ("measure", "Measure", "Alt+4"),
    ("search", "Best contrast", "Alt+5"),
    ("volume", "3-D beside the planes", "V"),
)
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
        self._add(menu, "Sa&mple a person", "Ctrl+N", session.gallery.sample)
        self._add(menu, "Sample four people", "Ctrl+Shift+N", lambda: session.gallery.sample(4))
        self._add(menu, "Estimate attributes from the brain", "", session.gallery.estimate)
        self._add(menu, "Export the sampled person…", "Ctrl+Shift+E", self.export_person,
                  possible=lambda state: state.source.recipe is not None)  # fmt: skip
        menu.addSeparator()
        sharing = self.window.sharing
        self._add(menu, "Open sess&ion…", "Ctrl+Alt+L", sharing.choose_session)
        self._add(menu, "Save session…", "Ctrl+Alt+S", sharing.save_session)
        menu.addSeparator()
        exporting = sharing.exporting
        self._add(menu, "&Save planes as picture…", "Ctrl+S", exporting.save_planes)
        self._add(menu, "Save &window as picture…", "Ctrl+Shift+S", exporting.save_window)
        self._add(menu, "&Copy planes", "Ctrl+C", exporting.copy_planes)
        for text, keys, export in exporting.volumes():
            self._add(menu, text, keys, export)
        self._add(menu, "Export fi&gure…", "Ctrl+Shift+F", exporting.export_figure)
        self._add(menu, "Export mo&vie…", "Ctrl+Shift+M", exporting.export_movie)
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
        large = {Layout.GRID: "All planes", Layout.SIDE_PANEL: "Panel beside the planes, large"}
        for layout, keys in zip((Layout.GRID, *SINGLE, Layout.SIDE_PANEL), ("F5", "F6", "F7", "F8", "F9"), strict=True):
            name = large.get(layout, f"{layout.capitalize()} plane large")
            self._add(menu, name, keys, lambda w=layout: show(layout=w), lambda s, w=layout: s.display.layout == w)
        corners = menu.addMenu("Panel beside the planes")
        for corner, label, keys in _CORNERS:
            self._add(corners, label, keys, lambda c=corner: self._show_corner(c), lambda s, c=corner: s.panels.side == c)
        menu.addSeparator()
        self._add(menu, "Zoom in", "+", lambda: session.zoom(1.25))
        self._add(menu, "Zoom out", "-", lambda: session.zoom(0.8))
        self._add(menu, "Whole head", "0", session.whole_head)
        menu.addSeparator()
        self._switch(
            menu, "Radiological (patient's left on the right)", "Shift+R", "display.convention", "radiological", "neurological"
        )
        self._switch(menu, "Crosshair", "X", "display.crosshair", True, False)
        self._switch(menu, "Smooth pixels", "I", "display.smooth", True, False)
        self._switch(menu, "More parameters", "E", "panels.expert", True, False)
        self._switch(menu, "People of a dataset", "P", "panels.people", True, False)
        self._switch(menu, "Dark theme", "T", "appearance.theme", "dark", "light")

    def _show_corner(self, name: str) -> None:
        """A panel beside the planes; a single plane or the cells give way to them."""
        session = self.window.session
        layout = session.state.display.layout
        layout = layout if layout in (Layout.SIDE_PANEL, Layout.COMPARE) else Layout.GRID
        session.change(session.state.with_panels(side=name).with_display(layout=layout))

    def _switch(self, menu: QMenu, text: str, keys: str, name: str, on: object, off: object) -> None:
        session, (part, field) = self.window.session, name.split(".")

        def is_on(state: State) -> bool:
            return bool(getattr(getattr(state, part), field) == on)

        def turn() -> None:
            changed = replace(getattr(session.state, part), **{field: off if is_on(session.state) else on})
            session.change(replace(session.state, **{part: changed}))

        self._add(menu, text, keys, turn, is_on)

    def _contrast(self, menu: QMenu) -> None:
        session = self.window.session
        self._add(menu, "Automatic window", "A", session.automatic_window)
        self._add(menu, "Signed signal", "M", lambda: session.set_magnitude(not session.state.contrast.magnitude),
                  lambda s: not s.contrast.magnitude)  # fmt: skip
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
                      lambda s, n=row.name: s.sequence.name == n)  # fmt: skip

    def _help(self, menu: QMenu) -> None:
        self._add(menu, "&Lessons…", "Ctrl+L", self.show_lessons, lambda state: bool(state.panels.lesson))
        self._add(menu, "&Keys and mouse", "F1", self.show_help)
        self._add(menu, "&About mriexplorer", "", self.show_about)

    def show_state(self, state: State, store: StateStore) -> None:
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
        names, _kind = QFileDialog.getOpenFileNames(self.window, "Open T1, T2 and PD maps of one person", "", dialog_filter())
        if names:
            self.window.session.open([Path(name) for name in names])

    def open_folder(self) -> None:
        """Choose a folder or dataset."""
        name = QFileDialog.getExistingDirectory(self.window, "Open a folder of maps or a BIDS dataset")
        if name:
            self.window.session.open([Path(name)])

    def open_scans(self) -> None:
        """Choose a patient's scans."""
        names, _kind = QFileDialog.getOpenFileNames(self.window, "Open the scans of one patient", "", dialog_filter())
        if names:
            self.offer_scans([Path(name) for name in names])

    def open_scan_folder(self) -> None:
        """Choose a folder with a patient's scans, as NIfTI or DICOM."""
        name = QFileDialog.getExistingDirectory(self.window, "Open a folder with the scans of one patient")
        if name:
            self.offer_scans([Path(name)])

    def offer_scans(self, paths: Sequence[Path]) -> None:
        """Show what the scans are recognised as, and encode them if that is requested."""
        self.window.session.read_scans(paths, self._ask_of_scans)

    def _ask_of_scans(self, found: Sequence[RecognisedScan], notices: Sequence[str]) -> None:
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

    def export_person(self) -> None:
        """Maps and record of whoever was sampled, as a BIDS derivative."""
        if self.window.session.state.source.recipe is None:
            self.window.banner.say("Nobody who was sampled is shown; choose Sample first.", severe=True)
            return
        name = QFileDialog.getExistingDirectory(self.window, "Choose a new or empty folder, or one with sampled people")
        if name:
            self.window.session.gallery.write(
                Path(name), lambda who: self.window.banner.say(f"Saved {who} in {name}.", done=True)
            )

    # -- help --------------------------------------------------------------------------------------------------

    def show_why(self) -> None:
        """The curves of the voxel under the crosshair, with words for its brightness."""
        self._show_corner("curves")

    def show_lessons(self) -> None:
        """Open the lessons, or put them away."""
        room = self.window.session.lesson_player
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
