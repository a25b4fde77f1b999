"""The normal distribution of people: fitted from gaps and levels, its flow in closed form, and the way back."""

import numpy as np
import pytest
import torch

from mriexplorer.generative.joint.flow import flow
from mriexplorer.generative.joint.gaussian import Cells, Normal, filled, fit
from mriexplorer.generative.joint.network import JointNetwork, JointNetworkPlan, velocity


def people(count: int, rng: np.random.Generator) -> np.ndarray:
    """Three numbers that hang together: r .85 and .5 with the first."""
    z = rng.standard_normal((count, 3))
    return np.stack([z[:, 0], 0.85 * z[:, 0] + np.sqrt(1 - 0.85**2) * z[:, 1], 0.5 * z[:, 0] + np.sqrt(0.75) * z[:, 2]], 1)


@pytest.mark.parametrize("levels", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
def test_correlations_are_found_through_gaps_and_levels(levels: bool, gaps: bool) -> None:
    rng = np.random.default_rng(0)
    scores = people(1500, rng)
    low, high = scores.copy(), scores.copy()
    if levels:
        low[:, 0] = np.where(scores[:, 0] > 0, 0, -np.inf)
        high[:, 0] = np.where(scores[:, 0] > 0, np.inf, 0)
    if gaps:
        gone = rng.random(1500) < 0.5
        low[gone, 1], high[gone, 1] = -np.inf, np.inf
    found = fit(Cells(low, high, np.ones(1500)), rng, shrunk=0.0)
    scale = np.sqrt(np.diag(found.covariance))
    r = found.covariance / scale[:, None] / scale
    assert abs(r[0, 1] - 0.85) < 0.05 and abs(r[0, 2] - 0.5) < 0.07 and abs(r[1, 2] - 0.425) < 0.07


def test_what_is_drawn_keeps_what_is_known() -> None:
    low = np.array([[0.3, -np.inf, 0.5], [-np.inf, -np.inf, -np.inf]])
    high = np.array([[0.3, np.inf, 1.5], [np.inf, np.inf, np.inf]])
    normal = Normal(np.zeros(3), np.full((3, 3), 0.9) + 0.1 * np.eye(3))
    drawn = np.stack([filled(Cells(low, high, np.ones(2)), normal, np.random.default_rng(n)) for n in range(200)])
    assert np.all(drawn[:, 0, 0] == 0.3) and np.all((drawn[:, 0, 2] >= 0.5) & (drawn[:, 0, 2] <= 1.5))
    assert 0.25 < drawn[:, 0, 1].mean() < 0.9  # near both others
    assert abs(drawn[:, 1].mean()) < 0.15 and 0.8 < drawn[:, 1].std() < 1.2


def test_the_closed_form_is_the_mean_velocity() -> None:
    """Against many draws: of all that come near a point, the mean of noise - score."""
    rng = torch.Generator().manual_seed(1)
    mean, covariance = torch.tensor([0.5, -0.2]), torch.tensor([[1.0, 0.8], [0.8, 1.5]])
    score = mean + torch.randn(2_000_000, 2, generator=rng) @ torch.linalg.cholesky(covariance).T
    noise = torch.randn(2_000_000, 2, generator=rng)
    levels = torch.tensor([0.3, 0.7])
    x = (1 - levels) * score + levels * noise
    at = torch.tensor([[0.4, 0.6]])
    near = ((x - at).abs() < 0.05).all(1)
    assert near.sum() > 1500
    wanted = (noise - score)[near].mean(0)
    assert torch.allclose(velocity(at, levels[None], mean, covariance)[0], wanted, atol=0.08)


@pytest.fixture
def network() -> JointNetwork:
    """Three columns and eight numbers of a shape, nothing learned but the normal distribution."""
    made = JointNetwork(JointNetworkPlan(shape=8, width=16, blocks=1, heads=2), 3).eval()
    rng = np.random.default_rng(4)
    root = rng.normal(size=(11, 11)) / 3 + np.eye(11)
    made.take(Normal(rng.normal(size=11), root @ root.T))
    return made


def test_people_from_noise_have_the_distribution(network: JointNetwork) -> None:
    noise = torch.randn(6000, 11, generator=torch.Generator().manual_seed(0))
    made = flow(network, noise, torch.zeros(6000, 11, dtype=torch.bool))
    assert torch.allclose(made.mean(0), network.mean, atol=0.1)
    off = torch.cov(made.T) - network.covariance
    assert off.abs().max() < 0.12 * network.covariance.diagonal().max()


def test_what_is_given_stays_and_steers_the_rest(network: JointNetwork) -> None:
    given = torch.zeros(4000, 11, dtype=torch.bool)
    given[:, 0] = True
    start = torch.randn(4000, 11, generator=torch.Generator().manual_seed(0))
    start[:, 0] = network.mean[0] + 2.0
    made = flow(network, start, given)
    assert torch.all(made[:, 0] == start[:, 0])
    wanted = network.mean + 2.0 * network.covariance[0] / network.covariance[0, 0]
    assert torch.allclose(made.mean(0), wanted, atol=0.12)
