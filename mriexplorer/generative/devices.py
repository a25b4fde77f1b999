"""Where the network runs: CPU, CUDA or MPS."""

import torch

from mriexplorer.errors import InputError


def devices() -> tuple[str, ...]:
    """What this machine has, best first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    found += ["mps"] if torch.backends.mps.is_available() else []
    return (*found, "cpu")


def chosen(name: str | None) -> torch.device:
    """The device of a name, or the best there is. Raises InputError for one that is not there."""
    there = devices()
    if name is not None and name not in there:
        raise InputError(f"this machine has no {name}; it has {', '.join(there)}.")
    return torch.device(name or there[0])


NoMemory = torch.OutOfMemoryError


def free() -> None:
    """Give back what a device keeps for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
