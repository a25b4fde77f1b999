"""Noise: its distribution, and that each voxel has its own."""

import numpy as np
import pytest

from mriexplorer.physics import FIELDS, SEQUENCES, TISSUES, signal
from mriexplorer.physics.noise import added, channels, sigma_of

MANY = np.arange(400_000)


def noisy(values, voxels, sigma, seed, *, signed=False):
    """Signal with noise of a standard deviation."""
    return added(values, channels(voxels, seed), np.float32(sigma), signed=signed)


def test_magnitude_noise_in_air_is_that_of_rayleigh():
    """Mean sigma sqrt(pi/2), SD sigma sqrt(2 - pi/2)."""
    air = noisy(np.zeros(MANY.size, np.float32), MANY, 0.02, 1)
    assert air.mean() == pytest.approx(0.02 * np.sqrt(np.pi / 2), rel=5e-3)
    assert air.std() == pytest.approx(0.02 * np.sqrt(2 - np.pi / 2), rel=5e-3)
    assert (air >= 0).all()


def test_magnitude_noise_is_gaussian_and_slightly_brighter_where_the_signal_is_high():
    """Mean sqrt(S^2 + sigma^2), SD sigma at an SNR of 20 (Gudbjartsson, Patz 1995)."""
    shown = noisy(np.full(MANY.size, 0.4, np.float32), MANY, 0.02, 1)
    assert shown.mean() == pytest.approx(np.sqrt(0.4**2 + 0.02**2), rel=3e-4)
    assert shown.std() == pytest.approx(0.02, rel=5e-3)


def test_signed_noise_is_gaussian_about_the_signal():
    shown = noisy(np.full(MANY.size, -0.01, np.float32), MANY, 0.02, 1, signed=True)
    assert shown.mean() == pytest.approx(-0.01, abs=1e-4)
    assert shown.std() == pytest.approx(0.02, rel=5e-3)
    assert (shown > 0).any()


def test_channels_are_standard_and_know_nothing_of_each_other_their_neighbours_and_other_seeds():
    first, other = channels(MANY, 5), channels(MANY, 6)
    assert first.mean(axis=1) == pytest.approx([0, 0], abs=6e-3)
    assert first.std(axis=1) == pytest.approx([1, 1], rel=5e-3)
    assert np.abs((first**4).mean(axis=1) - 3).max() < 0.05
    pairs = [(first[0], first[1]), (first[0], other[0]), (first[0][1:], first[0][:-1]), (first[0][200:], first[0][:-200])]
    assert all(abs(np.corrcoef(*pair)[0, 1]) < 6e-3 for pair in pairs)
    assert np.isfinite(first).all()


def test_a_voxel_has_its_own_noise_wherever_it_is_asked_for():
    whole = channels(MANY, 9)
    some = np.array([399_999, 7, 12_345])
    assert np.array_equal(channels(some, 9), whole[:, some])
    assert not np.array_equal(channels(some, 10), whole[:, some])


@pytest.mark.parametrize("row", SEQUENCES.values(), ids=lambda row: row.name)
def test_sigma_is_what_makes_the_snr_of_the_default_protocol(row):
    for field in FIELDS:
        sigma = sigma_of(row, field, 25.0)
        assert sigma > 0
        if row.spread is None:
            shown = [abs(float(signal(row, TISSUES[n].pd, TISSUES[n].at[field].t1, getattr(TISSUES[n].at[field], row.decay),
                                      row.defaults()))) for n in ("wm", "gm")]  # fmt: skip
            assert max(shown) / sigma == pytest.approx(25, rel=1e-9)
