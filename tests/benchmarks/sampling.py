"""How long a sampled person takes, part by part, and how quickly a slider is painted while one is being sampled.

    python tests/benchmarks/sampling.py

Times in seconds of this machine; the last line is the 95th percentile from slider to painted planes, with and without sampling.
"""

import os
import sys
from pathlib import Path
from time import monotonic, perf_counter, sleep

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import torch

from mriexplorer.generative.folding.model import load_folding
from mriexplorer.generative.joint.brain import build, folding_anatomy, rough_anatomy
from mriexplorer.generative.joint.model import load_joint
from mriexplorer.generative.joint.sample import sample_subjects
from mriexplorer.generative.model_folder import find_model
from mriexplorer.places import FOLDING, PEOPLE
from mriexplorer.view.state import State

DRAGS = 150


def people(device: torch.device) -> None:
    """Four people; the first is not counted."""
    model, folding = load_joint(find_model(PEOPLE)), load_folding(find_model(FOLDING))
    rows = []
    for seed in range(1, 5):
        marks = [perf_counter()]
        person = sample_subjects(model, [seed], device=device)[0]
        marks.append(perf_counter())
        build(model, person, rough_anatomy(folding, person.folding), voxel=2, field=3.0, rough=True)
        marks.append(perf_counter())
        anatomy = folding_anatomy(folding, person.folding, device, half=False)
        marks.append(perf_counter())
        build(model, person, anatomy, voxel=1, field=3.0)
        marks.append(perf_counter())
        half = folding_anatomy(folding, person.folding, device, half=True)
        marks.append(perf_counter())
        build(model, person, half, voxel=2, field=3.0)
        marks.append(perf_counter())
        rows.append(np.diff(marks))
    mean = np.mean(rows[1:], axis=0)
    names = ("record", "rough brain", "folding", "brain, 1 mm", "folding again", "brain, 2 mm")
    print(f"{device}: " + ", ".join(f"{name} {value:.2f}" for name, value in zip(names, mean, strict=True)))
    preview, whole, half = mean[:2].sum(), mean[:4].sum(), mean[0] + mean[4:].sum()
    print(f"preview after {preview:.1f} s, whole at 1 mm after {whole:.1f} s, at 2 mm {half:.1f} s")


def window() -> None:
    """A slider is dragged while four people are sampled."""
    from PySide6.QtCore import QEventLoop

    from mriexplorer.ui.window.application import application, open_window

    running = application(offscreen=True)
    shown = open_window(State())
    shown.corner.begin()

    def dragged(busy: bool) -> list[float]:
        found = []
        end = monotonic() + 60
        while len(found) < DRAGS and monotonic() < end:
            if busy and shown.session.gallery.draft is None:
                shown.session.gallery.sample()
            running.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
            began = perf_counter()
            shown.session.set_value("ti", 0.5 + 0.004 * len(found))
            running.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 1)
            shown.planes.repaint()
            found.append(perf_counter() - began)
            sleep(0.03)
        return found

    idle = dragged(busy=False)
    busy = dragged(busy=True)
    shown.close()
    parts = [f"{name} {1000 * np.percentile(times, 95):.1f} ms (median {1000 * np.median(times):.1f})"
             for name, times in (("idle", idle), ("while sampling", busy))]  # fmt: skip
    print("slider to painted, 95th percentile: " + ", ".join(parts))


if __name__ == "__main__":
    for name in ["cuda"] * torch.cuda.is_available() + ["cpu"]:
        people(torch.device(name))
    window()
