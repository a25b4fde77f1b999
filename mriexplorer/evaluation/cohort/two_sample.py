"""Can real and synthetic people be told apart: a classifier learns it on one half of the people and is asked on the other.

The area under the curve of real people against other real ones, learnt and asked in the same way from as many, stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mriexplorer.evaluation.distances import axes_of
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import DRAWS, DrawnComparison, Numbers, auc, common_size, drawn_pairs, standard_scale

_PENALTY = 1.0  # of the ridge, times the mean eigenvalue: strong, for there are more features than people
_TELLING = 12  # features that are named
ABOUT_AUC = (
    "How well a classifier tells synthetic from real people; it learnt on one half of them and was asked on the other: 0.5 it "
    "cannot, 1 it always can."
)


@dataclass(frozen=True)
class TellingFeature:
    """A feature that gives synthetic people away: by how many real standard deviations it is off, and its AUC alone."""

    family: str
    name: str
    off: float
    auc: float


def scaled(rows: Numbers, reference: Numbers) -> Numbers:
    """z-scores by the reference people; features that never differ there are left as deviations of its mean scale."""
    spread = reference.std(0)
    return np.asarray(
        (rows - reference.mean(0)) / np.maximum(spread, 0.05 * np.median(spread[spread > 0]) if (spread > 0).any() else 1)
    )


def linear_auc(one: Numbers, other: Numbers) -> float:
    """AUC of a ridge regression between two sets (people, features), learnt on each half and asked on the other; the mean."""
    halves = [(rows[: len(rows) // 2], rows[len(rows) // 2 :]) for rows in (one, other)]
    found = []
    for first, second in ((0, 1), (1, 0)):
        scores = _ridge(halves[0][first], halves[1][first], np.concatenate([halves[0][second], halves[1][second]]))
        found.append(auc(scores[: len(halves[0][second])], scores[len(halves[0][second]) :]))
    return float(np.mean(found))


def _ridge(positive: Numbers, negative: Numbers, asked: Numbers) -> Numbers:
    """Scores of who is asked, by a ridge regression on standardised features in its dual form."""
    rows = np.concatenate([positive, negative])
    middle, spread = rows.mean(0), standard_scale(rows)
    known, new = (rows - middle) / spread, (asked - middle) / spread
    target = np.r_[np.ones(len(positive)), -np.ones(len(negative))]
    gram = known @ known.T
    weights = np.linalg.solve(gram + _PENALTY * np.trace(gram) / len(gram) * np.eye(len(gram)), target - target.mean())
    return np.asarray(new @ (known.T @ weights))


def compare_linear(synthetic: Numbers, real: Numbers, *, draws: int = DRAWS, seed: int = 0) -> DrawnComparison:
    """``linear_auc`` drawn, of synthetic against real and of real against real people."""
    pairs = list(drawn_pairs(len(synthetic), len(real), draws=draws, seed=seed))
    found = [linear_auc(synthetic[of], real[one]) for of, one, _other in pairs]
    ceiling = [linear_auc(real[other], real[one]) for _of, one, other in pairs]
    return DrawnComparison(np.array(found), np.array(ceiling), common_size(len(synthetic), len(real)))


def linear_metrics(synthetic: Mapping[str, Numbers], real: Mapping[str, Numbers], *, draws: int = DRAWS) -> list[Metric]:
    """AUC by family of features, and of all together, each family of the same weight."""
    counts = len(next(iter(synthetic.values()))), len(next(iter(real.values())))
    everything = [_equal_weight(synthetic, real, whose) for whose in (synthetic, real)]
    found = {"all features together": compare_linear(*everything, draws=draws)}
    found |= {name: compare_linear(synthetic[name], real[name], draws=draws) for name in real}
    return [each.metric("images", f"AUC, {name}", Better.LOW, ABOUT_AUC, counts) for name, each in found.items()]


def _equal_weight(synthetic: Mapping[str, Numbers], real: Mapping[str, Numbers], whose: Mapping[str, Numbers]) -> Numbers:
    """Families on few axes each, so that those of many features do not outvote the rest."""
    return np.concatenate([axes_of(synthetic[name][: len(real[name])], real[name]).of(whose[name]) for name in real], axis=1)


def telling_features(
    synthetic: Mapping[str, Numbers], real: Mapping[str, Numbers], names: Mapping[str, tuple[str, ...]]
) -> list[TellingFeature]:
    """The features that tell the sets apart best by themselves, at most two of a family; the worst first."""
    found = []
    for family, rows in real.items():
        mine = synthetic[family]
        spread = rows.std(0)
        off = (mine.mean(0) - rows.mean(0)) / np.where(spread > 1e-9, spread, np.inf)
        alone = np.array([auc(mine[:, n], rows[:, n]) for n in range(rows.shape[1])])
        worst = np.argsort(-np.abs(alone - 0.5))[:2]
        found += [TellingFeature(family, names[family][n], float(off[n]), float(max(alone[n], 1 - alone[n]))) for n in worst]
    return sorted(found, key=lambda each: -each.auc)[:_TELLING]
