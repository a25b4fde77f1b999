"""Records of the model of people against CTGAN and TVAE, by sdmetrics' quality report, study by study.

Each study measured other columns, so each is a table of its own, without gaps. The others are fitted to the whole table of each
study, ours is asked for people of that study; the ceiling is one random half of the real people against the other.

    python tests/benchmarks/columns.py draw people-1mm people.csv -o drawn/     # in the project's environment
    python tests/benchmarks/columns.py score drawn/                             # where sdmetrics and ctgan are installed
"""

import argparse
import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SEEDS = (1, 2, 3)
STUDIES = {
    "IXI": ("age", "sex", "height_cm", "weight_kg", "ethnicity", "etiv_cm3"),
    "DLBS": ("age", "sex", "height_cm", "weight_kg", "ethnicity", "education_years", "mmse"),
    "OASIS-1": ("age", "sex", "etiv_cm3", "nwbv"),
    "AOMIC-PIOP2": ("age", "sex", "etiv_cm3"),
}
WORDS = ("sex", "ethnicity")


def draw(model: str, table: Path, target: Path) -> None:
    """Real people and ours as CSV files by study and seed."""
    from mriexplorer.generative.joint.model import load_joint
    from mriexplorer.generative.joint.sample import sample_subjects
    from mriexplorer.generative.model_folder import find_model

    target.mkdir(parents=True, exist_ok=True)
    loaded = load_joint(find_model(model))
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for study, columns in STUDIES.items():
        real = [[row[c] for c in columns] for row in rows if row["source"] == study and all(row[c] for c in columns)]
        write(target / f"{study}-real.csv", columns, real)
        for seed in SEEDS:
            seeds = range(100_000 * seed, 100_000 * seed + len(real))
            people = sample_subjects(loaded, seeds, {"study": study})
            write(target / f"{study}-ours-{seed}.csv", columns, [[p.record[c] for c in columns] for p in people])


def write(path: Path, columns: tuple[str, ...], rows: list[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])


def score(folder: Path) -> None:
    """Quality by study and generator, mean and range over the seeds; ratios of variances of ours."""
    import numpy as np
    import pandas as pd
    import torch
    from ctgan import CTGAN, TVAE
    from sdmetrics.reports.single_table import QualityReport

    def quality(real: pd.DataFrame, made: pd.DataFrame) -> float:
        kinds = {c: {"sdtype": "categorical" if c in WORDS else "numerical"} for c in real}
        report = QualityReport()
        report.generate(real, made, {"columns": kinds}, verbose=False)
        return float(report.get_score())

    means: dict[str, list[float]] = {}
    for study, columns in STUDIES.items():
        real = pd.read_csv(folder / f"{study}-real.csv")
        found: dict[str, list[float]] = {}
        for seed in SEEDS:
            np.random.seed(seed)
            torch.manual_seed(seed)
            shuffled = real.sample_subjects(frac=1, random_state=seed).reset_index(drop=True)
            half = len(real) // 2
            found.setdefault("real halves", []).append(quality(shuffled[:half], shuffled[half:].reset_index(drop=True)))
            found.setdefault("ours", []).append(quality(real, pd.read_csv(folder / f"{study}-ours-{seed}.csv")))
            for name, kind in (("CTGAN", CTGAN), ("TVAE", TVAE)):
                other = kind(epochs=300, batch_size=min(500, 10 * (len(real) // 10)))
                other.fit(real, [c for c in columns if c in WORDS])
                found.setdefault(name, []).append(quality(real, other.sample_subjects(len(real))))
        for name, values in found.items():
            means.setdefault(name, []).append(float(np.mean(values)))
            print(f"{study:12s} {name:12s} {np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})", flush=True)
        ours = pd.concat([pd.read_csv(folder / f"{study}-ours-{seed}.csv") for seed in SEEDS])
        ratios = {c: ours[c].var() / real[c].var() for c in columns if c not in WORDS}
        print(f"{study:12s} variance     " + ", ".join(f"{c} {ratio:.2f}" for c, ratio in ratios.items()), flush=True)
    print("mean of studies: " + ", ".join(f"{name} {np.mean(values):.3f}" for name, values in means.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("draw")
    one.add_argument("model")
    one.add_argument("table", type=Path)
    one.add_argument("-o", "--output", type=Path, required=True)
    two = verbs.add_parser("score")
    two.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.verb == "draw":
        draw(options.model, options.table, options.output)
    else:
        score(options.folder)
