"""How large the ventricles of an anatomy must be, so that a picture of the brain shows them as large as wished.

A picture and a label map do not measure alike: partial volumes, and where ventricles end. So a few people are made, and the
logarithms of both measures joined by a line.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from mriexplorer.cohort.shape import exponential
from mriexplorer.generative.folds import Folds
from mriexplorer.generative.joint.brain import build, folds_of
from mriexplorer.generative.joint.model import load_joint, save_joint
from mriexplorer.generative.joint.sampling import invent, shape_of
from mriexplorer.generative.joint.seen import seen_ventricles

_PEOPLE = 24
_FIELD = 1.5  # T, of the scans that people were learnt from


def calibrate(folder: Path, folds: Folds, progress: Callable[[str], None]) -> tuple[float, float]:
    """Fit the line of a model, and save it with the model; returns it."""
    model = replace(load_joint(folder), ventricles=(0.0, 1.0))
    pairs = []
    for number, person in enumerate(invent(model, range(1, _PEOPLE + 1)), 1):
        anatomy = folds_of(folds, person.folds, torch.device("cpu"), half=True)
        brain = build(model, person, anatomy, voxel=2, field=_FIELD)
        warp = exponential(model.basis.velocity(shape_of(model, person)))
        made = brain.volumes["ventricle"] / sum(brain.volumes.values())
        pairs.append((np.log(made), np.log(seen_ventricles(brain.subject.maps, warp))))
        progress(f"ventricles measured: {number} of {_PEOPLE}")
    x, y = np.array(pairs).T
    b, a = np.polyfit(x, y, 1)
    save_joint(folder, replace(model, ventricles=(float(a), float(b))))
    return float(a), float(b)
