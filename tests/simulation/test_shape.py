"""Shapes never fold, and are as large as asked for."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from mriexplorer.simulation import shape
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, FRAME_SHAPE, Anatomy
from mriexplorer.simulation.person import grid_of

AXES = [FRAME_ORIGIN[a] + 2.0 * np.arange(FRAME_SHAPE[a]) for a in range(3)]


@pytest.mark.parametrize(("seed", "ventricles"), [(1, 0.008), (2, 0.013), (3, 0.03), (4, 0.055)])
def test_no_place_folds_at_one_millimetre(anatomy: Anatomy, seed: int, ventricles: float) -> None:
    made = shape.fit(anatomy, np.random.default_rng(seed), inside=1500, ventricles=ventricles, mirrored=False)
    places = made.at(grid_of(1))
    edges = [np.diff(places[axis], axis=axis) for axis in range(3)]
    assert all((edge > 0).all() for edge in edges)  # order is kept along every line of voxels
    change = shape.jacobian(made.warp, [np.arange(o, o + 2 * n, 1.0) for o, n in zip(FRAME_ORIGIN, FRAME_SHAPE, strict=True)])
    assert change.min() > 0
    assert made.least > 0


def test_the_jacobian_is_that_of_finite_differences(anatomy: Anatomy) -> None:
    made = shape.fit(anatomy, np.random.default_rng(5), inside=1500, ventricles=0.02, mirrored=False)
    axes = [np.arange(-20.0, 20.0, 0.5)] * 3
    moved = shape.interpolated(made.warp, axes)
    gradient = np.stack([np.stack(np.gradient(part, 0.5)) for part in moved])
    matrix = gradient + np.eye(3).reshape(3, 3, 1, 1, 1)
    determinant = np.linalg.det(np.moveaxis(matrix, (0, 1), (-2, -1)))
    found = shape.jacobian(made.warp, axes)
    inner = (slice(2, -2),) * 3
    assert np.abs(found - determinant)[inner].max() < 5e-3


def test_interpolation_is_the_cubic_spline_of_scipy() -> None:
    field = shape.random_velocity(np.random.default_rng(0))
    knots = np.meshgrid(*[(place - o) / 4 for place, o in zip(AXES, FRAME_ORIGIN, strict=True)], indexing="ij")
    expected = map_coordinates(field[1], knots, order=3, mode="mirror")
    assert np.abs(shape.interpolated(field, AXES)[1] - expected).max() < 1e-4


def test_flowing_forth_and_back_leads_home() -> None:
    velocity = shape.random_velocity(np.random.default_rng(1))
    forth, back = shape.exponential(velocity), shape.exponential(-velocity)
    left = back + shape._moved(forth, back)
    inner = (slice(None), *(slice(6, -6),) * 3)
    assert np.abs(left[inner]).mean() < 0.05  # mm, of displacements of 2 mm and more
    assert np.abs(forth[inner]).mean() > 1


@pytest.mark.parametrize("inside", [1150.0, 1500.0, 1950.0])
def test_the_skull_holds_what_it_should(anatomy: Anatomy, inside: float) -> None:
    made = shape.fit(anatomy, np.random.default_rng(6), inside=inside, ventricles=0.02, mirrored=True)
    assert made.scale[0] < 0 < made.scale[1]
    places = (made.at(grid_of(1)) - FRAME_ORIGIN.reshape(3, 1, 1, 1)) / 2
    skull = map_coordinates(anatomy.skull, places, order=1)
    assert abs(skull.sum() / 1000 / inside - 1) < 0.02
    ventricles = map_coordinates(anatomy.ventricles, places, order=1)
    assert abs(ventricles.sum() / skull.sum() / 0.02 - 1) < 0.03


def test_mirroring_exchanges_left_and_right(anatomy: Anatomy) -> None:
    rng = np.random.default_rng
    straight = shape.fit(anatomy, rng(7), inside=1500, ventricles=0.015, mirrored=False)
    mirrored = shape.fit(anatomy, rng(7), inside=1500, ventricles=0.015, mirrored=True)
    one, other = straight.at(grid_of(2)), mirrored.at(grid_of(2))
    assert np.allclose(one, other[:, ::-1], atol=1e-3)  # the grid lies symmetrically about the midline
