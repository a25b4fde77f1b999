"""Wishes about contrasts side by side, and about the one that is pinned."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mriexplorer.physics import SEQUENCES
from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import Scene
from mriexplorer.render.side_by_side import Someone, company
from mriexplorer.view.contrast import MOST, SIDES, TIMES, Contrast, applied, cells, choosing, contrast_of
from mriexplorer.view.presets import Preset, presets
from mriexplorer.view.state import State, twin_values

if TYPE_CHECKING:
    from mriexplorer.session.session import Session

# What empty cells start with, in this order: a preset by its title, or a sequence at its defaults.
_FIRST = ("OASIS-3 · T1w MPRAGE", "{clinical} · T2w TSE", "{clinical} · FLAIR", "{clinical} · PDw TSE", "{clinical} · T1w SE",
          "{clinical} · STIR", "dir", "ir-se", "OASIS-3 · T2w SPACE", "HCP · T2w SPACE")  # fmt: skip
_NOTHING = "There is nothing to compare with: pin a contrast first (B), then choose another."
_BESIDE = "The difference stands beside the image already."
_ONE = "Wipe and difference are of one person: choose three planes (F5) or several contrasts (F2) first."
_ALONE = "There is nobody to compare with: sample people (Ctrl+N), or look at some people of a dataset first."
_UNSEEN = "Contrasts are removed where they are seen: choose several contrasts (F2, F3) first."
_FULL = f"There is room for {MOST} contrasts; remove one first."


class Comparing:
    """The session's wishes about several contrasts of one subject."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._origin = self._latest = session.state  # of a move of all cells: where it began, and where it is
        self._moved: tuple[str, ...] = ()

    def people(self) -> tuple[Someone, ...]:
        """Who can be seen beside each other."""
        session = self._session
        return company(session.studio.members, session.loading.in_memory(), session.state)

    def lay_out(self, layout: str) -> None:
        """Several contrasts, or several people where there are."""
        if layout == "people" and len(self.people()) < 2:
            self._session.failed(_ALONE)
        else:
            self._session.show(layout=layout)

    # -- cells -------------------------------------------------------------------------------------------------

    def choose(self, place: int) -> None:
        """Another cell: the sliders are its own from now on."""
        state = self._session.state
        if place != state.chosen and place < len(cells(state)):
            self._session.store.change(self._compared(choosing(state, place)))

    def add(self) -> None:
        """The current contrast once more, as a cell of its own, which is chosen; cells are shown where they were not."""
        self._add(self._session.state)

    def add_preset(self, preset: Preset) -> None:
        """A preset as another cell, which is chosen; the subject keeps its field strength."""
        state = self._session.state
        self._add(replace(self._windowed(preset.applied(state)), field=state.field))

    def _add(self, state: State) -> None:
        every = cells(self._session.state)
        if len(every) >= MOST:
            self._session.failed(_FULL)
            return
        fits = state.layout if state.layout in SIDES else "contrasts 2x2"
        layout = "contrasts 3x3" if len(every) >= SIDES[fits] ** 2 else fits
        more = replace(state, contrasts=(*every, contrast_of(state)), chosen=len(every), layout=layout)
        self._session.store.change(more)

    def remove(self, place: int | None = None) -> None:
        """Take out a cell, by default the chosen one; the last one stays."""
        state = self._session.state
        if state.layout not in SIDES:
            self._session.failed(_UNSEEN)
            return
        every, gone = cells(state), state.chosen if place is None else place
        if len(every) < 2 or gone >= len(every):
            return
        left = tuple(one for number, one in enumerate(every) if number != gone)
        chosen = state.chosen - (gone < state.chosen)
        chosen = min(chosen, len(left) - 1)
        self._session.store.change(applied(left[chosen], replace(state, contrasts=left, chosen=chosen)))

    def set_together(self, together: bool) -> None:
        """Whether TE, TR and TI of all cells move with the chosen one's."""
        self._session.store.change(replace(self._session.state, together=together))

    def moved(self, values: Mapping[str, float]) -> State:
        """The state with parameters moved: of the chosen cell, or of all that have them, by the same factor.

        Where a cell comes to the end of its range it waits there: all is reckoned from where the move began.
        """
        state = self._session.state
        if not state.together or state.layout not in SIDES:
            return state.with_values(**values)
        if state is not self._latest or self._moved != tuple(values):
            self._origin, self._moved = state, tuple(values)
        new, began = state.with_values(**values), self._origin.protocol
        shares = {name: new.protocol[name] / began[name] for name in values if name in TIMES}
        new = replace(new, contrasts=tuple(one.scaled(shares) for one in self._origin.contrasts))
        self._latest = state if new == state else new
        return self._latest

    # -- what the session asks ---------------------------------------------------------------------------------

    def filled(self, state: State, scene: Scene | None = None) -> State:
        """The state with a contrast in every cell, where a layout of several was just chosen, and a chosen cell that is seen."""
        if state.layout not in SIDES:
            return state
        if state.layout == self._session.state.layout and state.contrasts:
            return state
        room = SIDES[state.layout] ** 2
        every = list(cells(state))
        for one in _first(state):
            if len(every) < room and not any((one.sequence, one.values) == (c.sequence, c.values) for c in every):
                every.append(contrast_of(self._windowed(applied(one, state), scene)))
        state = replace(state, contrasts=tuple(every))
        return state if state.chosen < room else choosing(state, 0)

    def arrived(self, state: State, scene: Scene, *, exact: bool = False) -> State:
        """The state with cells and pinned contrast that suit another subject: maps; unless ``exact``, equations and windows."""

        def suited(one: Contrast) -> Contrast:
            row = SEQUENCES[one.sequence]
            if scene.subject.maps.model != row.model and not exact:
                one = replace(one, sequence=row.twin, values=tuple(twin_values(row, dict(one.values)).items()))
            one = one if scene.has_view(one.view) else replace(one, view="signal")
            anew = (state.auto and not exact) or one.window is None
            return contrast_of(self._windowed(applied(one, state), scene)) if anew else one

        pinned = suited(state.pinned) if state.pinned is not None else None
        state = replace(state, contrasts=tuple(map(suited, state.contrasts)), pinned=pinned)
        return state if state.contrasts else self.filled(state, scene)

    def _windowed(self, state: State, scene: Scene | None = None) -> State:
        """The state with the automatic window of its signal, once there is a subject."""
        scene = scene or self._session.scene
        return state if scene is None else scene.windowed(state)

    # -- A and B -----------------------------------------------------------------------------------------------

    def pin(self) -> None:
        """The current contrast becomes the reference."""
        state = self._session.state
        self._session.store.change(self._compared(replace(state, pinned=contrast_of(state))))

    def unpin(self) -> None:
        """No reference any more."""
        self._session.store.change(replace(self._session.state, pinned=None, ab=""))

    def compare(self, how: str) -> None:
        """Compare with the reference in one way of ``contrasts.AB``; the same again: no longer."""
        session, state = self._session, self._session.state
        if session.scene is None or ab.reference(session.scene, state) is None:
            session.failed(_NOTHING)
        elif how == "difference" and state.layout == "compare":
            session.failed(_BESIDE)
        elif how in ("wipe", "difference") and state.layout == "people":
            session.failed(_ONE)
        else:
            session.store.change(self._compared(replace(state, ab="" if state.ab == how else how)))

    def _compared(self, state: State) -> State:
        """The state with the window of the difference set anew, where that is shown."""
        return state if self._session.scene is None else ab.windowed(self._session.scene, state)

    def wipe(self, place: float) -> None:
        """Move the divider, in fractions of a plane's width."""
        state = self._session.state
        self._session.store.change(replace(state, wipe=min(max(place, 0.0), 1.0)), "wipe")

    def set_rate(self, rate: int) -> None:
        """How often a second the flicker changes."""
        self._session.store.change(replace(self._session.state, rate=rate))


def _first(state: State) -> Iterator[Contrast]:
    """What empty cells start with, in the equations of the state."""
    clinical = "Clinical 1.5 T" if state.field == 1.5 else "Clinical 3 T"
    titled = {preset.title: preset for preset in presets()}
    plain = replace(state, magnitude=True, preset="", view="signal")
    for name in _FIRST:
        preset = titled.get(name.format(clinical=clinical))
        if preset is not None:
            yield contrast_of(preset.applied(plain))
        else:
            yield contrast_of(plain.with_sequence(name if state.row.model == "full" else SEQUENCES[name].twin))
