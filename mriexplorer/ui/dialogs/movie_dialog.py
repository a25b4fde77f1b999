"""Asks for a movie: which parameter, from where to where, how many frames, which planes."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from mriexplorer.errors import InputError
from mriexplorer.export.export_format import ExportFormat, ExportKind
from mriexplorer.export.film import frame_size
from mriexplorer.export.registry import formats_of
from mriexplorer.export.request import Export, Movie, Planes
from mriexplorer.render.scene import Scene
from mriexplorer.ui.dialogs.figure_dialog import plane_choices
from mriexplorer.ui.dialogs.form import Form
from mriexplorer.ui.widgets.parameter_slider import typed_value
from mriexplorer.view.state import State
from mriexplorer.view.sweep import Sweep, possible_range

_SIZES = (400, 600, 800, 1200)
_WIDE = 3.0  # a sweep is first offered from a third of the value to three times it


class MovieDialog(Form):
    """``format`` and ``export``, but for the target, are the answer."""

    def __init__(self, scene: Scene, state: State, parent: QWidget | None = None) -> None:
        super().__init__("Export movie", "Export…", parent)
        self._scene, self._state = scene, state
        self._keys, self._formats = plane_choices(scene, state), formats_of(ExportKind.MOVIE)
        parameters = state.sequence.parameters
        self._names = [p.name for p in parameters]
        labels = [f"{p.label} ({unit})" if (unit := p.unit_in(state.appearance.times)) else p.label for p in parameters]
        self._parameter = self.add_choice("Parameter", labels, self._chosen)
        self._start = self.add_field("From", "", self._changed)
        self._end = self.add_field("To", "", self._changed)
        self._frames = self.add_field("Frames", "60", self._changed)
        self._rate = self.add_field("Frames a second", "12", self._changed)
        self._planes = self.add_choice("Planes", list(self._keys.values()), self._changed)
        self._size = self.add_choice("Longest side of a plane", [f"{size} pixels" for size in _SIZES], self._changed)
        self._format = self.add_choice("Format", [one.label for one in self._formats], self._changed)
        self._size.setCurrentIndex(1)
        first = state.sequence.drag[1]
        self._parameter.setCurrentIndex(self._names.index("ti" if "ti" in self._names else first))
        self._chosen()

    @property
    def format(self) -> ExportFormat:
        """How the frames are packed."""
        return self._formats[self._format.currentIndex()]

    @property
    def export(self) -> Export:
        """How it is exported. Raises InputError for what is no number."""
        return Export(Path(), self.format.name, planes=self._shown, movie=self.movie)

    @property
    def _shown(self) -> Planes:
        return Planes(list(self._keys)[self._planes.currentIndex()])

    @property
    def movie(self) -> Movie:
        """What is to be filmed. Raises InputError for what is no number."""
        parameter = self._state.sequence.parameter(self._names[self._parameter.currentIndex()])
        start, end = (typed_value(field.text(), parameter, self._state.appearance.times) for field in (self._start, self._end))
        if start is None or end is None:
            usual = parameter.shown(parameter.default, self._state.appearance.times)
            raise InputError(f"Type two numbers for {parameter.label}, such as {usual}.")
        try:
            frames, rate = int(self._frames.text()), float(self._rate.text())
        except ValueError:
            raise InputError("Type how many frames there are, and how many a second.") from None
        return Movie(Sweep(parameter.name, start, end, frames), _SIZES[self._size.currentIndex()], rate)

    def _chosen(self) -> None:
        """Another parameter: offer a range about its value."""
        parameter = self._state.sequence.parameter(self._names[self._parameter.currentIndex()])
        now = self._state.protocol[parameter.name]
        for field, value in zip(
            (self._start, self._end), possible_range(self._state, parameter, now / _WIDE, now * _WIDE), strict=True
        ):
            field.setText(parameter.shown(value, self._state.appearance.times))
        self._changed()

    def _changed(self) -> None:
        self.check(self._summary)

    def _summary(self) -> str:
        movie = self.movie
        size = frame_size(self._scene, self._state, movie, self._shown)
        empty = sum(bool(state.problems) for state in movie.sweep.states(self._state))
        said = f"{empty} of {movie.sweep.frames} frames have no image, since no scanner could run them. " if empty else ""
        return said + (
            f"{movie.sweep.frames / movie.rate:.1f} s, {size.width()} × {size.height()} pixels, 256 greys. The window stays as "
            "it is; each frame says the value, and that it is synthetic."
        )
