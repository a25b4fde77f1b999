"""What can be fixed of a synthetic person: the attributes that the shipped model samples, without the model itself."""

import json
from dataclasses import dataclass

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.columns import HIDDEN, Column, from_plain
from mriexplorer.places import PEOPLE, models


@dataclass(frozen=True)
class AttributeRange:
    """What a control of an attribute must know: ``levels`` to choose from (none: numbers), ``usual`` low and high of the people
    that were learnt from, their ``middle``, and ``limits`` of what a person can have. Values are multiples of ``step``.

    ``narrow_unit`` is the unit where there is little room.
    """

    name: str
    label: str
    unit: str
    narrow_unit: str
    step: float
    limits: tuple[float, float]
    levels: tuple[float | str, ...]
    usual: tuple[float, float]
    middle: float


def attribute_ranges() -> tuple[AttributeRange, ...]:
    """The attributes that the shipped model samples. Raises InputError where it is not there."""
    path = models() / PEOPLE / "attributes.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} could not be read ({error}); the model of people is missing, install mriexplorer again."
        ) from None
    return tuple(_range_of(column) for column in from_plain(content, str(path)) if column.name not in HIDDEN)


def _range_of(column: Column) -> AttributeRange:
    of, (low, high) = column.kind, column.usual
    middle = column.knots[len(column.knots) // 2] if column.knots else (low + high) / 2
    return AttributeRange(
        of.name, of.label, of.unit.name, of.unit_in_brief, of.step, of.limits, column.values, column.usual, middle
    )  # fmt: skip
