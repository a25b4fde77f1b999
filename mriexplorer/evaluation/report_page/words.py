"""Numbers, intervals and verdicts of an evaluation in words, as page and tables have them."""

from collections.abc import Sequence
from math import isfinite

from mriexplorer.evaluation.headlines import headlines
from mriexplorer.evaluation.metric import Interval, Metric

NOT_MEASURED = "not measured"
_WORST = 3  # metrics that a verdict names


def number(value: float) -> str:
    """Three digits; nothing is said to be 0 that is not."""
    if not isfinite(value):
        return NOT_MEASURED
    size = abs(value)
    if size >= 1e5 or 0 < size < 1e-3:
        return f"{value:.2g}"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:.{digits}f}"


def interval(of: Interval | None, unit: str = "") -> str:
    """``0.52 (0.41 to 0.63)``; a dash where there is none."""
    if of is None:
        return "–"
    if not isfinite(of.value):
        return NOT_MEASURED
    told = f"{number(of.value)} {unit}".strip()
    return f"{told} ({number(of.low)} to {number(of.high)})" if isfinite(of.low) and isfinite(of.high) else told


def by_excess(metrics: Sequence[Metric]) -> list[Metric]:
    """The farthest from what real people give first; within that, in order."""
    return sorted(metrics, key=lambda metric: -metric.excess if isfinite(metric.excess) else 0.0)


def verdict(group: str, metrics: Sequence[Metric]) -> str:
    """What a group of metrics says, in a sentence or two."""
    compared = [metric for metric in metrics if metric.ceiling is not None and isfinite(metric.value)]
    if not compared:
        told = "; ".join(f"{m.name}: {interval(m.found, m.unit)}" for m in headlines(group, metrics))
        return f"{told}. ({len(metrics)} figures in all.)"
    outside = [metric for metric in compared if metric.alarm]
    if not outside:
        return f"None of {len(compared)} figures lies outside of what real people among themselves give."
    worst = [f"{m.name}: {number(m.value)} (real people {interval(m.ceiling)})" for m in by_excess(outside)[:_WORST]]
    said = f"{len(outside)} of {len(compared)} figures lie outside of what real people among themselves give."
    return f"{said} Worst: {'; '.join(worst)}."
