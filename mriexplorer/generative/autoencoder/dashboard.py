"""Reconstructions and maps of a training run, as PNG."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mriexplorer.generative.autoencoder.batches import Batch
from mriexplorer.generative.autoencoder.losses import RenderedScans
from mriexplorer.generative.autoencoder.network import MAPS, Decoded
from mriexplorer.generative.curves import save_figure, subplots

_RANGES = {"pd": (0, 1.1), "t1": (0, 2.5), "t2": (0, 0.25)}


def draw_reconstruction(target: Path, batch: Batch, decoded: Decoded, computed: RenderedScans) -> None:
    """The first item of a batch: scans as given, as they should be, as the maps show them; maps, how sure, and the truth."""
    scans = [_plane(image) for image in batch.scans[0]]
    absent = ["" if there else " (not shown)" for there in batch.present[0].tolist()]
    rows = [
        [(image, f"{p.sequence.name}{gone}", (0, 1.3)) for image, p, gone in zip(scans, batch.protocols[0], absent, strict=True)],
        [(_plane(image), "should show", (0, 1.3)) for image in batch.targets[0]],
        [(_plane(image), "maps show", (0, 1.3)) for image in computed.scans[0]],
        [(_plane(decoded.maps[0, n]), kind, _RANGES[kind]) for n, kind in enumerate(MAPS)],
        [(_plane(batch.maps[0, n]), f"true {kind}", _RANGES[kind]) for n, kind in enumerate(MAPS)],
        [(_plane(decoded.spread[0, n]), f"spread of log {kind}", (0, 0.5)) for n, kind in enumerate(MAPS)],
    ]
    figure, axes = subplots(len(rows), max(map(len, rows)), 2.2, 2.4)
    for line, row in zip(axes, rows, strict=True):
        for axis in line:
            axis.axis("off")
        for axis, (image, title, limits) in zip(line, row, strict=False):
            axis.imshow(image, cmap="gray", vmin=limits[0], vmax=limits[1], interpolation="nearest")
            axis.set_title(title, fontsize=7)
    save_figure(figure, target)


def _plane(image: Tensor) -> NDArray[np.float32]:
    """The middle axial slice, nose up."""
    array = image.detach().float().cpu().numpy()
    array = array[..., array.shape[2] // 2] if array.ndim == 3 else array
    return np.asarray(array[:, ::-1].T)
