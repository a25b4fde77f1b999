"""From noise to people along the velocity (rectified flow), by the method of Adams and Bashforth.

The velocity changes little from step to step, so that the last one is used again: each step costs one evaluation of the network.
"""

import torch
from torch import Tensor

from mriexplorer.generative.joint.network import JointNetwork

STEPS = 24


@torch.no_grad()
def flow(network: JointNetwork, start: Tensor, given: Tensor, *, steps: int = STEPS) -> Tensor:
    """People (people, numbers): noise in ``start`` becomes scores; what is ``given`` (people, numbers) there stays as it is."""
    x = start.clone()
    times = torch.linspace(1, 0, steps + 1)
    before: Tensor | None = None
    for now, then in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
        levels = torch.where(given, torch.zeros_like(x), torch.full_like(x, now))
        found = network(x, levels)
        used = found if before is None else 1.5 * found - 0.5 * before
        x = torch.where(given, x, x + (then - now) * used)
        before = found
    return x
