"""The published latent diffusion: a UNet on codes of slices, with cross-attention to the record.

As Lüpke et al. 2024 have it, a diffusion model learns the codes of the autoencoder's axial slices; the record enters by
cross-attention, a token for each column. The codes are the posterior's means, scaled by channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mriexplorer.generative.joint.columns import of_columns
from mriexplorer.subject.record_columns import record_column

TIMES = 1000  # steps of the noise schedule
_BETAS = {"schedule": "scaled_linear_beta", "beta_start": 0.0015, "beta_end": 0.0195}
_GIVEN = ("age", "sex", "height_cm", "weight_kg", "ethnicity", "education_years", "mmse", "cdr", "etiv_cm3", "nwbv")
_COLUMNS = tuple(map(record_column, _GIVEN))  # of the record table, those that the UNet is given


@dataclass(frozen=True)
class LatentPlan:
    """``autoencoder``: a model of slices, by name or folder. ``channels`` of the UNet's levels; ``ddim``: steps of sampling."""

    autoencoder: str = "published-2d"
    channels: tuple[int, ...] = (64, 128)
    heads: int = 32
    batch: int = 16
    steps: int = 2000
    rate: float = 2e-4
    average: float = 0.999
    seed: int = 1
    precision: str = "32-true"
    ddim: int = 50

    def problem(self) -> str | None:
        """What cannot be, as a sentence."""
        if not 1 <= len(self.channels) <= 4 or any(n % 16 or not 16 <= n <= 1024 for n in self.channels):
            return "channels are one to four multiples of 16, at most 1024"
        if self.heads < 1 or self.channels[-1] % self.heads:
            return "heads divides the last of channels"
        return None if self.batch > 0 and self.steps > 0 and 1 <= self.ddim <= TIMES else "batch, steps or ddim cannot be"


def unet(plan: LatentPlan, channels: int) -> Any:
    """MONAI's, with attention to the record at the coarsest level."""
    from monai.networks.nets.diffusion_model_unet import DiffusionModelUNet

    levels = len(plan.channels)
    return DiffusionModelUNet(
        spatial_dims=2, in_channels=channels, out_channels=channels, channels=plan.channels, num_res_blocks=1,
        attention_levels=[level == levels - 1 for level in range(levels)], num_head_channels=plan.heads, norm_num_groups=16,
        with_conditioning=True, cross_attention_dim=2 + len(_COLUMNS),
    )  # fmt: skip


def noise_schedule() -> Any:
    """MONAI's DDIM scheduler, with the published variances."""
    from monai.networks.schedulers.ddim import DDIMScheduler

    return DDIMScheduler(num_train_timesteps=TIMES, clip_sample=False, **_BETAS)


def context(records: Sequence[Mapping[str, Any]]) -> Tensor:
    """Tokens of records (people, columns, numbers): the value in the middle of what can be, whether it is known, which column."""
    rows = torch.zeros(len(records), len(_COLUMNS), 2 + len(_COLUMNS))
    for person, record in enumerate(records):
        known = of_columns(record)
        for place, column in enumerate(_COLUMNS):
            rows[person, place, 2 + place] = 1
            if column.name in known:
                value = known[column.name]
                number = _as_number(column.name, value)
                rows[person, place, 0], rows[person, place, 1] = number, 1
    return rows


def _as_number(name: str, value: float | str) -> float:
    column = record_column(name)
    if isinstance(value, str):
        words = column.words
        return 2.0 * words.index(value) / max(len(words) - 1, 1) - 1 if value in words else 0.0
    low, high = column.limits
    return 4 * (float(value) - low) / (high - low) - 2
