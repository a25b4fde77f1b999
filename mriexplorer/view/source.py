"""What is open: files, the built-in brain, or a synthetic subject. One value, which opening, undo and sessions carry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

Texts = tuple[tuple[str, str], ...]
Conditions = tuple[tuple[str, float | str], ...]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Share = Annotated[float, Meta(ge=0, le=1)]


@dataclass(frozen=True)
class Recipe:
    """What a synthetic subject comes from: a ``seed`` of noise, and what is ``given`` of the record.

    ``other`` is another recipe's seed and what is given there, and ``share`` how far on the way to it somebody between is.
    """

    seed: Seed
    given: Conditions = ()
    other: tuple[Seed, Conditions] | None = None
    share: Share = 0.0

    @property
    def conditions(self) -> dict[str, float | str]:
        """What is given, by column."""
        return dict(self.given)

    def with_given(self, **changed: float | str) -> "Recipe":
        """The same person with more given."""
        return replace(self, given=tuple(sorted({**self.conditions, **changed}.items())))

    def without(self, *names: str) -> "Recipe":
        """The same person with less given."""
        return replace(self, given=tuple((name, value) for name, value in self.given if name not in names))


@dataclass(frozen=True)
class Source:
    """What is open.

    Of files: ``paths`` and ``picked`` files by kind, the ``person`` of a dataset, ``units`` by kind where they were chosen. Of a
    synthetic subject: the ``recipe``, and that of another ``beside``. Neither: the built-in brain. ``field`` (T) is that of the
    built-in brain and of synthetic subjects.
    """

    paths: tuple[str, ...] = ()
    picked: Texts = ()
    person: str | None = None
    units: Texts = ()
    field: float = 3.0
    recipe: Recipe | None = None
    beside: Recipe | None = None

    @property
    def of_files(self) -> bool:
        """Whether it is files, a folder or a dataset."""
        return bool(self.paths or self.picked)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What the subject depends on: a field strength only where no file tells it."""
        field = None if self.of_files else self.field
        return self.paths, self.picked, self.person, self.units, field, self.recipe, self.beside

    def files(
        self,
        paths: Sequence[Path],
        picked: Sequence[tuple[str, Path]] = (),
        person: str | None = None,
        units: Sequence[tuple[str, str]] = (),
    ) -> "Source":
        """Other files, by absolute paths; without any, the built-in brain."""
        absolute = tuple(str(Path(path).absolute()) for path in paths)
        chosen = tuple((kind, str(Path(path).absolute())) for kind, path in picked)
        return Source(absolute, chosen, person, tuple(units), self.field)

    def of_person(self, name: str) -> "Source":
        """Another person of the dataset; units were chosen for the one before."""
        return replace(self, person=name, units=())

    def in_unit(self, kind: str, unit: str) -> "Source":
        """With a map read in another unit."""
        return replace(self, units=tuple({**dict(self.units), kind: unit}.items()))

    def synthetic(self, recipe: Recipe, beside: Recipe | None = None) -> "Source":
        """A synthetic subject, perhaps with another beside."""
        return Source(field=self.field, recipe=recipe, beside=beside)

    def at(self, field: float) -> "Source":
        """At another field strength (T)."""
        return replace(self, field=field)
