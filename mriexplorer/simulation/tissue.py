"""A person's tissue: values of each structure with spread between people, lesions, texture; and the maps that result.

Stated, since the literature gives little more than directions: the spread between healthy people of one age (standard
deviations below), a white matter T1 that is shortest at about 40 years and longer in the young and the old (R1 is an inverted U
over life, Yeatman 2014), a cortical T1 that falls slowly with age (Gracien 2017; one study found the opposite), a T2 of white
matter that grows slowly. The same for all field strengths.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics import TISSUES
from mriexplorer.simulation.composition import Composition
from mriexplorer.simulation.labels import structures
from mriexplorer.subject.tissue_maps import Floats, Grid, TissueMaps

_SPREAD = {"pd": 0.012, "t1": 0.025, "t2": 0.03, "t2star": 0.04}  # of healthy people, as a share of the value
_OWN = 0.6  # how much of that each tissue has for itself; the rest is common to all tissues of a person
_TEXTURE = {"pd": 0.008, "t1": 0.015, "t2": 0.02}  # standard deviation within a tissue
_GRAIN = (1.2, 7.0)  # mm, smoothness of its fine and its broad part
_LESION_SIZE = 2.0  # mm, smoothness of the noise that lesions are cut from
_MOST_LESIONS = 35.0  # cm³
_COMMISSURE = 10.0  # mm from the midline, where white matter (the corpus callosum) is spared
_LESION_EDGE = 0.12  # how gradual their border is
_FAR = 20.0  # mm from the ventricles, beyond which it does not matter how far
_LEAST_SHARE = 0.02  # of signal-giving tissue below which a voxel counts as air


@dataclass(frozen=True)
class TissueValues:
    """PD (water = 1), T1, T2, T2* (s) of one structure of one person."""

    pd: float
    t1: float
    t2: float
    t2star: float


def values(rng: np.random.Generator, age: float, field: float) -> dict[str, TissueValues]:
    """A person's values of every tissue of the table, at a field strength of ``physics.FIELDS``."""
    common = {kind: rng.normal(0, spread) for kind, spread in _SPREAD.items()}
    found = {}
    for name, tissue in TISSUES.items():
        at = tissue.at[field]
        middle = {"pd": tissue.pd, "t1": at.t1, "t2": at.t2, "t2star": at.t2star}
        factors = {
            kind: exp(np.sqrt(1 - _OWN**2) * common[kind] + _OWN * rng.normal(0, spread)) for kind, spread in _SPREAD.items()
        }
        aged = {kind: middle[kind] * factors[kind] * _with_age(name, kind, age) for kind in middle}
        water = min(aged["pd"], 1.0) if name == "csf" else aged["pd"]
        found[name] = TissueValues(water, aged["t1"], aged["t2"], min(aged["t2star"], aged["t2"]))
    return found


def _with_age(tissue: str, kind: str, age: float) -> float:
    if tissue == "wm" and kind == "t1":
        return 1 + 2.0e-5 * (age - 40) ** 2
    if tissue == "wm" and kind == "t2":
        return 1 + 4e-4 * (age - 40)
    if tissue == "gm" and kind == "t1":
        return 1 - 3e-4 * (age - 40)
    return 1.0


# -- lesions ---------------------------------------------------------------------------------------------------


def lesion_volume(rng: np.random.Generator, age: float, cdr: float) -> float:
    """cm³ of white matter hyperintensities: about 0.3 at 30 years, 2.7 at 63, 9 at 80, more with dementia, widely spread."""
    spread = float(np.clip(rng.normal(0, 0.6), -1.3, 1.3))
    return float(min(2.7 * exp(0.07 * (age - 63) + 0.4 * (cdr > 0) + spread), _MOST_LESIONS))


def with_lesions(composition: Composition, rng: np.random.Generator, wanted: float) -> Composition:
    """White matter turned into lesions of ``wanted`` cm³: caps around the ventricles, and spots; no cortex, no corpus callosum.

    Lesions are what exceeds a threshold of smooth noise that is higher near the ventricles; the threshold gives the volume, so
    that with age they grow in size and in number.
    """
    from scipy.ndimage import gaussian_filter

    shares = composition.shares
    edge = composition.grid.spacing[0]
    white = shares["white matter"]
    fluid = sum(share for name, share in shares.items() if structures()[name].counts == "ventricle")
    noise = gaussian_filter(rng.standard_normal(white.shape, np.float32), _LESION_SIZE / edge)
    away = _away(np.asarray(fluid) > 0.5, edge)
    deep = gaussian_filter(white, 2.5 / edge)  # near 1 only where white matter is all around
    score = noise / noise.std() + 2.5 * np.exp(-away / 4) - 6 * np.maximum(0.93 - deep, 0) * (away > 4)
    lateral = np.abs(composition.grid.affine[0, 3] + edge * np.arange(white.shape[0])) > _COMMISSURE
    candidates = np.flatnonzero((white > 0.3) & lateral[:, None, None])
    ordered, amount = score.reshape(-1)[candidates], white.reshape(-1)[candidates]
    share = np.zeros_like(white)
    share.reshape(-1)[candidates] = _above_threshold(ordered, amount, wanted / (edge**3 / 1000))
    lesion = share + shares.get("lesion", np.float32(0))
    return replace(composition, shares={**shares, "white matter": white - share, "lesion": np.asarray(lesion, np.float32)})


def _away(inside: NDArray[np.bool_], edge: float) -> Floats:
    """Millimetres from what is inside; beyond ``_FAR`` that."""
    from scipy.ndimage import distance_transform_edt

    found = np.full(inside.shape, _FAR, np.float32)
    if not inside.any():
        return found
    ends = [np.flatnonzero(inside.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    margin = int(_FAR / edge) + 1
    box = tuple(slice(max(0, end[0] - margin), end[-1] + margin) for end in ends)
    found[box] = np.minimum(distance_transform_edt(~inside[box], edge), _FAR)
    return found


def _above_threshold(score: Floats, amount: Floats, wanted: float) -> Floats:
    """How much of each amount lies above the threshold of the score at which the sum is as wanted (or all of it)."""
    from scipy.optimize import brentq

    def above(threshold: float) -> Floats:
        return np.asarray(amount / (1 + np.exp(np.clip((threshold - score) / _LESION_EDGE, -30, 30))), np.float32)

    low, high = float(score.min()) - 1, float(score.max()) + 3
    if above(low).sum() <= wanted:
        return amount
    return above(brentq(lambda threshold: float(above(threshold).sum(dtype=np.float64)) - wanted, low, high, xtol=1e-3))


# -- maps ------------------------------------------------------------------------------------------------------


def maps(composition: Composition, of: Mapping[str, TissueValues], rng: np.random.Generator | None) -> TissueMaps:
    """The maps of a composition with a person's values: water adds up, T1 is the mean of times, T2 and T2* of rates.

    (The mixing rule of the built-in brain.) With a generator, texture multiplies what is not fluid. Air and bone are 0.
    """
    rows = structures()
    shape = composition.grid.shape
    water, times, rates, star, solid = (np.zeros(shape, np.float32) for _ in range(5))
    for name, share in composition.shares.items():
        tissue = rows[name].tissue
        if tissue is None:
            continue
        value = of[tissue]
        part = share * np.float32(value.pd)
        water += part
        times += part * np.float32(value.t1)
        rates += part / np.float32(value.t2)
        star += part / np.float32(value.t2star)
        if tissue != "csf":
            solid += share
    head = water > _LEAST_SHARE
    texture: dict[str, Any] = dict.fromkeys(_TEXTURE, np.float32(1))
    if rng is not None:
        edge = composition.grid.spacing[0]
        fine, broad = zip(*(_noise(rng, shape) for _kind in _TEXTURE), strict=True)
        with ThreadPoolExecutor(len(_TEXTURE)) as threads:  # filters let go of the interpreter
            grains = list(threads.map(_grain, fine, broad, repeat(edge)))
        texture = {kind: 1 + size * grain * solid for (kind, size), grain in zip(_TEXTURE.items(), grains, strict=True)}

    def divided(numerator: Floats, denominator: Floats, kind: str) -> Floats:
        ratio = np.divide(numerator, denominator, out=np.zeros(shape, np.float32), where=head)
        return np.asarray(ratio * texture[kind], np.float32)

    pd = np.where(head, np.minimum(water * texture["pd"], 1.2), 0).astype(np.float32)
    t1, t2 = divided(times, water, "t1"), divided(water, rates, "t2")
    return TissueMaps(pd, t1, t2, composition.grid, np.minimum(divided(water, star, "t2"), t2))


def _noise(rng: np.random.Generator, shape: tuple[int, int, int]) -> tuple[Floats, Floats]:
    """White noise on the grid, and on every fourth voxel of it."""
    fine = rng.standard_normal(shape, np.float32)
    return fine, rng.standard_normal(tuple(-(-n // 4) + 1 for n in shape), np.float32)


def _grain(fine: Floats, broad: Floats, edge: float) -> Floats:
    """Noise of unit standard deviation, half fine and half broad, cut at three deviations, from white noise."""
    from scipy.ndimage import gaussian_filter, zoom

    shape = fine.shape
    fine = gaussian_filter(fine, _GRAIN[0] / edge)
    broad = zoom(gaussian_filter(broad, _GRAIN[1] / edge / 4), 4, order=1)
    both = fine / fine.std() + broad[: shape[0], : shape[1], : shape[2]] / broad.std()
    return np.asarray(np.clip(both / np.float32(np.sqrt(2)), -3, 3), np.float32)


def coarser(composition: Composition) -> Composition:
    """The composition on voxels of twice the edge: true partial volumes."""
    grid = composition.grid
    shape = (grid.shape[0] // 2, grid.shape[1] // 2, grid.shape[2] // 2)
    affine: NDArray[np.float64] = grid.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.full(3, 0.5)
    affine[:3, :3] *= 2

    def averaged(share: Floats) -> Floats:
        blocks = share[: 2 * shape[0], : 2 * shape[1], : 2 * shape[2]].reshape(shape[0], 2, shape[1], 2, shape[2], 2)
        return np.asarray(blocks.mean(axis=(1, 3, 5)), np.float32)

    return Composition(Grid(shape, affine, codes=grid.codes), {name: averaged(s) for name, s in composition.shares.items()})
