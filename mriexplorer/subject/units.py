"""Units of maps: what a sidecar says, else what the numbers suggest; always said, always changeable."""

from dataclasses import dataclass

TIME_UNITS = {"s": 1.0, "ms": 1e-3}
RATE_UNITS = {"1/s": 1.0, "1/ms": 1e3}
PD_UNITS = {"fraction": 1.0, "%": 0.01, "arbitrary": 1.0}

_SPELLINGS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    "1/s": ("1/s", "s-1", "s^-1", "s⁻¹", "hz", "1/sec", "per second"),
    "1/ms": ("1/ms", "ms-1", "ms^-1", "ms⁻¹", "khz", "1/msec", "per millisecond"),
    "%": ("%", "percent", "pu", "p.u.", "percent units"),
    "fraction": ("fraction", "1", "relative", "water = 1"),
    "arbitrary": ("arbitrary", "a.u.", "au", "arbitrary units"),
}

# Plausible medians inside a head, in seconds, with room for phantoms, newborns and 7 T.
_PLAUSIBLE_PD = {"fraction": (0.05, 1.6), "%": (5.0, 160.0), "arbitrary": (0.0, float("inf"))}
_PLAUSIBLE = {"t1": (0.15, 8.0), "t2": (0.010, 4.0), "t2star": (0.005, 4.0)}


@dataclass(frozen=True)
class Quantity:
    """What a file holds: the ``kind`` of map it becomes (t1, t2, t2star, pd) and whether it holds the rate, 1/T."""

    kind: str
    rate: bool = False

    @property
    def label(self) -> str:
        """T1, R1, T2, R2, T2*, R2*, PD."""
        if self.kind == "pd":
            return "PD"
        return ("R" if self.rate else "T") + self.kind[1:].replace("star", "*")

    @property
    def units(self) -> dict[str, float]:
        """The units it may have, and their factors to seconds (or 1/s, or water = 1)."""
        if self.kind == "pd":
            return PD_UNITS
        return RATE_UNITS if self.rate else TIME_UNITS


def spelled(text: str) -> str | None:
    """The unit that a sidecar's ``Units`` means, None where it is not understood."""
    plain = text.strip().lower()
    return next((unit for unit, spellings in _SPELLINGS.items() if plain in spellings), None)


def plausible(quantity: Quantity, unit: str, median: float) -> bool:
    """Whether a head's median, read in ``unit``, could be a person's."""
    if quantity.kind == "pd":
        low, high = _PLAUSIBLE_PD[unit]
        return low <= median <= high
    value = median * quantity.units[unit]
    low, high = _PLAUSIBLE[quantity.kind]
    return low <= (1 / value if quantity.rate else value) <= high


def infer(quantity: Quantity, median: float, high: float) -> str:
    """The unit that the numbers suggest, from the median and the 99th percentile inside the head.

    For times and rates, the one unit with a plausible median; PD up to 1.6 is a fraction, up to 160 percent.
    """
    if quantity.kind == "pd":
        return "fraction" if high <= 1.6 else "%" if 30 <= median <= 160 and high <= 160 else "arbitrary"
    fitting = [unit for unit in quantity.units if plausible(quantity, unit, median)]
    return fitting[0] if fitting else next(iter(quantity.units))
