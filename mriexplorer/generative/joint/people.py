"""Whom the joint model learns from: people of images, rows of tables without images, and simulated records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mriexplorer.dataset.shapes import BrainShape, find_shapes
from mriexplorer.dataset.store import CohortStore
from mriexplorer.dataset.tables import RecordRow, read_table
from mriexplorer.errors import InputError
from mriexplorer.generative.joint.columns import Column, Values, of_columns
from mriexplorer.generative.joint.gaussian import Cells, parts
from mriexplorer.simulation import record as attributes
from mriexplorer.simulation.shape import Vectors
from mriexplorer.workers import Progress, Workers

_KEPT_PARTS = 10  # one in so many people of tables without a set is for validation


@dataclass(frozen=True)
class Participant:
    """A row of training: its person, set, record by column, and the shape where there is an image. ``weight`` in the training."""

    person: str
    set: str
    record: Values
    shape: BrainShape | None = None
    weight: float = 1.0

    @property
    def velocity(self) -> Vectors:
        """Of whoever has a shape."""
        if self.shape is None:
            raise ValueError("no shape")
        return self.shape.velocity


def people_of(stores: Sequence[CohortStore], tables: Sequence[Path], workers: Workers, progress: Progress) -> list[Participant]:
    """Sessions of the stores with the shapes of their brains (found now, or kept with the store), then rows of the tables.

    Whoever is in a store is not taken from a table too, but for the study that the table names. Raises InputError.
    """
    rows = [row for table in tables for row in read_table(table)]
    study = {_plain(row): row.source for row in rows if row.source}
    found: list[Participant] = []
    for store in stores:
        if store.voxel != 2:
            raise InputError(f"{store.folder} is at {store.voxel} mm; shapes are found at 2 mm, so gather with --voxel 2.")
        for shape in find_shapes(store.entries, store.folder / "shapes", workers, progress):
            record = of_columns(shape.entry.record) | {"ventricles": 100 * shape.ventricles}
            record |= {"study": study[shape.entry.person]} if shape.entry.person in study else {}
            found.append(Participant(shape.entry.person, shape.entry.set, record, shape))
    there = {person.person for person in found} | {entry.person for store in stores for entry in store.entries}
    others = [row for row in rows if _plain(row) not in there]
    kept = parts([row.person for row in others], _KEPT_PARTS)
    for row, part in zip(others, kept, strict=True):
        record = of_columns(row.record) | ({"study": row.source} if row.source else {})
        found.append(Participant(row.person, "validation" if part == 0 else "train", record))
    return found


def simulated(count: int, seed: int) -> list[Participant]:
    """Records that the simulation draws."""
    found = []
    for number in range(count):
        record = attributes.draw(np.random.default_rng([seed, number, 5]))
        known = {name: value for name, value in vars(record).items() if value is not None and name != "ventricles"}
        found.append(Participant(f"simulated {number}", "train", of_columns(known)))
    return found


def cells_of(people: Sequence[Participant], columns: Sequence[Column], shapes: Mapping[int, Any], count: int) -> Cells:
    """Scores of people; ``shapes`` has the ``count`` numbers of the shape by place among the people."""
    low = np.full((len(people), len(columns) + count), -np.inf)
    high = np.full_like(low, np.inf)
    for place, person in enumerate(people):
        for number, column in enumerate(columns):
            if column.name in person.record:
                low[place, number], high[place, number] = column.interval(person.record[column.name])
        if place in shapes:
            low[place, len(columns) :] = high[place, len(columns) :] = shapes[place]
    return Cells(low, high, np.array([person.weight for person in people]))


def _plain(row: RecordRow) -> str:
    """A table's person without the study before it."""
    return row.person.removeprefix(f"{row.source}-")
