"""Subjects of the joint model in a dataset: maps, segmentation, and a record in which volumes are those of the maps."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from mriexplorer.dataset.synthetic import SyntheticDataset, write_maps
from mriexplorer.errors import InputError
from mriexplorer.generative.dataset import DatasetSampler, dataset_of, row_of, sidecar
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.folding.model import FoldingModel, load_folding
from mriexplorer.generative.joint.brain import Brain, build, folding_anatomy, renamed
from mriexplorer.generative.joint.conditions import checked, extrapolation_warnings
from mriexplorer.generative.joint.model import JointModel, load_joint
from mriexplorer.generative.joint.sample import SyntheticSubject, sample_subjects
from mriexplorer.generative.kinds import SamplingRequest
from mriexplorer.subject.body_mass_index import bmi


@lru_cache(maxsize=1)
def _loaded(model: Path, folding: Path) -> tuple[JointModel, FoldingModel]:
    """Both models, kept by each worker."""
    return load_joint(model), load_folding(folding)


def _check(request: SamplingRequest) -> tuple[dict[str, float | str], list[str]]:
    model, _folding = _loaded(request.model, request.folding)
    conditions = checked(model, request.conditions)
    return conditions, [f"extrapolation: {sentence}" for sentence in extrapolation_warnings(model, conditions)]


def _write_one(request: SamplingRequest, dataset: SyntheticDataset, number: int) -> str:
    model, folding = _loaded(request.model, request.folding)
    device = chosen(request.device)
    person = sample_subjects(model, [request.seed + number], request.conditions, device=device)[0]
    anatomy = folding_anatomy(folding, person.folding, device, half=request.voxel == 2, precision=request.precision)
    name = dataset.name_of(number)
    _write(dataset, name, renamed(build(model, person, anatomy, voxel=request.voxel, field=request.field), name), person)
    return name


SAMPLER = DatasetSampler(_check, _write_one)


def write_sampled(target: Path, brain: Brain, person: SyntheticSubject, model: JointModel) -> str:
    """One subject more in a dataset of sampled ones, under the name of the seed; returns the name. Raises InputError."""
    dataset = dataset_of(target, model.name)
    dataset.refuse_foreign()
    try:
        dataset.begin({"model": model.name})
        _write(dataset, brain.subject.name, brain, person)
        dataset.write_participants()
    except OSError as error:
        raise InputError(dataset.cannot_write(error)) from None
    return brain.subject.name


def _write(dataset: SyntheticDataset, name: str, brain: Brain, person: SyntheticSubject) -> None:
    about, row = sidecar(brain.segmentation, person.seed, person.given), _row(name, brain, person)
    dataset.write_person(name, lambda anat: write_maps(anat, name, brain.subject, brain.segmentation, about, row))


def _row(name: str, brain: Brain, person: SyntheticSubject) -> dict[str, Any]:
    """The record; what is measured in the maps takes the place of what was sampled for it."""
    row = row_of(name, person.record)
    mass = bmi(person.record)
    volumes = brain.volumes
    inside = sum(volumes.values())
    measured = {
        "etiv": round(inside, 1), "nwbv": round((volumes["wm"] + volumes["gm"]) / inside, 4), "gm": round(volumes["gm"], 1),
        "wm": round(volumes["wm"], 1), "csf": round(volumes["csf"], 1), "ventricles": round(volumes["ventricle"], 1),
    }  # fmt: skip
    return {**row, **({"bmi": mass} if mass is not None else {}), **measured}
