"""Shapes of real brains: a known shape is found again, volumes are measured alike, and what is no brain is refused."""

from pathlib import Path

import numpy as np
import pytest

from mriexplorer.dataset.shapes import find_shapes
from mriexplorer.dataset.store import StoredSession
from mriexplorer.errors import InputError
from mriexplorer.generative.folding.structures import BOX, STRUCTURES
from mriexplorer.generative.folding.template_heads import in_template
from mriexplorer.simulation.anatomy import Anatomy
from mriexplorer.simulation.demons import DemonsRegistration, normalised_intensity, register_demons
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import exponential, interpolated, random_velocity, swollen
from mriexplorer.workers import Workers

GRID = grid_of(2)
AXES = [GRID.affine[a, 3] + 2.0 * np.arange(GRID.shape[a]) for a in range(3)]


def image_of(anatomy: Anatomy, warp: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A T1w-like image of the anatomy through a warp, on the 2 mm grid, and its brain."""
    from scipy.ndimage import map_coordinates

    places = interpolated(warp, AXES)
    for axis, place in enumerate(AXES):
        places[axis] += place.reshape([-1 if a == axis else 1 for a in range(3)])
    at = np.tensordot(anatomy.to_voxel[:3, :3], places, axes=1) + anatomy.to_voxel[:3, 3].reshape(3, 1, 1, 1)
    wm, cortex, fluid = (map_coordinates(anatomy.voxels[..., n].astype(np.float32), at, order=1) / 255 for n in (1, 2, 3))
    brain = wm + cortex + fluid > 0.5
    return np.where(brain, 100 * wm + 62 * cortex + 20 * fluid, 0).astype(np.float32), brain


@pytest.fixture(scope="module")
def warped(anatomy: Anatomy) -> tuple[np.ndarray, DemonsRegistration, DemonsRegistration]:
    """A random warp with large ventricles, what is found of it, and what is found of the anatomy itself."""
    shape = swollen(anatomy, 0.8 * random_velocity(np.random.default_rng(3)), inside=1500, ventricles=0.05, every=2)
    found = register_demons(*(lambda i, b: (i, GRID, b))(*image_of(anatomy, shape.warp)))
    plain = register_demons(*(lambda i, b: (i, GRID, b))(*image_of(anatomy, np.zeros_like(shape.warp))))
    return shape.warp, found, plain


@pytest.mark.slow
def test_a_known_shape_is_found_again(warped: tuple[np.ndarray, DemonsRegistration, DemonsRegistration]) -> None:
    warp, found, plain = warped
    inside = (slice(None), slice(13, 36), slice(16, 44), slice(14, 38))  # knots within the brain
    true, seen = warp[inside], exponential(found.velocity)[inside]
    assert np.sqrt(np.mean((true - seen) ** 2)) < 0.6 * np.sqrt(np.mean(true**2))
    assert np.corrcoef(true.ravel(), seen.ravel())[0, 1] > 0.8
    assert np.abs(exponential(plain.velocity)[inside]).mean() < 1.0  # mm, a quarter of a knot
    assert found.residual < 0.12


@pytest.mark.slow
def test_ventricles_that_are_larger_are_measured_larger(
    warped: tuple[np.ndarray, DemonsRegistration, DemonsRegistration],
) -> None:
    _warp, found, plain = warped
    assert 2.0 < found.ventricles / plain.ventricles < 9
    assert 0.003 < plain.ventricles < 0.03
    assert found.ventricles < found.fluid < 0.5


def test_shades_do_not_depend_on_brightness(anatomy: Anatomy) -> None:
    image, brain = image_of(anatomy, np.zeros((3, 49, 60, 53), np.float32))
    assert np.allclose(normalised_intensity(image, brain), normalised_intensity(image * 7.3, brain), atol=1e-4)


@pytest.mark.parametrize("what", ["nothing", "noise of one tissue"])
def test_what_is_no_brain_is_a_sentence(what: str) -> None:
    image = np.zeros(GRID.shape, np.float32)
    if what != "nothing":
        image[20:60, 30:80, 20:60] = 5.0
    with pytest.raises(InputError, match=r"no brain|cannot be told apart"):
        register_demons(image, GRID, image > 0)


@pytest.mark.slow
def test_a_head_in_the_templates_shape_has_its_structures_where_the_template_has_them(anatomy: Anatomy) -> None:
    """The built-in anatomy is the template: it stays as it is."""
    found = in_template(anatomy)
    assert found.shape == BOX.shape
    places = np.argwhere(np.asarray(anatomy.voxels[::4, ::4, ::4, 0]) > 0) * 4
    mm = (np.linalg.inv(anatomy.to_voxel) @ np.c_[places, np.ones(len(places))].T)[:3]
    at = np.rint(mm - BOX.affine[:3, 3:]).astype(int)
    kept = ((at >= 0) & (at < np.array(BOX.shape)[:, None])).all(0)
    white = anatomy.voxels[tuple(places[kept].T)][:, 0] == 1
    there = found[tuple(at[:, kept])] == STRUCTURES.index("white matter")
    assert (white == there).mean() > 0.85


@pytest.mark.slow
def test_shapes_of_a_store_are_found_once(anatomy: Anatomy, tmp_path: Path) -> None:
    image, _brain = image_of(anatomy, np.zeros((3, 49, 60, 53), np.float32))

    def entry(name: str, volume: np.ndarray) -> StoredSession:
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "images.npy", volume[None].astype(np.float16) / 100)
        return StoredSession(name, tmp_path / name, ("T1w",), {}, {}, "train", name, "", 1.5, False, False)

    people = [entry("a b", image), entry("empty", np.zeros_like(image))]
    said: list[str] = []
    with Workers() as workers:
        found = find_shapes(people, tmp_path / "shapes", workers, said.append)
        assert [one.entry.name for one in found] == ["a b"]
        assert any("empty is left out" in what for what in said)
        assert found[0].velocity.shape == (3, 49, 60, 53)
        said.clear()
        again = find_shapes(people, tmp_path / "shapes", workers, said.append)
    assert said == [] and again[0].ventricles == found[0].ventricles
