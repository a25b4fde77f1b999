"""The velocity of the flow: of normally distributed people in closed form, and a transformer for what is not normal.

Each number has its own level of noise (Bao 2023): x = (1 - level) score + level noise; 0 is given, 1 is unknown. For normal
scores the mean of (noise - score) given x is known exactly, at any levels. The transformer sees it, and adds a correction. A
token is a column of the record, or eight numbers of the shape; all attend to each other.
"""

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor, nn

from mriexplorer.generative.joint.gaussian import Normal

GROUP = 8  # numbers of a shape to a token
_WAVES = 8
_TURNS = (1.0, 2.0, 4.0)  # a level is an interval of scores; waves of the score tell its ends


@dataclass(frozen=True)
class JointNetworkPlan:
    """``shape``: how many numbers tell a shape. ``attended``: how many of its tokens the transformer sees and corrects."""

    shape: int = 48
    width: int = 96
    blocks: int = 4
    heads: int = 4
    dropout: float = 0.0
    attended: int = 1

    def problem(self) -> str | None:
        """What cannot be, as a sentence."""
        if self.shape % GROUP or not 8 <= self.shape <= 512 or not 0 <= self.attended <= self.shape // GROUP:
            return f"shape is a multiple of {GROUP} up to 512, attended at most a {GROUP}th of it"
        if not 1 <= self.heads <= 64 or self.width % self.heads or not 8 <= self.width <= 2048 or not 1 <= self.blocks <= 32:
            return "width is a multiple of heads, from 8 to 2048; blocks are 1 to 32"
        return None if 0 <= self.dropout < 1 else "dropout lies between 0 and 1"


class JointNetwork(nn.Module):
    """``columns`` numbers of a record, then ``plan.shape`` of a shape."""

    mean: Tensor
    covariance: Tensor

    def __init__(self, plan: JointNetworkPlan, columns: int) -> None:
        super().__init__()
        self.plan, self.columns = plan, columns
        self.register_buffer("mean", torch.zeros(columns + plan.shape))
        self.register_buffer("covariance", torch.eye(columns + plan.shape))
        inputs = 2 + _WAVES + 2 * len(_TURNS)
        tokens = columns + plan.attended
        self.of_column = nn.Linear(inputs, plan.width)
        self.of_shape = nn.Linear(2 * GROUP + _WAVES, plan.width)
        self.place = nn.Parameter(0.3 * torch.randn(tokens, plan.width))
        block = nn.TransformerEncoderLayer(
            plan.width, plan.heads, 4 * plan.width, plan.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, plan.blocks, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(plan.width)
        self.to_column = nn.Linear(plan.width, tokens)  # every token reads a row of its own
        self.to_shape = nn.Linear(plan.width, GROUP)
        for layer in (self.to_column, self.to_shape):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def take(self, normal: Normal) -> None:
        """The normal distribution that the closed form is of."""
        self.mean.copy_(torch.as_tensor(normal.mean, dtype=torch.float32))
        self.covariance.copy_(torch.as_tensor(normal.covariance, dtype=torch.float32))

    def forward(self, x: Tensor, levels: Tensor, normal: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Velocity (people, numbers) at ``x`` and ``levels`` (people, numbers); of ``normal`` instead of the network's own."""
        mean, covariance = normal if normal is not None else (self.mean, self.covariance)
        closed = velocity(x.float(), levels.float(), mean, covariance)
        found: Tensor = closed + self._correction(x, levels, closed)
        return found

    def _correction(self, x: Tensor, levels: Tensor, closed: Tensor) -> Tensor:
        columns, shown = self.columns, self.columns + GROUP * self.plan.attended
        waves = _waves(levels[:, :columns])
        own = x[:, :columns, None]
        turned = [part for turns in _TURNS for part in (torch.sin(turns * own), torch.cos(turns * own))]
        tokens = self.of_column(torch.cat([own, closed[:, :columns, None], waves, *turned], -1))
        if self.plan.attended:
            groups = [part[:, columns:shown].reshape(len(x), -1, GROUP) for part in (x, closed)]
            tokens = torch.cat([tokens, self.of_shape(torch.cat([*groups, _waves(levels[:, columns:shown:GROUP])], -1))], 1)
        attended = self.norm(self.blocks(tokens + self.place))
        found = torch.zeros_like(closed)
        each = torch.arange(columns, device=x.device)
        own = torch.einsum("ntw,tw->nt", attended[:, :columns], self.to_column.weight[each]) + self.to_column.bias[each]
        found[:, :columns] = own.float()
        if self.plan.attended:
            found[:, columns:shown] = self.to_shape(attended[:, columns:]).flatten(1).float()
        return found


def velocity(x: Tensor, levels: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
    """The mean of noise - score given ``x``, where scores are normally distributed; (people, numbers)."""
    clear = 1 - levels
    noisy = clear[:, :, None] * covariance * clear[:, None, :]
    noisy = noisy + torch.diag_embed(levels.square() + 1e-6)
    solved = torch.linalg.solve(noisy, (x - clear * mean)[..., None])
    noise = levels * solved[..., 0]
    score = mean + (covariance @ (clear[..., None] * solved))[..., 0]
    found: Tensor = noise - score
    return found


def _waves(levels: Tensor) -> Tensor:
    """A level as cosines."""
    turns = torch.exp(torch.linspace(0, log(30.0), _WAVES, device=levels.device))
    return torch.cos(levels[..., None] * turns)
