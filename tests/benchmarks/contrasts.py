"""From a slider event to nine painted contrasts: a scripted drag of 300 steps that moves all of them together.

    python tests/benchmarks/contrasts.py [--layout "contrasts 3x3"] [--size 1366x768] [--alone]

Prints median and 95th percentile in milliseconds: of the whole way from the mouse event to the painted window, by the clock and
by what the thread computed (where the machine has other work as well, the clock counts that too); of the pixels of all cells
alone; beside them, as a yardstick of the machine, a copy of the window's pixels.
"""

import argparse
import time

import numpy as np
from drag import STEPS, drag, row, timed

from mriexplorer.figures.cells import cell_states
from mriexplorer.ui.window.application import application, open_window
from mriexplorer.view.state import State


def main() -> None:
    """Run the drag and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--layout", default="contrasts 3x3")
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--alone", action="store_true", help="move the chosen contrast only")
    options = parser.parse_args()
    running = application()
    window = open_window(State().with_sequence("se"))
    window.resize(*map(int, options.size.split("x")))
    window.side.begin()
    window.session.show(layout=options.layout)
    window.session.comparison.set_together(not options.alone)
    for _ in range(20):
        running.processEvents()
    count = len(window.session.state.contrasts)
    painted: list[float] = []
    for view in window.stage.cells.visible_views():
        view.painted.connect(lambda *what: painted.append(what[-1]))
    way = drag(running, window.contrast._sliders["tr"]._track)
    moving = 1 if options.alone else count
    assert len(painted) >= 0.9 * STEPS * moving, f"only {len(painted)} of {STEPS * moving} cells were painted"
    size = f"{window.width()}x{window.height()}, {running.platformName()}"
    print(f"{count} contrasts, {moving} moving, TR, {size}, {STEPS} steps, milliseconds")
    row(f"event to {moving} painted cells and read-outs", way)
    row("the same, time of the processor", drag(running, window.contrast._sliders["tr"]._track, time.thread_time))
    row(f"pixels of {count} cells", pixel_times(window))
    frame = np.zeros(window.width() * window.height(), np.uint32)
    row("yardstick: copy of the window's pixels", timed(frame.copy))
    window.close()


def pixel_times(window: object) -> list[float]:
    """The pixels of every cell, tables included."""
    scene, state = window.session.scene, window.session.state
    shown = cell_states(state)

    def paint() -> None:
        for place, one in enumerate(shown):
            scene.rendered((state.display.plane,), one, f"cell {place}")

    return timed(paint)


if __name__ == "__main__":
    main()
