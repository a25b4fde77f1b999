"""What is estimated of a clinical attribute, as numbers and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_LEVELS, _LEAST_SHARE = 3, 0.05  # that are worth saying


@dataclass(frozen=True)
class AttributeEstimate:
    """The median of an attribute, and ``low`` and ``high`` that 90 % lie between; of levels the likeliest, with all ``shares``.

    ``name`` is that of the column, ``label`` and ``unit`` what people read.
    """

    name: str
    label: str
    unit: str
    value: float | str
    low: float | None = None
    high: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """``71 years (60 to 81)``, or ``F 92%, M 8%``."""
        if self.low is None or self.high is None:
            likely = [(level, share) for level, share in list(self.shares.items())[:_LEVELS] if share >= _LEAST_SHARE]
            return ", ".join(f"{level} {share:.0%}" for level, share in likely)
        unit = f" {self.unit}" if self.unit else ""
        return f"{_number(float(self.value))}{unit} ({_number(self.low)} to {_number(self.high)})"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 20 else f"{value:.3g}"
