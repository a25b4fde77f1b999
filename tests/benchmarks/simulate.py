"""How long a simulated person takes, how much memory, and what two jobs gain.

    python tests/benchmarks/simulate.py [-n 8] [--anatomies FOLDER] [--voxel 1]

People with three scans are written to a temporary folder: by one process on one core, then by two. Read on an idle machine.
"""

import argparse
import os
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mriexplorer.dataset.simulated import SimulationSettings, simulate  # noqa: E402
from mriexplorer.workers import Workers  # noqa: E402


def took(settings: SimulationSettings, jobs: int) -> tuple[float, float]:
    """Seconds with and without the start of the workers."""
    began = perf_counter()
    with Workers(jobs) as workers:
        list(workers.each(abs, range(jobs)))
        ready = perf_counter()
        simulate(settings, workers)
        return perf_counter() - began, perf_counter() - ready


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=8)
    parser.add_argument("--anatomies", type=Path)
    parser.add_argument("--voxel", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warm = SimulationSettings(1, 9, Path(folder) / "warm", options.anatomies, voxel=options.voxel)
        took(warm, 1)
        times = {}
        for jobs in (1, 2):
            settings = SimulationSettings(options.n, 10, Path(folder) / f"jobs{jobs}", options.anatomies, voxel=options.voxel)
            times[jobs] = took(settings, jobs)
            print(f"{jobs} job{'s' * (jobs > 1)}: {times[jobs][1] / options.n:.1f} s a person, workers ready after "
                  f"{times[jobs][0] - times[jobs][1]:.1f} s", flush=True)  # fmt: skip
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    work, whole = (times[1][which] / times[2][which] for which in (1, 0))
    print(f"two jobs are {work:.2f} times as fast as one "
          f"({whole:.2f} with their start, for {options.n} people); most memory {peak / 1e6:.2f} GB")  # fmt: skip


if __name__ == "__main__":
    main()
