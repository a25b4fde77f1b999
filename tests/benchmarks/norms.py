"""Real people's volumes by age and sex: fit resources/norms/volumes.json, and how well its centiles hold for people left out.

    python tests/benchmarks/norms.py OASIS1 --kept FOLDER          measure everybody (3 s each), print the calibration
    python tests/benchmarks/norms.py OASIS1 --kept FOLDER --fit    and write the norms anew; the same people give the same file

OASIS1 is a folder with brain-extracted T1w at 2 mm in the standard frame and ``sessions.csv`` (session, subject, file, age, sex,
cdr, etiv_cm3, nwbv). Healthy people (CDR 0, or not assessed) count, each with the first session; second ones tell how centiles
repeat.
FOLDER keeps what was measured (``volumes.csv``), so that the next run goes on there.
"""

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.stats import kstest

from mriexplorer.files import write_text
from mriexplorer.measure.brain_volumes import RECIPE
from mriexplorer.measure.norms import AGE_SCALE, MIDDLE_AGE, NormCurve
from mriexplorer.measure.volumetry import measured
from mriexplorer.reading.registry import read_volume
from mriexplorer.simulation.demons import register_demons
from mriexplorer.simulation.shape import exponential

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "resources" / "norms" / "volumes.json"
FAINT = 0.02  # of the brightest voxel, below which a brain-extracted image is empty
PARTS = ("brain", "wm", "gm", "csf", "ventricles")
RECORD = ("etiv_cm3", "nwbv")  # as the study measured them
FOLDS, DIGITS = 10, 6
DEGREES = [(m, s) for m in (1, 2, 3) for s in (0, 1, 2)]  # of the polynomials of median and spread; BIC chooses
STUDY, FIELD = "OASIS-1", 1.5  # T
CREDIT = (
    "OASIS-1: Marcus, Wang, Parker, Csernansky, Morris, Buckner. Open Access Series of Imaging Studies (OASIS): cross-sectional "
    "MRI data in young, middle aged, nondemented, and demented older adults. J Cogn Neurosci 2007;19:1498-1507."
)
METHOD = (
    "LMS (Cole and Green, Stat Med 1992) by maximum likelihood: one power; logarithms of median and coefficient of variation are "
    "polynomials in age, the median's with an offset and a slope of its own for men; degrees by BIC. Calibration by 10-fold "
    "cross-validation over people."
)
Numbers = np.ndarray


# -- measuring -------------------------------------------------------------------------------------------------


def healthy(folder: Path) -> list[dict[str, str]]:
    """Sessions of people without dementia, those that come first for a person before the others."""
    with (folder / "sessions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["cdr"] == "" or float(row["cdr"]) == 0]
    return sorted(rows, key=lambda row: (row["session"] != first(rows, row["subject"]), row["session"]))


def first(rows: Sequence[Mapping[str, str]], subject: str) -> str:
    return min(row["session"] for row in rows if row["subject"] == subject)


def volumes(folder: Path, kept: Path, most: int) -> list[dict[str, str]]:
    """A row for each session: its record and what was measured in it."""
    kept.mkdir(parents=True, exist_ok=True)
    path = kept / f"volumes-{RECIPE}.csv"
    known = {row["session"]: row for row in csv.DictReader(path.read_text().splitlines())} if path.is_file() else {}
    wanted = healthy(folder)[:most]
    for number, row in enumerate(wanted, 1):
        if row["session"] not in known:
            known[row["session"]] = row | measure(folder, kept, row)
            lines = [",".join(known[row["session"]]), *(",".join(one.values()) for one in known.values())]
            write_text(path, "\n".join(lines) + "\n")
            print(f"{number} of {len(wanted)}: {row['session']}", flush=True)
    return [known[row["session"]] for row in wanted]


def measure(folder: Path, kept: Path, row: Mapping[str, str]) -> dict[str, str]:
    volume = read_volume(folder / row["file"])
    image = np.asarray(volume.data, np.float32)
    inside = image > FAINT * image.max()
    shape = kept / f"{row['session']}.npy"
    if not shape.is_file():
        np.save(shape, register_demons(image, volume.grid, inside, coarse=True).velocity)
    _shades, closed, shares = measured(image, volume.grid, inside, exponential(np.load(shape)))
    plain = {
        "closed": float(closed.sum()) * float(np.prod(volume.grid.spacing)) / 1000,
        "brain": shares["wm"] + shares["gm"],
        **shares,
    }
    return {name: f"{value:.6g}" for name, value in plain.items()}


def table(rows: Sequence[Mapping[str, str]]) -> tuple[dict[str, Numbers], float]:
    """Columns by measure; and the volume (cm³) inside the skull of a head of the atlas.

    The images have the atlas' size: how large a person's head is, eTIV says. It is over the volume that makes the brain of these
    images, on the whole, as large as the study's own nWBV and eTIV tell.
    """
    column = {name: np.array([float(row[name]) for row in rows]) for name in ("age", "closed", *RECORD, *PARTS)}
    head = float(np.mean(column["closed"] * column["brain"] / column["nwbv"]))
    closed = column["closed"] * column["etiv_cm3"] / head
    cm3 = {"closed_cm3": closed} | {f"{part}_cm3": closed * column[part] for part in PARTS}
    male = np.array([row["sex"] == "M" for row in rows], float)
    told = {name: column[name] for name in (*PARTS, *RECORD)}
    return {"age": column["age"], "male": male, **cm3, **told}, head


# -- fitting ---------------------------------------------------------------------------------------------------


def fitted(value: Numbers, age: Numbers, male: Numbers, degrees: tuple[int, int]) -> tuple[dict[str, NormCurve], float]:
    """The curve of each sex, and twice the negative logarithm of the likelihood."""
    x = (age - MIDDLE_AGE) / AGE_SCALE
    median, spread = np.vander(x, degrees[0] + 1, increasing=True), np.vander(x, degrees[1] + 1, increasing=True)
    design = np.column_stack([median, male, male * x])
    start = np.linalg.lstsq(design, np.log(value), rcond=None)[0]
    width = float(np.log((np.log(value) - design @ start).std()))
    count = design.shape[1]

    def cost(theta: Numbers) -> float:
        return float(-2 * likelihood(np.log(value), theta[0], design @ theta[1 : 1 + count], spread @ theta[1 + count :]))

    theta = np.concatenate([[0.5], start, [width], np.zeros(degrees[1])])
    found = minimize(cost, theta, method="BFGS", options={"gtol": 1e-7})
    power, m, s = found.x[0], found.x[1 : 1 + count], found.x[1 + count :]
    sexes = {"F": m[: degrees[0] + 1], "M": m[: degrees[0] + 1] + np.pad(m[-2:], (0, degrees[0] - 1))}
    return {sex: NormCurve(float(power), tuple(map(float, c)), tuple(map(float, s))) for sex, c in sexes.items()}, float(
        found.fun
    )


def likelihood(log_value: Numbers, power: float, median: Numbers, spread: Numbers) -> float:
    """The logarithm of the density of values, less a constant (Cole and Green, equation 2)."""
    off = log_value - median
    z = (off if abs(power) < 1e-6 else np.expm1(power * off) / power) / np.exp(spread)
    return float(np.sum(power * off - log_value - spread - z**2 / 2))


def chosen(value: Numbers, age: Numbers, male: Numbers) -> tuple[int, int]:
    """The degrees of least BIC."""
    return min(DEGREES, key=lambda d: fitted(value, age, male, d)[1] + np.log(len(value)) * (sum(d) + 5))


def centiles(curves: Mapping[str, NormCurve], value: Numbers, age: Numbers, male: Numbers) -> Numbers:
    return np.array([curves["M" if m else "F"].centile(v, a) for v, a, m in zip(value, age, male, strict=True)])


def left_out(value: Numbers, age: Numbers, male: Numbers, degrees: tuple[int, int]) -> Numbers:
    """Centiles of people by curves that were fitted without them."""
    found, fold = np.zeros(len(value)), np.argsort(np.random.default_rng(1).permutation(len(value))) % FOLDS
    for number in range(FOLDS):
        there = fold == number
        curves = fitted(value[~there], age[~there], male[~there], degrees)[0]
        found[there] = centiles(curves, value[there], age[there], male[there])
    return found


# -- the file --------------------------------------------------------------------------------------------------


def content(rows: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """What the file holds: aggregates, no person."""
    names = {row["session"]: n for n, row in enumerate(rows)}
    once = [row for row in rows if row["session"] == first(rows, row["subject"])]
    of, head = table(once)
    every = table(rows)[0]
    pairs = np.array([(names[first(rows, r["subject"])], n) for n, r in enumerate(rows) if r not in once], int).reshape(-1, 2)
    curves, calibration = {}, {}
    for name in [one for one in of if one not in ("age", "male")]:
        degrees = chosen(of[name], of["age"], of["male"])
        curves[name] = rounded(fitted(of[name], of["age"], of["male"], degrees)[0])
        out = left_out(of[name], of["age"], of["male"], degrees)
        at = centiles(curves[name], every[name], every["age"], every["male"])
        again = float(np.std(at[pairs[:, 0]] - at[pairs[:, 1]])) if len(pairs) else 0.0
        calibration[name] = {
            "below_5": round(float(100 * np.mean(out < 5)), 1), "above_95": round(float(100 * np.mean(out > 95)), 1),
            "uniform_p": round(float(kstest(out / 100, "uniform").pvalue), 3), "again": round(again, 1),
        }  # fmt: skip
        print(f"{name:16s} degrees {degrees} power {curves[name]['F'].power:6.2f} {calibration[name]}")
    ages = {sex: [float(np.floor(a.min())), float(np.ceil(a.max()))] for sex, a in by_sex(of).items()}
    people = {sex: len(a) for sex, a in by_sex(of).items()}
    sentence = f"{STUDY}: {people['F']} women and {people['M']} men without dementia, T1w at {FIELD:g} T"
    return {
        "measure": RECIPE, "study": STUDY, "sentence": sentence, "credit": CREDIT, "method": METHOD,
        "people": people, "field": FIELD,
        "ages": ages, "head": round(head, 1), "curves": {n: {s: vars(c) for s, c in both.items()} for n, both in curves.items()},
        "calibration": calibration,
    }  # fmt: skip


def by_sex(of: Mapping[str, Numbers]) -> dict[str, Numbers]:
    return {"F": of["age"][of["male"] == 0], "M": of["age"][of["male"] == 1]}


def rounded(curves: Mapping[str, NormCurve]) -> dict[str, NormCurve]:
    """To as many digits as any machine finds."""

    def few(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(round(value, DIGITS) for value in values)

    return {sex: NormCurve(round(c.power, DIGITS), few(c.median), few(c.spread)) for sex, c in curves.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="OASIS1")
    parser.add_argument("--kept", type=Path, required=True, metavar="FOLDER", help="what was measured is kept here")
    parser.add_argument("--most", type=int, default=10_000, metavar="N", help="sessions that are measured; default: all")
    parser.add_argument("--fit", action="store_true", help=f"write {TARGET.relative_to(ROOT)}")
    options = parser.parse_args()
    found = content(volumes(options.folder, options.kept, options.most))
    if options.fit:
        TARGET.parent.mkdir(exist_ok=True)
        write_text(TARGET, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
