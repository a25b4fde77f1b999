"""A model as a folder: weights as safetensors in files of at most 16 MiB, configuration, figures, and a card.

    models/<name>/weights-1-of-2.safetensors ...    half precision, one tensor whole in one file
    models/<name>/config.json                       configuration, calibration, and the SHA-256 of each file of weights
    models/<name>/evaluation.json, README.md        figures and the model card

Nothing is ever unpickled; sizes, names and sums are checked before a weight is used.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mriexplorer.cohort.store import Entry
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder import MAPS, Autoencoder
from mriexplorer.generative.configuration import Configuration, as_plain, checked
from mriexplorer.places import models
from mriexplorer.subject.derivative import write_beside
from mriexplorer.subject.sidecar import read_json

FORMAT = 2
_CONFIG = "config.json"
_LARGEST = 15 * 2**20  # bytes of tensors in one file
_AUTOENCODER = "autoencoder"
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
    configuration: Configuration
    voxel: int
    calibration: Mapping[str, tuple[float, ...]]
    trained_on: frozenset[str] = frozenset()

    def factors(self, kinds: Iterable[str]) -> tuple[float, ...]:
        """What the spread of PD, T1, T2 is multiplied by, where scans of these kinds are shown."""
        return self.calibration.get("+".join(sorted(kinds)), self.calibration[""])

    def saw(self, entry: Entry) -> bool:
        """Whether a gathered person, or the anatomy that they were made of, was trained on."""
        return mark_of(entry) in self.trained_on


def mark_of(entry: Entry) -> str:
    """By which a model remembers whom it saw: of the anatomy of a simulated person, else of the person. No name is kept."""
    return hashlib.sha256((entry.origin or entry.person).encode()).hexdigest()[:12]


def save_model(folder: Path, model: Model) -> None:
    """Write weights and configuration; each file beside, then renamed."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    state = model.network.state_dict()
    shards = list(_shards({name: tensor.detach().cpu().half().contiguous() for name, tensor in state.items()}))
    for old in folder.glob("weights-*.safetensors"):
        old.unlink()
    sums = {}
    for number, shard in enumerate(shards, 1):
        target = folder / f"weights-{number}-of-{len(shards)}.safetensors"
        write_beside(target, lambda path, shard=shard: save_file(shard, path))  # type: ignore[misc]
        sums[target.name] = _sum(target)
    content = {
        "format": FORMAT, "kind": _AUTOENCODER, "voxel": model.voxel, "calibration": dict(model.calibration), "weights": sums,
        "trained_on": sorted(model.trained_on), **as_plain(model.configuration),
    }  # fmt: skip
    text = json.dumps(content, indent=1) + "\n"
    write_beside(folder / _CONFIG, lambda path: path.write_text(text, encoding="utf-8"))


def _shards(tensors: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    shard: dict[str, Tensor] = {}
    size = 0
    for name, tensor in tensors.items():
        if shard and size + tensor.nbytes > _LARGEST:
            yield shard
            shard, size = {}, 0
        shard[name] = tensor
        size += tensor.nbytes
    yield shard


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def find_model(name: str) -> Path:
    """The folder of a shipped model by its name, or of one's own by its path. Raises InputError that says which there are."""
    for folder in (Path(name), models() / name):
        if (folder / _CONFIG).is_file():
            return folder
    known = sorted(path.parent.name for path in models().glob(f"*/{_CONFIG}"))
    raise InputError(f"{name} is no model; there are {', '.join(known) or 'none'}, or give the folder of your own.")


def load_model(folder: Path) -> Model:
    """A trained autoencoder. Raises InputError where the folder is none, or is damaged, or is of another version."""
    content = read_json(folder / _CONFIG)
    if content.get("kind") != _AUTOENCODER or content.get("format") != FORMAT:
        raise InputError(f"{folder / _CONFIG} is of no autoencoder of this version of mriexplorer.")
    plain: dict[str, Any] = {part: content[part] for part in ("network", "training") if part in content}
    configuration = checked(plain, str(folder / _CONFIG))
    try:
        voxel, sums = int(content["voxel"]), {str(k): str(v) for k, v in content["weights"].items()}
        calibration = {str(kinds): tuple(map(float, factors)) for kinds, factors in content["calibration"].items()}
        trained_on = frozenset(map(str, content["trained_on"]))
        usable = all(len(row) == len(MAPS) and all(0 < factor < _MOST for factor in row) for row in calibration.values())
        if voxel not in VOXELS or not usable or "" not in calibration:
            raise ValueError(f"voxel {voxel}, calibration {calibration}")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"{folder / _CONFIG} is damaged ({error}); get the model again.") from None
    network = _filled(configuration, folder, sums)
    return Model(folder.name, network.eval(), configuration, voxel, calibration, trained_on)


def _filled(configuration: Configuration, folder: Path, sums: Mapping[str, str]) -> Autoencoder:
    """The network with its weights. It is made only once these are known to fit, since a configuration can name any size."""
    tensors = _weights(folder, sums)
    with torch.device("meta"):
        wanted = {name: tensor.shape for name, tensor in Autoencoder(configuration.network).state_dict().items()}
    if {name: tensor.shape for name, tensor in tensors.items()} != wanted:
        raise InputError(f"the weights in {folder} do not fit its {_CONFIG}; get the model again.")
    network = Autoencoder(configuration.network)
    network.load_state_dict(tensors, strict=True)
    return network


def _weights(folder: Path, sums: Mapping[str, str]) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    tensors: dict[str, Tensor] = {}
    for name, wanted in sums.items():
        path = folder / Path(name).name
        try:
            if _sum(path) != wanted:
                raise InputError(f"{path} is damaged or of another model; get the model again.")
            tensors |= {key: tensor.float() for key, tensor in load_file(path).items()}
        except (OSError, ValueError, SafetensorError) as error:
            raise InputError(f"{path} could not be read: {error}.") from None
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise InputError(f"the weights in {folder} have values that are no numbers; get the model again.")
    return tensors
