"""What a step of a lesson sets: ``key: value`` lines. They are read by this small table, and nothing is evaluated.

::

    preset: Clinical 3 T · FLAIR     a protocol by its title
    sequence: flair                  a sequence with its defaults
    ti: 2500                         a parameter of the sequence, in ms, degrees or a number
    field: 3                         tesla, of the built-in brain
    view: t1                         signal, t1, t2, t2star, pd
    cursor: csf                      a tissue, or a place in mm: 2 -14 8
    magnitude, expert, crosshair: on, off
    panel: curves   curve: recovery   varied: te   layout: grid
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mriexplorer.explain.curves import COMPARED_TISSUES
from mriexplorer.explain.tissue_class import place_of
from mriexplorer.physics import FIELDS, SEQUENCES, Parameter
from mriexplorer.render.scene import Scene
from mriexplorer.view.display import Layout
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.presets import by_title
from mriexplorer.view.state import State
from mriexplorer.view.views import VIEWS, View

PARAMETERS: Mapping[str, Parameter] = {p.name: p for row in SEQUENCES.values() for p in row.parameters}
TISSUE_NAMES = COMPARED_TISSUES


class LineError(Exception):
    """What is wrong with a line, without the file and the line's number."""


@dataclass(frozen=True)
class Setting:
    """Pairs of key and value, in the order of the lesson; parameters in seconds and degrees."""

    pairs: tuple[tuple[str, Any], ...] = ()

    @property
    def sequence(self) -> str:
        """The sequence that is set, by its name or by a preset; empty where none is."""
        wanted = dict(self.pairs)
        if "preset" in wanted:
            return by_title()[wanted["preset"]].protocol.sequence.name
        return str(wanted.get("sequence", ""))

    def then(self, later: "Setting") -> "Setting":
        """Both, one after the other: a later preset or sequence starts the contrast anew."""
        kept = dict(self.pairs)
        if later.sequence:
            gone = (*PARAMETERS, "preset", "sequence", "view", *(("field",) if "preset" in dict(later.pairs) else ()))
            kept = {key: value for key, value in kept.items() if key not in gone}
        return Setting(tuple({**kept, **dict(later.pairs)}.items()))

    def applied(self, state: State, scene: Scene) -> State:
        """The state as the lesson wants it."""
        wanted = dict(self.pairs)
        model = scene.subject.maps.model
        state = self._with_contrast(state if state.sequence.model == model else state.with_sequence(state.sequence.twin), wanted)
        if "panel" in wanted and "layout" not in wanted and state.display.layout not in _WITH_PANEL:
            wanted["layout"] = Layout.GRID
        if isinstance(wanted.get("cursor"), str):
            wanted["cursor"] = place_of(scene, wanted["cursor"])
        for key, change in _SHOWN.items():
            if key in wanted:
                state = change(state, wanted[key])
        return state

    def _with_contrast(self, state: State, wanted: dict[str, Any]) -> State:
        if "preset" in wanted:
            state = by_title()[wanted["preset"]].applied(state)
        elif "sequence" in wanted:
            name = wanted["sequence"] if state.sequence.model == "full" else SEQUENCES[wanted["sequence"]].twin
            state = state.with_sequence(name).with_contrast(preset="", view=View.SIGNAL)
        has = state.sequence.names  # the ideal twin of a sequence has fewer
        return state.with_values(**{key: value for key, value in wanted.items() if key in has})


def setting_line(text: str, before: Setting) -> tuple[str, Any]:
    """One line of a ``set`` block, after what was set ``before`` it. Raises LineError."""
    key, colon, value = (part.strip() for part in text.partition(":"))
    key = "panel" if key == "corner" else key  # its name in version 0.1
    if not colon or not value:
        raise LineError(f"{text.strip()!r} is not of the form key: value")
    if key in PARAMETERS:
        return key, _parameter(key, value, before.sequence)
    if key not in _READERS:
        raise LineError(f"{key!r} cannot be set; what can is {', '.join([*_READERS, *PARAMETERS])}")
    return key, _READERS[key](value)


def _parameter(name: str, text: str, sequence: str) -> float:
    """A parameter's value in seconds or degrees, within its range in the sequence."""
    if not sequence:
        raise LineError(f"{name} is set before any preset or sequence")
    parameter = next((p for p in SEQUENCES[sequence].parameters if p.name == name), None)
    if parameter is None:
        raise LineError(f"{name} is not a parameter of {sequence}")
    value = number(text, parameter)
    if parameter.clip(value) != value:
        low, high = parameter.shown(parameter.low), parameter.shown(parameter.high)
        raise LineError(f"{name} must lie between {low} and {high} {parameter.unit_in()}".strip())
    return value


def number(text: str, parameter: Parameter | None = None) -> float:
    """A plain number; of a parameter, in the unit that people see. Raises LineError."""
    try:
        value = float(text)
    except ValueError:
        unit = f" in {parameter.unit_in()}" if parameter is not None and parameter.unit_in() else ""
        raise LineError(f"{text!r} is not a number{unit}") from None
    if not abs(value) < 1e9:
        raise LineError(f"{text!r} is not a number")
    return value / (parameter.factor_in() if parameter is not None else 1.0)


def one_of(choices: Collection[str], aliases: Mapping[str, str] = MappingProxyType({})) -> Callable[[str], str]:
    """Reads a word that must be one of some; ``aliases`` are other words for them."""

    def read(text: str) -> str:
        text = aliases.get(text, text)
        if text not in choices:
            raise LineError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return read


def on_or_off(text: str) -> bool:
    """``on`` or ``off``."""
    return one_of(("on", "off"))(text) == "on"


def field_strength(text: str) -> float:
    """A field strength in tesla that the tissues are known at."""
    if number(text) not in FIELDS:
        raise LineError(f"{text!r} is none of {', '.join(f'{f:g}' for f in FIELDS)} (tesla)")
    return number(text)


def _cursor(text: str) -> str | tuple[float, ...]:
    parts = text.split()
    if len(parts) == 3:
        return tuple(number(part) for part in parts)
    if text not in TISSUE_NAMES:
        raise LineError(f"{text!r} is neither of {', '.join(TISSUE_NAMES)} nor three numbers in mm")
    return text


def _preset(text: str) -> str:
    if text not in by_title():
        raise LineError(f"{text!r} is no preset")
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "preset": _preset,
    "sequence": one_of(tuple(SEQUENCES)),
    "field": field_strength,
    "view": one_of(VIEWS),
    "cursor": _cursor,
    "magnitude": on_or_off,
    "expert": on_or_off,
    "crosshair": on_or_off,
    "panel": one_of(tuple(SidePanel), {"find": SidePanel.SEARCH}),
    "curve": one_of(("signal", "recovery")),
    "varied": one_of(tuple(PARAMETERS)),
    "layout": one_of(tuple(Layout), {"corner": Layout.SIDE_PANEL}),
}
_SHOWN: Mapping[str, Callable[[State, Any], State]] = {
    "field": State.with_field,
    "view": lambda state, view: state.with_contrast(view=view),
    "magnitude": lambda state, magnitude: state.with_contrast(magnitude=magnitude),
    "expert": lambda state, expert: state.with_panels(expert=expert),
    "crosshair": lambda state, crosshair: state.with_display(crosshair=crosshair),
    "panel": lambda state, side: state.with_panels(side=side),
    "curve": lambda state, curve: state.with_panels(curve=curve),
    "varied": lambda state, varied: state.with_panels(varied=varied),
    "layout": lambda state, layout: state.with_display(layout=layout),
    "cursor": lambda state, cursor: state.with_display(cursor=cursor),
}
_WITH_PANEL = (Layout.GRID, Layout.COMPARE, Layout.SIDE_PANEL)
