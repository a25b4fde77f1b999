"""From noise to people along the velocity (rectified flow), and back; by the method of Adams and Bashforth.

The velocity changes little from step to step, so that the last one is used again: each step costs one evaluation of the network.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from mriexplorer.generative.joint.network import JointNetwork

STEPS = 24
Stop = Callable[[], bool]


@torch.no_grad()
def flow(
    network: JointNetwork, start: Tensor, given: Tensor, *, steps: int = STEPS, backwards: bool = False, level: float = 0.0
) -> Tensor:
    """People (people, numbers) from noise in ``start``, where ``given`` (people, numbers) is not; what is given stays as it is.

    ``backwards`` from people to the noise that they come from. ``level`` of noise in what is given.
    """
    x = start.clone()
    times = torch.linspace(0, 1, steps + 1) if backwards else torch.linspace(1, 0, steps + 1)
    before: Tensor | None = None
    for now, then in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
        levels = torch.where(given, torch.full_like(x, level), torch.full_like(x, now))
        found = network(x, levels)
        used = found if before is None else 1.5 * found - 0.5 * before
        x = torch.where(given, x, x + (then - now) * used)
        before = found
    return x
