"""One parameter on its way from one value to another: the states of a movie."""

from collections.abc import Iterator
from dataclasses import dataclass

from mriexplorer.errors import InputError
from mriexplorer.physics import Parameter
from mriexplorer.view.state import State
from mriexplorer.view.views import View

MOST_FRAMES = 1000
_STEPS = 201  # in which a range is looked through


@dataclass(frozen=True)
class Sweep:
    """A parameter's ``name``, its first and last value (seconds, degrees), and how many ``frames`` there are."""

    name: str
    start: float
    end: float
    frames: int

    def values(self, state: State) -> Iterator[float]:
        """The value of each frame: even steps of the slider, so logarithmic where that is."""
        parameter = state.sequence.parameter(self.name)
        first, last = parameter.to_fraction(self.start), parameter.to_fraction(self.end)
        for number in range(self.frames):
            yield parameter.clip(parameter.from_fraction(first + (last - first) * number / (self.frames - 1)))

    def states(self, state: State) -> Iterator[State]:
        """The state of each frame; whatever else there is stays, the window too."""
        return (state.with_values(**{self.name: value}) for value in self.values(state))


def possible_range(state: State, parameter: Parameter, low: float, high: float) -> tuple[float, float]:
    """How much of a range about the state's own value a scanner could run; all of it where even that value cannot be."""
    values = list(Sweep(parameter.name, parameter.clip(low), parameter.clip(high), _STEPS).values(state))
    can = [not state.with_values(**{parameter.name: value}).problems for value in values]
    first = last = min(range(_STEPS), key=lambda place: abs(values[place] - state.protocol[parameter.name]))
    if not can[first]:
        return values[0], values[-1]
    while first > 0 and can[first - 1]:
        first -= 1
    while last < _STEPS - 1 and can[last + 1]:
        last += 1
    return values[first], values[last]


def refuse_map(state: State) -> None:
    """Raises InputError unless the state shows a signal, which alone changes with a parameter."""
    if state.view != View.SIGNAL:
        raise InputError("only the signal changes with a parameter; show the signal, not a map.")


def swept(state: State, name: str) -> Parameter:
    """The parameter that moves. Raises InputError where nothing changes with it."""
    refuse_map(state)
    parameter = next((p for p in state.sequence.parameters if p.name == name), None)
    if parameter is None:
        raise InputError(f"{state.sequence.label} has no {name}; it has {', '.join(state.protocol.values)}.")
    return parameter


def checked(sweep: Sweep, state: State) -> Sweep:
    """The sweep, if the state's image can be swept so. Raises InputError with what is wrong."""
    parameter = swept(state, sweep.name)
    if not all(parameter.low * 0.999 <= value <= parameter.high * 1.001 for value in (sweep.start, sweep.end)):
        low, high = (parameter.shown(end, state.appearance.times) for end in (parameter.low, parameter.high))
        raise InputError(
            f"{parameter.label} must lie between {low} and {high} {parameter.unit_in(state.appearance.times)}".strip() + "."
        )
    if sweep.start == sweep.end:
        raise InputError(f"{parameter.label} begins and ends at the same value; nothing would move.")
    if not 2 <= sweep.frames <= MOST_FRAMES:
        raise InputError(f"a movie has 2 to {MOST_FRAMES} frames, not {sweep.frames}.")
    return sweep
