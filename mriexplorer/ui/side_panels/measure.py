"""Regions of interest in numbers, live: a table, SNR and CNR, a histogram, and a profile along a line.

::

    ┌ [Add ▾] [Remove]                                  [Copy] [Save…] ┐
    │ region   n    signal        T1 (ms)     T2 (ms)     PD           │
    │ A       81   0.021 ± 0.001  1420 ± 12   83 ± 1      0.81 ± 0.01  │
    │ CNR A–B 3.2    SNR A 12.1    SNR B 8.4                   [Best…] │
    ├ signal in A ──────────────────┬ signal along the line ───────────┤
    ├ size or range of the selected region ────────────────────────────┤
    └ ends of the line ────────────────────────────────────────────────┘
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
)

from mriexplorer.errors import InputError
from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID
from mriexplorer.measure.masks import roi_masks
from mriexplorer.measure.statistics import (
    CNR_MEANS,
    SNR_MEANS,
    Measured,
    contrast_words,
    table,
)
from mriexplorer.measure.summary import summary
from mriexplorer.render.imaging import Imaging
from mriexplorer.render.scene import Scene, caption, mark
from mriexplorer.session.measurement import MeasurementCommands
from mriexplorer.session.session import Session
from mriexplorer.ui.side_panels.measure_plots import MeasurePlots
from mriexplorer.ui.side_panels.measure_table import MeasureTable
from mriexplorer.ui.side_panels.numbers_row import LineRow, RangeRow, SizeRow
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.widgets.panel import Sentence
from mriexplorer.view.display import Layout
from mriexplorer.view.plane import PLANES
from mriexplorer.view.region import TISSUE_CLASSES, Region
from mriexplorer.view.state import State

_PLOTS = 96  # pixels
_CALM = 250  # ms after the last step, when regions of more voxels than a slider can wait for are measured in full
_HINT = "Draw a region in a plane (choose under Drag in the bar above), or add one here."


def make(session: Session, _enlarge: Callable[[Layout], None]) -> "MeasurePanel":
    """The panel, which calls the session's measurements."""
    return MeasurePanel(session.measurement, session.state.appearance.theme)


class MeasurePanel(TabbedPanel):
    """Shows what ``measure`` holds, and calls it."""

    depends = frozenset({"contrast", "source.field", "display.snr", "display.noise_seed", "measurement", "appearance.times"})

    def __init__(self, measure: MeasurementCommands, theme_name: str) -> None:
        super().__init__()
        theme.on_panel(self)
        self._measure = measure
        self._scene: Scene | None = None
        self._state: State | None = None
        self._pair: tuple[str, ...] = ()
        self.table, self.plots = MeasureTable(), MeasurePlots(theme_name)
        self.extent, self.range, self.line = SizeRow(), RangeRow(), LineRow()
        self.contrast = Sentence()
        self.contrast.setAccessibleName("SNR and CNR")
        self.contrast.setToolTip(f"{CNR_MEANS}\n{SNR_MEANS}\nSelect two rows to choose A and B.")
        self.contrast.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._calm = QTimer(self, singleShot=True, interval=_CALM)
        self._calm.timeout.connect(lambda: self._draw(exact=True))
        self._lay_out()
        self._connect()

    # -- building ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._numbers = QStackedWidget()
        self._numbers.addWidget(self.extent)
        self._numbers.addWidget(self.range)
        self.remove_button = _button("Remove", "Remove the selected regions; without any, the line (Delete)")
        self.copy_button = _button("Copy", "Copy all numbers as text, for a spreadsheet")
        self.save_button = _button("Save…", "Save all numbers as CSV")
        self.find_button = _button("Best…", "Look for the protocol that tells these two regions apart best")
        self.find_button.setAccessibleName("Best contrast of these two regions")
        bar = QHBoxLayout()
        bar.setSpacing(GRID // 2)
        for widget in (self._add_button(), self.remove_button):
            bar.addWidget(widget)
        bar.addStretch()
        for widget in (self.copy_button, self.save_button):
            bar.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.contrast, 1)
        foot.addWidget(self.find_button)
        column.addLayout(foot)
        column.addWidget(self.plots, 1)
        self.plots.setMinimumHeight(_PLOTS)
        self.plots.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # they would ask for 480 pixels
        column.addWidget(self._numbers)
        column.addWidget(self.line)

    def _add_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("menu")
        button.setText("Add ▾")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("Add a region at the crosshair, by tissue or by range, or a line")
        button.setAccessibleName("Add a region or a line")
        self.add_menu = QMenu(button)
        for plane in PLANES:
            menu = self.add_menu.addMenu(f"{plane.capitalize()} plane")
            menu.addAction("Ellipse at the crosshair", partial(self._measure.add_ellipse, plane))
            self._add_tissues(menu, plane)
            menu.addAction("What lies within the window", partial(self._measure.add_threshold, plane))
            menu.addSeparator()
            menu.addAction("Line across, through the crosshair", partial(self._measure.line_at_cursor, plane, 1))
            menu.addAction("Line upwards, through the crosshair", partial(self._measure.line_at_cursor, plane, 0))
        self._add_tissues(self.add_menu.addMenu("Whole volume"), "")
        button.setMenu(self.add_menu)
        return button

    def _add_tissues(self, menu: QMenu, plane: str) -> None:
        for tissue, label in TISSUE_CLASSES.items():
            menu.addAction(label, partial(self._measure.add_tissue, tissue, plane))

    def _connect(self) -> None:
        measure = self._measure
        self.table.selected.connect(lambda names: measure.select(*names))
        self.table.renamed.connect(self._rename)
        self.table.remove_requested.connect(measure.remove)
        self.extent.requested.connect(self._of_the_selected(measure.resize))
        self.range.requested.connect(self._of_the_selected(measure.limit))
        self.line.requested.connect(measure.set_line)
        self.remove_button.clicked.connect(measure.remove)
        self.find_button.clicked.connect(lambda: measure.find_best(*self._pair))
        self.copy_button.clicked.connect(lambda: QApplication.clipboard().setText(self.text("\t")))
        self.save_button.clicked.connect(self._save)

    def _of_the_selected(self, change: Callable[[str, float, float], None]) -> Callable[[float, float], None]:
        """A change of the one region that is selected."""

        def call(first: float, second: float) -> None:
            if len(self._measure.selected) == 1:
                change(self._measure.selected[0].name, first, second)

        return call

    def _rename(self, name: str, new: str) -> None:
        self._measure.rename(name, new)
        self._draw(exact=False)  # a name that cannot be is put back

    # -- drawing -----------------------------------------------------------------------------------------------

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self.plots.dress(name)

    def show_state(self, scene: Scene, state: State) -> None:
        """Measure and draw."""
        self._scene, self._state = scene, state
        self._draw(exact=False)
        if any(roi_masks(scene).voxels_of(region).sampled for region in state.measurement.regions):
            self._calm.start()

    def _draw(self, *, exact: bool) -> None:
        scene, state = self._scene, self._state
        if scene is None or state is None:
            return
        imaging = scene.imaging(_signal(state))
        rows = self._measured(imaging, exact=exact)
        self.table.show_rows(rows, state.measurement.selected, state.appearance.times)
        compared = _compared(rows, state.measurement.selected)
        self._pair = tuple(row.region.name for row in compared)
        self.find_button.setVisible(len(compared) == 2)
        self.contrast.setText(contrast_words(compared, noisy=bool(state.display.snr)) or _HINT)
        self._show_numbers(state)
        self._show_plots(scene, state, imaging)

    def _measured(self, imaging: Imaging | None, *, exact: bool) -> list[Measured]:
        assert self._scene is not None  # noqa: S101 the callers looked
        assert self._state is not None  # noqa: S101
        found = []
        for region in self._state.measurement.regions:
            held = roi_masks(self._scene).voxels_of(region)
            signal = held.signal(imaging, exact=exact)
            found.append(Measured(region, held.inside, None if signal is None else summary(signal), *held.maps))
        return found

    def _show_numbers(self, state: State) -> None:
        chosen = self._measure.selected
        region = chosen[0] if len(chosen) == 1 else None
        kind = region.kind if region else ""
        self._numbers.setVisible(kind in ("ellipse", "threshold"))
        self._numbers.setCurrentIndex(int(kind == "threshold"))
        if region and kind == "ellipse":
            self.extent.show_region(region)
        if region and kind == "threshold":
            self.range.show_region(region, state.appearance.times)
        self.line.setVisible(state.measurement.line is not None)
        if state.measurement.line is not None:
            self.line.show_line(state.measurement.line)
        self.remove_button.setEnabled(bool(chosen) or state.measurement.line is not None)
        for button in (self.copy_button, self.save_button):
            button.setEnabled(bool(state.measurement.regions))

    def _show_plots(self, scene: Scene, state: State, imaging: Imaging | None) -> None:
        region = _first(state)
        self.plots.show_signal(region, roi_masks(scene).voxels_of(region).signal(imaging, exact=False) if region else None)
        self.plots.show_line(scene, state, imaging)

    # -- files -------------------------------------------------------------------------------------------------

    def text(self, separator: str = ",") -> str:
        """All numbers of all regions, from all their voxels, as CSV."""
        scene, state = self._scene, self._state
        if scene is None or state is None:
            return ""
        shown = _signal(state)
        about = (
            f"{scene.subject.name}, {caption(shown.with_appearance(times='ms'))}",
            mark(shown, scene.subject),
            CNR_MEANS,
            SNR_MEANS,
        )
        return table(self._measured(scene.imaging(shown), exact=True), about, separator)

    def _save(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(self, "Save measurements", "measurements.csv", "CSV table (*.csv)")
        if chosen:
            path = Path(chosen)
            try:
                self._measure.save(path if path.suffix else path.with_suffix(".csv"), self.text())
            except InputError as error:
                self._measure.error(str(error))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._measure.remove()
        else:
            super().keyPressEvent(event)


def _signal(state: State) -> State:
    return state.with_contrast(view="signal")


def _first(state: State) -> Region | None:
    """The region whose signal is plotted: the first that is selected, else the last one."""
    wanted = (
        state.measurement.selected[0]
        if state.measurement.selected
        else state.measurement.regions[-1].name
        if state.measurement.regions
        else ""
    )
    return next((region for region in state.measurement.regions if region.name == wanted), None)


def _compared(rows: list[Measured], selected: tuple[str, ...]) -> list[Measured]:
    """The two regions of the CNR: those selected first, then the others in their order."""
    by_name = {row.region.name: row for row in rows}
    first = [by_name[name] for name in selected]
    others = [row for row in rows if row.region.name not in selected]
    pair = (first + others)[:2] if len(first) < 2 else first[:2]
    return sorted(pair, key=rows.index) if len(first) < 2 else pair


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(f"{text.rstrip('…')} measurements" if text != "Remove" else "Remove regions")
    return button
