"""Which subject is open, and how another one comes: in the worker's thread, and what is open stays until it is there."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from mriexplorer.render import comparison
from mriexplorer.render.scene import Scene
from mriexplorer.session.jobs import Jobs, Outcome, Work
from mriexplorer.session.opening import open_scene
from mriexplorer.session.workspace import Workspace
from mriexplorer.subject.catalog import Catalog
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State
from mriexplorer.view.views import View

_KEPT = 3  # subjects that stay in memory, for undo and for going back and forth
Progressing = Callable[[Callable[[str], None]], None]


class Others(Protocol):
    """What the rest of a session does when subjects come."""

    def synthetic(self, state: State, progress: Callable[[str], None]) -> Scene:
        """The scene of a synthetic subject, in the worker's thread. Raises InputError."""

    def suited(self, state: State, scene: Scene, *, exact: bool) -> State:
        """The state with contrasts that suit another subject."""

    def arrived(self, state: State) -> None:
        """Another subject is shown, or none could be."""


class Loading:
    """Which subject is open, and the newest request for another; older ones are passed over.

    ``post`` runs a function later in the thread of the window.
    """

    def __init__(self, workspace: Workspace, post: Callable[[Callable[[], None]], None], others: Others) -> None:
        self._workspace, self._others = workspace, others
        self._shown_state = workspace.state
        self._working = 0  # of what the worker is doing
        self._number = 0  # of the newest request
        self._post = post
        self._jobs = Jobs()
        self._scenes: OrderedDict[tuple[Any, ...], tuple[Catalog | None, Scene]] = OrderedDict()
        workspace.listen(self._follow, "source")

    def start(self, state: State) -> None:
        """Load a state's subject in this thread, for what must not wait. Raises InputError."""
        catalog, scene = open_scene(state, lambda _what: None)
        self._arrived(state, catalog, scene, fresh=True)
        self._workspace.forget()

    def cancel(self) -> None:
        """Stop what is being loaded; what is open stays open."""
        self._stop()
        self._back_to_shown()
        self._back_from_preview()

    def _back_from_preview(self) -> None:
        """Where a preview or a draft is shown, the open subject again."""
        self._others.arrived(self._shown_state)
        kept = self._scenes.get(self._shown_state.source.identity)
        if kept is not None and kept[1] is not self._workspace.scene:
            self._workspace.scene = kept[1]
            self._workspace.subject_changed(self._workspace.scene)

    def _back_to_shown(self) -> None:
        """Where the state is ahead of the picture, bring it back."""
        if self._workspace.scene is not None and self._workspace.state.source.identity != self._shown_state.source.identity:
            self._workspace.change(replace(self._workspace.state, source=self._shown_state.source))

    def _stop(self) -> None:
        """Nothing that is under way is wanted any more."""
        self._number += 1
        self._jobs.cancel()
        self._workspace.progress("")

    def close(self) -> None:
        """Stop the worker."""
        self._jobs.close()

    def restore(self, state: State) -> None:
        """Go to a state that was saved, but for theme and unit of times; what is open stays open until that worked."""
        self.load(replace(state, appearance=self._workspace.state.appearance), exact=True)

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
        if state.source.identity in self._scenes and before is None:
            self._arrived(state, *self._scenes[state.source.identity], fresh=fresh, exact=exact)
            return
        shown = self._shown_state
        known = (
            self._workspace.catalog
            if (shown.source.paths, shown.source.picked) == (state.source.paths, state.source.picked)
            else None
        )

        def work(progress: Callable[[str], None]) -> tuple[Catalog | None, Scene]:
            if before is not None:
                before(progress)
            if state.source.recipe is not None:
                return None, self._others.synthetic(state, progress)
            return open_scene(state, progress, known)

        self._workspace.progress("opening")
        self._run(work, lambda outcome: self._loaded(state, outcome, fresh=fresh, restoring=restoring, exact=exact))

    def _run(self, work: Work, done: Callable[[Outcome], None]) -> None:
        """Work in the worker's thread; ``done`` hears of it in the window's, unless another request or a cancel came first."""
        number = self._number

        def numbered(progress: Callable[[str], None]) -> Any:
            self._working = number
            return work(progress)

        def post(call: Callable[[], None]) -> None:
            self._post(lambda: call() if number == self._number else None)

        self._jobs.start(
            numbered, lambda what: post(lambda: self._workspace.progress(what)), lambda outcome: post(lambda: done(outcome))
        )

    def work(self, work: Work, done: Callable[[Any], None], *, announced: str = "") -> None:
        """Something else for the worker; ``done`` hears of the result. What was being loaded is not wanted any more."""
        self._stop()
        if announced:
            self._workspace.progress(announced)

        def over(outcome: Outcome) -> None:
            self._workspace.progress("")
            if outcome.sentence is not None:
                self._workspace.error(outcome.sentence)
            elif outcome.result is not None:
                done(outcome.result)

        self._run(work, over)

    def later(self, call: Callable[[], None]) -> None:
        """From the worker's thread: a call in the window's, unless the work is not wanted any more by then."""
        number = self._working
        self._post(lambda: call() if number == self._number else None)

    def preview(self, scene: Scene) -> None:
        """Show a scene in place of the open one, until that of the state comes; the state does not change."""
        self._workspace.scene = scene
        self._workspace.subject_changed(scene)

    def _loaded(self, state: State, outcome: Outcome, *, fresh: bool, restoring: bool, exact: bool) -> None:
        self._workspace.progress("")
        if outcome.sentence is not None:
            self._back_to_shown()  # what an undo would show is gone
            self._back_from_preview()
            self._workspace.error(outcome.sentence)
        elif outcome.result is not None and restoring:
            self._remember(state, *outcome.result)
            if self._workspace.state.source.identity == state.source.identity:
                self._adopt(state, *outcome.result)
                self._workspace.subject_changed(outcome.result[1])
        elif outcome.result is not None and exact:
            self._arrived(state, *outcome.result, fresh=False, exact=True)
        elif outcome.result is not None:
            layout = state.display.layout if state.source.beside else self._workspace.state.display.layout
            state = replace(self._workspace.state.with_display(layout=layout), source=state.source)
            self._arrived(state, *outcome.result, fresh=fresh)

    def _arrived(self, state: State, catalog: Catalog | None, scene: Scene, *, fresh: bool, exact: bool = False) -> None:
        state = replace(state, source=replace(state.source, person=catalog.entry(state.source.person).name if catalog else None))
        self._remember(state, catalog, scene)
        if fresh:
            state = _suited(state, scene).with_display(cursor=None, centre=None, zoom=1.0)
            state = _without_windows(state) if state.display.auto else state
        if exact:
            state = _shown_of(state, scene)
        elif state.display.auto or state.contrast.window is None:
            state = windowed(state, scene)
        state = self._others.suited(state, scene, exact=exact)
        self._adopt(state, catalog, scene)
        self._workspace.change(state)
        self._workspace.subject_changed(scene)

    def _remember(self, state: State, catalog: Catalog | None, scene: Scene) -> None:
        self._scenes[state.source.identity] = (catalog, scene)
        self._scenes.move_to_end(state.source.identity)
        while len(self._scenes) > _KEPT:
            self._scenes.popitem(last=False)

    def _adopt(self, state: State, catalog: Catalog | None, scene: Scene) -> None:
        self._workspace.catalog, self._workspace.scene, self._shown_state = catalog, scene, state
        self._others.arrived(state)

    def _follow(self, new: State, old: State) -> None:
        """Undo and redo may lead to another subject: show it, or load it again."""
        if new.source.identity == old.source.identity or self._workspace.scene is None:
            return
        if new.source.identity in self._scenes:
            self._stop()
            catalog, scene = self._scenes[new.source.identity]
            if scene is not self._workspace.scene:
                self._adopt(new, catalog, scene)
                self._workspace.subject_changed(scene)
        else:
            self.load(new, restoring=True)

    def in_memory(self) -> tuple[Scene, ...]:
        """The people of the open dataset whose maps are in memory, by name; whoever is shown is one of them."""
        shown = self._shown_state
        same = [
            s
            for source, (_c, s) in self._scenes.items()
            if source[:2] == (shown.source.paths, shown.source.picked) and not source[5]
        ]
        return tuple(sorted(same, key=lambda scene: scene.subject.name))


def _without_windows(state: State) -> State:
    """The state without the windows that were set for the subject before."""
    return state.with_display(windows=()).with_contrast(window=None)


def _suited(state: State, scene: Scene) -> State:
    """The state in the equation family that the subject's maps belong to, showing only what the subject has."""
    if scene.subject.maps.model != state.sequence.model:
        state = state.in_model(scene.subject.maps.model)
    return _shown_of(state, scene)


def _shown_of(state: State, scene: Scene) -> State:
    """The state without a layout or a map that the subject has nothing for."""
    nobody = state.display.layout == Layout.PEOPLE and scene.subject.literature
    if nobody or (state.display.layout == Layout.COMPARE and not scene.can_compare):
        state = state.with_display(layout=Layout.GRID)
    return state if scene.has_view(state.view) else state.with_contrast(view=View.SIGNAL)


def windowed(state: State, scene: Scene) -> State:
    """The state with the automatic window of its signal."""
    return comparison.windowed(scene, scene.windowed(state))
