"""What a person can wish for, and what then happens to the state. Knows no window."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mriexplorer.cohort.recognition import Recognised
from mriexplorer.errors import InputError
from mriexplorer.explorer import ab, navigation
from mriexplorer.explorer.camera import Camera
from mriexplorer.explorer.classroom import Classroom
from mriexplorer.explorer.comparing import Comparing
from mriexplorer.explorer.jobs import Jobs, Outcome, Work
from mriexplorer.explorer.measure import Measure
from mriexplorer.explorer.opening import open_scene
from mriexplorer.explorer.presets import Preset, home_values
from mriexplorer.explorer.scans import encode_scans, encoded_folder, recognised
from mriexplorer.explorer.scene import Scene
from mriexplorer.explorer.state import State
from mriexplorer.explorer.store import Store
from mriexplorer.explorer.studio import Studio
from mriexplorer.explorer.windowing import dragged
from mriexplorer.physics import SEQUENCES
from mriexplorer.subject.catalog import Catalog
from mriexplorer.subject.tissue_maps import Millimetres

_KEPT = 3  # subjects that stay in memory, for undo and for going back and forth
Place = tuple[float, float]
Progressing = Callable[[Callable[[str], None]], None]


class Session:
    """The store, the subject that is open, and every wish as a method.

    ``post`` runs a function later in the thread of the window; ``told`` hears what a job is doing (empty: nothing);
    ``failed`` hears sentences; ``shown`` is called when another subject is shown.
    """

    def __init__(self, state: State, post: Callable[[Callable[[], None]], None]) -> None:
        self.store = Store(state)
        self.catalog: Catalog | None = None
        self.scene: Scene | None = None
        self._shown_state = state
        self._working = 0  # of what the worker is doing
        self._number = 0  # of the newest wish to load; what older ones report is passed over
        self.told: Callable[[str], None] = lambda _what: None
        self.failed: Callable[[str], None] = lambda _sentence: None
        self.shown: Callable[[Scene], None] = lambda _scene: None
        self.studio = Studio(self)
        self.comparing = Comparing(self)
        self.measure = Measure(self)
        self.classroom = Classroom(self)
        self._post = post
        self._jobs = Jobs()
        self._scenes: OrderedDict[tuple[Any, ...], tuple[Catalog | None, Scene]] = OrderedDict()
        self.store.listen(self._follow)

    @property
    def state(self) -> State:
        """What is looked at, and how."""
        return self.store.state

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
        self.load(replace(state, paths=absolute, picked=chosen, person=person, units=tuple(units)), fresh=True)

    def read_scans(self, paths: Sequence[Path], offer: Callable[[tuple[Recognised, ...], tuple[str, ...]], None]) -> None:
        """Find out what the scans at the paths are, and ``offer`` it with what was left out; DICOM is converted first."""
        self.cancel()

        def done(outcome: Outcome) -> None:
            self.told("")
            if outcome.sentence is not None:
                self.failed(outcome.sentence)
            elif outcome.result is not None:
                offer(*outcome.result)

        self.told("reading the scans")
        self._run(lambda progress: recognised(paths, progress), done)

    def encode(self, found: Sequence[Recognised]) -> None:
        """Encode a patient's scans and open the maps. What is open stays open until that worked."""
        try:
            target = encoded_folder(found)
        except InputError as error:
            self.failed(str(error))
            return
        state = replace(self.state, paths=(str(target),), picked=(), person=None, units=(), sampled=None, beside=None)
        self.load(state, fresh=True, before=lambda progress: encode_scans(found, target, progress))

    def choose_person(self, name: str) -> None:
        """Show another person of the dataset."""
        self.load(replace(self.state, person=name, units=()), fresh=True)

    def choose_unit(self, kind: str, unit: str) -> None:
        """Read a map in another unit."""
        units = tuple({**dict(self.state.units), kind: unit}.items())
        self.load(replace(self.state, units=units))

    def choose_field(self, field: float) -> None:
        """Show the built-in brain at another field strength."""
        self.load(replace(self.state, field=field))

    def start(self, state: State) -> None:
        """Load a state's subject in this thread, for what must not wait. Raises InputError."""
        catalog, scene = open_scene(state, lambda _what: None)
        self._arrived(state, catalog, scene, fresh=True)
        self.store.forget()

    def cancel(self) -> None:
        """Stop what is being loaded; what is open stays open."""
        self._stop()
        self._back_to_shown()
        self._back_from_preview()

    def _back_from_preview(self) -> None:
        """Where a preview or a draft is shown, the open subject again."""
        self.studio.arrived(self._shown_state)
        kept = self._scenes.get(self._shown_state.source)
        if kept is not None and kept[1] is not self.scene:
            self.scene = kept[1]
            self.shown(self.scene)

    def _back_to_shown(self) -> None:
        """Where the state is ahead of the picture, bring it back."""
        if self.scene is not None and self.state.source != self._shown_state.source:
            self.store.change(replace(self.state, **_source_of(self._shown_state)))

    def _stop(self) -> None:
        """Nothing that is under way is wanted any more."""
        self._number += 1
        self._jobs.cancel()
        self.told("")

    def close(self) -> None:
        """Stop the worker."""
        self._jobs.close()

    def restore(self, state: State) -> None:
        """Go to a state that was saved, just as it is (but for the theme); what is open stays open until that worked."""
        self.load(replace(state, theme=self.state.theme), exact=True)

    def load(
        self,
        state: State,
        *,
        fresh: bool = False,
        restoring: bool = False,
        exact: bool = False,
        before: Progressing | None = None,
    ) -> None:
        """Load a state's subject and go to the state; ``restoring``: the state is there already, by undo or redo.

        ``exact``: contrast, window and view are those of ``state`` too. ``before`` makes what is to be loaded.
        """
        self._stop()
        if state.source in self._scenes and before is None:
            self._arrived(state, *self._scenes[state.source], fresh=fresh, exact=exact)
            return
        shown = self._shown_state
        known = self.catalog if (shown.paths, shown.picked) == (state.paths, state.picked) else None

        def work(progress: Callable[[str], None]) -> tuple[Catalog | None, Scene]:
            if before is not None:
                before(progress)
            if state.sampled is not None:
                return None, self.studio.scene(state, progress)
            return open_scene(state, progress, known)

        self.told("opening")
        self._run(work, lambda outcome: self._loaded(state, outcome, fresh=fresh, restoring=restoring, exact=exact))

    def _run(self, work: Work, done: Callable[[Outcome], None]) -> None:
        """Work in the worker's thread; ``done`` hears of it in the window's, unless another wish or a cancel came in between."""
        number = self._number

        def numbered(progress: Callable[[str], None]) -> Any:
            self._working = number
            return work(progress)

        def post(call: Callable[[], None]) -> None:
            self._post(lambda: call() if number == self._number else None)

        self._jobs.start(numbered, lambda what: post(lambda: self.told(what)), lambda outcome: post(lambda: done(outcome)))

    def work(self, work: Work, done: Callable[[Any], None], *, announced: str = "") -> None:
        """Something else for the worker; ``done`` hears of the result. What was being loaded is not wanted any more."""
        self._stop()
        if announced:
            self.told(announced)

        def over(outcome: Outcome) -> None:
            self.told("")
            if outcome.sentence is not None:
                self.failed(outcome.sentence)
            elif outcome.result is not None:
                done(outcome.result)

        self._run(work, over)

    def later(self, call: Callable[[], None]) -> None:
        """From the worker's thread: a call in the window's, unless the work is not wanted any more by then."""
        number = self._working
        self._post(lambda: call() if number == self._number else None)

    def preview(self, scene: Scene) -> None:
        """Show a scene in place of the open one, until that of the state comes; the state does not change."""
        self.scene = scene
        self.shown(scene)

    def _loaded(self, state: State, outcome: Outcome, *, fresh: bool, restoring: bool, exact: bool) -> None:
        self.told("")
        if outcome.sentence is not None:
            self._back_to_shown()  # what an undo would show is gone
            self._back_from_preview()
            self.failed(outcome.sentence)
        elif outcome.result is not None and restoring:
            self._remember(state, *outcome.result)
            if self.state.source == state.source:
                self._adopt(state, *outcome.result)
                self.shown(outcome.result[1])
        elif outcome.result is not None and exact:
            self._arrived(state, *outcome.result, fresh=False, exact=True)
        elif outcome.result is not None:
            layout = state.layout if state.beside else self.state.layout
            self._arrived(replace(self.state, layout=layout, **_source_of(state)), *outcome.result, fresh=fresh)

    def _arrived(self, state: State, catalog: Catalog | None, scene: Scene, *, fresh: bool, exact: bool = False) -> None:
        state = replace(state, person=catalog.entry(state.person).name if catalog else None)
        self._remember(state, catalog, scene)
        if fresh:
            state = replace(_suited(state, scene), cursor=None, centre=None, zoom=1.0)
            state = replace(state, windows=()) if state.auto else state
        if exact:
            state = _suited(state, scene)
        elif state.auto or "signal" not in dict(state.windows):
            state = _windowed(state, scene)
        state = self.comparing.arrived(state, scene)
        self._adopt(state, catalog, scene)
        self.store.change(state)
        self.shown(scene)

    def _remember(self, state: State, catalog: Catalog | None, scene: Scene) -> None:
        self._scenes[state.source] = (catalog, scene)
        self._scenes.move_to_end(state.source)
        while len(self._scenes) > _KEPT:
            self._scenes.popitem(last=False)

    def _adopt(self, state: State, catalog: Catalog | None, scene: Scene) -> None:
        self.catalog, self.scene, self._shown_state = catalog, scene, state
        self.studio.arrived(state)

    def _follow(self, new: State, old: State) -> None:
        """Undo and redo may lead to another subject: show it, or load it again."""
        if new.source == old.source or self.scene is None:
            return
        if new.source in self._scenes:
            self._stop()
            catalog, scene = self._scenes[new.source]
            if scene is not self.scene:
                self._adopt(new, catalog, scene)
                self.shown(scene)
        else:
            self.load(new, restoring=True)

    def in_memory(self) -> tuple[Scene, ...]:
        """The people of the open dataset whose maps are in memory, by name; whoever is shown is one of them."""
        shown = self._shown_state
        same = [s for source, (_c, s) in self._scenes.items() if source[:2] == (shown.paths, shown.picked) and not source[5]]
        return tuple(sorted(same, key=lambda scene: scene.subject.name))

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
        self.store.change(_windowed(state, self.scene) if state.auto and self.scene is not None else state)
        if field != state.field:
            self.load(replace(self.state, field=field))

    # -- window ------------------------------------------------------------------------------------------------

    def automatic_window(self) -> None:
        """Set the window from the head's values."""
        if self.scene is not None:
            shown = ab.shown(self.scene, self.state)
            self.store.change(replace(shown.with_window(*self.scene.automatic(shown)), view=self.state.view))

    def drag_window(self, across: float, up: float) -> None:
        """Widen to the right, brighten upwards."""
        shown = self.state if self.scene is None else ab.shown(self.scene, self.state)
        moved = shown.with_window(*dragged(shown.window(), across, up))
        self.store.change(replace(moved, view=self.state.view), "window")

    def set_window(self, low: float, high: float) -> None:
        """The typed window."""
        self.store.change(self.state.with_window(low, high))

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


def _source_of(state: State) -> dict[str, Any]:
    names = ("paths", "picked", "person", "units", "field", "sampled", "beside")
    return {name: getattr(state, name) for name in names}


def _suited(state: State, scene: Scene) -> State:
    """The state in the equation family that the subject's maps belong to, and without a map that the subject lacks."""
    if scene.subject.maps.model != state.row.model:
        state = state.in_other_model()
    nobody = state.layout == "people" and scene.subject.literature
    if nobody or (state.layout == "compare" and not scene.can_compare):
        state = replace(state, layout="grid")
    return state if scene.has_view(state.view) else replace(state, view="signal")


def _windowed(state: State, scene: Scene) -> State:
    """The state with the automatic window of its signal."""
    return ab.windowed(scene, scene.windowed(state))
