"""Many simulated people at once: volumes against age and sex beside the reference, tissue values, and that nothing is broken.

    python tests/benchmarks/people.py [-n 400] [--anatomies FOLDER] [--field 3] [--jobs 2] [--plot docs/pictures/ageing.png]

Maps are made at 2 mm, volumes measured on the 1 mm composition; no scans. Reference: medians of healthy people at 45 to 85 years
normalised to a skull of 1500 cm³, and nWBV of the 316 people of OASIS-1 without dementia.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mriexplorer.physics import TISSUES  # noqa: E402
from mriexplorer.simulation import person as people  # noqa: E402
from mriexplorer.simulation.anatomy import prepare, sources  # noqa: E402
from mriexplorer.simulation.labels import code, codes_of  # noqa: E402
from mriexplorer.workers import Workers  # noqa: E402

AGES = (45, 55, 65, 75, 85)
REFERENCE = {"gm": (706, 688, 667, 641, 618), "wm": (537, 541, 537, 528, 512), "ventricles": (17.1, 19.0, 25.7, 36.2, 48.8)}
NORMAL = 1500.0  # cm³ that the reference is normalised to


@dataclass(frozen=True)
class Seen:
    """What is measured of one person."""

    age: float
    sex: str
    cdr: float
    volumes: dict[str, float]
    wanted: dict[str, float]
    jacobian: float
    broken: int
    medians: dict[str, tuple[float, float]]


def measure(task: tuple[people.SimulationPlan, int]) -> Seen:
    made = people.make(*task)
    maps, record = made.subject.maps, made.record
    stacked = np.stack([maps.pd, maps.t1, maps.t2])
    half_known = (stacked > 0).any(axis=0) & ~(stacked > 0).all(axis=0)
    broken = int((~np.isfinite(stacked)).sum() + (stacked < 0).sum() + half_known.sum())
    medians = {}
    for name, structure in (("wm", "white matter"), ("gm", "cortex"), ("csf", "ventricles")):
        inside = made.segmentation == code(structure)
        inside &= _eroded(inside) if name != "gm" else inside
        medians[name] = (float(np.median(maps.t1[inside])), float(np.median(maps.t2[inside])))
    known = set(codes_of("wm") + codes_of("gm") + codes_of("csf") + codes_of("ventricle") + codes_of("outside"))
    broken += int((~np.isin(made.segmentation, list(known))).sum())
    wanted = {"etiv_cm3": record.etiv_cm3, "nwbv": record.nwbv, "ventricles": record.ventricles}
    return Seen(record.age, record.sex, record.cdr or 0, dict(made.volumes), wanted, made.jacobian, broken, medians)


def _eroded(inside: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(inside))


def normalised(seen: list[Seen], name: str) -> np.ndarray:
    return np.array([s.volumes[name] / s.volumes["etiv"] * NORMAL for s in seen])


def smooth_medians(age: np.ndarray, values: np.ndarray) -> list[float]:
    """Medians at the reference ages: a cubic in age by least absolute deviations, from weighted least squares."""
    a = (age - 60) / 20
    design = np.stack([np.ones_like(a), a, a**2, a**3], axis=1)
    weights = np.ones_like(values)
    for _ in range(50):
        root = np.sqrt(weights)
        solution, *_ = np.linalg.lstsq(design * root[:, None], values * root, rcond=None)
        weights = 1 / np.maximum(np.abs(values - design @ solution), 1e-4 * np.abs(values).mean())
    at = (np.array(AGES) - 60) / 20
    return [float(v) for v in np.stack([np.ones_like(at), at, at**2, at**3], axis=1) @ solution]


def oasis(age: np.ndarray, male: np.ndarray) -> np.ndarray:
    a = age - 50
    return np.asarray(0.8196 - 0.001815 * a - 2.3e-5 * a**2 - 0.0113 * male)


def report(seen: list[Seen]) -> None:
    healthy = [s for s in seen if s.cdr == 0]
    age, male = np.array([s.age for s in healthy]), np.array([s.sex == "M" for s in healthy], float)
    print(f"{len(seen)} people, {len(healthy)} without dementia\n")
    print("| | " + " | ".join(f"{a} y" for a in AGES) + " | slope 45-85 (per year) |\n|---|" + "---|" * (len(AGES) + 1))
    for name, reference in REFERENCE.items():
        found = smooth_medians(age, normalised(healthy, name) if name != "ventricles" else np.log(normalised(healthy, name)))
        found = [float(np.exp(f)) for f in found] if name == "ventricles" else found
        slopes = [np.polyfit(AGES, values, 1)[0] for values in (found, reference)]
        cells = " | ".join(f"{f:.1f} ({f / r - 1:+.0%})" for f, r in zip(found, reference, strict=True))
        print(f"| {name}, cm³ | {cells} | {slopes[0]:.2f} against {slopes[1]:.2f} ({slopes[0] / slopes[1] - 1:+.0%}) |")
    nwbv = np.array([s.volumes["nwbv"] for s in healthy])
    design = np.stack([np.ones_like(age), age - 50, (age - 50) ** 2, male], axis=1)
    expected = oasis(age, male)
    slopes = [np.polyfit(age, values, 1)[0] for values in (nwbv, expected)]
    solution, *_ = np.linalg.lstsq(design, nwbv, rcond=None)
    spread = float(np.std(nwbv - design @ solution, ddof=4))
    print(f"\nnWBV slope {slopes[0]:.6f} against {slopes[1]:.6f} a year ({slopes[0] / slopes[1] - 1:+.0%}); "
          f"spread {spread:.4f} against 0.0226 ({spread / 0.0226 - 1:+.0%}); men {solution[3]:+.4f} against -0.0113")  # fmt: skip
    for sex, mean, sd in (("M", 1596, 125), ("F", 1409, 126)):
        sizes = np.array([s.volumes["etiv"] for s in seen if s.sex == sex])
        print(f"eTIV {sex}: {sizes.mean():.0f}±{sizes.std():.0f} against {mean}±{sd} cm³")
    off = [s.volumes["ventricles"] / s.volumes["etiv"] / s.wanted["ventricles"] - 1 for s in seen]
    print(f"ventricles off what was drawn: median {np.median(np.abs(off)):.1%}, 95 % {np.percentile(np.abs(off), 95):.1%}")
    print(f"least Jacobian {min(s.jacobian for s in seen):.3f}; broken voxels {sum(s.broken for s in seen)}")


def tissues(seen: list[Seen], field: float) -> None:
    print(f"\n| tissue at {field:g} T | T1, ms | literature | T2, ms | literature |\n|---|---|---|---|---|")
    for name in ("wm", "gm", "csf"):
        t1, t2 = (1000 * np.median([s.medians[name][k] for s in seen]) for k in (0, 1))
        at = TISSUES[name].at[field]
        print(f"| {name} | {t1:.0f} | {at.t1 * 1000:.0f} | {t2:.0f} | {at.t2 * 1000:.0f} |")


def plot(seen: list[Seen], target: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 4, figsize=(16, 3.8))
    healthy = [s for s in seen if s.cdr == 0]
    for axis, name in zip(axes, ("gm", "wm", "ventricles", "nwbv"), strict=True):
        for sex, colour in (("F", "#d1495b"), ("M", "#2e6f95")):
            mine = [s for s in healthy if s.sex == sex]
            values = [s.volumes["nwbv"] for s in mine] if name == "nwbv" else normalised(mine, name)
            axis.plot([s.age for s in mine], values, ".", ms=4, color=colour, label={"F": "women", "M": "men"}[sex])
        if name == "nwbv":
            ages = np.linspace(20, 92, 50)
            axis.plot(ages, oasis(ages, np.full(50, 0.5)), "k-", lw=1.5, label="OASIS-1")
        else:
            axis.plot(AGES, REFERENCE[name], "k-o", ms=4, lw=1.5, label="reference")
        axis.set_title(
            {"gm": "grey matter, cm³", "wm": "white matter, cm³", "ventricles": "ventricles, cm³", "nwbv": "nWBV"}[name]
        )
        axis.set_xlabel("age, years")
    axes[0].legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(target, dpi=80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--anatomies", type=Path)
    parser.add_argument("--field", type=float, default=3.0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    found = [people.source_of(path, prepare(path)) for path in sources(options.anatomies)]
    plan = people.SimulationPlan(options.seed, options.field, 2, "adults", (), (), tuple(found))
    with Workers(options.jobs) as workers:
        seen = []
        for one in workers.each(measure, [(plan, number) for number in range(options.n)]):
            seen.append(one)
            if len(seen) % 20 == 0:
                print(f"{len(seen)} of {options.n}", file=sys.stderr, flush=True)
    report(seen)
    tissues(seen, options.field)
    if options.plot:
        plot(seen, options.plot)


if __name__ == "__main__":
    main()
