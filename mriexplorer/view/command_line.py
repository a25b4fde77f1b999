"""A state as the words of a command line: ``mriexplorer render …`` gives the picture that is on the screen."""

import shlex
from collections.abc import Iterator
from decimal import Decimal

from mriexplorer.errors import InputError
from mriexplorer.physics import Parameter
from mriexplorer.view.display import SIDES, SINGLE, Layout
from mriexplorer.view.source import Recipe, Source
from mriexplorer.view.state import State
from mriexplorer.view.views import SCANNED, View

_IN_MS = (View.T1, View.T2, View.T2STAR)
_PLANES = (*SINGLE, Layout.COMPARE)


def command(state: State, output: str = "picture.png") -> str:
    """The line to copy into a shell; regions are not told by it.

    Raises InputError for what no flags tell: two people side by side, several contrasts, one compared with a pinned one.
    """
    if state.display.layout in (*SIDES, Layout.PEOPLE) or state.comparison.mode:
        raise InputError("several contrasts or people at once cannot be told on a command line; save the session instead.")
    return shlex.join(["mriexplorer", *words(state, output)])


def words(state: State, output: str) -> list[str]:
    """The arguments of ``mriexplorer``."""
    return ["render", *_source(state.source), *_contrast(state), *_display(state), "-o", output]


def _source(source: Source) -> Iterator[str]:
    yield from source.paths
    for kind, path in source.picked:
        yield from (f"--{kind}", path)
    for kind, unit in source.units:
        yield from (f"--{kind}-unit", unit)
    if source.person is not None:
        yield from ("--person", source.person)
    if source.recipe is not None:
        yield from _synthetic(source, source.recipe)
    if not source.of_files:
        yield from ("--field", f"{source.field:g}")


def _synthetic(source: Source, recipe: Recipe) -> Iterator[str]:
    if source.beside is not None or recipe.other is not None:
        raise InputError("two people at once cannot be told on a command line; save the session instead.")
    yield from ("--seed", str(recipe.seed))
    for name, value in recipe.given:
        yield from ("--given", f"{name}={value if isinstance(value, str) else _plain(value)}")


def _contrast(state: State) -> Iterator[str]:
    yield from ("--sequence", state.sequence.name)
    for parameter in state.sequence.parameters:
        value = state.protocol[parameter.name]
        if not parameter.expert or value != parameter.default:
            yield from (f"--{parameter.name}", _typed(parameter, value))
    if not state.contrast.magnitude:
        yield "--signed"
    if state.display.snr:
        yield from ("--snr", _plain(state.display.snr))
        yield from ("--noise-seed", str(state.display.noise_seed))


def _typed(parameter: Parameter, value: float) -> str:
    """The value in milliseconds, where that gives the very same number again, else in seconds."""
    if parameter.unit != "s":
        return _plain(value)
    shown = f"{value * 1000:.10g}"
    return shown if float(shown) / 1000 == value else f"{_plain(value)}s"


def _display(state: State) -> Iterator[str]:
    display, scan = state.display, state.comparison.scan
    plane = display.layout.value if display.layout in _PLANES else "all"
    view = View.SIGNAL if plane == Layout.COMPARE else state.view
    if view != View.SIGNAL:
        yield from ("--view", view.value)
    if plane != "all":
        yield from ("--plane", plane)
    if plane == Layout.COMPARE:
        yield from ("--compared", display.plane)
    if scan and (view in SCANNED or plane == Layout.COMPARE):
        yield from ("--scan", scan)
    if display.cursor is not None:
        yield from ("--cursor", *map(_plain, display.cursor))
    if display.centre is not None:
        yield from ("--middle", *map(_plain, display.centre))
    if display.zoom != 1:
        yield from ("--zoom", _plain(display.zoom))
    window = state.with_contrast(view=view).window()
    yield from ("--window", *(_plain(edge * 1000 if view in _IN_MS else edge) for edge in window))
    if display.convention != "radiological":
        yield from ("--convention", display.convention)
    if display.crosshair:
        yield "--crosshair"
    if not display.smooth:
        yield "--no-smooth"


def _plain(number: float) -> str:
    """A number without an exponent, which argparse would take for a flag where it is negative."""
    return f"{Decimal(repr(float(number))):f}"
