"""The shape of a real person's brain: the velocity field that takes the template there, found in a T1-weighted image.

The intensities of image and template are normalised (fluid 0, grey matter half, white matter 1). Demons (Thirion 1998) push
the template towards the person, on a velocity whose exponential is the warp (log-demons, Vercauteren 2008), first at 4 mm, then
at 2 mm. The warp leads backwards, as ``shape.HeadDeformation`` has it: from a place of the person to that of the template.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.linear import along_axes
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, prepare
from mriexplorer.simulation.shape import KNOT_EDGE, KNOTS, Vectors, basis, exponential, interpolated
from mriexplorer.subject.reference import template
from mriexplorer.subject.tissue_maps import Floats, Grid

_RESOLUTIONS = ((2, 30, 1.6, 4), (1, 18, 1.0, 4))  # every how many voxels of 2 mm, steps, smoothness (knots), squarings
_COARSE = ((2, 20, 1.6, 2),)
_KEPT = 0.35  # knots by which the whole velocity is smoothed at each step
_SOFT = 0.25  # how different intensities count fully: weighs the difference against the gradient
_LONGEST = 2.0  # mm of one step
_CROSS = np.array([[False, True, False], [True, True, True], [False, True, False]])
_CLOSING = 9.0  # mm: sulci narrower than this belong to the brain's hull
_DEEP = 12.0  # mm from the hull, where fluid is ventricle rather than sulcus
_AROUND = 2.5  # mm, standard deviation of what counts as around a knot
_REACH = 6.0  # mm around the template's ventricles, warped, in which fluid counts as theirs


@dataclass(frozen=True)
class DemonsRegistration:
    """The template registered to a brain. ``velocity`` (3, knots), mm, backwards; ``ventricles`` as a share of the closed brain.

    ``fluid`` is the share of the closed brain (sulci included) that is fluid; ``residual`` the root mean square difference of
    normalised intensities that is left.
    """

    velocity: Vectors
    ventricles: float
    fluid: float
    residual: float


def register_demons(image: Floats, grid: Grid, brain: NDArray[np.bool_], *, coarse: bool = False) -> DemonsRegistration:
    """The shape of a brain in a T1-weighted image on a grid of 2 mm in the standard frame, inside the mask ``brain``.

    ``coarse`` as in ``demons_velocity``. Raises InputError where there is no brain with three tissues to be told apart.
    """
    intensity = normalised_intensity(image, brain)
    velocity = demons_velocity(intensity, grid, coarse=coarse)
    warp = exponential(velocity)
    warped = _at(_template_intensity(), warp, grid)
    there = brain | (warped > 0.2)
    ventricles, fluid = fluids(intensity, brain, warp, grid)
    return DemonsRegistration(velocity, ventricles, fluid, float(np.sqrt(np.mean((warped - intensity)[there] ** 2))))


def demons_velocity(intensity: Floats, grid: Grid, *, coarse: bool = False) -> Vectors:
    """The velocity alone (3, knots), mm, backwards, of normalised intensities on a grid of 2 mm in the standard frame.

    ``coarse`` leaves it at 4 mm, in half of the time: enough to say which region a place is of.
    """
    velocity = np.zeros((3, *KNOTS), np.float32)
    for every, steps, smoothness, squarings in _COARSE if coarse else _RESOLUTIONS:
        velocity = _pushed(velocity, intensity, grid, every, steps, smoothness, squarings)
    return velocity


def normalised_intensity(image: Floats, brain: NDArray[np.bool_]) -> Floats:
    """Intensities that every brain shares: fluid (and what lies outside the brain) 0, grey matter 0.5, white matter 1.

    Raises InputError where they cannot be told apart (``tissue_means``).
    """
    intensity = np.interp(image, tissue_means(image, brain), (0.0, 0.5, 1.0)).astype(np.float32)
    return np.where(brain, intensity, 0).astype(np.float32)


def tissue_means(image: Floats, brain: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What fluid, grey and white matter show in a T1-weighted image: three means of its values (Lloyd's algorithm).

    Raises InputError where they cannot be told apart.
    """
    values = image[brain & (image > 0)].astype(np.float64)
    if len(values) < 20_000:
        raise InputError("there is no brain in the image, or only a part of it.")
    means = np.percentile(values, (8, 45, 85))
    for _ in range(25):
        bounds = (means[1:] + means[:-1]) / 2
        which = np.searchsorted(bounds, values)
        counts = np.bincount(which, minlength=3)
        if not counts.all() or not (np.diff(means) > 0).all():
            raise InputError("fluid, grey and white matter cannot be told apart; is it a T1-weighted image of a brain?")
        means = np.bincount(which, values, minlength=3) / counts
    return means


def fluids(intensity: Floats, brain: NDArray[np.bool_], warp: Vectors, grid: Grid) -> tuple[float, float]:
    """Fluid of the ventricles, and all fluid, as shares of the closed brain. The same measure for real and sampled people."""
    from scipy.ndimage import distance_transform_edt

    edge = grid.spacing[0]
    hull = hull_of(brain & (intensity > 0.25), edge)
    fluid = np.where(hull, np.clip(1 - intensity / 0.5, 0, 1), 0)
    near = _at(_near_ventricles(), warp, grid) > 0.5
    deep = near & (distance_transform_edt(hull, edge) > _DEEP)
    whole = float(hull.sum())
    return float(fluid[deep].sum() / whole), float(fluid.sum() / whole)


def layers_of(intensity: Floats) -> tuple[Floats, Floats]:
    """Shares of fluid (and what lies outside) and of white matter in normalised intensities, voxel by voxel."""
    return np.clip(1 - 2 * intensity, 0, 1).astype(np.float32), np.clip(2 * intensity - 1, 0, 1).astype(np.float32)


def layers(intensity: Floats, velocity: Vectors, grid: Grid) -> Vectors:
    """Fluid (and what lies outside) and white matter around every knot of the template, as shares; (2, knots).

    ``velocity`` is that of the brain: it says where each place of the template lies in it.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates

    places = exponential(-velocity)
    for axis, (origin, size) in enumerate(zip(FRAME_ORIGIN, KNOTS, strict=True)):
        there = (origin + KNOT_EDGE * np.arange(size)).reshape([-1 if a == axis else 1 for a in range(3)])
        places[axis] += (there - grid.affine[axis, 3]).astype(np.float32)
    near = [gaussian_filter(part, _AROUND / grid.spacing[0]) for part in layers_of(intensity)]
    places /= np.float32(grid.spacing[0])
    return np.stack(
        [map_coordinates(part, places, order=1, cval=outside) for part, outside in zip(near, (1.0, 0.0), strict=True)]
    )


def hull_of(solid: NDArray[np.bool_], edge: float) -> NDArray[np.bool_]:
    """A brain with its sulci and ventricles closed, from white and grey matter on voxels of an ``edge`` (mm)."""
    from scipy.ndimage import binary_closing, binary_fill_holes

    ball = _ball(round(_CLOSING / edge))
    return np.asarray(binary_fill_holes(binary_closing(np.pad(solid, 8), ball))[8:-8, 8:-8, 8:-8])


def closed_brain(solid: NDArray[np.bool_], edge: float) -> NDArray[np.bool_]:
    """``hull_of``, and what is closed in any slice: wide ventricles are open to the cisterns, but not in every slice."""
    from scipy.ndimage import binary_fill_holes

    hull = hull_of(solid, edge)
    for axis in range(3):
        hull = np.asarray(binary_fill_holes(hull, np.expand_dims(_CROSS, axis)))
    return hull


def _ball(radius: int) -> NDArray[np.bool_]:
    x, y, z = np.ogrid[-radius : radius + 1, -radius : radius + 1, -radius : radius + 1]
    return np.asarray(x**2 + y**2 + z**2 <= radius**2)


def axes_of(grid: Grid, every: int = 1) -> list[NDArray[np.float64]]:
    """Millimetres along each axis of a grid whose axes are those of the frame, at every n-th voxel."""
    return [grid.affine[a, 3] + grid.affine[a, a] * np.arange(0, grid.shape[a], every) for a in range(3)]


def _pushed(
    velocity: Vectors, intensity: Floats, grid: Grid, every: int, steps: int, smoothness: float, squarings: int
) -> Vectors:
    """Demons at every n-th voxel; the exponential is squared so often while the velocity is looked for."""
    from scipy.ndimage import gaussian_filter

    axes = axes_of(grid, every)
    edge = grid.spacing[0] * every
    target = gaussian_filter(intensity, 0.45 * every)[::every, ::every, ::every] if every > 1 else intensity
    bases = [basis(place, axis) for axis, place in enumerate(axes)]
    nearby = [(b / np.maximum(b.sum(axis=0), 1e-3)).T for b in bases]  # the mean of what is near each knot
    for _ in range(steps):
        warped = _at(_template_intensity(), exponential(velocity, squarings), grid, every)
        off = warped - target
        slopes = np.stack([np.gradient(warped, edge, axis=axis) for axis in range(3)]).astype(np.float32)
        push = -off * slopes / (np.square(slopes).sum(axis=0) + np.square(off) / (_SOFT * edge * 4) ** 2 + 1e-6)
        length = np.sqrt(np.square(push).sum(axis=0))
        push *= np.minimum(1, _LONGEST / np.maximum(length, 1e-6))
        for part, own in zip(push, velocity, strict=True):
            own += gaussian_filter(along_axes(part, nearby), smoothness)
            own[:] = gaussian_filter(own, _KEPT)
    return velocity


def _at(volume: tuple[Floats, NDArray[np.float64]], warp: Vectors, grid: Grid, every: int = 1) -> Floats:
    """What a volume of the template is at every voxel of the person."""
    from scipy.ndimage import map_coordinates

    data, corner = volume
    axes = axes_of(grid, every)
    places = interpolated(warp, axes)
    for axis, place in enumerate(axes):
        places[axis] += (place - corner[axis]).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    return np.asarray(map_coordinates(data, places / np.float32(2), order=1, output=np.float32))


@lru_cache(maxsize=1)
def _template_intensity() -> tuple[Floats, NDArray[np.float64]]:
    """The normalised intensity of the template at 2 mm, and the millimetres of its first voxel."""
    from scipy.ndimage import gaussian_filter

    wm, gm, mask, affine = template()
    intensity = np.where(mask, wm + 0.5 * gm, 0).astype(np.float32)
    return gaussian_filter(intensity, 0.8)[::2, ::2, ::2], affine[:3, 3]


@lru_cache(maxsize=1)
def _near_ventricles() -> tuple[Floats, NDArray[np.float64]]:
    """1 within reach of the built-in anatomy's ventricles."""
    from scipy.ndimage import distance_transform_edt

    ventricles = prepare(None).ventricles
    return (distance_transform_edt(ventricles < 0.5, 2.0) < _REACH).astype(np.float32), FRAME_ORIGIN
