"""What voxels are made of: smooth walls of ventricles, borders that move where it is asked, and no air computed."""

from dataclasses import replace

import numpy as np
import pytest

from mriexplorer.simulation.anatomy import Anatomy
from mriexplorer.simulation.composition import Composition, balanced, compose, extent
from mriexplorer.simulation.labels import code
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import KNOTS, HeadDeformation, fit


def shape_with(anatomy: Anatomy, ventricles: float) -> HeadDeformation:
    return fit(anatomy, np.random.default_rng(1), inside=1500, ventricles=ventricles, mirrored=False)


def composed(anatomy: Anatomy, ventricles: float = 0.02) -> Composition:
    return compose(anatomy, shape_with(anatomy, ventricles), grid_of(2), brain=0.79, grey=0.56)


def test_walls_of_swollen_ventricles_are_smooth(anatomy: Anatomy) -> None:
    """Laid on as a field, they have less surface than by their labels, for as much volume."""
    rough = replace(anatomy, walls=np.asarray(255 * (anatomy.voxels[..., 0] == code("ventricles")), np.uint8))

    def jagged(of: Anatomy) -> float:
        share = compose(of, shape_with(of, 0.06), grid_of(1), brain=0.75, grey=0.56).shares["ventricles"] > 0.5
        steps = sum(int((np.diff(share.astype(np.int8), n=2, axis=axis) != 0).sum()) for axis in range(3))
        return steps / share.sum() ** (2 / 3)

    assert jagged(anatomy) < 0.93 * jagged(rough)


@pytest.mark.parametrize("ventricles", [0.008, 0.03])
def test_ventricles_are_as_large_as_their_labels(anatomy: Anatomy, ventricles: float) -> None:
    made = composed(anatomy, ventricles)
    inside = sum(made.volume(counts) for counts in ("wm", "gm", "csf", "ventricle"))
    assert made.volume("ventricle") / inside == pytest.approx(ventricles, rel=0.15)
    assert np.max(sum(made.shares.values())) < 1.0001


def test_a_balance_moves_borders_where_it_is_asked(anatomy: Anatomy) -> None:
    """More fluid in front, more white matter behind; the volumes of the whole stay."""
    fluid, white = np.zeros(KNOTS, np.float32), np.zeros(KNOTS, np.float32)
    fluid[:, 35:], white[:, :25] = 2.0, 2.0
    before, after = composed(anatomy), composed(balanced(anatomy, fluid, white))
    assert after.volume("gm") == pytest.approx(before.volume("gm"), rel=0.005)
    assert after.volume("csf") == pytest.approx(before.volume("csf"), rel=0.01)
    front, back = slice(70, None), slice(None, 40)
    amount = {name: (before.shares[name], after.shares[name]) for name in ("cerebrospinal fluid", "white matter")}
    old, new = (share[:, front].sum() for share in amount["cerebrospinal fluid"])
    assert new > 1.1 * old
    old, new = (share[:, back].sum() for share in amount["white matter"])
    assert new > 1.03 * old


def test_no_balance_changes_nothing(anatomy: Anatomy) -> None:
    none = np.zeros(KNOTS, np.float32)
    assert (balanced(anatomy, none, none).voxels == anatomy.voxels).all()


def test_the_extent_holds_the_whole_brain(anatomy: Anatomy) -> None:
    shape, grid = shape_with(anatomy, 0.02), grid_of(2)
    box = extent(anatomy, shape, grid)
    whole = compose(anatomy, shape, grid, brain=0.79, grey=0.56)
    part = compose(anatomy, shape, grid.part(box), brain=0.79, grey=0.56)
    assert np.prod(part.grid.shape) < 0.8 * np.prod(grid.shape)
    for name, share in whole.shares.items():
        assert share.sum() == pytest.approx(share[box].sum(), rel=1e-6), name
        assert np.abs(share[box] - part.shares[name]).max() < 0.02, name
