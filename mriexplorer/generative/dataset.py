"""What all datasets of sampled subjects have in common: where they lie, how rows and sidecars are written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mriexplorer.dataset.synthetic import SyntheticDataset, synthetic_marks
from mriexplorer.generative.kinds import Conditions, SamplingRequest
from mriexplorer.simulation.labels import Labels
from mriexplorer.subject.record_columns import as_written
from mriexplorer.version import __version__

_README = """# Sampled people

Nobody in this dataset exists. Tissue maps, segmentations and clinical attributes were sampled together by mriexplorer {version}
from the model {model}; `code/sampling.json` holds seed and conditions, which make the same people again. Not for diagnosis.
"""


@dataclass(frozen=True)
class DatasetSampler:
    """How a kind of model samples a dataset.

    ``check``: conditions as the model takes them, and what must be said of them; raises InputError. ``write``: one subject,
    by the number from 0 on, into the dataset; returns the name.
    """

    check: Callable[[SamplingRequest], tuple[dict[str, float | str], list[str]]]
    write: Callable[[SamplingRequest, SyntheticDataset, int], str]


def dataset_of(target: Path, model: str) -> SyntheticDataset:
    """The dataset in a folder, of a model by its name."""
    return SyntheticDataset(
        target, "sampled people", "sub-sampled", "sampling.json", _README.format(version=__version__, model=model)
    )


def row_of(name: str, record: Conditions) -> dict[str, Any]:
    """A row of participants.tsv."""
    return {"participant_id": name, **as_written(record)}


def sidecar(labels: Labels, seed: int, conditions: Conditions) -> dict[str, Any]:
    """What a map's sidecar says of where it comes from."""
    return {
        "Description": "Tissue map of a synthetic subject, sampled; not acquired; not for diagnosis",
        **synthetic_marks(labels),
        "Sampling": {"Seed": seed, "Given": dict(conditions)},
    }
