"""The only truth of a session: one frozen state. Undo is the previous one; flags and presets are overrides of one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from mriexplorer.errors import InputError
from mriexplorer.physics import FIELDS, SEQUENCES, Problem, Sequence, problems
from mriexplorer.subject.tissue_maps import Millimetres

View = Literal[
    "signal", "t1", "t2", "t2star", "pd", "measured", "residual", "t1 uncertainty", "t2 uncertainty", "pd uncertainty", "other",
    "difference",
]  # fmt: skip
VIEWS: tuple[View, ...] = ("signal", "t1", "t2", "t2star", "pd")  # of every subject
UNCERTAINTIES: tuple[View, ...] = ("t1 uncertainty", "t2 uncertainty", "pd uncertainty")  # of encoded maps
SCANNED: tuple[View, ...] = ("measured", "residual")  # of maps that were encoded from scans
BESIDE: tuple[View, ...] = ("other", "difference")  # of two people who were sampled
COMPARED: tuple[View, ...] = ("measured", "signal", "residual")  # what the layout "compare" shows of one plane
COMPARED_PEOPLE: tuple[View, ...] = ("signal", "other", "difference")
LAYOUTS = ("grid", "axial", "sagittal", "coronal", "compare", "corner")
CORNERS = ("histograms", "curves", "pulses", "measure", "find", "volume")  # what stands in the fourth place
_RESIDUAL = 0.3  # of the signal's window, to either side of 0
Window = tuple[float, float]
Pairs = tuple[tuple[str, Any], ...]

# Ranges of the maps as they are first shown, in seconds and PD of water = 1.
MAP_WINDOWS: Mapping[str, Window] = {"t1": (0.0, 3.0), "t2": (0.0, 0.25), "t2star": (0.0, 0.15), "pd": (0.0, 1.1),
                                     **dict.fromkeys(UNCERTAINTIES, (0.0, 0.5))}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """What a sampled person comes from: a ``seed`` of noise, and what is ``given`` of the record.

    ``other`` is another recipe's seed and what is given there, and ``share`` how far on the way to it somebody between is.
    """

    seed: int
    given: Pairs = ()
    other: tuple[int, Pairs] | None = None
    share: float = 0.0

    @property
    def wishes(self) -> dict[str, float | str]:
        """What is given, by column."""
        return dict(self.given)

    def with_given(self, **changed: float | str) -> "Recipe":
        """The same person with more given."""
        return replace(self, given=tuple(sorted({**self.wishes, **changed}.items())))

    def without(self, *names: str) -> "Recipe":
        """The same person with less given."""
        return replace(self, given=tuple((name, value) for name, value in self.given if name not in names))


@dataclass(frozen=True)
class State:
    """What is looked at and how.

    Source: ``paths`` (none: the built-in brain), ``picked`` files by kind, the ``person`` of a dataset, ``units`` by kind,
    ``field`` strength of the built-in brain and of sampled people; ``sampled`` is the recipe of a person who never was, and
    ``beside`` that of another to compare with. Contrast: ``sequence`` with its ``values`` in seconds and degrees, the ``preset``
    last chosen. View: the signal or a map, signed or magnitude, ``windows`` (low, high) by view, cursor and ``centre`` of
    the view in millimetres (None: the middle of the head), ``zoom`` 1 = the plane fits. Of maps that were encoded from scans,
    ``scan`` is the kind of the measured one that is shown, ``compared`` the plane of the layout that has it beside the signal.
    """

    paths: tuple[str, ...] = ()
    picked: Pairs = ()
    person: str | None = None
    units: Pairs = ()
    field: float = 3.0
    sampled: Recipe | None = None
    beside: Recipe | None = None
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
    corner: str = "histograms"
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
        field = None if self.paths or self.picked else self.field
        return self.paths, self.picked, self.person, self.units, field, self.sampled, self.beside

    def window(self, default: Window = (0.0, 1.0)) -> Window:
        """Low and high of the current view. A measured scan has the window of the signal, and the residual a part of it."""
        named = "signal" if self.view in (*SCANNED, *BESIDE) else self.view
        low, high = dict(self.windows).get(named, MAP_WINDOWS.get(named, default))
        if self.view in ("residual", "difference"):
            low, high = -_RESIDUAL * high, _RESIDUAL * high
        return float(low), float(high)

    def with_window(self, low: float, high: float) -> "State":
        """The state with another window for the current view; the residual's follows from the signal's."""
        high = max(high, low + 1e-6)
        if self.view in ("residual", "difference"):
            low, high = 0.0, max(abs(low), abs(high)) / _RESIDUAL
        return replace(
            self, windows=_with(self.windows, "signal" if self.view in (*SCANNED, *BESIDE) else self.view, (low, high))
        )

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


def _recipe(content: Any) -> Recipe | None:
    """A recipe from a JSON. Raises ValueError, TypeError or KeyError for anything else."""
    if content is None:
        return None
    given = tuple((str(name), value if isinstance(value, str) else float(value)) for name, value in content["given"])
    other = content.get("other")
    if other is not None:
        other = int(other[0]), tuple((str(name), v if isinstance(v, str) else float(v)) for name, v in other[1])
    if not (0 <= int(content["seed"]) < 2**63 and 0 <= float(content["share"]) <= 1):
        raise ValueError("a recipe is out of its range")
    return Recipe(int(content["seed"]), given, other, float(content["share"]))


def _is_sound(state: State) -> bool:
    """Whether texts are texts and numbers are finite: a file may have been written by anybody."""
    places = [place for place in (state.cursor, state.centre) if place is not None]
    windows = [window for _view, window in state.windows]
    texts = [
        *state.paths,
        *(t for pair in (*state.picked, *state.units) for t in pair),
        state.person or "",
        state.preset,
        state.scan,
    ]
    switches = (state.magnitude, state.auto, state.smooth, state.crosshair, state.expert, state.people)
    numbers = [n for some in (*places, *windows) for n in some]
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(switch, bool) for switch in switches)
        and all(isinstance(number, float | int) and abs(number) < 1e9 for number in (*numbers, *state.protocol.values()))
        and all(len(place) == 3 for place in places)
        and all(len(window) == 2 and window[0] < window[1] for window in windows)
    )


def from_json(text: str) -> State:
    """A state from ``State.to_json``. Raises InputError for anything a state cannot be."""
    try:
        content = json.loads(text)
        known = {f.name for f in fields(State)}
        content |= {name: _recipe(content.get(name)) for name in ("sampled", "beside")}
        state = State(**{name: _frozen(value) for name, value in content.items() if name in known})
        state = state.with_sequence(state.sequence, {name: float(value) for name, value in state.values})
        sound = _is_sound(state)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise InputError(f"this is not a state of mriexplorer ({error}).") from None
    fine = (
        isinstance(state.zoom, float | int)
        and state.view in (*VIEWS, *SCANNED, *UNCERTAINTIES, *BESIDE)
        and state.compared in ("axial", "sagittal", "coronal")
        and state.layout in LAYOUTS
        and state.corner in CORNERS
        and state.field in FIELDS
        and state.convention in ("radiological", "neurological")
        and state.theme in ("dark", "light")
        and 0.05 <= state.zoom <= 100
        and sound
    )
    if not fine:
        raise InputError("this is not a state of mriexplorer (a value is out of its range).")
    return state
