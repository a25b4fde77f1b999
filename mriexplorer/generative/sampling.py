"""Subjects sampled into a BIDS derivative (``dataset.synthetic``), by one process or many; the same command goes on.

DIR/code/sampling.json: the models (by the sums of their weights), the seed, the conditions
"""

from time import monotonic
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.generative.dataset import DatasetSampler, dataset_of
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.kinds import Conditions, SamplingRequest
from mriexplorer.generative.model_folder import CONFIG
from mriexplorer.generative.registry import kind_of
from mriexplorer.workers import Progress, Workers, alone_in, time_left


def sample_dataset(
    request: SamplingRequest, workers: Workers, progress: Progress = lambda _what: None
) -> tuple[list[str], list[str]]:
    """Make the subjects that are not there yet; returns the names of all, and what must be said. Raises InputError."""
    dataset = dataset_of(request.target, request.model.name)
    dataset.refuse_foreign()
    chosen(request.device)
    conditions, notices = _sampler(request).check(request)
    names = [dataset.name_of(number) for number in range(request.number)]
    with alone_in(request.target):
        try:
            dataset.begin(_plan(request, conditions))
            missing = [number for number, name in enumerate(names) if not dataset.is_complete(name)]
            if done := len(names) - len(missing):
                progress(f"{done} of {len(names)} people are there already")
            began = monotonic()
            for done, name in enumerate(workers.each(_sample_one, [(request, number) for number in missing]), 1):
                progress(f"{name} · {len(names) - len(missing) + done} of {len(names)}{time_left(began, done, len(missing))}")
                if done % 20 == 0:
                    dataset.write_participants()
        except OSError as error:
            raise InputError(dataset.cannot_write(error)) from None
        finally:
            dataset.finish()
    return names, notices


def _sampler(request: SamplingRequest) -> DatasetSampler:
    found: DatasetSampler = kind_of(request.model).sampler_of(request.model)
    return found


def _plan(request: SamplingRequest, conditions: Conditions) -> dict[str, Any]:
    folders = (request.model, request.folding)
    sums = {folder.name: sorted(read_json(folder / CONFIG)["weights"].values()) for folder in folders}
    return {
        "model": request.model.name,
        "seed": request.seed,
        "wishes": dict(sorted(conditions.items())),  # as files of version 0.1 have it, which are gone on with
        "voxel": request.voxel,
        "field": request.field,
        "weights": sums,
    }


def _sample_one(task: tuple[SamplingRequest, int]) -> str:
    request, number = task
    return _sampler(request).write(request, dataset_of(request.target, request.model.name), number)
