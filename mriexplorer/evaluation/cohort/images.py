"""A person's T1w on the grid that all people of a comparison share, and where its regions lie.

Whoever is judged is brought to voxels of 2 mm in the standard frame: maps through the equation of an MPRAGE, scans through the
rigid registration that gathering uses. Then everybody is resampled once more (cubic), scaled so that the closed brain has
1788 cm³, as the atlas that OASIS-1 was brought to gives it: head size is judged in the record, not in the image. Registering the
template to the brain (demons, 4 mm) tells which place is of which region.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.dataset.gathering import gather, on_grid
from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.sources import PersonSource
from mriexplorer.evaluation.cohort.spectrum import Numbers, spectrum
from mriexplorer.files import write_beside
from mriexplorer.physics import SEQUENCES, signal
from mriexplorer.reading.registry import read_volume
from mriexplorer.reading.volume import Volume
from mriexplorer.simulation.demons import demons_velocity, hull_of, tissue_means
from mriexplorer.simulation.labels import Labels
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import CENTRE, KNOTS, Vectors
from mriexplorer.simulation.standard_frame import CLOSED, SOLID, VOXEL, largest_part, near_template
from mriexplorer.subject.tissue_maps import Floats

_RECIPE = 4  # raised whenever an image comes out otherwise
_FAINT = 0.02  # of the brightest tissue: below it an extracted brain is empty
BRAIN_T1 = 0.45  # s: shorter is fat, which is no brain
_SKULL = 0.1  # of what is brighter than nothing may lie beyond that; more is a head that was not extracted
_ABOVE, _BELOW = 1.8, -0.4  # normalised intensity is cut there


@dataclass(frozen=True)
class BrainImage:
    """A brain on 2 mm. ``intensity`` (x, y, z): fluid 0, grey matter 0.5, white matter 1 at their means, linear between and
    beyond, 0 outside of the brain; ``velocity`` (3, knots), mm, is the warp of the template (``demons``); ``scale`` the linear
    factor that brought the closed brain to its usual size; ``head`` says whether a skull was there, and cut off roughly;
    ``spectrum`` (``spectrum.spectrum``) is that of the brain before it was resampled.
    """

    intensity: Floats
    brain: NDArray[np.bool_]
    velocity: Vectors
    scale: float
    head: bool
    spectrum: Numbers


def brain_image(source: PersonSource, *, registered: bool = True) -> BrainImage:
    """Bring a person to the common grid; without being ``registered``, regions and ventricles are the template's.

    Raises InputError, whose sentence names the person, where there is no brain.
    """
    try:
        image, brain, head = _on_grid(source)
        solid = brain & (linear_intensity(image, brain) > SOLID)
        power = spectrum(np.where(brain, image, 0))
        scale = (hull_of(solid, VOXEL).sum() * VOXEL**3 / 1000 / CLOSED) ** (1 / 3)
        image, brain = scaled_about_middle(image, scale, 3), scaled_about_middle(brain.astype(np.float32), scale, 1) > 0.5
        intensity = linear_intensity(image, brain)
        shades = np.where(brain, np.clip(intensity, 0, 1), 0).astype(np.float32)
        none = np.zeros((3, *KNOTS), np.float32)
        velocity = demons_velocity(shades, grid_of(VOXEL), coarse=True) if registered else none
    except InputError as error:
        raise InputError(f"{source.name}: {error}") from None
    return BrainImage(intensity, brain, velocity, float(1 / scale), head, power)


def maps_of(source: PersonSource) -> tuple[NDArray[np.float32], float] | None:
    """PD, T1, T2 (3, x, y, z) as they came, on the grid of ``person.grid_of``, and the voxel's edge (mm); None without maps.

    Raises InputError for maps with values that are no numbers.
    """
    if not source.has_maps:
        return None
    if source.session is not None:
        maps = np.stack([_posed(read_volume(source.session.maps[kind])) for kind in ("pd", "t1", "t2")])
    elif source.entry is not None:
        maps = np.asarray(source.entry.maps, np.float32)
    if not np.isfinite(maps).all():
        raise InputError(f"{source.name}: the maps hold values that are no numbers; give them without NaN.")
    return maps, 2.0 * grid_of(2).shape[0] / maps.shape[1]


def labels_of(source: PersonSource) -> tuple[Labels, float] | None:
    """Structure codes (x, y, z) on a grid of ``person.grid_of``, and the voxel's edge (mm); None without a segmentation."""
    if source.entry is not None and source.entry.has_labels:
        codes = np.asarray(source.entry.labels, np.uint8)
    elif source.session is not None and "labels" in source.session.maps:
        volume = read_volume(source.session.maps["labels"])
        if not any(volume.grid.same_as(grid_of(voxel)) for voxel in (1, 2)):
            return None  # of another frame, whose left and right halves are not those of the atlas
        codes = np.asarray(volume.data, np.uint8)
    else:
        return None
    return codes, 2.0 * grid_of(2).shape[0] / codes.shape[0]


def _posed(volume: Volume) -> Floats:
    """A map on the standard grid that it lies on, else brought to that of 1 mm."""
    if any(volume.grid.same_as(grid_of(voxel)) for voxel in (1, 2)):
        return volume.data
    return on_grid(volume, np.eye(4), 1, order=1)


def t1w_of(maps: NDArray[np.float32]) -> Floats:
    """An MPRAGE of maps (3, x, y, z) at its usual times; 0 where there is nothing."""
    valid, row = (maps > 0).all(axis=0), SEQUENCES["mprage"]
    shown = np.zeros(valid.shape, np.float32)
    pd, t1, t2 = (np.asarray(part[valid], np.float32) for part in maps)
    shown[valid] = np.asarray(signal(row, pd, t1, t2, row.defaults()))
    return shown


def _on_grid(source: PersonSource) -> tuple[Floats, NDArray[np.bool_], bool]:
    """A T1w on 2 mm, where its brain is, and whether a skull was cut off."""
    found = maps_of(source)
    if found is not None:
        maps, edge = found
        image, t1 = _coarse(t1w_of(maps), edge), _coarse(maps[1], edge)
        valid = _coarse(np.asarray((maps > 0).all(axis=0), np.float32), edge) > 0.5
        head = bool((valid & (t1 < BRAIN_T1)).sum() > _FAINT * valid.sum())
        return image, largest_part(valid & near_template() & (t1 > BRAIN_T1)) if head else valid, head
    image = _scan(source)
    there = image > _FAINT * float(np.percentile(image, 99.5))
    head = bool((there & ~near_template()).sum() > _SKULL * max(1, there.sum()))
    return image, largest_part(there & near_template()) if head else there, head


def _scan(source: PersonSource) -> Floats:
    """The T1w on 2 mm."""
    if source.session is not None:
        gathered = gather(source.session, VOXEL)
        return np.asarray(gathered.images[gathered.kinds.index("T1w")], np.float32)
    if source.entry is not None:
        image = np.asarray(source.entry.images[source.entry.kinds.index("T1w")], np.float32)
        return _coarse(image, 2.0 * grid_of(2).shape[0] / image.shape[0])
    raise ValueError("a source of neither a store nor a session")


def _coarse(volume: Floats, edge: float) -> Floats:
    """On 2 mm: the mean of eight voxels of 1 mm."""
    if round(edge) == VOXEL:
        return volume
    x, y, z = grid_of(VOXEL).shape
    return np.asarray(volume.reshape(x, 2, y, 2, z, 2).mean(axis=(1, 3, 5)), np.float32)


def scaled_about_middle(volume: Floats, scale: float, order: int, voxel: int = VOXEL) -> Floats:
    """Smaller by ``scale`` about the middle of the template's brain; ``volume`` on the grid of ``voxel`` mm."""
    from scipy.ndimage import affine_transform

    middle = (CENTRE - grid_of(voxel).affine[:3, 3]) / voxel
    return np.asarray(affine_transform(volume, np.full(3, scale), middle * (1 - scale), order=order, output=np.float32))


def linear_intensity(image: Floats, brain: NDArray[np.bool_]) -> Floats:
    """Normalised intensity that is not cut at the means of fluid and white matter. Raises InputError without three tissues."""
    fluid, grey, white = tissue_means(image, brain)
    low = 0.5 * (image - fluid) / (grey - fluid)
    high = 0.5 + 0.5 * (image - grey) / (white - grey)
    return np.where(brain, np.clip(np.where(image < grey, low, high), _BELOW, _ABOVE), 0).astype(np.float32)


# -- kept ------------------------------------------------------------------------------------------------------


def save_image(path: Path, image: BrainImage, stamp: str) -> None:
    """As float16, whole or not at all."""
    arrays: dict[str, Any] = {
        "intensity": image.intensity.astype(np.float16), "brain": np.packbits(image.brain),
        "velocity": image.velocity.astype(np.float16), "stamp": np.array(f"{_RECIPE} {stamp}"),
        "numbers": np.array([image.scale, image.head]), "spectrum": image.spectrum,
    }  # fmt: skip
    write_beside(path, lambda beside: _write(beside, arrays))


def _write(path: Path, arrays: dict[str, Any]) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def kept_image(path: Path, stamp: str) -> BrainImage | None:
    """What ``save_image`` wrote of a person whose files did not change since; else None."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if str(arrays["stamp"]) != f"{_RECIPE} {stamp}":
                return None
            shape = arrays["intensity"].shape
            brain = np.unpackbits(arrays["brain"], count=int(np.prod(shape))).reshape(shape).astype(bool)
            scale, head = map(float, arrays["numbers"])
            intensity, velocity = (np.asarray(arrays[name], np.float32) for name in ("intensity", "velocity"))
            power = np.asarray(arrays["spectrum"], float)
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return BrainImage(intensity, brain, velocity, scale, bool(head), power)
