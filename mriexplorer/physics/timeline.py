"""When a sequence does what, over one TR: pulses, echoes, and the times that have names.

Made from the names of a sequence's parameters, so that a new sequence of the table needs nothing more::

    ti             an inversion at 0, the excitation TI later; with ti2 a second inversion TI2 before the excitation
    esp, etl       a train of 180s and spin echoes after the excitation
    es, readouts   a train of small excitations around TI; with ti2 a second train around TI2
    flip           a gradient echo, else a spin echo (90, 180)

Times are in seconds from the first pulse of the period, angles in degrees.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians
from typing import Literal

from mriexplorer.physics.protocol import Protocol
from mriexplorer.physics.sequence import Sequence, Values

_SHOWN_EXCITATIONS = 2.5  # to either side of the k-space centre, in the detail of a train
Role = Literal["inversion", "excitation", "refocusing"]


@dataclass(frozen=True)
class Pulse:
    """A pulse of ``angle`` degrees. Mz after it is ``keeps`` times the Mz before."""

    time: float
    angle: float
    role: Role
    keeps: float


@dataclass(frozen=True)
class Span:
    """A stretch of time with a name: ``TE`` from excitation to echo."""

    label: str
    start: float
    end: float


@dataclass(frozen=True)
class Train:
    """Many pulses or echoes in a sequence: ``gradient`` excitations or ``spin`` echoes."""

    kind: Literal["gradient", "spin"]
    start: float
    end: float
    count: int


@dataclass(frozen=True)
class Timeline:
    """One period of a sequence.

    ``seen`` are the excitations whose signal makes the contrast (several where several images are read), ``echoes`` every
    echo, ``centres`` the echoes of the contrast. ``detail`` is what is worth enlarging. ``spoiled`` is False where
    transverse magnetisation is carried over to the next period, so that Mz alone does not tell what happens.
    """

    tr: float
    pulses: tuple[Pulse, ...]
    seen: tuple[float, ...]
    echoes: tuple[float, ...]
    centres: tuple[float, ...]
    trains: tuple[Train, ...]
    spans: tuple[Span, ...]
    detail: tuple[float, float]
    spoiled: bool = True


@dataclass(frozen=True)
class _Readout:
    """What follows one excitation time."""

    pulses: tuple[Pulse, ...]
    echoes: tuple[float, ...]
    centre: float
    spans: tuple[Span, ...]
    detail: tuple[float, float]
    train: Train | None = None

    @property
    def end(self) -> float:
        """When nothing more is read."""
        return self.train.end if self.train is not None else self.echoes[-1]


def timeline(protocol: Protocol) -> Timeline:
    """The period of a protocol that is free of ``problems``."""
    sequence, values = protocol.sequence, protocol.values
    read = _reader(sequence)
    twice = "es" in values and "ti2" in values  # two trains after one inversion
    times = [values[n] for n in ("ti", "ti1", "ti2") if n in values] if twice else [values.get("ti", 0.0)]
    flips = [values.get("flip", values.get("flip1", 90.0)), values.get("flip2", values.get("flip", 90.0))]
    reads = [read(values, at, flip) for at, flip in zip(times, flips, strict=False)]
    before = _inversions(sequence, values)
    pulses = (*before, *(pulse for one in reads for pulse in one.pulses))
    spans = *_named(sequence, values, twice), *reads[0].spans, Span("dead time", max(one.end for one in reads), values["tr"])
    return Timeline(
        values["tr"],
        tuple(sorted(pulses, key=lambda pulse: pulse.time)),
        tuple(times),
        tuple(echo for one in reads for echo in one.echoes),
        tuple(one.centre for one in reads),
        tuple(one.train for one in reads if one.train is not None),
        spans,
        reads[0].detail,
        spoiled=sequence.separable or bool(before) or len(pulses) > 1,
    )


def _reader(sequence: Sequence) -> Callable[[Values, float, float], _Readout]:
    """How a sequence reads its signal, by its parameters."""
    names = {p.name for p in sequence.parameters}
    if {"es", "readouts"} <= names:
        return _gradient_train
    if {"esp", "etl"} <= names:
        return _spin_train
    if "flip" in names:
        return _gradient_echo
    if "te" not in names:
        return _bare
    return _ideal_spin_echo if sequence.model == "ideal" else _spin_echo


def _inversions(sequence: Sequence, values: Values) -> tuple[Pulse, ...]:
    if "ti" not in values and "ti1" not in values:
        return ()
    keeps = -values.get("efficiency", 1.0)
    times = (0.0, values["ti"] - values["ti2"]) if "ti2" in values and "es" not in values else (0.0,)
    return tuple(Pulse(time, 180.0, "inversion", keeps) for time in times)


def _named(sequence: Sequence, values: Values, twice: bool) -> tuple[Span, ...]:
    """TR and the inversion times."""
    label = {p.name: p.label for p in sequence.parameters}
    spans = [Span(label.get("tr", "TR"), 0.0, values["tr"])]
    spans += [Span(label[name], 0.0, values[name]) for name in ("ti", "ti1") if name in values]
    if "ti2" in values:
        start = 0.0 if twice else values["ti"] - values["ti2"]
        spans.append(Span(label["ti2"], start, start + values["ti2"]))
    return tuple(spans)


def _turned(flip: float) -> float:
    return cos(radians(flip))


def _spin_echo(values: Values, at: float, _flip: float, keeps: float = -1.0) -> _Readout:
    """90, 180 at TE/2, echo at TE."""
    te = values["te"]
    pulses = Pulse(at, 90.0, "excitation", 0.0), Pulse(at + te / 2, 180.0, "refocusing", keeps)
    return _Readout(pulses, (at + te,), at + te, (Span("TE", at, at + te),), (at, at + te))


def _ideal_spin_echo(values: Values, at: float, flip: float) -> _Readout:
    """The ideal equations know no refocusing pulse: it leaves Mz as it is."""
    return _spin_echo(values, at, flip, 1.0)


def _spin_train(values: Values, at: float, _flip: float) -> _Readout:
    """90, then a 180 in the middle between two echoes."""
    spacing, count = values["esp"], round(values["etl"])
    echoes = tuple(at + spacing * (n + 1) for n in range(count))
    refocusing = tuple(Pulse(echo - spacing / 2, 180.0, "refocusing", -1.0) for echo in echoes)
    spans = Span("TE", at, at + values["te"]), Span("ESP", at + spacing / 2, at + 1.5 * spacing)
    return _Readout(
        (Pulse(at, 90.0, "excitation", 0.0), *refocusing),
        echoes,
        at + values["te"],
        spans if count > 1 else spans[:1],
        (at, echoes[-1]),
        Train("spin", at, echoes[-1], count),
    )


def _gradient_echo(values: Values, at: float, flip: float) -> _Readout:
    """One excitation, one echo; without an echo time (balanced), in the middle between two excitations."""
    te = values.get("te", values["tr"] / 2)
    pulse = Pulse(at, flip, "excitation", _turned(flip))
    return _Readout((pulse,), (at + te,), at + te, (Span("TE", at, at + te),), (at, at + te))


def _gradient_train(values: Values, at: float, flip: float) -> _Readout:
    """Excitations every ES, of which that at ``at`` fills the k-space centre."""
    spacing, count, te = values["es"], round(values["readouts"]), values.get("te", values["es"] / 2)
    first = at - values.get("centre", 0.5) * values["readouts"] * spacing
    times = tuple(first + n * spacing for n in range(count))
    pulses = tuple(Pulse(time, flip, "excitation", _turned(flip)) for time in times)
    spans = Span("TE", at, at + te), Span("ES", at + spacing, at + 2 * spacing)
    around = _SHOWN_EXCITATIONS * spacing
    detail = max(at - around, first - spacing / 2), min(at + around, times[-1] + spacing)
    train = Train("gradient", first, first + count * spacing, count)
    return _Readout(pulses, tuple(time + te for time in times), at + te, spans, detail, train)


def _bare(_values: Values, at: float, _flip: float) -> _Readout:
    """A read-out without a length, which leaves Mz as it is."""
    return _Readout((Pulse(at, 90.0, "excitation", 1.0),), (at,), at, (), (at, at))
