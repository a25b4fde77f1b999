"""Synthetic subjects, as the window has them: sampled, dragged, kept side by side, compared, written.

The recipe of whoever is shown is part of the state, so undo brings people back. While an attribute is dragged, a draft recipe
is followed by rough brains; the state changes when the drag ends.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.render.scene import Scene
from mriexplorer.render.side_by_side import GalleryMember
from mriexplorer.render.slices import Slice, cut, geometry
from mriexplorer.session.loading import Loading
from mriexplorer.session.sampler import Sampled, Sampler
from mriexplorer.session.workspace import Workspace
from mriexplorer.subject.attribute_estimate import AttributeEstimate
from mriexplorer.subject.subject import Subject
from mriexplorer.view.display import Layout
from mriexplorer.view.plane import PLANES
from mriexplorer.view.source import Recipe
from mriexplorer.view.state import State

_MOST = 48  # people of the gallery; the oldest that is not kept goes first


class Gallery:
    """Synthetic subjects of a session. ``changed`` is called when the gallery or the draft is another."""

    def __init__(self, workspace: Workspace, loading: Loading) -> None:
        self._workspace, self._loading, self.sampler = workspace, loading, Sampler()
        self.members: tuple[GalleryMember, ...] = ()
        self.draft: Recipe | None = None  # while something is dragged
        self.record: Mapping[str, float | str] = {}
        self.said: tuple[str, ...] = ()
        self.changed: Callable[[], None] = lambda: None
        self.estimated: Callable[[Subject, list[AttributeEstimate], list[str]], None] = lambda _subject, _told, _said: None

    @property
    def recipe(self) -> Recipe | None:
        """Of whoever is shown, or dragged to."""
        return self.draft or self._workspace.state.source.recipe

    # -- people ------------------------------------------------------------------------------------------------

    def sample(self, count: int = 1) -> None:
        """New people; what is fixed of whoever is shown, they have too. The last one is shown."""
        given = self.recipe.given if self.recipe and self.recipe.other is None else ()
        recipes = [Recipe(random.randrange(1, 1_000_000), given) for _ in range(count)]  # noqa: S311 no secret
        field = self._workspace.state.source.field

        def before(progress: Callable[[str], None]) -> None:
            for number, recipe in enumerate(recipes[:-1], 1):
                progress(f"person {number} of {count}")
                self._loading.later(partial(self.add, recipe, self.sampler.rough(recipe, field, progress)))

        self._show(recipes[-1], before=before if count > 1 else None)

    def show(self, recipe: Recipe) -> None:
        """Somebody of the gallery."""
        if recipe != self._workspace.state.source.recipe or self.draft is not None:
            self._show(recipe)

    def set_condition(self, name: str, value: float | str, *, settled: bool) -> None:
        """Fix an attribute of the person who is shown; the rest follows, from the same noise."""
        recipe = self.recipe
        if recipe is None:
            return
        self._go(_for_one(recipe).with_given(**{name: value}), settled=settled)

    def free(self, *names: str) -> None:
        """Let attributes follow again; without names, all: the person as first drawn."""
        recipe = self.recipe
        if recipe is not None:
            self._go(recipe.without(*(names or recipe.conditions)), settled=True)

    def settle(self) -> None:
        """A drag ended: the whole brain."""
        if self.draft is not None:
            self._go(self.draft, settled=True)

    def between(self, other: Recipe, share: float = 0.5, *, settled: bool = True) -> None:
        """Somebody on the way from the person who is shown to another."""
        recipe = self.recipe
        if recipe is not None:
            self._go(Recipe(recipe.seed, recipe.given, (other.seed, other.given), share), settled=settled)

    def share(self, share: float, *, settled: bool) -> None:
        """How far on that way."""
        recipe = self.recipe
        if recipe is not None and recipe.other is not None:
            self._go(replace(recipe, share=share), settled=settled)

    def compare(self, other: Recipe | None) -> None:
        """Another person beside the one who is shown, and the difference; None: nobody."""
        state = self._workspace.state
        if state.source.recipe is not None:
            single = Layout.GRID if state.display.layout == Layout.COMPARE else state.display.layout
            layout = Layout.COMPARE if other else single
            self._loading.load(replace(state.with_display(layout=layout), source=replace(state.source, beside=other)))

    def _go(self, recipe: Recipe, *, settled: bool) -> None:
        if settled:
            self._show(recipe)
            return
        self.draft = recipe
        self.changed()
        field = self._workspace.state.source.field
        self._loading.work(lambda progress: self.sampler.rough(recipe, field, progress), self._dragged)

    def _dragged(self, found: Sampled) -> None:
        self.record, self.said = found.record, found.said
        self._loading.preview(found.scene)
        self.changed()

    def _show(self, recipe: Recipe, before: Callable[[Callable[[str], None]], None] | None = None) -> None:
        state = self._workspace.state
        self.draft = recipe
        self.changed()
        layout = Layout.GRID if state.display.layout == Layout.COMPARE else state.display.layout
        fresh = state.source.recipe is None
        shown = replace(state.with_display(layout=layout), source=state.source.synthetic(recipe))
        self._loading.load(shown, fresh=fresh, before=before)

    # -- what the session asks ---------------------------------------------------------------------------------

    def synthetic(self, state: State, progress: Callable[[str], None]) -> Scene:
        """The scene of a sampled state, in the worker's thread; rough first. Raises InputError."""
        recipe = state.source.recipe
        if recipe is None:
            raise InputError("nobody was sampled.")

        def rough(found: Sampled) -> None:
            self._loading.later(lambda: self._dragged(found))

        found = self.sampler.sample(recipe, state.source.field, progress, rough=rough if state.source.beside is None else None)
        self._loading.later(lambda: self.add(recipe, found))
        if state.source.beside is None:
            return found.scene
        progress("the other person")
        return Scene(found.scene.subject, self.sampler.sample(state.source.beside, state.source.field, progress).scene)

    def arrived(self, state: State) -> None:
        """Another subject is shown (or none could be): nothing is dragged any more."""
        self.draft = None
        member = self.member(state.source.recipe)
        self.record, self.said = (member.record, member.said) if member else ({}, ())
        self.changed()

    # -- the gallery -------------------------------------------------------------------------------------------

    def member(self, recipe: Recipe | None) -> GalleryMember | None:
        """Somebody of the gallery by the recipe."""
        return next((member for member in self.members if member.recipe == recipe), None)

    def add(self, recipe: Recipe, found: Sampled) -> None:
        """Somebody more, or the whole picture of somebody who was rough."""
        old = self.member(recipe)
        plane = _plane(found.scene)
        new = GalleryMember(recipe, found.record, plane, found.said, old.kept if old else False)
        members = [new if member is old else member for member in self.members] if old else [*self.members, new]
        while len(members) > _MOST and (spare := next((m for m in members if not m.kept and m is not new), None)):
            members.remove(spare)
        self.members = tuple(members)
        if self.draft in (None, recipe):
            self.record, self.said = found.record, found.said
        self.changed()

    def keep(self, recipe: Recipe, *, kept: bool) -> None:
        """Kept people stay when the gallery is emptied, and lead it."""
        changed = [replace(member, kept=kept) if member.recipe == recipe else member for member in self.members]
        self.members = tuple(sorted(changed, key=lambda member: not member.kept))
        self.changed()

    def remove(self, recipe: Recipe) -> None:
        """Take somebody out of the gallery; who is shown stays shown."""
        self.members = tuple(member for member in self.members if member.recipe != recipe)
        self.changed()

    def empty(self) -> None:
        """Take out everybody who is not kept."""
        self.members = tuple(member for member in self.members if member.kept)
        self.changed()

    # -- other work --------------------------------------------------------------------------------------------

    def write(self, target: Path, done: Callable[[str], None]) -> None:
        """Export whoever is shown, maps and record, into a folder that becomes a BIDS derivative."""
        recipe, field = self._workspace.state.source.recipe, self._workspace.state.source.field
        if recipe is not None:
            self._loading.work(lambda progress: self.sampler.write(recipe, field, target, progress), done, announced="exporting")

    def estimate(self) -> None:
        """What the open subject's brain tells of its person."""
        scene = self._workspace.scene
        if scene is not None:
            subject = scene.subject
            self._loading.work(
                lambda progress: self.sampler.estimates(subject, progress),
                lambda found: self.estimated(subject, *found),
                announced="looking at the brain",
            )

    def choose_device(self, name: str | None) -> None:
        """Where the model runs from now on."""
        self.sampler.device = name
        self.changed()


def _for_one(recipe: Recipe) -> Recipe:
    """Of somebody between two: the nearer one, since only a single person's attributes can be fixed."""
    if recipe.other is None:
        return recipe
    seed, given = (recipe.seed, recipe.given) if recipe.share < 0.5 else recipe.other
    return Recipe(seed, given)


def _plane(scene: Scene) -> Slice:
    """The axial plane through the middle."""
    grid = scene.subject.maps.grid
    at = grid.to_voxel(scene.middle)
    voxel = [0, 0, 0]
    voxel[PLANES["axial"].normal] = at[PLANES["axial"].normal]
    return cut(scene.subject.maps, geometry("axial", grid, "radiological"), (voxel[0], voxel[1], voxel[2]))
