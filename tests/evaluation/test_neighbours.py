"""Who of the trained people is nearest to a brain, from a file without anybody in it."""

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.neighbours import load_trained, save_trained, trained_people
from mriexplorer.simulation.layout import layout_names, layout_of

RANDOM = np.random.default_rng(4)


def layouts(count):
    return np.clip(RANDOM.normal(0.4, 0.1, (count, 60)), 0, 1).astype(np.float32)


def test_a_copy_is_at_no_distance_and_fresh_people_are_as_far_as_kept_ones(tmp_path):
    kept, trained = layouts(40), layouts(50)
    save_trained(tmp_path / "neighbours.safetensors", trained_people(kept, trained))
    found = load_trained(tmp_path / "neighbours.safetensors")
    assert found.nearest(trained[7]).ratio < 1e-3 and found.nearest(trained[7]).nearer == 0
    fresh = [found.nearest(one).ratio for one in layouts(40)]
    assert np.median(fresh) == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize("content", [b"", b"no tensors"])
def test_a_damaged_file_is_one_sentence(tmp_path, content):
    (tmp_path / "n.safetensors").write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        load_trained(tmp_path / "n.safetensors")
    with pytest.raises(InputError, match="missing"):
        load_trained(tmp_path / "nowhere.safetensors")


def test_a_layout_says_where_fluid_and_white_matter_lie():
    image = np.zeros((12, 12, 12), np.float32)
    image[:6] = 1.0  # white
    hull = np.ones(image.shape, bool)
    hull[6:, 6:] = False
    names = layout_names(image.shape)
    found = dict(zip(names, layout_of(image, hull), strict=True))
    assert found["white matter in block 0/0/0"] == 1 and found["fluid in block 0/0/0"] == 0
    assert found["fluid in block 1/0/0"] == 1 and found["fluid in block 1/1/0"] == 0
