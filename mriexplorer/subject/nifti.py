"""One volume from a NIfTI (or MGH) file, oriented by its affine; nothing is read before the header is believed."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.subject.tissue_maps import Floats, Grid

ENDINGS = (".nii", ".nii.gz", ".mgz", ".mgh", ".hdr", ".img")
_MOST_VOXELS = 600_000_000  # 0.25 mm of a whole head; a header that claims more is damaged
_BEST_COMPRESSION = 1100  # deflate cannot pack better than 1 : 1032
_MILLIMETRES = {"meter": 1000.0, "mm": 1.0, "micron": 0.001}


@dataclass(frozen=True)
class Volume:
    """A volume as stored, scaled, axes closest to Right, Anterior, Superior. ``data`` is float32 and may hold NaN."""

    data: Floats
    grid: Grid
    path: Path


def is_image(path: Path) -> bool:
    """Whether the name ends like an image that ``read_volume`` takes."""
    return path.name.lower().endswith(ENDINGS)


def stem(path: Path) -> str:
    """The file's name without its image ending."""
    name = path.name
    return next((name[: -len(end)] for end in sorted(ENDINGS, key=len, reverse=True) if name.lower().endswith(end)), name)


def read_volume(path: Path) -> Volume:
    """Read one 3-D volume (or 4-D with one frame).

    Raises InputError with a sentence for whatever is not such a volume: other formats, damaged or truncated files, other
    dimensions, colours or complex numbers, headers that promise more than the file can hold.
    """
    image = _open(path)
    shape = _spatial_shape(image, path)
    _refuse_what_cannot_be(image, path, shape)
    data = _values(image, path).reshape(shape)
    return _oriented(data, image, path)


def _open(path: Path) -> Any:
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError

    if not path.exists():
        raise InputError(f"{path}: there is no such file.")
    if path.is_dir():
        raise InputError(f"{path} is a folder where an image file was expected.")
    try:
        with path.open("rb") as file:
            file.read(1)
        image = nibabel.load(path)
    except PermissionError:
        raise InputError(f"{path}: no permission to read it; ask its owner, or copy it to a folder of yours.") from None
    except (ImageFileError, HeaderDataError, OSError, EOFError, ValueError, zlib.error):
        raise InputError(
            f"{path} is not a readable NIfTI image (its content does not match its name); export it again as .nii.gz."
        ) from None
    if not isinstance(image, nibabel.Nifti1Pair | nibabel.MGHImage):
        raise InputError(f"{path} is not a NIfTI or MGH image; convert it to .nii.gz.")
    return image


def _spatial_shape(image: Any, path: Path) -> tuple[int, int, int]:
    shape = tuple(int(n) for n in image.shape)
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) == 4:
        raise InputError(f"{path} is 4-D with {shape[3]} frames; save the one frame that is the map.")
    if len(shape) > 4:
        raise InputError(f"{path} is {len(shape)}-D; a tissue map has three dimensions.")
    if len(shape) < 3 or min(shape) < 2:
        size = " × ".join(map(str, shape))
        raise InputError(f"{path} is a single slice ({size}); three linked planes need a volume.")
    return shape[0], shape[1], shape[2]


def _refuse_what_cannot_be(image: Any, path: Path, shape: tuple[int, int, int]) -> None:
    dtype = image.get_data_dtype()
    if dtype.fields is not None:
        raise InputError(f"{path} holds colours (RGB); a tissue map holds one number a voxel.")
    if dtype.kind not in "iuf":
        raise InputError(f"{path} holds complex numbers; save magnitude or the map itself.")
    voxels = int(np.prod(np.asarray(shape, object)))
    held = _body(path).stat().st_size * (_BEST_COMPRESSION if _body(path).suffix in (".gz", ".mgz") else 1)
    if voxels * dtype.itemsize > held:
        raise InputError(f"{path} is damaged or cut off: its header promises {_bytes(voxels * dtype.itemsize)}, "
                         f"the file has {_bytes(_body(path).stat().st_size)}; copy it again.")  # fmt: skip
    if voxels > _MOST_VOXELS:
        raise InputError(f"{path} has {voxels / 1e6:.0f} million voxels, more than can be shown live; resample it.")


def _body(path: Path) -> Path:
    """The file that holds the numbers: of a .hdr/.img pair the .img."""
    if path.suffix.lower() != ".hdr":
        return path
    body = path.with_suffix(".img")
    if not body.exists():
        raise InputError(f"{path}: its image file {body.name} is missing.")
    return body


def _bytes(count: int) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count //= 1000
    return f"{count} GB"


def _values(image: Any, path: Path) -> Floats:
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(image.dataobj, dtype=np.float32)
    except (OSError, EOFError, ValueError, zlib.error):
        raise InputError(f"{path} is damaged or cut off: not all of its voxels can be read; copy it again.") from None
    except MemoryError:
        raise InputError(f"{path} does not fit into memory; resample it.") from None


def _oriented(data: Floats, image: Any, path: Path) -> Volume:
    from nibabel.orientations import apply_orientation, inv_ornt_aff, io_orientation

    affine, codes = _placement(image)
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise InputError(f"{path}: its header gives no usable voxel size or orientation (the affine is singular).")
    known = any(codes)
    steps = io_orientation(affine) if known else np.array([[0, 1], [1, 1], [2, 1]])
    oriented = np.ascontiguousarray(apply_orientation(data, steps))
    order = tuple(int(a) for a in np.argsort(steps[:, 0]))
    flipped = tuple(bool(steps[a, 1] < 0) for a in order)
    grid = Grid(
        (oriented.shape[0], oriented.shape[1], oriented.shape[2]),
        affine @ inv_ornt_aff(steps, data.shape),
        known,
        (order[0], order[1], order[2]),
        (flipped[0], flipped[1], flipped[2]),
        codes,
    )
    return Volume(oriented, grid, path)


def _placement(image: Any) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Affine in millimetres and the (sform, qform) codes: sform, then qform, then voxel sizes about the centre."""
    header = image.header
    if "sform_code" not in header:  # MGH always knows
        return np.asarray(image.affine, float), (1, 1)
    codes = int(header["sform_code"]), int(header["qform_code"])
    scale = _MILLIMETRES.get(header.get_xyzt_units()[0], 1.0)
    if any(codes):
        affine = np.asarray(image.affine, float).copy()
    else:
        sizes = np.asarray([size if size > 0 else 1.0 for size in header.get_zooms()[:3]], float)
        affine = np.diag([*sizes, 1.0])
        affine[:3, 3] = -sizes * (np.asarray(image.shape[:3]) - 1) / 2
    affine[:3] *= scale
    return affine, codes
