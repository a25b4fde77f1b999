"""A synthetic image as a DICOM series: what other programs read from it, and what it must say and must not."""

import shutil
import subprocess
from dataclasses import replace

import nibabel as nib
import numpy as np
import pydicom
import pytest
from conftest import AFFINE, PD, T1, T2, values

from mriexplorer.errors import InputError
from mriexplorer.export.export import export
from mriexplorer.export.formats.dicom import UNIT
from mriexplorer.export.request import Export
from mriexplorer.physics import Protocol
from mriexplorer.reading.formats.dicom import converted
from mriexplorer.render.scene import Scene
from mriexplorer.subject.subject import Attribute, Subject
from mriexplorer.subject.tissue_maps import Grid, TissueMaps
from mriexplorer.view.presets import with_preset
from mriexplorer.view.state import State

FLAIR = Protocol.complete("flair", {"te": 0.1, "tr": 9.0, "ti": 2.4})
STATE = State().with_contrast(protocol=FLAIR, window=(0.05, 0.35))


def turned(degrees):
    """The head's affine, turned about all three axes."""
    x, y, z = np.radians(degrees)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    affine = AFFINE.copy()
    affine[:3] = about_z @ about_y @ about_x @ affine[:3]
    return affine


def subject(affine=AFFINE, **changed):
    """The small head as a subject."""
    grid = Grid(values(PD).shape, affine)
    return replace(Subject("sub-07", TissueMaps(values(PD), values(T1), values(T2), grid), field=3.0), **changed)


def series(folder, who, state=STATE, **wanted):
    """Its image, as a series."""
    return export(Scene(who), state, Export(folder, "dicom", **wanted))


def read(folder):
    """The slices in the order of their file names."""
    return [pydicom.dcmread(path) for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("affine", [AFFINE, turned((12, -7, 20)), turned((-35, 10, 5))])
@pytest.mark.parametrize("magnitude", [True, False])
def test_another_program_reads_the_same_voxels_at_the_same_places(affine, magnitude, tmp_path):
    who = subject(affine)
    state = STATE.with_contrast(magnitude=magnitude)
    folder = series(tmp_path / "series", who, state)
    exported = nib.load(export(Scene(who), state, Export(tmp_path / "image.nii.gz")))
    ((found, path),) = converted(folder, tmp_path / "cache")
    assert not found.problem
    back = nib.as_closest_canonical(nib.load(path))
    assert np.allclose(back.affine, exported.affine, atol=2e-4)
    wanted = exported.get_fdata()
    step = np.abs(wanted).max() / 32767
    assert np.abs(back.get_fdata() / UNIT - wanted).max() < step


def test_slices_are_at_their_places(tmp_path):
    who = subject(turned((12, -7, 20)))
    slices = read(series(tmp_path / "series", who))
    assert len(slices) == 18
    one = slices[5]
    across, down = np.split(np.array(one.ImageOrientationPatient, float), 2)
    assert across[0] > 0.9, "columns run to the patient's left"
    assert down[1] > 0.9, "rows run to the back"
    volume = np.stack([s.pixel_array * float(s.RescaleSlope) for s in slices])
    row, column = 6, 4
    spacing = [float(v) for v in one.PixelSpacing]
    place = np.array(one.ImagePositionPatient, float) + across * spacing[1] * column + down * spacing[0] * row
    voxel = who.maps.grid.to_voxel(tuple(place * (-1, -1, 1)))
    assert np.allclose(who.maps.grid.to_mm(voxel), place * (-1, -1, 1), atol=1e-6)
    exact = np.abs(FLAIR.signal(*(m[voxel] for m in (who.maps.pd, who.maps.t1, who.maps.t2))))
    assert volume[5, row, column] == pytest.approx(exact * UNIT, abs=0.05)
    apart = np.array(slices[6].ImagePositionPatient, float) - np.array(one.ImagePositionPatient, float)
    assert np.linalg.norm(apart) == pytest.approx(float(one.SpacingBetweenSlices))


def test_it_says_what_it_is_and_what_it_shows(tmp_path):
    one = read(series(tmp_path / "series", subject(), with_preset(STATE, "OASIS-3 · FLAIR")))[9]
    assert (one[0x0008, 0x001C].value, one.ContentQualification, one.BurnedInAnnotation) == ("YES", "RESEARCH", "NO")
    assert list(one.ImageType)[:2] == ["DERIVED", "SECONDARY"]
    assert one.ProtocolName == "SYNTHETIC OASIS-3 · FLAIR"
    assert one.SeriesDescription.startswith("SYNTHETIC FLAIR")
    assert (float(one.EchoTime), float(one.RepetitionTime), float(one.InversionTime)) == (91, 9000, 2500)
    assert one.MagneticFieldStrength == 3
    centre, width = float(one.WindowCenter), float(one.WindowWidth)
    assert (centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2) == pytest.approx((50, 350))


def test_flip_angle_is_in_degrees(tmp_path):
    one = read(series(tmp_path / "series", subject(), State()))[0]
    assert (float(one.FlipAngle), float(one.EchoTime)) == (8, 3.16)
    assert list(one.ScanningSequence) == ["GR", "IR"]


def test_nothing_but_the_shown_name_goes_along(tmp_path):
    who = subject(attributes=(Attribute("age", "63", "years"), Attribute("sex", "F")), name="sub-07\\ses^2")
    one = read(series(tmp_path / "series", who))[0]
    assert (str(one.PatientName), one.PatientID) == ("sub-07 ses 2", "sub-07 ses 2")
    assert (one.PatientBirthDate, one.PatientSex) == ("", "")
    assert "PatientAge" not in one
    synthetic = read(series(tmp_path / "other", replace(who, synthetic=True, name="sub-synth0001")))[0]
    assert (synthetic.PatientID, synthetic.PatientComments) == ("sub-synth0001", "SYNTHETIC person, not a real one")


def test_each_export_is_a_series_of_its_own(tmp_path):
    two = [read(series(tmp_path / name, subject())) for name in ("a", "b")]
    for uid in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        assert len({getattr(s, uid) for s in two[0]}) == 1
        assert getattr(two[0][0], uid) != getattr(two[1][0], uid)
    assert len({s.SOPInstanceUID for series in two for s in series}) == 36


def test_what_dicom_cannot_hold_is_refused(tmp_path):
    unknown = subject()
    unknown = replace(unknown, maps=replace(unknown.maps, grid=replace(unknown.maps.grid, known=False)))
    with pytest.raises(InputError, match="do not tell their orientation"):
        series(tmp_path / "series", unknown)
    skewed = AFFINE.copy()
    skewed[0, 1] = 0.6
    with pytest.raises(InputError, match="right angles"):
        series(tmp_path / "series", subject(skewed))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("kept")
    with pytest.raises(InputError, match="new or empty folder"):
        series(tmp_path / "full", subject())
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_stopped_export_leaves_nothing(tmp_path):
    class Stopped(Exception):  # noqa: N818
        pass

    def progress(what):
        if "slice 11" in what:
            raise Stopped

    with pytest.raises(Stopped):
        export(Scene(subject()), STATE, Export(tmp_path / "series", "dicom"), progress)
    assert not list(tmp_path.iterdir())


def test_a_folder_inside_another_gets_a_free_name(tmp_path):
    names = [series(tmp_path, subject(), inside=True).relative_to(tmp_path).as_posix() for _again in range(2)]
    assert names == [f"sub-07_acq-TE100TR9000TI2400_desc-synthetic_FLAIR{end}" for end in ("", "-2")]


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="dcmtk is not installed")
def test_dcmdump_reads_every_slice_without_a_complaint(tmp_path):
    folder = series(tmp_path / "series", subject())
    ran = subprocess.run(["dcmdump", *map(str, folder.iterdir())], capture_output=True, text=True, check=True)
    assert not ran.stderr
    assert ran.stdout.count("=MRImageStorage") == 36
