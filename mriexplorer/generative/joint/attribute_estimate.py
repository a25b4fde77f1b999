"""Attributes estimated from an open subject's brain: an image of the maps, its shape, and the joint model's answer."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.generative.joint.conditions import checked
from mriexplorer.generative.joint.model import JointModel
from mriexplorer.generative.joint.sample import estimates
from mriexplorer.physics import SEQUENCES, signal
from mriexplorer.simulation.demons import DemonsRegistration, hull_of, normalised_intensity, register_demons
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import CENTRE
from mriexplorer.subject.attribute_estimate import AttributeEstimate
from mriexplorer.subject.record_columns import modelled
from mriexplorer.subject.reference import template, template_intensity
from mriexplorer.subject.registration import register, to_image
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, Grid, TissueMaps

_OF_MAPS = ("nwbv",)  # what the maps tell themselves
_AROUND = 5.0  # mm beyond the template's brain in which a brain may still lie
_SHORT = 0.45  # s: T1 of fat, which is no brain
_USUAL = 1788.0  # cm³ of the closed brain in scans that were brought to the atlas, mean of 30 sessions of OASIS-1 (sd 41)
_SOFT = 0.8  # voxels of 2 mm: the blur after which sampled images have as much fine power as OASIS-1's at 2 mm
_FAINT = 0.02
_SOLID = 0.25  # shade above which there is white or grey matter
_POORLY = 0.30  # root mean square difference of shades beyond which a shape is doubtful
_SKULL = "The maps hold more than a brain; what lies outside was left out by the template's mask, which is a rough cut."
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
    maps, said = subject.maps, list[str]()
    progress("drawing the brain")
    motion, head = _motion(maps, subject.name), _is_head(maps)
    image, brain = _brain(maps, motion, head=head)
    solid = brain & (normalised_intensity(image, brain) > _SOLID)
    size = hull_of(solid, 2.0).sum() * 8 / 1000 / _USUAL
    image, brain = _brain(maps, motion @ _scaled(size ** (1 / 3)), head=head)
    if head:
        said.append(_SKULL)
    progress("finding the shape of the brain")
    found = register_demons(image, grid_of(2), brain)
    if found.residual > _POORLY:
        said.append("The brain's shape was found poorly; take the estimates with doubt.")
    return found, said


def _brain(maps: TissueMaps, motion: NDArray[np.float64], *, head: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """A T1w of the maps on the grid of 2 mm, and where there is brain."""
    image, valid, t1 = _resampled(maps, motion)
    return image, _largest(valid & _near_template() & (t1 > _SHORT) if head else valid)


def _scaled(factor: float) -> NDArray[np.float64]:
    """Larger about the middle of the template's brain."""
    found = np.diag([factor, factor, factor, 1.0])
    found[:3, 3] = CENTRE * (1 - factor)
    return found


def t1w(maps: TissueMaps) -> Floats:
    """A T1-weighted image of maps (MPRAGE, its usual times); 0 where there is nothing."""
    row = SEQUENCES["mprage"]
    valid = maps.valid
    pd, t1, t2 = (np.where(valid, part, 1).astype(np.float32) for part in (maps.pd, maps.t1, maps.decay_star))
    return np.where(valid, np.asarray(signal(row, pd, t1, t2, row.defaults())), 0).astype(np.float32)


def soft_t1w(maps: TissueMaps) -> Floats:
    """The same of maps at 2 mm, as soft as the scans that people were learnt from; 0 outside of the brain."""
    from scipy.ndimage import gaussian_filter

    image = np.asarray(gaussian_filter(t1w(maps), _SOFT), np.float32)
    return np.where(image > _FAINT * image.max(), image, 0).astype(np.float32)


def _motion(maps: TissueMaps, name: str) -> NDArray[np.float64]:
    """From millimetres of the standard frame to those of the maps."""
    if any(maps.grid.same_as(grid_of(voxel)) for voxel in (1, 2)):
        return np.eye(4)
    shown = np.where(maps.valid, 1 / np.maximum(maps.t1, 0.3), 0).astype(np.float32)
    return register(to_image(*template_intensity()), to_image(shown, maps.grid.affine), name)


def _resampled(maps: TissueMaps, motion: NDArray[np.float64]) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """A T1-weighted image of the maps, where they have a value, and T1 (s); on the grid of 2 mm."""
    from scipy.ndimage import affine_transform, gaussian_filter

    grid = grid_of(2)
    valid = maps.valid
    step = np.linalg.inv(maps.grid.affine) @ motion @ grid.affine
    wide = [max(0.0, 0.45 * 2 / edge - 0.3) for edge in maps.grid.spacing]

    def brought(volume: Floats) -> Floats:
        smooth = gaussian_filter(volume, wide)
        return np.asarray(affine_transform(smooth, step[:3, :3], step[:3, 3], grid.shape, order=1, output=np.float32))

    return brought(t1w(maps)), brought(valid.astype(np.float32)) > 0.5, brought(maps.t1)


def _is_head(maps: TissueMaps) -> bool:
    """Whether there is more than a brain: fat, which has a short T1."""
    valid = maps.valid
    return bool((valid & (maps.t1 < _SHORT)).sum() > 0.02 * valid.sum())


def _near_template() -> NDArray[np.bool_]:
    from scipy.ndimage import affine_transform, distance_transform_edt

    _wm, _gm, mask, affine = template()
    grid: Grid = grid_of(2)
    step = np.linalg.inv(affine) @ grid.affine
    inside = affine_transform(mask.astype(np.float32), step[:3, :3], step[:3, 3], grid.shape, order=1) > 0.5
    return np.asarray(distance_transform_edt(~inside, 2.0) < _AROUND)


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest part that hangs together."""
    from scipy.ndimage import label

    parts, count = label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(parts.reshape(-1))[1:]
    return np.asarray(parts == 1 + int(sizes.argmax()))
