"""Folds of real heads: each brain's structures in the template's shape, coded as a few numbers per 4 mm, mixed place by place.

A small network turns labels (1 mm) into codes (4 mm) and codes into shares of each structure. The codes of the heads that it
was trained on lie with it. A person's folds are those of one head here and of another there, by smooth random fields of the
person's seed; on the borders codes are averaged, and the network makes one brain of them.

    labels (x, y, z) ──encoder──► codes (8, x/4, y/4, z/4) ──mix──► decoder ──► shares (13, x, y, z)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot, silu

from mriexplorer.cohort.anatomy import FRAME_ORIGIN, Anatomy, indicators, prepare, smooth
from mriexplorer.cohort.heads import BOX, STRUCTURES
from mriexplorer.cohort.labels import Labels, code
from mriexplorer.errors import InputError
from mriexplorer.generative.configuration import as_plain, made, read_toml
from mriexplorer.generative.layers import VoxelNorm, convolution
from mriexplorer.generative.loop import Costs, Loop
from mriexplorer.generative.precision import Precision, autocast
from mriexplorer.generative.weights import read_config, read_weights, refuse_misfit, write_folder

KIND, FORMAT = "folds", 1
FACTOR = 4  # voxels of 1 mm to an edge of a code's
LATTICE = tuple(n // FACTOR for n in BOX.shape)
_REACH = 7.0  # codes: how smooth the choice between heads is
_DECIDED = 6.0  # how much the field that is highest wins over the others
_STEPS_OF_CODE = 32.0  # kept codes are whole numbers of this
_SLAB = 19  # planes of codes that are decoded at a time
_MARGIN = 4  # planes beside a slab that the network looks at
_FIELDS = tuple(STRUCTURES.index(name) for name in ("white matter", "cortex", "cerebrospinal fluid", "ventricles"))


@dataclass(frozen=True)
class FoldsPlan:
    """``channels`` of a code; ``width`` of the layers at 4 mm, ``fine`` of those at 2 mm. The rest is how it is trained."""

    channels: int = 8
    width: int = 96
    fine: int = 24
    patch: int = 48
    batch: int = 2
    steps: int = 4500
    rate: float = 2e-3
    average: float = 0.998
    seed: int = 1
    precision: str = "32-true"
    noise: float = 0.1

    def problem(self) -> str | None:
        """What cannot be, as a sentence."""
        sizes = (self.channels, self.width, self.fine, self.batch)
        if not all(1 <= n <= 1024 for n in sizes) or self.patch % 8 or not 16 <= self.patch <= 152:
            return "channels, width, fine and batch are 1 to 1024, patch a multiple of 8 from 16 to 152"
        return None if self.steps > 0 and 0 < self.average < 1 and 0 <= self.noise < 1 else "steps, average or noise cannot be"


class FoldsNetwork(nn.Module):
    """Labels to codes and back."""

    def __init__(self, plan: FoldsPlan) -> None:
        super().__init__()
        classes, width, fine = len(STRUCTURES), plan.width, plan.fine
        self.encoder = nn.Sequential(
            convolution(3, classes, 16, 3, 2), nn.SiLU(), convolution(3, 16, fine, 3), nn.SiLU(),
            convolution(3, fine, width, 3, 2), VoxelNorm(), nn.SiLU(), convolution(3, width, width, 3), nn.SiLU(),
            convolution(3, width, plan.channels, 1),
        )  # fmt: skip
        self.widen = convolution(3, plan.channels, width, 3)
        self.first, self.second = convolution(3, width, width, 3), convolution(3, width, width, 3)
        self.norm = VoxelNorm()
        self.halve = convolution(3, width, 8 * fine, 1)
        self.mend = convolution(3, fine, fine, 3)
        self.last = convolution(3, fine, 8 * classes, 3)

    def encode(self, labels: Tensor) -> Tensor:
        """Codes (batch, channels, x/4, y/4, z/4) of numbers of structures (batch, x, y, z); between about -3 and 3."""
        shown = one_hot(labels.long(), len(STRUCTURES)).movedim(-1, 1).float()
        codes: Tensor = 4 * torch.tanh(self.encoder(shown) / 4)
        return codes

    def decode(self, codes: Tensor) -> Tensor:
        """Logits (batch, structures, x, y, z) of codes."""
        x = self.widen(codes)
        x = x + self.second(silu(self.first(silu(self.norm(x)))))
        x = _finer(self.halve(silu(x)))
        x = x + self.mend(silu(x))
        return _finer(self.last(silu(x)))


def _finer(x: Tensor) -> Tensor:
    """Eight channels of each voxel become the eight voxels at half its edge."""
    batch, channels, *size = x.shape
    x = x.reshape(batch, channels // 8, 2, 2, 2, *size).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(batch, channels // 8, *(2 * n for n in size))


@dataclass(frozen=True)
class Folds:
    """The trained network and ``codes`` (heads, channels, *LATTICE) of the heads whose folds are borrowed."""

    name: str
    network: FoldsNetwork
    plan: FoldsPlan
    heads: tuple[str, ...]
    codes: Tensor
    quality: Mapping[str, float] = field(default_factory=dict)


def shares_of(folds: Folds, seed: int) -> Tensor:
    """How much of each head there is at every place of the lattice (heads, *LATTICE); sums to 1. The same for a seed."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng([seed, 77])
    fields = []
    for _ in folds.heads:
        noise = gaussian_filter(rng.standard_normal([n + 32 for n in LATTICE], np.float32), _REACH)[16:-16, 16:-16, 16:-16]
        fields.append(noise / noise.std())
    return torch.softmax(_DECIDED * torch.from_numpy(np.stack(fields)), 0)


@dataclass(frozen=True)
class Folded:
    """``labels`` (x, y, z) are numbers of ``STRUCTURES`` on ``BOX`` or on every other voxel of it.

    ``presence`` (4, x, y, z), 0 to 255, is how much white matter, cortex, fluid and ventricle there is.
    """

    labels: Labels
    presence: Labels


@torch.no_grad()
def decoded(folds: Folds, shares: Tensor, device: torch.device, *, half: bool = False, precision: Precision = "auto") -> Folded:
    """The structures of heads mixed by ``shares``, with ``half`` at every other voxel.

    Computed slab by slab where the template has a brain, so that little memory is needed. On a CPU in float32 unless asked
    otherwise: the same seed gives the same brain on any.
    """
    precision = "float32" if precision == "auto" and device.type == "cpu" else precision
    mixed = torch.einsum("hxyz,hcxyz->cxyz", shares, folds.codes)[None].to(device)
    network, step = folds.network.to(device), 2 if half else 1
    size = tuple(n // step for n in BOX.shape)
    labels, presence = np.zeros(size, np.uint8), np.zeros((len(_FIELDS), *size), np.uint8)
    for part in _parts():
        wide = tuple(slice(max(0, s.start - _MARGIN), s.stop + _MARGIN) for s in part)
        x, y, z = (slice(FACTOR * (s.start - w.start), FACTOR * (s.stop - w.start)) for s, w in zip(part, wide, strict=True))
        some = mixed[:, :, *wide].contiguous(memory_format=torch.channels_last_3d)
        with autocast(precision, device):
            logits = network.decode(some)[0, :, x, y, z]
        found = torch.softmax(logits[:, ::step, ::step, ::step].float(), 0)
        there = tuple(slice(FACTOR // step * s.start, FACTOR // step * s.stop) for s in part)
        labels[there] = found.argmax(0).to(torch.uint8).cpu().numpy()
        presence[:, *there] = (255 * found[list(_FIELDS)]).round().to(torch.uint8).cpu().numpy()
    return Folded(labels, presence)


def _parts() -> Iterator[tuple[slice, slice, slice]]:
    """Slabs of the lattice, each cut to where the template's brain is, and 8 mm more."""
    region = _region()
    for first in range(0, LATTICE[0], _SLAB):
        slab = region[first : first + _SLAB]
        if slab.any():
            ends = [np.flatnonzero(slab.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
            x, y, z = (slice(int(end[0]), int(end[-1]) + 1) for end in ends)
            yield slice(first + x.start, first + x.stop), y, z


@lru_cache(maxsize=1)
def _region() -> NDArray[np.bool_]:
    """Where on the lattice the template has a brain, and two codes around."""
    from scipy.ndimage import binary_dilation

    first = np.rint((BOX.affine[:3, 3] - FRAME_ORIGIN) / 2).astype(int)
    inside = prepare(None).skull[tuple(slice(f, f + n // 2) for f, n in zip(first, BOX.shape, strict=True))] > 0
    whole = inside.reshape(*(n for size in LATTICE for n in (size, 2))).any(axis=(1, 3, 5))
    return np.asarray(binary_dilation(whole, iterations=2))


def anatomy_of(folded: Folded, identity: str) -> Anatomy:
    """An anatomy, as people are made of."""
    step = BOX.shape[0] // folded.labels.shape[0]
    affine = BOX.affine @ np.diag([step, step, step, 1.0])
    labels = np.array([code(name) for name in STRUCTURES], np.uint8)[folded.labels]
    to_voxel = np.asarray(np.linalg.inv(affine), np.float64)
    walls = smooth(folded.presence[3] / np.float32(255), affine)
    skull, ventricles = indicators(labels, walls, to_voxel)
    return Anatomy("folds", identity, np.stack([labels, *folded.presence[:3]], -1), walls, to_voxel, skull, ventricles)


# -- training --------------------------------------------------------------------------------------------------


class FoldsTrainer(Loop):
    """A run on heads in the template's shape; the last ``kept`` of them, by name, are only for checking."""

    def __init__(
        self,
        folder: Path,
        plan: FoldsPlan,
        heads: Mapping[str, Labels],
        kept: int,
        *,
        devices: int | str = "auto",
        precision: Precision = "auto",
    ) -> None:
        if len(heads) <= kept:
            raise InputError(f"{len(heads)} heads are too few: {kept} are kept for checking, and at least one trains.")
        names = sorted(heads)
        self._plan, self._folder_of = plan, folder
        self._names = tuple(names[: len(names) - kept])
        self._heads = torch.from_numpy(np.stack([heads[name] for name in self._names]))
        self._kept = torch.from_numpy(np.stack([heads[name] for name in names[len(names) - kept :]])) if kept else None
        super().__init__(folder, plan, {**as_plain(plan), "heads": list(self._names)}, devices=devices, precision=precision)
        self._begin(FoldsNetwork(plan).to(memory_format=torch.channels_last_3d))  # type: ignore[call-overload]
        self._network.mark_forward_method("encode")
        self._network.mark_forward_method("decode")
        self._resume()

    def _costs_of_step(self) -> tuple[Tensor, Costs]:
        labels = self._patches(np.random.default_rng([self._plan.seed, self.step])).to(self._fabric.device)
        codes = self._network.encode(labels)
        codes = codes + self._plan.noise * torch.randn_like(codes)
        logits = self._network.decode(codes).float()
        cost = cross_entropy(logits, labels.long(), label_smoothing=0.01)
        return cost, {"unlike": cost}

    def _patches(self, rng: np.random.Generator) -> Tensor:
        """Cubes of heads, half of them mirrored."""
        size, found = self._plan.patch, []
        for _ in range(self._plan.batch):
            start = [int(rng.integers(0, n - size + 1)) for n in BOX.shape]
            head = self._heads[int(rng.integers(len(self._heads)))]
            patch = head[tuple(slice(s, s + size) for s in start)]
            found.append(patch.flip(0) if rng.random() < 0.5 else patch)
        return torch.stack(found)

    def _check(self) -> Mapping[str, float]:
        """Dice of what comes back of the middle of heads that were kept (of those trained on where none was)."""
        heads = self._heads[:1] if self._kept is None else self._kept
        x, y, z = (slice(n // 2 - 32, n // 2 + 32) for n in BOX.shape)
        found = dict[str, float]()
        with self._fabric.autocast():
            network: Any = self._average.module
            labels = heads[:, x, y, z].to(self._fabric.device)
            back = network.decode(network.encode(labels)).argmax(1)
        for number, name in enumerate(STRUCTURES[1:], 1):
            both, either = (labels == number) & (back == number), (labels == number).sum() + (back == number).sum()
            if (labels == number).sum() > 100:
                found[name] = float(2 * both.sum() / either)
        return found | {"mean": sum(found.values()) / len(found)}

    def _publish(self, network: Any) -> None:
        quality = self._check() if self.step == self._plan.steps else {}
        with torch.no_grad():
            codes = torch.stack([network.encode(head[None].to(self._fabric.device))[0].float().cpu() for head in self._heads])
        save_folds(self._folder_of, Folds("", network, self._plan, self._names, codes, quality))


def read_plan(path: Path) -> FoldsPlan:
    """A plan from a TOML file with a table ``folds``, or a shipped one by name. Raises InputError."""
    plan = made(FoldsPlan, read_toml(path).get("folds", {}), str(path))
    if problem := plan.problem():
        raise InputError(f"{path}: {problem}.")
    return plan


# -- files -----------------------------------------------------------------------------------------------------


def save_folds(folder: Path, folds: Folds) -> None:
    """Write network and codes; codes as whole numbers of 1/32."""
    codes = (folds.codes * _STEPS_OF_CODE).round().clamp(-127, 127).to(torch.int8)
    tensors = {f"network.{name}": tensor for name, tensor in folds.network.state_dict().items()}
    tensors |= {f"codes.{place}": one.contiguous() for place, one in enumerate(codes)}
    content = {"plan": asdict(folds.plan), "heads": list(folds.heads), "quality": dict(folds.quality)}
    write_folder(folder, KIND, FORMAT, tensors, content)


def load_folds(folder: Path) -> Folds:
    """Trained folds. Raises InputError where the folder is none, or is damaged."""
    content = read_config(folder, KIND, FORMAT, "folds")
    plan = made(FoldsPlan, content.get("plan"), str(folder))
    heads: Sequence[Any] = content["heads"] if isinstance(content.get("heads"), list) else []
    quality = content.get("quality", {})
    if plan.problem() or not 1 <= len(heads) <= 64 or not isinstance(quality, dict):
        raise InputError(f"{folder}: config.json is damaged; get the model again.")
    tensors = read_weights(folder, content)
    with torch.device("meta"):
        wanted = {f"network.{name}": tensor for name, tensor in FoldsNetwork(plan).state_dict().items()}
        wanted |= {f"codes.{place}": torch.empty(plan.channels, *LATTICE) for place in range(len(heads))}
    refuse_misfit(folder, tensors, wanted)
    network = FoldsNetwork(plan)
    network.load_state_dict({name[8:]: tensor for name, tensor in tensors.items() if name.startswith("network.")})
    network = network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    codes = torch.stack([tensors[f"codes.{place}"].float() / _STEPS_OF_CODE for place in range(len(heads))])
    return Folds(folder.name, network.eval(), plan, tuple(map(str, heads)), codes, quality)
