"""Slices of the latent diffusion as subjects of a dataset."""

from functools import lru_cache
from pathlib import Path

from mriexplorer.dataset.synthetic import SyntheticDataset, write_maps
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model
from mriexplorer.generative.dataset import DatasetSampler, row_of, sidecar
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.joint.conditions import checked
from mriexplorer.generative.joint.model import load_joint
from mriexplorer.generative.kinds import SamplingRequest
from mriexplorer.generative.latent.model import LatentModel, load_latent
from mriexplorer.generative.latent.sample import sample_slice, segmented
from mriexplorer.generative.model_folder import find_model
from mriexplorer.places import PEOPLE
from mriexplorer.subject.subject import Subject


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> tuple[LatentModel, Model]:
    """A latent diffusion and its autoencoder, kept by each worker."""
    latent = load_latent(folder)
    return latent, load_model(find_model(latent.plan.autoencoder))


def _check(request: SamplingRequest) -> tuple[dict[str, float | str], list[str]]:
    """The latent diffusion takes what the shipped columns can be."""
    latent, _autoencoder = _loaded(request.model)
    said = f"{latent.name} draws one axial slice a person, of the record that is given; what is not given is not sampled."
    return checked(load_joint(find_model(PEOPLE)), request.conditions), [said]


def _write(request: SamplingRequest, dataset: SyntheticDataset, number: int) -> str:
    latent, autoencoder = _loaded(request.model)
    name, seed = dataset.name_of(number), request.seed + number
    maps = sample_slice(latent, autoencoder, request.conditions, seed, chosen(request.device))
    labels, subject = segmented(maps), Subject(name, maps, field=3.0, synthetic=True)
    about, row = sidecar(labels, seed, request.conditions), row_of(name, request.conditions)
    dataset.write_person(name, lambda anat: write_maps(anat, name, subject, labels, about, row))
    return name


SAMPLER = DatasetSampler(_check, _write)
