"""Volumes from files: every axis order, oblique and unknown orientations, data types, and writing back."""

import itertools
import json

import nibabel as nib
import numpy as np
import pytest
from conftest import AFFINE, PD, SHAPE, T1, T2, values, write

from mriexplorer.export.export import export
from mriexplorer.export.request import Export
from mriexplorer.reading.registry import read_volume
from mriexplorer.render.scene import Scene
from mriexplorer.render.slices import geometry
from mriexplorer.subject.derivative import signal_volume
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import TissueMaps
from mriexplorer.view.state import State

ORDERS = [(order, flips) for order in itertools.permutations(range(3)) for flips in itertools.product((1, -1), repeat=3)]


def reordered(data, affine, order, flips):
    """The same head stored along other axes: the affine says where each voxel lies."""
    ornt = np.array([[axis, flip] for axis, flip in zip(order, flips, strict=True)])
    image = nib.Nifti1Image(data, affine).as_reoriented(ornt)
    return np.asanyarray(image.dataobj), image.affine


@pytest.mark.parametrize(("order", "flips"), ORDERS)
def test_all_48_axis_orders_look_the_same_and_are_written_back_as_they_came(order, flips, tmp_path):
    data, affine = reordered(values(T1), AFFINE, order, flips)
    volume = read_volume(write(tmp_path / "T1map.nii.gz", data, affine))
    assert np.array_equal(volume.data, values(T1))
    assert np.allclose(volume.grid.affine, AFFINE)
    assert [geometry(n, volume.grid, "radiological").letters for n in ("axial", "sagittal", "coronal")] == [
        ("R", "L", "A", "P"),
        ("A", "P", "S", "I"),
        ("R", "L", "S", "I"),
    ]
    stored, back = volume.grid.stored(volume.data)
    assert np.array_equal(stored, data)
    assert np.allclose(back, affine)
    place = volume.grid.stored_voxel((5, 16, 12))
    assert data[place] == values(T1)[5, 16, 12]
    assert np.allclose(affine @ (*place, 1), AFFINE @ (5, 16, 12, 1))


def test_neurological_mirrors_the_planes_but_not_the_millimetres(tmp_path):
    grid = read_volume(write(tmp_path / "T1map.nii.gz", values(T1))).grid
    radiological, neurological = (geometry("axial", grid, c) for c in ("radiological", "neurological"))
    assert neurological.letters == ("L", "R", "A", "P")
    for plane in (radiological, neurological):
        place = plane.place((5, 16, 12))
        assert plane.voxel(*place, (0, 0, 12)) == (5, 16, 12)
    mirrored = neurological.cut(values(T1), (0, 0, 12))[:, ::-1]
    assert np.array_equal(radiological.cut(values(T1), (0, 0, 12)), mirrored)
    assert radiological.cut(values(T1), (0, 0, 12))[SHAPE[1] - 1 - 16, SHAPE[0] - 1 - 5] == np.float32(T1["csf"])


def test_oblique_planes_have_two_letters(tmp_path):
    turn = np.radians(30)
    rotation = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    affine = AFFINE.copy()
    affine[:3, :3] = rotation @ AFFINE[:3, :3]
    grid = read_volume(write(tmp_path / "T1map.nii.gz", values(T1), affine)).grid
    assert geometry("axial", grid, "radiological").letters == ("RA", "LP", "AL", "PR")
    assert grid.spacing == pytest.approx((2.0, 2.5, 3.0))


def test_qform_stands_in_for_a_missing_sform(tmp_path):
    grid = read_volume(write(tmp_path / "T1map.nii.gz", values(T1), codes=(0, 1))).grid
    assert grid.known
    assert grid.codes == (0, 1)
    assert np.allclose(grid.affine, AFFINE, atol=1e-4)


def test_without_codes_the_orientation_is_unknown(tmp_path):
    grid = read_volume(write(tmp_path / "T1map.nii.gz", values(T1), codes=(0, 0))).grid
    assert not grid.known
    assert geometry("axial", grid, "radiological").letters is None
    assert grid.spacing == pytest.approx((2.0, 2.5, 3.0))


@pytest.mark.parametrize(
    ("dtype", "slope"), [("<f8", None), (">f4", None), (">i2", 0.001), ("<i2", 0.0005), ("<u2", 0.001), ("u1", 0.02)]
)
def test_data_types_byte_orders_and_scaling(dtype, slope, tmp_path):
    header = nib.Nifti1Header(endianness=dtype[0] if dtype[0] in "<>" else "<")
    header.set_data_dtype(np.dtype(dtype))
    stored = np.rint(values(T1) / slope).astype(dtype) if slope else values(T1).astype(dtype)
    image = nib.Nifti1Image(stored, AFFINE, header)
    if slope:
        image.header.set_slope_inter(slope, 0.0)
    nib.save(image, tmp_path / "T1map.nii.gz")
    volume = read_volume(tmp_path / "T1map.nii.gz")
    assert volume.data.dtype == np.float32
    assert np.allclose(volume.data, values(T1), atol=(slope or 1e-6) * 0.51)


def test_4d_with_one_frame_is_a_volume(tmp_path):
    assert read_volume(write(tmp_path / "T1map.nii", values(T1)[..., None])).data.shape == SHAPE


def test_mgh_and_pairs_of_files_are_read(tmp_path):
    nib.save(nib.MGHImage(values(T1), AFFINE.astype(np.float32)), tmp_path / "T1map.mgz")
    nib.save(nib.Nifti1Pair(values(T1), AFFINE), tmp_path / "T1.img")
    for name in ("T1map.mgz", "T1.img", "T1.hdr"):
        assert np.allclose(read_volume(tmp_path / name).data, values(T1))


@pytest.mark.parametrize(("order", "flips"), ORDERS[::7])
def test_synthetic_images_keep_affine_codes_and_places(order, flips, tmp_path):
    data, affine = reordered(values(T1), AFFINE, order, flips)
    grid = read_volume(write(tmp_path / "T1map.nii.gz", data, affine, codes=(4, 1))).grid
    subject = Subject("sub-07", TissueMaps(values(PD), values(T1), values(T2), grid))
    state = State().with_sequence("tse")
    image = nib.load(export(Scene(subject), state, Export(tmp_path / "out.nii.gz")))
    assert np.allclose(image.affine, affine, atol=1e-5)
    assert (int(image.header["sform_code"]), int(image.header["qform_code"])) == (4, 1)
    expected, _affine = grid.stored(signal_volume(subject, state.protocol))
    assert np.array_equal(image.get_fdata(dtype=np.float32), expected)


def test_a_folder_becomes_a_bids_derivative_that_says_what_it_is(tmp_path):
    grid = read_volume(write(tmp_path / "T1map.nii.gz", values(T1))).grid
    subject = Subject("sub-07", TissueMaps(values(PD), values(T1), values(T2), grid))
    image = export(Scene(subject), State().with_sequence("flair"), Export(tmp_path / "out"))
    assert image == tmp_path / "out" / "sub-07" / "anat" / "sub-07_acq-TE91p0TR9000TI2500_desc-synthetic_FLAIR.nii.gz"
    described = json.loads((tmp_path / "out" / "dataset_description.json").read_text())
    assert described["DatasetType"] == "derivative"
    assert described["GeneratedBy"][0]["Name"] == "mriexplorer"
    sidecar = json.loads(image.with_name(image.name.replace(".nii.gz", ".json")).read_text())
    assert (sidecar["EchoTime"], sidecar["InversionTime"]) == (0.091, 2.5)
    assert "ynthetic" in sidecar["Description"]
    assert b"SYNTHETIC" in nib.load(image).header["descrip"].tobytes()
    assert not list(image.parent.glob(".writing-*"))


def test_a_qform_that_says_otherwise_is_given_up(tmp_path):
    path = write(tmp_path / "T1map.nii.gz", values(T1))
    image = nib.load(path)
    other = AFFINE.copy()
    other[:3, 3] += 10
    image.set_qform(other, 1)
    nib.save(image, path)
    volume = read_volume(path)
    assert volume.grid.codes == (1, 0)
    assert np.allclose(volume.grid.affine, AFFINE)


def test_endings_in_capitals(tmp_path):
    path = write(tmp_path / "T1map.nii.gz", values(T1))
    assert np.allclose(read_volume(path.rename(tmp_path / "T1MAP.NII.GZ")).data, values(T1))
