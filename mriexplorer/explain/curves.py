"""Signal against one parameter, for the tissues of the literature and for the voxel under the crosshair; and Mz over one TR."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics import TISSUES, Parameter, Protocol, Sequence, problems, signal
from mriexplorer.physics.longitudinal import Recovery, recovery_curves
from mriexplorer.physics.timeline import Timeline
from mriexplorer.render.scene import Reading, Scene
from mriexplorer.view.state import State

Numbers = NDArray[np.float64]
COMPARED_TISSUES = ("wm", "gm", "csf")
HERE = "here"
_POINTS, _COARSE = 120, 32
_USUAL = {"te": 0.2, "ti": 4.0, "tr": 4.0}  # s, what an axis shows at least
_REFINED = 3  # steps towards a null point


@dataclass(frozen=True)
class Substance:
    """A tissue of the literature, or what is under the crosshair: PD, and times in seconds."""

    name: str
    label: str
    pd: float
    t1: float
    t2: float
    t2star: float

    def signal(self, protocol: Protocol, *, magnitude: bool) -> float:
        """Its signal under a protocol that is free of ``problems``."""
        return float(self.along(protocol, {}, magnitude=magnitude))

    def along(self, protocol: Protocol, axis: Mapping[str, Any], *, magnitude: bool) -> Numbers:
        """Its signal where a value of the protocol is that of an array, by its name: an array of that shape."""
        sequence = protocol.sequence
        pd, t1, decay = (np.float64(v) for v in (self.pd, self.t1, self.decay(sequence)))
        return np.asarray(signal(sequence, pd, t1, decay, {**protocol.values, **axis}, magnitude=magnitude), np.float64)

    def decay(self, sequence: Sequence) -> float:
        """T2 or T2*, as the sequence decays."""
        return self.t2star if sequence.decay == "t2star" else self.t2


@dataclass(frozen=True)
class Curve:
    """A substance's signal (n,) over the axis, what it is ``now`` (None: impossible), and its null points in seconds."""

    substance: Substance
    signal: Numbers
    now: float | None
    nulls: tuple[float, ...]


@dataclass(frozen=True)
class Curves:
    """Curves over ``axis`` (n,) in the parameter's stored unit; signal is NaN where no scanner could run the protocol."""

    parameter: Parameter
    axis: Numbers
    curves: tuple[Curve, ...]
    at: float


def tissue(name: str, field: float | None) -> Substance:
    """A tissue of the literature at a field strength; 3 T where that is unknown."""
    kind = TISSUES[name]
    at = kind.at.get(field or 3.0, kind.at[3.0])
    return Substance(name, kind.short, kind.pd, at.t1, at.t2, at.t2star)


def under_crosshair(reading: Reading) -> Substance | None:
    """What the crosshair is on; None in air."""
    if not (reading.pd > 0 and reading.t1 > 0 and reading.t2 > 0):
        return None
    return Substance(HERE, "Voxel", reading.pd, reading.t1, reading.t2, reading.t2star or reading.t2)


def substances(scene: Scene, state: State) -> tuple[Substance, ...]:
    """White and grey matter and CSF at the subject's field strength, and what is under the crosshair."""
    here = under_crosshair(scene.reading(state))
    known = tuple(tissue(name, scene.subject.field) for name in COMPARED_TISSUES)
    return known if here is None else (*known, here)


def variable(state: State) -> tuple[Parameter, ...]:
    """The parameters that curves can run over: times and angles that the sequence has and that are shown."""
    return tuple(p for p in state.sequence.parameters if p.unit != "1" and (state.panels.expert or not p.expert))


def varied(state: State) -> Parameter:
    """The parameter that is varied: the one wished for, else TI, else TE, else the first."""
    offered = {p.name: p for p in variable(state)}
    return next((offered[n] for n in (state.panels.varied, "ti", "te") if n in offered), state.sequence.parameters[0])


def curves(shown: tuple[Substance, ...], state: State, end: float | None = None) -> Curves:
    """Curves of substances over the varied parameter; ``end`` keeps the axis as it was, while it is being dragged along."""
    parameter = varied(state)
    axis = _axis(parameter, state, end)
    possible = _possible(state.protocol, parameter.name, axis)
    found = tuple(_curve(one, state, parameter.name, axis, possible) for one in shown)
    return Curves(parameter, axis, found, state.protocol[parameter.name])


def _possible(protocol: Protocol, name: str, axis: Numbers) -> NDArray[np.bool_]:
    """At which values of a parameter a scanner could run the protocol."""
    return np.array([not problems(protocol.sequence, {**protocol.values, name: float(v)}) for v in axis])


def _curve(substance: Substance, state: State, name: str, axis: Numbers, possible: NDArray[np.bool_]) -> Curve:
    signed = np.full(axis.shape, np.nan)
    signed[possible] = substance.along(state.protocol, {name: axis[possible]}, magnitude=False)
    now = None if state.problems else substance.signal(state.protocol, magnitude=state.contrast.magnitude)
    nulls = tuple(_refined(substance, state, name, axis, signed, int(n)) for n in np.flatnonzero(signed[:-1] * signed[1:] < 0))
    return Curve(substance, signed if state.contrast.signed else np.abs(signed), now, nulls)


def _refined(substance: Substance, state: State, name: str, axis: Numbers, signed: Numbers, n: int) -> float:
    """The null point between two neighbours of the axis, by the rule of false position."""
    (low, high), (below, above) = axis[n : n + 2], signed[n : n + 2]
    middle = float(low)
    for _step in range(_REFINED):
        middle = float(low - below * (high - low) / (above - below))
        found = float(substance.along(state.protocol, {name: middle}, magnitude=False))
        if found * below > 0:
            low, below = middle, found
        else:
            high, above = middle, found
        if found == 0 or above == below:
            break
    return middle


def null_times(substance: Substance, state: State, name: str = "ti") -> tuple[float, ...]:
    """Where the substance has no signal along a parameter of the sequence, over the parameter's whole range."""
    parameter = state.sequence.parameter(name)
    axis = np.geomspace(parameter.low, parameter.high, _COARSE)
    possible = _possible(state.protocol, name, axis)
    return _curve(substance, state, name, axis, possible).nulls


def _axis(parameter: Parameter, state: State, end: float | None) -> Numbers:
    """From the least value to a round number past the value; no farther than the protocol allows."""
    if end is None:
        value = state.protocol[parameter.name]
        end = min(_round_up(max(1.25 * value, _USUAL.get(parameter.name, 0.0))), parameter.high)
        last = _last_possible(parameter, state, end)
        end = min(end, max(_round_up(last), value)) if last > 0 else end
    points = round(end) - round(parameter.low) + 1 if parameter.scale == "integer" else _POINTS
    return np.linspace(parameter.low, end, points)


def _last_possible(parameter: Parameter, state: State, end: float) -> float:
    """The largest of some values that a scanner could run; 0 where none could."""
    for value in np.linspace(end, parameter.low, _POINTS // 4):
        if not problems(state.sequence, {**state.protocol.values, parameter.name: float(value)}):
            return float(value)
    return 0.0


def _round_up(value: float) -> float:
    """The least of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten that is no less."""
    power = 10.0 ** np.floor(log10(value) + 1e-9)
    return float(next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9)))


def recovery_of(shown: tuple[Substance, ...], line: Timeline | None) -> Recovery | None:
    """Mz of substances over one TR; None without a timeline, and where transverse magnetisation is carried over."""
    if line is None or not line.spoiled:
        return None
    return recovery_curves(line, np.array([one.t1 for one in shown]))
