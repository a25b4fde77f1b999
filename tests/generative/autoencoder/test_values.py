"""Values of simulated tissue far beyond the literature's: what is drawn, what stays, and that batches show it."""

import numpy as np
import pytest
import torch
from made_store import plain as plain_plan

from mriexplorer.dataset.store import open_store
from mriexplorer.generative.autoencoder.batches import Batches, heads_of
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.network import HIGHEST, LOWEST
from mriexplorer.generative.autoencoder.values import ValueFactors, draw_values, with_values
from mriexplorer.simulation.labels import code

WM, GM, FLUID, AIR = (code(name) for name in ("white matter", "cortex", "cerebrospinal fluid", "air"))
SIZE = (24, 24, 24)


def head():
    codes = np.full(SIZE, AIR, np.uint8)
    codes[2:22, 2:22, 2:22] = GM
    codes[6:18, 6:18, 6:18] = WM
    codes[11:13, 11:13, 11:13] = FLUID
    maps = np.zeros((3, *SIZE), np.float32)
    for number, values in {GM: (0.8, 1.4, 0.08), WM: (0.7, 0.85, 0.07), FLUID: (1.0, 4.3, 2.0)}.items():
        maps[:, codes == number] = np.array(values, np.float32)[:, None]
    return torch.from_numpy(maps), codes


def plain(monkeypatch):
    """No blobs, nothing within tissue."""
    for name, value in (("_BLOBS", 0), ("_WITHIN", (0.0,) * 3), ("_TEXTURE", (0.0,) * 3)):
        monkeypatch.setattr(f"mriexplorer.generative.autoencoder.values.{name}", value)


def test_each_tissue_has_its_factor_and_air_has_none(monkeypatch):
    plain(monkeypatch)
    maps, codes = head()
    values = draw_values(np.random.default_rng(1))
    changed = with_values(maps, codes, values, np.random.default_rng(2))
    for number, place in ((WM, (8, 8, 8)), (GM, (3, 3, 3))):
        wanted = maps[(slice(None), *place)].numpy() * values.of(np.array([number], np.uint8))[:, 0]
        assert changed[(slice(None), *place)].numpy() == pytest.approx(wanted, rel=1e-4)
    assert not changed[:, 0, 0, 0].any()


def test_factors_at_a_border_lie_between_and_the_same_seed_gives_the_same(monkeypatch):
    maps, codes = head()
    draws = [with_values(maps, codes, draw_values(np.random.default_rng(5)), np.random.default_rng(6)) for _ in range(2)]
    assert torch.equal(*draws)
    plain(monkeypatch)
    values = ValueFactors(np.ones((20, 3), np.float32))
    values.factors[:] = np.exp(np.linspace(0, 1, 20))[:, None]
    ratio = with_values(maps, codes, values, np.random.default_rng(0))[1, 5:7, 10, 10] / maps[1, 5:7, 10, 10]
    ends = sorted(values.of(np.array([number], np.uint8))[1, 0] for number in (GM, WM))
    assert ends[0] < ratio[0] < ends[1] and ends[0] < ratio[1] < ends[1]


def test_values_go_far_beyond_the_textbook_and_stay_possible():
    maps, codes = head()
    t1, ratios = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        changed = with_values(maps, codes, draw_values(rng), rng)
        t1.append(float(changed[1, 8, 8, 8]))
        ratios.append(float(changed[1, 3, 3, 3] / changed[1, 8, 8, 8]))
        there = changed[0] > 0
        for place in range(3):
            assert changed[place][there].min() >= LOWEST[place] and changed[place].max() <= HIGHEST[place] * 1.0001
    assert np.percentile(t1, 5) < 0.5 and np.percentile(t1, 95) > 1.5, "what 0.5 T, 7 T, newborn and old people have"
    assert np.std(np.log(ratios)) > 0.15, "tissues are partly independent of each other"


def test_a_batch_shows_other_values_and_a_wrong_field(small_store):
    """What a network is shown differs from what the head has, and the field strength that it is told is not the head's."""

    def batch(**changes):
        content = plain_plan()
        content["training"] |= {"patch": [32, 32, 32], "field_unknown": 0.0} | changes
        plan = checked(content, "test")
        heads = heads_of([open_store(small_store)], "train", plan.network, plan.training)
        return Batches(heads, plan.network, plan.training)

    usual, other = batch(), batch(values=1.0, field_wrong=1.0)
    ratios, fields = [], set()
    for step in range(12):
        changed = other.batch(step)
        tissue = changed.maps[:, 0] > 0.3
        assert torch.isfinite(changed.scans).all()
        ratios.append(float(changed.maps[:, 1][tissue].median()))
        fields.add(round(float(changed.vectors[0, 0, 6]), 3))
    medians = [float(b.maps[:, 1][b.maps[:, 0] > 0.3].median()) for b in map(usual.batch, range(12))]
    assert np.std(np.log(ratios)) > np.std(np.log(medians)) + 0.1
    assert len(fields) > 1 and {round(float(usual.batch(n).vectors[0, 0, 6]), 3) for n in range(4)} == {0.0}
