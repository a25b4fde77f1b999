"""Memory of the running window, and how fast ``mriexplorer --version`` answers.

    python tests/benchmarks/resident.py

Memory is the resident set of a process that shows the built-in brain with histograms after a drag through all presets and
maps, in MB (memory-mapped pages of the cache included). The version is timed against ``python -c pass``, in turn.
"""

import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import numpy as np

WINDOW = """
import os, re
from mriexplorer.ui.window.application import application, open_window
from mriexplorer.view.presets import presets
from mriexplorer.view.state import State
from mriexplorer.view.views import VIEWS
app = application()
window = open_window(State())
window.side.begin()
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1000
def paint():
    for _ in range(5):
        app.processEvents()
paint()
first = resident()
for preset in presets():
    if preset.field == 3.0:
        window.session.apply_preset(preset)
        paint()
for view in VIEWS:
    window.session.choose_view(view)
    paint()
for step in range(60):
    window.session.step("axial", 1, 1, 1)
    window.session.step("axial", -1, -1, -2)
    paint()
print(f"{first:.0f} {resident():.0f}")
window.close()
"""


def main() -> None:
    """Print both."""
    environment = {**os.environ}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    run = subprocess.run([sys.executable, "-c", WINDOW], capture_output=True, text=True, env=environment, check=True)
    first, later = run.stdout.split()[-2:]
    print(f"resident memory: {first} MB at the first picture, {later} MB after all presets, maps and slices")
    script = Path(sysconfig.get_path("scripts")) / "mriexplorer"
    ours = [str(script), "--version"] if script.exists() else [sys.executable, "-m", "mriexplorer", "--version"]
    bare, version = in_turn([sys.executable, "-c", "pass"], ours)
    print(f"python -c pass {bare * 1e3:.1f} ms, {' '.join(ours[-2:])} {version * 1e3:.1f} ms: {version / bare:.2f} times")


def in_turn(*commands: list[str], rounds: int = 25) -> list[float]:
    """Median wall time of each command, started one after the other, round after round."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(rounds):
        for kept, command in zip(times, commands, strict=True):
            began = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            kept.append(time.perf_counter() - began)
    return [float(np.median(kept)) for kept in times]


if __name__ == "__main__":
    main()
