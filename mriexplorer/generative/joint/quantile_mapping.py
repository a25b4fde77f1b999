"""How people of a study differ from the model's idea of them, column by column.

One covariance for everybody makes the ages of one study too wide and those of another too narrow. After training, people of
each study are sampled, and the quantiles of their scores led to those of the real ones.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.columns import Column, Values

Ladder = tuple[tuple[float, ...], tuple[float, ...]]  # scores as they are sampled, and what is added there
QuantileMaps = Mapping[str, Mapping[str, Ladder]]  # by study and column
_LEAST = 50  # people of a study who have a column
_QUANTILES = np.linspace(0.02, 0.98, 25)
_LARGEST = 4.0


def mapped(quantile_maps: QuantileMaps, study: object, name: str, score: float) -> float:
    """The score of a column in a study; beyond the outermost quantiles by the ratio of the spreads."""
    ladder = quantile_maps.get(str(study), {}).get(name)
    if ladder is None:
        return score
    quantiles, to = np.array(ladder[0]), np.add(*ladder)
    if quantiles[0] <= score <= quantiles[-1]:
        return float(np.interp(score, quantiles, to))
    end = 0 if score < quantiles[0] else -1
    return float(to[end] + (score - quantiles[end]) * np.ptp(to) / max(float(np.ptp(quantiles)), 1e-6))


def fitted(column: Column, real: Sequence[Values], sampled: NDArray[np.float64]) -> Ladder | None:
    """From the records of a study's people to the ``sampled`` scores (people,) of a column; None where too few have it."""
    from scipy.special import ndtr, ndtri

    having = [column.interval(record[column.name]) for record in real if column.name in record]
    if len(having) < _LEAST:
        return None
    low, high = np.array(having).T
    between = ndtr(low) + (ndtr(high) - ndtr(low)) * np.random.default_rng(0).random(len(having))  # within a level, anywhere
    wanted = np.quantile(ndtri(np.clip(between, 1e-6, 1 - 1e-6)), _QUANTILES) + 1e-6 * np.arange(len(_QUANTILES))
    has = np.quantile(sampled, _QUANTILES) + 1e-6 * np.arange(len(_QUANTILES))
    return tuple(map(float, has)), tuple(map(float, np.clip(wanted - has, -_LARGEST, _LARGEST)))


def from_plain(content: Any, where: str) -> QuantileMaps:
    """QuantileMaps of a JSON. Raises InputError for what none are."""
    try:
        found = {
            str(study): {str(name): (tuple(map(float, at)), tuple(map(float, more))) for name, (at, more) in columns.items()}
            for study, columns in content.items()
        }
        ladders = [ladder for columns in found.values() for ladder in columns.values()]
        if not all(len(at) == len(more) > 1 and np.isfinite(more).all() and (np.diff(at) > 0).all() for at, more in ladders):
            raise ValueError("ladders do not rise")
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{where} is damaged (margins: {error}); get the model again.") from None
    return found
