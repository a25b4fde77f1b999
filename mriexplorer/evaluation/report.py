"""The figures of a model in its folder: evaluation.json for programs, and tables in Markdown for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mriexplorer.dataset.store import CohortStore, open_store
from mriexplorer.errors import InputError
from mriexplorer.evaluation.reconstruction import USUAL, Case, Figures, case_of, evaluate_case, factors_needed, thin
from mriexplorer.files import write_beside
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model, save_model
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.kinds import EvaluationRequest
from mriexplorer.generative.precision import Precision
from mriexplorer.workers import Progress

_WANTED = 0.9  # of the truth within the interval


def evaluate_autoencoder(request: EvaluationRequest, progress: Progress) -> str:
    """Calibrate if asked, then figures as ``evaluate`` has them. Raises InputError."""
    device, everyone, precision = chosen(request.device), request.everyone, request.precision
    if request.calibrate:
        factors_of = calibrate(request.folder, request.calibrate, device, progress, everyone=everyone, precision=precision)
        for kinds, factors in factors_of.items():
            listed = ", ".join(f"{factor:.2f}" for factor in factors)
            progress(f"spread of PD, T1, T2 of {kinds or 'other scans'} times {listed}")
    return evaluate(request.folder, request.data, device, progress, everyone=everyone, precision=precision)


def evaluate(
    folder: Path,
    stores: Sequence[Path],
    device: torch.device,
    progress: Progress,
    *,
    everyone: bool = False,
    precision: Precision = "auto",
) -> str:
    """Figures on the test set of stores (or ``everyone``), written into the model's folder; returns them as tables.

    Raises InputError.
    """
    model = load_model(folder)
    opened = _suitable(stores, model)
    simulated: dict[str, list[Figures]] = {}
    real: list[Figures] = []
    people = {"simulated": 0, "real": 0}
    for case in _cases(model, opened, None if everyone else "test", progress):
        people["simulated" if case.maps is not None else "real"] += 1
        for some in case.chosen:
            progress(f"{case.name}: {' + '.join(some)}")
            found = evaluate_case(model, case, some, device, precision)
            simulated.setdefault("+".join(some), []).append(found) if case.maps is not None else real.append(found)
        if case.maps is not None and case.chosen:
            progress(f"{case.name}: thin scans")
            found = evaluate_case(model, thin(case, case.maps), case.chosen[0], device, precision)
            simulated.setdefault("+".join(case.chosen[0]) + ", thin", []).append(found)
    if not any(people.values()):
        raise InputError("nobody of the test set has scans and was kept from training; gather others, or give other stores.")
    means = {some: _means(rows) for some, rows in simulated.items()}
    subsets = {some: {kind: _tissue_mean(row, kind) for kind in MAPS} for some, row in means.items()}
    figures = {"people": people, "subsets": subsets, "simulated": means, "real": _means(real)}
    text = json.dumps(figures, indent=1) + "\n"
    write_beside(folder / "evaluation.json", lambda path: path.write_text(text, encoding="utf-8"))
    return tables(figures)


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
    needed: dict[str, list[Any]] = {}
    for case in _cases(model, _suitable(stores, model), None if everyone else "validation", progress):
        for some in case.chosen:
            progress(f"{case.name}: {' + '.join(some)}")
            if case.maps is not None:
                found = factors_needed(model, case, case.maps, some, device, precision)
                for kinds in ("", "+".join(sorted(some))):
                    needed.setdefault(kinds, []).append(found)
    if not needed:
        raise InputError("no simulated person of the validation set has scans, which calibration needs; give other stores.")
    joined = {kinds: np.concatenate(found, axis=1) for kinds, found in needed.items()}
    factors = {kinds: tuple(np.quantile(found, _WANTED, axis=1).tolist()) for kinds, found in joined.items()}
    save_model(folder, replace(model, calibration=factors))
    return factors


def _suitable(paths: Sequence[Path], model: Model) -> list[CohortStore]:
    stores = [open_store(path) for path in paths]
    if wrong := [store for store in stores if store.voxel != model.voxel]:
        raise InputError(f"{wrong[0].folder} is of {wrong[0].voxel} mm, the model of {model.voxel}; gather it at {model.voxel}.")
    return stores


def _cases(model: Model, stores: Iterable[CohortStore], name: str | None, progress: Progress) -> Iterable[Case]:
    """People with scans of a set, or of all, whom the model has not seen."""
    for entry in (entry for store in stores for entry in store.entries if name in (None, entry.set)):
        if model.saw(entry):
            progress(f"{entry.name} is left out: the model was trained on them, or on their anatomy")
        elif (case := case_of(entry)) is not None:
            yield case


def _means(rows: Sequence[Figures]) -> Figures:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}


def _tissue_mean(row: Figures, kind: str) -> float:
    return (row[f"{kind} wm error"] + row[f"{kind} gm error"]) / 2


# -- tables ----------------------------------------------------------------------------------------------------


def tables(figures: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    parts = [f"Held-out people: {figures['people']['simulated']} simulated, {figures['people']['real']} real."]
    if rows := figures["simulated"]:
        parts += [_map_table(rows), _scan_table(rows), _contrast_table(rows)]
    if real := figures["real"]:
        kinds = [kind for kind in USUAL if f"{kind} psnr" in real]
        body = [[k, _db(real[f"{k} psnr"]), f"{real[f'{k} ms-ssim']:.4f}", f"{real[f'{k} sharpness']:.2f}"] for k in kinds]
        parts.append(_table(["real scan again", "PSNR", "MS-SSIM", "sharpness"], body))
    return "\n\n".join(parts)


def _map_table(rows: Mapping[str, Figures]) -> str:
    head = ["scans", *(f"{kind.upper()} {tissue}" for kind in MAPS for tissue in ("WM", "GM")), "in 90 % interval PD, T1, T2"]
    body = []
    for some, row in rows.items():
        cells = []
        for kind in MAPS:
            for tissue in ("wm", "gm"):
                classical = row.get(f"{kind} {tissue} classical")
                cells.append(_share(row[f"{kind} {tissue} error"]) + (f" ({_share(classical)})" if classical else ""))
        body.append([some, *cells, ", ".join(f"{row[f'{kind} in interval']:.0%}" for kind in MAPS)])
    return "Median absolute error of the maps; in brackets voxel-wise least squares with known gains.\n\n" + _table(head, body)


def _scan_table(rows: Mapping[str, Figures]) -> str:
    head = ["scans", "PSNR", "MS-SSIM", "against scans as given, PSNR (ceiling)", "sharpness of scans", "of PD, T1, T2"]
    body = []
    for some, row in rows.items():
        given = ", ".join(f"{k} {row[f'{k} psnr']:.1f} ({row[f'{k} psnr ceiling']:.1f})" for k in USUAL if f"{k} psnr" in row)
        sharp = ", ".join(f"{row[f'{k} sharpness to clean']:.2f}" for k in USUAL if f"{k} sharpness to clean" in row)
        maps = ", ".join(f"{row[f'{kind} sharpness']:.2f}" for kind in MAPS)
        body.append([some, _db(row["psnr"]), f"{row['ms-ssim']:.4f}", given, sharp, maps])
    return "The scans again, against what they would be without noise.\n\n" + _table(head, body)


def _contrast_table(rows: Mapping[str, Figures]) -> str:
    shown = {some: row for some, row in rows.items() if any(name.startswith("new ") for name in row)}
    names = dict.fromkeys(name for row in shown.values() for name in row if name.startswith(("trained ", "new ")))
    return "Contrasts from the maps against the truth's, PSNR in the brain.\n\n" + _table(
        ["contrast", *shown], [[name, *(_db(row[name]) for row in shown.values())] for name in names]
    )


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body))


def _share(value: float) -> str:
    return f"{value:.1%}"


def _db(value: float) -> str:
    return f"{value:.1f} dB"
