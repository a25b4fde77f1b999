"""What was measured of a session, kept beside the report, so that a run goes on where it was stopped (MessagePack, no code)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from mriexplorer.files import write_beside

Kept = TypeVar("Kept")
_LARGEST = 1 << 28  # bytes of what one session may have


def keep(path: Path, mark: str, what: object) -> None:
    """Write a dataclass of numbers, arrays and mappings, under the ``mark`` of what it was made from; whole or not at all."""
    content = msgspec.msgpack.encode({"mark": mark, "what": what}, enc_hook=_plain)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_beside(path, lambda beside: beside.write_bytes(content) and None)


def kept(path: Path, mark: str, kind: type[Kept]) -> Kept | None:
    """What ``keep`` wrote under the same mark; None for everything else."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        found = msgspec.msgpack.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
        if msgspec.msgpack.decode(found["mark"], type=str) != mark:
            return None
        return msgspec.msgpack.decode(found["what"], type=kind, dec_hook=_array)
    except (OSError, KeyError, ValueError, TypeError, msgspec.MsgspecError):
        return None


def _plain(array: object) -> Mapping[str, Any]:
    if not isinstance(array, np.ndarray):
        raise NotImplementedError(f"{type(array).__name__} is not kept")
    return {"dtype": array.dtype.str, "shape": array.shape, "data": np.ascontiguousarray(array).tobytes()}


def _array(_kind: type, plain: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    return np.frombuffer(plain["data"], np.dtype(plain["dtype"])).reshape(plain["shape"])
