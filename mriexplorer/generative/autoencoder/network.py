"""From any subset of scans to tissue maps: a shared encoder, a product of experts, a decoder to log PD, log T1, log T2.

    scan 1 ─ encoder ─ N(m₁, σ₁²) ┐
    scan 2 ─ encoder ─ N(m₂, σ₂²) ┼─ product with N(0, 1) ─ code ─ decoder ─ log PD, log T1, log T2, and how sure
    scan 3 ─ encoder ─ N(m₃, σ₃²) ┘

The published model (Luepke et al. 2024) has one code, at its coarsest level. With codes at finer levels too, each fused by a
product of its own (as in U-HVED, Dorent et al. 2019), the maps keep the detail of the scans.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from mriexplorer.generative.autoencoder.configuration import AutoencoderPlan
from mriexplorer.generative.layers import AdaptiveNorm, Block, Finer, convolution, folded, unfolded
from mriexplorer.generative.protocol_vector import width
from mriexplorer.generative.slabs import in_slabs

MAPS = ("pd", "t1", "t2")
LOWEST, HIGHEST = (0.01, 0.05, 0.005), (1.2, 6.0, 3.0)  # of PD (water = 1), T1, T2 (s)
MIDDLES = (0.75, 1.0, 0.1)  # what an untrained decoder says; the published prior's medians of T1 and T2
_CONDITIONS = 64
_CHANNELS, _DARK = 2, 0.03  # of a scan as the network sees it, and what is added before its logarithm
_FIRST_TRUST = 3.0
_HANDED = 8  # channels of its surroundings that a voxel is told
_VOXEL_WIDTH = 24  # channels of what is done to every voxel by itself
_LEAST_SPREAD, _MOST_SPREAD = -6.0, 2.0  # of the logarithm of the spread of a log map
_LOG_VARIANCE, _FIRST_LOG_VARIANCE = (-12.0, 4.0), -9.0


class Code(NamedTuple):
    """The fused posterior at one level: mean and standard deviation (batch, channels, *size); the latter's sizes may be 1."""

    mean: Tensor
    deviation: Tensor

    def sample(self) -> Tensor:
        """A draw."""
        return self.mean + self.deviation * torch.randn_like(self.mean)


class Decoded(NamedTuple):
    """Maps (batch, 3, *size): PD (water = 1), T1, T2 (s). ``spread``: scale of a Laplace distribution of their logarithms.

    Of the decoder that knows tissue, else None: ``shares`` (batch, tissues, *size), and ``base``, the logarithms that they give.
    """

    logs: Tensor
    spread: Tensor
    shares: Tensor | None = None
    base: Tensor | None = None

    @property
    def maps(self) -> Tensor:
        """PD, T1, T2."""
        return self.logs.exp()


class Encoder(nn.Module):
    """One scan alone, to mean and log variance at every level that has a code."""

    def __init__(self, plan: AutoencoderPlan) -> None:
        super().__init__()
        dims, widths = plan.dims, plan.widths
        conditions = _CONDITIONS if plan.conditioning == "layer" else 2
        self.cell = plan.cell
        # named so in files of weights
        self.told = None if plan.conditioning == "off" else _protocol_embedding(width(plan.sequences), conditions)
        self.stem = convolution(dims, _CHANNELS * plan.cell**dims, widths[0], plan.kernels[0])
        self.levels = nn.ModuleList(
            nn.ModuleList(Block(dims, n, plan.norm, conditions, plan.conditioning, kernel) for _ in range(plan.blocks))
            for n, kernel in zip(widths, plan.kernels, strict=True)
        )
        self.coarser = nn.ModuleList(convolution(dims, fine, coarse, stride=2) for fine, coarse in pairwise(widths))
        codes = zip(widths, plan.latents, strict=True)
        self.heads = nn.ModuleList(convolution(dims, n, 2 * code, size=1) if code else nn.Identity() for n, code in codes)
        self.last = nn.ModuleList(AdaptiveNorm(n, plan.norm, conditions, plan.conditioning) for n in widths)
        self.trust = nn.ModuleList(
            _trust(conditions, code) if plan.conditioning == "layer" and code else nn.Identity() for code in plan.latents
        )
        self.voxel = VoxelEncoder(plan, conditions) if plan.fine else None
        self.coded = [level for level, code in enumerate(plan.latents) if code]
        for level in self.coded:  # a code that begins as noise teaches the decoder nothing
            bias = self.heads[level].bias
            nn.init.constant_(bias[plan.latents[level] :], _FIRST_LOG_VARIANCE)  # type: ignore[index]

    def forward(self, scans: Tensor, protocols: Tensor) -> list[tuple[Tensor, Tensor]]:
        """``scans`` (scans, 1, *size), ``protocols`` (scans, numbers) to (mean, log variance) by coded level, finest first."""
        condition = self.told(protocols) if self.told is not None else None
        channels = in_slabs(_as_channels, scans)
        found = [] if self.voxel is None else [self.voxel(channels, condition)]
        x = self.stem(folded(channels, self.cell))
        for level, blocks in enumerate(self.levels):
            x = self.coarser[level - 1](x) if level else x
            for block in blocks:  # type: ignore[attr-defined]
                x = block(x, condition)
            if level in self.coded:
                found.append(self._code(level, x, condition))
        return found

    def _code(self, level: int, x: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and log variance at a level."""
        mean, variance = self.heads[level](self.last[level](x, condition)).float().chunk(2, dim=1)
        if isinstance(self.trust[level], nn.Linear):
            trust = self.trust[level](condition).float()
            variance = variance - trust.reshape(*trust.shape, *(1,) * (x.ndim - 2))
        return mean, variance.clamp(*_LOG_VARIANCE)


class VoxelEncoder(nn.Module):
    """Each voxel of a scan by itself; how sure its code is depends on the protocol alone."""

    def __init__(self, plan: AutoencoderPlan, conditions: int) -> None:
        super().__init__()
        self.first = convolution(plan.dims, _CHANNELS, _VOXEL_WIDTH, size=1)
        self.steer = nn.Linear(conditions, 2 * _VOXEL_WIDTH) if plan.conditioning == "layer" else None
        self.second = convolution(plan.dims, _VOXEL_WIDTH, plan.fine, size=1)
        self.trust = _trust(conditions, plan.fine) if plan.conditioning == "layer" else None
        self.doubt = nn.Parameter(torch.full((plan.fine,), _FIRST_LOG_VARIANCE))

    def forward(self, channels: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean (scans, channels, *size) and log variance (scans, channels, 1, ...)."""
        ones = (1,) * (channels.ndim - 2)
        variance = self.doubt.expand(len(channels), -1)
        if self.trust is not None and condition is not None:
            variance = variance - self.trust(condition).float()
        mean = in_slabs(lambda slab: self._mean(slab, condition), channels)
        return mean, variance.clamp(*_LOG_VARIANCE).reshape(*variance.shape, *ones)

    def _mean(self, channels: Tensor, condition: Tensor | None) -> Tensor:
        x = self.first(channels)
        if self.steer is not None and condition is not None:
            ones = (1,) * (channels.ndim - 2)
            scale, shift = (p.reshape(*p.shape, *ones).to(x.dtype) for p in self.steer(condition).chunk(2, dim=1))
            x = torch.addcmul(shift, x, 1 + scale)
        return self.second(silu(x)).float()  # type: ignore[no-any-return]


def _as_channels(scans: Tensor) -> Tensor:
    """A scan (bright tissue about 1) as it is and on a logarithmic scale, both about 0: T2 and TE act on the latter."""
    return torch.cat([2 * scans - 1, (scans.clamp_min(0) + _DARK).log() + 1.5], dim=1)


def _trust(conditions: int, code: int) -> nn.Linear:
    """How much each channel of a code trusts a scan by its protocol. It begins at random, so that scans speak through channels
    of their own; with equal trust their product would be a mean in which nobody can be told apart."""
    layer = nn.Linear(conditions, code)
    nn.init.normal_(layer.weight, std=_FIRST_TRUST / conditions**0.5)
    nn.init.zeros_(layer.bias)
    return layer


def _protocol_embedding(inward: int, outward: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inward, _CONDITIONS), nn.SiLU(), nn.Linear(_CONDITIONS, outward))


class Decoder(nn.Module):
    """From codes to log maps and how sure they are."""

    limits: Tensor

    def __init__(self, plan: AutoencoderPlan) -> None:
        super().__init__()
        dims, widths = plan.dims, plan.widths
        self.cell, self.tissues = plan.cell, plan.tissues if plan.decoder == "tissues" else 0
        self.entries = nn.ModuleList(
            convolution(dims, code, n, size=1) if code else nn.Identity() for n, code in zip(widths, plan.latents, strict=True)
        )
        self.coded = [bool(code) for code in plan.latents]
        self.levels = nn.ModuleList(
            nn.ModuleList(Block(dims, n, plan.norm, kernel=kernel) for _ in range(plan.blocks + 1))
            for n, kernel in zip(widths, plan.kernels, strict=True)
        )
        self.finer = nn.ModuleList(Finer(dims, coarse, fine) for fine, coarse in pairwise(widths))
        self.last = AdaptiveNorm(widths[0], plan.norm, 0, "off")
        outputs = 2 * len(MAPS) + self.tissues
        self.joined = VoxelDecoder(plan, outputs) if plan.fine else None
        handed = _HANDED if plan.fine else outputs
        self.exit = convolution(dims, widths[0], handed * plan.cell**dims, plan.kernels[0])
        nn.init.normal_(self.exit.weight, std=0.01)  # type: ignore[arg-type]
        nn.init.zeros_(self.exit.bias)  # type: ignore[arg-type]
        self.values = nn.Parameter(_first_values(self.tissues)) if self.tissues else None
        limits = torch.tensor([[log(v) for v in LOWEST], [log(v) for v in HIGHEST], [log(v) for v in MIDDLES]])
        self.register_buffer("limits", limits, persistent=False)

    def forward(self, codes: Sequence[Tensor]) -> Decoded:
        """``codes`` by coded level, finest first."""
        waiting = list(codes)
        x: Tensor | None = None
        for level in reversed(range(len(self.levels))):
            x = self.finer[level](x) if x is not None else None
            if self.coded[level]:
                entered = self.entries[level](waiting.pop())
                x = entered if x is None else x + entered
            for block in self.levels[level]:  # type: ignore[attr-defined]
                x = block(x)
        out = unfolded(self.exit(self.last.active(x, None)), self.cell)  # type: ignore[arg-type]
        if self.joined is not None:
            out = self.joined(waiting.pop(), out)
        return in_slabs(self._decoded, out)

    def _decoded(self, out: Tensor) -> Decoded:
        out = out.float()
        logs, spread, extra = out[:, :3], out[:, 3:6], out[:, 6:]
        ones = (1,) * (out.ndim - 2)
        low, high, middle = (row.reshape(1, -1, *ones) for row in self.limits)
        shares = extra.softmax(1) if self.tissues else None
        base = None
        if shares is not None:
            base = torch.einsum("bk...,kc->bc...", shares, self.values.exp()).log()  # type: ignore[union-attr]
        logs = logs + (middle if base is None else base)
        half, centre = (high - low) / 2, (high + low) / 2
        logs = centre + half * torch.tanh((logs - centre) / half)
        return Decoded(logs, (spread - 1).clamp(_LEAST_SPREAD, _MOST_SPREAD).exp(), shares, base)


class VoxelDecoder(nn.Module):
    """Each voxel's own code with what its surroundings tell."""

    def __init__(self, plan: AutoencoderPlan, outputs: int) -> None:
        super().__init__()
        self.own = convolution(plan.dims, plan.fine, _VOXEL_WIDTH, size=1)
        self.around = convolution(plan.dims, _HANDED, _VOXEL_WIDTH, size=1)
        self.middle = convolution(plan.dims, _VOXEL_WIDTH, _VOXEL_WIDTH, size=1)
        self.exit = convolution(plan.dims, _VOXEL_WIDTH, outputs, size=1)

    def forward(self, code: Tensor, around: Tensor) -> Tensor:
        """``code`` and ``around`` (batch, channels, *size)."""
        return in_slabs(self._joined, code, around)

    def _joined(self, code: Tensor, around: Tensor) -> Tensor:
        return self.exit(silu(self.middle(silu(self.own(code) + self.around(around)))))  # type: ignore[no-any-return]


def _first_values(count: int) -> Tensor:
    """log PD, T1, T2 of tissues to begin with: spread along what tissue is, from fat to fluid, and one for air."""
    share = torch.linspace(0, 1, count - 1)
    t1, t2 = 0.35 * (4.3 / 0.35) ** share, 0.05 * (2.0 / 0.05) ** share.square()
    rows = torch.stack([0.65 + 0.35 * share, t1, t2], dim=1)
    return torch.cat([rows, torch.tensor([[0.01, 1.0, 0.1]])]).log()


class Autoencoder(nn.Module):
    """The whole network."""

    def __init__(self, plan: AutoencoderPlan) -> None:
        super().__init__()
        self.plan = plan
        self.encoder, self.decoder = Encoder(plan), Decoder(plan)
        self.gains = nn.Linear(plan.fine + sum(plan.latents), len(plan.sequences)) if plan.gain == "regressed" else None
        if self.gains is not None:
            nn.init.zeros_(self.gains.weight)
            nn.init.zeros_(self.gains.bias)

    def forward(self, scans: Tensor, protocols: Tensor, present: Tensor) -> tuple[list[Code], Decoded, Tensor | None]:
        """Codes, maps (of draws in training, else of means), and log gains where the network estimates them; see ``encode``."""
        codes = self.encode(scans, protocols, present)
        drawn = [code.sample() if self.training else code.mean for code in codes]
        return codes, self.decode(drawn), self.log_gains(drawn)

    def encode(self, scans: Tensor, protocols: Tensor, present: Tensor) -> list[Code]:
        """The posterior given the scans that are ``present`` (batch, n) of ``scans`` (batch, n, *size), by coded level.

        ``protocols`` (batch, n, numbers). Where a scan is absent its content does not matter; where all are, the prior is left.
        """
        batch, count = present.shape
        flat = present.reshape(-1).nonzero()[:, 0]
        one = scans.flatten(0, 1)[flat][:, None]
        if self.plan.dims == 3:
            one = one.contiguous(memory_format=torch.channels_last_3d)
        owners = flat // count
        return [fused(mean, variance, owners, batch) for mean, variance in self.encoder(one, protocols.flatten(0, 1)[flat])]

    def decode(self, codes: Sequence[Tensor]) -> Decoded:
        """Maps of codes."""
        return self.decoder(codes)  # type: ignore[no-any-return]

    def log_gains(self, codes: Sequence[Tensor]) -> Tensor | None:
        """The network's own estimate of log gains (batch, families) from the codes' means over space, where it makes one."""
        if self.gains is None:
            return None
        pooled = torch.cat([code.flatten(2).mean(-1) for code in codes], dim=1)
        return self.gains(pooled)  # type: ignore[no-any-return]


def fused(mean: Tensor, log_variance: Tensor, owners: Tensor, batch: int) -> Code:
    """Product of Gaussian experts with the prior expert N(0, 1): precisions add up, means are weighted by them.

    ``mean`` and ``log_variance`` (scans, channels, *size), the latter's sizes may be 1; ``owners`` (scans) tells whose scan each
    is, of ``batch``.
    """
    precision = torch.exp(-log_variance)
    total = torch.ones((batch, *precision.shape[1:]), device=mean.device).index_add(0, owners, precision)
    weighted = torch.zeros((batch, *mean.shape[1:]), device=mean.device).index_add(0, owners, precision * mean)
    return Code(weighted / total, total.rsqrt())
