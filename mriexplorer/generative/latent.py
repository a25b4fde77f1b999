"""The published latent diffusion, to compare with: a UNet with cross-attention to the record, on codes of slices; DDIM.

As Lüpke et al. 2024 have it, a diffusion model learns the codes of the autoencoder's axial slices; the record enters by
cross-attention, a token for each column. The codes are the posterior's means, scaled by channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mriexplorer.cohort.labels import Labels, code
from mriexplorer.cohort.person import grid_of
from mriexplorer.cohort.store import Entry, Store, open_store, refuse_leak
from mriexplorer.errors import InputError
from mriexplorer.generative.batches import recorded
from mriexplorer.generative.checkpoint import Model, load_model, mark_of
from mriexplorer.generative.configuration import as_plain, made, read_toml
from mriexplorer.generative.joint.columns import KINDS, of_columns
from mriexplorer.generative.loop import Costs, Loop
from mriexplorer.generative.precision import Precision
from mriexplorer.generative.protocol_vector import protocol_vector
from mriexplorer.generative.weights import find_model, read_config, read_weights, refuse_misfit, write_folder
from mriexplorer.physics import TISSUES
from mriexplorer.subject.tissue_maps import Grid, TissueMaps

KIND, FORMAT = "latent", 1
_TIMES = 1000
_BETAS = {"schedule": "scaled_linear_beta", "beta_start": 0.0015, "beta_end": 0.0195}
_COLUMNS = [kind for kind in KINDS if kind.name not in ("study", "ventricles")]
_MIDDLE = 0.3  # of the slices at either end are left out
_AIR = 0.12  # PD


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
        return None if self.batch > 0 and self.steps > 0 and 1 <= self.ddim <= _TIMES else "batch, steps or ddim cannot be"


@dataclass(frozen=True)
class Latent:
    """The trained UNet. ``scale`` (2, channels): mean and standard deviation of codes, ``size`` of a code in voxels."""

    name: str
    network: Any
    plan: LatentPlan
    scale: Tensor
    size: tuple[int, int]


def unet(plan: LatentPlan, channels: int) -> Any:
    """MONAI's, with attention to the record at the coarsest level."""
    from monai.networks.nets.diffusion_model_unet import DiffusionModelUNet

    levels = len(plan.channels)
    return DiffusionModelUNet(
        spatial_dims=2, in_channels=channels, out_channels=channels, channels=plan.channels, num_res_blocks=1,
        attention_levels=[level == levels - 1 for level in range(levels)], num_head_channels=plan.heads, norm_num_groups=16,
        with_conditioning=True, cross_attention_dim=2 + len(_COLUMNS),
    )  # fmt: skip


def context(records: Sequence[Mapping[str, Any]]) -> Tensor:
    """Tokens of records (people, columns, numbers): the value in the middle of what can be, whether it is known, which column."""
    rows = torch.zeros(len(records), len(_COLUMNS), 2 + len(_COLUMNS))
    for person, record in enumerate(records):
        known = of_columns(record)
        for place, kind in enumerate(_COLUMNS):
            rows[person, place, 2 + place] = 1
            if kind.name in known:
                value = known[kind.name]
                number = _as_number(kind.name, value)
                rows[person, place, 0], rows[person, place, 1] = number, 1
    return rows


def _as_number(name: str, value: float | str) -> float:
    kind = next(kind for kind in _COLUMNS if kind.name == name)
    if isinstance(value, str):
        words = kind.words or ("F", "M")
        return 2.0 * words.index(value) / max(len(words) - 1, 1) - 1 if value in words else 0.0
    low, high = kind.limits
    return 4 * (float(value) - low) / (high - low) - 2


# -- training --------------------------------------------------------------------------------------------------


class LatentTrainer(Loop):
    """A run on T1w slices of stores that have the autoencoder's voxel."""

    def __init__(
        self,
        folder: Path,
        plan: LatentPlan,
        stores: Sequence[Path],
        *,
        devices: int | str = "auto",
        precision: Precision = "auto",
    ) -> None:
        opened = [open_store(path) for path in stores]
        refuse_leak(opened)
        model = load_model(find_model(plan.autoencoder))
        _refuse_unsuitable(model, opened)
        super().__init__(folder, plan, as_plain(plan), devices=devices, precision=precision)
        self._plan, self._target = plan, folder
        people = {name: [e for store in opened for e in store.of(name) if "T1w" in e.kinds] for name in ("train", "validation")}
        if not all(people.values()):
            raise InputError(
                "latent diffusion learns from people with a T1w in the training and validation sets; there are none."
            )
        sets = {name: _codes(model, entries) for name, entries in people.items()}
        self._seen = sorted({mark_of(entry) for entry in people["train"]})
        codes = sets["train"][0]
        self._scale = torch.stack([codes.mean((0, 2, 3)), codes.std((0, 2, 3)) + 1e-6])
        self._sets = {name: (_scaled(of, self._scale), records) for name, (of, records) in sets.items()}
        self._scheduler = _scheduler()
        self._begin(unet(plan, codes.shape[1]))
        self._resume()

    def _costs_of_step(self) -> tuple[Tensor, Costs]:
        codes, records = self._sets["train"]
        chosen = np.random.default_rng([self._plan.seed, self.step]).integers(len(codes), size=self._plan.batch)
        cost = self._cost(self._network, codes[chosen], records[chosen])
        return cost, {"noise": cost}

    def _cost(self, network: Any, codes: Tensor, records: Tensor) -> Tensor:
        """Squared error of the noise that was added."""
        codes, records = codes.to(self._fabric.device), records.to(self._fabric.device)
        noise = torch.randn_like(codes)
        times = torch.randint(0, _TIMES, (len(codes),), device=codes.device)
        noisy = self._scheduler.add_noise(codes, noise, times)
        return (network(noisy, times, records) - noise).square().mean()  # type: ignore[no-any-return]

    def _check(self) -> Mapping[str, float]:
        torch.manual_seed(3)
        codes, records = self._sets["validation"]
        return {"noise": float(self._cost(self._average, codes[:64], records[:64]))}

    def _publish(self, network: Any) -> None:
        tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()} | {"scale": self._scale}
        size = list(self._sets["train"][0].shape[2:])
        write_folder(self._target, KIND, FORMAT, tensors, {"plan": asdict(self._plan), "size": size, "trained_on": self._seen})


def _refuse_unsuitable(model: Model, stores: Sequence[Store]) -> None:
    plan = model.configuration.network
    if plan.dims != 2 or sum(map(bool, plan.latents)) != 1 or plan.fine:
        raise InputError(f"{model.name} is no autoencoder of slices with one code; give one such as published-2d.")
    if wrong := [store for store in stores if store.voxel != model.voxel]:
        raise InputError(
            f"{wrong[0].folder} is of {wrong[0].voxel} mm, {model.name} of {model.voxel}; gather it at {model.voxel}."
        )


@torch.no_grad()
def _codes(model: Model, entries: Sequence[Entry]) -> tuple[Tensor, Tensor]:
    """Codes of middle axial slices, and their tokens."""
    codes, records = [], []
    plan = model.configuration.network
    for entry in entries:
        image = torch.from_numpy(entry.images[entry.kinds.index("T1w")].astype(np.float32)).movedim(-1, 0)
        count = len(image)
        slices = image[round(_MIDDLE * count) : round((1 - _MIDDLE) * count) : 4][:, None]
        protocol = recorded(entry.times["T1w"])
        vector = torch.tensor(protocol_vector(protocol.sequence, protocol.values, plan.sequences, entry.field))
        vectors = vector.expand(len(slices), 1, -1)
        codes.append(model.network.encode(slices, vectors, torch.ones(len(slices), 1, dtype=torch.bool))[0].mean)
        records.append(context([entry.record]).expand(len(slices), -1, -1))
    return torch.cat(codes), torch.cat(records)


def _scaled(codes: Tensor, scale: Tensor) -> Tensor:
    return (codes - scale[0].reshape(1, -1, 1, 1)) / scale[1].reshape(1, -1, 1, 1)


def _scheduler() -> Any:
    from monai.networks.schedulers.ddim import DDIMScheduler

    return DDIMScheduler(num_train_timesteps=_TIMES, clip_sample=False, **_BETAS)


def read_plan(path: Path) -> LatentPlan:
    """A plan from a TOML file with a table ``latent``, or a shipped one by name. Raises InputError."""
    plan = made(LatentPlan, read_toml(path).get("latent", {}), str(path))
    if problem := plan.problem():
        raise InputError(f"{path}: {problem}.")
    return plan


# -- sampling --------------------------------------------------------------------------------------------------


def load_latent(folder: Path) -> Latent:
    """A trained UNet. Raises InputError where the folder is none, or is damaged."""
    content = read_config(folder, KIND, FORMAT, "latent diffusion")
    plan = made(LatentPlan, content.get("plan"), str(folder))
    if problem := plan.problem():
        raise InputError(f"{folder}: {problem}.")
    tensors = read_weights(folder, content)
    scale, size = tensors.pop("scale", torch.zeros(0)), content.get("size")
    if (
        scale.ndim != 2
        or len(scale) != 2
        or not isinstance(size, list)
        or not all(isinstance(n, int) and 0 < n < 512 for n in size)
    ):
        raise InputError(f"{folder}: config.json is damaged; get the model again.")
    network = unet(plan, scale.shape[1])
    refuse_misfit(folder, tensors, {f"network.{name}": tensor for name, tensor in network.state_dict().items()})
    network.load_state_dict({name[8:]: tensor for name, tensor in tensors.items()})
    return Latent(folder.name, network.eval(), plan, scale, (size[0], size[1]))


@torch.no_grad()
def sample_slice(latent: Latent, autoencoder: Model, record: Mapping[str, Any], seed: int, device: torch.device) -> TissueMaps:
    """Maps of one axial slice of somebody with a record, from the noise of a seed."""
    scheduler = _scheduler()
    scheduler.set_timesteps(latent.plan.ddim, device=device)
    network, tokens = latent.network.to(device), context([record]).to(device)
    noise = np.random.default_rng([seed, 5]).standard_normal((1, latent.scale.shape[1], *latent.size)).astype(np.float32)
    x = torch.from_numpy(noise).to(device)
    for time in scheduler.timesteps:
        told = network(x, time.reshape(1).to(device), tokens)
        x, _clean = scheduler.step(told, time, x)
    codes = x.cpu() * latent.scale[1].reshape(1, -1, 1, 1) + latent.scale[0].reshape(1, -1, 1, 1)
    logs = autoencoder.network.cpu().decode([codes]).logs[0].exp()
    pd, t1, t2 = (np.ascontiguousarray(part.numpy()[..., None], np.float32) for part in logs)
    inside = pd > _AIR
    grid = grid_of(autoencoder.voxel)
    affine = grid.affine.copy()
    affine[2, 3] += affine[2, 2] * (grid.shape[2] // 2)
    flat = Grid((pd.shape[0], pd.shape[1], 1), affine, codes=(1, 1))
    pd, t1, t2 = (np.where(inside, part, 0).astype(np.float32) for part in (pd, t1, t2))
    return TissueMaps(pd, t1, t2, flat)


def segmented(maps: TissueMaps) -> Labels:
    """White matter, cortex or fluid: what T1 is nearest to at 3 T, as a ratio; 0 where there is nothing."""
    names = {"wm": "white matter", "gm": "cortex", "csf": "cerebrospinal fluid"}
    times = np.array([TISSUES[name].at[3.0].t1 for name in names])
    nearest = np.abs(np.log(np.maximum(maps.t1, 1e-3))[..., None] - np.log(times)).argmin(-1)
    codes = np.array([code(name) for name in names.values()], np.uint8)
    return np.where(maps.valid, codes[nearest], 0).astype(np.uint8)
