"""Mean, SD, SNR and CNR of regions, in numbers and in words."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.measure.summary import Summary, summary
from mriexplorer.view.region import Region

SNR_MEANS = "SNR = |mean| / SD of the signal in the region; mean/SD without noise, where the SD is that of its tissue"
CNR_MEANS = "CNR = (mean A − mean B) / √((SD A² + SD B²) / 2)"
NO_TISSUE = "no tissue in it"
NO_VOXEL = {"tissue": "none found", "threshold": "nothing in that range"}
EMPTY = "no voxel in it"
NO_IMAGE = "no image"
CONSTANT = "constant"
_BINS = 60


@dataclass(frozen=True)
class Measured:
    """A region's numbers. ``signal`` is None where the protocol is impossible; times in seconds."""

    region: Region
    inside: int
    signal: Summary | None
    t1: Summary
    t2: Summary
    pd: Summary

    @property
    def count(self) -> int:
        """Voxels with tissue."""
        return self.t1.n


def cnr(first: Summary, second: Summary) -> float | None:
    """CNR of two regions' signals, by ``CNR_MEANS``; None where there is none."""
    pooled = np.sqrt((first.sd**2 + second.sd**2) / 2)
    return float((first.mean - second.mean) / pooled) if pooled > 0 else None


@dataclass(frozen=True)
class Bins:
    """Voxels by value: ``edges`` (bins + 1,), ``counts`` (bins,)."""

    edges: NDArray[np.float64]
    counts: NDArray[np.intp]


def bins(values: NDArray[np.float32]) -> Bins | None:
    """A histogram from the lowest to the highest value; None of constant values and of none."""
    fine = values[np.isfinite(values)]
    if not fine.size or fine.min() == fine.max():
        return None
    low, high = float(fine.min()), float(fine.max())
    places = ((fine - np.float32(low)) * np.float32(_BINS / (high - low))).astype(np.intp)
    counts = np.bincount(np.minimum(places, _BINS - 1), minlength=_BINS)
    return Bins(np.linspace(low, high, _BINS + 1), counts)


# -- in words --------------------------------------------------------------------------------------------------


def signal_words(measured: Measured) -> str:
    """The signal as ``0.3121 ± 0.0214``, or what is to be said instead."""
    if not measured.count:
        return NO_TISSUE if measured.inside else NO_VOXEL.get(measured.region.kind, EMPTY)
    return NO_IMAGE if measured.signal is None else words(measured.signal, 4)


def words(one: Summary, digits: int, factor: float = 1.0) -> str:
    """``mean ± SD`` with so many digits after the point."""
    if not one.n:
        return "–"
    spread = CONSTANT if one.constant else f"± {one.sd * factor:.{digits}f}"
    return f"{one.mean * factor:.{digits}f} {spread}".replace("-", "−")


def contrast_words(measured: Sequence[Measured], *, noisy: bool = True) -> str:
    """The line of CNR and SNR of one or two regions."""
    name = "SNR" if noisy else "mean/SD"
    said = [f"{name} {one.region.name} {_snr_words(one)}" for one in measured]
    if len(measured) >= 2:
        first, second = measured[:2]
        said.insert(0, f"CNR {first.region.name}–{second.region.name} {_cnr_words(first, second)}")
    return "    ".join(said)


def _snr_words(one: Measured) -> str:
    if one.signal is None or not one.count:
        return signal_words(one)
    return CONSTANT if one.signal.snr is None else f"{abs(one.signal.snr):.1f}"


def _cnr_words(first: Measured, second: Measured) -> str:
    for one in (first, second):
        if not one.count or one.signal is None:
            return signal_words(one)
    assert first.signal is not None and second.signal is not None  # noqa: S101 said above
    value = cnr(first.signal, second.signal)
    return f"both {CONSTANT}" if value is None else f"{value:.2f}".replace("-", "−")


_HEAD = ("region", "what", "voxels", "voxels without tissue", "signal mean", "signal SD", "signal min", "signal max", "SNR",
         *(f"{name} {what}" for name in ("T1 (ms)", "T2 (ms)", "PD") for what in ("mean", "SD", "min", "max")))  # fmt: skip


def table(rows: Sequence[Measured], about: Sequence[str], separator: str = ",") -> str:
    """All numbers of regions as CSV (or TSV), below lines that say what the image is, each after a #."""
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in about)
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(_HEAD)
    for row in rows:
        signal = row.signal or summary(np.zeros(0, np.float32))
        numbers = [*_numbers(signal), _text(signal.snr)]
        for one, factor in ((row.t1, 1000.0), (row.t2, 1000.0), (row.pd, 1.0)):
            numbers += _numbers(one, factor)
        writer.writerow([_cell(row.region.name), row.region.description(), row.count, row.inside - row.count, *numbers])
    pairs = [(a, b) for place, a in enumerate(rows) for b in rows[place + 1 :]]
    if pairs:
        writer.writerow([])
        writer.writerow(["CNR of", "and", "CNR"])
    for first, second in pairs:
        both = first.signal is not None and second.signal is not None and first.count and second.count
        found = cnr(first.signal, second.signal) if both else None  # type: ignore[arg-type]
        writer.writerow([_cell(first.region.name), _cell(second.region.name), _text(found)])
    return text.getvalue()


def _cell(name: str) -> str:
    """A name that no program of tables takes for a formula."""
    return f"'{name}" if name.strip()[:1] in tuple("=+-@") else name


def _numbers(one: Summary, factor: float = 1.0) -> list[str]:
    return [_text(value * factor if one.n else None) for value in (one.mean, one.sd, one.low, one.high)]


def _text(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.6g}"
