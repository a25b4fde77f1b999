"""A synthetic image as a DICOM series of axial slices, for viewers that read nothing else.

Written as MR Image Storage, derived and secondary, with new UIDs, marked as synthetic wherever DICOM has a place for it
(PS3.3: Synthetic Data (0008,001C), Content Qualification (0018,9004)). Of the source only the name that is shown goes along.

::

    columns run to the patient's left, rows to the back, slices from below upwards (LPS)
"""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.export.export_format import Container, ExportFormat, ExportKind, Progress
from mriexplorer.export.image import Image
from mriexplorer.export.request import Export
from mriexplorer.files import Write
from mriexplorer.render.scene import Scene
from mriexplorer.subject.tissue_maps import Grid
from mriexplorer.version import __version__
from mriexplorer.view.state import State

if TYPE_CHECKING:
    from pydicom import Dataset

UNIT = 1000.0  # rescaled values a unit of signal: viewers show whole numbers, and DICOM wants windows of at least 1
_MOST = 32767  # of the stored numbers; fits signed and unsigned readers
_SKEWED = 1e-3  # cosine between rows and columns that still counts as a right angle
_TO_LPS = np.array([-1.0, -1.0, 1.0])
_LONGEST = 64  # characters of LO and PN
_WHAT = "SYNTHETIC, computed from tissue maps; not acquired; not for diagnosis"


def files(scene: Scene, state: State, what: Export, progress: Progress) -> Mapping[Path, Write]:
    """The folder with the series, stored as 16 bit: a stored number times RescaleSlope is 1000 times the signal of PD = 1.

    Raises InputError for an orientation that is unknown or that DICOM cannot hold.
    """
    image = Image.of(scene, state)
    _refuse_geometry(image.subject.maps.grid)
    progress("computing the volume")
    volume = image.volume()
    return {what.target: lambda folder: _write_slices(image, volume, folder, progress)}


def _refuse_geometry(grid: Grid) -> None:
    if not grid.known:
        raise InputError("the maps do not tell their orientation, and a DICOM series would claim one; export NIfTI instead.")
    across, up = grid.affine[:3, 0] / grid.spacing[0], grid.affine[:3, 1] / grid.spacing[1]
    if abs(across @ up) > _SKEWED:
        raise InputError("rows and columns of the maps are not at right angles, which DICOM cannot hold; export NIfTI instead.")


def _write_slices(image: Image, volume: NDArray[np.float32], folder: Path, progress: Progress) -> None:
    common = _common(image)
    _place(common, image.subject.maps.grid)
    slope = max(float(np.abs(volume).max()), 1e-6) / _MOST
    _scale(common, image, slope)
    kind = np.dtype("<u2" if image.magnitude else "<i2")
    count = volume.shape[2]
    for number in range(count):
        if number % 10 == 0:
            progress(f"writing slice {number + 1} of {count}")
        pixels = np.rint(volume[::-1, ::-1, number].T / slope).astype(kind)
        _write_slice(common, image.subject.maps.grid, number, pixels, folder)


def _write_slice(common: "Dataset", grid: Grid, number: int, pixels: NDArray[np.generic], folder: Path) -> None:
    """One slice; what differs from slice to slice is set anew in the common part."""
    from pydicom.uid import generate_uid

    corner = np.array(grid.to_mm((grid.shape[0] - 1, grid.shape[1] - 1, number))) * _TO_LPS
    common.SOPInstanceUID = common.file_meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    common.InstanceNumber = number + 1
    common.ImagePositionPatient = _decimals(corner)
    common.SliceLocation = _decimals([corner @ _normal(grid)])[0]
    common.SmallestImagePixelValue, common.LargestImagePixelValue = int(pixels.min()), int(pixels.max())
    common.PixelData = np.ascontiguousarray(pixels).tobytes()
    packed = BytesIO()  # pydicom writes its own tracebacks into what a full disk says
    common.save_as(packed, enforce_file_format=True)
    (folder / f"IM{number + 1:04d}.dcm").write_bytes(packed.getvalue())


def _decimals(values: "NDArray[np.float64] | list[float]") -> list[str]:
    """Numbers as DICOM writes them: at most 16 characters."""
    return [f"{float(value) + 0.0:.10g}" for value in values]


def _axes(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors along a row (to the left) and down a column (to the back), in LPS."""
    across, down = (-grid.affine[:3, axis] / grid.spacing[axis] * _TO_LPS for axis in (0, 1))
    return across, down


def _normal(grid: Grid) -> NDArray[np.float64]:
    return np.cross(*_axes(grid))


def _place(common: "Dataset", grid: Grid) -> None:
    across, down = _axes(grid)
    common.ImageOrientationPatient = _decimals([*across, *down])
    common.PixelSpacing = _decimals([grid.spacing[1], grid.spacing[0]])  # between rows, then between columns
    apart = abs(float(grid.affine[:3, 2] * _TO_LPS @ _normal(grid)))
    common.SliceThickness = common.SpacingBetweenSlices = _decimals([apart])[0]
    common.Columns, common.Rows = grid.shape[0], grid.shape[1]


def _scale(common: "Dataset", image: Image, slope: float) -> None:
    common.SamplesPerPixel, common.PhotometricInterpretation = 1, "MONOCHROME2"
    common.BitsAllocated, common.BitsStored, common.HighBit = 16, 16, 15
    common.PixelRepresentation = 0 if image.magnitude else 1
    common.RescaleSlope, common.RescaleIntercept, common.RescaleType = _decimals([slope * UNIT])[0], "0", "US"
    low, high = (edge * UNIT for edge in image.window)
    # PS3.3 C.11.2.1.2: black is at centre - 0.5 - (width - 1)/2, white at centre - 0.5 + (width - 1)/2
    common.WindowCenter, common.WindowWidth = _decimals([(low + high) / 2 + 0.5])[0], _decimals([high - low + 1])[0]
    common.WindowCenterWidthExplanation = "AS SHOWN"


def _common(image: Image) -> "Dataset":
    """Everything that all slices share."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

    result = Dataset()
    result.file_meta = FileMetaDataset()
    result.file_meta.MediaStorageSOPClassUID = result.SOPClassUID = MRImageStorage
    result.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for name, value in (_identity(image) | _kind(image) | _study()).items():
        setattr(result, name, value)
    for parameter in image.protocol.sequence.parameters:
        if parameter.dicom is not None:
            value = image.protocol[parameter.name] * parameter.factor_in()
            result.add_new(parameter.dicom, "IS" if parameter.scale == "integer" else "DS", _number(value, parameter.scale))
    return result


def _number(value: float, scale: str) -> str:
    return str(round(value)) if scale == "integer" else _decimals([round(value, 6)])[0]


def _identity(image: Image) -> dict[str, object]:
    """Who it is: the name that is shown, and nothing else of a real person; of a synthetic one that it is synthetic."""
    name = _plain(image.subject.name)
    given = {"PatientComments": "SYNTHETIC person, not a real one"} if image.subject.synthetic else {}
    return {"PatientName": name, "PatientID": name, "PatientBirthDate": "", "PatientSex": "", **given}


def _plain(text: str) -> str:
    """Without what would divide a DICOM value or is no letter."""
    kept = "".join(" " if letter in "\\^=" else letter for letter in text if letter.isprintable())
    return kept.strip()[:_LONGEST] or "unnamed"


def _kind(image: Image) -> dict[str, object]:
    """What it is."""
    sequence, title = image.protocol.sequence, image.protocol.title
    steady = "GR" if sequence.decay == "t2star" else "SE"
    inverted = any(p.name == "ti" for p in sequence.parameters)
    field = {} if image.subject.field is None else {"MagneticFieldStrength": f"{image.subject.field:g}"}
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["DERIVED", "SECONDARY", "OTHER", "SYNTHETIC"],
        "SyntheticData": "YES",
        "ContentQualification": "RESEARCH",
        "BurnedInAnnotation": "NO",
        "LossyImageCompression": "00",
        "Modality": "MR",
        "Manufacturer": "mriexplorer",
        "ManufacturerModelName": "mriexplorer",
        "SoftwareVersions": __version__,
        "ProtocolName": _plain(f"SYNTHETIC {image.preset.split(':')[0] or title}"),
        "SeriesDescription": _plain(f"SYNTHETIC {title}, not for diagnosis"),
        "StudyDescription": "SYNTHETIC images by mriexplorer",
        "ImageComments": _WHAT,
        "DerivationDescription": _plain_long(f"{_WHAT}; {sequence.formula}; 1000 = PD of water"),
        "ScanningSequence": [steady, "IR"] if inverted else steady,
        "SequenceVariant": "SK",
        "ScanOptions": "",
        "MRAcquisitionType": "3D" if sequence.decay == "t2star" else "2D",
        "SequenceName": sequence.name.upper()[:16],
        **field,
    }


def _plain_long(text: str) -> str:
    return text.replace("\\", " ")[:1024]


def _study() -> dict[str, object]:
    """A study of its own, made now."""
    from pydicom.uid import generate_uid

    now = datetime.now().astimezone()
    day, time = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    dates = {f"{what}{kind}": value for what in ("Study", "Series", "Content", "InstanceCreation")
             for kind, value in (("Date", day), ("Time", time))}  # fmt: skip
    names = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
    uids = {name: generate_uid(prefix=None) for name in names}
    empty = dict.fromkeys(("AccessionNumber", "ReferringPhysicianName", "PositionReferenceIndicator", "AcquisitionNumber"), "")
    return {**dates, **uids, **empty, "StudyID": "1", "SeriesNumber": 1, "PatientPosition": "HFS"}


FORMAT = ExportFormat(
    "dicom", "DICOM series", ExportKind.VOLUME, files, container=Container.FOLDER, menu="Export as &DICOM series…"
)
