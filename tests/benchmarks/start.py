"""From process start to the first painted brain, against a bare program and, where installed, napari; in one run.

    python tests/benchmarks/start.py [--rounds 7] [--napari-python /path/to/python]

Every program is started in turn, round after round, so that a busy moment hits all alike. Each prints its wall time since the
process began when its first image has been painted; the table gives medians and ratios.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

OURS = """
import gc, sys, time
gc.disable()  # as mriexplorer.cli does
from mriexplorer.ui.window import application as A
from mriexplorer.view.state import State
app = A.application()
window = A.open_window(State())
left = {view for view in window.planes.views.values()}
def painted(view):
    left.discard(view)
    if not left:
        print(time.time() - float(sys.argv[1])); sys.stdout.flush(); import os; os._exit(0)
for view in list(left):
    view.painted.connect(lambda *_what, v=view: painted(v))
app.exec()
"""

BARE = """
import sys, time
import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication
app = QApplication(sys.argv[:1])
array = np.random.default_rng(0).random((193, 157), np.float32)
view = pg.GraphicsLayoutWidget()
view.resize(1366, 768)
class Seen(pg.ImageItem):
    def paint(self, *args):
        super().paint(*args)
        print(time.time() - float(sys.argv[1])); sys.stdout.flush(); import os; os._exit(0)
seen = Seen(array, axisOrder="row-major", levels=(0, 1))
view.addViewBox().addItem(seen)
view.show()
app.exec()
"""

NAPARI = """
import sys, time
import numpy as np
import napari
volume = np.random.default_rng(0).random((157, 193, 161), np.float32)
viewer = napari.Viewer()
viewer.add_image(volume)
def drawn(event):
    print(time.time() - float(sys.argv[1])); sys.stdout.flush(); import os; os._exit(0)
viewer.window._qt_viewer.canvas._scene_canvas.events.draw.connect(drawn, position="last")
napari.run()
"""


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--napari-python", type=Path, default=None)
    options = parser.parse_args()
    programs = {"bare PySide6 + pyqtgraph": (sys.executable, BARE), "mriexplorer": (sys.executable, OURS)}
    if options.napari_python:
        programs["napari, the same volume"] = (str(options.napari_python), NAPARI)
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _round in range(options.rounds + 1):
        for name, (python, code) in programs.items():
            times[name].append(started(python, code))
    bare = np.median(times["bare PySide6 + pyqtgraph"][1:])
    for name, values in times.items():  # the first round warms the disk
        middle = np.median(values[1:])
        print(f"{name:28s} median {middle:.2f} s (first {values[0]:.2f})   {middle / bare:.2f} times bare")


def started(python: str, code: str) -> float:
    """Seconds from the start of a process to its first painted image."""
    environment = {**os.environ}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    run = subprocess.run([python, "-c", code, str(time.time())], capture_output=True, text=True, env=environment, check=False)
    if not run.stdout.strip():
        raise SystemExit(f"{python} painted nothing:\n{run.stderr[-2000:]}")
    return float(run.stdout.split()[-1])


if __name__ == "__main__":
    main()
