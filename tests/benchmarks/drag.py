"""From a slider event to painted planes and read-outs: a scripted drag of 300 steps.

    python tests/benchmarks/drag.py [--sequence flair] [--size 1366x768]

Prints median and 95th percentile in milliseconds: of the whole way from the mouse event to the painted window, and of the
signal of three planes alone; beside them, as a yardstick of the machine, a copy of the window's pixels.
"""

import argparse
import os
import time
from collections.abc import Callable

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from mriexplorer.render.imaging import Imaging
from mriexplorer.ui.window.application import application, open_window
from mriexplorer.view.state import State

STEPS = 300


def main() -> None:
    """Run the drag and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequence", default="flair")
    parser.add_argument("--parameter", default="ti")
    parser.add_argument("--size", default="1366x768")
    options = parser.parse_args()
    running = application()
    window = open_window(State().with_sequence(options.sequence))
    window.resize(*map(int, options.size.split("x")))
    window.side.begin()
    for _ in range(20):
        running.processEvents()
    track = window.contrast._sliders[options.parameter]._track
    painted = []
    window.planes.views["coronal"].painted.connect(lambda *what: painted.append(what))
    way = drag(running, track)
    assert not window.session.state.problems, "the drag must stay where a scanner could go"
    assert len(painted) >= 0.9 * STEPS, f"only {len(painted)} of {STEPS} steps were painted"
    size = f"{window.width()}x{window.height()}, {running.platformName()}"
    print(f"{options.sequence}, {options.parameter}, {size}, {STEPS} steps, milliseconds")
    row("event to painted planes and read-outs", way)
    row("signal of three planes", signal_times(window))
    frame = np.zeros(window.width() * window.height(), np.uint32)
    row("yardstick: copy of the window's pixels", timed(frame.copy))
    window.close()


def drag(running: QApplication, track: object, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Press, move in 300 steps, release; each step timed by ``clock`` until every paint event is done."""
    times = []
    send(track, QEvent.Type.MouseButtonPress, track.width() * track.notch)
    for step in range(STEPS):
        swing = 0.05 * np.sin(6 * np.pi * step / STEPS) + 0.004 * (step % 2)  # around the default, where every step is possible
        x = track.width() * (track.notch + swing)
        began = clock()
        send(track, QEvent.Type.MouseMove, x)
        running.processEvents()
        times.append(clock() - began)
    send(track, QEvent.Type.MouseButtonRelease, 0)
    return times


def send(track: object, kind: QEvent.Type, x: float) -> None:
    """One mouse event on the slider."""
    at = QPointF(x, track.height() / 2)
    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, track.mapToGlobal(at), left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(track, event)


def signal_times(window: object) -> list[float]:
    """The signal of the three visible planes, tables included."""
    scene, state = window.session.scene, window.session.state
    at = scene.voxel(state)
    cuts = [
        scene._cut(name, at[index], state.display.convention) for name, index in (("axial", 2), ("sagittal", 0), ("coronal", 1))
    ]

    def signal() -> None:
        table = Imaging.of(state, None).table
        for part in cuts:
            part.voxels.signal(table)

    return timed(signal)


def timed(call: object) -> list[float]:
    """Wall time of 300 calls."""
    times = []
    for _ in range(STEPS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return times


def row(name: str, times: list[float]) -> None:
    """One line of the table."""
    print(f"  {name:42s} median {np.median(times) * 1e3:6.2f}   95 % {np.percentile(times, 95) * 1e3:6.2f}")


if __name__ == "__main__":
    main()
