"""Flags that several verbs share: what is opened, in which contrast, and which picture of it."""

from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction
from pathlib import Path
from typing import NoReturn

from mriexplorer.cli.state import KINDS
from mriexplorer.cli.values import count, number, time
from mriexplorer.errors import InputError

PLANES = ("axial", "coronal", "sagittal", "all", "compare")


class Parser(ArgumentParser):
    """argparse, but what is wrong is said in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help.")


def add_source(parser: ArgumentParser) -> None:
    """Maps, a folder or a dataset, whose, and in which units."""
    from mriexplorer.subject.units import PD_UNITS, RATE_UNITS, TIME_UNITS

    parser.add_argument(
        "paths", type=Path, nargs="*", metavar="PATH", help="maps, a folder, a dataset; for the window also a session"
    )
    parser.add_argument("--person", metavar="NAME", help="who of a dataset, such as sub-01")
    for kind in KINDS:
        label = kind.upper().replace("STAR", "*")
        parser.add_argument(
            f"--{kind}", type=Path, dest=f"{kind}_file", metavar="FILE", help=f"the {label} map, whatever its name"
        )
        units = tuple(PD_UNITS if kind == "pd" else TIME_UNITS | RATE_UNITS)
        parser.add_argument(f"--{kind}-unit", choices=units, help=f"the unit of the {label} map")


def add_contrast(parser: ArgumentParser) -> None:
    """Sequence, preset, every parameter, noise, and what is shown."""
    from mriexplorer.physics import FIELDS, SEQUENCES
    from mriexplorer.view.views import SCANNED, UNCERTAINTIES, VIEWS

    named = "; ".join(f"{row.name}: {row.label}" for row in SEQUENCES.values())
    parser.add_argument("--sequence", choices=tuple(SEQUENCES), help=f"default: mprage. {named}")
    parser.add_argument("--preset", metavar="TITLE", help="a preset by its title or part of it, such as 'hcp t1w'; see below")
    seen: set[str] = set()
    for row in SEQUENCES.values():
        for parameter in row.parameters:
            if parameter.name not in seen:
                seen.add(parameter.name)
                metavar = {"s": "MS", "deg": "DEG", "1": "N"}[parameter.unit]
                kind = time if parameter.unit == "s" else number
                parser.add_argument(f"--{parameter.name}", type=kind, metavar=metavar, help=parameter.doc)
    parser.add_argument("--signed", action="store_true", help="keep the sign of the magnetisation")
    parser.add_argument("--snr", type=number, default=0.0, metavar="N", help="add noise of this SNR (default: none)")
    parser.add_argument("--noise-seed", type=int, default=0, metavar="N", help="other noise of the same SNR")
    more = ", ".join((*SCANNED, *UNCERTAINTIES))
    known = f"the signal, or a map: {', '.join(VIEWS)}; of encoded maps also {more}"
    views = (*VIEWS, *SCANNED, *UNCERTAINTIES)
    parser.add_argument("--view", choices=views, default="signal", metavar="VIEW", help=known)
    parser.add_argument("--field", type=float, choices=FIELDS, help="field strength of the built-in brain, in tesla")


def add_picture_flags(parser: ArgumentParser) -> None:
    """Which planes, where, how bright, and of which synthetic person."""
    parser.add_argument("--plane", choices=PLANES, default="all",
                        help="default: all three; compare: a measured scan, the computed one, the difference")  # fmt: skip
    parser.add_argument("--compared", choices=PLANES[:3], default="axial", help="the plane that is compared; default: axial")
    parser.add_argument("--scan", default="", metavar="KIND", help="the measured scan of encoded maps, such as FLAIR")
    parser.add_argument("--slice", type=number, metavar="MM", help="where to cut, in millimetres along the axis of the one plane")
    for name, where in (("cursor", "where all planes cut"), ("middle", "what lies in the middle of the planes")):
        help_ = f"{where}, in millimetres"
        parser.add_argument(f"--{name}", type=number, nargs=3, metavar=("X", "Y", "Z"), help=help_)
    parser.add_argument("--zoom", type=number, default=1.0, metavar="N", help="1: the whole head")
    window = "the greys: signal with PD of water = 1; ms for T1, T2 and T2* maps"
    parser.add_argument("--window", type=number, nargs=2, metavar=("LOW", "HIGH"), help=window)
    sides = ("radiological", "neurological")
    parser.add_argument("--convention", choices=sides, default=sides[0], help="default: radiological")
    parser.add_argument("--crosshair", action=BooleanOptionalAction, default=False, help="draw the crosshair")
    parser.add_argument("--smooth", action=BooleanOptionalAction, default=True, help="smooth pixels, or voxels as they are")
    parser.add_argument("--seed", type=count, metavar="S", help="a sampled person, in place of maps")
    given = "what is given of the sampled person, such as age=70 or sex=F; may be repeated"
    parser.add_argument("--given", action="append", type=_given, default=[], metavar="NAME=VALUE", help=given)


def _given(text: str) -> tuple[str, float | str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise ArgumentTypeError(f"{text!r} is not like age=70")
    try:
        return name, number(value)
    except ArgumentTypeError:
        return name, value


def presets_listed() -> str:
    """Titles of all presets, for the end of a help text."""
    from mriexplorer.view.presets import presets

    return "Presets: " + "; ".join(preset.title for preset in presets()) + "."
