"""Asks how a figure is to be: which planes, as pixels or as SVG, how fine."""

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QWidget

from mriexplorer.errors import InputError
from mriexplorer.export.export_format import ExportFormat, ExportKind
from mriexplorer.export.painting import sheet_of
from mriexplorer.export.registry import formats_of
from mriexplorer.export.request import Export, Planes
from mriexplorer.figures.figure import DOTS, LEAST, SCREEN, planes_of
from mriexplorer.render.scene import Scene
from mriexplorer.ui.dialogs.form import Form
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_MM = 25.4
_WIDTHS = {"85 mm, one column": 85.0, "180 mm, two columns": 180.0, "large": None}
_WIDEST = 32_000  # pixels; Qt paints no wider
_NAMES = {"all": "All three", "axial": "Axial", "sagittal": "Sagittal", "coronal": "Coronal", "compare": "Compared, as shown"}


def plane_choices(scene: Scene, state: State) -> dict[str, str]:
    """The planes that a picture can show, by name; what is on the screen first."""
    now = planes_of(state)
    now = "all" if now == Layout.COMPARE and not scene.can_compare else now
    there = {key: name for key, name in _NAMES.items() if key != "compare" or scene.can_compare}
    return {now: there[now], **there}


class FigureDialog(Form):
    """``state``, ``format`` and ``export``, but for the target, are the answer."""

    def __init__(self, scene: Scene, state: State, parent: QWidget | None = None) -> None:
        super().__init__("Export figure", "Export…", parent)
        self._scene, self._state = scene, state
        self._keys, self._formats = plane_choices(scene, state), formats_of(ExportKind.PICTURE)
        self._planes = self.add_choice("Planes", list(self._keys.values()), self._changed)
        self._width = self.add_choice("Width", list(_WIDTHS), self._changed)
        self._format = self.add_choice("Format", [one.label for one in self._formats], self._changed)
        self._dots = self.add_choice("Resolution", [f"{dots} dots an inch" for dots in DOTS], self._changed)
        self._crosshair = QCheckBox("Draw the crosshair")
        self._crosshair.setChecked(state.display.crosshair)
        self._crosshair.toggled.connect(self._changed)
        self.add("", self._crosshair)
        self._dots.setCurrentIndex(DOTS.index(300))
        self._width.setCurrentIndex(1)
        self._changed()

    @property
    def format(self) -> ExportFormat:
        """Pixels or texts and lines."""
        return self._formats[self._format.currentIndex()]

    @property
    def state(self) -> State:
        """What is exported, with the crosshair or without."""
        return self._state.with_display(crosshair=self._crosshair.isChecked())

    @property
    def export(self) -> Export:
        """How it is exported."""
        millimetres = list(_WIDTHS.values())[self._width.currentIndex()]
        width = None if millimetres is None else millimetres / _MM * SCREEN
        dots = DOTS[self._dots.currentIndex()] if self.format.raster else SCREEN
        planes = Planes(list(self._keys)[self._planes.currentIndex()])
        return Export(Path(), self.format.name, planes=planes, dots=dots, width=width)

    def _changed(self) -> None:
        self._dots.setEnabled(self.format.raster)
        self.check(self._size)

    def _size(self) -> str:
        what = self.export
        drawn = sheet_of(self._scene, self.state, what)
        if min(drawn.columns) < LEAST:
            raise InputError("Several planes do not fit into one column; choose one plane, or a greater width.")
        size = drawn.size
        paper = f"{size.width() / SCREEN * _MM:.0f} × {size.height() / SCREEN * _MM:.0f} mm on paper"
        if not self.format.raster:
            return f"{paper}. Letters, parameters and scale bar stay editable; each plane is embedded voxel by voxel."
        width, height = (round(edge * what.dots / SCREEN) for edge in (size.width(), size.height()))
        if max(width, height) > _WIDEST:
            raise InputError(f"{width} × {height} pixels are more than can be painted; choose a lower resolution.")
        return f"{width} × {height} pixels, {paper}. It says what it is: parameters, scale, and that it is synthetic."
