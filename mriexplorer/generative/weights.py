"""Weights as a folder: safetensors in files of at most 16 MiB, and a config.json with the SHA-256 of each.

Nothing is ever unpickled; sizes, names and sums are checked before a weight is used.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mriexplorer.errors import InputError
from mriexplorer.files import refuse_unreadable, write_beside
from mriexplorer.generative.kinds import ModelKind
from mriexplorer.generative.model_folder import CONFIG

_LARGEST = 15 * 2**20  # bytes of tensors in one file


def write_folder(folder: Path, kind: ModelKind, version: int, tensors: Mapping[str, Tensor], content: Mapping[str, Any]) -> None:
    """Write tensors (floats as half precision, whole numbers as they are) and configuration; each beside, then renamed."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    shards = list(_shards({name: _kept(tensor) for name, tensor in tensors.items()}))
    for old in folder.glob("weights-*.safetensors"):
        old.unlink()
    sums = {}
    for number, shard in enumerate(shards, 1):
        target = folder / f"weights-{number}-of-{len(shards)}.safetensors"
        write_beside(target, lambda path, shard=shard: save_file(shard, path))  # type: ignore[misc]
        sums[target.name] = _sum(target)
    text = json.dumps({"format": version, "kind": kind.name, "weights": sums, **content}, indent=1) + "\n"
    write_beside(folder / CONFIG, lambda path: path.write_text(text, encoding="utf-8"))


def read_weights(folder: Path, content: Mapping[str, Any]) -> dict[str, Tensor]:
    """All tensors of a folder, floats as float32. Raises InputError for files that are damaged or of another model."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    sums, tensors = content.get("weights"), dict[str, Tensor]()
    if not isinstance(sums, Mapping):
        raise InputError(f"{folder / CONFIG} is damaged (weights); get the model again.")
    for name, wanted in sums.items():
        path = folder / Path(name).name
        try:
            refuse_unreadable(path)
            if _sum(path) != wanted:
                raise InputError(f"{path} is damaged or of another model; get the model again.")
            tensors |= {k: t.float() if t.is_floating_point() else t for k, t in load_file(path).items()}
        except (OSError, ValueError, SafetensorError) as error:
            raise InputError(f"{path} could not be read: {error}.") from None
    if not all(not tensor.is_complex() and bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise InputError(f"the weights in {folder} have values that are no numbers; get the model again.")
    return tensors


def refuse_misfit(folder: Path, tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Raises InputError unless names and shapes are those that are wanted."""
    if {name: tensor.shape for name, tensor in tensors.items()} != {name: tensor.shape for name, tensor in wanted.items()}:
        raise InputError(f"the weights in {folder} do not fit its {CONFIG}; get the model again.")


def _kept(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() else tensor


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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
