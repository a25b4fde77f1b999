"""Scores of sdmetrics between two tables of records, of the cells that there are."""

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
    """What sdmetrics' logistic detection gives."""
    from sdmetrics.single_table import LogisticDetection

    return float(LogisticDetection.compute(real, synthetic, _metadata(real)))


def closest_record(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """sdmetrics' baseline protection, of columns without gaps, for two gaps count as the same value.

    It divides by the distance of random values, which sdmetrics draws anew at every call (0.32; two calls differ by a third);
    here they are always the same.
    """
    from sdmetrics.single_table import DCRBaselineProtection

    whole = [name for name in real.columns if not real[name].isna().any() and not synthetic[name].isna().any()]
    if not whole:
        return float("nan")
    seeded: Any = type("Seeded", (DCRBaselineProtection,), {"_seed": 0})
    return float(seeded.compute_breakdown(real[whole], synthetic[whole], _metadata(real[whole]), None)["score"])


def _metadata(frame: pd.DataFrame) -> dict[str, Any]:
    return {"columns": {name: {"sdtype": "numerical" if is_number(name) else "categorical"} for name in frame.columns}}
