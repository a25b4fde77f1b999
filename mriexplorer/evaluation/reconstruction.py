"""An autoencoder on people it never saw: scans again, maps against the truth, contrasts never trained on, honest intervals.

Every subset of the usual three scans is encoded. Beside the network stand what the true maps reach (the ceiling) and the
classical fit, voxel by voxel, with gains that no patient's scans would tell. Beside scans with thick slices, bias field and
motion stand scans of the same people that the equations describe wholly but for noise (``thin``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.dataset.gathering import bright_intensity
from mriexplorer.dataset.store import StoredSession
from mriexplorer.errors import InputError
from mriexplorer.evaluation import measures
from mriexplorer.evaluation.least_squares import fitted
from mriexplorer.generative.autoencoder.bias_field import n4_corrected
from mriexplorer.generative.autoencoder.checkpoint import Model
from mriexplorer.generative.autoencoder.encode import infer
from mriexplorer.generative.autoencoder.forward_model import forward_signal, recorded_settings
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.generative.precision import Precision
from mriexplorer.physics import Protocol
from mriexplorer.simulation.acquisition import protocols
from mriexplorer.simulation.labels import codes_of
from mriexplorer.subject.receive_field import bias_field, fitted_field, fitted_gain
from mriexplorer.subject.tissue_maps import Floats

Progress = Callable[[str], None]
Figures = dict[str, float]
USUAL = ("T1w", "T2w", "FLAIR")
TISSUES = ("wm", "gm")
NINETY = float(np.log(10))  # half the width of a Laplace distribution's 90 % interval, in its scale
_NOISE = 0.03  # of bright tissue, of thin scans
_SAMPLE = 5_000  # voxels of a person that are fitted one by one
_BOX = (0.2, 0.8)  # of each axis; what lies between is brain
_CAPS = {"pd": 1.2, "t1": 3.0, "t2": 0.25}  # fluid's T2 is uncertain by a factor and would drown everything else in a spectrum
_NEW = {  # contrasts that no training showed
    "STIR": ("flair", {"te": 0.03, "tr": 5.0, "ti": 0.255, "etl": 12}),
    "DIR": ("dir", {"te": 0.02, "tr": 11.0, "ti": 3.4, "ti2": 0.45}),
    "IR-SE TI 400": ("ir-se", {"te": 0.012, "tr": 3.0, "ti": 0.4}),
    "TSE TE 50": ("tse", {"te": 0.05, "tr": 3.0}),
    "TSE TE 250": ("tse", {"te": 0.25, "tr": 10.0, "etl": 32}),
    "MPRAGE TI 1400": ("mprage", {"tr": 3.5, "ti": 1.4}),
}


@dataclass(frozen=True)
class Case:
    """One person: images (n, x, y, z), their kinds and protocols; of simulated ones true maps (3, x, y, z) and tissue masks.

    ``flat`` are the images without bias field, as the network is shown them.
    """

    name: str
    kinds: tuple[str, ...]
    images: Floats
    flat: Floats
    protocols: tuple[Protocol, ...]
    field: float | None
    maps: Floats | None
    tissues: Mapping[str, NDArray[np.bool_]]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """White and grey matter."""
        return np.asarray(np.logical_or.reduce([self.tissues[name] for name in TISSUES]))

    @property
    def chosen(self) -> tuple[tuple[str, ...], ...]:
        """Every subset of the usual scans that there are, the largest first; of real people all scans only."""
        there = [kind for kind in USUAL if kind in self.kinds]
        if self.maps is None:
            return (tuple(there),) if there else ()
        return tuple(some for size in range(len(there), 0, -1) for some in combinations(there, size))


def case_of(entry: StoredSession) -> Case | None:
    """A person of a store; None for one without scans."""
    if not entry.kinds:
        return None
    maps = np.asarray(entry.maps, np.float32) if entry.has_maps and entry.has_labels else None
    tissues = {}
    if maps is not None:
        known, labels = (maps > 0).all(axis=0), entry.labels
        tissues = {name: np.isin(labels, codes_of(name)) & known for name in TISSUES}
    known_protocols = tuple(recorded_settings(entry.times[kind]) for kind in entry.kinds)
    images = np.asarray(entry.images, np.float32)
    if not (np.isfinite(images).all() and (images.max(axis=(1, 2, 3)) > 0).all()):
        raise InputError(f"{entry.folder}: a scan is empty or has values that are no numbers; gather the dataset again.")
    flat = np.stack([n4_corrected(image) for image in images])
    return Case(entry.name, entry.kinds, images, flat, known_protocols, entry.field, maps, tissues)


def thin(case: Case, truth: Floats) -> Case:
    """The same person with scans of one voxel's thickness, as the equations give them, with Rician noise."""
    rng = np.random.default_rng(0)
    images = []
    for protocol in case.protocols:
        clean = _signal(truth, protocol)
        noise = rng.normal(scale=_NOISE * bright_intensity(clean), size=(2, *clean.shape))
        noisy = np.hypot(clean + noise[0], noise[1])
        images.append(noisy / bright_intensity(noisy))
    scans = np.stack(images).astype(np.float32)
    return replace(case, images=scans, flat=scans)


def evaluate_case(model: Model, case: Case, some: Sequence[str], device: torch.device, precision: Precision = "auto") -> Figures:
    """Figures of one person, of whose scans only ``some`` are shown to the network."""
    maps, spread = _decoded(model, case, some, device, precision)
    if case.maps is None:
        return _given_figures(case, maps)
    spread = spread * np.array(model.factors(some), np.float32).reshape(3, 1, 1, 1)
    found = _map_figures(case, case.maps, maps, spread) | _given_figures(case, maps) | _clean_figures(case, case.maps, maps)
    if len(some) > 1:
        found |= _classical(case, case.maps, [case.kinds.index(kind) for kind in some])
    if len(some) == len(USUAL):
        found |= _new_contrasts(case, case.maps, maps)
    return found


def factors_needed(
    model: Model, case: Case, truth: Floats, some: Sequence[str], device: torch.device, precision: Precision = "auto"
) -> Floats:
    """What the estimated spread of PD, T1, T2 must be multiplied by for each of a sample of voxels (3, n) to lie within 90 %."""
    maps, spread = _decoded(model, case, some, device, precision)
    inside = case.inside & (np.random.default_rng(0).random(case.inside.shape) < 0.1)
    rows = [measures.scaled_errors(maps[n], spread[n], truth[n], inside) for n in range(len(MAPS))]
    return np.stack(rows) / np.float32(NINETY)


def _decoded(
    model: Model, case: Case, some: Sequence[str], device: torch.device, precision: Precision = "auto"
) -> tuple[Floats, Floats]:
    """Maps and the spread of their logarithms, as estimated (3, x, y, z), from some of a person's scans."""
    places = [case.kinds.index(kind) for kind in some]
    found = infer(model, case.flat[places], [case.protocols[p] for p in places], case.field, device, precision=precision)
    return found.maps[0].float().cpu().numpy(), found.spread[0].float().cpu().numpy()


def _map_figures(case: Case, truth: Floats, maps: Floats, spread: Floats) -> Figures:
    found = {}
    for n, kind in enumerate(MAPS):
        for tissue, where in case.tissues.items():
            found[f"{kind} {tissue} error"] = measures.median_error(maps[n], truth[n], where)
        off = measures.scaled_errors(maps[n], spread[n], truth[n], case.inside)
        found[f"{kind} in interval"] = float(np.mean(off <= NINETY))
        found[f"{kind} interval"] = float(np.median(np.expm1(spread[n][case.inside] * NINETY)))
        ours, true = (np.minimum(part, _CAPS[kind])[_middle(part.shape)] for part in (maps[n], truth[n]))
        found[f"{kind} sharpness"] = measures.sharpness(ours, true)
    return found


def _middle(shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(int(_BOX[0] * n), int(_BOX[1] * n)) for n in shape)


def _slices(case: Case) -> NDArray[np.intp]:
    """Every third of the axial slices with much in them."""
    counts = (case.images[0] > 0.3).sum(axis=(0, 1))
    return np.flatnonzero(counts > 0.5 * counts.max())[::3]


def _given_figures(case: Case, maps: Floats) -> Figures:
    """The scans again, against the scans as given: noise, receive field and all. The ceiling is what the true maps reach."""
    slices, found = _slices(case), {}
    for kind, image, protocol in zip(case.kinds, case.images, case.protocols, strict=True):
        given = image[..., slices]
        ours = _received(maps, protocol, image)
        found[f"{kind} psnr"], found[f"{kind} ms-ssim"] = _alike(ours[..., slices], given)
        found[f"{kind} sharpness"] = measures.sharpness(ours[_middle(ours.shape)], image[_middle(ours.shape)])
        if case.maps is not None:
            best = _received(case.maps, protocol, image)
            found[f"{kind} psnr ceiling"], found[f"{kind} ms-ssim ceiling"] = _alike(best[..., slices], given)
    return found


def _received(maps: Floats, protocol: Protocol, image: Floats) -> Floats:
    """What the maps show under a scan's protocol, shaded as its receiver does."""
    signal = _signal(maps, protocol)
    return signal * bias_field(fitted_field(signal, image), image.shape)


def _alike(image: Floats, truth: Floats) -> tuple[float, float]:
    return measures.psnr(image, truth), measures.ms_ssim(image, truth)


def _clean_figures(case: Case, truth: Floats, maps: Floats) -> Figures:
    """The scans again, against what they would be without noise and receive field; one gain by scan."""
    slices, every = _slices(case), []
    found: Figures = {}
    for kind, protocol in zip(case.kinds, case.protocols, strict=True):
        ours, clean = _signal(maps, protocol), _signal(truth, protocol)
        ours = ours * np.float32(fitted_gain(ours, clean))
        bright = np.float32(np.percentile(clean[case.inside], 95))
        every.append((ours[..., slices] / bright, clean[..., slices] / bright))
        found[f"{kind} sharpness to clean"] = measures.sharpness(ours[_middle(ours.shape)], clean[_middle(ours.shape)])
    again, clean = (np.concatenate(part, axis=2) for part in zip(*every, strict=True))
    found["psnr"], found["ms-ssim"] = _alike(again, clean)
    return found


def _signal(maps: Floats, protocol: Protocol) -> Floats:
    return np.asarray(forward_signal(torch.from_numpy(maps), protocol).numpy(), np.float32)


def _classical(case: Case, truth: Floats, places: Sequence[int]) -> Figures:
    """Errors of the voxel-wise fit, on a sample of voxels, gains known."""
    inside = np.argwhere(case.inside)
    at = tuple(inside[np.random.default_rng(0).permutation(len(inside))[:_SAMPLE]].T)
    gains = []
    for place in places:
        clean, image = _signal(truth, case.protocols[place])[at], case.images[place][at]
        gains.append(fitted_gain(clean, image))
    fit = fitted(case.images[list(places)][(slice(None), *at)], [case.protocols[p] for p in places], gains)
    true = truth[(slice(None), *at)]
    return {
        f"{kind} {tissue} classical": float(np.median(np.abs(fit[n][where[at]] / true[n][where[at]] - 1)))
        for tissue, where in case.tissues.items()
        for n, kind in enumerate(MAPS)
    }


def _new_contrasts(case: Case, truth: Floats, maps: Floats) -> Figures:
    """PSNR in the brain of contrasts computed from the maps against the truth's: usual ones, and ones no training showed."""
    usual = {kind: protocols()[kind][0].protocol for kind in USUAL}
    new = {name: Protocol.complete(sequence, values) for name, (sequence, values) in _NEW.items()}
    found = {}
    for of, table in (("trained", usual), ("new", new)):
        for name, protocol in table.items():
            ours, true = _signal(maps, protocol)[case.inside], _signal(truth, protocol)[case.inside]
            found[f"{of} {name}"] = measures.psnr(ours, true)
    return found
