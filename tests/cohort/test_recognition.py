"""A patient's scans: what each is by name, description or times; DICOM as scanners write it."""

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from conftest import AFFINE, values, write
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from mriexplorer.cohort.recognition import files_of, recognise, session_of
from mriexplorer.errors import InputError
from mriexplorer.subject.dicom import find_series
from mriexplorer.subject.nifti import read_volume

HEAD = values({"wm": 900.0, "gm": 600.0, "csf": 150.0})


def image(path: Path, **sidecar: object) -> Path:
    write(path, HEAD, AFFINE)
    if sidecar:
        path.with_name(path.name.replace(".nii.gz", ".json")).write_text(json.dumps(sidecar))
    return path


@pytest.mark.parametrize(
    ("name", "sidecar", "kind", "how"),
    [
        ("sub-1_T1w", {}, "T1w", "by its name"),
        ("ax_dark-fluid", {}, "FLAIR", "by its description"),
        ("003", {"SeriesDescription": "t1_mprage_sag_p2_iso"}, "T1w", "by its description"),
        ("003", {"SeriesDescription": "AX T2 TSE"}, "T2w", "by its description"),
        ("003", {"EchoTime": 0.09, "RepetitionTime": 9, "InversionTime": 2.5}, "FLAIR", "by its times"),
        ("003", {"EchoTime": 0.003, "RepetitionTime": 2.3, "InversionTime": 0.9}, "T1w", "by its times"),
        ("003", {"EchoTime": 0.012, "RepetitionTime": 0.6}, "T1w", "by its times"),
        ("003", {"EchoTime": 0.1, "RepetitionTime": 5}, "T2w", "by its times"),
        ("003", {"EchoTime": 0.015, "RepetitionTime": 3}, "PDw", "by its times"),
        ("brainmask_common_space", {}, None, "its name is that of a mask"),
        ("003", {}, None, "neither its name nor its times tell what it is"),
    ],
)
def test_scans_are_recognised(tmp_path: Path, name: str, sidecar: dict[str, object], kind: str | None, how: str) -> None:
    found = recognise(image(tmp_path / f"{name}.nii.gz", **sidecar))
    assert (found.kind, found.how) == (kind, how)


def test_what_is_given_counts_before_what_is_found(tmp_path: Path) -> None:
    path = image(tmp_path / "x_T2w.nii.gz", EchoTime=0.1, RepetitionTime=4)
    found = recognise(path, "FLAIR", {"te": 0.12})
    assert found.times is not None
    assert found.times.values == {"te": 0.12, "tr": 4.0, "ti": 2.5}
    assert any("no TI" in note for note in found.times.notes)


def test_a_session_has_one_scan_of_each_kind(tmp_path: Path) -> None:
    one, other = (recognise(image(tmp_path / f"{name}_T1w.nii.gz", MagneticFieldStrength=1.5)) for name in "ab")
    assert session_of([one], "sub-x").field == 1.5
    with pytest.raises(InputError, match="are both T1w"):
        session_of([one, other], "sub-x")
    unknown = recognise(image(tmp_path / "x.nii.gz"))
    with pytest.raises(InputError, match=r"x\.nii\.gz: neither its name .* say which of T1w, T2w, PDw, FLAIR it is"):
        session_of([one, unknown], "sub-x")


def dicom(folder: Path, data: np.ndarray, description: str, **tags: float) -> None:
    """A series of sagittal slices, as a scanner writes it, in files whose order says nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    series, study, frame = generate_uid(), generate_uid(), generate_uid()
    for place in range(data.shape[0]):
        header = FileMetaDataset()
        header.MediaStorageSOPClassUID, header.MediaStorageSOPInstanceUID = MRImageStorage, generate_uid()
        header.TransferSyntaxUID = ExplicitVRLittleEndian
        file = pydicom.Dataset()
        file.file_meta = header
        file.SOPClassUID, file.SOPInstanceUID = MRImageStorage, header.MediaStorageSOPInstanceUID
        file.Modality, file.SeriesDescription, file.SeriesNumber, file.InstanceNumber = "MR", description, 4, place + 1
        file.SeriesInstanceUID, file.StudyInstanceUID, file.FrameOfReferenceUID = series, study, frame
        for name, value in tags.items():
            setattr(file, name, value)
        # rows run down (to Inferior), columns to Posterior; slices from Right to Left
        slice_ = data[place, ::-1, ::-1].T
        file.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        file.ImagePositionPatient = [
            float(-(AFFINE[0, 3] + 2 * place)),
            float(-(AFFINE[1, 3] + 2.5 * 23)),
            float(AFFINE[2, 3] + 3 * 17),
        ]
        file.PixelSpacing, file.SliceThickness = [3.0, 2.5], 2.0
        file.Rows, file.Columns = slice_.shape
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 16, 15, 0
        file.PixelData = np.ascontiguousarray(slice_.astype(np.uint16)).tobytes()
        file.save_as(folder / f"IM{(place * 7) % data.shape[0]:03d}", enforce_file_format=True)


def test_a_dicom_series_is_read_with_its_header_and_lies_where_it_should(tmp_path: Path) -> None:
    dicom(tmp_path / "series", HEAD, "t2_tse_tra", EchoTime=101.0, RepetitionTime=4200.0, MagneticFieldStrength=1.5)
    (file,) = files_of(tmp_path / "series")
    found = recognise(file)
    assert (found.kind, found.label) == ("T2w", "t2_tse_tra")
    assert found.times is not None and found.times.values == {"te": 0.101, "tr": 4.2}
    assert session_of([found], "sub-x").field == 1.5
    read = read_volume(file)
    assert read.data.shape == HEAD.shape
    np.testing.assert_allclose(read.grid.affine, AFFINE, atol=1e-4)
    np.testing.assert_array_equal(read.data, HEAD)
    assert files_of(tmp_path / "series/IM000") == (file,)  # any of its files stands for the series, and it is converted once


def test_a_folder_of_several_series_gives_all(tmp_path: Path) -> None:
    dicom(tmp_path / "a", HEAD, "t1_mprage", EchoTime=3.0, RepetitionTime=2300.0, InversionTime=900.0)
    dicom(tmp_path / "b", HEAD, "flair", EchoTime=90.0, RepetitionTime=9000.0, InversionTime=2500.0)
    image(tmp_path / "c_T2w.nii.gz")
    assert [recognise(file).kind for file in files_of(tmp_path)] == ["T1w", "FLAIR", "T2w"]


def test_what_is_no_scan_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match="is neither NIfTI nor DICOM"):
        files_of(tmp_path / "notes.txt")
    with pytest.raises(InputError, match="holds no scans"):
        files_of(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        files_of(tmp_path / "gone")
    (tmp_path / "broken").write_bytes(bytes(128) + b"DICM" + b"xx")
    with pytest.raises(InputError, match="DICOM"):
        files_of(tmp_path / "broken")
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no MR series"):
        find_series(tmp_path / "none")
