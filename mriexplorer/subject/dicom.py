"""A DICOM series as NIfTI with a sidecar, so that everything else reads one kind of file.

SimpleITK (GDCM) orders slices and reads pixels, pydicom reads the header. Enhanced multi-frame objects are not taken apart here.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mriexplorer.errors import InputError
from mriexplorer.subject.derivative import write_beside

_TIMES = {"EchoTime": "EchoTime", "RepetitionTime": "RepetitionTime", "InversionTime": "InversionTime"}  # ms in DICOM
_NUMBERS = {"FlipAngle": "FlipAngle", "MagneticFieldStrength": "MagneticFieldStrength", "EchoTrainLength": "EchoTrainLength"}
_TEXTS = {"SeriesDescription": "SeriesDescription", "ProtocolName": "ProtocolName", "Manufacturer": "Manufacturer"}


@dataclass(frozen=True)
class Series:
    """The files of one series, in the order of slices, and the header of the first."""

    identity: str
    files: tuple[Path, ...]
    header: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What a person knows it by."""
        return str(self.header.get("SeriesDescription") or self.header.get("ProtocolName") or self.identity[-8:])


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM by its preamble, or a folder holds such a file."""
    if path.is_dir():
        return any(is_dicom(file) for file in sorted(path.iterdir())[:5] if file.is_file())
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def find_series(folder: Path) -> tuple[Series, ...]:
    """The MR series in a folder, in the order of their numbers. Raises InputError where there is none."""
    import SimpleITK as sitk  # noqa: N813 as its own documentation has it

    reader = sitk.ImageSeriesReader
    found = [
        Series(identity, files, _header(files[0]))
        for identity in reader.GetGDCMSeriesIDs(str(folder))
        if (files := tuple(map(Path, reader.GetGDCMSeriesFileNames(str(folder), identity))))
    ]
    images = [series for series in found if series.header.get("Modality", "MR") == "MR"]
    if not images:
        raise InputError(f"{folder} holds no MR series in DICOM; give the folder of one series.")
    return tuple(sorted(images, key=lambda series: (series.header.get("SeriesNumber", 0), series.identity)))


def _header(file: Path) -> dict[str, Any]:
    """The sidecar that BIDS would have: times in seconds."""
    import pydicom

    try:
        read = pydicom.dcmread(file, stop_before_pixels=True)
    except (pydicom.errors.InvalidDicomError, OSError, ValueError, KeyError):
        raise InputError(f"{file} is not readable as DICOM; export the series again.") from None
    numbers = {bids: _number(read.get(tag)) for bids, tag in {**_TIMES, **_NUMBERS}.items()}
    known = {name: value / 1000 if name in _TIMES else value for name, value in numbers.items() if value}
    texts = {bids: str(read.get(tag)) for bids, tag in _TEXTS.items() if read.get(tag)}
    return {
        "Modality": str(read.get("Modality", "")),
        "SeriesNumber": int(_number(read.get("SeriesNumber")) or 0),
        **texts,
        **known,
    }


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def as_nifti(series: Series, folder: Path, progress: Callable[[str], None] = lambda _what: None) -> Path:
    """The series as .nii.gz with its sidecar in ``folder``, made once. Raises InputError where its slices make no volume."""
    import nibabel

    target = folder / f"{_identity(series)}.nii.gz"
    if target.is_file():
        return target
    progress(f"converting {series.label}")
    data, affine = _volume(series)
    image = nibabel.Nifti1Image(data, affine)
    image.header.set_xyzt_units("mm")
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({key: value for key, value in series.header.items() if key != "SeriesNumber"}, indent=1)
    write_beside(target.with_name(target.name.replace(".nii.gz", ".json")), lambda path: path.write_text(text, encoding="utf-8"))
    write_beside(target, lambda path: nibabel.save(image, path))
    return target


def _identity(series: Series) -> str:
    content = "".join(f"{file.absolute()}{file.stat().st_size}{file.stat().st_mtime_ns}" for file in series.files)
    return hashlib.sha256((series.identity + content).encode()).hexdigest()[:24]


def _volume(series: Series) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Values and affine; DICOM's axes run to Left and Posterior, NIfTI's to Right and Anterior."""
    import SimpleITK as sitk  # noqa: N813

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(file) for file in series.files])
    try:
        image = reader.Execute()
    except RuntimeError:
        raise InputError(
            f"the slices of {series.label} ({series.files[0].parent}) make no volume; export the series again."
        ) from None
    data = sitk.GetArrayFromImage(image)
    if data.ndim != 3 or min(data.shape) < 2:
        raise InputError(f"{series.label} ({series.files[0].parent}) is no volume of grey slices; choose another series.")
    direction = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = direction, image.GetOrigin()
    return data.T, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
