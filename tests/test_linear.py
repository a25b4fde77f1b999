"""Sums in a fixed order are the sums that they should be."""

import numpy as np
import pytest

from mriexplorer.linear import along_axes, cholesky, combined, product, solved

RNG = np.random.default_rng(3)


def test_planes_are_combined_also_where_weights_are_nothing() -> None:
    weights, planes = RNG.standard_normal((5, 7)), RNG.standard_normal((7, 4, 3))
    weights[0], weights[1, :3], weights[2, 2] = 0, 0, 0
    assert combined(weights, planes) == pytest.approx(np.tensordot(weights, planes, 1), abs=1e-12)


def test_a_volume_is_contracted_along_every_axis() -> None:
    volume, weights = RNG.standard_normal((4, 5, 6)), [RNG.standard_normal((n + 2, n)) for n in (4, 5, 6)]
    assert along_axes(volume, weights) == pytest.approx(np.einsum("abc,xa,yb,zc->xyz", volume, *weights), abs=1e-12)


def test_equations_are_solved() -> None:
    factor = RNG.standard_normal((6, 9))
    matrix, right = product(factor, factor.T), RNG.standard_normal((6, 2))
    assert matrix == pytest.approx(factor @ factor.T, abs=1e-12)
    assert cholesky(matrix) == pytest.approx(np.linalg.cholesky(matrix), abs=1e-10)
    assert solved(matrix, right) == pytest.approx(np.linalg.solve(matrix, right), abs=1e-8)
    assert solved(matrix, right[:, 0]) == pytest.approx(solved(matrix, right)[:, 0])


def test_what_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        solved(np.diag([1.0, -1.0]), np.ones(2))
