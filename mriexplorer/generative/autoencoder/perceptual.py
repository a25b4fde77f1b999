"""What looks at pictures rather than voxels while the autoencoder trains: features, structural similarity, and an adversary.

No weights are downloaded. The features are those of a small network that first learns, in the same run, to tell the tissues of
simulated heads in scans of any contrast, and is then frozen. The adversary (patches, least squares) learns along.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize, silu

from mriexplorer.errors import InputError
from mriexplorer.files import write_beside
from mriexplorer.generative.autoencoder.batches import Batch
from mriexplorer.generative.autoencoder.configuration import AutoencoderTrainingPlan
from mriexplorer.generative.layers import VoxelNorm, convolution
from mriexplorer.physics import TISSUES

_WIDTHS = (12, 24, 48)
_FEATURE_STEPS, _FEATURE_RATE = 400, 2e-3
_ADVERSARY_WIDTH = 24
_KINDS = len(TISSUES) + 1  # and air
_AIR = 0.05  # PD
_FIELD = 3.0  # tesla, at whose values tissues are told apart; maps of other fields are nearest to the same ones mostly


class FeatureNetwork(nn.Module):
    """Scans (n, 1, *size) to features at three levels; its head tells tissues at the last."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        steps = zip((1, *_WIDTHS[:-1]), _WIDTHS, (1, 2, 2), strict=True)
        self.levels = nn.ModuleList(convolution(dims, inward, outward, stride=stride) for inward, outward, stride in steps)
        self.again = nn.ModuleList(convolution(dims, n, n) for n in _WIDTHS)
        self.norm = VoxelNorm()
        self.head = convolution(dims, sum(_WIDTHS), _KINDS, size=1)

    def forward(self, scans: Tensor) -> list[Tensor]:
        """Features, finest first."""
        found, x = [], scans
        for level, again in zip(self.levels, self.again, strict=True):
            x = silu(self.norm(level(x)))
            x = silu(self.norm(again(x)))
            found.append(x)
        return found

    def tissues(self, scans: Tensor) -> Tensor:
        """Unnormalised log shares of tissues (n, tissues, *size)."""
        found = self(scans)
        size = found[0].shape[2:]
        whole = [found[0], *(nn.functional.interpolate(part, size=size, mode="nearest") for part in found[1:])]
        return self.head(torch.cat(whole, dim=1))  # type: ignore[no-any-return]


def nearest_tissue(maps: Tensor) -> Tensor:
    """(batch, *size): which tissue of the literature true maps (batch, 3, *size) are nearest to; 0 is air."""
    logs = maps.clamp_min(1e-3).log()
    ones = (1,) * (maps.ndim - 2)
    off = [
        (logs[:, 1:] - torch.tensor([at.t1, at.t2], device=maps.device).log().reshape(1, 2, *ones)).square().sum(1)
        for at in (tissue.at[_FIELD] for tissue in TISSUES.values())
    ]
    return torch.where(maps[:, 0] < _AIR, 0, torch.stack(off).argmin(0) + 1)


def trained_features(dims: int, batch_of: Callable[[int], Batch], path: Path, device: torch.device) -> FeatureNetwork:
    """The frozen features: from the file, or trained now on simulated heads and written there. Raises InputError."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file, save_file

    torch.manual_seed(0)
    network = FeatureNetwork(dims).to(device)
    if path.is_file():
        try:
            network.load_state_dict(load_file(path))
        except (SafetensorError, RuntimeError):
            raise InputError(f"{path} is damaged; remove it, and the same command learns it again.") from None
    else:
        optimiser = torch.optim.AdamW(network.parameters(), _FEATURE_RATE)
        for step in range(_FEATURE_STEPS):
            batch = batch_of(step).to(device)
            if not batch.known.any():
                continue
            scans = batch.scans[batch.known].flatten(0, 1)[:, None]
            truth = nearest_tissue(batch.maps[batch.known]).repeat_interleave(batch.scans.shape[1], 0)
            optimiser.zero_grad(set_to_none=True)
            cross_entropy(network.tissues(scans), truth).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        write_beside(path, lambda beside: save_file(network.state_dict(), beside))
    return network.requires_grad_(False).eval()


def adversary(dims: int) -> nn.Module:
    """Tells scans from scans that were computed, patch by patch."""
    from monai.networks.nets.patchgan_discriminator import PatchDiscriminator

    return PatchDiscriminator(dims, _ADVERSARY_WIDTH, in_channels=1, num_layers_d=2, norm="INSTANCE")  # type: ignore[no-any-return]


class PerceptualLosses:
    """Those that the plan weighs: features, structural similarity, and what deceives the adversary."""

    def __init__(
        self, plan: AutoencoderTrainingPlan, dims: int, features: FeatureNetwork | None, against: nn.Module | None
    ) -> None:
        self.features, self.against = features, against
        self._plan = plan
        self._similarity: nn.Module | None = None
        if plan.weights.similarity:
            from monai.losses.ssim_loss import SSIMLoss

            self._similarity = SSIMLoss(dims, data_range=1.5, win_size=7)

    def costs(self, computed: Tensor, batch: Batch, step: int) -> dict[str, Tensor]:
        """Of computed scans (batch, n, *size), against the targets that there are."""
        ours, real = _pairs(computed, batch)
        found: dict[str, Tensor] = {}
        if self.features is not None:
            both = zip(self.features(ours), self.features(real), strict=True)
            found["features"] = torch.stack([(normalize(a) - normalize(b)).square().sum(1).mean() for a, b in both]).mean()
        if self._similarity is not None:
            found["similarity"] = self._similarity(ours.float(), real.float())
        if self.against is not None and step >= self._plan.adversary_from * self._plan.steps:
            found["adversary"] = (self.against(ours)[-1] - 1).square().mean()
        return found


def adversary_loss(against: nn.Module, computed: Tensor, batch: Batch) -> Tensor:
    """What the adversary itself makes small."""
    ours, real = _pairs(computed.detach(), batch)
    cost: Tensor = (against(real)[-1] - 1).square().mean() + against(ours)[-1].square().mean()
    return cost / 2


def _pairs(computed: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """(scans, 1, *size) of computed and true ones, without those that there are not."""
    there = batch.targets.flatten(2).amax(-1).flatten() > 0
    return computed.flatten(0, 1)[there][:, None], batch.targets.flatten(0, 1)[there][:, None]
