"""A patient's scans to tissue maps: brought onto one grid, encoded, decoded, with how sure every voxel is.

    scans ─ registered, 160 x 224 x 160 at 1 mm ─ N4 ─ network ─ PD, T1, T2 and their spread ─ signal equations ─ scans again

The grid is posed like the template but lies in the millimetres of the scan that the others are brought to, so that maps and scan
lie over each other in any viewer.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mriexplorer.dataset.gathering import Gathered, gather
from mriexplorer.dataset.scan_times import completed
from mriexplorer.dataset.sessions import ImagingSession
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.bias_field import n4_corrected
from mriexplorer.generative.autoencoder.checkpoint import Model
from mriexplorer.generative.autoencoder.forward_model import forward_signal
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder, Decoded
from mriexplorer.generative.precision import Precision, autocast
from mriexplorer.generative.protocol_vector import protocol_vector
from mriexplorer.generative.slabs import changed
from mriexplorer.generative.threads import each, one_thread_each
from mriexplorer.physics import Protocol
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.receive_field import Coefficients, fitted_field, fitted_gain
from mriexplorer.subject.tissue_maps import Floats, Grid
from mriexplorer.workers import Progress

_AIR = 0.06  # PD below which a voxel is taken for air or bone
_SLICES = 16  # of a head that a model of slices is shown at once
_NINETY = log(10)  # half the width of a Laplace distribution's 90 % interval, in its scale


@dataclass(frozen=True)
class Encoded:
    """Maps by kind (pd, t1, t2), float32 (x, y, z) of ``grid``, 0 in air; PD (water = 1), T1, T2 (s).

    ``uncertainty`` by kind: half the width of the 90 % interval as a share of the value. ``scans`` by kind are the measured ones
    on the grid, in the units of their files; ``gains`` bring the maps' signal to these, and ``receive_fields``
    (coefficients of ``subject.receive_field``, about 1) are the receiver's; ``protocols`` by kind.
    """

    maps: Mapping[str, Floats]
    uncertainty: Mapping[str, Floats]
    scans: Mapping[str, Floats]
    gains: Mapping[str, float]
    receive_fields: Mapping[str, Coefficients]
    protocols: Mapping[str, Protocol]
    grid: Grid
    notices: tuple[str, ...]


@one_thread_each()
def encode(
    session: ImagingSession,
    model: Model,
    device: torch.device,
    progress: Progress = lambda _what: None,
    precision: Precision = "auto",
) -> Encoded:
    """Encode one session's scans. ``progress`` may raise to stop. Raises InputError for scans that cannot be used."""
    protocols = _protocols(session, model)
    found = gather(session, model.voxel, progress)
    progress("correcting the bias field of the scans")
    with ThreadPoolExecutor() as pool:  # each runs on one core
        flat = np.stack(list(pool.map(n4_corrected, found.images)))
    decoded = infer(model, flat, [protocols[kind] for kind in found.kinds], session.field, device, progress, precision)
    logs, spread = decoded.logs[0].cpu(), decoded.spread[0].cpu()
    if not (torch.isfinite(logs).all() and torch.isfinite(spread).all()):
        raise InputError(f"the model {model.name} gives values that are no numbers; get it again.")
    maps = logs.exp()
    inside = (maps[0] > _AIR) & torch.from_numpy((found.images > 0).any(axis=0))
    factor = torch.tensor(model.factors(found.kinds)).reshape(3, 1, 1, 1)
    width = (spread * factor * _NINETY).clamp(max=3).expm1()
    signals = each(lambda kind: forward_signal(maps * inside, protocols[kind]), found.kinds, maps.device)
    computed = {kind: np.asarray(one.numpy(), np.float32) for kind, one in zip(found.kinds, signals, strict=True)}
    scales = dict(zip(found.kinds, found.scales, strict=True))
    images = dict(zip(found.kinds, found.images, strict=True))
    gains = {kind: fitted_gain(computed[kind], image) for kind, image in images.items()}
    return Encoded(
        {kind: _masked(maps[n], inside) for n, kind in enumerate(MAPS)},
        {kind: _masked(width[n], inside) for n, kind in enumerate(MAPS)},
        {kind: image * np.float32(scales[kind]) for kind, image in images.items()},
        {kind: gain * scales[kind] for kind, gain in gains.items()},
        {kind: fitted_field(computed[kind], image) / gains[kind] for kind, image in images.items()},
        protocols,
        _patients_grid(found, model.voxel),
        (*session_notes(session), *found.notices),
    )


def session_notes(session: ImagingSession) -> tuple[str, ...]:
    """What had to be assumed of the scans' protocols."""
    return tuple(dict.fromkeys(note + "." for scan in session.scans for note in scan.times.notes))


def _protocols(session: ImagingSession, model: Model) -> dict[str, Protocol]:
    if not session.scans:
        raise InputError(f"{session.name} has no scans to encode.")
    known = {}
    for scan in session.scans:
        protocol = known[scan.kind] = Protocol(scan.times.sequence, completed(scan.times))
        if protocol.problems:
            label, sentence = protocol.sequence.label, protocol.problems[0].sentence
            raise InputError(f"{scan.path}: as {label}, {sentence}; give its times.")
        protocol_vector(protocol, model.configuration.network.sequences)  # refuses what it never saw
    return known


def _patients_grid(found: Gathered, voxel: int) -> Grid:
    """The grid in the millimetres of the first scan."""
    posed = grid_of(voxel)
    return Grid(posed.shape, found.motions[next(iter(found.motions))] @ posed.affine, codes=(1, 0))


def _masked(array: Tensor, inside: Tensor) -> Floats:
    return np.asarray((array * inside).numpy(), np.float32)


@one_thread_each()
def infer(
    model: Model,
    images: NDArray[np.float32],
    protocols: Sequence[Protocol],
    field: float | None,
    device: torch.device,
    progress: Progress = lambda _what: None,
    precision: Precision = "auto",
) -> Decoded:
    """Decoded maps of one person's images (n, x, y, z), bright tissue about 1, without bias field (``n4_corrected``).

    A model of slices sees the axial ones, a few at once.
    """
    plan = model.configuration.network
    vectors = torch.tensor([protocol_vector(p, plan.sequences, field) for p in protocols])
    head = torch.from_numpy(images)
    network = model.network.to(device)
    with autocast(precision, device):
        if plan.dims == 3:
            return Decoded(*_decoded(network, head[:, None], vectors, device, progress))
        parts, slices = [], torch.split(head.movedim(-1, 1), _SLICES, dim=1)
        for part in each(lambda some: _decoded(network, some, vectors, device, lambda _what: None), slices, device):
            progress("encoding slices")
            parts.append(part)
    logs, spread = (torch.cat(part).movedim(0, -1)[None] for part in zip(*parts, strict=True))
    return Decoded(logs, spread)


@torch.inference_mode()
def _decoded(
    network: Autoencoder, scans: Tensor, vectors: Tensor, device: torch.device, progress: Progress
) -> tuple[Tensor, Tensor]:
    """Logarithms of maps and their spread (batch, 3, *size) of scans (n, batch, *size), one after the other, to spare memory."""
    size = scans.shape[2:]
    padding = [n for length in size[::-1] for n in (0, -length % network.plan.multiple)]
    codes: list[tuple[Tensor, Tensor]] = []
    for number, (images, vector) in enumerate(zip(scans, vectors, strict=True), 1):
        progress(f"encoding scan {number} of {len(scans)}")
        scan = torch.nn.functional.pad(images[:, None], padding)
        if len(size) == 3:
            scan = scan.contiguous(memory_format=torch.channels_last_3d)
        found = network.encoder(scan.to(device), vector.expand(len(scan), -1).to(device))
        weighed = [(weight := torch.exp(-variance), changed(Tensor.mul_, mean, weight)) for mean, variance in found]
        codes = (
            weighed
            if not codes
            else [(a.add_(c), changed(Tensor.add_, b, d)) for (a, b), (c, d) in zip(codes, weighed, strict=True)]
        )
    progress("decoding")
    decoded = network.decode([changed(Tensor.div_, weighted, 1 + weight) for weight, weighted in codes])
    cut = (slice(None), slice(None), *(slice(0, n) for n in size))
    return decoded.logs[cut], decoded.spread[cut]


def _added(codes: list[tuple[Tensor, Tensor]], more: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
    """Weights, and weighted means, of one scan more; in place."""
    return [(a.add_(c), changed(Tensor.add_, b, d)) for (a, b), (c, d) in zip(codes, more, strict=True)]
