"""Attributes of simulated people against a table of real ones: sdmetrics quality per study, real against real beside it.

    python tests/benchmarks/attributes.py TABLE          compare (needs sdmetrics and pandas, in an environment of their own)
    python tests/benchmarks/attributes.py TABLE --fit    fit resources/people.json anew

TABLE is a CSV with the columns source, age, sex, height_cm, weight_kg, ethnicity, education_years, mmse, cdr, etiv_cm3, nwbv.
Where a study assessed only some people (MMSE and CDR in OASIS-1), those are compared with simulated people of the same ages.
"""

import json
import sys
from math import exp
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
COLUMNS = ("age", "sex", "height_cm", "weight_kg", "bmi", "ethnicity", "education_years", "mmse", "cdr", "etiv_cm3", "nwbv")
CATEGORIES = ("sex", "ethnicity", "cdr")
NORMAL = [round(NormalDist().inv_cdf(p), 3) for p in np.linspace(0.001, 0.999, 41)]
REFERENCE_ETIV = {
    "M": [1596.0, 0.0, 0.0],
    "F": [1409.0, 0.0, 0.0],
    "sd": {"M": 125.0, "F": 126.0},
    "with_height": 0.35,
    "range": [1050.0, 2050.0],
    "residual": {"M": NORMAL, "F": NORMAL},
}
REFERENCE_NWBV = {
    "at50": 0.8196,
    "slope": -0.001815,
    "bend": -2.3e-5,
    "male": -0.0113,
    "demented": -0.027,
    "sd": 0.0226,
    "range": [0.64, 0.9],
}
CREDIT = {
    "IXI": "IXI dataset, brain-development.org, CC BY-SA 3.0",
    "DLBS": "Dallas Lifespan Brain Study, OpenNeuro ds004856, CC0",
    "AOMIC-PIOP2": "Amsterdam Open MRI Collection PIOP2, OpenNeuro ds002790, CC0",
    "OASIS-1": "OASIS-1, Marcus et al. 2007",
}


# -- fitting ---------------------------------------------------------------------------------------------------


def fit(table: pd.DataFrame) -> dict[str, Any]:
    """Few numbers for each study, and for all adults together."""
    studies = {name: study(rows) for name, rows in table.groupby("source")}
    return {
        "about": "Fitted by tests/benchmarks/attributes.py. Ages and residuals are equally spaced quantiles; heights, BMI and "
        "eTIV are quadratic in age - 50 by sex. 'adults' joins the studies: ages of all but the student study, height and BMI "
        "of IXI and DLBS, education of DLBS, dementia of OASIS-1; eTIV 1596±125 (men) and 1409±126 cm3 (women), and an nWBV "
        "curve between that of OASIS-1 (316 people without dementia, residual SD 0.0226) and reference volumes of grey and "
        "white matter, which fall more slowly.",
        "sources": CREDIT,
        "populations": {"adults": adults(table, studies), **studies},
    }


def study(rows: pd.DataFrame) -> dict[str, Any]:
    rows = rows.dropna(subset=["age", "sex"])
    found: dict[str, Any] = {"age": quantiles(rows.age, 41), "male": male_by_age(rows)}
    if rows.height_cm.notna().any():
        body = rows.dropna(subset=["height_cm", "weight_kg"])
        found["height_cm"] = by_sex(body, body.height_cm)
        found["weight_range"] = [float(body.weight_kg.min()), float(body.weight_kg.max())]
        found["log_bmi"] = by_sex(body, np.log(body.weight_kg / (body.height_cm / 100) ** 2))
        found["log_bmi"]["range"] = [round(exp(end), 2) for end in found["log_bmi"]["range"]]
    for name in ("ethnicity", "education_years"):
        if rows[name].notna().any():
            found[name] = shares(rows[name])
    if rows.cdr.notna().any():
        assessed = rows.dropna(subset=["cdr"])
        ages = [50, 60, 65, 70, 75, 80, 85, 95]
        near = [assessed[(assessed.age - a).abs() < 6] for a in ages]
        found["cdr"] = {
            "above_zero": [ages, [0.0, *(round(float((n.cdr > 0).mean()), 3) for n in near[1:])]],
            "levels": shares(assessed.cdr[assessed.cdr > 0]),
        }
    if rows.mmse.notna().any():
        tested = rows.dropna(subset=["mmse"])
        groups = tested.groupby(tested.cdr.fillna(0).clip(upper=1))
        found["mmse"] = {f"{level:g}": shares(group.mmse) for level, group in groups}
    return found | head_sizes(rows)


def head_sizes(rows: pd.DataFrame) -> dict[str, Any]:
    etiv: dict[str, Any] = dict(REFERENCE_ETIV)
    if rows.etiv_cm3.notna().any():
        known = rows.dropna(subset=["etiv_cm3"])
        etiv = by_sex(known, known.etiv_cm3) | {"with_height": 0.0}
        both = known.dropna(subset=["height_cm"])
        if len(both) > 50:
            left = [value - np.polyval(np.polyfit(both.age, value, 1), both.age) for value in (both.etiv_cm3, both.height_cm)]
            left = [part - part.groupby(both.sex).transform("mean") for part in left]
            etiv["with_height"] = round(float(np.corrcoef(*left)[0, 1]), 3)
    nwbv: dict[str, Any] = dict(REFERENCE_NWBV)
    if rows.nwbv.notna().any():
        known = rows.dropna(subset=["nwbv"])
        a = known.age - 50
        design = np.stack([np.ones(len(a)), a, a**2, known.sex == "M", known.cdr.fillna(0) > 0], axis=1).astype(float)
        solution, *_ = np.linalg.lstsq(design, known.nwbv.to_numpy(), rcond=None)
        names = ("at50", "slope", "bend", "male", "demented")
        nwbv = dict(zip(names, (round(float(s), 7) for s in solution), strict=True))
        nwbv["range"] = [float(known.nwbv.min()), float(known.nwbv.max())]
        nwbv["sd"] = round(float(np.std(known.nwbv - design @ solution)), 5)
    return {"etiv_cm3": etiv, "nwbv": nwbv}


def adults(table: pd.DataFrame, studies: dict[str, Any]) -> dict[str, Any]:
    pooled = study(table[table.source != "AOMIC-PIOP2"])
    body = study(table[table.source.isin(["IXI", "DLBS"])])
    etiv = REFERENCE_ETIV | {"with_height": studies["IXI"]["etiv_cm3"]["with_height"]}
    nwbv = REFERENCE_NWBV | {"at50": 0.8235, "slope": -0.00168, "bend": -1.0e-5}
    parts = {name: body[name] for name in ("height_cm", "log_bmi", "weight_range")}
    return pooled | parts | {"etiv_cm3": etiv, "nwbv": nwbv}


def quantiles(values: pd.Series, count: int) -> list[float]:
    return [round(float(q), 3) for q in np.quantile(values.dropna(), np.linspace(0, 1, count))]


def male_by_age(rows: pd.DataFrame) -> list[list[float]]:
    """Share of men around some ages."""
    ages = [float(a) for a in np.quantile(rows.age, [0.1, 0.3, 0.5, 0.7, 0.9])]
    width = max(4.0, float(rows.age.std()) / 2.5)
    return [[round(a, 1) for a in ages], [round(float((rows.sex[(rows.age - a).abs() < width] == "M").mean()), 3) for a in ages]]


def shares(values: pd.Series) -> dict[str, float]:
    counts = values.dropna().value_counts(normalize=True)
    return {str(value) if isinstance(value, str) else f"{value:g}": round(float(share), 4) for value, share in counts.items()}


def by_sex(rows: pd.DataFrame, values: pd.Series) -> dict[str, Any]:
    found: dict[str, Any] = {}
    left = pd.Series(0.0, index=rows.index)
    wide = rows.age.std() > 5
    for sex in ("M", "F"):
        mine = rows.sex == sex
        a = rows.age[mine] - 50
        bend, slope, middle = np.polyfit(a, values[mine], 2) if wide else (0.0, 0.0, float(values[mine].mean()))
        found[sex] = [round(float(middle), 5), round(float(slope), 6), round(float(bend), 8)]
        left[mine] = values[mine] - (middle + slope * a + bend * a**2)
    found["range"] = [round(float(values.min()), 4), round(float(values.max()), 4)]
    spread = left.groupby(rows.sex).std()
    found["sd"] = {sex: round(float(spread[sex]), 5) for sex in ("M", "F")}
    found["residual"] = {sex: quantiles(left[rows.sex == sex] / spread[sex], 21) for sex in ("M", "F")}
    return found


# -- comparing -------------------------------------------------------------------------------------------------


def simulated(population: str, count: int, seed: int) -> pd.DataFrame:
    from mriexplorer.simulation.record import draw

    people = [draw(np.random.default_rng([seed, number]), population) for number in range(count)]
    table = pd.DataFrame([{name: getattr(person, name) for name in COLUMNS} for person in people])
    assert all(p.bmi is None or p.bmi == round(p.weight_kg / (p.height_cm / 100) ** 2, 2) for p in people)  # type: ignore[operator]
    return table


def score(real: pd.DataFrame, other: pd.DataFrame) -> float:
    from sdmetrics.reports.single_table import QualityReport

    about = {name: {"sdtype": "categorical" if name in CATEGORIES else "numerical"} for name in real.columns}
    report = QualityReport()
    report.generate(real, other, {"columns": about}, verbose=False)
    return float(report.get_score())


def measured(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """A study's columns, and apart from them those that only some of its people have."""
    known = [name for name in COLUMNS if rows[name].notna().mean() > 0.9]
    some = [name for name in COLUMNS if 0 < rows[name].notna().mean() <= 0.9]
    parts = [("everyone", rows[known].dropna())]
    if some:
        parts.append(("those assessed", rows[known + some].dropna()))
    return parts


def compare(table: pd.DataFrame, count: int, seed: int) -> None:
    print("| study | who | n | columns | simulated | real halves |\n|---|---|---|---|---|---|")
    rng = np.random.default_rng(seed)
    scores = []
    for name, rows in table.groupby("source"):
        made = simulated(name, count, seed)
        for who, real in measured(rows):
            fair = same_ages(made, real.age, rng) if who != "everyone" else made
            quality = score(real, fair[list(real.columns)].dropna())
            half = rng.permutation(len(real))
            ceiling = score(real.iloc[half[: len(half) // 2]], real.iloc[half[len(half) // 2 :]])
            scores.append(quality)
            print(f"| {name} | {who} | {len(real)} | {len(real.columns)} | {quality:.3f} | {ceiling:.3f} |")
    print(f"\nlowest {min(scores):.3f}; {count} simulated people a study; BMI exact in every row")


def same_ages(made: pd.DataFrame, ages: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Simulated people drawn so that their ages are distributed like those of the people who were assessed."""
    edges = np.quantile(ages, np.linspace(0, 1, 13))
    place = np.digitize(made.age, edges[1:-1])
    inside = made.age.between(edges[0], edges[-1])
    chosen = [made.index[(place == k) & inside] for k in range(12)]
    fewest = min(len(c) for c in chosen)
    return made.loc[np.concatenate([rng.choice(c, fewest, replace=False) for c in chosen])]


def main() -> None:
    table = pd.read_csv(sys.argv[1])
    table["bmi"] = (table.weight_kg / (table.height_cm / 100) ** 2).round(2)
    if "--fit" in sys.argv:
        target = ROOT / "resources" / "people.json"
        target.write_text(json.dumps(fit(table), indent=1) + "\n", encoding="utf-8")
        print(target)
    else:
        compare(table, 5000, 1)


if __name__ == "__main__":
    main()
