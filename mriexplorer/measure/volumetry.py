"""Volumes of a brain: white matter, grey matter, CSF and ventricles, measured in one way for maps and for real people's T1w.

The image is a T1w on 2 mm voxels in the standard frame. Three means of its values say what is fluid, grey and white matter; a
voxel between two of them holds a share of both. The brain is closed over its sulci; shares are those of that closed brain. Fluid
that lies deep, where the warped template has its ventricles, is theirs. Maps are first made as soft as those T1w.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.measure.brain_volumes import BrainVolumes, RelaxationTimes
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, prepare
from mriexplorer.simulation.demons import axes_of, closed_brain, layers_of, normalised_intensity, register_demons
from mriexplorer.simulation.layout import layout_of
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import Vectors, exponential, interpolated
from mriexplorer.simulation.standard_frame import CLOSED, SOLID, VOXEL, StandardBrain, standard_brain
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, Grid

# Voxels of 2 mm: the blur after which shades of maps have the share of fine power of OASIS-1's (above a quarter of the sampling
# rate; 0.042 there, 0.048 of maps at 1 mm, 0.036 at 2 mm). White matter's share grows by 0.7 points with each 0.1 more.
_SOFT = 0.42
_POORLY = 0.30  # root mean square difference of shades beyond which ventricles are doubtful
_DOUBTFUL = "The template fits this brain poorly; take the ventricles with doubt."
_PURE = {"wm": (0.95, np.inf), "gm": (0.42, 0.58), "csf": (-np.inf, 0.04)}  # shades of voxels that hold one tissue
_DEEP, _REACH = 12.0, 6.0  # mm from the surface, and of the template's ventricles, in which fluid is theirs (as in ``demons``)
_FEW = 200  # voxels below which a median says nothing
_LARGEST_BRAIN, _SMALLEST_BRAIN = 1.6, 0.5  # of the usual size, beyond which it is no person's whole brain


def volumes_of(subject: Subject, progress: Callable[[str], None]) -> BrainVolumes:
    """Volumes of the brain of a subject's maps; takes some seconds. Raises InputError where there is no whole brain."""
    from scipy.ndimage import gaussian_filter

    brain = standard_brain(subject.maps, subject.name, progress)
    if not _SMALLEST_BRAIN < brain.size < _LARGEST_BRAIN:
        raise InputError(f"{subject.name} holds {brain.size * CLOSED:.0f} cm³ of brain, which is no person's whole brain.")
    image = np.asarray(gaussian_filter(brain.image, _SOFT), np.float32)
    progress("finding the ventricles")
    found = register_demons(image, grid_of(VOXEL), brain.inside, coarse=True)
    progress("measuring")
    shades, closed, shares = measured(image, grid_of(VOXEL), brain.inside, exponential(found.velocity))
    said = (_DOUBTFUL,) if found.residual > _POORLY else ()
    return BrainVolumes(
        float(closed.sum()) * VOXEL**3 / 1000 * brain.size, **shares, relaxation=_relaxation(brain, shades, closed),
        notices=(*brain.notices, *said), layout=layout_of(shades, closed),
    )  # fmt: skip


def measured(
    image: Floats, grid: Grid, inside: NDArray[np.bool_], warp: Vectors
) -> tuple[Floats, NDArray[np.bool_], dict[str, float]]:
    """Shades (fluid 0, grey matter 0.5, white matter 1), the closed brain, and shares of it by tissue, of a T1w at 2 mm.

    ``inside`` is where there is brain, ``warp`` leads from there to the template (``demons``). Raises InputError where the three
    tissues cannot be told apart.
    """
    shades = normalised_intensity(image, inside)
    closed = closed_brain(inside & (shades > SOLID), grid.spacing[0])
    fluid, white = (np.where(closed, part, 0) for part in layers_of(shades))
    whole, deep = float(closed.sum()), _deep(closed, warp, grid)
    csf, wm = float(fluid.sum()) / whole, float(white.sum()) / whole
    return shades, closed, {"wm": wm, "gm": 1 - wm - csf, "csf": csf, "ventricles": float(fluid[deep].sum()) / whole}


def _deep(closed: NDArray[np.bool_], warp: Vectors, grid: Grid) -> NDArray[np.bool_]:
    """Where fluid is the ventricles': within reach of the warped template's, and far from the surface of the closed brain."""
    from scipy.ndimage import distance_transform_edt, map_coordinates

    axes = axes_of(grid)
    places = interpolated(warp, axes)  # mm, from each voxel to the template
    for axis, place in enumerate(axes):
        places[axis] += (place - FRAME_ORIGIN[axis]).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    near = map_coordinates(_near_ventricles(), places / np.float32(VOXEL), order=1) > 0.5
    return np.asarray(near & (distance_transform_edt(closed, grid.spacing[0]) > _DEEP))


@lru_cache(maxsize=1)
def _near_ventricles() -> Floats:
    """1 within reach of the built-in anatomy's ventricles, on voxels of 2 mm from ``FRAME_ORIGIN``."""
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(prepare(None).ventricles < 0.5, VOXEL) < _REACH, np.float32)


def _relaxation(brain: StandardBrain, shades: Floats, closed: NDArray[np.bool_]) -> dict[str, RelaxationTimes]:
    found = {}
    for tissue, (low, high) in _PURE.items():
        pure = closed & brain.inside & (shades >= low) & (shades <= high)
        if pure.sum() >= _FEW:
            found[tissue] = RelaxationTimes(float(np.median(brain.t1[pure])), float(np.median(brain.t2[pure])))
    return found
