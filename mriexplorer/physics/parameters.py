"""One parameter of a sequence: range, unit, scale, and its names in files."""

from dataclasses import dataclass
from math import log
from typing import Literal

TimeUnit = Literal["ms", "s"]  # of times as people read them; inside, and in files, they are in seconds
TIMES: dict[TimeUnit, float] = {"ms": 1000.0, "s": 1.0}


def number_in(seconds: float, digits: int, times: TimeUnit) -> str:
    """A time without its unit, as exactly as milliseconds of so many digits are."""
    return f"{seconds * TIMES[times]:.{digits + (3 if times == 's' else 0)}f}"


def time_in(seconds: float, digits: int, times: TimeUnit) -> str:
    """A time with its unit: ``1420 ms`` or ``1.420 s``."""
    return f"{number_in(seconds, digits, times)} {times}"


@dataclass(frozen=True)
class Parameter:
    """What a slider, a flag and a sidecar entry need to know about one parameter of a sequence.

    ``unit`` is ``s``, ``deg`` or ``1`` (a plain number); ``scale`` is ``log``, ``linear`` or ``integer``; ``bids`` is the
    sidecar field; ``dicom`` the attribute's tag; ``expert`` parameters fold away.
    """

    name: str
    label: str
    unit: Literal["s", "deg", "1"]
    low: float
    high: float
    default: float
    scale: Literal["log", "linear", "integer"]
    bids: str
    dicom: tuple[int, int] | None
    doc: str
    expert: bool = False

    def unit_in(self, times: TimeUnit = "ms") -> str:
        """The unit people see."""
        return {"s": times, "deg": "°", "1": ""}[self.unit]

    def factor_in(self, times: TimeUnit = "ms") -> float:
        """Shown value = stored value times this."""
        return TIMES[times] if self.unit == "s" else 1.0

    def shown(self, value: float, times: TimeUnit = "ms") -> str:
        """The value as people read it, without its unit: ``0.0032`` -> ``"3.2"``, or ``"0.0032"`` where times are in seconds."""
        number = value * TIMES["ms"] if self.unit == "s" else value
        digits = 0 if self.scale == "integer" or abs(number) >= 100 else 1 if abs(number) >= 1 else 2
        return number_in(value, digits, times) if self.unit == "s" else f"{number:.{digits}f}"

    def to_fraction(self, value: float) -> float:
        """Where the value lies on the slider, 0 to 1."""
        if self.scale == "log":
            return log(max(value, self.low) / self.low) / log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def from_fraction(self, fraction: float) -> float:
        """The value at a place of the slider; the inverse of ``to_fraction``."""
        if self.scale == "log":
            return float(self.low * (self.high / self.low) ** fraction)
        value = self.low + fraction * (self.high - self.low)
        return float(round(value)) if self.scale == "integer" else value

    def stepped(self, value: float, steps: int) -> float:
        """A few key presses away: 2 % each on a logarithmic scale, 1 on integers, a hundredth of the range else."""
        if self.scale == "log":
            return self.clip(value * 1.02**steps)
        return self.clip(value + steps * (1 if self.scale == "integer" else (self.high - self.low) / 100))

    def clip(self, value: float) -> float:
        """The nearest value within the range."""
        value = min(max(value, self.low), self.high)
        return float(round(value)) if self.scale == "integer" else value
