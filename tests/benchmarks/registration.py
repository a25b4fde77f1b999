"""How well the scans of a rotated and shifted simulated session are brought together.

    python tests/benchmarks/registration.py [--trials 40] [--anatomies FOLDER] [--turn 15] [--shift 15]

Each trial is a person with a T1w and one other scan of random protocol and effects, the head of the second turned and
shifted by up to so many degrees and millimetres about and along each axis. Errors: of the
rotation, and the mean over the brain in millimetres.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mriexplorer.dataset.gathering import between  # noqa: E402
from mriexplorer.reading.volume import Volume  # noqa: E402
from mriexplorer.simulation import acquisition as scans  # noqa: E402
from mriexplorer.simulation import person as people  # noqa: E402
from mriexplorer.simulation.anatomy import prepare, sources  # noqa: E402
from mriexplorer.simulation.labels import codes_of  # noqa: E402
from mriexplorer.subject.tissue_maps import Grid  # noqa: E402

KINDS = ("T2w", "FLAIR")


def scan(person: people.SimulatedPerson, kind: str, motion: tuple[float, ...], rng: np.random.Generator) -> Volume:
    protocol = scans.choose(rng, kind)
    brain = np.isin(person.segmentation, codes_of("wm") + codes_of("gm"))
    how = replace(scans.draw(rng, protocol, scans.brain_signal(person.subject, brain, protocol)), motion=motion)
    integers, grid = scans.acquire(person.subject, how, rng)
    return Volume(integers.astype(np.float32), grid, Path(kind))


def trial(
    person: people.SimulatedPerson, kind: str, rng: np.random.Generator, turn: float, shift: float
) -> tuple[float, float, float]:
    """Error in degrees, in millimetres, and seconds."""
    still, motion = (0.0,) * 6, tuple(rng.uniform(-1, 1, 6) * np.repeat((shift, turn), 3))
    fixed, moving = scan(person, "T1w", still, rng), scan(person, kind, motion, rng)
    began = perf_counter()
    found = between(fixed, moving)
    took = perf_counter() - began
    grid = person.subject.maps.grid
    truth = scans.rigid(motion, centre(grid))
    left = found[:3, :3] @ truth[:3, :3].T
    angle = np.degrees(np.arccos(np.clip((np.trace(left) - 1) / 2, -1, 1)))
    places = (
        np.argwhere(np.isin(person.segmentation, codes_of("wm") + codes_of("gm")))[::997] @ grid.affine[:3, :3].T
        + grid.affine[:3, 3]
    )
    places = np.concatenate([places, np.ones((len(places), 1))], axis=1)
    apart = np.linalg.norm(((found - truth) @ places.T)[:3], axis=0)
    return float(angle), float(apart.mean()), took


def centre(grid: Grid) -> np.ndarray:
    x, y, z = grid.shape
    return np.array(grid.to_mm(((x - 1) / 2, (y - 1) / 2, (z - 1) / 2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--anatomies", type=Path)
    parser.add_argument("--turn", type=float, default=15)
    parser.add_argument("--shift", type=float, default=15)
    options = parser.parse_args()
    found = tuple(people.source_of(path, prepare(path)) for path in sources(options.anatomies))
    plan = people.SimulationPlan(5, 3.0, 1, "adults", (), (), found)
    results = []
    for number in range(options.trials):
        if number % 4 == 0:
            person = people.make(plan, number // 4)
        kind = KINDS[number % 2]
        results.append(trial(person, kind, np.random.default_rng([5, number]), options.turn, options.shift))
        angle, apart_mm, took = results[-1]
        print(f"{person.name} {person.source.name} {kind}: {angle:.2f} degrees, {apart_mm:.2f} mm, {took:.1f} s", flush=True)
    angles, apart, seconds = np.array(results).T
    good = np.mean((angles <= 0.5) & (apart <= 0.5))
    print(f"\nwithin 0.5 mm and 0.5 degrees: {good:.0%}; 95 % within {np.percentile(apart, 95):.2f} mm and "
          f"{np.percentile(angles, 95):.2f} degrees; {np.median(seconds):.1f} s each")  # fmt: skip


if __name__ == "__main__":
    main()
