"""The only truth of a session: one frozen state. Undo is the previous one; flags and presets are overrides of one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from mriexplorer.errors import InputError
from mriexplorer.physics import FIELDS, SEQUENCES, Problem, Sequence, problems
from mriexplorer.subject.tissue_maps import Millimetres

View = Literal["signal", "t1", "t2", "t2star", "pd", "measured", "residual", "t1 uncertainty", "t2 uncertainty", "pd uncertainty"]
VIEWS: tuple[View, ...] = ("signal", "t1", "t2", "t2star", "pd")  # of every subject
UNCERTAINTIES: tuple[View, ...] = ("t1 uncertainty", "t2 uncertainty", "pd uncertainty")  # of encoded maps
SCANNED: tuple[View, ...] = ("measured", "residual")  # of maps that were encoded from scans
COMPARED: tuple[View, ...] = ("measured", "signal", "residual")  # what the layout "compare" shows of one plane
LAYOUTS = ("grid", "axial", "sagittal", "coronal", "compare")
_RESIDUAL = 0.3  # of the signal's window, to either side of 0
Window = tuple[float, float]
Pairs = tuple[tuple[str, Any], ...]

# Ranges of the maps as they are first shown, in seconds and PD of water = 1.
MAP_WINDOWS: Mapping[str, Window] = {"t1": (0.0, 3.0), "t2": (0.0, 0.25), "t2star": (0.0, 0.15), "pd": (0.0, 1.1),
                                     **dict.fromkeys(UNCERTAINTIES, (0.0, 0.5))}  # fmt: skip


@dataclass(frozen=True)
class State:
    """What is looked at and how.

    Source: ``paths`` (none: the built-in brain), ``picked`` files by kind, the ``person`` of a dataset, ``units`` by kind,
    ``field`` strength of the built-in brain. Contrast: ``sequence`` with its ``values`` in seconds and degrees, the ``preset``
    last chosen. View: the signal or a map, signed or magnitude, ``windows`` (low, high) by view, cursor and ``centre`` of
    the view in millimetres (None: the middle of the head), ``zoom`` 1 = the plane fits. Of maps that were encoded from scans,
    ``scan`` is the kind of the measured one that is shown, ``compared`` the plane of the layout that has it beside the signal.
    """

    paths: tuple[str, ...] = ()
    picked: Pairs = ()
    person: str | None = None
    units: Pairs = ()
    field: float = 3.0
    sequence: str = "mprage"
    values: Pairs = tuple(SEQUENCES["mprage"].defaults().items())
    preset: str = ""
    view: View = "signal"
    scan: str = ""
    compared: str = "axial"
    magnitude: bool = True
    windows: Pairs = ()
    auto: bool = True
    cursor: Millimetres | None = None
    centre: Millimetres | None = None
    zoom: float = 1.0
    convention: Literal["radiological", "neurological"] = "radiological"
    layout: str = "grid"
    smooth: bool = True
    crosshair: bool = True
    expert: bool = False
    people: bool = True
    theme: Literal["dark", "light"] = "dark"

    @property
    def row(self) -> Sequence:
        """The sequence's row of the table."""
        return SEQUENCES[self.sequence]

    @property
    def protocol(self) -> dict[str, float]:
        """The parameters by name, in seconds and degrees."""
        return dict(self.values)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why a scanner could not run this."""
        return problems(self.row, self.protocol)

    @property
    def source(self) -> tuple[Any, ...]:
        """What the subject depends on."""
        return self.paths, self.picked, self.person, self.units, None if self.paths or self.picked else self.field

    def window(self, default: Window = (0.0, 1.0)) -> Window:
        """Low and high of the current view. A measured scan has the window of the signal, and the residual a part of it."""
        named = "signal" if self.view in SCANNED else self.view
        low, high = dict(self.windows).get(named, MAP_WINDOWS.get(named, default))
        if self.view == "residual":
            low, high = -_RESIDUAL * high, _RESIDUAL * high
        return float(low), float(high)

    def with_window(self, low: float, high: float) -> "State":
        """The state with another window for the current view; the residual's follows from the signal's."""
        high = max(high, low + 1e-6)
        if self.view == "residual":
            low, high = 0.0, max(abs(low), abs(high)) / _RESIDUAL
        return replace(self, windows=_with(self.windows, "signal" if self.view in SCANNED else self.view, (low, high)))

    def with_values(self, **changed: float) -> "State":
        """The state with some parameters moved, each kept inside its range."""
        clipped = {name: self.row.parameter(name).clip(value) for name, value in changed.items()}
        return replace(self, values=tuple({**self.protocol, **clipped}.items()))

    def with_sequence(self, name: str, values: Mapping[str, float] | None = None) -> "State":
        """The state with another sequence; without ``values``, each parameter starts at that sequence's default."""
        return replace(self, sequence=name, values=tuple(SEQUENCES[name].complete(values or {}).items()))

    def to_json(self) -> str:
        """The state as JSON, for session files."""
        return json.dumps(asdict(self), indent=1)


def _with(pairs: Pairs, name: str, value: Any) -> Pairs:
    return tuple({**dict(pairs), name: value}.items())


def _frozen(value: Any) -> Any:
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value


def from_json(text: str) -> State:
    """A state from ``State.to_json``. Raises InputError for anything a state cannot be."""
    try:
        content = json.loads(text)
        known = {f.name for f in fields(State)}
        state = State(**{name: _frozen(value) for name, value in content.items() if name in known})
        state = state.with_sequence(state.sequence, {name: float(value) for name, value in state.values})
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise InputError(f"this is not a state of mriexplorer ({error}).") from None
    fine = (
        isinstance(state.zoom, float | int)
        and state.view in (*VIEWS, *SCANNED, *UNCERTAINTIES)
        and state.compared in ("axial", "sagittal", "coronal")
        and state.layout in LAYOUTS
        and state.field in FIELDS
        and state.convention in ("radiological", "neurological")
        and state.theme in ("dark", "light")
        and 0.05 <= state.zoom <= 100
    )
    if not fine:
        raise InputError("this is not a state of mriexplorer (a value is out of its range).")
    return state
