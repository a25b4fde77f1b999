"""Shapes of brains as a few numbers: principal components of velocities, turned so that the first tell most of the record.

Among those it was made of, the numbers are uncorrelated with standard deviation 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mriexplorer.errors import InputError
from mriexplorer.linear import combined, product, solved
from mriexplorer.simulation.shape import KNOTS, Vectors

_LEAST = 0.02  # mm: knots whose velocity varies less are left out
_RIDGE = 20.0


@dataclass(frozen=True)
class Basis:
    """``middle`` (3 n,) and ``components`` (numbers, 3 n) are millimetres at the n knots of ``region`` (knots,)."""

    region: NDArray[np.bool_]
    middle: NDArray[np.float32]
    components: NDArray[np.float32]

    def velocity(self, numbers: NDArray[np.float64]) -> Vectors:
        """(3, knots), millimetres."""
        velocity = np.zeros((3, *KNOTS), np.float32)
        velocity[:, self.region] = (self.middle + combined(numbers[None], self.components)[0]).reshape(3, -1)
        return velocity

    def numbers(self, velocity: Vectors) -> NDArray[np.float64]:
        """Those that come nearest to a velocity."""
        off = velocity[:, self.region].reshape(-1) - self.middle
        return solved(self._products, product(self.components, off[:, None])[:, 0])

    @cached_property
    def _products(self) -> NDArray[np.float64]:
        """Of each component with each."""
        return product(self.components, self.components.T).astype(float)

    def tensors(self) -> dict[str, Tensor]:
        """For a file: components as whole numbers of 1/127 of the largest of each."""
        largest = np.abs(self.components).max(axis=1)
        whole = np.rint(self.components / largest[:, None] * 127).astype(np.int8)
        return {
            "shape.region": torch.from_numpy(self.region.astype(np.uint8)),
            "shape.middle": torch.from_numpy(self.middle),
            "shape.components": torch.from_numpy(whole),
            "shape.largest": torch.from_numpy(largest),
        }


def from_tensors(tensors: dict[str, Tensor], count: int) -> Basis:
    """From a file's tensors. Raises InputError where they do not fit."""
    try:
        region = tensors["shape.region"].numpy().astype(bool)
        components = tensors["shape.components"].numpy().astype(np.float32) / 127 * tensors["shape.largest"].numpy()[:, None]
        middle = tensors["shape.middle"].numpy().astype(np.float32)
    except (KeyError, ValueError, IndexError):
        raise InputError("the weights have no shapes; get the model again.") from None
    if region.shape != KNOTS or components.shape != (count, 3 * int(region.sum())) or middle.shape != components.shape[1:]:
        raise InputError("the shapes of the weights do not fit; get the model again.")
    return Basis(region, middle, components)


def fitted_basis(velocities: Sequence[Vectors], record_scores: NDArray[np.float64], count: int) -> Basis:
    """Principal components of people's velocities; ``record_scores`` (people, columns) are scores of their records, for the turn.

    Raises InputError for fewer people than numbers.
    """
    if len(velocities) <= count:
        raise InputError(f"{len(velocities)} brains are too few for {count} numbers of a shape; give fewer, or more people.")
    spread = np.std([v.astype(np.float16) for v in velocities], axis=0, dtype=np.float32).max(axis=0)
    region = spread > _LEAST
    rows = np.stack([v[:, region].reshape(-1) for v in velocities])
    middle = rows.mean(axis=0)
    rows -= middle
    _values, vectors = np.linalg.eigh((rows @ rows.T).astype(float))
    scores = vectors[:, ::-1][:, :count] * np.sqrt(len(rows))  # standard deviation 1 among these people
    turned = scores @ _turn(scores, record_scores)
    return Basis(region, middle, (turned.T @ rows / len(rows)).astype(np.float32))


def _turn(scores: NDArray[np.float64], record_scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthogonal matrix whose first columns lead to the columns of the record, one after the other."""
    off = record_scores - record_scores.mean(axis=0)
    directions = scores.T @ off / (len(scores) + _RIDGE)
    full, _r = np.linalg.qr(np.concatenate([directions, np.eye(scores.shape[1])], axis=1))
    return np.asarray(full[:, : scores.shape[1]])
