"""Whether the told intervals are honest: how much of the truth lies within them, from 10 to 99 %; and what makes them so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from mriexplorer.errors import InputError
from mriexplorer.evaluation.maps.cases import Case, Estimate, case_of, decoded, opened, unseen
from mriexplorer.evaluation.maps.figure import LABELS, Figure, Figures
from mriexplorer.evaluation.measures import scaled_errors
from mriexplorer.evaluation.metric import Better
from mriexplorer.evaluation.statistics import Numbers
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model, save_model
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.generative.precision import Precision
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.workers import Progress

GROUP = "intervals"
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_WANTED = 0.9  # of the truth within the interval that is told
_SHARE = 0.1  # of a person's voxels that intervals are fitted to


def half_width(level: float) -> float:
    """Of the interval that holds a share of a Laplace distribution, in its scale."""
    return float(-np.log1p(-level))


def coverage(case: Case, estimate: Estimate) -> Numbers:
    """(3, levels): the share of white and grey matter whose truth lies within each of the told intervals of ``LEVELS``."""
    inside, limits = case.inside, np.array([half_width(level) for level in LEVELS])
    rows = [np.sort(scaled_errors(estimate.maps[n], estimate.spread[n], case.truth[n], inside)) for n in range(len(MAPS))]
    return np.stack([np.searchsorted(row, limits, side="right") / max(len(row), 1) for row in rows])


def interval_figures(case: Case, estimate: Estimate, covered: Numbers, some: str) -> Figures:
    """The share of the truth within the 90 % interval, and half of its width, in %; ``covered`` as ``coverage`` gives it."""
    found: Figures = {}
    for n, kind in enumerate(MAPS):
        label = LABELS[kind]
        about = (
            f"How much of true {label} in white and grey matter lies within the told 90 % interval, from {some}; 90 is honest."
        )
        share = Figure(GROUP, f"true {label} within the 90 % interval, from {some}", Better.NEAR, "%", about)
        found[share] = 100 * float(covered[n, LEVELS.index(_WANTED)])
        about = f"Half of the width of the 90 % interval of {label}, as a share of the value, median over voxels, from {some}."
        width = Figure(GROUP, f"{label} half width of the 90 % interval, from {some}", Better.LOW, "%", about)
        found[width] = 100 * float(np.median(np.expm1(estimate.spread[n][case.inside] * half_width(_WANTED))))
    return found


# -- calibration -----------------------------------------------------------------------------------------------


def calibrate(
    folder: Path,
    stores: Sequence[Path],
    device: torch.device,
    progress: Progress,
    *,
    everyone: bool = False,
    precision: Precision = "auto",
) -> Mapping[str, tuple[float, ...]]:
    """Factors of the spread that put 90 % of the truth of the validation set within its interval, by the scans that are shown.

    Saved with the model; see its ``calibration``. Raises InputError.
    """
    model = load_model(folder)
    needed: dict[str, list[Floats]] = {}
    for _store, entry in unseen(model, opened(stores, model), None if everyone else "validation", progress):
        case = case_of(entry, model)
        if case is None or case.maps is None:
            continue
        for some in case.chosen:
            progress(f"{case.name}: {'+'.join(some)}")
            found = _factors_needed(model, case, some, device, precision)
            for kinds in ("", "+".join(sorted(some))):
                needed.setdefault(kinds, []).append(found)
    if not needed:
        raise InputError("no simulated person of the validation set has scans, which calibration needs; give other stores.")
    joined = {kinds: np.concatenate(found, axis=1) for kinds, found in needed.items()}
    factors = {kinds: tuple(np.quantile(found, _WANTED, axis=1).tolist()) for kinds, found in joined.items()}
    save_model(folder, replace(model, calibration=factors))
    return factors


def _factors_needed(model: Model, case: Case, some: Sequence[str], device: torch.device, precision: Precision) -> Floats:
    """What the told spread of PD, T1, T2 must be multiplied by for each of a sample of voxels (3, n) to lie within 90 %."""
    maps, spread = decoded(model, case, some, device, precision)
    inside = case.inside & (np.random.default_rng(0).random(case.inside.shape) < _SHARE)
    rows = [scaled_errors(maps[n], spread[n], case.truth[n], inside) for n in range(len(MAPS))]
    return np.stack(rows) / np.float32(half_width(_WANTED))
