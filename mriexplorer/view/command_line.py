"""A state as the words of a command line: ``mriexplorer render …`` gives the picture that is on the screen."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from mriexplorer.errors import InputError
from mriexplorer.physics import Parameter
from mriexplorer.view.contrast import SIDES
from mriexplorer.view.state import Recipe, State
from mriexplorer.view.views import SCANNED

_IN_MS = ("t1", "t2", "t2star")
_PLANES = ("axial", "sagittal", "coronal", "compare")


def command(state: State, output: str = "picture.png") -> str:
    """The line to copy into a shell; regions are not told by it.

    Raises InputError for what no flags tell: two people side by side, several contrasts, one compared with a pinned one.
    """
    if state.layout in (*SIDES, "people") or state.ab:
        raise InputError("several contrasts or people at once cannot be told on a command line; save the session instead.")
    return shlex.join(["mriexplorer", *words(state, output)])


def words(state: State, output: str) -> list[str]:
    """The arguments of ``mriexplorer``."""
    return ["render", *_source(state), *_contrast(state), *_display(state), "-o", output]


def _source(state: State) -> Iterator[str]:
    yield from state.paths
    for kind, path in state.picked:
        yield from (f"--{kind}", path)
    for kind, unit in state.units:
        yield from (f"--{kind}-unit", unit)
    if state.person is not None:
        yield from ("--person", state.person)
    if state.sampled is not None:
        yield from _sampled(state, state.sampled)
    if not state.paths and not state.picked:
        yield from ("--field", f"{state.field:g}")


def _sampled(state: State, recipe: Recipe) -> Iterator[str]:
    if state.beside is not None or recipe.other is not None:
        raise InputError("two people at once cannot be told on a command line; save the session instead.")
    yield from ("--seed", str(recipe.seed))
    for name, value in recipe.given:
        yield from ("--given", f"{name}={value if isinstance(value, str) else _plain(value)}")


def _contrast(state: State) -> Iterator[str]:
    yield from ("--sequence", state.sequence)
    for parameter in state.row.parameters:
        value = state.protocol[parameter.name]
        if not parameter.expert or value != parameter.default:
            yield from (f"--{parameter.name}", _typed(parameter, value))
    if not state.magnitude:
        yield "--signed"
    if state.snr:
        yield from ("--snr", _plain(state.snr))
        yield from ("--noise-seed", str(state.noise_seed))


def _typed(parameter: Parameter, value: float) -> str:
    """The value in milliseconds, where that gives the very same number again, else in seconds."""
    if parameter.unit != "s":
        return _plain(value)
    shown = f"{value * 1000:.10g}"
    return shown if float(shown) / 1000 == value else f"{_plain(value)}s"


def _display(state: State) -> Iterator[str]:
    plane = state.layout if state.layout in _PLANES else "all"
    view = "signal" if plane == "compare" else state.view
    if view != "signal":
        yield from ("--view", view)
    if plane != "all":
        yield from ("--plane", plane)
    if plane == "compare":
        yield from ("--compared", state.compared)
    if state.scan and (view in SCANNED or plane == "compare"):
        yield from ("--scan", state.scan)
    if state.cursor is not None:
        yield from ("--cursor", *map(_plain, state.cursor))
    if state.centre is not None:
        yield from ("--middle", *map(_plain, state.centre))
    if state.zoom != 1:
        yield from ("--zoom", _plain(state.zoom))
    window = replace(state, view=view).window()
    yield from ("--window", *(_plain(edge * 1000 if view in _IN_MS else edge) for edge in window))
    if state.convention != "radiological":
        yield from ("--convention", state.convention)
    if state.crosshair:
        yield "--crosshair"
    if not state.smooth:
        yield "--no-smooth"


def _plain(number: float) -> str:
    """A number without an exponent, which argparse would take for a flag where it is negative."""
    return f"{Decimal(repr(float(number))):f}"
