"""What a person can do, and what then happens to the state. Knows no window."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, Protocol
from mriexplorer.render import comparison, navigation
from mriexplorer.render.scene import Scene
from mriexplorer.render.side_by_side import ComparedPerson, side_by_side
from mriexplorer.render.windowing import dragged
from mriexplorer.session.comparison import ComparisonCommands
from mriexplorer.session.drawing import Drawing
from mriexplorer.session.gallery import Gallery
from mriexplorer.session.lesson_player import LessonPlayer
from mriexplorer.session.loading import Loading, windowed
from mriexplorer.session.measurement import MeasurementCommands
from mriexplorer.session.state_store import StateStore
from mriexplorer.session.volumetry import VolumetryCommands
from mriexplorer.session.workspace import Workspace
from mriexplorer.subject.catalog import Catalog
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.camera import Camera
from mriexplorer.view.display import Layout
from mriexplorer.view.presets import Preset, home
from mriexplorer.view.source import Source
from mriexplorer.view.state import State
from mriexplorer.view.views import View

if TYPE_CHECKING:
    from mriexplorer.dataset.recognition import RecognisedScan

Place = tuple[float, float]


class Session:
    """The workspace, and everything that a person can do with it, as methods and in parts.

    ``post`` runs a function later in the thread of the window. Who listens is told through ``workspace``.
    """

    def __init__(self, state: State, post: Callable[[Callable[[], None]], None]) -> None:
        self.workspace = Workspace(state)
        self.loading = Loading(self.workspace, post, self)
        self.gallery = Gallery(self.workspace, self.loading)
        self.comparison = ComparisonCommands(self.workspace, lambda: len(self.people()))
        self.measurement = MeasurementCommands(self.workspace)
        self.drawing = Drawing(self.measurement, self.workspace)
        self.lesson_player = LessonPlayer(self.workspace, self.follow)
        self.volumetry = VolumetryCommands(self.workspace, post, lambda: self.gallery.draft is None)

    @property
    def store(self) -> StateStore:
        """The state with its past."""
        return self.workspace

    @property
    def state(self) -> State:
        """What is looked at, and how."""
        return self.workspace.state

    @property
    def scene(self) -> Scene | None:
        """The subject that is shown; None before the first is there."""
        return self.workspace.scene

    @property
    def catalog(self) -> Catalog | None:
        """The dataset that is open, if it is one."""
        return self.workspace.catalog

    def people(self) -> tuple[ComparedPerson, ...]:
        """Who can be seen beside each other."""
        return side_by_side(self.gallery.members, self.loading.in_memory(), self.state)

    # -- when subjects come ------------------------------------------------------------------------------------

    def synthetic(self, state: State, progress: Callable[[str], None]) -> Scene:
        """The scene of a synthetic subject, in the worker's thread. Raises InputError."""
        return self.gallery.synthetic(state, progress)

    def suited(self, state: State, scene: Scene, *, exact: bool) -> State:
        """The state with contrasts that suit another subject."""
        return self.comparison.arrived(state, scene, exact=exact)

    def arrived(self, state: State) -> None:
        """Another subject is shown, or none could be."""
        self.gallery.arrived(state)

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
        self._load(self.state.source.files(paths, picked, person, units), fresh=True)

    def read_scans(self, paths: Sequence[Path], offer: "Callable[[tuple[RecognisedScan, ...], tuple[str, ...]], None]") -> None:
        """Find out what the scans at the paths are, and ``offer`` it with what was left out; DICOM is converted first."""
        from mriexplorer.session.encoding import recognised

        self.loading.cancel()
        self.loading.work(
            lambda progress: recognised(paths, progress), lambda found: offer(*found), announced="reading the scans"
        )

    def encode(self, found: "Sequence[RecognisedScan]") -> None:
        """Encode a patient's scans and open the maps. What is open stays open until that worked."""
        from mriexplorer.session.encoding import encode_scans, encoded_folder

        try:
            target = encoded_folder(found)
        except InputError as error:
            self.workspace.error(str(error))
            return
        state, precision = replace(self.state, source=self.state.source.files([target])), self.gallery.sampler.precision
        self.loading.load(state, fresh=True, before=lambda progress: encode_scans(found, target, progress, precision))

    def choose_person(self, name: str) -> None:
        """Show another person of the dataset."""
        self._load(self.state.source.of_person(name), fresh=True)

    def choose_unit(self, kind: str, unit: str) -> None:
        """Read a map in another unit."""
        self._load(self.state.source.in_unit(kind, unit))

    def choose_field(self, field: float) -> None:
        """Show the built-in brain at another field strength."""
        self._load(self.state.source.at(field))

    def _load(self, source: Source, *, fresh: bool = False) -> None:
        self.loading.load(replace(self.state, source=source), fresh=fresh)

    # -- contrast ----------------------------------------------------------------------------------------------

    def set_value(self, name: str, value: float) -> None:
        """Move one parameter."""
        self.set_values({name: value}, f"value {name}")

    def set_values(self, values: Mapping[str, float], kind: str | None = None) -> None:
        """Move several parameters in one step of undo; calls of the same ``kind`` in quick succession are one step too."""
        state = self.workspace.state
        moved = self.comparison.moved_together(values) if state.linked else state.with_values(**values)
        self.workspace.change(moved, kind)

    def drag_contrast(self, across: float, up: float, *, other: bool = False) -> None:
        """Move two parameters by fractions of their sliders: those of ``Sequence.drag``, or with the other of TE and TI up."""
        protocol = self.state.protocol
        first, second = protocol.sequence.drag
        if other:
            second = next((n for n in ("ti", "te") if n in protocol and n != second), second)
        moved = {}
        for name, by in ((first, across), (second, up)):
            parameter = protocol.sequence.parameter(name)
            fraction = min(max(parameter.to_fraction(protocol[name]) + by / 2, 0.0), 1.0)
            moved[name] = parameter.from_fraction(fraction)
        self.set_values(moved, "contrast")

    def choose_sequence(self, name: str) -> None:
        """Another sequence; parameters that both have and that suit it are kept."""
        before = self.state.protocol
        kept = {n: v for n, v in before.values.items() if n in ("tr", "ti", "te")}
        protocol = Protocol.complete(name, kept if SEQUENCES[name].model != before.sequence.model else None)
        if protocol.problems:
            protocol = Protocol.complete(name)
        self._with_new_contrast(self.state.with_contrast(protocol=protocol, view=View.SIGNAL))

    def apply_preset(self, preset: Preset) -> None:
        """A protocol; the built-in brain goes to the field strength it belongs to."""
        self.follow(preset.applied(self.state))

    def follow(self, state: State) -> None:
        """Go to a state of the open subject whose contrast and display were set together, as presets and lessons do."""
        self._with_new_contrast(state.with_field(self.state.source.field) if self.state.source.of_files else state)

    def reset_contrast(self) -> None:
        """Back to the chosen preset, or to the sequence's defaults."""
        self._with_new_contrast(self.state.with_contrast(protocol=home(self.state)))

    def choose_view(self, view: Any) -> None:
        """The signal, or one of the maps."""
        if self.scene is not None and self.scene.has_view(view):
            self.workspace.change(self.state.with_contrast(view=view))

    def choose_scan(self, kind: str) -> None:
        """A measured scan of encoded maps: it is shown beside what the maps give under its protocol."""
        scan = next((s for s in self.scene.subject.companions.scans if s.kind == kind), None) if self.scene else None
        if scan is not None:
            state = self.state.with_contrast(protocol=scan.protocol, preset="", view=View.SIGNAL)
            self._with_new_contrast(state.with_comparison(scan=kind).with_display(layout=Layout.COMPARE))

    def set_magnitude(self, magnitude: bool) -> None:
        """Magnitude, as scanners show it, or the signed signal."""
        self._with_new_contrast(self.state.with_contrast(magnitude=magnitude))

    def _with_new_contrast(self, state: State) -> None:
        """Go to another contrast; with the policy on, its window is set from the head's values."""
        source, state = state.source, replace(state, source=self.state.source)
        self.workspace.change(windowed(state, self.scene) if state.display.auto and self.scene is not None else state)
        if source.field != state.source.field:
            self.choose_field(source.field)

    # -- window ------------------------------------------------------------------------------------------------

    def automatic_window(self) -> None:
        """Set the window from the head's values."""
        if self.scene is not None:
            shown = comparison.shown(self.scene, self.state)
            self.workspace.change(shown.with_window(*self.scene.automatic(shown)).with_contrast(view=self.state.view))

    def drag_window(self, across: float, up: float) -> None:
        """Widen to the right, brighten upwards."""
        shown = self.state if self.scene is None else comparison.shown(self.scene, self.state)
        self.set_window(*dragged(shown.window(), across, up), kind="window")

    def set_window(self, low: float, high: float, *, kind: str | None = None) -> None:
        """The window of what is painted: the difference has its own. Changes of one ``kind`` in quick succession are one step."""
        shown = self.state if self.scene is None else comparison.shown(self.scene, self.state)
        self.workspace.change(shown.with_window(low, high).with_contrast(view=self.state.view), kind)

    # -- navigation --------------------------------------------------------------------------------------------

    def move_cursor(self, plane: str, place: Place) -> None:
        """Put the crosshair at a (column, row) of a plane."""
        mm = self.mm_at(plane, place)
        if mm is not None:
            self.move_to(mm)

    def move_to(self, mm: Millimetres) -> None:
        """Put the crosshair at a place in millimetres."""
        self.workspace.change(self.state.with_display(cursor=mm), "cursor")

    def mm_at(self, plane: str, place: Place) -> Millimetres | None:
        """Millimetres at a (column, row) of a plane, at the nearest voxel; None outside the volume."""
        return None if self.scene is None else navigation.mm_at(self.scene, self.state, plane, place)

    def step(self, plane: str, across: int, up: int, through: int) -> None:
        """Move the crosshair by voxels of a plane: across and up the screen, and through the slices."""
        if self.scene is not None:
            self.workspace.change(navigation.stepped(self.scene, self.state, plane, across, up, through), "cursor")

    def zoom(self, factor: float) -> None:
        """Zoom all planes, towards the crosshair when coming from the whole head."""
        self.workspace.change(navigation.zoomed(self.scene, self.state, factor), "zoom")

    def pan(self, plane: str, place: Place) -> None:
        """Bring a (column, row) of a plane to the middle of the screen."""
        if self.scene is not None:
            self.workspace.change(navigation.panned(self.scene, self.state, plane, place), "pan")

    def centre(self, mm: Millimetres) -> None:
        """Bring a place in millimetres to the middle of the screen."""
        self.workspace.change(self.state.with_display(centre=mm), "pan")

    def move_camera(self, camera: Camera) -> None:
        """Look at 3-D from elsewhere."""
        self.workspace.change(self.state.with_volume(camera=camera), "camera")

    def whole_head(self) -> None:
        """Zoom and pan back to the whole head, crosshair to its middle."""
        self.workspace.change(self.state.with_display(zoom=1.0, centre=None, cursor=None))

    # -- display -----------------------------------------------------------------------------------------------

    def change(self, state: State) -> None:
        """Go to a state that differs in what is only a matter of display; cells of a layout that was just chosen are filled."""
        self.workspace.change(self.comparison.filled(state))

    def show(self, **changed: Any) -> None:
        """Change the display of the planes: convention, layout, smooth pixels, crosshair, noise, policy of windows."""
        self.change(self.state.with_display(**changed))

    def show_appearance(self, **changed: Any) -> None:
        """Change the theme, or the unit of times."""
        self.change(self.state.with_appearance(**changed))

    def show_volume(self, **changed: Any) -> None:
        """Change how 3-D is drawn."""
        self.change(self.state.with_volume(**changed))

    def show_panels(self, **changed: Any) -> None:
        """Change what the panels beside the planes show."""
        self.change(self.state.with_panels(**changed))
