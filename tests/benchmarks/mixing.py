"""Which single PD, T1, T2 stands best for a voxel of two tissues? Nine mixing rules against the sum of the two signals.

    python tests/benchmarks/mixing.py

For every preset (STIR apart, where fluid outshines everything) and each pair of CSF, grey and white matter: the largest error
over the mixing fraction, as a share of the brighter of grey and white matter. The built-in brain uses the first row.
"""

from itertools import product

import numpy as np

from mriexplorer.physics import SEQUENCES, TISSUES, signal
from mriexplorer.view.presets import presets

MEANS = ("arithmetic", "logarithmic", "rate")
SHARE = np.linspace(0, 1, 21)


def main() -> None:
    """Print the table, best rule first."""
    rows = []
    for t1, t2 in product(MEANS, MEANS):
        errors = {p.title: error(p, t1, t2) for p in presets() if p.name != "STIR" and not SEQUENCES[p.sequence].signed}
        flair = np.mean([value for title, value in errors.items() if "FLAIR" in title])
        rows.append((np.mean(list(errors.values())), max(errors.values()), flair, t1, t2))
    print("| T1 | T2, T2* | mean error | largest | FLAIR |\n|---|---|---|---|---|")
    for average, largest, flair, t1, t2 in sorted(rows):
        print(f"| {t1} | {t2} | {average:.2f} | {largest:.2f} | {flair:.2f} |")


def error(preset: object, t1_mean: str, t2_mean: str) -> float:
    """The largest error of a preset."""
    row = SEQUENCES[preset.sequence]
    decay = row.decay
    worst = 0.0
    for pair in (("csf", "gm"), ("csf", "wm"), ("gm", "wm")):
        tissues = [TISSUES[name] for name in pair]
        at = [tissue.at[preset.field] for tissue in tissues]
        water = np.array([SHARE * tissues[0].pd, (1 - SHARE) * tissues[1].pd])
        own = [np.array([[t.pd], [a.t1], [getattr(a, decay)]]) for t, a in zip(tissues, at, strict=True)]
        signals = [signal(row, *values, preset.values, magnitude=False) for values in own]
        truth = np.abs(SHARE * signals[0] + (1 - SHARE) * signals[1])
        t1 = mean(t1_mean, water, [a.t1 for a in at])
        t2 = mean(t2_mean, water, [getattr(a, decay) for a in at])
        worst = max(worst, float(np.abs(signal(row, water.sum(0), t1, t2, preset.values) - truth).max()))
    solid = [TISSUES[name] for name in ("wm", "gm")]
    return worst / max(
        abs(float(signal(row, np.float64(t.pd), np.float64(t.at[preset.field].t1),
                         np.float64(getattr(t.at[preset.field], decay)), preset.values)))
        for t in solid
    )  # fmt: skip


def mean(kind: str, water: np.ndarray, times: list[float]) -> np.ndarray:
    """The mean of two times, weighted by water."""
    column = np.array(times)[:, None]
    if kind == "rate":
        return water.sum(0) / (water / column).sum(0)
    if kind == "logarithmic":
        return np.exp((water * np.log(column)).sum(0) / water.sum(0))
    return (water * column).sum(0) / water.sum(0)


if __name__ == "__main__":
    main()
