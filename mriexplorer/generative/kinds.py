"""What a kind of model is: its name in config.json, what it is called, and who loads, trains, samples and evaluates it.

Each room declares its own kind (``kind.py``), and ``registry`` lists them. Whoever does the work is named, not imported
("module:function"): asking which kinds there are loads no network, and evaluation can stand above the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.generative.precision import Precision
from mriexplorer.places import FOLDING
from mriexplorer.workers import Progress

Conditions = Mapping[str, float | str]  # what is fixed of a record, by column


@dataclass(frozen=True)
class TrainingRequest:
    """What `mriexplorer train` asks for: where the model goes, a configuration (None: the kind's own), and data.

    ``data`` are folders of stores, or of label maps; ``people`` tables of people without images; ``folding`` and ``first``
    models by name or folder; ``held_out`` heads are for checking only. ``devices`` None: what is there.
    """

    folder: Path
    data: tuple[Path, ...]
    configuration: Path | None = None
    people: tuple[Path, ...] = ()
    folding: str = FOLDING
    held_out: int = 3
    jobs: int = 1
    first: str | None = None
    devices: int | None = None
    nodes: int = 1
    precision: Precision = "auto"

    @property
    def engine(self) -> dict[str, Any]:
        """How the loop runs (``loop.Loop``)."""
        return {"devices": self.devices or "auto", "precision": self.precision}


@dataclass(frozen=True)
class EvaluationRequest:
    """What `mriexplorer evaluate maps` asks for: figures of the model in ``folder`` on ``data``, on a device (None: the best).

    ``calibrate``: stores whose validation sets the intervals are fitted to first; ``everyone``: not one set only. ``measured``
    keeps what was measured, so that a run goes on (None: nothing is kept); ``jobs`` and ``scheduler`` as those of ``Workers``;
    ``pictures``: whether real people may be seen in the report.
    """

    folder: Path
    data: tuple[Path, ...]
    calibrate: tuple[Path, ...] = ()
    everyone: bool = False
    device: str | None = None
    precision: Precision = "auto"
    measured: Path | None = None
    jobs: int = 1
    scheduler: str | None = None
    pictures: bool = True


@dataclass(frozen=True)
class SamplingRequest:
    """How many subjects to sample into a dataset. Seeds are ``seed``, ``seed`` + 1 and so on; ``field`` in tesla.

    ``model`` and ``folding`` are folders; ``conditions`` are what is fixed of everybody's record; ``voxel`` in mm.
    """

    number: int
    seed: int
    target: Path
    model: Path
    folding: Path
    conditions: Conditions
    voxel: int = 1
    field: float = 3.0
    device: str | None = None
    precision: Precision = "auto"


@dataclass(frozen=True)
class ModelKind:
    """``name`` stands in config.json, ``called`` in sentences; `mriexplorer train` knows it as ``command`` or an alias.

    ``configuration``: the shipped one that trains it where none is given. Each is ``module:name``, the last two empty where
    there is none: ``loader`` of a folder, ``trainer`` of a ``TrainingRequest`` and its configuration, ``evaluator`` of an
    ``EvaluationRequest``, ``sampler`` (a ``dataset.DatasetSampler``).
    """

    name: str
    called: str
    command: str
    loader: str
    trainer: str
    configuration: str = ""
    evaluator: str = ""
    sampler: str = ""
    aliases: tuple[str, ...] = ()

    def load(self, folder: Path) -> Any:
        """The model of a folder. Raises InputError where it is of another kind, or damaged."""
        return _named(self.loader)(folder)

    def train(self, request: TrainingRequest, progress: Progress) -> None:
        """Train to the last step, or go on. Raises InputError; ImportError where the packages for training are missing."""
        path = request.configuration or (Path(self.configuration) if self.configuration else None)
        if path is None:
            raise InputError(f"an {self.called} needs --config: a TOML file, or the name of a shipped configuration.")
        _named(self.trainer)(request, path, progress)

    def evaluate(self, request: EvaluationRequest, progress: Progress) -> Any:
        """Its maps judged (``evaluation.result.EvaluationResult``), and what is drawn (``evaluation.chart.Illustrations``).

        Raises InputError; ImportError as ``train``.
        """
        if not self.evaluator:
            raise InputError(
                f"{request.folder} is a model of the kind {self.called}, which gives no maps of patients; its people are judged "
                "by: mriexplorer evaluate people"
            )
        return _named(self.evaluator)(request, progress)

    def sampler_of(self, folder: Path) -> Any:
        """How the model in a folder samples subjects (``dataset.DatasetSampler``). Raises InputError where it cannot."""
        if not self.sampler:
            raise InputError(f"{folder} is a model of the kind {self.called}, with which nobody can be sampled.")
        return _named(self.sampler)


def _named(entry: str) -> Any:
    """What ``module:name`` means."""
    module, _colon, name = entry.partition(":")
    return getattr(import_module(module), name)
