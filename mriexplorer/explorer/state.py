"""The only truth of a session: one frozen state. Undo is the previous one; flags and presets are overrides of one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from mriexplorer.errors import InputError
from mriexplorer.explorer.camera import Camera, camera_from
from mriexplorer.explorer.comparison.contrasts import AB, MOST, RATES, SIDES, Contrast, from_plain
from mriexplorer.explorer.finding import Finding, finding_of
from mriexplorer.explorer.measuring.region import Line, Region, line_of, regions_of
from mriexplorer.physics import FIELDS, SEQUENCES, Problem, Sequence, problems
from mriexplorer.subject.tissue_maps import Millimetres

View = Literal[
    "signal", "t1", "t2", "t2star", "pd", "measured", "residual", "t1 uncertainty", "t2 uncertainty", "pd uncertainty", "other",
    "difference", "change",
]  # fmt: skip
VIEWS: tuple[View, ...] = ("signal", "t1", "t2", "t2star", "pd")  # of every subject
UNCERTAINTIES: tuple[View, ...] = ("t1 uncertainty", "t2 uncertainty", "pd uncertainty")  # of encoded maps
SCANNED: tuple[View, ...] = ("measured", "residual")  # of maps that were encoded from scans
BESIDE: tuple[View, ...] = ("other", "difference")  # of two people who were sampled
CHANGE: tuple[View, ...] = ("change",)  # the signal less that of the pinned contrast; painted, never a state's own
COMPARED: tuple[View, ...] = ("measured", "signal", "residual")  # what the layout "compare" shows of one plane
COMPARED_PEOPLE: tuple[View, ...] = ("signal", "other", "difference")
LAYOUTS = ("grid", "axial", "sagittal", "coronal", "compare", "corner", *SIDES, "people")
CORNERS = ("histograms", "curves", "pulses", "measure", "find", "volume")  # what stands in the fourth place
CURVES = ("signal", "recovery")  # what the curves show: signal over a parameter, or Mz over one TR
HIGHEST_SNR, HIGHEST_SEED = 1000.0, 2**31 - 1
VOLUME_PRESETS = ("surface", "cut", "xray", "maximum")  # how 3-D is drawn
VOLUME_CLIPS = ("octant", "axial", "coronal", "sagittal")  # what a cut takes away before the crosshair
_HOME = Camera()
_RESIDUAL = 0.3  # of the signal's window, to either side of 0
_OF_SIGNAL = (*SCANNED, *BESIDE, *CHANGE)  # what has the window of the signal
_SIGNED = ("residual", "difference", "change")
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
    last chosen. View: the signal or a map, signed or magnitude, with noise of ``snr`` (0: none) and ``noise_seed``, ``windows``
    (low, high) by view, cursor and ``centre`` of the view in millimetres (None: the middle of the head), ``zoom`` 1 = the plane
    fits. Of maps that were encoded from scans, ``scan`` is the kind of the measured one that is shown, ``compared`` the plane of
    the layout that has it beside the signal. ``finding`` is what the best contrast is looked for.

    Contrasts side by side: ``contrasts`` by cell, ``chosen`` the cell that is the state's own (``explorer/contrasts.py``);
    ``together``: sliders move all of them. ``pinned`` is the contrast that the current one is compared with, ``ab`` how:
    shown in its place, in turns (``rate`` changes a second), left of a divider at ``wipe`` of the width, or subtracted.

    Measured are ``regions``, of which some are ``selected`` by name, and what lies along ``line``. Curves run over ``varied``
    (empty: what suits the sequence). ``lesson`` is the name of the one that is open, at ``step``.
    3-D: a preset of ``VOLUME_PRESETS``, what a cut takes away, and the ``camera``.
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
    contrasts: tuple[Contrast, ...] = ()
    chosen: int = 0
    together: bool = False
    pinned: Contrast | None = None
    ab: str = ""
    wipe: float = 0.5
    rate: int = 2
    magnitude: bool = True
    snr: float = 0.0
    noise_seed: int = 0
    windows: Pairs = ()
    auto: bool = True
    cursor: Millimetres | None = None
    centre: Millimetres | None = None
    zoom: float = 1.0
    convention: Literal["radiological", "neurological"] = "radiological"
    layout: str = "grid"
    corner: str = "histograms"
    regions: tuple[Region, ...] = ()
    selected: tuple[str, ...] = ()
    line: Line | None = None
    varied: str = ""
    curve: str = "signal"
    lesson: str = ""
    step: int = 0
    finding: Finding = Finding()  # noqa: RUF009 it is frozen
    volume_preset: str = "cut"
    volume_clip: str = "octant"
    camera: Camera = _HOME
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
    def signed(self) -> bool:
        """Whether the signal keeps its sign: by wish, or because the sequence's always does."""
        return self.row.signed or not self.magnitude

    @property
    def rescanned(self) -> "State":
        """The state as another scan shows it: with noise of its own."""
        return replace(self, noise_seed=(self.noise_seed + 1) % (HIGHEST_SEED + 1))

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
        """Low and high of the current view. A measured scan has the window of the signal, the residual a part of it.

        The difference from a pinned contrast has its own, about 0, once that is set.
        """
        named = "signal" if self.view in _OF_SIGNAL else self.view
        low, high = dict(self.windows).get(named, MAP_WINDOWS.get(named, default))
        if self.view in CHANGE and "change" in dict(self.windows):
            low, high = dict(self.windows)["change"]
        elif self.view in _SIGNED:
            reach = _RESIDUAL * max(abs(low), abs(high))
            low, high = -reach, reach
        return float(low), float(high)

    def with_window(self, low: float, high: float) -> "State":
        """The state with another window for the current view; the residual's follows from the signal's."""
        high = max(high, low + 1e-6)
        if self.view in CHANGE:
            reach = max(abs(low), abs(high))
            return replace(self, windows=_with(self.windows, "change", (-reach, reach)))
        if self.view in _SIGNED:
            low, high = 0.0, max(abs(low), abs(high)) / _RESIDUAL
        return replace(self, windows=_with(self.windows, "signal" if self.view in _OF_SIGNAL else self.view, (low, high)))

    def with_values(self, **changed: float) -> "State":
        """The state with some parameters moved, each kept inside its range."""
        clipped = {name: self.row.parameter(name).clip(value) for name, value in changed.items()}
        return replace(self, values=tuple({**self.protocol, **clipped}.items()))

    def with_sequence(self, name: str, values: Mapping[str, float] | None = None) -> "State":
        """The state with another sequence; without ``values``, each parameter starts at that sequence's default."""
        return replace(self, sequence=name, values=tuple(SEQUENCES[name].complete(values or {}).items()))

    def in_other_model(self) -> "State":
        """The state with the row of the other family of equations; values are kept where a scanner could run them there."""
        kept = self.with_sequence(self.row.twin, self.protocol)
        return self.with_sequence(self.row.twin) if kept.problems else kept

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
        and all(len(window) == 2 and window[1] - window[0] > 1e-9 for window in windows)
    )


def from_json(text: str) -> State:
    """A state from ``State.to_json``. Raises InputError for anything a state cannot be."""
    try:
        content = json.loads(text)
        known = {f.name for f in fields(State)}
        content |= {name: _recipe(content.get(name)) for name in ("sampled", "beside")}
        content["contrasts"] = [from_plain(one) for one in content.get("contrasts", [])]
        content["pinned"] = None if content.get("pinned") is None else from_plain(content["pinned"])
        content |= {"regions": regions_of(content.get("regions", ())), "line": line_of(content.get("line"))}
        content["finding"] = finding_of(content.get("finding"))
        content["camera"] = camera_from(content.get("camera"))
        state = State(**{name: _frozen(value) for name, value in content.items() if name in known})
        state = state.with_sequence(state.sequence, {name: float(value) for name, value in state.values})
        fine = _is_sound(state) and _is_fine(state)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError) as error:
        raise InputError(f"this is not a state of mriexplorer ({error}).") from None
    if not fine:
        raise InputError("this is not a state of mriexplorer (a value is out of its range).")
    return state


def _is_fine(state: State) -> bool:
    """Whether every part is one of what it can be."""
    return (
        isinstance(state.zoom, float | int)
        and state.view in (*VIEWS, *SCANNED, *UNCERTAINTIES, *BESIDE)
        and state.compared in ("axial", "sagittal", "coronal")
        and state.layout in LAYOUTS
        and state.corner in CORNERS
        and state.curve in CURVES
        and all(isinstance(name, str) for name in (state.varied, state.lesson))
        and isinstance(state.step, int)
        and state.step >= 0
        and state.volume_preset in VOLUME_PRESETS
        and state.volume_clip in VOLUME_CLIPS
        and state.field in FIELDS
        and state.convention in ("radiological", "neurological")
        and state.theme in ("dark", "light")
        and 0.05 <= state.zoom <= 100
        and _fine_contrasts(state)
        and set(state.selected) <= {region.name for region in state.regions}
        and isinstance(state.snr, float | int)
        and isinstance(state.noise_seed, int)
        and (state.snr == 0 or 1 <= state.snr <= HIGHEST_SNR)
        and 0 <= state.noise_seed <= HIGHEST_SEED
    )


def _fine_contrasts(state: State) -> bool:
    """Whether the contrasts beside the state's own, and how they are compared, make sense."""
    every = (*state.contrasts, *((state.pinned,) if state.pinned else ()))
    return (
        len(state.contrasts) <= MOST
        and type(state.chosen) is int
        and 0 <= state.chosen < max(len(state.contrasts), 1)
        and all(one.view in (*VIEWS, *SCANNED, *UNCERTAINTIES) for one in every)
        and isinstance(state.together, bool)
        and state.ab in AB
        and state.rate in RATES
        and isinstance(state.wipe, float | int)
        and 0 <= state.wipe <= 1
    )
