"""Where fluid and white matter lie in a brain, in blocks of 12 mm of the standard frame."""

import numpy as np
from numpy.typing import NDArray

from mriexplorer.simulation.demons import layers_of
from mriexplorer.subject.tissue_maps import Floats

_BLOCK = 6  # voxels of 2 mm to an edge


def layout_of(intensity: Floats, hull: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Shares of fluid inside of the closed brain (``hull``), then of white matter, by block (blocks,).

    ``intensity`` (x, y, z) is fluid 0, grey matter 0.5, white matter 1, on the grid of 2 mm.
    """
    fluid, white = layers_of(intensity)
    return np.concatenate([block_means(part, _BLOCK).reshape(-1) for part in (np.where(hull, fluid, 0), white)])


def layout_names(shape: tuple[int, ...]) -> list[str]:
    """What the numbers of ``layout_of`` are, for an image of a shape."""
    size = [n // _BLOCK for n in shape]
    return [f"{tissue} in block {x}/{y}/{z}" for tissue in ("fluid", "white matter") for x, y, z in np.ndindex(*size)]


def block_means(volume: Floats, edge: int) -> Floats:
    """Means of cubes of ``edge`` voxels; what is left over at the far ends is cut off."""
    size = [n // edge for n in volume.shape]
    cut = volume[tuple(slice(0, n * edge) for n in size)]
    return np.asarray(cut.reshape(size[0], edge, size[1], edge, size[2], edge).mean(axis=(1, 3, 5)), np.float32)
