"""Sums of products in one order, whatever the number of threads: what is stored must be the same to the last bit.

A BLAS shares its sums out among as many threads as there are, and the last digit depends on how. Here every product is rounded
and added by itself, by one thread. (Products of 4 x 4 matrices may stay numpy's own: nobody shares out four numbers.)
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def combined(weights: NDArray[Any], planes: NDArray[Any]) -> NDArray[Any]:
    """Rows of ``weights`` (rows, n) times ``planes`` (n, ...): (rows, ...), of the planes' type.

    Zeros at the ends of a row cost nothing.
    """
    found = np.zeros((len(weights), *planes.shape[1:]), planes.dtype)
    flat, targets = planes.reshape(len(planes), -1), found.reshape(len(found), -1)
    for row, target in zip(weights.astype(planes.dtype), targets, strict=True):
        if (there := np.flatnonzero(row)).size:
            part = slice(there[0], there[-1] + 1)
            np.einsum("n,np->p", row[part], flat[part], out=target, optimize=False)
    return found


def along_axes(volume: NDArray[Any], weights: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """A volume (a, b, c) contracted with ``weights`` (x, a), (y, b), (z, c): (x, y, z)."""
    for rows in reversed(weights):  # the last axis comes first; after three the order is as it was
        volume = combined(rows, np.ascontiguousarray(np.moveaxis(volume, -1, 0)))
    return volume


def product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """``left`` (m, n) times ``right`` (n, k)."""
    return np.asarray(np.einsum("mn,nk->mk", left, right, optimize=False))


def cholesky(matrix: Numbers) -> Numbers:
    """The lower triangle L (n, n) of a symmetric, positive definite matrix L Lᵀ. LinAlgError for any other."""
    rest, root = matrix.astype(float), np.zeros_like(matrix, float)
    for place in range(len(rest)):
        if not rest[place, place] > 0:
            raise np.linalg.LinAlgError("Matrix is not positive definite")
        column = rest[place:, place] / np.sqrt(rest[place, place])
        root[place:, place] = column
        rest[place:, place:] -= column[:, None] * column
    return root


def solved(matrix: Numbers, right: Numbers) -> Numbers:
    """x (n,) or (n, k) of ``matrix`` x = ``right``, for a symmetric, positive definite matrix (n, n). LinAlgError for others."""
    root, x = cholesky(matrix), np.array(right, float)
    for place in range(len(x)):
        x[place] /= root[place, place]
        x[place + 1 :] -= np.multiply.outer(root[place + 1 :, place], x[place])
    for place in reversed(range(len(x))):
        x[place] /= root[place, place]
        x[:place] -= np.multiply.outer(root[place, :place], x[place])
    return x
