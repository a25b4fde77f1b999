"""Contrasts side by side, and the one that is pinned: what can be done with them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from mriexplorer.physics import SEQUENCES, Protocol
from mriexplorer.render import comparison
from mriexplorer.render.scene import Scene
from mriexplorer.session.workspace import Workspace
from mriexplorer.view.comparison import Mode
from mriexplorer.view.contrast import MOST, TIMES, Contrast
from mriexplorer.view.display import SIDES, Layout
from mriexplorer.view.presets import Preset, by_title
from mriexplorer.view.state import State
from mriexplorer.view.views import View

# What empty cells start with, in this order: a preset by its title, or a sequence at its defaults.
_FIRST = ("OASIS-3 · T1w MPRAGE", "{clinical} · T2w TSE", "{clinical} · FLAIR", "{clinical} · PDw TSE", "{clinical} · T1w SE",
          "{clinical} · STIR", "dir", "ir-se", "OASIS-3 · T2w SPACE", "HCP · T2w SPACE")  # fmt: skip
_NOTHING = "There is nothing to compare with: pin a contrast first (B), then choose another."
_BESIDE = "The difference stands beside the image already."
_ONE = "Wipe and difference are of one person: choose three planes (F5) or several contrasts (F2) first."
_ALONE = "There is nobody to compare with: sample people (Ctrl+N), or look at some people of a dataset first."
_UNSEEN = "Contrasts are removed where they are seen: choose several contrasts (F2, F3) first."
_FULL = f"There is room for {MOST} contrasts; remove one first."


class ComparisonCommands:
    """Several contrasts of one subject, and one against another. ``count_people`` tells how many can stand side by side."""

    def __init__(self, workspace: Workspace, count_people: Callable[[], int]) -> None:
        self._workspace, self._count_people = workspace, count_people
        self._origin = self._latest = workspace.state  # of a move of all cells: where it began, and where it is
        self._moved: tuple[str, ...] = ()

    def lay_out(self, layout: Layout) -> None:
        """Several contrasts, or several people where there are."""
        if layout == Layout.PEOPLE and self._count_people() < 2:
            self._workspace.error(_ALONE)
        else:
            self._workspace.change(self.filled(self._workspace.state.with_display(layout=layout)))

    # -- cells -------------------------------------------------------------------------------------------------

    def choose(self, place: int) -> None:
        """Another cell: the sliders are its own from now on."""
        state = self._workspace.state
        if place != state.chosen and place < len(state.contrasts):
            self._workspace.change(self._compared(replace(state, chosen=place)))

    def add(self) -> None:
        """The current contrast once more, as a cell of its own, which is chosen; cells are shown where they were not."""
        self._add(self._workspace.state.contrast)

    def add_preset(self, preset: Preset) -> None:
        """A preset as another cell, which is chosen; the subject keeps its field strength."""
        self._add(self._windowed(preset.applied(self._workspace.state)).contrast)

    def _add(self, contrast: Contrast) -> None:
        state = self._workspace.state
        every = state.contrasts
        if len(every) >= MOST:
            self._workspace.error(_FULL)
            return
        fits = state.display.layout if state.display.layout in SIDES else Layout.CONTRASTS_2X2
        layout = Layout.CONTRASTS_3X3 if len(every) >= SIDES[fits] ** 2 else fits
        more = replace(state.with_display(layout=layout), contrasts=(*every, contrast), chosen=len(every))
        self._workspace.change(more)

    def remove(self, place: int | None = None) -> None:
        """Take out a cell, by default the chosen one; the last one stays."""
        state = self._workspace.state
        if state.display.layout not in SIDES:
            self._workspace.error(_UNSEEN)
            return
        every, gone = state.contrasts, state.chosen if place is None else place
        if len(every) < 2 or gone >= len(every):
            return
        left = tuple(one for number, one in enumerate(every) if number != gone)
        chosen = min(state.chosen - (gone < state.chosen), len(left) - 1)
        self._workspace.change(replace(state, contrasts=left, chosen=chosen))

    def set_together(self, together: bool) -> None:
        """Whether TE, TR and TI of all cells move with the chosen one's."""
        self._workspace.change(self._workspace.state.with_comparison(together=together))

    def moved_together(self, values: Mapping[str, float]) -> State:
        """The state with parameters of all cells that have them moved, by the same factor as the chosen one's.

        Where a cell comes to the end of its range it waits there: all is reckoned from where the move began.
        """
        state = self._workspace.state
        if state is not self._latest or self._moved != tuple(values):
            self._origin, self._moved = state, tuple(values)
        new, began = state.with_values(**values), self._origin.protocol
        shares = {name: new.protocol[name] / began[name] for name in values if name in TIMES}
        new = replace(new, contrasts=tuple(one.scaled(shares) for one in self._origin.contrasts)).in_contrast(new.contrast)
        self._latest = state if new == state else new
        return self._latest

    # -- what the session asks ---------------------------------------------------------------------------------

    def filled(self, state: State, scene: Scene | None = None) -> State:
        """The state with a contrast in every cell, where a layout of several was just chosen, and a chosen cell that is seen."""
        layout, before = state.display.layout, self._workspace.state
        if layout not in SIDES or (layout == before.display.layout and len(state.contrasts) > 1):
            return state
        room = SIDES[layout] ** 2
        every = list(state.contrasts)
        for one in _first(state):
            if len(every) < room and not any(one.protocol == other.protocol for other in every):
                every.append(self._windowed(state.alone(one), scene).contrast)
        return replace(state, contrasts=tuple(every), chosen=state.chosen if state.chosen < room else 0)

    def arrived(self, state: State, scene: Scene, *, exact: bool = False) -> State:
        """The state with cells and pinned contrast that suit another subject: maps; unless ``exact``, equations and windows."""

        def suited(one: Contrast) -> Contrast:
            if not exact:
                one = replace(one, protocol=one.protocol.in_model(scene.subject.maps.model))
            one = one if scene.has_view(one.view) else replace(one, view=View.SIGNAL)
            anew = (state.display.auto and not exact) or one.window is None
            return self._windowed(state.alone(one), scene).contrast if anew else one

        pinned, own = state.comparison.pinned, state.chosen
        contrasts = tuple(one if place == own else suited(one) for place, one in enumerate(state.contrasts))
        state = replace(state.with_comparison(pinned=suited(pinned) if pinned else None), contrasts=contrasts)
        return self.filled(state, scene) if self._workspace.scene is None else state

    def _windowed(self, state: State, scene: Scene | None = None) -> State:
        """The state with the automatic window of its signal, once there is a subject."""
        scene = scene or self._workspace.scene
        return state if scene is None else scene.windowed(state)

    # -- A and B -----------------------------------------------------------------------------------------------

    def pin(self) -> None:
        """The current contrast becomes the reference."""
        state = self._workspace.state
        self._workspace.change(self._compared(state.with_comparison(pinned=state.contrast)))

    def unpin(self) -> None:
        """No reference any more."""
        self._workspace.change(self._workspace.state.with_comparison(pinned=None, mode=Mode.NONE))

    def compare(self, mode: Mode) -> None:
        """Compare with the reference in a mode; the same again: no longer."""
        scene, state, layout = self._workspace.scene, self._workspace.state, self._workspace.state.display.layout
        if scene is None or comparison.reference(scene, state) is None:
            self._workspace.error(_NOTHING)
        elif mode == Mode.DIFFERENCE and layout == Layout.COMPARE:
            self._workspace.error(_BESIDE)
        elif mode in (Mode.WIPE, Mode.DIFFERENCE) and layout == Layout.PEOPLE:
            self._workspace.error(_ONE)
        else:
            mode = Mode.NONE if state.comparison.mode == mode else mode
            self._workspace.change(self._compared(state.with_comparison(mode=mode)))

    def _compared(self, state: State) -> State:
        """The state with the window of the difference set anew, where that is shown."""
        return state if self._workspace.scene is None else comparison.windowed(self._workspace.scene, state)

    def wipe(self, place: float) -> None:
        """Move the divider, in fractions of a plane's width."""
        self._workspace.change(self._workspace.state.with_comparison(wipe=min(max(place, 0.0), 1.0)), "wipe")

    def set_rate(self, rate: int) -> None:
        """How often a second the flicker changes."""
        self._workspace.change(self._workspace.state.with_comparison(rate=rate))


def _first(state: State) -> Iterator[Contrast]:
    """What empty cells start with, in the equations of the state."""
    clinical = "Clinical 1.5 T" if state.source.field == 1.5 else "Clinical 3 T"
    model = state.sequence.model
    for name in _FIRST:
        preset = by_title().get(name.format(clinical=clinical))
        if preset is not None:
            yield Contrast(preset.protocol.in_model(model), preset=preset.title)
        else:
            yield Contrast(Protocol.complete(name if model == "full" else SEQUENCES[name].twin))
