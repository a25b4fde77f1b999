"""One volume from a NIfTI (or MGH) file, oriented by its affine; nothing is read before the header is believed."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.files import refuse_unreadable
from mriexplorer.subject.tissue_maps import Floats, Grid

ENDINGS = (".nii", ".nii.gz", ".mgz", ".mgh", ".hdr", ".img")
_MOST_VOXELS = 150_000_000  # a whole head at 0.4 mm; some gigabytes while maps are put together
_VOXEL_EDGES = (0.02, 30.0)  # mm
_MOST_BEYOND = 64 * 2**20  # bytes after the last voxel; more is no image
_BEST_COMPRESSION = 1100  # deflate cannot pack better than 1 : 1032
_MILLIMETRES = {1: 1000.0, 2: 1.0, 3: 0.001}  # NIfTI codes of metre, millimetre, micrometre


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


def shape_of(path: Path) -> tuple[int, ...]:
    """The sizes of an image, from its header. Raises InputError for what is not readable."""
    return tuple(int(n) for n in _open(path).shape)


def _open(path: Path) -> Any:
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


def _spatial_shape(image: Any, path: Path) -> tuple[int, int, int]:
    shape = tuple(int(n) for n in image.shape)
    if not shape or min(shape) < 1:
        raise InputError(f"{path} is damaged: its header gives no usable size ({' × '.join(map(str, shape))}).")
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
    body = _body(path)
    held, claimed = body.stat().st_size, int(np.prod(np.asarray(shape, object))) * dtype.itemsize
    if claimed > held * (_BEST_COMPRESSION if _compressed(body) else 1):
        raise InputError(f"{path} is damaged or cut off: its header promises {_bytes(claimed)}, "
                         f"the file has {_bytes(held)}; copy it again.")  # fmt: skip
    if claimed > _MOST_VOXELS * dtype.itemsize:
        millions = claimed / dtype.itemsize / 1e6
        raise InputError(f"{path} has {millions:.0f} million voxels, more than can be shown live; resample it.")


def _compressed(path: Path) -> bool:
    return path.suffix.lower() in (".gz", ".mgz")


def _body(path: Path) -> Path:
    """The file that holds the numbers: of a .hdr/.img pair the .img."""
    if path.suffix.lower() != ".hdr":
        return path
    bodies = [p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == ".img"]
    if not bodies:
        raise InputError(f"{path}: its image file {path.stem}.img is missing.")
    return bodies[0]


def _bytes(count: int) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count //= 1000
    return f"{count} GB"


def _values(image: Any, path: Path) -> Floats:
    try:
        if _compressed(path):
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


def _oriented(data: Floats, image: Any, path: Path) -> Volume:
    from nibabel.orientations import apply_orientation, inv_ornt_aff, io_orientation

    affine, codes = _placement(image)
    edges = np.linalg.norm(affine[:3, :3], axis=0)
    usable = np.isfinite(affine).all() and (edges > _VOXEL_EDGES[0]).all() and (edges < _VOXEL_EDGES[1]).all()
    if not usable or abs(np.linalg.det(affine[:3, :3])) < 1e-3 * np.prod(edges):
        raise InputError(f"{path}: its header gives no usable voxel size or orientation; voxels of 0.02 to 30 mm are expected.")
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
    """Affine in millimetres and the (sform, qform) codes: sform, then qform, then voxel sizes about the centre.

    A qform that says otherwise than the sform is given up (code 0), since one affine is kept and written back.
    """
    header = image.header
    if not hasattr(header, "get_sform"):  # MGH always knows
        return np.asarray(image.affine, float), (1, 1)
    sform, qform = int(header["sform_code"]), int(header["qform_code"])
    if sform or qform:
        affine = np.asarray(image.affine, float).copy()
        if sform and qform and not np.allclose(_qform(header), affine, atol=1e-3):
            qform = 0
    else:
        sizes = np.asarray([size if size > 0 else 1.0 for size in header.get_zooms()[:3]], float)
        affine = np.diag([*sizes, 1.0])
        affine[:3, 3] = -sizes * (np.asarray(image.shape[:3]) - 1) / 2
    scale = _MILLIMETRES.get(int(header["xyzt_units"]) & 7, 1.0)
    edge = float(np.linalg.norm(affine[:3, 0]))
    if _VOXEL_EDGES[0] < edge * scale < _VOXEL_EDGES[1]:  # else the unit is wrong, and millimetres were meant
        affine[:3] *= scale
    return affine, (sform, qform)


def _qform(header: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(header.get_qform(), float)
    except Exception:  # noqa: BLE001 a broken quaternion is no qform
        return np.zeros((4, 4))
