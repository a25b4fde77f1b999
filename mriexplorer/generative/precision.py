"""In which precision networks compute: bfloat16 where the device is quick at it, else float32.

A processor with instructions for bfloat16 needs half of float32's time or less. Others imitate it: with AVX-512 alone the
network that ships takes 1.7 times as long as in float32, with AVX2 some 30 times. So one convolution is timed in both, once, and
the answer is kept in the user's cache.
"""

import os
import platform
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from itertools import takewhile
from json import dumps
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, get_args

from mriexplorer.errors import InputError
from mriexplorer.files import read_json, write_text
from mriexplorer.places import cache_folder

if TYPE_CHECKING:
    import torch

Computed = Literal["float32", "bfloat16"]
Precision = Literal["auto", "float32", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

_FABRIC = {"float32": "32-true", "bfloat16": "bf16-mixed"}
_CAPS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")  # variables that hide instructions from torch
_CHANNELS, _SIZE = 64, (8, 8, 16)  # of the convolution that is timed: 2 to 10 ms of one core in float32
_ROUNDS, _LONG = 12, 0.2  # of timing at most, and seconds after which no other round begins
_WORTH = 0.5  # of float32's time: imitated bfloat16 takes 1.0 or more here, that of instructions 0.2


def chosen(precision: Precision, device: str) -> Computed:
    """What to compute in on a kind of device (``cpu``, ``cuda``, ``mps``): what was asked for, or what is quick there."""
    if precision != "auto":
        return precision
    if device == "cpu":
        return quick()
    return "bfloat16" if device == "cuda" else "float32"


def autocast(precision: Precision, device: "torch.device") -> "torch.autocast":
    """A context in which a network with weights of float32 computes so."""
    import torch

    return torch.autocast(device.type, torch.bfloat16, enabled=chosen(precision, device.type) == "bfloat16")


def of_training(precision: Precision, planned: str, begun: str | None, device: str) -> Any:
    """That of a run, as Lightning Fabric names it: as asked for, else as it was ``begun``, else as planned if that is quick."""
    if precision != "auto":
        return _FABRIC[precision]
    if begun is not None:
        return begun
    slow = planned == _FABRIC["bfloat16"] and device == "cpu" and quick() == "float32"
    return _FABRIC["float32"] if slow else planned


def quick() -> Computed:
    """What this processor is quick at. Timed at first, in well below a second; a cache that cannot be used stops nothing."""
    return _known(_processor())


@lru_cache(maxsize=4)
def _known(processor: str) -> Computed:
    kept = _kept()
    for known in get_args(Computed):
        if kept.get(processor) == known:
            return known  # type: ignore[no-any-return]
    found: Computed = "bfloat16" if _time_share() < _WORTH else "float32"
    with suppress(InputError, OSError):
        write_text(_file(), dumps({**kept, processor: found}, indent=1) + "\n")
    return found


def _kept() -> dict[str, Any]:
    """What was found out of this and other processors, which may share the folder."""
    try:
        return read_json(_file())
    except (InputError, OSError):
        return {}


def _file() -> Path:
    return cache_folder() / "precision.json"


def _processor() -> str:
    """Name of the processor, version of torch, and which instructions it may use."""
    import torch

    capability = torch.backends.cpu.get_cpu_capability()
    caps = [f"{name}={value}" for name in _CAPS if (value := os.environ.get(name))]
    return "; ".join([_name(), f"torch {torch.__version__}", capability, *caps])


def _name() -> str:
    """With a sum of its instructions where the system lists them: virtual processors of one name differ."""
    about: dict[str, str] = {}
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
        about = {
            key.strip(): value.strip() for key, _colon, value in (line.partition(":") for line in takewhile(str.strip, lines))
        }
    name = about.get("model name") or platform.processor() or platform.machine()
    listed = about.get("flags") or about.get("Features")
    return f"{name} {zlib.crc32(listed.encode()):08x}" if listed else name


def _time_share() -> float:
    """Time of a convolution in bfloat16 over that in float32, each the best of its rounds, on one core: others make it uneven."""
    import torch

    kinds, threads, best = (torch.bfloat16, torch.float32), torch.get_num_threads(), [float("inf")] * 2
    torch.set_num_threads(1)
    try:
        works, began = [_convolution(kind) for kind in kinds], perf_counter()
        for _ in range(_ROUNDS):
            best = [min(least, _seconds(work)) for least, work in zip(best, works, strict=True)]
            if perf_counter() - began > _LONG:
                break
    finally:
        torch.set_num_threads(threads)
    return best[0] / best[1]


def _convolution(kind: "torch.dtype") -> Callable[[], object]:
    """As the network has them; draws no random numbers."""
    import torch

    image = torch.ones(1, _CHANNELS, *_SIZE, dtype=kind).contiguous(memory_format=torch.channels_last_3d)
    weights = torch.ones(_CHANNELS, _CHANNELS, 3, 3, 3, dtype=kind).contiguous(memory_format=torch.channels_last_3d)
    return lambda: torch.conv3d(image, weights, padding=1)


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
