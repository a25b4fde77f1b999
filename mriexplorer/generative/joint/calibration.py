"""What an anatomy must be like, so that a picture of the brain shows ventricles and fluid as pictures of real people do.

A picture and a label map do not measure alike: partial volumes, where ventricles end, what counts as inside the skull. So a few
people are made, and lines fitted: from ventricles of the anatomy to those that are seen (logarithms), and from the brain's
share of the anatomy's inside to the fluid that is seen, which for real people goes with nWBV (``JointModel.fluid``).
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from mriexplorer.cohort.shape import exponential
from mriexplorer.errors import InputError
from mriexplorer.generative.folds import Folds
from mriexplorer.generative.joint.brain import build, folds_of
from mriexplorer.generative.joint.model import load_joint, save_joint
from mriexplorer.generative.joint.sampling import invent, shape_of
from mriexplorer.generative.joint.seen import seen_fluids

_PEOPLE = 24
_FIELD = 1.5  # T, of the scans that people were learnt from


def calibrate(folder: Path, folds: Folds, progress: Callable[[str], None]) -> None:
    """Fit the lines of a model, and save them with the model. Raises InputError where fluid and brain do not go together."""
    model = replace(load_joint(folder), ventricles=(0.0, 1.0), brain=(0.0, 1.0))
    rows = []
    for number, person in enumerate(invent(model, range(1, _PEOPLE + 1)), 1):
        anatomy = folds_of(folds, person.folds, torch.device("cpu"), half=True)
        made = build(model, person, anatomy, voxel=2, field=_FIELD, sized=False)
        seen = seen_fluids(made.subject.maps, exponential(model.basis.velocity(shape_of(model, person))))
        inside = sum(made.volumes.values())
        rows.append((made.volumes["ventricle"] / inside, (made.volumes["wm"] + made.volumes["gm"]) / inside, *seen))
        progress(f"ventricles and fluid measured: {number} of {_PEOPLE}")
    ventricles, brain, seen_ventricles, seen_fluid = np.array(rows).T
    b, a = np.polyfit(np.log(ventricles), np.log(seen_ventricles), 1)
    slope, start = np.polyfit(brain, seen_fluid, 1)
    if b <= 0 or slope >= 0 or model.fluid[1] >= 0:
        raise InputError(f"{folder}: brains that are sampled do not show less fluid with more brain; train on more people.")
    line = ((model.fluid[0] - start) / slope, model.fluid[1] / slope)
    save_joint(folder, replace(model, ventricles=(float(a), float(b)), brain=(float(line[0]), float(line[1]))))
