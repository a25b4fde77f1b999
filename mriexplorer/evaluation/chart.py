"""What a report draws, as data: curves, bars, points and pictures; whoever draws them knows no evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Whom a series is of: one colour each, in every chart of a report."""

    SYNTHETIC = "synthetic"
    REAL = "real"
    OTHER_REAL = "other real"  # the other half of the real people: the ceiling
    LITERATURE = "literature"
    BASELINE = "baseline"  # another method


@dataclass(frozen=True)
class Series:
    """Points (x, y) of one name, a line through them unless ``points``; ``low`` and ``high`` are a band about a line, or empty.

    ``names`` say what each point is, when it is pointed at; or empty.
    """

    name: str
    role: Role
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    points: bool = False


@dataclass(frozen=True)
class Chart:
    """One diagram of a ``group`` of metrics; ``about`` says under it what it shows and how it is read; ``n`` who it is of."""

    group: str
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    about: str
    n: str
    x_log: bool = False
    y_log: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture (PNG) with what it shows."""

    group: str
    title: str
    png: bytes
    about: str


@dataclass(frozen=True)
class Table:
    """Rows of text under a head, for what is no metric."""

    group: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    about: str


@dataclass(frozen=True)
class Illustrations:
    """Everything that stands in a report beside its metrics, and what must be said loudly above them."""

    charts: tuple[Chart, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # how it was done, by what
