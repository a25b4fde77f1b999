"""What is typed after a flag, and the sentence where it is not what it should be."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path


def count(text: str) -> int:
    from argparse import ArgumentTypeError

    if not text.strip().isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 to a million")
    return int(text)


def number(text: str) -> float:
    from argparse import ArgumentTypeError
    from math import isfinite

    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ArgumentTypeError(f"{text!r} is not a number")
    return value


def target(text: str) -> "Path":
    from argparse import ArgumentTypeError
    from pathlib import Path

    if not text.strip() or Path(text).name.lower() in (".png", ".svg", ".gif", ".nii", ".nii.gz"):
        raise ArgumentTypeError(f"{text!r} is no name of a file or folder")
    return Path(text)


def time(text: str) -> float:
    """Seconds from ``90`` (milliseconds), ``90ms`` or ``0.09s``."""
    plain = text.strip().lower()
    if plain.endswith("ms"):
        return number(plain[:-2]) / 1000
    return number(plain[:-1]) if plain.endswith("s") else number(plain) / 1000


def add_folding(parser: "ArgumentParser", whose: str = "") -> None:
    """The flag of the model of cortical folding; ``whose`` brains, where not all commands of a parser have them."""
    from mriexplorer.places import FOLDING

    what = f"{whose}the model of cortical folding; default: %(default)s"
    parser.add_argument("--folding", "--folds", dest="folding", default=FOLDING, metavar="MODEL", help=what)


def add_device(parser: "ArgumentParser") -> None:
    """The flags of where and in which precision a model runs."""
    parser.add_argument("--device", choices=("cpu", "cuda", "mps"), help="default: the best there is")
    add_precision(parser)


def add_precision(parser: "ArgumentParser") -> None:
    """The flag of the precision that networks compute in."""
    from mriexplorer.generative.precision import PRECISIONS

    what = "what networks compute in; default: auto, what the processor is quick at"
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help=what)


def add_conditions(parser: "ArgumentParser") -> None:
    """A flag for each column of the record that can be given."""
    from mriexplorer.subject.record_columns import conditions

    group = parser.add_argument_group("what is given of the record; the rest is sampled")
    for column in conditions():
        told = column.condition.replace("%", "%%")
        group.add_argument(f"--{column.short}", dest=column.name, metavar="VALUE", help=told)


def given_conditions(options: "Namespace") -> dict[str, Any]:
    """What was given of the record, by column."""
    from mriexplorer.subject.record_columns import conditions

    return {one.name: value for one in conditions() if (value := getattr(options, one.name)) is not None}


def add_workers(parser: "ArgumentParser") -> None:
    """The flags of who works."""
    parser.add_argument("--jobs", type=count, default=1, metavar="J", help="how many work at once; default: 1")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a running dask scheduler, such as tcp://host:8786")
