"""Figures of a trained model, for scripts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mriexplorer.api.checks import AnyPath, quiet
from mriexplorer.extras import require
from mriexplorer.places import FOLDS
from mriexplorer.workers import Progress


@dataclass(frozen=True)
class Evaluation:
    """``figures`` as they are kept in the model's evaluation.json, and the same as ``tables`` in Markdown."""

    figures: Mapping[str, Any]
    tables: str

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        return self.tables


def evaluate(
    model: AnyPath,
    data: Sequence[AnyPath],
    *,
    people: Sequence[AnyPath] = (),
    folds: AnyPath = FOLDS,
    calibrate: Sequence[AnyPath] = (),
    everyone: bool = False,
    device: str | None = None,
    progress: Progress = quiet,
) -> Evaluation:
    """Figures of a model on people who were kept from training; written to MODEL/evaluation.json too. Imports torch and MONAI.

    ``model`` is a folder, or the name of a shipped model; ``data`` are stores that ``gather`` made. Of an autoencoder: the maps
    against the truth, the scans again, and how honest the intervals are, which are first fitted to the validation sets of the
    stores in ``calibrate``; ``everyone`` takes all, not one set. Of a model of people: distances, slopes with age, ages from
    brains and images; ``people`` are tables of people without images, ``folds`` is whose folds brains have.

    Raises InputError for stores and models that do not fit, and where the packages of ``mriexplorer[train]`` are missing.
    """
    require("train", "evaluation")
    from mriexplorer.generative.devices import chosen
    from mriexplorer.generative.weights import find_model, kind_of

    folder, stores, where = find_model(str(model)), [Path(path) for path in data], chosen(device)
    if kind_of(folder) == "people":
        from mriexplorer.evaluation.people_report import evaluate_people

        tables = evaluate_people(folder, find_model(str(folds)), stores, [Path(path) for path in people], where, progress)
    else:
        from mriexplorer.evaluation import report

        if calibrate:
            found = report.calibrate(folder, [Path(path) for path in calibrate], where, progress, everyone=everyone)
            for kinds, factors in found.items():
                progress(f"spread of PD, T1, T2 of {kinds or 'other scans'} times {', '.join(f'{one:.2f}' for one in factors)}")
        tables = report.evaluate(folder, stores, where, progress, everyone=everyone)
    return Evaluation(json.loads((folder / "evaluation.json").read_text(encoding="utf-8")), tables)
