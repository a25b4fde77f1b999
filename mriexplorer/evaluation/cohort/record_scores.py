"""Scores of sdmetrics between two tables of records, of the cells that there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from mriexplorer.subject.record_columns import record_column

_FEWEST = 8  # people on each side who have both columns of a pair


def is_number(name: str) -> bool:
    """Whether a column holds numbers, not words."""
    return bool(record_column(name).step)


def column_shapes(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """Mean over columns of one less the Kolmogorov-Smirnov or total variation distance, of cells that are there."""
    from sdmetrics.single_column import KSComplement, TVComplement

    scores = []
    for name in real.columns:
        one, other = real[name].dropna(), synthetic[name].dropna()
        if len(one) and len(other):
            scores.append((KSComplement if is_number(name) else TVComplement).compute(one, other))
    return float(np.mean(scores)) if scores else float("nan")


def pair_trends(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """Mean over pairs of columns of numbers of how near their rank correlations are; of people who have both."""
    from sdmetrics.column_pairs import CorrelationSimilarity

    scores = []
    for pair in combinations([name for name in real.columns if is_number(name)], 2):
        one, other = (frame[list(pair)].dropna() for frame in (real, synthetic))
        if min(len(one), len(other)) >= _FEWEST and min(one.nunique().min(), other.nunique().min()) > 1:
            scores.append(CorrelationSimilarity.compute(one, other, coefficient="Spearman"))
    return float(np.nanmean(scores)) if scores else float("nan")


def detection(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """What sdmetrics' logistic detection gives, the same every time; NaN where it cannot be fitted.

    Levels are columns of 0 and 1 here, for it refuses a level that only synthetic rows have (0.32). It fills gaps with the mean
    of real rows, so it sees nothing of who lacks what.
    """
    from sdmetrics.errors import IncomputableMetricError
    from sdmetrics.single_table import LogisticDetection

    one, other = encoded(real, real, synthetic), encoded(synthetic, real, synthetic)
    known = [name for name in one.columns if one[name].notna().any() and other[name].notna().any()]
    told = {"columns": {name: {"sdtype": "numerical"} for name in known}}
    with _same_folds():
        try:
            return float(LogisticDetection.compute(one[known], other[known], told))
        except IncomputableMetricError:
            return float("nan")


def encoded(frame: pd.DataFrame, *tables: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are, the levels that ``tables`` have as a column of 0 and 1 each (one of two is enough)."""
    found = {}
    for name in frame.columns:
        if is_number(name):
            found[name] = frame[name]
            continue
        levels = sorted({str(value) for table in tables for value in table[name].dropna()})
        for level in levels[: 1 if len(levels) == 2 else len(levels)]:
            found[f"{name} {level}"] = (frame[name].astype(object) == level).astype(float).where(frame[name].notna())
    return pd.DataFrame(found)


@contextmanager
def _same_folds() -> Iterator[None]:
    """sdmetrics shuffles its folds by numpy's global generator, which is put back afterwards."""
    before = np.random.get_state()
    np.random.seed(0)
    try:
        yield
    finally:
        np.random.set_state(before)


def closest_record(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """sdmetrics' baseline protection, to be asked of columns without gaps, for it takes two gaps for the same value.

    It divides by the distance of random values, which sdmetrics draws anew at every call (0.32; two calls differ by a third);
    here they are always the same.
    """
    from sdmetrics.single_table import DCRBaselineProtection

    if real.shape[1] == 0:
        return float("nan")
    seeded: Any = type("Seeded", (DCRBaselineProtection,), {"_seed": 0})
    return float(seeded.compute_breakdown(real, synthetic, _metadata(real), None)["score"])


def without_gaps(real: pd.DataFrame, synthetic: pd.DataFrame) -> list[str]:
    """Columns that everybody on both sides has."""
    return [name for name in real.columns if real[name].notna().all() and synthetic[name].notna().all()]


def _metadata(frame: pd.DataFrame) -> dict[str, Any]:
    return {"columns": {name: {"sdtype": "numerical" if is_number(name) else "categorical"} for name in frame.columns}}
