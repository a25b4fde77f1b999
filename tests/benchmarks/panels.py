"""How long panels beside the planes take to open on a person, first (built, with what they import) and again.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/panels.py [--rounds 5]

Wall and processor time (ms) until the panel is drawn in a window that shows histograms, as it does when it opens; each round in a
process of its own, the table gives medians. What is measured beside the window, such as volumes, comes later and is not in it.
"""

import argparse
import subprocess
import sys

import numpy as np

PANELS = ("curves", "pulses", "measure", "volumetry", "model")
CODE = """
import sys, time
from dataclasses import replace
from mriexplorer.render.scene import Scene
from mriexplorer.subject.subject import Attribute
from mriexplorer.ui.window import application as A
from mriexplorer.view.state import State
app = A.application()
window = A.open_window(State())
window.side.begin()
record = (Attribute("age", "63"), Attribute("sex", "F"), Attribute("mmse", "29"), Attribute("cdr", "0"))
subject = replace(window.session.scene.subject, literature=False, synthetic=True, attributes=record)
window.session.workspace.scene = scene = Scene(subject)
window.session.workspace.subject_changed(scene)
window.session.volumetry.measure = lambda _scene: None
for _ in range(20):
    app.processEvents()
for _time in range(2):
    wall, processor = time.perf_counter(), time.process_time()
    window.session.show_panels(side=sys.argv[1])
    app.processEvents()
    print(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor))
    window.session.show_panels(side="histograms")
    app.processEvents()
window.close()
"""


def opened(panel: str) -> list[float]:
    """Wall and processor time of the first opening, and of the second."""
    done = subprocess.run([sys.executable, "-c", CODE, panel], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()[-4:]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"{'ms, median of ' + str(rounds):22s}{'first':>8s}{'(CPU)':>8s}{'again':>8s}{'(CPU)':>8s}")
    for panel in PANELS:
        times = np.median([opened(panel) for _ in range(rounds)], axis=0)
        print(f"{panel:22s}" + "".join(f"{one:8.0f}" for one in times))


if __name__ == "__main__":
    main()
