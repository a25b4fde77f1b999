"""What a training step sees: patches of scans with their protocols, and the true maps of simulated people.

A step's batch depends on the seed, its number and the rank alone, so that a run that is resumed sees what it would have seen.
Simulated people get new scans at every step, from their maps; real people have the scans that they have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mriexplorer.dataset.store import CohortStore, StoredSession
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.augmentation import degraded, draw_augmentation, draw_noise, odd_gain
from mriexplorer.generative.autoencoder.configuration import AutoencoderPlan, AutoencoderTrainingPlan
from mriexplorer.generative.autoencoder.forward_model import forward_signal, recorded_settings
from mriexplorer.generative.autoencoder.values import ValueFactors, draw_values, with_values
from mriexplorer.generative.protocol_vector import protocol_vector, width
from mriexplorer.physics import Protocol
from mriexplorer.simulation.acquisition import protocols
from mriexplorer.simulation.labels import codes_of

_USUAL = ("T1w", "T2w", "FLAIR")
_ALSO = ("T1w", "T2w", "FLAIR", "PDw", "T1wSE")  # STIR and DIR are never trained on, so that they can be tested
_OFTEN_THICK = {"T2w", "FLAIR", "PDw", "T1wSE"}
_WIDE: Mapping[str, Mapping[str, tuple[float, float]]] = {  # s, degrees; what a share of the scans is drawn from, by kind
    "T1w": {
        "te": (0.002, 0.005), "tr": (1.4, 3.0), "ti": (0.6, 1.2), "flip": (6, 15), "es": (0.006, 0.011), "readouts": (100, 200),
    },
    "T2w": {"te": (0.07, 0.2), "tr": (2.5, 8.0)},
    "FLAIR": {"te": (0.07, 0.2), "tr": (5.0, 12.0), "ti": (1.7, 2.9)},
    "PDw": {"te": (0.01, 0.035), "tr": (2.0, 5.0)},
    "T1wSE": {"te": (0.008, 0.02), "tr": (0.35, 0.8)},
}  # fmt: skip
_SAMPLE = 4000  # voxels of a head from which it is known how bright a scan is
_STRIPPED = 0.4  # share of simulated heads of which only the brain is shown
_FIELDS = (0.5, 1.5, 3.0, 7.0)  # tesla, that a network is told wrongly
_TRIES = 8
_THERE = 0.05  # PD, or of bright tissue
_MOST_WANTED = 0.8  # of a patch's voxels
_LEAST_THERE = 0.15  # of the voxels of a patch that may lie anywhere


@dataclass(frozen=True)
class Batch:
    """``scans`` and ``targets`` (batch, n, *size), bright tissue about 1; a target is what the equations should show.

    ``vectors`` (batch, n, numbers) and ``protocols`` tell the protocol of each scan, ``present`` (batch, n) whether it is there.
    ``maps`` (batch, 3, *size) are true where ``known`` (batch), else 0.
    """

    scans: Tensor
    targets: Tensor
    vectors: Tensor
    protocols: tuple[tuple[Protocol, ...], ...]
    present: Tensor
    maps: Tensor
    known: Tensor

    def to(self, device: torch.device) -> "Batch":
        """On another device."""
        moved: dict[str, Any] = {name: value.to(device) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return replace(self, **moved)


@dataclass(frozen=True)
class _Item:
    scans: Tensor
    targets: Tensor
    protocols: tuple[Protocol, ...]
    present: tuple[bool, ...]
    maps: Tensor
    known: bool
    field: float | None


class Head:
    """One session of a store, read where it is needed."""

    def __init__(self, entry: StoredSession) -> None:
        self.entry = entry
        self.known = {kind: recorded_settings(entry.times[kind]) for kind in entry.kinds}

    @property
    def shape(self) -> tuple[int, ...]:
        """Voxels of the whole head."""
        array = self.entry.maps if self.entry.has_maps else self.entry.images
        return tuple(array.shape[1:])

    @cached_property
    def sample(self) -> NDArray[np.float32]:
        """(3, n): PD, T1, T2 of voxels from the middle of the head."""
        maps = self.entry.maps
        rng = np.random.default_rng(0)
        places = [rng.integers(n // 4, n - n // 4, _SAMPLE) for n in maps.shape[1:]]
        values = np.asarray(maps[:, places[0], places[1], places[2]], np.float32)
        return values[:, values[0] > 0]

    @cached_property
    def sample_codes(self) -> NDArray[np.uint8]:
        """The structures of ``sample``'s voxels (n,)."""
        codes, there = self.entry.labels, self.entry.maps[0]
        rng = np.random.default_rng(0)
        places = tuple(rng.integers(n // 4, n - n // 4, _SAMPLE) for n in codes.shape)
        return np.asarray(codes[places][there[places] > 0], np.uint8)

    def levels(self, protocol: Protocol, values: ValueFactors | None = None) -> tuple[float, float]:
        """What bright tissue shows, as ``gather`` measures it, and what a quarter of the middle, mostly brain, exceeds.

        ``values`` are other ones that the head's tissues have.
        """
        return levels(self.sample if values is None else self.sample * values.of(self.sample_codes), protocol)

    def matter(self, window: tuple[slice, ...]) -> float:
        """The share of white and grey matter in a window; without labels, of whatever is there."""
        return float(_matter()[self.entry.labels[window]].mean()) if self.entry.has_labels else self.filled(window)

    def filled(self, window: tuple[slice, ...]) -> float:
        """The share of a window in which there is anything."""
        look = self.entry.maps[0] if self.entry.has_maps else self.entry.images[0]
        return float((look[window] > _THERE).mean())

    def cut(self, array: NDArray[np.generic], window: tuple[slice, ...]) -> Tensor:
        """A window of an array of the head (channels, x, y, z), float32."""
        return torch.from_numpy(np.ascontiguousarray(array[(slice(None), *window)], dtype=np.float32))


def levels(sample: NDArray[np.float32], protocol: Protocol) -> tuple[float, float]:
    """Of a sample (3, n) of PD, T1, T2: the 95th percentile of what is well above the background, and the 75th of all."""
    signal = forward_signal(torch.from_numpy(sample), protocol).numpy()
    return float(np.percentile(signal[signal > 0.1 * np.percentile(signal, 99)], 95)), float(np.percentile(signal, 75))


class Batches:
    """Batches of a set of sessions."""

    def __init__(self, heads: Sequence[Head], network: AutoencoderPlan, training: AutoencoderTrainingPlan) -> None:
        self._network, self._training = network, training
        self._simulated = [head for head in heads if head.entry.has_maps]
        self._real = [head for head in heads if not head.entry.has_maps]

    def batch(self, step: int, rank: int = 0) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng([self._training.seed, step, rank])
        return joined([self._item(rng) for _ in range(self._training.batch)], self._network.sequences)

    def _item(self, rng: np.random.Generator) -> _Item:
        real = self._real and (not self._simulated or rng.random() < self._training.real)
        heads = self._real if real else self._simulated
        head = heads[int(rng.integers(len(heads)))]
        window = self._window(head, rng)
        flip = bool(rng.random() < 0.5)
        item = self._remade(head, window, rng) if head.entry.has_maps and self._training.anew else _as_recorded(head, window)
        item = replace(item, present=self._chosen(item.present, rng), field=self._told_field(item.field, rng))
        return _mirrored(item) if flip else item

    def _told_field(self, field: float | None, rng: np.random.Generator) -> float | None:
        """The field strength as the network is told it: not, as it is, or wrong."""
        if rng.random() < self._training.field_unknown:
            return None
        return float(rng.choice(_FIELDS)) if _happens(self._training.field_wrong, rng) else field

    def _window(self, head: Head, rng: np.random.Generator) -> tuple[slice, ...]:
        """A patch with much of the brain in it, mostly: the first of a few that has as much as was drawn, else the best.

        In the share ``anywhere`` one that has a little of the head.
        """
        anywhere = _happens(self._training.anywhere, rng)
        share, wanted = (head.filled, _LEAST_THERE) if anywhere else (head.matter, rng.uniform(0, _MOST_WANTED))
        tried: list[tuple[float, tuple[slice, ...]]] = []
        while len(tried) < _TRIES and not (tried and tried[-1][0] >= wanted):
            window = _placed(head.shape, self._training.patch, rng)
            tried.append((share(window), window))
        return max(tried, key=lambda pair: pair[0])[1]

    def _remade(self, head: Head, window: tuple[slice, ...], rng: np.random.Generator) -> _Item:
        maps = _flat(head.cut(head.entry.maps, window), self._network.dims)
        other = draw_values(rng) if head.entry.has_labels and _happens(self._training.values, rng) else None
        if other is not None:
            codes = np.asarray(head.entry.labels[window])
            maps = with_values(maps, codes[..., 0] if self._network.dims == 2 else codes, other, rng)
        if head.entry.has_labels and rng.random() < _STRIPPED:
            outside = np.isin(head.entry.labels[window], _outside())
            maps = maps * (1 - _flat(torch.from_numpy(outside)[None].float(), self._network.dims))
        kinds = _USUAL if rng.random() < 0.75 else tuple(rng.choice(_ALSO, 3, replace=False))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        plan = self._training
        thin = _happens(plan.thin, rng)
        scans, targets, chosen = [], [], []
        for kind in kinds:
            protocol = draw_protocol(rng, kind, plan.protocols)
            signal, (bright, level) = forward_signal(maps, protocol), head.levels(protocol, other)
            thick = not thin and kind in _OFTEN_THICK and rng.random() < 0.5
            augmentation = draw_noise(rng) if thin else draw_augmentation(rng, self._network.dims, thick=thick)
            if _happens(plan.brightness, rng):
                augmentation = replace(augmentation, gain=odd_gain(rng))
            scans.append(degraded(signal, bright, level, augmentation, generator))
            targets.append(signal / bright)
            chosen.append(protocol)
        return _Item(torch.stack(scans), torch.stack(targets), tuple(chosen), (True,) * len(kinds), maps, True, head.entry.field)

    def _chosen(self, present: tuple[bool, ...], rng: np.random.Generator) -> tuple[bool, ...]:
        """A subset of the scans to be shown, at least one; sizes equally often."""
        if not self._training.dropout:
            return present
        there = np.flatnonzero(present)
        kept = rng.permutation(there)[: rng.integers(1, len(there) + 1)]
        return tuple(bool(place in kept) for place in range(len(present)))


def _happens(share: float, rng: np.random.Generator) -> bool:
    """In a share of the draws. For a share of 0 nothing is drawn, so that a plan without it sees what it always saw."""
    return share > 0 and bool(rng.random() < share)


def _as_recorded(head: Head, window: tuple[slice, ...]) -> _Item:
    """The scans as they lie in the store; absent kinds of the usual three are 0."""
    dims = sum(part.stop - part.start > 1 for part in window)
    images = _flat(head.cut(head.entry.images, window), dims)
    kinds = [*_USUAL, *(kind for kind in head.entry.kinds if kind not in _USUAL)][: max(3, len(head.entry.kinds))]
    scans = torch.stack(
        [images[head.entry.kinds.index(k)] if k in head.entry.kinds else torch.zeros_like(images[0]) for k in kinds]
    )
    known = tuple(head.known.get(kind) or _standard(kind) for kind in kinds)
    present = tuple(kind in head.entry.kinds for kind in kinds)
    maps = _flat(head.cut(head.entry.maps, window), dims) if head.entry.has_maps else torch.zeros(3, *scans.shape[1:])
    return _Item(scans, scans, known, present, maps, head.entry.has_maps, head.entry.field)


def _standard(kind: str) -> Protocol:
    return protocols()[kind][0].protocol


@lru_cache(maxsize=1)
def _outside() -> tuple[int, ...]:
    return tuple(codes_of("outside"))


@lru_cache(maxsize=1)
def _matter() -> NDArray[np.bool_]:
    """Whether a code is of white or grey matter."""
    found = np.zeros(256, bool)
    found[codes_of("wm") + codes_of("gm")] = True
    return found


def _placed(shape: tuple[int, ...], patch: tuple[int, ...], rng: np.random.Generator) -> tuple[slice, ...]:
    """A window of the size of the patch; a patch of two numbers is an axial slice."""
    sizes = patch if len(patch) == 3 else (*patch, 1)
    room = [max(0, n - size) for n, size in zip(shape, sizes, strict=True)]
    if len(patch) == 2:  # slices with brain
        corner = [
            int(rng.integers(room[0] + 1)),
            int(rng.integers(room[1] + 1)),
            int(rng.integers(shape[2] // 5, shape[2] * 4 // 5)),
        ]
    else:
        corner = [int(rng.integers(r + 1)) for r in room]
    return tuple(slice(at, at + min(size, n)) for at, size, n in zip(corner, sizes, shape, strict=True))


def _flat(array: Tensor, dims: int) -> Tensor:
    return array[..., 0] if dims == 2 else array


def _mirrored(item: _Item) -> _Item:
    """Left and right exchanged: the first axis of the volume."""
    return replace(item, scans=item.scans.flip(1), targets=item.targets.flip(1), maps=item.maps.flip(1))


def draw_protocol(rng: np.random.Generator, kind: str, wide: float) -> Protocol:
    """A protocol of a kind of scan: of the table, or (in a share ``wide``) with its times drawn from wide ranges."""
    rows = protocols()[kind]
    chosen = rows[int(rng.choice(len(rows), p=_shares([row.weight for row in rows])))]
    usual = chosen.protocol
    if rng.random() >= wide:
        return usual
    drawn = {name: float(np.exp(rng.uniform(*np.log(limits)))) for name, limits in _WIDE[kind].items()}
    trial = Protocol.complete(usual.sequence, _with_train({**usual.values, **drawn}))
    return usual if trial.problems else trial


def _with_train(values: dict[str, float]) -> dict[str, float]:
    """Times with an echo train that reaches the echo time."""
    if "etl" in values and "esp" in values:
        return values | {"etl": float(min(64, max(values["etl"], np.ceil(values["te"] / values["esp"] * 1.3))))}
    return values


def _shares(weights: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(weights, float)
    return np.asarray(array / array.sum())


def joined(items: Sequence[_Item], known: tuple[str, ...]) -> Batch:
    """Items of one size as a batch; where they differ in the number of scans, the rest is absent."""
    most = max(len(item.protocols) for item in items)
    size = items[0].scans.shape[1:]
    scans, targets = torch.zeros(len(items), most, *size), torch.zeros(len(items), most, *size)
    vectors = torch.zeros(len(items), most, width(known))
    present = torch.zeros(len(items), most, dtype=torch.bool)
    for place, item in enumerate(items):
        count = len(item.protocols)
        scans[place, :count], targets[place, :count] = item.scans, item.targets
        present[place, :count] = torch.tensor(item.present)
        vectors[place, :count] = torch.tensor([protocol_vector(p, known, item.field) for p in item.protocols])
    filled = tuple((*item.protocols, *(item.protocols[-1],) * (most - len(item.protocols))) for item in items)
    maps = torch.stack([item.maps for item in items])
    return Batch(scans, targets, vectors, filled, present, maps, torch.tensor([item.known for item in items]))


def heads_of(stores: Sequence[CohortStore], name: str, network: AutoencoderPlan, training: AutoencoderTrainingPlan) -> list[Head]:
    """The sessions of a set that can train. Raises InputError that says why none can."""
    heads, why = [], []
    for store in stores:
        for entry in store.of(name):
            if problem := _unusable(entry):
                why.append(f"{entry.name}: {problem}")
            else:
                heads.append(Head(entry))
    if not heads:
        raise InputError(f"no session of the set {name!r} can be used. {why[0] + '.' if why else 'There are none.'}")
    sizes = {tuple(min(p, n) for p, n in zip(training.patch, head.shape, strict=False)) for head in heads}
    broken = [size for size in sizes if any(n % network.multiple for n in size)]
    if broken or len(sizes) > 1:
        raise InputError(
            f"patches of {sorted(sizes)} voxels do not suit this network: one size for all data is needed, in multiples of "
            f"{network.multiple}; change patch, or train on one voxel size."
        )
    return heads


def _unusable(entry: StoredSession) -> str | None:
    if not entry.has_maps and not entry.kinds:
        return "it has neither scans nor maps"
    array = entry.maps if entry.has_maps else entry.images
    if not np.isfinite(np.asarray(array, np.float32)).all():
        return "it has values that are no numbers"
    return None
