"""A picture to check how a session was brought together: its scans in three planes, outlines of the first over the others."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriexplorer.dataset.gathering import Gathered
from mriexplorer.files import write_beside
from mriexplorer.subject.tissue_maps import Floats

_OUTLINE = (255, 170, 60)
_GAP = 4


def picture(found: Gathered, title: str, target: Path) -> None:
    """Write the picture as PNG. Rows are scans (and the T1 map of simulated people), columns axial, sagittal, coronal."""
    from PIL import Image, ImageDraw

    rows = list(zip(found.kinds, found.images, strict=True))
    if found.maps is not None:
        rows.append(("T1 map", found.maps[1] / 2.5))
    outlines = [_outline(plane) for plane in planes_of(rows[0][1])]
    bands = []
    for number, (_name, image) in enumerate(rows):
        planes = [_shaded(plane) for plane in planes_of(image)]
        if number:
            for plane, outline in zip(planes, outlines, strict=True):
                plane[outline] = _OUTLINE
        bands.append(_joined(planes))
    whole = np.concatenate([np.pad(band, ((16, _GAP), (0, 0), (0, 0))) for band in bands])
    canvas = Image.fromarray(whole)
    pen = ImageDraw.Draw(canvas)
    height = bands[0].shape[0] + 16 + _GAP
    for number, (name, _image) in enumerate(rows):
        pen.text((4, number * height + 2), f"{title} · {name}" if number == 0 else name, fill=(230, 230, 230))
    write_beside(target, lambda path: canvas.save(path))


def planes_of(image: Floats) -> list[Floats]:
    """Axial, sagittal and coronal, patient's left on screen right, nose left in the sagittal, head up."""
    from scipy.ndimage import zoom

    x, y, z = (n // 2 for n in image.shape)
    x += image.shape[0] // 13  # beside the midline, where there is more than fluid to see
    planes = [image[::-1, ::-1, z].T, image[x, ::-1, ::-1].T, image[::-1, y, ::-1].T]
    larger = 2 if image.shape[0] < 120 else 1  # at 2 mm, so that it can be seen
    return [np.asarray(zoom(plane, larger, order=1), np.float32) if larger > 1 else plane for plane in planes]


def _shaded(plane: Floats) -> NDArray[np.uint8]:
    grey = np.clip(plane * 200, 0, 255).astype(np.uint8)
    return np.stack([grey] * 3, axis=-1)


def _outline(plane: Floats) -> NDArray[np.bool_]:
    """Where the first scan's grey changes most, one pixel wide."""
    from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

    grey = np.clip(plane, 0, 1.1).astype(np.float32)  # bright scalp counts no more than brain
    grey /= gaussian_filter(grey, 20) + 0.05  # nor what lies near a coil
    slope = gaussian_gradient_magnitude(grey, 1.2)
    ridge = np.ones_like(slope, bool)
    for axis in (0, 1):
        ridge &= (slope >= np.roll(slope, 1, axis)) | (slope >= np.roll(slope, -1, axis))
    return np.asarray(ridge & (slope > np.percentile(slope, 92)))


def _joined(planes: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    tall = max(plane.shape[0] for plane in planes)
    padded = [np.pad(plane, ((0, tall - plane.shape[0]), (0, _GAP), (0, 0))) for plane in planes]
    return np.concatenate(padded, axis=1)
