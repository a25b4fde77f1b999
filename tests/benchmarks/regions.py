"""What a slider waits for when regions are measured: look-ups and statistics of 100 000 voxels, for every sequence.

    python tests/benchmarks/regions.py

Prints median and 95th percentile in milliseconds over 200 calls: the signal of the voxels, and its mean, SD, least and most
value, as the panel computes them while a slider is dragged; then what happens once, when a region is made.
"""

import time

import numpy as np

from mriexplorer.measure.masks import RoiMasks
from mriexplorer.measure.statistics import bins
from mriexplorer.measure.summary import summary
from mriexplorer.physics import SEQUENCES
from mriexplorer.physics.lookup import Voxels
from mriexplorer.render.imaging import Imaging
from mriexplorer.subject.reference import load_reference
from mriexplorer.view.region import TISSUE_CLASSES, Region
from mriexplorer.view.state import State

VOXELS = 100_000
CALLS = 200


def main() -> None:
    """Print the table."""
    draw = np.random.default_rng(1)
    pd, t1, t2 = (draw.uniform(low, high, VOXELS).astype(np.float32) for low, high in ((0.5, 1), (0.5, 4.5), (0.03, 0.3)))
    voxels = Voxels.of(pd, t1, t2, t2)
    print(f"{VOXELS} voxels, {CALLS} calls, milliseconds")
    for name in SEQUENCES:
        table = Imaging.of(State().with_sequence(name), None).table
        assert table is not None, "the defaults of every sequence are possible"
        row(name, timed(lambda table=table: summary(voxels.signal(table))))
    table = Imaging.of(State(), None).table
    signal = voxels.signal(table)
    row("histogram", timed(lambda: bins(signal)))
    subject = load_reference(3.0)
    holder = RoiMasks(subject)
    for tissue, label in TISSUE_CLASSES.items():
        region = Region("A", "tissue", tissue=tissue)
        began = time.perf_counter()
        count = holder.voxels_of(region).count
        print(f"  once: {label}, {count} voxels {(time.perf_counter() - began) * 1e3:.0f}")


def timed(call: object) -> list[float]:
    """Wall time of calls."""
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return times


def row(name: str, times: list[float]) -> None:
    """One line of the table."""
    print(f"  {name:16s} median {np.median(times) * 1e3:6.2f}   95 % {np.percentile(times, 95) * 1e3:6.2f}")


if __name__ == "__main__":
    main()
