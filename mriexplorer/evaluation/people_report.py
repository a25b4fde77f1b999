"""The figures of a model of people, in its folder and as tables."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mriexplorer.dataset.store import open_store
from mriexplorer.errors import InputError
from mriexplorer.evaluation.measures import fine_power
from mriexplorer.evaluation.people import (
    MANY,
    ImageStatistics,
    age_reader,
    ages_from_brains,
    alike,
    distances,
    image_slopes,
    slopes,
    softness,
    statistics_of_real,
    statistics_of_sampled,
)
from mriexplorer.files import write_beside
from mriexplorer.generative.autoencoder.checkpoint import mark_of
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.folding.model import load_folding
from mriexplorer.generative.joint.model import JointModel, load_joint
from mriexplorer.generative.joint.people import Participant, people_of
from mriexplorer.generative.kinds import EvaluationRequest
from mriexplorer.generative.model_folder import find_model
from mriexplorer.generative.precision import Precision
from mriexplorer.workers import Progress, Workers

_BUILT = 70  # sampled people whose brains are built and looked at
_SOFT_OF = 12  # images that the blur is found on


def evaluate_joint(request: EvaluationRequest, progress: Progress) -> str:
    """Figures as ``evaluate_people`` has them. Raises InputError."""
    folding, device = find_model(request.folding), chosen(request.device)
    return evaluate_people(request.folder, folding, request.data, request.people, device, progress, request.precision)


def evaluate_people(
    folder: Path,
    folding: Path,
    stores: Sequence[Path],
    tables: Sequence[Path],
    device: torch.device,
    progress: Progress,
    precision: Precision = "auto",
) -> str:
    """Figures on people who were kept from training, written into the model's folder; returns them as tables.

    Raises InputError.
    """
    model = load_joint(folder)
    with Workers() as workers:
        people = people_of([open_store(path) for path in stores], tables, workers, progress)
    having = [person for person in people if person.shape is not None]
    held_out = [p for p in having if p.shape is not None and p.set != "train" and not model_saw(model, p)]
    trained = [p for p in having if p.set == "train"]
    if len(held_out) < 20 or len(trained) < len(held_out):
        raise InputError(f"only {len(held_out)} people with a brain were kept from training; give stores of more people.")
    progress("distances")
    figures: dict[str, Any] = {"people": {"kept": len(held_out), "trained": len(trained), "sampled": MANY, "built": _BUILT}}
    figures["distances"] = distances(model, held_out, trained, device)
    figures["slopes"] = slopes(model, held_out, device)
    figures["ages from brains"] = ages_from_brains(model, held_out, device, progress)
    figures |= _of_images(model, folding, held_out, trained, device, progress, precision)
    text = json.dumps(figures, indent=1) + "\n"
    write_beside(folder / "evaluation.json", lambda path: path.write_text(text, encoding="utf-8"))
    return tables_of(figures)


def model_saw(model: JointModel, person: Participant) -> bool:
    """Whether the model was trained on a person."""
    return person.shape is not None and mark_of(person.shape.entry) in model.trained_on


def _of_images(
    model: JointModel,
    folding: Path,
    held_out: Sequence[Participant],
    trained: Sequence[Participant],
    device: torch.device,
    progress: Progress,
    precision: Precision,
) -> dict[str, Any]:
    """What images tell: slopes again, sharpness, and ages read by a regression that was fitted to real people."""
    loaded = load_folding(folding)
    people = alike(model, held_out, _BUILT, device)
    few = [p.shape.entry.images[p.shape.entry.kinds.index("T1w")].astype(np.float32) for p in held_out[:_SOFT_OF] if p.shape]
    _statistics, images = statistics_of_sampled(model, loaded, people[:_SOFT_OF], device, progress, precision=precision)
    blur = softness(few, images)
    sharp = [float(np.mean([fine_power(i / i.max()) for i in some])) for some in (images, few)]
    progress("drawing real people")
    real, of_trained = statistics_of_real(held_out), statistics_of_real(trained)
    sampled, _images = statistics_of_sampled(model, loaded, people, device, progress, blur, precision)
    progress("reading ages from images")
    reader = age_reader(of_trained)
    return {
        "sharpness": {"sampled over real": sharp[0] / sharp[1], "blur in voxels of 2 mm": blur},
        "image slopes": image_slopes(real, sampled),
        "ages from images": {**_errors("real", reader.read(real), real), **_errors("sampled", reader.read(sampled), sampled)},
    }


def _errors(whose: str, read: Any, statistics: ImageStatistics) -> dict[str, float]:
    off = read - statistics.age
    return {
        f"{whose} error": float(np.abs(off).mean()),
        f"{whose} bias": float(off.mean()),
        f"{whose} slope": float(np.polyfit(statistics.age, read, 1)[0]),
        f"{whose} r": float(np.corrcoef(statistics.age, read)[0, 1]),
    }


def tables_of(figures: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    of = figures["people"]
    parts = [f"{of['kept']} real sessions that were kept, {of['trained']} trained on; {of['sampled']} people sampled, "
             f"{of['built']} of them built."]  # fmt: skip
    parts += [
        "\n".join([f"| {name} | |", "| --- | --- |", *(f"| {k} | {v:.3g} |" for k, v in figures[name].items())])
        for name in ("distances", "ages from brains", "ages from images", "sharpness")
    ]
    for name in ("slopes", "image slopes"):
        head = f"| {name} on age | real | sampled | r, real | r, sampled |\n| --- | --- | --- | --- | --- |"
        rows = [
            f"| {k} | {v['real slope']:.3g} | {v['sampled slope']:.3g} ({v['sampled slope'] / v['real slope'] - 1:+.0%}) "
            f"| {v['real r']:.2f} | {v['sampled r']:.2f} |"
            for k, v in figures[name].items()
        ]
        parts.append("\n".join([head, *rows]))
    return "\n\n".join(parts)
