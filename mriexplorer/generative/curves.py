"""Curves of a training run, as PNG."""

import csv
from pathlib import Path
from typing import Any

from mriexplorer.files import write_beside

_COLUMNS = 4


def draw_curves(metrics: Path, target: Path) -> None:
    """Every quantity of the metrics against the step: training thin, validation thick."""
    with metrics.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["what"] for row in rows))
    figure, axes = subplots(-(-len(names) // _COLUMNS), _COLUMNS, 3.2, 2.2)
    for place, (axis, name) in enumerate(zip(axes.flat, names, strict=False)):
        for of, width in (("train", 0.6), ("validation", 2)):
            points = [(int(r["step"]), float(r["value"])) for r in rows if r["what"] == name and r["set"] == of]
            if points:
                axis.plot(*zip(*points, strict=True), lw=width, label=of)
        axis.set_title(name, fontsize=8)
        axis.tick_params(labelsize=6)
        if place == 0:
            axis.legend(fontsize=6)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    save_figure(figure, target)


def subplots(rows: int, columns: int, width: float, height: float) -> tuple[Any, Any]:
    """A figure and its axes (rows, columns), each of ``width`` by ``height`` inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def save_figure(figure: Any, target: Path) -> None:
    """Write a figure as PNG, beside, then renamed."""
    write_beside(target, lambda path: figure.savefig(path, dpi=110))
