"""How far the signal equations are from the Bloch simulator of tests/physics, as Markdown tables for docs/physics.md.

    python tests/benchmarks/equations.py

Deviation in percent of the largest signal among white matter, grey matter, CSF, fat and lesion, for every preset: the full
equation as it is, and the ideal one (eq. 1 of the paper) scaled so that white matter agrees, as a scanner's unknown gain would.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "physics"))
import bloch

from mriexplorer.physics import SEQUENCES, TISSUES, signal
from mriexplorer.view.presets import presets

SIMULATED = {"mprage": bloch.mprage, "se": bloch.spin_echo, "tse": bloch.turbo_spin_echo, "flair": bloch.turbo_spin_echo,
             "dir": bloch.spin_echo, "psir": bloch.turbo_spin_echo, "mp2rage": bloch.mp2rage, "bssfp": bloch.balanced,
             "spgr": bloch.spoiled_gradient_echo, "gre": bloch.spoiled_gradient_echo}  # fmt: skip
IDEAL = ("mprage", "se", "tse", "flair")  # whose ideal rows are of the same sequence


def main() -> None:
    """Print both tables."""
    names = list(TISSUES)
    head = " | ".join(TISSUES[name].short for name in names)
    for title, off in (("Full equations", full), ("Ideal equations, white matter matched", ideal)):
        print(f"\n{title}: deviation, % of the largest signal\n\n| preset | {head} |\n|---|{'---|' * len(names)}")
        for preset in presets():
            if off is ideal and preset.sequence not in IDEAL:
                continue
            truth = np.array([simulated(preset, name) for name in names])
            deviation = 100 * (off(preset, names, truth) - truth) / np.abs(truth).max()
            print(f"| {preset.title} | {' | '.join(f'{d:+.3f}' if title[0] == 'F' else f'{d:+.1f}' for d in deviation)} |")


def simulated(preset: object, name: str) -> float:
    """The simulator's signal of one tissue."""
    at = TISSUES[name].at[preset.field]
    pd = 1.0 if SEQUENCES[preset.sequence].of_t1 else TISSUES[name].pd
    return pd * SIMULATED[preset.sequence](at.t1, getattr(at, SEQUENCES[preset.sequence].decay), **preset.values)


def computed(row: object, values: dict, preset: object, name: str) -> float:
    """An equation's signal of one tissue, with its sign."""
    tissue = TISSUES[name]
    at = tissue.at[preset.field]
    arguments = (np.float64(tissue.pd), np.float64(at.t1), np.float64(getattr(at, row.decay)))
    return float(signal(row, *arguments, values, magnitude=False))


def full(preset: object, names: list[str], truth: np.ndarray) -> np.ndarray:
    """The full equation."""
    row = SEQUENCES[preset.sequence]
    return np.array([computed(row, preset.values, preset, name) for name in names])


def ideal(preset: object, names: list[str], truth: np.ndarray) -> np.ndarray:
    """The ideal equation with the gain that makes white matter agree."""
    row = SEQUENCES[SEQUENCES[preset.sequence].twin]
    found = np.array([computed(row, row.complete(preset.values), preset, name) for name in names])
    return found * truth[names.index("wm")] / found[names.index("wm")]


if __name__ == "__main__":
    main()
