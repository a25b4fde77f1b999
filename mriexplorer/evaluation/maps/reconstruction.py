"""The scans again, computed from estimated maps: against the scans as given, against what they would be without noise, sharpness,
contrasts that no training showed; and the classical fit, voxel by voxel, with gains that no patient's scans would tell.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation import measures
from mriexplorer.evaluation.maps.cases import TISSUES, USUAL, Case, Estimate, computed
from mriexplorer.evaluation.maps.figure import LABELS, Figure, Figures
from mriexplorer.evaluation.maps.least_squares import fitted
from mriexplorer.evaluation.maps.truth import GROUP as MAPS_GROUP
from mriexplorer.evaluation.maps.truth import least_squares_error
from mriexplorer.evaluation.metric import Better
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.physics import Protocol
from mriexplorer.simulation.acquisition import protocols
from mriexplorer.subject.receive_field import bias_field, fitted_field, fitted_gain
from mriexplorer.subject.tissue_maps import Floats

GROUP = "scans"
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


def psnr_again(some: str) -> Figure:
    """PSNR of all scans of a simulated person, computed from maps, against what they would be without noise."""
    about = (
        f"All scans computed from the maps that were estimated from {some}, against what they would be without noise or shading."
    )
    return Figure(GROUP, f"PSNR, from {some}", Better.HIGH, "dB", about)


def _middle(shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(int(_BOX[0] * n), int(_BOX[1] * n)) for n in shape)


def _slices(case: Case) -> NDArray[np.intp]:
    """Every third of the axial slices with much in them."""
    counts = (case.images[0] > 0.3).sum(axis=(0, 1))
    return np.flatnonzero(counts > 0.5 * counts.max())[::3]


def _sharp(image: Floats, truth: Floats) -> float:
    return measures.sharpness(image[_middle(image.shape)], truth[_middle(truth.shape)])


# -- scans as given --------------------------------------------------------------------------------------------


def scans_as_given(case: Case, maps: Floats, how: str, *, sharp: bool = False) -> Figures:
    """Each scan computed from maps, shaded as its receiver does, against the scan with its noise; ``how`` ends the names.

    ``sharp``: the share of its fine detail too.
    """
    slices, found, real = _slices(case), Figures(), case.maps is None
    for kind, image, protocol in zip(case.kinds, case.images, case.protocols, strict=True):
        ours = _received(maps, protocol, image)
        told = f"The {kind} computed from maps, shaded as its receiver does, against the {kind} as given, with its noise ({how})."
        pair = ours[..., slices], image[..., slices]
        found[Figure(GROUP, f"{kind} as given, PSNR, {how}", Better.HIGH, "dB", told, real)] = measures.psnr(*pair)
        found[Figure(GROUP, f"{kind} as given, MS-SSIM, {how}", Better.HIGH, "", told, real)] = measures.ms_ssim(*pair)
        if sharp:
            about = (
                f"Fine detail (above half of Nyquist) of the {kind} computed from maps, as a share of that of the scan ({how})."
            )
            found[Figure(GROUP, f"{kind} as given, sharpness, {how}", Better.NEAR, "", about, real)] = _sharp(ours, image)
    return found


def _received(maps: Floats, protocol: Protocol, image: Floats) -> Floats:
    """What the maps show under a scan's protocol, shaded as its receiver does."""
    signal = computed(maps, protocol)
    return signal * bias_field(fitted_field(signal, image), image.shape)


# -- scans without noise ---------------------------------------------------------------------------------------


def scans_again(case: Case, maps: Floats, some: str) -> Figures:
    """The scans of a simulated person against what they would be without noise and receive field; one gain by scan."""
    slices, every, found = _slices(case), [], Figures()
    for kind, protocol in zip(case.kinds, case.protocols, strict=True):
        ours, clean = computed(maps, protocol), computed(case.truth, protocol)
        ours = ours * np.float32(fitted_gain(ours, clean))
        bright = np.float32(np.percentile(clean[case.inside], 95))
        every.append((ours[..., slices] / bright, clean[..., slices] / bright))
        about = (
            f"Fine detail (above half of Nyquist) of the {kind} computed from maps, as a share of the true one's, from {some}."
        )
        found[Figure(GROUP, f"{kind} sharpness, from {some}", Better.NEAR, "", about)] = _sharp(ours, clean)
    again, clean = (np.concatenate(part, axis=2) for part in zip(*every, strict=True))
    psnr = psnr_again(some)
    found[psnr] = measures.psnr(again, clean)
    found[Figure(GROUP, f"MS-SSIM, from {some}", Better.HIGH, "", psnr.about)] = measures.ms_ssim(again, clean)
    return found


def sharpness_of_maps(case: Case, estimate: Estimate, some: str) -> Figures:
    """Fine detail of each map as a share of the true one's."""
    found: Figures = {}
    for n, kind in enumerate(MAPS):
        ours, true = (np.minimum(part[n], _CAPS[kind]) for part in (estimate.maps, case.truth))
        about = f"Fine detail (above half of Nyquist) of the {LABELS[kind]} map against the true one's, from {some}; 1 is right."
        found[Figure(MAPS_GROUP, f"{LABELS[kind]} sharpness, from {some}", Better.NEAR, "", about)] = _sharp(ours, true)
    return found


def contrasts(case: Case, maps: Floats, some: str) -> Figures:
    """PSNR in the brain of contrasts computed from the maps against the truth's: usual ones, and ones no training showed."""
    usual = {kind: protocols()[kind][0].protocol for kind in USUAL}
    new = {name: Protocol.complete(sequence, values) for name, (sequence, values) in _NEW.items()}
    found: Figures = {}
    for of, table in (("trained", usual), ("new", new)):
        for name, protocol in table.items():
            ours, true = (computed(part, protocol)[case.inside] for part in (maps, case.truth))
            about = (
                f"White and grey matter in a {name} computed from the maps, against one computed from the true maps, from {some}."
            )
            about += " No training showed this contrast." if of == "new" else ""
            found[Figure(GROUP, f"{of} contrast {name}, PSNR, from {some}", Better.HIGH, "dB", about)] = measures.psnr(ours, true)
    return found


# -- the classical fit -----------------------------------------------------------------------------------------


def least_squares(case: Case, some: Sequence[str], called: str) -> Figures:
    """Errors (%) of the voxel-wise fit to some scans, on a sample of voxels, gains known."""
    inside = np.argwhere(case.inside)
    at = tuple(inside[np.random.default_rng(0).permutation(len(inside))[:_SAMPLE]].T)
    places = [case.kinds.index(kind) for kind in some]
    gains = [fitted_gain(computed(case.truth, case.protocols[p])[at], case.images[p][at]) for p in places]
    fit = fitted(case.images[places][(slice(None), *at)], [case.protocols[p] for p in places], gains)
    true = case.truth[(slice(None), *at)]
    return {
        least_squares_error(kind, tissue, called): 100 * float(np.median(np.abs(fit[n][where] / true[n][where] - 1)))
        for tissue in TISSUES
        if (where := case.tissues[tissue][at]).any()
        for n, kind in enumerate(MAPS)
    }
