"""People whom maps are judged on: scans as given and evened, protocols, and of simulated people the truth."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.dataset.gathering import bright_intensity
from mriexplorer.dataset.store import CohortStore, StoredSession, open_store
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.bias_field import n4_corrected
from mriexplorer.generative.autoencoder.checkpoint import Model
from mriexplorer.generative.autoencoder.encode import infer
from mriexplorer.generative.autoencoder.forward_model import forward_signal, recorded_settings
from mriexplorer.generative.precision import Precision
from mriexplorer.generative.protocol_vector import protocol_vector
from mriexplorer.physics import Protocol
from mriexplorer.simulation.labels import codes_of
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.workers import Progress

Mask = NDArray[np.bool_]
USUAL = ("T1w", "T2w", "FLAIR")
TISSUES = {"wm": "white matter", "gm": "grey matter"}  # by what structures count as
_NOISE = 0.03  # of bright tissue, of thin scans


@dataclass(frozen=True, eq=False)
class Case:
    """One session: images (n, x, y, z), their kinds and protocols; of simulated ones true maps (3, x, y, z) and labels (x, y, z).

    ``person`` tells whose it is; ``voxel`` in mm; ``flat`` are the images without bias field, as the network is shown them;
    ``field`` in tesla, where known.
    """

    name: str
    person: str
    voxel: int
    kinds: tuple[str, ...]
    images: Floats
    flat: Floats
    protocols: tuple[Protocol, ...]
    field: float | None
    maps: Floats | None = None
    labels: NDArray[np.uint8] | None = None

    @property
    def truth(self) -> Floats:
        """The true maps. ValueError for real people."""
        if self.maps is None:
            raise ValueError(f"{self.name} has no true maps")
        return self.maps

    @property
    def codes(self) -> NDArray[np.uint8]:
        """Labels of structures. ValueError for real people."""
        if self.labels is None:
            raise ValueError(f"{self.name} has no labels")
        return self.labels

    @cached_property
    def known(self) -> Mask:
        """Where all true maps have a value."""
        return np.asarray((self.truth > 0).all(axis=0))

    @cached_property
    def tissues(self) -> Mapping[str, Mask]:
        """White and grey matter (``TISSUES``) of simulated people."""
        return {name: np.isin(self.codes, codes_of(name)) & self.known for name in TISSUES}

    @property
    def inside(self) -> Mask:
        """White and grey matter."""
        return np.asarray(np.logical_or.reduce(list(self.tissues.values())))

    @property
    def usual(self) -> tuple[str, ...]:
        """Those of the usual scans that there are."""
        return tuple(kind for kind in USUAL if kind in self.kinds)

    @property
    def chosen(self) -> tuple[tuple[str, ...], ...]:
        """Which scans the network is shown, all of the usual first: every subset of simulated people's; of real, one left out."""
        there = self.usual
        sizes = range(len(there), 0, -1) if self.maps is not None else range(len(there), max(len(there) - 2, 0), -1)
        return tuple(some for size in sizes for some in combinations(there, size))

    def protocol(self, kind: str) -> Protocol:
        """Of the scan of a kind."""
        return self.protocols[self.kinds.index(kind)]


@dataclass(frozen=True, eq=False)
class Estimate:
    """Maps (3, x, y, z): PD (water = 1), T1, T2 (s), and the scale of the Laplace distribution of their logarithms."""

    maps: Floats
    spread: Floats


Estimator = Callable[[Case, Sequence[str]], Estimate]  # from those scans of a person alone


def estimator(model: Model, device: torch.device, precision: Precision = "auto") -> Estimator:
    """A trained network, with its intervals as calibrated. InputError where it gives no numbers."""

    def estimate(case: Case, some: Sequence[str]) -> Estimate:
        maps, spread = decoded(model, case, some, device, precision)
        return Estimate(maps, spread * np.array(model.factors(some), np.float32).reshape(3, 1, 1, 1))

    return estimate


def decoded(
    model: Model, case: Case, some: Sequence[str], device: torch.device, precision: Precision = "auto"
) -> tuple[Floats, Floats]:
    """Maps and the spread of their logarithms, as the network tells them (3, x, y, z), from some of a person's scans."""
    places = [case.kinds.index(kind) for kind in some]
    found = infer(model, case.flat[places], [case.protocols[p] for p in places], case.field, device, precision=precision)
    maps, spread = found.maps[0].float().cpu().numpy(), found.spread[0].float().cpu().numpy()
    if not (np.isfinite(maps).all() and np.isfinite(spread).all()):
        raise InputError(f"the model {model.name} gives values that are no numbers; get it again.")
    return maps, spread


def computed(maps: Floats, protocol: Protocol) -> Floats:
    """The scan (x, y, z) that maps show under a protocol, in units of PD = 1."""
    return np.asarray(forward_signal(torch.from_numpy(maps), protocol).numpy(), np.float32)


def thin(case: Case) -> Case:
    """The same simulated person with scans of one voxel's thickness, as the equations give them, with Rician noise."""
    rng = np.random.default_rng(0)
    images = []
    for protocol in case.protocols:
        clean = computed(case.truth, protocol)
        noise = rng.normal(scale=_NOISE * bright_intensity(clean), size=(2, *clean.shape))
        noisy = np.hypot(clean + noise[0], noise[1])
        images.append(noisy / bright_intensity(noisy))
    scans = np.stack(images).astype(np.float32)
    return replace(case, images=scans, flat=scans)


# -- from stores -----------------------------------------------------------------------------------------------


def opened(paths: Sequence[Path], model: Model) -> list[CohortStore]:
    """Stores of gathered people. Raises InputError for those of other voxels than the model's."""
    stores = [open_store(path) for path in paths]
    if wrong := [store for store in stores if store.voxel != model.voxel]:
        raise InputError(f"{wrong[0].folder} is of {wrong[0].voxel} mm, the model of {model.voxel}; gather it at {model.voxel}.")
    return stores


def unseen(
    model: Model, stores: Iterable[CohortStore], name: str | None, progress: Progress
) -> Iterator[tuple[Path, StoredSession]]:
    """Sessions of a set, or of all, of people whom the model was not trained on, each with the folder of its store."""
    for folder, entry in ((of.folder, entry) for of in stores for entry in of.entries if name in (None, entry.set)):
        if model.saw(entry):
            progress(f"{entry.name} is left out: the model was trained on them, or on their anatomy")
        else:
            yield folder, entry


def case_of(entry: StoredSession, model: Model) -> Case | None:
    """A session of a store, with those scans that the model takes; None where none of them is a usual one.

    Raises InputError for scans or maps that are no numbers.
    """
    protocols = [recorded_settings(entry.times[kind]) for kind in entry.kinds]
    taken = [place for place, protocol in enumerate(protocols) if _takes(model, protocol)]
    kinds, known = tuple(entry.kinds[place] for place in taken), tuple(protocols[place] for place in taken)
    if not set(kinds) & set(USUAL):
        return None
    images = np.asarray(entry.images[taken], np.float32)
    if not (np.isfinite(images).all() and (images.max(axis=(1, 2, 3)) > 0).all()):
        raise InputError(f"{entry.folder}: a scan is empty or has values that are no numbers; gather the dataset again.")
    flat = np.stack([n4_corrected(image) for image in images])
    case = Case(entry.name, entry.person, model.voxel, kinds, images, flat, known, entry.field)
    return replace(case, maps=_truth(entry), labels=np.asarray(entry.labels)) if entry.has_maps and entry.has_labels else case


def _takes(model: Model, protocol: Protocol) -> bool:
    try:
        protocol_vector(protocol, model.configuration.network.sequences)
    except InputError:
        return False
    return True


def _truth(entry: StoredSession) -> Floats:
    maps = np.asarray(entry.maps, np.float32)
    if not np.isfinite(maps).all():
        raise InputError(f"{entry.folder}: true maps have values that are no numbers; gather the dataset again.")
    return maps
