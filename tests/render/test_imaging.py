"""Noise in planes, read-outs and files: the same voxel has the same noise everywhere, and sliders do not move it."""

import json

import nibabel as nib
import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.export.export import export
from mriexplorer.export.request import Export
from mriexplorer.measure.masks import roi_masks
from mriexplorer.render.imaging import Imaging, SliceNoise, noise_of
from mriexplorer.render.scene import Scene, caption
from mriexplorer.render.side_by_side import ComparedPerson, GalleryMember
from mriexplorer.subject.derivative import bids_name, signal_volume
from mriexplorer.view.region import Line, Region
from mriexplorer.view.source import Recipe
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json

NOISY = State().with_display(snr=20.0, noise_seed=4).with_sequence("tse")
PLACE = (-25.0, -20.0, 25.0)


def plane(scene, state, name="axial"):
    """A plane's values with noise, as the window colours them."""
    part = scene._cut(name, scene.voxel(state)[{"axial": 2, "sagittal": 0, "coronal": 1}[name]], state.display.convention)
    return part, SliceNoise().values(part, scene.imaging(state))


@pytest.mark.parametrize("sequence", ["tse", "psir", "mp2rage", "bssfp", "flair"])
@pytest.mark.parametrize("convention", ["radiological", "neurological"])
def test_planes_readings_and_volumes_agree(brain, sequence, convention):
    scene = Scene(brain)
    state = NOISY.with_sequence(sequence).with_display(cursor=PLACE, convention=convention)
    at = scene.voxel(state)
    volume = signal_volume(brain, state.protocol, noise=noise_of(state, brain))
    for name in ("axial", "sagittal", "coronal"):
        part, shown = plane(scene, state, name)
        expected = part.geometry.cut(volume, at).reshape(-1)
        tissue = shown if state.sequence.signed else shown[part.pixels]
        assert np.abs(tissue - expected[part.pixels]).max() < 2e-3
        if not state.sequence.signed:
            air = np.setdiff1d(np.arange(shown.size), part.pixels)
            assert np.allclose(shown[air], expected[air], atol=1e-6)
    assert scene.reading(state).signal == pytest.approx(float(volume[at]), abs=1e-5)


def test_noise_stays_while_a_slider_moves_and_changes_with_the_seed(brain):
    scene = Scene(brain)
    signed = NOISY.with_contrast(magnitude=False)
    noise = []
    for state in (signed, signed.with_values(te=0.12), signed.with_display(noise_seed=5)):
        part, shown = plane(scene, state)
        noise.append(shown - part.voxels.signal(Imaging.of(state.with_display(snr=0.0), None).table))
    assert np.allclose(noise[0], noise[1], atol=1e-6)
    assert abs(np.corrcoef(noise[0], noise[2])[0, 1]) < 0.05
    assert np.std(noise[0]) == pytest.approx(noise_of(signed, brain).sigma, rel=0.05)


def test_panes_show_noise_in_tissue_and_air_and_none_where_none_is_requested(brain):
    scene = Scene(brain)
    state = NOISY.with_window(0, 0.4)
    clean = scene.rendered_slice("axial", state.with_display(snr=0.0)).pixels.copy()
    noisy = scene.rendered_slice("axial", state).pixels.copy()
    assert (noisy != clean).mean() > 0.6
    assert ((noisy & 0xFF)[:3] > 0).any(), "air has noise"
    assert np.array_equal(scene.rendered_slice("axial", state.with_display(snr=0.0)).pixels, clean)
    a_map = state.with_contrast(view="t1")
    noiseless = Scene(brain).rendered_slice("axial", a_map.with_display(snr=0.0))
    assert np.array_equal(scene.rendered_slice("axial", a_map).pixels, noiseless.pixels)
    impossible = state.with_values(te=0.5)
    assert impossible.problems
    assert not (scene.rendered_slice("axial", impossible).pixels & 0xFFFFFF).any()


def test_an_exported_volume_says_what_noise_it_has(brain, tmp_path):
    image = export(Scene(brain), NOISY, Export(tmp_path / "noisy.nii.gz"))
    told = json.loads((tmp_path / "noisy.json").read_text())["SyntheticNoise"]
    assert (told["Distribution"], told["SNR"], told["Seed"]) == ("Rician", 20.0, 4)
    air = nib.load(image).get_fdata()[:20, :20, :20]
    assert air.mean() == pytest.approx(told["StandardDeviation"] * np.sqrt(np.pi / 2), rel=0.03)
    assert "SNR20" in bids_name(brain, NOISY.protocol, 20.0)
    assert "SNR" not in bids_name(brain, NOISY.protocol)


def test_states_hold_noise_and_refuse_what_cannot_be():
    assert from_json(to_json(NOISY)) == NOISY
    assert caption(NOISY).endswith("SNR 20")
    for wrong in ({"snr": -3}, {"snr": "loud"}, {"snr": float("nan")}, {"noise_seed": -1}, {"noise_seed": 0.5}):
        with pytest.raises(InputError, match="not a state"):
            from_json(json.dumps({"display": wrong}))


def test_regions_and_lines_are_measured_with_the_noise_that_is_seen(brain):
    scene, state = Scene(brain), NOISY.with_display(cursor=PLACE)
    volume = signal_volume(brain, state.protocol, noise=noise_of(state, brain))
    for region in (Region("A", "tissue", tissue="wm"), Region("B", "ellipse", "coronal", (PLACE,), (6.0, 4.0))):
        held = roi_masks(scene).voxels_of(region)
        values = held.signal(scene.imaging(state), exact=True)
        assert np.abs(values - volume.reshape(-1)[held.places]).max() < 2e-3
        assert held.voxels.t1 == pytest.approx(brain.maps.t1.reshape(-1)[held.places])
    few = roi_masks(scene).voxels_of(Region("A", "tissue", tissue="wm")).signal(scene.imaging(state), exact=False)
    assert np.std(few) == pytest.approx(noise_of(state, brain).sigma, rel=0.1), "literature tissue has no spread of its own"
    at = scene.voxel(state)
    line = Line("axial", brain.maps.grid.to_mm(at), brain.maps.grid.to_mm((at[0] + 4, *at[1:])))
    along = roi_masks(scene).course(line).values("signal", scene.imaging(state))
    assert along[:: len(along) // 4] == pytest.approx(volume[at[0] : at[0] + 5, at[1], at[2]], abs=2e-3)


def test_the_pinned_contrast_has_noise_of_its_own_and_the_difference_that_of_both(brain):
    scene, state = Scene(brain), NOISY.with_contrast(magnitude=False)
    state = state.with_comparison(pinned=state.contrast)
    part = scene._cut("axial", scene.voxel(state)[2], state.display.convention)
    change = state.with_contrast(view="change")
    difference = scene._values(part, change, scene.imaging(change))
    other = state.pinned
    shown = [scene._values(part, one, scene.imaging(one)) for one in (state, other)]
    assert difference == pytest.approx(shown[0] - shown[1], abs=1e-6)
    assert np.std(difference) == pytest.approx(np.sqrt(2) * noise_of(state, brain).sigma, rel=0.05)


def test_somebody_of_the_gallery_has_the_noise_of_the_open_plane(brain):
    scene, state = Scene(brain), NOISY
    at = scene.voxel(state)
    state = state.with_display(cursor=brain.maps.grid.to_mm(at), plane="axial").with_window(0, 0.4)
    part = scene._cut("axial", at[2], state.display.convention)
    someone = ComparedPerson("F 70", member=GalleryMember(Recipe(1), {}, part))
    assert np.array_equal(someone.rendered(state).pixels, scene.rendered_slice("axial", state).pixels)
    column, row = part.geometry.place(at)
    assert someone.reading((column, row), state).signal == pytest.approx(scene.reading(state).signal, abs=1e-5)
