"""One parameter of a sequence: range, unit, scale, and its names in files."""

from dataclasses import dataclass
from math import log
from typing import Literal


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

    @property
    def shown_unit(self) -> str:
        """The unit people see: ms for times."""
        return {"s": "ms", "deg": "°", "1": ""}[self.unit]

    @property
    def factor(self) -> float:
        """Shown value = stored value times this."""
        return 1000.0 if self.unit == "s" else 1.0

    def shown(self, value: float) -> str:
        """The value as people read it, without its unit: ``0.0032`` -> ``"3.2"``."""
        number = value * self.factor
        if self.scale == "integer" or abs(number) >= 100:
            return f"{number:.0f}"
        return f"{number:.1f}" if abs(number) >= 1 else f"{number:.2f}"

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
