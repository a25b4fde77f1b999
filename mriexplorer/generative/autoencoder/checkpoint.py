"""A trained autoencoder as a folder, whole: weights and configuration (``weights``), calibration, figures, and a card.

models/<name>/weights-1-of-2.safetensors ...    half precision, one tensor whole in one file
models/<name>/config.json                       configuration, calibration, and the SHA-256 of each file of weights
models/<name>/evaluation.json, README.md        figures and the model card
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mriexplorer.dataset.store import StoredSession
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.configuration import AutoencoderConfiguration, checked
from mriexplorer.generative.autoencoder.kind import KIND
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder
from mriexplorer.generative.configuration import as_plain
from mriexplorer.generative.model_folder import CONFIG, read_config
from mriexplorer.generative.weights import read_weights, refuse_misfit, write_folder

FORMAT = 2
VOXELS = (1, 2)  # mm
_MOST = 1e3  # a factor of the spread


@dataclass(frozen=True)
class Model:
    """A trained autoencoder. ``voxel`` (mm): of the grid it was trained on.

    ``calibration``: factors of the spread of PD, T1, T2, by kinds of scans joined with +; without kinds, for all others.
    ``trained_on`` has marks of the people, or of the anatomies of simulated people, that it has seen.
    """

    name: str
    network: Autoencoder
    configuration: AutoencoderConfiguration
    voxel: int
    calibration: Mapping[str, tuple[float, ...]]
    trained_on: frozenset[str] = frozenset()

    def factors(self, kinds: Iterable[str]) -> tuple[float, ...]:
        """What the spread of PD, T1, T2 is multiplied by, where scans of these kinds are shown."""
        return self.calibration.get("+".join(sorted(kinds)), self.calibration[""])

    def saw(self, entry: StoredSession) -> bool:
        """Whether a gathered person, or the anatomy that they were made of, was trained on."""
        return mark_of(entry) in self.trained_on


def mark_of(entry: StoredSession) -> str:
    """By which a model remembers whom it saw: of the anatomy of a simulated person, else of the person. No name is kept."""
    return hashlib.sha256((entry.origin or entry.person).encode()).hexdigest()[:12]


def save_model(folder: Path, model: Model) -> None:
    """Write weights and configuration; each file beside, then renamed."""
    content = {
        "voxel": model.voxel, "calibration": dict(model.calibration), "trained_on": sorted(model.trained_on),
        **as_plain(model.configuration),
    }  # fmt: skip
    write_folder(folder, KIND, FORMAT, model.network.state_dict(), content)


def load_model(folder: Path) -> Model:
    """A trained autoencoder. Raises InputError where the folder is none, or is damaged, or is of another version."""
    content = read_config(folder, KIND, FORMAT)
    plain: dict[str, Any] = {part: content[part] for part in ("network", "training") if part in content}
    configuration = checked(plain, str(folder / CONFIG))
    try:
        voxel = int(content["voxel"])
        calibration = {str(kinds): tuple(map(float, factors)) for kinds, factors in content["calibration"].items()}
        trained_on = frozenset(map(str, content["trained_on"]))
        usable = all(len(row) == len(MAPS) and all(0 < factor < _MOST for factor in row) for row in calibration.values())
        if voxel not in VOXELS or not usable or "" not in calibration:
            raise ValueError(f"voxel {voxel}, calibration {calibration}")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"{folder / CONFIG} is damaged ({error}); get the model again.") from None
    network = _filled(configuration, folder, read_weights(folder, content))
    return Model(folder.name, network.eval(), configuration, voxel, calibration, trained_on)


def _filled(configuration: AutoencoderConfiguration, folder: Path, tensors: Mapping[str, Tensor]) -> Autoencoder:
    """The network with its weights. It is made only once these are known to fit, since a configuration can name any size."""
    with torch.device("meta"):
        refuse_misfit(folder, tensors, Autoencoder(configuration.network).state_dict())
    network = Autoencoder(configuration.network)
    network.load_state_dict(tensors, strict=True)
    return network
