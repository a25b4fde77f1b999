"""Which subject is open, and how another one comes: in the worker's thread, and what is open stays until it is there."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import Scene
from mriexplorer.session.jobs import Jobs, Outcome, Work
from mriexplorer.session.opening import open_scene
from mriexplorer.subject.catalog import Catalog
from mriexplorer.view.state import PERSONAL, State

if TYPE_CHECKING:
    from mriexplorer.session.session import Session

_KEPT = 3  # subjects that stay in memory, for undo and for going back and forth
Progressing = Callable[[Callable[[str], None]], None]


class Loading:
    """The open ``scene``, the ``catalog`` it is from, and the newest wish for another; older ones are passed over.

    ``post`` runs a function later in the thread of the window.
    """

    def __init__(self, session: "Session", post: Callable[[Callable[[], None]], None]) -> None:
        self._session = session
        self.catalog: Catalog | None = None
        self.scene: Scene | None = None
        self._shown_state = session.state
        self._working = 0  # of what the worker is doing
        self._number = 0  # of the newest wish
        self._post = post
        self._jobs = Jobs()
        self._scenes: OrderedDict[tuple[Any, ...], tuple[Catalog | None, Scene]] = OrderedDict()
        session.store.listen(self._follow)

    def start(self, state: State) -> None:
        """Load a state's subject in this thread, for what must not wait. Raises InputError."""
        catalog, scene = open_scene(state, lambda _what: None)
        self._arrived(state, catalog, scene, fresh=True)
        self._session.store.forget()

    def cancel(self) -> None:
        """Stop what is being loaded; what is open stays open."""
        self._stop()
        self._back_to_shown()
        self._back_from_preview()

    def _back_from_preview(self) -> None:
        """Where a preview or a draft is shown, the open subject again."""
        self._session.studio.arrived(self._shown_state)
        kept = self._scenes.get(self._shown_state.source)
        if kept is not None and kept[1] is not self.scene:
            self.scene = kept[1]
            self._session.shown(self.scene)

    def _back_to_shown(self) -> None:
        """Where the state is ahead of the picture, bring it back."""
        if self.scene is not None and self._session.state.source != self._shown_state.source:
            self._session.store.change(replace(self._session.state, **_source_of(self._shown_state)))

    def _stop(self) -> None:
        """Nothing that is under way is wanted any more."""
        self._number += 1
        self._jobs.cancel()
        self._session.told("")

    def close(self) -> None:
        """Stop the worker."""
        self._jobs.close()

    def restore(self, state: State) -> None:
        """Go to a state that was saved, but for theme and unit of times; what is open stays open until that worked."""
        kept = {name: getattr(self._session.state, name) for name in PERSONAL}
        self.load(replace(state, **kept), exact=True)

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
                return None, self._session.studio.scene(state, progress)
            return open_scene(state, progress, known)

        self._session.told("opening")
        self._run(work, lambda outcome: self._loaded(state, outcome, fresh=fresh, restoring=restoring, exact=exact))

    def _run(self, work: Work, done: Callable[[Outcome], None]) -> None:
        """Work in the worker's thread; ``done`` hears of it in the window's, unless another wish or a cancel came in between."""
        number = self._number

        def numbered(progress: Callable[[str], None]) -> Any:
            self._working = number
            return work(progress)

        def post(call: Callable[[], None]) -> None:
            self._post(lambda: call() if number == self._number else None)

        self._jobs.start(
            numbered, lambda what: post(lambda: self._session.told(what)), lambda outcome: post(lambda: done(outcome))
        )

    def work(self, work: Work, done: Callable[[Any], None], *, announced: str = "") -> None:
        """Something else for the worker; ``done`` hears of the result. What was being loaded is not wanted any more."""
        self._stop()
        if announced:
            self._session.told(announced)

        def over(outcome: Outcome) -> None:
            self._session.told("")
            if outcome.sentence is not None:
                self._session.failed(outcome.sentence)
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
        self._session.shown(scene)

    def _loaded(self, state: State, outcome: Outcome, *, fresh: bool, restoring: bool, exact: bool) -> None:
        self._session.told("")
        if outcome.sentence is not None:
            self._back_to_shown()  # what an undo would show is gone
            self._back_from_preview()
            self._session.failed(outcome.sentence)
        elif outcome.result is not None and restoring:
            self._remember(state, *outcome.result)
            if self._session.state.source == state.source:
                self._adopt(state, *outcome.result)
                self._session.shown(outcome.result[1])
        elif outcome.result is not None and exact:
            self._arrived(state, *outcome.result, fresh=False, exact=True)
        elif outcome.result is not None:
            layout = state.layout if state.beside else self._session.state.layout
            self._arrived(replace(self._session.state, layout=layout, **_source_of(state)), *outcome.result, fresh=fresh)

    def _arrived(self, state: State, catalog: Catalog | None, scene: Scene, *, fresh: bool, exact: bool = False) -> None:
        state = replace(state, person=catalog.entry(state.person).name if catalog else None)
        self._remember(state, catalog, scene)
        if fresh:
            state = replace(_suited(state, scene), cursor=None, centre=None, zoom=1.0)
            state = replace(state, windows=()) if state.auto else state
        if exact:
            state = _shown_of(state, scene)
        elif state.auto or "signal" not in dict(state.windows):
            state = windowed(state, scene)
        state = self._session.comparing.arrived(state, scene, exact=exact)
        self._adopt(state, catalog, scene)
        self._session.store.change(state)
        self._session.shown(scene)

    def _remember(self, state: State, catalog: Catalog | None, scene: Scene) -> None:
        self._scenes[state.source] = (catalog, scene)
        self._scenes.move_to_end(state.source)
        while len(self._scenes) > _KEPT:
            self._scenes.popitem(last=False)

    def _adopt(self, state: State, catalog: Catalog | None, scene: Scene) -> None:
        self.catalog, self.scene, self._shown_state = catalog, scene, state
        self._session.studio.arrived(state)

    def _follow(self, new: State, old: State) -> None:
        """Undo and redo may lead to another subject: show it, or load it again."""
        if new.source == old.source or self.scene is None:
            return
        if new.source in self._scenes:
            self._stop()
            catalog, scene = self._scenes[new.source]
            if scene is not self.scene:
                self._adopt(new, catalog, scene)
                self._session.shown(scene)
        else:
            self.load(new, restoring=True)

    def in_memory(self) -> tuple[Scene, ...]:
        """The people of the open dataset whose maps are in memory, by name; whoever is shown is one of them."""
        shown = self._shown_state
        same = [s for source, (_c, s) in self._scenes.items() if source[:2] == (shown.paths, shown.picked) and not source[5]]
        return tuple(sorted(same, key=lambda scene: scene.subject.name))


def _source_of(state: State) -> dict[str, Any]:
    names = ("paths", "picked", "person", "units", "field", "sampled", "beside")
    return {name: getattr(state, name) for name in names}


def _suited(state: State, scene: Scene) -> State:
    """The state in the equation family that the subject's maps belong to, showing only what the subject has."""
    if scene.subject.maps.model != state.row.model:
        state = state.in_other_model()
    return _shown_of(state, scene)


def _shown_of(state: State, scene: Scene) -> State:
    """The state without a layout or a map that the subject has nothing for."""
    nobody = state.layout == "people" and scene.subject.literature
    if nobody or (state.layout == "compare" and not scene.can_compare):
        state = replace(state, layout="grid")
    return state if scene.has_view(state.view) else replace(state, view="signal")


def windowed(state: State, scene: Scene) -> State:
    """The state with the automatic window of its signal."""
    return ab.windowed(scene, scene.windowed(state))
