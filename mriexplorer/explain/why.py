"""Why a voxel is dark or bright, in two or three sentences.

Its signal is taken apart into water (PD), what Mz had recovered to at the excitation (T1), and what decay leaves of it at
the echo (T2), each beside the same factor of white or grey matter. The factor that differs most in the direction of the
difference is the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import copysign, exp, log, radians, sin
from typing import Literal

from mriexplorer.explain.curves import Substance, null_times, tissue, under_crosshair
from mriexplorer.explain.tissue_class import SPOKEN, tissue_class_of
from mriexplorer.physics import time_in
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State

Level = Literal["dark", "middling", "bright", "nothing"]
_DARKER, _BRIGHTER = 0.87, 1.15  # times the tissue compared with
_SHARE = "\N{NO-BREAK SPACE}%"  # stays beside its number
_WORTH_NAMING = 0.3  # of all that pulls in one direction
_PULLS_BACK = log(1.3)
_NEAR_NULL = 0.1  # of the equilibrium, and no farther from the null's TI than the next share of it
_NEAR_TI = 0.15
_LEAST = 1e-6
_MAPS = {"t1": "T1", "t2": "T2", "t2star": "T2*", "pd": "PD"}


@dataclass(frozen=True)
class Explanation:
    """How bright the voxel is beside white and grey matter, and why."""

    level: Level
    text: str


@dataclass(frozen=True)
class _Pair:
    """A voxel and the tissue that it is compared with, under one protocol."""

    here: Substance
    other: Substance
    state: State

    @property
    def named(self) -> str:
        return SPOKEN[self.other.name]

    def pulls(self) -> dict[str, float]:
        """By how much PD, T1 and T2 brighten (positive) or darken the voxel: logarithms of ratios."""
        taken = {"pd": "pd", "t1": "t1", "t2": "t2star" if self.state.sequence.decay == "t2star" else "t2"}
        own = abs(_signal(self.here, self.state))
        swapped = {k: replace(self.here, **{n: getattr(self.other, n)}) for k, n in taken.items()}
        return {k: log(max(own, _LEAST) / max(abs(_signal(s, self.state)), _LEAST)) for k, s in swapped.items()}


def why(scene: Scene, state: State) -> Explanation:
    """Why the voxel under the crosshair is as bright as it is in the state's image."""
    return explained(under_crosshair(scene.reading(state)), state, scene.subject.field)


def explained(here: Substance | None, state: State, field: float | None) -> Explanation:
    """Why a substance (None: air) is as bright as it is beside white and grey matter at a field strength."""
    if state.view in _MAPS and here is not None:
        return Explanation("middling", f"A map, not an image: {_measured(here, state)} {tissue_class_of(here, field).words}.")
    if state.problems:
        return Explanation("nothing", f"No image: {state.problems[0].sentence}.")
    if here is None:
        return Explanation("nothing", "Black: there is no tissue here, so there is no signal, whatever the parameters.")
    kind = tissue_class_of(here, field)
    compared = [tissue(name, field) for name in ("wm", "gm") if kind.names != (name,)]
    level, other = _level(here, compared, state)
    pair = _Pair(here, other, state)
    beside = f", against {_number(other, state)} in {pair.named}" if level != "middling" else ""
    about = f", about as in {pair.named} ({_number(other, state)})" if level == "middling" else ""
    head = f"{level.capitalize()}: {_number(here, state)}{beside}{about}."
    return Explanation(level, " ".join((head, *_reasons(pair, level), f"{kind.words}.")))


def _measured(here: Substance, state: State) -> str:
    value = getattr(here, state.view)
    return f"PD is {value:.2f} (water is 1)." if state.view == "pd" else f"{_MAPS[state.view]} is {_time(value, state)}."


def _level(here: Substance, compared: list[Substance], state: State) -> tuple[Level, Substance]:
    """Dark, bright or between, and the tissue that says so: the nearest in brightness."""
    shown, others = _shown(here, state), sorted(compared, key=lambda one: _shown(one, state))
    low, high = _shown(others[0], state), _shown(others[-1], state)
    if shown < low - (1 - _DARKER) * abs(low):
        return "dark", others[0]
    if shown > high + (_BRIGHTER - 1) * abs(high):
        return "bright", others[-1]
    return "middling", min(others, key=lambda one: abs(_shown(one, state) - shown))


def _reasons(pair: _Pair, level: Level) -> tuple[str, ...]:
    """The sentences of the factors that matter, the largest first."""
    pulls = pair.pulls()
    if level == "middling":
        return _balance(pair, pulls)
    # A signed image shows what is negative as darkest, however large it is.
    folded = not pair.state.contrast.signed or (_signal(pair.here, pair.state) > 0 and _signal(pair.other, pair.state) > 0)
    if not folded:
        return (_SENTENCES["t1"](pair),)
    way = 1 if level == "bright" else -1
    along = sorted(((way * pull, name) for name, pull in pulls.items() if way * pull > 0), reverse=True)
    total = sum(pull for pull, _name in along)
    named = [name for pull, name in along if pull >= _WORTH_NAMING * total][:2]
    against = [name for name, pull in pulls.items() if -way * pull > _PULLS_BACK]
    more = [f"{_verb(against, 'pull')} the other way."] if against else []
    if "t1" not in named and _hidden_sign(pair):
        more.append("Its Mz is still negative, which the magnitude image does not show.")
    return (*(_SENTENCES[name](pair) for name in named), *more)


def _hidden_sign(pair: _Pair) -> bool:
    return not pair.state.contrast.signed and _signal(pair.here, pair.state) < 0


def _balance(pair: _Pair, pulls: dict[str, float]) -> tuple[str, ...]:
    """Why it is about as bright as the other tissue."""
    up, down = ([name for name, pull in pulls.items() if way * pull > _PULLS_BACK / 2] for way in (1, -1))
    if not (up and down):
        return (f"At these parameters it differs little from {pair.named} in PD, T1 and T2.",)
    brightens, darkens = _verb(up, "brighten"), _verb(down, "darken")
    return (f"Beside {pair.named} its {brightens} and its {darkens} it: they nearly cancel.", _SENTENCES["t1"](pair))


def _verb(names: list[str], verb: str) -> str:
    return f"{_listed(names)} {verb}{'s' if len(names) == 1 else ''}"


def _listed(names: list[str]) -> str:
    return " and ".join(name.upper() for name in names)


# -- sentences of one factor -----------------------------------------------------------------------------------


def _of_water(pair: _Pair) -> str:
    return f"It holds {pair.here.pd:.0%} as much water as CSF, {pair.named} {pair.other.pd:.0%}.".replace("%", _SHARE)


def _of_decay(pair: _Pair) -> str:
    sequence, values = pair.state.sequence, pair.state.protocol
    name, own, theirs = "T2*" if sequence.decay == "t2star" else "T2", pair.here.decay(sequence), pair.other.decay(sequence)
    if "te" not in values or not sequence.separable:
        return f"{name} is {_time(own, pair.state)}, in {pair.named} {_time(theirs, pair.state)}."
    te = values["te"]
    times = f"{name} is {_time(own, pair.state)}, TE {_time(te, pair.state)}"
    left = f"{name} decay leaves {exp(-te / own):.0%}: {times}".replace("%", _SHARE)
    return f"{left} ({pair.named} {exp(-te / theirs):.0%}).".replace("%)", f"{_SHARE})")


def _of_recovery(pair: _Pair) -> str:
    sequence, values = pair.state.sequence, pair.state.protocol
    t1, theirs = _time(pair.here.t1, pair.state), _time(pair.other.t1, pair.state)
    if not sequence.separable or sequence.of_t1:  # no image of one Mz
        return f"T1 is {t1}, in {pair.named} {theirs}."
    mz, beside = _mz(pair.here, pair.state), _mz(pair.other, pair.state)
    shares = f"{_percent(mz)} ({pair.named} {_percent(beside)})"
    if "ti" in values:
        return _of_inversion(pair, mz, shares)
    if "flip" in values:
        return f"T1 is {t1}: at TR {_time(values['tr'], pair.state)} and {values['flip']:.0f}° its Mz settles at {shares}."
    only = "only " if mz < beside else ""
    recovers = f"{only}{_percent(mz)} of its Mz recovers ({pair.named} {_percent(beside)})"
    return f"T1 is {t1}: in TR {_time(values['tr'], pair.state)} {recovers}."


def _of_inversion(pair: _Pair, mz: float, shares: str) -> str:
    state, t1 = pair.state, _time(pair.here.t1, pair.state)
    ti = state.protocol["ti"]
    at = _time(ti, state)
    nulls = sorted(null_times(pair.here, state), key=lambda null: abs(null - ti))
    if nulls and abs(mz) < _NEAR_NULL and abs(nulls[0] - ti) < _NEAR_TI * nulls[0]:
        return f"Its Mz passes through zero: T1 is {t1} and its null is at TI {_time(nulls[0], state)}, TI is {at}."
    later = f", null at {_time(nulls[0], state)}" if nulls else ""
    if mz < 0:
        folded = (
            "the magnitude image shows it as if positive" if not state.contrast.signed else "the signed image shows it below zero"
        )
        return f"At TI {at} its Mz is still negative, {shares}: T1 is {t1}{later}. {folded.capitalize()}."
    return f"At TI {at} its Mz is at {shares}: T1 is {t1}{later}."


_SENTENCES: dict[str, Callable[[_Pair], str]] = {"pd": _of_water, "t1": _of_recovery, "t2": _of_decay}


# -- numbers ---------------------------------------------------------------------------------------------------


def _signal(one: Substance, state: State) -> float:
    return one.signal(state.protocol, magnitude=False)


def _shown(one: Substance, state: State) -> float:
    return one.signal(state.protocol, magnitude=state.contrast.magnitude)


def _mz(one: Substance, state: State) -> float:
    """Mz at the excitation, in units of the equilibrium: the signal without water and decay, by the sine of the angle."""
    whole = replace(one, pd=1.0, t2=float("inf"), t2star=float("inf"))
    return _signal(whole, state) / sin(radians(state.protocol.values.get("flip", 90.0)))


def _number(one: Substance, state: State) -> str:
    value = _shown(one, state)
    digits = max(0, 2 - int(f"{abs(value):e}".split("e")[1])) if abs(value) >= 5e-5 else 4
    return f"{value:.{min(digits, 4)}f}".replace("-", "−")


def _percent(share: float) -> str:
    rounded = round(100 * share)
    return f"{copysign(abs(rounded), share) if rounded else 0:.0f}{_SHARE}".replace("-", "−")


def _time(seconds: float, state: State) -> str:
    return time_in(seconds, 1 if seconds < 0.01 else 0, state.appearance.times)
