"""The same numbers from torch, however many threads there are.

Torch shares a tensor out among its threads, and where one share ends and the next begins, the last digits differ: in sums, and in
functions whose last few elements are computed another way. So what is stored is computed inside ``one_thread_each``: every tensor
by one thread; large ones are cut into as many parts as ever, of which several threads take one after the other.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TypeVar

import torch

Part = TypeVar("Part")
Result = TypeVar("Result")
_POOL: ContextVar[ThreadPoolExecutor | None] = ContextVar("_POOL", default=None)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Torch computes on the calling thread alone, and ``each`` hands parts to as many threads as torch had."""
    if _POOL.get() is not None:
        yield
        return
    count = _threads()
    _alone()
    with ThreadPoolExecutor(count, initializer=_alone) as pool:
        mark = _POOL.set(pool)
        try:
            yield
        finally:
            _POOL.reset(mark)
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(count)


def each(work: Callable[[Part], Result], parts: Iterable[Part], device: torch.device) -> Iterator[Result]:
    """Results in the order of the parts; where ``are_shared``, each is computed by one thread, without gradients."""
    pool = _POOL.get()
    if pool is None or not are_shared(device):
        return map(work, parts)
    inference, autocast, kind = (
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_autocast_dtype("cpu"),
    )

    def one(part: Part) -> Result:  # a thread of the pool knows nothing of the caller's modes
        with torch.inference_mode(inference), torch.no_grad(), torch.autocast("cpu", kind, enabled=autocast):
            return work(part)

    return pool.map(one, parts)


def are_shared(device: torch.device) -> bool:
    """Whether parts are handed to several threads: inside ``one_thread_each``, on the CPU."""
    return _POOL.get() is not None and device.type == "cpu"


@cache
def _threads() -> int:
    """How many torch has, asked before any of this changes it."""
    return torch.get_num_threads()


def _alone() -> None:
    """One thread for whatever the calling thread computes. Torch takes its default on the first question, so that comes first."""
    torch.get_num_threads()
    torch.set_num_threads(1)
