"""The receive field of a scan."""

import numpy as np
import pytest

from mriexplorer.subject.receive_field import bias_field, fitted_field


def test_a_receive_field_is_found_again_and_knows_no_tissue() -> None:
    rng = np.random.default_rng(0)
    model = rng.random((40, 48, 36)).astype(np.float32) * (rng.random((40, 48, 36)) < 0.6)
    turn = np.cos(np.pi * (np.arange(48) + 0.5) / 48)[None, :, None]
    field = (300 * (1 + 0.3 * turn)).astype(np.float32)
    found = fitted_field(model, model * field)
    assert bias_field(found, model.shape) == pytest.approx(np.broadcast_to(field, model.shape), rel=1e-3)
    assert found[0, 0, 0] == pytest.approx(300, rel=1e-3) and found[0, 1, 0] == pytest.approx(90, rel=1e-3)


def test_nothing_computed_gives_no_field() -> None:
    nothing = np.zeros((16, 16, 16), np.float32)
    assert not bias_field(fitted_field(nothing, nothing + 1), nothing.shape).any()
