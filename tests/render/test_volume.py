"""3-D without a window: the camera, the texture, what a cut takes away, and the state."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import AFFINE, PD, SHAPE, T1, T2, values

from mriexplorer.errors import InputError
from mriexplorer.render import volume
from mriexplorer.render.scene import Scene
from mriexplorer.render.volume import render_parameters, texture
from mriexplorer.subject import Subject
from mriexplorer.subject.tissue_maps import Grid, TissueMaps
from mriexplorer.view.camera import Camera, rays
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json


@pytest.fixture
def maps():
    return TissueMaps(values(PD), values(T1), values(T2), Grid(SHAPE, AFFINE))


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (35, 20), (200, -60), (270, 89)])
def test_the_camera_is_never_mirrored(azimuth, elevation):
    right, top, ahead = Camera(azimuth, elevation).axes
    np.testing.assert_allclose(np.cross(right, top), -ahead, atol=1e-12)
    assert top[2] > 0, "the head stands upright"


def test_from_the_front_the_patients_left_is_on_the_right():
    right, _top, ahead = Camera(0, 0).axes
    np.testing.assert_allclose(right, (-1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(ahead, (0, -1, 0), atol=1e-12)


def test_the_camera_keeps_its_limits():
    camera = Camera().turned(400, 500).zoomed(1e6).panned(9, -9)
    assert (camera.elevation, camera.zoom, camera.across, camera.up) == (89, 12, pytest.approx(0.75), pytest.approx(-0.75))
    assert 0 <= camera.azimuth < 360


def test_rays_meet_in_the_eye_and_show_the_middle():
    centre = np.array((5.0, -3.0, 8.0))
    cast = rays(Camera(20, 10), centre, 250, 1.5)
    to_centre = (centre - cast.eye) / np.linalg.norm(centre - cast.eye)
    np.testing.assert_allclose(to_centre, cast.ahead, atol=1e-9)
    assert np.linalg.norm(cast.across) == pytest.approx(1.5 * np.linalg.norm(cast.up))


def test_a_texture_holds_rates_where_tissue_is(maps):
    made = texture(maps, "t2")
    inverse = np.linalg.inv(made.affine)
    for voxel in ((10, 12, 9), (5, 16, 12), (10, 3, 9)):
        place = np.rint(inverse @ (*maps.grid.to_mm(voxel), 1))[:3].astype(int)
        pd, r1, r2, way = made.voxels[tuple(place)]
        assert (pd, way) == (maps.pd[voxel], 0)
        np.testing.assert_allclose((r1, r2), (1 / maps.t1[voxel], 1 / maps.t2[voxel]), rtol=1e-6)


def test_air_beside_tissue_has_its_rates_and_no_water(maps):
    made = texture(maps, "t2")
    beside = made.voxels[made.voxels[..., 3] == 1]
    assert not beside[:, 0].any()
    np.testing.assert_allclose(beside[:, 1], 1 / T1["csf"], rtol=1e-5)
    far = made.voxels[made.voxels[..., 3] > 1]
    assert not far[:, :3].any()


def test_every_side_of_the_texture_is_air(maps):
    voxels = texture(maps, "t2").voxels
    for axis in range(3):
        assert not np.take(voxels[..., 0], (0, 1, -1, -2), axis=axis).any()


def test_rays_may_leap_as_far_as_the_texture_says(maps):
    made = texture(maps, "t2")
    tissue = np.argwhere(made.voxels[..., 3] == 0)
    for place in np.argwhere(made.voxels[..., 3] > 1)[::97]:
        assert np.abs(tissue - place).max(axis=1).min() == made.voxels[(*place, 3)]


def test_large_volumes_are_thinned(maps, monkeypatch):
    monkeypatch.setattr(volume, "_MOST", 1500)
    made = texture(maps, "t2")
    assert made.stride == 2
    np.testing.assert_allclose(np.linalg.norm(made.affine[:3, :3], axis=0), (4, 5, 6))


def test_t2star_stands_in_where_it_is_known(maps):
    star = np.where(maps.t1 == np.float32(T1["wm"]), 0.05, 0).astype(np.float32)
    rates = texture(replace(maps, t2star=star), "t2star").voxels
    white, grey = (rates[(rates[..., 3] == 0) & np.isclose(rates[..., 1], 1 / T1[tissue]), 2] for tissue in ("wm", "gm"))
    np.testing.assert_allclose(white, 20, rtol=1e-5)
    np.testing.assert_allclose(grey, 1 / T2["gm"], rtol=1e-5)


def test_without_tissue_there_is_an_empty_texture(maps):
    empty = np.zeros_like(maps.pd)
    assert not texture(replace(maps, pd=empty), "t2").voxels[..., :3].any()


@pytest.mark.parametrize(("clip", "count"), [("octant", 3), ("axial", 1), ("coronal", 1), ("sagittal", 1)])
@pytest.mark.parametrize("azimuth", [20, 110, 200, 290])
def test_a_cut_takes_away_what_is_before_the_crosshair(clip, count, azimuth, maps):
    scene, tissue = Scene(Subject("head", maps)), texture(maps, "t2")
    state = State().with_volume(clip=clip, camera=Camera(azimuth, 25)).with_display(cursor=(4.0, -2.0, 3.0))
    made = render_parameters(scene, state, tissue, 1.0)
    assert len(made.cuts) == count
    assert all(cut @ (made.rays.eye - made.cross) > 0 for cut in made.cuts)
    assert not render_parameters(scene, state.with_volume(preset="surface"), tissue, 1.0).cuts


def test_the_state_of_3d_survives_json():
    state = State().with_volume(preset="xray", clip="axial", camera=Camera(10, -5, 2, 0.1, -0.2)).with_panels(side="volume")
    assert from_json(to_json(state)) == state
    assert from_json('{"sequence": "se"}').volume.camera == Camera()


@pytest.mark.parametrize(
    "wrong",
    [
        '{"volume_preset": "hologram"}',
        '{"volume_clip": "half"}',
        '{"camera": {"zoom": 0}}',
        '{"camera": {"elevation": 200}}',
        '{"camera": {"azimuth": NaN}}',
        '{"camera": 5}',
    ],
)
def test_what_a_state_of_3d_cannot_be_is_refused(wrong):
    with pytest.raises(InputError, match="not a state"):
        from_json(wrong)
