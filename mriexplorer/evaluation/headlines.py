"""Which figures say most of a model of maps: they stand first in its report, and in the window."""

from collections.abc import Sequence

from mriexplorer.evaluation.metric import Metric

_EVERY = "T1w+T2w+FLAIR"
HEADLINES: dict[str, tuple[str, ...]] = {  # by group
    "maps": tuple(f"{kind} error in white and grey matter, from {_EVERY}" for kind in ("T1", "T2", "PD")),
    "other values": (
        "recovered of T1 x 1.25, grey matter", "recovered of T2 x 1.25, grey matter",
        "true T1 within the 90 % interval, T1 x 1.25",
    ),
    "intervals": (f"true T1 within the 90 % interval, from {_EVERY}",),
    "left out": ("correlation, FLAIR, real people", "correlation, FLAIR, real people, polynomial"),
    "scans": (f"PSNR, from {_EVERY}",),
}  # fmt: skip
_FIRST = 3  # of a group without headlines


def headlines(group: str, metrics: Sequence[Metric]) -> list[Metric]:
    """Those of a group's metrics that stand for it; the first few where none was measured."""
    named = [metric for name in HEADLINES.get(group, ()) for metric in metrics if metric.name == name]
    return named or list(metrics[:_FIRST])
