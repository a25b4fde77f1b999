"""Shading is taken out of scans, tissue stays."""

import numpy as np
import pytest
from made_store import head

from mriexplorer.generative.autoencoder.bias_field import n4_corrected


def test_a_shaded_scan_becomes_even() -> None:
    _maps, labels = head(1)
    tissue = np.select([labels == code for code in np.unique(labels)], [0.0, 0.9, 0.6, 0.3][: len(np.unique(labels))])
    rng = np.random.default_rng(0)
    clean = np.where(labels > 0, tissue * np.exp(rng.normal(0, 0.03, labels.shape)), 0).astype(np.float32)
    turn = np.cos(np.pi * (np.arange(labels.shape[1]) + 0.5) / labels.shape[1])[None, :, None]
    field = np.exp(0.3 * turn).astype(np.float32)
    found = n4_corrected(clean * field)
    inside = clean > 0.2
    before, after = (np.log(part[inside] / clean[inside]).std() for part in (clean * field, found))
    assert after < before / 2
    assert not found[clean == 0].any() and np.percentile(found[inside], 95) == pytest.approx(1, abs=0.1)


def test_nothing_to_even_stays_as_it_is() -> None:
    for image in (np.zeros((24, 24, 24), np.float32), np.ones((24, 24, 24), np.float32)):
        assert np.array_equal(n4_corrected(image), image)
