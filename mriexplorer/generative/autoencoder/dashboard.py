"""Curves and reconstructions of a training run, as PNG."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mriexplorer.files import write_beside
from mriexplorer.generative.autoencoder.batches import Batch
from mriexplorer.generative.autoencoder.losses import Shown
from mriexplorer.generative.autoencoder.network import MAPS, Decoded

_RANGES = {"pd": (0, 1.1), "t1": (0, 2.5), "t2": (0, 0.25)}
_COLUMNS = 4


def draw_curves(metrics: Path, target: Path) -> None:
    """Every quantity of the metrics against the step: training thin, validation thick."""
    with metrics.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["what"] for row in rows))
    figure, axes = _figure(-(-len(names) // _COLUMNS), _COLUMNS, 3.2, 2.2)
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
    _save(figure, target)


def draw_look(target: Path, batch: Batch, decoded: Decoded, shown: Shown) -> None:
    """The first item of a batch: scans as given, as they should be, as the maps show them; maps, how sure, and the truth."""
    scans = [_plane(image) for image in batch.scans[0]]
    absent = ["" if there else " (not shown)" for there in batch.present[0].tolist()]
    rows = [
        [(image, f"{p.sequence}{gone}", (0, 1.3)) for image, p, gone in zip(scans, batch.protocols[0], absent, strict=True)],
        [(_plane(image), "should show", (0, 1.3)) for image in batch.targets[0]],
        [(_plane(image), "maps show", (0, 1.3)) for image in shown.scans[0]],
        [(_plane(decoded.maps[0, n]), kind, _RANGES[kind]) for n, kind in enumerate(MAPS)],
        [(_plane(batch.maps[0, n]), f"true {kind}", _RANGES[kind]) for n, kind in enumerate(MAPS)],
        [(_plane(decoded.spread[0, n]), f"spread of log {kind}", (0, 0.5)) for n, kind in enumerate(MAPS)],
    ]
    figure, axes = _figure(len(rows), max(map(len, rows)), 2.2, 2.4)
    for line, row in zip(axes, rows, strict=True):
        for axis in line:
            axis.axis("off")
        for axis, (image, title, limits) in zip(line, row, strict=False):
            axis.imshow(image, cmap="gray", vmin=limits[0], vmax=limits[1], interpolation="nearest")
            axis.set_title(title, fontsize=7)
    _save(figure, target)


def _plane(image: Tensor) -> NDArray[np.float32]:
    """The middle axial slice, nose up."""
    array = image.detach().float().cpu().numpy()
    array = array[..., array.shape[2] // 2] if array.ndim == 3 else array
    return np.asarray(array[:, ::-1].T)


def _figure(rows: int, columns: int, width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def _save(figure: Any, target: Path) -> None:
    write_beside(target, lambda path: figure.savefig(path, dpi=110))
