"""A patient's scans: what each is by name, description or times; DICOM as scanners write it."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from conftest import AFFINE, values, write
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from mriexplorer.dataset.recognition import files_of, recognise, session_of
from mriexplorer.dataset.scan_times import Times, completed
from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, problems
from mriexplorer.reading.registry import read_volume

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
        ("003", {"SeriesDescription": "3DT1 SAG"}, "T1w", "by its description"),
        ("brain_t1", {}, "T1w", "by its name"),
        ("update3", {"EchoTime": 0.1, "RepetitionTime": 5}, "T2w", "by its times"),
        ("brainmask_common_space", {}, None, "its name is that of a mask"),
        ("sub-1_desc-encoded_T1map", {}, None, "its name is that of a map"),
        ("sub-1_T1map_ms", {}, None, "its name is that of a map"),
        ("sub-1_T2starw", {}, None, "its name or description has 't2starw', which is another kind of image"),
        (
            "003",
            {"SeriesDescription": "ep2d_diff", "EchoTime": 0.09},
            None,
            "its name or description has 'ep2d', which is another kind of image",
        ),
        ("003", {"EchoTime": 3.2e-6, "RepetitionTime": 2.3}, None, "neither its name nor its times tell what it is"),
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
    for name, value in (("te", 0.0), ("te", 99.0), ("tr", -1.0), ("ti", 1e12)):
        with pytest.raises(InputError, match=f"x_T2w.nii.gz: {name.upper()} of .* is not possible; it lies between"):
            recognise(path, "FLAIR", {name: value})


def test_a_t1w_without_inversion_is_a_spin_echo_and_it_is_said(tmp_path: Path) -> None:
    found = recognise(image(tmp_path / "x_T1w.nii.gz"), None, {"te": 0.015})
    assert found.times is not None
    assert (found.times.sequence, found.times.values) == ("se", {"te": 0.015, "tr": 0.5})
    assert "is read as a spin echo" in found.times.notes[0] and "TR 500 ms is taken" in found.times.notes[1]


@pytest.mark.parametrize(
    ("sequence", "told"),
    [
        ("mprage", {"te": 0.004, "tr": 1.46, "ti": 0.64}),
        ("mprage", {"te": 0.003, "tr": 2.4, "ti": 1.0}),
        ("tse", {"te": 0.18, "tr": 3.0}),
        ("tse", {"te": 0.008, "tr": 0.6}),
        ("flair", {"te": 0.13, "tr": 5.0, "ti": 1.8}),
        ("flair", {"te": 0.13, "tr": 2.6, "ti": 2.4}),
    ],
)
def test_what_is_not_told_of_a_train_suits_what_is(sequence: str, told: dict[str, float]) -> None:
    values = completed(Times(sequence, told))
    assert not problems(SEQUENCES[sequence], values)
    assert {name: values[name] for name in told} == told


def test_a_session_has_one_scan_of_each_kind(tmp_path: Path) -> None:
    one, other = (recognise(image(tmp_path / f"{name}_T1w.nii.gz", MagneticFieldStrength=1.5)) for name in "ab")
    assert session_of([one], "sub-x").field == 1.5
    with pytest.raises(InputError, match="are both T1w"):
        session_of([one, other], "sub-x")
    unknown = recognise(image(tmp_path / "x.nii.gz"))
    with pytest.raises(InputError, match=r"x\.nii\.gz: neither its name .* say which of T1w, T2w, PDw, FLAIR it is"):
        session_of([one, unknown], "sub-x")


def dicom(folder: Path, data: np.ndarray, description: str, **tags: object) -> None:
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
    (file,) = files_of(tmp_path / "series").paths
    found = recognise(file)
    assert (found.kind, found.label) == ("T2w", "t2_tse_tra")
    assert found.times is not None and found.times.values == {"te": 0.101, "tr": 4.2}
    assert session_of([found], "sub-x").field == 1.5
    read = read_volume(file)
    assert read.data.shape == HEAD.shape
    np.testing.assert_allclose(read.grid.affine, AFFINE, atol=1e-4)
    np.testing.assert_array_equal(read.data, HEAD)
    changed = file.stat().st_mtime_ns
    assert files_of(tmp_path / "series/IM000").paths == (file,)  # any of its files stands for the series
    assert file.stat().st_mtime_ns == changed  # converted once
    file.write_bytes(file.read_bytes()[:-50])
    assert files_of(tmp_path / "series").paths == (file,) and read_volume(file).data.shape == HEAD.shape  # made anew


def test_a_disc_with_several_series_gives_the_scans_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    dicom(tmp_path / "DICOM/a", HEAD, "t1_mprage", EchoTime=3.0, RepetitionTime=2300.0, InversionTime=900.0)
    dicom(tmp_path / "DICOM/b", HEAD, "flair", EchoTime=90.0, RepetitionTime=9000.0, InversionTime=2500.0)
    dicom(tmp_path / "DICOM/c", HEAD[:3], "localizer")
    dicom(tmp_path / "DICOM/d", HEAD, "thorax", Modality="CT")
    (tmp_path / "README.txt").write_text("a viewer\n")
    found = files_of(tmp_path)
    assert sorted(str(recognise(file).kind) for file in found.paths) == ["FLAIR", "T1w"]
    assert any("localizer" in said and "it has 3 slices only" in said for said in found.notices)
    assert any("thorax" in said and "it is no MR series" in said for said in found.notices)
    image(tmp_path / "c_T2w.nii.gz")
    assert [recognise(file).kind for file in files_of(tmp_path).paths] == ["T2w"]
    assert "its DICOM files are left aside" in files_of(tmp_path).notices[0]


def test_two_echoes_of_a_series_are_two_scans(tmp_path: Path) -> None:
    dicom(tmp_path, HEAD, "pd_t2_tse", EchoTime=15.0, RepetitionTime=3000.0)
    for file in list(tmp_path.iterdir()):
        second = pydicom.dcmread(file)
        second.EchoTime, second.SOPInstanceUID = 100.0, generate_uid()
        second.InstanceNumber += len(HEAD)
        second.save_as(tmp_path / f"second-{file.name}")
    assert [read_volume(file).data.shape for file in files_of(tmp_path).paths] == [HEAD.shape] * 2


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        ("missing", "some are missing, or unreadable"),
        ("cut", "a file is cut off"),
        ("twice", "or slices that lie over each other"),
        ("place", "all its slices lie in one place"),
    ],
)
def test_a_series_that_is_not_whole_is_refused(tmp_path: Path, harm: str, sentence: str) -> None:
    dicom(tmp_path, HEAD, "t1_mprage", EchoTime=3.0, RepetitionTime=2300.0, InversionTime=900.0)
    files = sorted(tmp_path.iterdir())
    if harm == "missing":
        for file in files[5:8]:
            file.unlink()
    elif harm == "cut":
        files[5].write_bytes(files[5].read_bytes()[:-300])
    for number, file in enumerate(files if harm in ("twice", "place") else ()):
        again = pydicom.dcmread(file)
        if harm == "place":
            again.ImagePositionPatient = [0, 0, 0]
            again.save_as(file)
        else:
            again.SOPInstanceUID, again.InstanceNumber = generate_uid(), 100 + number
            again.save_as(tmp_path / f"again{number}")
    with pytest.raises(InputError, match=sentence):
        files_of(tmp_path)


def test_a_header_that_gives_no_json_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dicom(tmp_path, HEAD, "t1_mprage", EchoTime=3.0, RepetitionTime=2300.0, InversionTime=900.0)
    run = subprocess.run

    def spoiling(command: list[str], **how: object) -> "subprocess.CompletedProcess[bytes]":
        made = run(command, **how)  # type: ignore[call-overload]
        for sidecar in Path(command[command.index("-o") + 1]).glob("*.json"):
            sidecar.write_bytes(b'{"EchoTime": \xff')
        return made

    monkeypatch.setattr(subprocess, "run", spoiling)
    with pytest.raises(InputError, match="its header is damaged") as caught:
        files_of(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert ".json" not in str(caught.value)


def test_what_is_no_scan_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match="is none of DICOM, MGH, NIfTI"):
        files_of(tmp_path / "notes.txt")
    with pytest.raises(InputError, match="holds no scans"):
        files_of(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        files_of(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe_T1w.nii.gz")
    with pytest.raises(InputError, match="is neither a file nor a folder"):
        files_of(tmp_path / "pipe_T1w.nii.gz")
    (tmp_path / "broken").write_bytes(bytes(128) + b"DICM" + b"xx")
    with pytest.raises(InputError, match="no series could be read from its DICOM files"):
        files_of(tmp_path / "broken")
