"""Attributes estimated from an open subject's brain: an image of the maps, its shape, and the joint model's answer."""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.conditions import checked
from mriexplorer.generative.joint.model import JointModel
from mriexplorer.generative.joint.sample import estimates
from mriexplorer.simulation.demons import DemonsRegistration, register_demons
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.standard_frame import standard_brain, t1w
from mriexplorer.subject.attribute_estimate import AttributeEstimate
from mriexplorer.subject.record_columns import modelled
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, TissueMaps

_OF_MAPS = ("nwbv",)  # what the maps tell themselves
_SOFT = 0.8  # voxels of 2 mm: the blur after which sampled images have as much fine power as OASIS-1's at 2 mm
_FAINT = 0.02
_POORLY = 0.30  # root mean square difference of shades beyond which a shape is doubtful
_GUESSED = "These are estimates of a research model from the shape of the brain alone, not findings; not for diagnosis."


def estimates_of(
    model: JointModel, subject: Subject, known: Mapping[str, float | str], progress: Callable[[str], None],
    device: torch.device | None = None,
) -> tuple[list[AttributeEstimate], list[str]]:  # fmt: skip
    """Estimates of each column that is not ``known``, and what must be said of them. Raises InputError."""
    given = checked(model, known)
    found, said = shape_of_subject(subject, progress)
    progress("asking the model")
    given["ventricles"] = 100 * found.ventricles
    return estimates(model, model.basis.numbers(found.velocity), given, device), [*said, _GUESSED]


def recorded(model: JointModel, subject: Subject) -> dict[str, float | str]:
    """What of a subject's record the model has columns for; what it cannot take is left out."""
    found: dict[str, float | str] = {}
    known = [one for one in modelled() if one.aliases and not one.hidden and one.name not in _OF_MAPS]
    named = {name: one.name for one in known for name in (one.name, one.short)}
    for attribute in subject.attributes:
        name = named.get(attribute.name.lower())
        if name is None:
            continue
        try:
            found |= checked(model, {name: attribute.value})
        except InputError:
            continue
    return found


def shape_of_subject(subject: Subject, progress: Callable[[str], None]) -> tuple[DemonsRegistration, list[str]]:
    """The shape of a subject's brain, and what must be said of it. Raises InputError where there is no whole brain."""
    brain = standard_brain(subject.maps, subject.name, progress)
    progress("finding the shape of the brain")
    found, said = register_demons(brain.image, grid_of(2), brain.inside), list(brain.notices)
    if found.residual > _POORLY:
        said.append("The brain's shape was found poorly; take the estimates with doubt.")
    return found, said


def soft_t1w(maps: TissueMaps) -> Floats:
    """The same of maps at 2 mm, as soft as the scans that people were learnt from; 0 outside of the brain."""
    from scipy.ndimage import gaussian_filter

    image = np.asarray(gaussian_filter(t1w(maps), _SOFT), np.float32)
    return np.where(image > _FAINT * image.max(), image, 0).astype(np.float32)
