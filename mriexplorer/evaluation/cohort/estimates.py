"""How well a model of people estimates the age of real, kept brains, beside a ridge regression on the same brains' images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mriexplorer.evaluation.cohort.coherence import reader_of
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import Numbers, bootstrapped
from mriexplorer.generative.joint.model import JointModel
from mriexplorer.generative.joint.sample import estimates
from mriexplorer.simulation.shape import Vectors
from mriexplorer.workers import Progress

_GROUP = "coherence"
_FEWEST = 8
_NOMINAL = 0.9  # of the model's interval


@dataclass(frozen=True)
class Brains:
    """Real people: ages (NaN where unknown) and ``rows`` of their images (people, features)."""

    ages: Numbers
    rows: Numbers


def judge_estimates(
    model: JointModel,
    kept: Brains,
    velocities: Sequence[Vectors],
    known: Sequence[Mapping[str, float | str]],
    trained: Brains,
    progress: Progress,
) -> list[Metric]:
    """Errors of the model's own estimate of age from kept brains, of a ridge regression's that learnt from trained people.

    ``velocities`` are the warps of the kept people's brains (``demons``), ``known`` what the model is told of each of them.
    """
    aged = np.flatnonzero(np.isfinite(kept.ages))
    learnt = np.isfinite(trained.ages)
    if len(aged) < _FEWEST:
        return []
    progress("asking the model for ages of real people")
    told = np.array([_age(model, velocities[int(place)], known[int(place)]) for place in aged])
    true = kept.ages[aged]
    off = np.abs(told[:, 0] - true)
    inside = ((told[:, 1] <= true) & (true <= told[:, 2])).astype(float)
    found = [
        _mean("age from the brain, by the model, error", off, Better.LOW, "Mean error of the age (years) that the model itself "
              "estimates from the shape of kept people's brains, with their sex known."),
        _mean("age from the brain, by the model, share within 90 %", inside, Better.NEAR, "Share of true ages within the "
              f"model's own interval, which should hold {_NOMINAL:.0%}."),
    ]  # fmt: skip
    if learnt.sum() >= _FEWEST:
        reader = reader_of(trained.rows[learnt], trained.ages[learnt])
        error = np.abs(reader.read(kept.rows[aged]) - true)
        found.append(_mean("age from the image, by ridge regression, error", error, Better.LOW, "Mean error of a ridge "
                           "regression on the layout of tissue, learnt from people that the model was trained on."))  # fmt: skip
    return found


def _age(model: JointModel, velocity: Vectors, known: Mapping[str, float | str]) -> tuple[float, float, float]:
    found = next(one for one in estimates(model, model.basis.numbers(velocity), known) if one.name == "age")
    low, high = (float("nan") if end is None else end for end in (found.low, found.high))
    return float(found.value), low, high


def _mean(name: str, values: Numbers, better: Better, about: str) -> Metric:
    return Metric(_GROUP, name, bootstrapped(values, lambda rows: float(rows.mean())), 0, len(values), None, better, about=about)
