"""What formats share that nibabel opens (NIfTI, MGH): nothing is read before the header is believed."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.files import refuse_unreadable
from mriexplorer.reading.grid import Floats
from mriexplorer.reading.volume import Volume, oriented, refuse_too_many, spatial_shape

Placement = tuple[NDArray[np.float64], tuple[int, int]]  # affine in millimetres, (sform, qform) codes
_MOST_BEYOND = 64 * 2**20  # bytes after the last voxel; more is no image
_BEST_COMPRESSION = 1100  # deflate cannot pack better than 1 : 1032
_PACKED = (".gz", ".mgz")


def read_with_nibabel(path: Path, body: Path, placed: Callable[[Any], Placement]) -> Volume:
    """The volume of a file whose numbers lie in ``body``; ``placed`` tells where it lies. Raises InputError."""
    image = opened(path)
    shape = spatial_shape(image.shape, path)
    _refuse_what_cannot_be(image, path, body, shape)
    data = _values(image, path).reshape(shape)
    affine, codes = placed(image)
    return oriented(data, affine, path, codes)


def header_shape(path: Path) -> tuple[int, ...]:
    """The sizes of an image, from its header. Raises InputError for what is not readable."""
    return tuple(int(n) for n in opened(path).shape)


def opened(path: Path) -> Any:
    """The image with its header; its numbers are not read yet. Raises InputError."""
    import logging

    import nibabel

    refuse_unreadable(path)
    logging.getLogger("nibabel.global").setLevel(logging.CRITICAL)  # it prints what is said in one sentence here
    try:
        with path.open("rb") as file:
            file.read(1)
        image = nibabel.load(path)
    except PermissionError:
        raise InputError(f"{path}: no permission to read it; ask its owner, or copy it to a folder of yours.") from None
    except Exception:  # noqa: BLE001 nibabel raises whatever a damaged header leads it to
        raise InputError(
            f"{path} is not a readable NIfTI image (its content does not match its name); export it again as .nii.gz."
        ) from None
    if not isinstance(image, nibabel.Nifti1Pair | nibabel.MGHImage):
        raise InputError(f"{path} is not a NIfTI or MGH image; convert it to .nii.gz.")
    return image


def _refuse_what_cannot_be(image: Any, path: Path, body: Path, shape: tuple[int, int, int]) -> None:
    dtype = image.get_data_dtype()
    if dtype.fields is not None:
        raise InputError(f"{path} holds colours (RGB); a tissue map holds one number a voxel.")
    if dtype.kind not in "iuf":
        raise InputError(f"{path} holds complex numbers; save magnitude or the map itself.")
    held, claimed = body.stat().st_size, int(np.prod(np.asarray(shape, object))) * dtype.itemsize
    if claimed > held * (_BEST_COMPRESSION if _is_packed(body) else 1):
        raise InputError(f"{path} is damaged or cut off: its header promises {_bytes(claimed)}, "
                         f"the file has {_bytes(held)}; copy it again.")  # fmt: skip
    refuse_too_many(shape, path)


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() in _PACKED


def _bytes(count: int) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count //= 1000
    return f"{count} GB"


def _values(image: Any, path: Path) -> Floats:
    try:
        if _is_packed(path):
            image = type(image).from_bytes(_unpacked(path, image))
        with np.errstate(all="ignore"):
            return np.asarray(image.dataobj, dtype=np.float32)
    except MemoryError:
        raise InputError(f"{path} does not fit into memory; resample it.") from None
    except Exception:  # noqa: BLE001 as above
        raise InputError(f"{path} is damaged or cut off: not all of its voxels can be read; copy it again.") from None


def _unpacked(path: Path, image: Any) -> bytes:
    """The image's bytes. The file is read to its end, since only there is the check sum that tells damage."""
    offset = int(image.header.get("vox_offset", 0)) if hasattr(image.header, "get") else 0
    needed = max(offset, 1024) + int(np.prod(image.shape)) * image.get_data_dtype().itemsize
    with gzip.open(path) as file:
        content = file.read(needed)
        if len(file.read(_MOST_BEYOND)) == _MOST_BEYOND:
            raise ValueError("it goes on far beyond what the header tells")
    return content
