"""People who never were, as the window has them: sampled, dragged, kept side by side, compared, written.

The recipe of whoever is shown is part of the state, so undo brings people back. While an attribute is dragged, a draft recipe
is followed by rough brains; the state changes when the drag ends.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.errors import InputError
from mriexplorer.render.scene import Scene
from mriexplorer.render.side_by_side import Member
from mriexplorer.render.slices import Cut, cut, face
from mriexplorer.session.sampler import Sampled, Sampler
from mriexplorer.subject.attribute_estimate import AttributeEstimate
from mriexplorer.subject.subject import Subject
from mriexplorer.view.plane import PLANES
from mriexplorer.view.state import Recipe, State

if TYPE_CHECKING:
    from mriexplorer.session.session import Session

_MOST = 48  # people of the gallery; the oldest that is not kept goes first


class Studio:
    """Wishes about sampled people. ``changed`` is called when the gallery or the draft is another."""

    def __init__(self, session: "Session") -> None:
        self._session, self.sampler = session, Sampler()
        self.members: tuple[Member, ...] = ()
        self.draft: Recipe | None = None  # while something is dragged
        self.record: Mapping[str, float | str] = {}
        self.said: tuple[str, ...] = ()
        self.changed: Callable[[], None] = lambda: None
        self.estimated: Callable[[Subject, list[AttributeEstimate], list[str]], None] = lambda _subject, _told, _said: None

    @property
    def recipe(self) -> Recipe | None:
        """Of whoever is shown, or dragged to."""
        return self.draft or self._session.state.sampled

    # -- people ------------------------------------------------------------------------------------------------

    def sample(self, count: int = 1) -> None:
        """New people; what is fixed of whoever is shown, they have too. The last one is shown."""
        given = self.recipe.given if self.recipe and self.recipe.other is None else ()
        recipes = [Recipe(random.randrange(1, 1_000_000), given) for _ in range(count)]  # noqa: S311 no secret
        field = self._session.state.field

        def before(progress: Callable[[str], None]) -> None:
            for number, recipe in enumerate(recipes[:-1], 1):
                progress(f"person {number} of {count}")
                self._session.loading.later(partial(self.add, recipe, self.sampler.rough(recipe, field, progress)))

        self._show(recipes[-1], before=before if count > 1 else None)

    def show(self, recipe: Recipe) -> None:
        """Somebody of the gallery."""
        if recipe != self._session.state.sampled or self.draft is not None:
            self._show(recipe)

    def wish(self, name: str, value: float | str, *, settled: bool) -> None:
        """Fix an attribute of the person who is shown; the rest follows, from the same noise."""
        recipe = self.recipe
        if recipe is None:
            return
        self._go(_for_one(recipe).with_given(**{name: value}), settled=settled)

    def free(self, *names: str) -> None:
        """Let attributes follow again; without names, all: the person as first drawn."""
        recipe = self.recipe
        if recipe is not None:
            self._go(recipe.without(*(names or recipe.wishes)), settled=True)

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
        state = self._session.state
        if state.sampled is not None:
            layout = "compare" if other else "grid" if state.layout == "compare" else state.layout
            self._session.loading.load(replace(state, beside=other, layout=layout))

    def _go(self, recipe: Recipe, *, settled: bool) -> None:
        if settled:
            self._show(recipe)
            return
        self.draft = recipe
        self.changed()
        field = self._session.state.field
        self._session.loading.work(lambda progress: self.sampler.rough(recipe, field, progress), self._dragged)

    def _dragged(self, found: Sampled) -> None:
        self.record, self.said = found.record, found.said
        self._session.loading.preview(found.scene)
        self.changed()

    def _show(self, recipe: Recipe, before: Callable[[Callable[[str], None]], None] | None = None) -> None:
        state = self._session.state
        self.draft = recipe
        self.changed()
        source = replace(state, paths=(), picked=(), person=None, units=(), sampled=recipe, beside=None)
        layout = "grid" if source.layout == "compare" else source.layout
        fresh = state.sampled is None
        self._session.loading.load(replace(source, layout=layout), fresh=fresh, before=before)

    # -- what the session asks ---------------------------------------------------------------------------------

    def scene(self, state: State, progress: Callable[[str], None]) -> Scene:
        """The scene of a sampled state, in the worker's thread; rough first. Raises InputError."""
        recipe = state.sampled
        if recipe is None:
            raise InputError("nobody was sampled.")

        def rough(found: Sampled) -> None:
            self._session.loading.later(lambda: self._dragged(found))

        found = self.sampler.sample(recipe, state.field, progress, rough=rough if state.beside is None else None)
        self._session.loading.later(lambda: self.add(recipe, found))
        if state.beside is None:
            return found.scene
        progress("the other person")
        return Scene(found.scene.subject, self.sampler.sample(state.beside, state.field, progress).scene)

    def arrived(self, state: State) -> None:
        """Another subject is shown (or none could be): nothing is dragged any more."""
        self.draft = None
        member = self.member(state.sampled)
        self.record, self.said = (member.record, member.said) if member else ({}, ())
        self.changed()

    # -- the gallery -------------------------------------------------------------------------------------------

    def member(self, recipe: Recipe | None) -> Member | None:
        """Somebody of the gallery by the recipe."""
        return next((member for member in self.members if member.recipe == recipe), None)

    def add(self, recipe: Recipe, found: Sampled) -> None:
        """Somebody more, or the whole picture of somebody who was rough."""
        old = self.member(recipe)
        plane = _plane(found.scene)
        new = Member(recipe, found.record, plane, found.said, old.kept if old else False)
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

    def write(self, target: Path, told: Callable[[str], None]) -> None:
        """Export whoever is shown, maps and record, into a folder that becomes a BIDS derivative."""
        recipe, field = self._session.state.sampled, self._session.state.field
        if recipe is not None:
            self._session.loading.work(
                lambda progress: self.sampler.write(recipe, field, target, progress), told, announced="exporting"
            )

    def estimate(self) -> None:
        """What the open subject's brain tells of its person."""
        scene = self._session.scene
        if scene is not None:
            subject = scene.subject
            self._session.loading.work(
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


def _plane(scene: Scene) -> Cut:
    """The axial plane through the middle."""
    grid = scene.subject.maps.grid
    at = grid.to_voxel(scene.middle)
    voxel = [0, 0, 0]
    voxel[PLANES["axial"].normal] = at[PLANES["axial"].normal]
    return cut(scene.subject.maps, face("axial", grid, "radiological"), (voxel[0], voxel[1], voxel[2]))
