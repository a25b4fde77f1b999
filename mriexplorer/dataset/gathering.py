"""The scans of one session on one grid: registered to each other, posed like the template, cut to the crop.

    scan ──rigid──► reference scan (T1w) ──rigid──► standard frame ──► 160 x 224 x 160 at 1 mm, or half of each at 2 mm

Each scan is resampled once, through both motions. A simulated person's maps lie in the standard frame already; its scans are
brought to them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.dataset.sessions import KINDS, ImagingSession
from mriexplorer.errors import InputError
from mriexplorer.reading.registry import read_volume
from mriexplorer.reading.volume import Volume
from mriexplorer.simulation.labels import Labels
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import CENTRE
from mriexplorer.subject.reference import template_intensity
from mriexplorer.subject.registration import register, to_image
from mriexplorer.subject.tissue_maps import Floats

_FAR = 60.0  # mm that a scan was moved, beyond which its picture should be looked at
_LEAST_SIGNAL = 0.01  # of the voxels that have one
_LEAST_OVERLAP = 0.3  # of the crop's middle that a scan must cover


@dataclass(frozen=True)
class Gathered:
    """One session on the grid of its voxel size. ``images`` (kinds, x, y, z) float32, bright tissue about 1.

    Of simulated people there are ``maps`` (3, x, y, z): PD, T1, T2 (s); and ``labels`` (x, y, z), codes of structures. ``scales``
    are the factors that were divided out; ``motions`` (4, 4) take millimetres of the grid to those of each scan.
    """

    kinds: tuple[str, ...]
    images: Floats
    scales: tuple[float, ...]
    motions: Mapping[str, NDArray[np.float64]]
    maps: Floats | None
    labels: Labels | None
    notices: tuple[str, ...]


def gather(session: ImagingSession, voxel: int, progress: Callable[[str], None] = lambda _what: None) -> Gathered:
    """Bring a session's scans (and true maps) together. Raises InputError for files that cannot be used."""
    progress("reading the scans")
    volumes = {scan.kind: _usable(read_volume(scan.path)) for scan in session.scans}
    maps = {kind: read_volume(path) for kind, path in session.maps.items()}
    if not volumes:
        return _of_maps(session, maps, voxel)
    first = _reference(volumes)
    progress(f"finding the pose of {first}")
    to_frame = np.eye(4) if _is_posed(maps, voxel) else _pose(volumes[first])
    motions = {first: to_frame}
    for kind, volume in volumes.items():
        if kind != first:
            progress(f"registering {kind} to {first}")
            motions[kind] = between(volumes[first], volume) @ to_frame
    if maps and _is_posed(maps, voxel) and "t1" in maps:
        motions = _onto_maps(maps["t1"], volumes[first], motions)
    kinds = tuple(kind for kind in KINDS if kind in volumes)
    raw = {kind: on_grid(volumes[kind], motions[kind], voxel) for kind in kinds}
    for kind in kinds:
        _refuse_elsewhere(raw[kind], session, kind)
    scales = tuple(bright_intensity(raw[kind]) for kind in kinds)
    images = np.stack([raw[kind] / scale for kind, scale in zip(kinds, scales, strict=True)])
    notices = tuple(_notices(session, motions))
    return Gathered(kinds, images.astype(np.float32), scales, motions, *_truth(maps, voxel), notices)


def _of_maps(session: ImagingSession, maps: Mapping[str, Volume], voxel: int) -> Gathered:
    """A simulated person without scans."""
    if not _is_posed(maps, voxel):
        raise InputError(f"{session.name} has no scans, and maps on another grid than simulated people have; leave it out.")
    return Gathered((), np.zeros((0, *grid_of(voxel).shape), np.float32), (), {}, *_truth(maps, voxel), ())


def _truth(maps: Mapping[str, Volume], voxel: int) -> tuple[Floats | None, Labels | None]:
    """True maps and segmentation on the grid, where there are all."""
    if not {"pd", "t1", "t2"} <= set(maps):
        return None, None
    true = np.stack([on_grid(maps[kind], np.eye(4), voxel, order=1) for kind in ("pd", "t1", "t2")])
    labels = _labels_on_grid(maps["labels"], voxel) if "labels" in maps else None
    return true, labels


def _labels_on_grid(volume: Volume, voxel: int) -> Labels:
    from scipy.ndimage import affine_transform

    grid = grid_of(voxel)
    step = np.linalg.inv(volume.grid.affine) @ grid.affine
    moved = affine_transform(volume.data, step[:3, :3], step[:3, 3] - 0.01, grid.shape, order=0)
    return np.asarray(moved, np.uint8)


def _usable(volume: Volume) -> Volume:
    if not volume.grid.known:
        raise InputError(f"{volume.path} gives no orientation (neither sform nor qform), so it cannot be brought to the others.")
    data = _magnitude(volume)
    positive = data[data > 0]
    if positive.size < _LEAST_SIGNAL * data.size or float(np.ptp(positive)) == 0:
        raise InputError(
            f"{volume.path} shows no head: {'one value' if positive.size else 'no positive values'} only; leave it out."
        )
    data = np.minimum(data, 3 * np.percentile(positive, 99.5))  # single hot voxels
    if (data > 0.1 * data.max()).mean() < _LEAST_SIGNAL:
        raise InputError(f"{volume.path} shows no head: hardly any of its voxels has a signal; leave it out.")
    return Volume(np.asarray(data, np.float32), volume.grid, volume.path)


def _magnitude(volume: Volume) -> Floats:
    """Values as a scanner gives them: finite, none negative. A constant below zero is what was put around the head."""
    data = np.nan_to_num(volume.data, nan=0.0, posinf=0.0, neginf=0.0)
    high = np.float32(min(data.max(), 1e30))
    data = np.where(np.isposinf(volume.data), high, data)
    below = data[data < 0]
    if below.size > 0.1 * data.size and (below > below.min()).mean() > 0.2:
        raise InputError(f"{volume.path} has negative values in {below.size / data.size:.0%} of its voxels; "
                         "give the scan as it was acquired, without its mean taken away.")  # fmt: skip
    return np.clip(data, 0, high)


def _reference(volumes: Mapping[str, Volume]) -> str:
    """The scan that the others are brought to: the T1w, else that of the finest voxels."""
    return "T1w" if "T1w" in volumes else min(volumes, key=lambda kind: max(volumes[kind].grid.spacing))


def _is_posed(maps: Mapping[str, Volume], voxel: int) -> bool:
    """Whether maps lie on the grid of simulated people, whatever its voxel."""
    return any(volume.grid.same_as(grid_of(size)) for volume in maps.values() for size in (voxel, 1, 2))


def _image(volume: Volume) -> object:
    """For registration, without the few brightest voxels, which are fat and vessels."""
    return to_image(np.minimum(volume.data, np.percentile(volume.data[volume.data > 0], 99)), volume.grid.affine)


def between(fixed: Volume, moving: Volume) -> NDArray[np.float64]:
    """The motion from one scan to another. A fine scan is first blurred along the slices of a thick one, as those are."""
    from scipy.ndimage import gaussian_filter1d

    spacing = moving.grid.spacing
    along = int(np.argmax(spacing))
    data = fixed.data
    if spacing[along] > 1.5 * fixed.grid.spacing[along]:
        width = spacing[along] / fixed.grid.spacing[along] / np.sqrt(12)  # the standard deviation of a box
        data = np.asarray(gaussian_filter1d(data, width, axis=along), np.float32)
    return register(_image(Volume(data, fixed.grid, fixed.path)), _image(moving), str(moving.path))


def _pose(volume: Volume) -> NDArray[np.float64]:
    """The motion from the standard frame to a scan: the intensities of the template are registered to it."""
    return register(to_image(*template_intensity()), _image(volume), str(volume.path))


def _onto_maps(true: Volume, reference: Volume, motions: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """All motions, after that from the true maps to the reference scan."""
    rate = np.where(true.data > 0, 1 / np.maximum(true.data, 0.1), 0).astype(np.float32)
    found = register(to_image(rate, true.grid.affine), _image(reference), str(reference.path))
    return {kind: motion @ found for kind, motion in motions.items()}


def on_grid(volume: Volume, motion: NDArray[np.float64], voxel: int, order: int = 3) -> Floats:
    """A volume on the grid of a voxel size, through a motion of millimetres; at 2 mm the mean of eight samples."""
    from scipy.ndimage import affine_transform

    grid = grid_of(1)
    coarse = min(volume.grid.spacing) > 1.5
    if coarse and voxel == 2:  # nothing finer is known
        grid = grid_of(2)
    step = np.linalg.inv(volume.grid.affine) @ motion @ grid.affine
    moved = affine_transform(volume.data, step[:3, :3], step[:3, 3], grid.shape, order=order, output=np.float32)
    moved = np.clip(moved, 0 if volume.data.min() >= 0 else volume.data.min(), volume.data.max())
    if voxel == 2 and grid.shape != grid_of(2).shape:
        x, y, z = grid_of(2).shape
        moved = moved.reshape(x, 2, y, 2, z, 2).mean(axis=(1, 3, 5))
    return np.asarray(moved, np.float32)


def bright_intensity(image: Floats) -> float:
    """What bright tissue shows: the 95th percentile of what is well above the background in the middle of the crop."""
    x, y, z = image.shape
    middle = image[x // 4 : -x // 4, y // 4 : -y // 4, z // 4 : -z // 4]
    tissue = middle[middle > 0.1 * np.percentile(middle, 99)]
    return float(np.percentile(tissue, 95)) if tissue.size else 1.0


def _refuse_elsewhere(image: Floats, session: ImagingSession, kind: str) -> None:
    x, y, z = image.shape
    middle = image[x // 3 : -x // 3, y // 3 : -y // 3, z // 3 : -z // 3]
    if (middle > 0).mean() < _LEAST_OVERLAP:
        path = next(scan.path for scan in session.scans if scan.kind == kind)
        raise InputError(
            f"{path} does not cover the middle of the head of {session.name}; is it of another head, or another part?"
        )


def _notices(session: ImagingSession, motions: Mapping[str, NDArray[np.float64]]) -> list[str]:
    found = []
    base = motions[_first(motions)]
    for kind, motion in motions.items():
        relative = motion @ np.linalg.inv(base)
        centre = base @ np.array([*CENTRE, 1.0])
        if (moved := float(np.linalg.norm((relative @ centre - centre)[:3]))) > _FAR:
            found.append(f"{session.name}: {kind} was moved by {moved:.0f} mm; look at its picture.")
    return found


def _first(motions: Mapping[str, NDArray[np.float64]]) -> str:
    return "T1w" if "T1w" in motions else next(iter(motions))
