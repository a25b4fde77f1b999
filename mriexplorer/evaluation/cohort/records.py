"""Records of synthetic people compared with those of real ones: column by column, pair by pair, and as whole people.

Scores of sdmetrics stand beside plainer ones. Missing cells are never filled: every figure is of the cells that there are, and
how many there are is compared too. What a study did not ask of real people is not asked of synthetic ones (``record_gaps``).
"""

import warnings as python_warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from mriexplorer.evaluation.chart import Chart, Illustrations, Role, Series, Table
from mriexplorer.evaluation.cohort.plausibility import combinations_of, impossible
from mriexplorer.evaluation.cohort.record_baselines import judge_baselines
from mriexplorer.evaluation.cohort.record_gaps import with_gaps_of
from mriexplorer.evaluation.cohort.record_scores import (
    closest_record,
    column_shapes,
    detection,
    encoded,
    is_number,
    pair_trends,
    without_gaps,
)
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import Chosen, DrawnComparison, drawn_pairs
from mriexplorer.extras import how_to_get, lacking, require
from mriexplorer.subject.dementia_rating import steps_apart
from mriexplorer.subject.record_columns import TABLE, record_column
from mriexplorer.workers import Progress

Record = Mapping[str, float | str]

_GROUP = "records"
_FEWEST = 8  # people on each side who have a column
_SLOW_DRAWS, _SLOWEST_DRAWS = 100, 30  # of what takes long, the former still enough for p below 0.01; and of what takes longest
_SHOWN = 12  # implausible people in the table
_QUANTILES = np.linspace(0.01, 0.99, 41)


def judge_records(
    synthetic: Sequence[Record], real: Sequence[Record], *, baselines: bool = False, progress: Progress = lambda _what: None
) -> tuple[list[Metric], Illustrations]:
    """Metrics and illustrations of the group records. ``baselines``: CTGAN and TVAE are trained on half of the real people.

    Raises InputError where the packages for that are missing.
    """
    if baselines:
        require("records", "training CTGAN and TVAE")
    names, warnings = _columns(synthetic, real)
    if not names:
        return [], Illustrations(warnings=(*warnings, "No column of the records is on both sides, so records are not judged."))
    asked = with_gaps_of(real, synthetic, names)
    mine, theirs, told = (_frame(records, names) for records in (asked, real, synthetic))
    pairs = list(drawn_pairs(len(mine), len(theirs)))
    counts = len(mine), len(theirs)
    found = [
        *_missing_judged(told, theirs, pairs),
        *_columns_judged(mine, theirs, pairs),
        *_correlations(mine, theirs, pairs, counts),
    ]
    if lacking("records"):
        warnings.append(f"Scores of sdmetrics are left out, for it is not installed; {how_to_get('records')}.")
    else:
        progress("records: sdmetrics")
        with _quiet():
            found += _sdmetrics(mine, theirs, pairs, counts)
    progress("records: implausible combinations")
    found += _implausible(synthetic, asked, real, names, pairs, counts)
    if baselines:
        with _quiet():
            found += judge_baselines(theirs, progress)
    drawn = Illustrations(
        tuple(_charts(mine, theirs)), (), (_strange_people(asked, real, names),), tuple(warnings), _settings(told, mine)
    )
    return found, drawn


def _columns(synthetic: Sequence[Record], real: Sequence[Record]) -> tuple[list[str], list[str]]:
    """Columns that enough people of both sides have, and what must be said of the others."""
    has = [
        {
            column.name
            for column in TABLE
            if (column.step or column.modelled)
            and sum(column.name in record for record in side) >= _FEWEST  # names are no figures
        }
        for side in (synthetic, real)
    ]
    said = [
        f"Columns that only {who} have are left out: {', '.join(record_column(name).label for name in sorted(only))}."
        for who, only in (("synthetic people", has[0] - has[1]), ("real people", has[1] - has[0])) if only
    ]  # fmt: skip
    return [column.name for column in TABLE if column.name in has[0] & has[1]], said


def _frame(records: Sequence[Record], names: Sequence[str]) -> pd.DataFrame:
    columns = {name: [_cell(name, record) for record in records] for name in names}
    return pd.DataFrame({
        name: pd.Series(values, dtype=float) if is_number(name) else pd.Series(values, dtype=object)
        for name, values in columns.items()
    })  # fmt: skip


def _cell(name: str, record: Record) -> float | str | None:
    """What a record has in a column; None where that is of another kind than the column (``impossible`` says so)."""
    value = record.get(name)
    return value if isinstance(value, int | float if is_number(name) else str) else None


def _settings(told: pd.DataFrame, asked: pd.DataFrame) -> dict[str, str]:
    """Which columns of synthetic people were emptied."""
    labels = [record_column(str(name)).label for name in told.columns if asked[name].isna().sum() > told[name].isna().sum()]
    said = f"{', '.join(labels)} of synthetic people left out where the real person nearest in age has none"
    return {"records": said} if labels else {}


@contextmanager
def _quiet() -> Iterator[None]:
    """sdmetrics warns of columns that hardly vary and of fits that did not converge; neither is the reader's business."""
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        yield


# -- columns ---------------------------------------------------------------------------------------------------


Pairs = Sequence[tuple[Chosen, Chosen, Chosen]]


def _columns_judged(mine: pd.DataFrame, theirs: pd.DataFrame, pairs: Pairs) -> list[Metric]:
    found = []
    for name in mine.columns:
        column = record_column(name)
        one, other = mine[name], theirs[name]
        counts = int(one.notna().sum()), int(other.notna().sum())
        figures: dict[str, tuple[Callable[[Any, Any], float], Better, str]]
        if is_number(name):
            figures = {
                "mean": (_mean_apart(max(float(other.std()), 1e-9)), Better.NEAR,
                         f"Mean of {column.label}, synthetic less real, in standard deviations of real people."),
                "variance ratio": (_variance_ratio, Better.NEAR, f"Variance of {column.label}, synthetic over real."),
            }  # fmt: skip
        else:
            levels = sorted({str(value) for value in other.dropna()})
            figures = {f"share of {level}": (_share_of(level), Better.NEAR, f"Share of {level}, synthetic less real.")
                        for level in levels[: 1 if len(levels) == 2 else len(levels)]}  # fmt: skip
        for what, (figure, better, about) in figures.items():
            values, reference = one.to_numpy(), other.to_numpy()
            drawn = [
                [_safe(figure, values[of], reference[at]), _safe(figure, reference[rest], reference[at])]
                for of, at, rest in pairs
            ]
            each = DrawnComparison(*_columns_of(drawn), len(pairs[0][0]))
            found.append(each.metric(_GROUP, f"{column.label}: {what}", better, about, counts))
    return found


def _missing_judged(told: pd.DataFrame, theirs: pd.DataFrame, pairs: Pairs) -> Iterator[Metric]:
    """Who lacks what, in columns that somebody lacks."""
    for name in told.columns:
        one, other = told[name].to_numpy(), theirs[name].to_numpy()
        if not (pd.isna(one).any() or pd.isna(other).any()):
            continue
        label = record_column(name).label
        drawn = [[_missing(one[of], other[at]), _missing(other[rest], other[at])] for of, at, rest in pairs]
        each = DrawnComparison(*_columns_of(drawn), len(pairs[0][0]))
        about = f"Share of people without {label}, synthetic less real."
        yield each.metric(_GROUP, f"{label}: missing", Better.NEAR, about, (len(one), len(other)))


def _safe(figure: Callable[[Any, Any], float], one: Any, other: Any) -> float:
    """NaN where a draw has nobody with the column."""
    if pd.isna(one).all() or pd.isna(other).all():
        return float("nan")
    return figure(one, other)


def _columns_of(drawn: Sequence[Sequence[float]]) -> tuple[Any, Any]:
    found, ceiling = np.array(drawn, float).T
    return found, ceiling


def _mean_apart(spread: float) -> Callable[[Any, Any], float]:
    return lambda one, other: float((np.nanmean(one) - np.nanmean(other)) / spread)


def _missing(one: Any, other: Any) -> float:
    return float(pd.isna(one).mean() - pd.isna(other).mean())


def _variance_ratio(one: Any, other: Any) -> float:
    spread = float(np.nanvar(other, ddof=1)) if np.isfinite(other).sum() > 2 else 0.0
    return float(np.nanvar(one, ddof=1) / spread) if spread > 0 and np.isfinite(one).sum() > 2 else float("nan")


def _share_of(level: str) -> Callable[[Any, Any], float]:
    def share(of: Any) -> float:
        there = of[~pd.isna(of)]
        return float(np.mean([str(value) == level for value in there])) if len(there) else float("nan")

    return lambda one, other: share(one) - share(other)


# -- pairs of columns ------------------------------------------------------------------------------------------


def _correlations(mine: pd.DataFrame, theirs: pd.DataFrame, pairs: Pairs, counts: tuple[int, int]) -> list[Metric]:
    """How far rank correlations of all pairs of columns are off, levels as numbers of their own."""
    one, other = encoded(mine, theirs), encoded(theirs, theirs)
    if one.shape[1] < 2:
        return []
    drawn = []
    for of, at, rest in pairs:
        real = _matrix(other.iloc[at])
        drawn.append([_apart(_matrix(one.iloc[of]), real), _apart(_matrix(other.iloc[rest]), real)])
    table = np.array(drawn, float)  # (draws, side, mean or largest)
    about = "Difference of rank correlations between columns, synthetic less real, {} over all pairs of columns."
    return [
        DrawnComparison(table[:, 0, n], table[:, 1, n], len(pairs[0][0])).metric(
            _GROUP, f"pair correlations, {what} difference", Better.LOW, about.format(f"the {what}"), counts
        )
        for n, what in enumerate(("mean", "largest"))
    ]


def _matrix(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(frame.rank().corr(min_periods=_FEWEST), float)


def _apart(one: Any, other: Any) -> tuple[float, float]:
    off = np.abs(one - other)[np.triu_indices(len(one), 1)]
    off = off[np.isfinite(off)]
    return (float(off.mean()), float(off.max())) if len(off) else (float("nan"), float("nan"))


# -- sdmetrics -------------------------------------------------------------------------------------------------


def _sdmetrics(mine: pd.DataFrame, theirs: pd.DataFrame, pairs: Pairs, counts: tuple[int, int]) -> list[Metric]:
    told = {
        "column shapes": (column_shapes, Better.HIGH, "sdmetrics: how alike each column is distributed, mean; 1 is the same."),
        "pair trends": (pair_trends, Better.HIGH, "sdmetrics: how alike pairs of columns hang together, mean; 1 is the same."),
        "detection": (detection, Better.HIGH, "sdmetrics: how badly a logistic regression tells the rows apart; 1 it cannot."),
        "closest record": (closest_record, Better.NEAR, "sdmetrics' distance to the closest record, over that of random "
                           "values; what real people among themselves give is right, more and less are wrong. "
                           f"Their columns, each shuffled by itself, give {_shuffled_closest(theirs, pairs):.2f}."),
    }  # fmt: skip
    found = []
    for name, (figure, better, about) in told.items():
        some = pairs[: _SLOWEST_DRAWS if figure in (detection, closest_record) else _SLOW_DRAWS]
        names = without_gaps(theirs, mine) if figure is closest_record else list(theirs.columns)
        one, other = mine[names], theirs[names]
        drawn = [[figure(other.iloc[at], one.iloc[of]), figure(other.iloc[at], other.iloc[rest])] for of, at, rest in some]
        each = DrawnComparison(*_columns_of(drawn), len(pairs[0][0]))
        found.append(each.metric(_GROUP, f"{name} (sdmetrics)", better, about, counts))
    return found


def _shuffled_closest(theirs: pd.DataFrame, pairs: Pairs) -> float:
    """The score that real people get against others of them once no column of theirs belongs to the others."""
    random, found = np.random.default_rng(0), []
    told = theirs[without_gaps(theirs, theirs)]
    for _of, at, rest in pairs[:_SLOWEST_DRAWS]:
        other = told.iloc[rest]
        mixed = pd.DataFrame({name: other[name].to_numpy()[random.permutation(len(other))] for name in told.columns})
        found.append(closest_record(told.iloc[at], mixed))
    return float(np.mean(found))


# -- whole people ----------------------------------------------------------------------------------------------


def _implausible(
    told_all: Sequence[Record],
    synthetic: Sequence[Record],
    real: Sequence[Record],
    names: Sequence[str],
    pairs: Pairs,
    counts: tuple[int, int],
) -> list[Metric]:
    """``told_all``: whole synthetic records, for what cannot be; ``synthetic``: what real people like them were asked."""
    told: dict[str, tuple[Callable[[Record], bool], str]] = {
        "impossible": (lambda record: bool(impossible(record)), "Share of people with a value beyond what anybody can have, or "
                       "with a BMI that is not that of height and weight."),
        "MMSE and CDR two steps apart": (lambda record: (steps_apart(record) or 0) >= 2, "Share of people whose MMSE means a CDR "
                                         "two steps or more from theirs (Perneczky 2006)."),
    }  # fmt: skip
    found = []
    for name, (is_so, about) in told.items():
        mine, theirs = (
            np.array([float(is_so(record)) for record in side])
            for side in (told_all if name == "impossible" else synthetic, real)
        )
        drawn = [[mine[of].mean(), theirs[rest].mean()] for of, _at, rest in pairs]
        each = DrawnComparison(*_columns_of(drawn), len(pairs[0][0]), float(mine.mean()))
        found.append(each.metric(_GROUP, name, Better.LOW, about, counts))
    drawn = []
    for of, at, rest in pairs[:_SLOW_DRAWS]:
        spanned = combinations_of([real[place] for place in at], names)
        asked = ([synthetic[place] for place in of], [real[place] for place in rest])
        drawn.append([float(spanned.are_strange(people).mean()) for people in asked])
    about = (
        "Share of people with two values that no real person has together: farther from real people than 1.2 times what any of "
        "those is from the others."
    )
    return [
        *found,
        DrawnComparison(*_columns_of(drawn), len(pairs[0][0])).metric(
            _GROUP, "implausible combinations", Better.LOW, about, counts
        ),
    ]


def _strange_people(synthetic: Sequence[Record], real: Sequence[Record], names: Sequence[str]) -> Table:
    """Synthetic people whose record nobody real has anything like, and why."""
    spanned = combinations_of(real, names)
    rows = []
    for place, record in enumerate(synthetic):
        why = impossible(record) + spanned.strange(record)
        if why:
            told = ", ".join(f"{record_column(name).label} {_told(record[name])}" for name in names if name in record)
            rows.append((str(place + 1), told, "; ".join(why[:3])))
    about = f"{len(rows)} of {len(synthetic)} synthetic people; beside all {len(real)} real ones."
    return Table(_GROUP, "Implausible records", ("number", "record", "why"), tuple(rows[:_SHOWN]), about)


def _told(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, int | float) else value


# -- charts ----------------------------------------------------------------------------------------------------


def _charts(mine: pd.DataFrame, theirs: pd.DataFrame) -> Iterator[Chart]:
    n = f"{len(mine)} synthetic, {len(theirs)} real people"
    for name in mine.columns:
        column = record_column(name)
        if is_number(name):
            series = []
            for role, frame in ((Role.REAL, theirs), (Role.SYNTHETIC, mine)):
                values = np.quantile(frame[name].dropna(), _QUANTILES)
                series.append(Series(role.value, role, _floats(values), _floats(100 * _QUANTILES)))
            unit = f" ({column.unit.name})" if column.unit.name else ""
            yield Chart(_GROUP, column.label, f"{column.label}{unit}", "% of people below", tuple(series),
                        "One curve over the other: the same distribution. Steeper: too little spread.", n)  # fmt: skip
    one, other = _matrix(encoded(mine, theirs)), _matrix(encoded(theirs, theirs))
    labels = list(encoded(theirs, theirs).columns)
    places = [(a, b) for a, b in combinations(range(len(labels)), 2) if np.isfinite(one[a, b]) and np.isfinite(other[a, b])]
    if places:
        dots = Series(
            "pairs of columns", Role.SYNTHETIC, tuple(float(other[p]) for p in places), tuple(float(one[p]) for p in places),
            names=tuple(f"{labels[a]} and {labels[b]}" for a, b in places), points=True,
        )  # fmt: skip
        line = Series("the same", Role.REAL, (-1.0, 1.0), (-1.0, 1.0))
        yield Chart(_GROUP, "Correlations of columns", "rank correlation, real", "rank correlation, synthetic", (line, dots),
                    "Each dot is a pair of columns; on the line synthetic people hang together as real ones do.", n)  # fmt: skip


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(map(float, values))
