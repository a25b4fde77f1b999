"""MGH, the format of FreeSurfer: .mgh, and .mgz packed."""

from collections.abc import Mapping
from math import degrees
from pathlib import Path
from typing import Any

import numpy as np

from mriexplorer.errors import InputError
from mriexplorer.reading.image_format import ImageFormat
from mriexplorer.reading.nibabel_image import Placement, header_shape, opened, read_with_nibabel
from mriexplorer.reading.volume import Volume


def _read(path: Path) -> Volume:
    return read_with_nibabel(path, path, _placement)


def _placement(image: Any) -> Placement:
    """An MGH file always knows where it lies."""
    return np.asarray(image.affine, float), (1, 1)


def _times(path: Path) -> Mapping[str, float]:
    """From milliseconds and radians; 0 means that it is not known."""
    try:
        header = opened(path).header
    except InputError:
        return {}
    told = {name: float(header[key]) / 1000 for name, key in (("te", "te"), ("tr", "tr"), ("ti", "ti"))}
    told["flip"] = degrees(float(header["flip_angle"]))
    return {name: value for name, value in told.items() if value > 0}


FORMAT = ImageFormat("MGH", (".mgh", ".mgz"), _read, header_shape, _times)
