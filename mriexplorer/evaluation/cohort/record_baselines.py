"""Published models of tables beside ours: CTGAN and TVAE (Xu 2019), trained on half of the real records in the same run.

Their package knows no missing numbers, so each column that lacks some is filled with its median beside a column that says where
it was missing, and emptied there again after sampling: missing cells stay as they are.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mriexplorer.evaluation.cohort.record_scores import column_shapes, detection, pair_trends
from mriexplorer.evaluation.metric import OTHERS, Better, Metric
from mriexplorer.evaluation.statistics import DrawnComparison
from mriexplorer.extras import require
from mriexplorer.workers import Progress

_EPOCHS, _BATCH, _PAC = 300, 100, 10
_MISSING = " is missing"
_NO_WORD = "missing"
_DRAWS = 100


def judge_baselines(real: pd.DataFrame, progress: Progress) -> list[Metric]:
    """sdmetrics' scores of both, trained on one half of real people (rows), against the other half."""
    require("records", "training CTGAN and TVAE")
    from ctgan import CTGAN, TVAE

    random = np.random.default_rng(0)
    order = random.permutation(len(real))
    known, asked = real.iloc[order[: len(real) // 2]], real.iloc[order[len(real) // 2 :]]
    found = []
    for name, model in (
        ("CTGAN", CTGAN(epochs=_EPOCHS, batch_size=_BATCH, pac=_PAC, verbose=False, enable_gpu=False)),
        ("TVAE", TVAE(epochs=_EPOCHS, batch_size=_BATCH, enable_gpu=False)),
    ):
        progress(f"records: training {name}")
        drawn = sampled(model, known, 4 * len(asked))
        found += _scores(name, drawn, known, asked)
    return found


def sampled(model: Any, known: pd.DataFrame, count: int) -> pd.DataFrame:
    """Train a model of the package on rows with gaps, and draw rows with gaps."""
    filled, discrete = _filled(known)
    model.set_random_state(0)
    model.fit(filled, discrete)
    return _emptied(model.sample(count), known)


def _filled(known: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    found, discrete = {}, []
    for name, column in known.items():
        if column.dtype == object:
            found[name] = column.fillna(_NO_WORD).astype(str)
            discrete.append(str(name))
            continue
        found[name] = column.fillna(column.median())
        if column.isna().any():
            found[f"{name}{_MISSING}"] = column.isna().map({True: "yes", False: "no"})
            discrete.append(f"{name}{_MISSING}")
    return pd.DataFrame(found), discrete


def _emptied(drawn: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    found = {}
    for name, column in known.items():
        told = drawn[name]
        if column.dtype == object:
            found[name] = told.astype(object).where(told != _NO_WORD, None)
        else:
            gone = drawn[f"{name}{_MISSING}"] == "yes" if f"{name}{_MISSING}" in drawn else pd.Series(False, index=drawn.index)
            found[name] = told.astype(float).mask(gone)
    return pd.DataFrame(found)


def _scores(name: str, drawn: pd.DataFrame, known: pd.DataFrame, asked: pd.DataFrame) -> list[Metric]:
    """Of rows drawn from a model against the half that was asked; beside it the half that it was trained on, as many of it."""
    scores: dict[str, Callable[[pd.DataFrame, pd.DataFrame], float]] = {
        "column shapes": column_shapes, "pair trends": pair_trends, "detection": detection,
    }  # fmt: skip
    random, found = np.random.default_rng(1), list[Metric]()
    n = max(min(len(known), len(asked)) // 2, 1)
    for what, score in scores.items():
        draws = []
        for _ in range(_DRAWS):
            real, one, other = (side.iloc[random.permutation(len(side))[:n]] for side in (asked, drawn, known))
            draws.append([score(real, one), score(real, other)])
        of, ceiling = np.array(draws, float).T
        about = f"The same of {name}, trained on {len(known)} real records in the same run."
        each = DrawnComparison(of, ceiling, n)
        found.append(each.metric(OTHERS, f"{what} (sdmetrics), {name}", Better.HIGH, about, (len(drawn), len(asked))))
    return found
