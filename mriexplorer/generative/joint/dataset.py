"""Sampled people as a BIDS derivative (``cohort.invented``), made by one process or many, and gone on with.

DIR/code/sampling.json: the models (by the sums of their weights), the seed, what was wished
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from mriexplorer.dataset.synthetic import Dataset, of_invented, write_maps
from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.folding.network import Folds, load_folds
from mriexplorer.generative.joint.brain import Brain, build, folds_of, renamed
from mriexplorer.generative.joint.columns import bmi
from mriexplorer.generative.joint.model import JointModel, load_joint
from mriexplorer.generative.joint.sample import Invented, checked, invent, unlike
from mriexplorer.generative.latent.network import KIND as LATENT
from mriexplorer.generative.latent.network import Latent, load_latent, sample_slice, segmented
from mriexplorer.generative.weights import find_model, kind_of
from mriexplorer.places import PEOPLE
from mriexplorer.simulation.labels import Labels
from mriexplorer.subject.subject import Subject
from mriexplorer.version import __version__
from mriexplorer.workers import Progress, Workers, alone_in, time_left

_README = """# Sampled people

Nobody in this dataset exists. Tissue maps, segmentations and clinical attributes were sampled together by mriexplorer {version}
from the model {model}; `code/sampling.json` holds seed and wishes, which make the same people again. Not for diagnosis.
"""
_COLUMN = {"height_cm": "height", "weight_kg": "weight", "education_years": "education", "etiv_cm3": "etiv"}


@dataclass(frozen=True)
class Settings:
    """What a person asks for. Seeds are ``seed``, ``seed`` + 1 and so on; ``model`` and ``folds`` are folders."""

    number: int
    seed: int
    target: Path
    model: Path
    folds: Path
    wishes: Mapping[str, float | str]
    voxel: int = 1
    field: float = 3.0
    device: str | None = None


@lru_cache(maxsize=1)
def loaded(model: Path, folds: Path) -> tuple[JointModel, Folds]:
    """Both models, kept by each worker."""
    return load_joint(model), load_folds(folds)


@lru_cache(maxsize=1)
def loaded_latent(folder: Path) -> tuple[Latent, Model]:
    """A latent diffusion and its autoencoder."""
    latent = load_latent(folder)
    return latent, load_model(find_model(latent.plan.autoencoder))


def sample_people(settings: Settings, workers: Workers, progress: Progress = lambda _what: None) -> tuple[list[str], list[str]]:
    """Make the people that are not there yet; returns the names of all, and what must be said. Raises InputError."""
    dataset = _dataset(settings)
    dataset.refuse_foreign()
    chosen(settings.device)
    wishes, said = _checked(settings)
    names = [dataset.name_of(number) for number in range(settings.number)]
    with alone_in(settings.target):
        try:
            dataset.begin(_plan(settings, wishes))
            missing = [number for number, name in enumerate(names) if not dataset.is_complete(name)]
            if done := len(names) - len(missing):
                progress(f"{done} of {len(names)} people are there already")
            began = monotonic()
            for done, name in enumerate(workers.each(_make_one, [(settings, number) for number in missing]), 1):
                progress(f"{name} · {len(names) - len(missing) + done} of {len(names)}{time_left(began, done, len(missing))}")
                if done % 20 == 0:
                    dataset.write_participants()
        except OSError as error:
            raise InputError(dataset.cannot_write(error)) from None
        finally:
            dataset.finish()
    return names, said


def _checked(settings: Settings) -> tuple[dict[str, float | str], list[str]]:
    """Wishes that can be, and what must be said of them. The latent diffusion takes what the shipped columns can be."""
    if kind_of(settings.model) == LATENT:
        latent, _autoencoder = loaded_latent(settings.model)
        said = f"{latent.name} draws one axial slice a person, of the record that is given; what is not given is not sampled."
        return checked(load_joint(find_model(PEOPLE)), settings.wishes), [said]
    model, _folds = loaded(settings.model, settings.folds)
    wishes = checked(model, settings.wishes)
    return wishes, [f"extrapolation: {sentence}" for sentence in unlike(model, wishes)]


def write_sampled(target: Path, brain: Brain, person: Invented, model: JointModel) -> str:
    """One person more in a dataset of sampled people, under the name of their seed; returns the name. Raises InputError."""
    dataset = _of(target, model.name)
    dataset.refuse_foreign()
    try:
        dataset.begin({"model": model.name})
        _write(dataset, brain.subject.name, brain, person)
        dataset.write_participants()
    except OSError as error:
        raise InputError(dataset.cannot_write(error)) from None
    return brain.subject.name


def _dataset(settings: Settings) -> Dataset:
    return _of(settings.target, settings.model.name)


def _of(target: Path, model: str) -> Dataset:
    return Dataset(target, "sampled people", "sub-sampled", "sampling.json", _README.format(version=__version__, model=model))


def _plan(settings: Settings, wishes: Mapping[str, float | str]) -> dict[str, Any]:
    sums = {
        folder.name: sorted(read_json(folder / "config.json")["weights"].values()) for folder in (settings.model, settings.folds)
    }
    return {"model": settings.model.name, "seed": settings.seed, "wishes": dict(sorted(wishes.items())),
            "voxel": settings.voxel, "field": settings.field, "weights": sums}  # fmt: skip


def _make_one(task: tuple[Settings, int]) -> str:
    settings, number = task
    if kind_of(settings.model) == LATENT:
        return _make_slice(settings, number)
    model, folds = loaded(settings.model, settings.folds)
    device = chosen(settings.device)
    person = invent(model, [settings.seed + number], settings.wishes, device=device)[0]
    anatomy = folds_of(folds, person.folds, device, half=settings.voxel == 2)
    dataset = _dataset(settings)
    name = dataset.name_of(number)
    _write(dataset, name, renamed(build(model, person, anatomy, voxel=settings.voxel, field=settings.field), name), person)
    return name


def _make_slice(settings: Settings, number: int) -> str:
    """One axial slice of the latent diffusion, as a dataset's person."""
    latent, autoencoder = loaded_latent(settings.model)
    dataset = _dataset(settings)
    name, seed = dataset.name_of(number), settings.seed + number
    maps = sample_slice(latent, autoencoder, settings.wishes, seed, chosen(settings.device))
    labels, subject = segmented(maps), Subject(name, maps, field=3.0, invented=True)
    record = {_COLUMN.get(key, key): value for key, value in settings.wishes.items()}
    about = _about(labels, seed, settings.wishes)
    row = {"participant_id": name, **record}
    dataset.write_person(name, lambda anat: write_maps(anat, name, subject, labels, about, row))
    return name


def _about(labels: Labels, seed: int, given: Mapping[str, float | str]) -> dict[str, Any]:
    return {
        "Description": "Tissue map of a person who never was, sampled; not acquired; not for diagnosis",
        **of_invented(labels),
        "Sampling": {"Seed": seed, "Given": dict(given)},
    }


def _write(dataset: Dataset, name: str, brain: Brain, person: Invented) -> None:
    about = _about(brain.segmentation, person.seed, person.given)
    dataset.write_person(
        name, lambda anat: write_maps(anat, name, brain.subject, brain.segmentation, about, _row(name, brain, person))
    )


def _row(name: str, brain: Brain, person: Invented) -> dict[str, Any]:
    """The record; what is measured in the maps takes the place of what was sampled for it."""
    record = {_COLUMN.get(key, key): value for key, value in person.record.items() if key not in ("study", "bmi")}
    mass = bmi(person.record)
    volumes = brain.volumes
    inside = sum(volumes.values())
    measured = {
        "etiv": round(inside, 1), "nwbv": round((volumes["wm"] + volumes["gm"]) / inside, 4), "gm": round(volumes["gm"], 1),
        "wm": round(volumes["wm"], 1), "csf": round(volumes["csf"], 1), "ventricles": round(volumes["ventricle"], 1),
    }  # fmt: skip
    return {"participant_id": name, **record, **({"bmi": mass} if mass is not None else {}), **measured}
