"""NIfTI-1 and NIfTI-2: .nii, .nii.gz, and pairs of .hdr and .img."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.reading.image_format import ImageFormat
from mriexplorer.reading.nibabel_image import Placement, header_shape, read_with_nibabel
from mriexplorer.reading.volume import VOXEL_EDGES, Volume

_HEADER, _BODY = ".hdr", ".img"
_MILLIMETRES = {1: 1000.0, 2: 1.0, 3: 0.001}  # NIfTI codes of metre, millimetre, micrometre


def _read(path: Path) -> Volume:
    return read_with_nibabel(path, _body(path), _placement)


def _parts(path: Path) -> tuple[Path, ...]:
    """Of a pair the header, then the image."""
    if path.suffix.lower() not in (_HEADER, _BODY):
        return (path,)
    halves = (_half(path, ending) for ending in (_HEADER, _BODY))
    return tuple(half for half in halves if half is not None) or (path,)


def _half(path: Path, ending: str) -> Path | None:
    """The file of a pair that has an ending, in small or large letters."""
    if path.suffix.lower() == ending:
        return path
    return next((other for one in (ending, ending.upper()) if (other := path.with_suffix(one)).is_file()), None)


def _body(path: Path) -> Path:
    """The file that holds the numbers: of a pair the .img."""
    body = _half(path, _BODY) if path.suffix.lower() == _HEADER else path
    if body is None:
        raise InputError(f"{path}: its image file {path.stem}{_BODY} is missing.")
    return body


def _placement(image: Any) -> Placement:
    """Affine in millimetres and the (sform, qform) codes: sform, then qform, then voxel sizes about the centre.

    A qform that says otherwise than the sform is given up (code 0), since one affine is kept and written back.
    """
    header = image.header
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
    if VOXEL_EDGES[0] < edge * scale < VOXEL_EDGES[1]:  # else the unit is wrong, and millimetres were meant
        affine[:3] *= scale
    return affine, (sform, qform)


def _qform(header: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(header.get_qform(), float)
    except Exception:  # noqa: BLE001 a broken quaternion is no qform
        return np.zeros((4, 4))


FORMAT = ImageFormat("NIfTI", (".nii", ".nii.gz", _HEADER, _BODY), _read, header_shape, parts=_parts)
