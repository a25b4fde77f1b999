"""How much there is of what, where: kept in a file as it was, and fitted so that made people look like real ones."""

import numpy as np
import pytest

from mriexplorer.errors import InputError
from mriexplorer.generative.joint import calibration
from mriexplorer.generative.joint.calibration import _corrected, _ImageStatistics
from mriexplorer.generative.joint.tissue_density import NONE, TissueDensityCorrection, from_tensors, usable
from mriexplorer.simulation.shape import KNOTS


def test_a_file_gives_it_back() -> None:
    factors = np.random.default_rng(0).normal(0, 1, NONE.factors.shape).astype(np.float32)
    again = from_tensors(TissueDensityCorrection(0.78, 0.05, factors).tensors())
    assert (again.middle, again.spread) == pytest.approx((0.78, 0.05))
    assert np.abs(again.factors - factors).max() < 0.026


@pytest.mark.parametrize("harm", ["gone", "size", "spread"])
def test_a_damaged_one_is_a_sentence(harm: str) -> None:
    tensors = TissueDensityCorrection(0.78, 0.0 if harm == "spread" else 0.05, NONE.factors).tensors()
    if harm == "gone":
        del tensors["balance.nwbv"]
    elif harm == "size":
        tensors["balance.factors"] = tensors["balance.factors"][:1]
    with pytest.raises(InputError, match="tissue density"):
        from_tensors(tensors)


def test_it_is_alike_left_and_right_and_leaves_the_ventricles() -> None:
    found = usable(np.random.default_rng(0).normal(0, 1, NONE.factors.shape).astype(np.float32))
    assert np.allclose(found, found[..., ::-1, :, :], atol=1e-6)
    at = tuple(round((mm - origin) / 4) for mm, origin in zip((12, -10, 20), (-96, -134, -90), strict=True))
    assert found[(..., *at)] == pytest.approx(0, abs=1e-6)  # in a lateral ventricle


def test_what_made_people_lack_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """More fluid everywhere, the more the less brain there is; as much white matter."""
    nwbv = np.linspace(0.7, 0.85, 20)

    def statistics(fluid: np.ndarray) -> _ImageStatistics:
        layers = np.empty((20, 2, *KNOTS), np.float32)
        layers[:, 0], layers[:, 1] = fluid[:, None, None, None], (0.5 * (1 - fluid))[:, None, None, None]
        return _ImageStatistics(layers, nwbv, np.zeros((20, 4)))

    monkeypatch.setattr(calibration, "usable", lambda factors: factors)
    found = _corrected(NONE, statistics(0.3 - (nwbv - 0.775)), statistics(np.full(20, 0.2)))
    assert found.middle == pytest.approx(0.775)
    assert (found.factors[0, 0] > 0.3).all() and (found.factors[1, 0] < -0.1).all()
    assert np.abs(found.factors[:, 1]).max() < 1e-3
