"""What a person can wish for, and what then happens to the state. Knows no window."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mriexplorer.dataset.recognition import RecognisedScan
from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES
from mriexplorer.render import comparison as ab
from mriexplorer.render import navigation
from mriexplorer.render.scene import Scene
from mriexplorer.render.windowing import dragged
from mriexplorer.session.comparison import Comparing
from mriexplorer.session.encoding import encode_scans, encoded_folder, recognised
from mriexplorer.session.gallery import Studio
from mriexplorer.session.lesson_player import Classroom
from mriexplorer.session.loading import Loading, windowed
from mriexplorer.session.measurement import Measure
from mriexplorer.session.state_store import Store
from mriexplorer.subject.catalog import Catalog
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.camera import Camera
from mriexplorer.view.presets import Preset, home_values
from mriexplorer.view.state import State

Place = tuple[float, float]


class Session:
    """The store, the subject that is open, and every wish as a method.

    ``post`` runs a function later in the thread of the window; ``told`` hears what a job is doing (empty: nothing);
    ``failed`` hears sentences; ``shown`` is called when another subject is shown.
    """

    def __init__(self, state: State, post: Callable[[Callable[[], None]], None]) -> None:
        self.store = Store(state)
        self.told: Callable[[str], None] = lambda _what: None
        self.failed: Callable[[str], None] = lambda _sentence: None
        self.shown: Callable[[Scene], None] = lambda _scene: None
        self.studio = Studio(self)
        self.comparing = Comparing(self)
        self.measure = Measure(self)
        self.classroom = Classroom(self)
        self.loading = Loading(self, post)

    @property
    def state(self) -> State:
        """What is looked at, and how."""
        return self.store.state

    @property
    def scene(self) -> Scene | None:
        """The subject that is shown; None before the first is there."""
        return self.loading.scene

    @property
    def catalog(self) -> Catalog | None:
        """The dataset that is open, if it is one."""
        return self.loading.catalog

    # -- subjects ----------------------------------------------------------------------------------------------

    def open(
        self,
        paths: Sequence[Path],
        picked: Sequence[tuple[str, Path]] = (),
        person: str | None = None,
        units: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Open maps, a folder or a dataset (of it ``person``, else the first); without any, the built-in brain.

        What is open stays open until that worked.
        """
        absolute = tuple(str(Path(path).absolute()) for path in paths)
        chosen = tuple((kind, str(Path(path).absolute())) for kind, path in picked)
        state = replace(self.state, sampled=None, beside=None)
        self.loading.load(replace(state, paths=absolute, picked=chosen, person=person, units=tuple(units)), fresh=True)

    def read_scans(self, paths: Sequence[Path], offer: Callable[[tuple[RecognisedScan, ...], tuple[str, ...]], None]) -> None:
        """Find out what the scans at the paths are, and ``offer`` it with what was left out; DICOM is converted first."""
        self.loading.cancel()
        self.loading.work(
            lambda progress: recognised(paths, progress), lambda found: offer(*found), announced="reading the scans"
        )

    def encode(self, found: Sequence[RecognisedScan]) -> None:
        """Encode a patient's scans and open the maps. What is open stays open until that worked."""
        try:
            target = encoded_folder(found)
        except InputError as error:
            self.failed(str(error))
            return
        state = replace(self.state, paths=(str(target),), picked=(), person=None, units=(), sampled=None, beside=None)
        precision = self.studio.sampler.precision
        self.loading.load(state, fresh=True, before=lambda progress: encode_scans(found, target, progress, precision))

    def choose_person(self, name: str) -> None:
        """Show another person of the dataset."""
        self.loading.load(replace(self.state, person=name, units=()), fresh=True)

    def choose_unit(self, kind: str, unit: str) -> None:
        """Read a map in another unit."""
        units = tuple({**dict(self.state.units), kind: unit}.items())
        self.loading.load(replace(self.state, units=units))

    def choose_field(self, field: float) -> None:
        """Show the built-in brain at another field strength."""
        self.loading.load(replace(self.state, field=field))

    # -- contrast ----------------------------------------------------------------------------------------------

    def set_value(self, name: str, value: float) -> None:
        """Move one parameter."""
        self.store.change(self.comparing.moved({name: value}), f"value {name}")

    def set_values(self, values: Mapping[str, float], kind: str | None = None) -> None:
        """Move several parameters in one step of undo; wishes of the same ``kind`` in quick succession are one step too."""
        self.store.change(self.comparing.moved(values), kind)

    def drag_contrast(self, across: float, up: float, *, other: bool = False) -> None:
        """Move two parameters by fractions of their sliders: those of the row's ``drag``, or with the other of TE and TI up."""
        row, values = self.state.row, self.state.protocol
        first, second = row.drag
        if other:
            second = next((n for n in ("ti", "te") if n in values and n != second), second)
        moved = {}
        for name, by in ((first, across), (second, up)):
            parameter = row.parameter(name)
            fraction = min(max(parameter.to_fraction(values[name]) + by / 2, 0.0), 1.0)
            moved[name] = parameter.from_fraction(fraction)
        self.store.change(self.comparing.moved(moved), "contrast")

    def choose_sequence(self, name: str) -> None:
        """Another sequence; parameters that both have and that suit it are kept."""
        row = SEQUENCES[name]
        kept = {n: v for n, v in self.state.protocol.items() if n in ("tr", "ti", "te") and row.model != self.state.row.model}
        state = self.state.with_sequence(name, kept)
        if state.problems:
            state = self.state.with_sequence(name)
        self._with_new_contrast(replace(state, view="signal"))

    def apply_preset(self, preset: Preset) -> None:
        """A protocol; the built-in brain goes to the field strength it belongs to."""
        self.follow(preset.applied(self.state))

    def follow(self, state: State) -> None:
        """Go to a state of the open subject whose contrast and display were set together, as presets and lessons do."""
        if self.state.paths or self.state.picked:
            state = replace(state, field=self.state.field)
        self._with_new_contrast(state)

    def reset_contrast(self) -> None:
        """Back to the chosen preset, or to the sequence's defaults."""
        self._with_new_contrast(self.state.with_sequence(self.state.sequence, home_values(self.state)))

    def choose_view(self, view: Any) -> None:
        """The signal, or one of the maps."""
        if self.scene is not None and self.scene.has_view(view):
            self.store.change(replace(self.state, view=view))

    def choose_scan(self, kind: str) -> None:
        """A measured scan of encoded maps: it is shown beside what the maps give under its protocol."""
        scan = next((s for s in self.scene.subject.companions.scans if s.kind == kind), None) if self.scene else None
        if scan is not None:
            state = self.state.with_sequence(scan.sequence, scan.values)
            self._with_new_contrast(replace(state, preset="", scan=kind, view="signal", layout="compare"))

    def set_magnitude(self, magnitude: bool) -> None:
        """Magnitude, as scanners show it, or the signed signal."""
        self._with_new_contrast(replace(self.state, magnitude=magnitude))

    def _with_new_contrast(self, state: State) -> None:
        """Go to another contrast; with the policy on, its window is set from the head's values."""
        field, state = state.field, replace(state, field=self.state.field)
        self.store.change(windowed(state, self.scene) if state.auto and self.scene is not None else state)
        if field != state.field:
            self.loading.load(replace(self.state, field=field))

    # -- window ------------------------------------------------------------------------------------------------

    def automatic_window(self) -> None:
        """Set the window from the head's values."""
        if self.scene is not None:
            shown = ab.shown(self.scene, self.state)
            self.store.change(replace(shown.with_window(*self.scene.automatic(shown)), view=self.state.view))

    def drag_window(self, across: float, up: float) -> None:
        """Widen to the right, brighten upwards."""
        shown = self.state if self.scene is None else ab.shown(self.scene, self.state)
        self.set_window(*dragged(shown.window(), across, up), kind="window")

    def set_window(self, low: float, high: float, *, kind: str | None = None) -> None:
        """The window of what is painted: the difference has its own. Wishes of one ``kind`` in quick succession are one step."""
        shown = self.state if self.scene is None else ab.shown(self.scene, self.state)
        self.store.change(replace(shown.with_window(low, high), view=self.state.view), kind)

    # -- navigation --------------------------------------------------------------------------------------------

    def move_cursor(self, plane: str, place: Place) -> None:
        """Put the crosshair at a (column, row) of a plane."""
        mm = self.mm_at(plane, place)
        if mm is not None:
            self.move_to(mm)

    def move_to(self, mm: Millimetres) -> None:
        """Put the crosshair at a place in millimetres."""
        self.store.change(replace(self.state, cursor=mm), "cursor")

    def mm_at(self, plane: str, place: Place) -> Millimetres | None:
        """Millimetres at a (column, row) of a plane, at the nearest voxel; None outside the volume."""
        return None if self.scene is None else navigation.mm_at(self.scene, self.state, plane, place)

    def step(self, plane: str, across: int, up: int, through: int) -> None:
        """Move the crosshair by voxels of a plane: across and up the screen, and through the slices."""
        if self.scene is not None:
            self.store.change(navigation.stepped(self.scene, self.state, plane, across, up, through), "cursor")

    def zoom(self, factor: float) -> None:
        """Zoom all planes, towards the crosshair when coming from the whole head."""
        self.store.change(navigation.zoomed(self.scene, self.state, factor), "zoom")

    def pan(self, plane: str, place: Place) -> None:
        """Bring a (column, row) of a plane to the middle of the screen."""
        if self.scene is not None:
            self.store.change(navigation.panned(self.scene, self.state, plane, place), "pan")

    def centre(self, mm: Millimetres) -> None:
        """Bring a place in millimetres to the middle of the screen."""
        self.store.change(replace(self.state, centre=mm), "pan")

    def move_camera(self, camera: Camera) -> None:
        """Look at 3-D from elsewhere."""
        self.store.change(replace(self.state, camera=camera), "camera")

    def whole_head(self) -> None:
        """Zoom and pan back to the whole head, crosshair to its middle."""
        self.store.change(replace(self.state, zoom=1.0, centre=None, cursor=None))

    def show(self, **changed: Any) -> None:
        """Change what is only a matter of display: convention, layout, smooth, crosshair, expert, theme, auto."""
        self.store.change(self.comparing.filled(replace(self.state, **changed)))
