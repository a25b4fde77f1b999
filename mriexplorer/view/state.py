"""The only truth of a session: one frozen state. Undo is the previous one; flags and presets are overrides of one.

What its types allow is what a file may say (``stored_state``).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from msgspec import Meta

from mriexplorer.physics import SEQUENCES, Problem, Sequence, TimeUnit, problems
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.camera import Camera
from mriexplorer.view.contrast import SIDES, Contrast
from mriexplorer.view.contrast_search import Finding
from mriexplorer.view.region import Line, Region
from mriexplorer.view.views import BESIDE, CHANGE, SCANNED, UNCERTAINTIES, View

LAYOUTS = ("grid", "axial", "sagittal", "coronal", "compare", "corner", *SIDES, "people")
CORNERS = ("histograms", "curves", "pulses", "measure", "find", "volume")  # what stands in the fourth place
CURVES = ("signal", "recovery")  # what the curves show: signal over a parameter, or Mz over one TR
FARTHEST_EDGE = 1e6  # of a window
PERSONAL = ("theme", "times")  # of the person, not of what is looked at: no session changes them
HIGHEST_SNR, HIGHEST_SEED = 1000.0, 2**31 - 1
VOLUME_PRESETS = ("surface", "cut", "xray", "maximum")  # how 3-D is drawn
VOLUME_CLIPS = ("octant", "axial", "coronal", "sagittal")  # what a cut takes away before the crosshair
_HOME = Camera()
_RESIDUAL = 0.3  # of the signal's window, to either side of 0
_OF_SIGNAL = (*SCANNED, *BESIDE, *CHANGE)  # what has the window of the signal
_SIGNED = ("residual", "difference", "change")
Window = tuple[float, float]
Pairs = tuple[tuple[str, Any], ...]
Texts = tuple[tuple[str, str], ...]
Numbers = tuple[tuple[str, float], ...]
Wishes = tuple[tuple[str, float | str], ...]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Counted = Annotated[int, Meta(ge=0)]

# Ranges of the maps as they are first shown, in seconds and PD of water = 1.
MAP_WINDOWS: Mapping[str, Window] = {"t1": (0.0, 3.0), "t2": (0.0, 0.25), "t2star": (0.0, 0.15), "pd": (0.0, 1.1),
                                     **dict.fromkeys(UNCERTAINTIES, (0.0, 0.5))}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """What a sampled person comes from: a ``seed`` of noise, and what is ``given`` of the record.

    ``other`` is another recipe's seed and what is given there, and ``share`` how far on the way to it somebody between is.
    """

    seed: Seed
    given: Wishes = ()
    other: tuple[Seed, Wishes] | None = None
    share: Share = 0.0

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
    3-D: a preset of ``VOLUME_PRESETS``, what a cut takes away, and the ``camera``. ``times``: read in ms or s.
    """

    paths: tuple[str, ...] = ()
    picked: Texts = ()
    person: str | None = None
    units: Texts = ()
    field: float = 3.0
    sampled: Recipe | None = None
    beside: Recipe | None = None
    sequence: str = "mprage"
    values: Numbers = tuple(SEQUENCES["mprage"].defaults().items())
    preset: str = ""
    view: View = "signal"
    scan: str = ""
    compared: str = "axial"
    contrasts: tuple[Contrast, ...] = ()
    chosen: Counted = 0
    together: bool = False
    pinned: Contrast | None = None
    ab: str = ""
    wipe: Share = 0.5
    rate: int = 2
    magnitude: bool = True
    snr: Annotated[float, Meta(ge=0, le=HIGHEST_SNR)] = 0.0
    noise_seed: Annotated[int, Meta(ge=0, le=HIGHEST_SEED)] = 0
    windows: tuple[tuple[str, Window], ...] = ()
    auto: bool = True
    cursor: Millimetres | None = None
    centre: Millimetres | None = None
    zoom: Annotated[float, Meta(ge=0.05, le=100)] = 1.0
    convention: Literal["radiological", "neurological"] = "radiological"
    layout: str = "grid"
    corner: str = "histograms"
    regions: tuple[Region, ...] = ()
    selected: tuple[str, ...] = ()
    line: Line | None = None
    varied: str = ""
    curve: str = "signal"
    lesson: str = ""
    step: Counted = 0
    finding: Finding = Finding()  # noqa: RUF009 it is frozen
    volume_preset: str = "cut"
    volume_clip: str = "octant"
    camera: Camera = _HOME
    smooth: bool = True
    crosshair: bool = True
    expert: bool = False
    people: bool = True
    theme: Literal["dark", "light"] = "dark"
    times: TimeUnit = "ms"

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
            return self._with_window("change", -reach, reach)
        if self.view in _SIGNED:
            low, high = 0.0, max(abs(low), abs(high)) / _RESIDUAL
        return self._with_window("signal" if self.view in _OF_SIGNAL else self.view, low, high)

    def _with_window(self, named: str, low: float, high: float) -> "State":
        low = min(max(low, -FARTHEST_EDGE), FARTHEST_EDGE - 1)
        return replace(self, windows=_with(self.windows, named, (low, max(min(high, FARTHEST_EDGE), low + 1e-6))))

    def with_values(self, **changed: float) -> "State":
        """The state with some parameters moved, each kept inside its range."""
        clipped = {name: self.row.parameter(name).clip(value) for name, value in changed.items()}
        return replace(self, values=tuple({**self.protocol, **clipped}.items()))

    def with_sequence(self, name: str, values: Mapping[str, float] | None = None) -> "State":
        """The state with another sequence; without ``values``, each parameter starts at that sequence's default."""
        return replace(self, sequence=name, values=tuple(SEQUENCES[name].complete(values or {}).items()))

    def in_other_model(self) -> "State":
        """The state with the row of the other family of equations; values are kept where a scanner could run them there."""
        return self.with_sequence(self.row.twin, twin_values(self.row, self.protocol))

    def to_json(self) -> str:
        """The state as JSON, for session files."""
        return json.dumps(asdict(self), indent=1)


def twin_values(row: Sequence, values: Mapping[str, float]) -> dict[str, float]:
    """Values for the row of the other family of equations: the same where a scanner could run them there, else defaults."""
    twin = SEQUENCES[row.twin]
    kept = twin.complete(values)
    return twin.defaults() if problems(twin, kept) else kept


def _with(pairs: Pairs, name: str, value: Any) -> Pairs:
    return tuple({**dict(pairs), name: value}.items())
