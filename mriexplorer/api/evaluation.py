"""Figures of a trained model, for scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mriexplorer.api.checks import AnyPath, one_of, quiet
from mriexplorer.extras import require
from mriexplorer.files import read_json
from mriexplorer.generative.precision import PRECISIONS, Precision
from mriexplorer.places import FOLDING
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
    folding: AnyPath = FOLDING,
    calibrate: Sequence[AnyPath] = (),
    everyone: bool = False,
    device: str | None = None,
    precision: Precision = "auto",
    progress: Progress = quiet,
) -> Evaluation:
    """Figures of a model on people who were kept from training; written to MODEL/evaluation.json too. Imports torch and MONAI.

    ``model`` is a folder, or the name of a shipped model; ``data`` are stores that ``gather`` made. Of an autoencoder: the maps
    against the truth, the scans again, and how honest the intervals are, which are first fitted to the validation sets of the
    stores in ``calibrate``; ``everyone`` takes all, not one set. Of a model of people: distances, slopes with age, ages from
    brains and images; ``people`` are tables of people without images, ``folding`` is the model of their cortex.

    Raises InputError for stores and models that do not fit, and where the packages of ``mriexplorer[train]`` are missing.
    """
    require("train", "evaluation")
    from mriexplorer.generative.kinds import EvaluationRequest
    from mriexplorer.generative.model_folder import find_model
    from mriexplorer.generative.registry import kind_of

    folder = find_model(str(model))
    request = EvaluationRequest(
        folder,
        tuple(map(Path, data)),
        tuple(map(Path, people)),
        str(folding),
        tuple(map(Path, calibrate)),
        everyone,
        device,
        one_of("precision", precision, PRECISIONS),
    )
    tables = kind_of(folder).evaluate(request, progress)
    return Evaluation(read_json(folder / "evaluation.json"), tables)
