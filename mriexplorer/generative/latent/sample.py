"""Slices sampled from the latent diffusion by DDIM (Song et al. 2021), and their tissues."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from mriexplorer.generative.autoencoder.checkpoint import Model
from mriexplorer.generative.latent.model import LatentModel
from mriexplorer.generative.latent.network import context, noise_schedule
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.physics import TISSUES
from mriexplorer.simulation.labels import Labels, code
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.tissue_maps import Grid, TissueMaps

_AIR = 0.12  # PD


@one_thread_each()
@torch.no_grad()
def sample_slice(
    latent: LatentModel, autoencoder: Model, record: Mapping[str, Any], seed: int, device: torch.device
) -> TissueMaps:
    """Maps of one axial slice of somebody with a record, from the noise of a seed."""
    schedule = noise_schedule()
    schedule.set_timesteps(latent.plan.ddim, device=device)
    network, tokens = latent.network.to(device), context([record]).to(device)
    noise = np.random.default_rng([seed, 5]).standard_normal((1, latent.scale.shape[1], *latent.size)).astype(np.float32)
    x = torch.from_numpy(noise).to(device)
    for time in schedule.timesteps:
        predicted = network(x, time.reshape(1).to(device), tokens)
        x, _clean = schedule.step(predicted, time, x)
    codes = x.cpu() * latent.scale[1].reshape(1, -1, 1, 1) + latent.scale[0].reshape(1, -1, 1, 1)
    maps = autoencoder.network.cpu().decode([codes]).logs[0].exp()
    return _as_maps(maps.numpy(), autoencoder.voxel)


def _as_maps(maps: np.ndarray[Any, np.dtype[np.float32]], voxel: int) -> TissueMaps:
    """Maps (3, x, y) as one axial slice in the middle of the frame; nothing where there is air."""
    pd, t1, t2 = (np.ascontiguousarray(part[..., None], np.float32) for part in maps)
    inside = pd > _AIR
    grid = grid_of(voxel)
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
