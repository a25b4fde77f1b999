"""Who does the work: this process, a local cluster, or an existing one by its address. Scheduling is dask.distributed's."""

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from mriexplorer.errors import InputError
from mriexplorer.places import cache_folder

Progress = Callable[[str], None]
Task = TypeVar("Task")
Result = TypeVar("Result")
# One thread each; and glibc keeps large arrays' memory for the next one, where dask would have it handed back at once (which made
# two jobs 1.2 times as fast as one, instead of twice).
_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1") | {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
}
_PATIENCE = 10  # seconds to wait for a scheduler


class Workers:
    """``with Workers(jobs) as workers:`` where ``jobs`` above 1 starts that many local processes, one thread each.

    ``scheduler`` is the address of a running dask scheduler (``tcp://host:8786``), whose workers must have mriexplorer and see
    the same folders. Raises InputError where it does not answer.
    """

    def __init__(self, jobs: int = 1, scheduler: str | None = None) -> None:
        if jobs > (most := max(8, 4 * (os.cpu_count() or 1))):
            raise InputError(f"--jobs {jobs} is more than this machine can carry; at most {most}.")
        self._jobs, self._scheduler = jobs, scheduler
        self._client: Any = None
        self._cluster: Any = None

    def __enter__(self) -> Self:
        if self._scheduler is not None or self._jobs > 1:
            self._connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.dismiss()

    def dismiss(self) -> None:
        """Local processes end, with the memory that they hold; what is asked after that is done in this one."""
        for part in (self._client, self._cluster):
            if part is not None:
                part.close()
        self._client = self._cluster = None

    def _connect(self) -> None:
        import dask
        from distributed import Client, LocalCluster

        # What goes wrong is said in a sentence; the second line is for the workers, which are processes of their own.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        dask.config.set({"logging.distributed": "critical", "distributed.nanny.pre-spawn-environ": _ENVIRONMENT})
        if self._scheduler is None:
            self._cluster = LocalCluster(
                n_workers=self._jobs,
                threads_per_worker=1,
                memory_limit=0,
                dashboard_address=":0",
                scheduler_kwargs={"dashboard": False},
            )
        try:
            self._client = Client(self._cluster or self._scheduler, timeout=_PATIENCE)
            if self._scheduler is not None and not self._client.scheduler_info()["workers"]:
                raise InputError(
                    f"the scheduler at {self._scheduler} has no workers; start some with: dask worker {self._scheduler}"
                )
        except (OSError, ValueError, TypeError, ImportError, RuntimeError):  # dask's own, by kind of address
            raise InputError(f"no dask scheduler answers at {self._scheduler}; start one with: dask scheduler") from None

    def each(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The results as they come, in no particular order when several work. An InputError ends the rest."""
        if self._client is None:
            yield from map(work, tasks)
            return
        from concurrent.futures import CancelledError

        from distributed import KilledWorker, as_completed

        futures = self._client.map(work, list(tasks), pure=False, retries=0)
        try:
            for future in as_completed(futures):
                yield future.result()
        except (KilledWorker, CancelledError):
            raise InputError(
                "a worker was ended, probably for want of memory; what is complete stays. Use fewer --jobs."
            ) from None
        finally:
            self._client.cancel(futures)


def time_left(began: float, done: int, of: int) -> str:
    """What a line of progress says at its end: `` · about 12 min left``, from ``monotonic()`` at the beginning."""
    left = (monotonic() - began) / done * (of - done)
    told = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min" if left < 5400 else f"{left / 3600:.1f} h"
    return f" · about {told} left" if left >= 1 else ""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else of this user writes into the folder meanwhile. Raises InputError where somebody does.

    The lock lies in the cache and is the operating system's: it ends with the process, however that ends.
    """
    from filelock import FileLock, Timeout

    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]
    locks = cache_folder() / "locks"
    locks.mkdir(exist_ok=True)
    lock = FileLock(locks / f"{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(f"another run is writing into {folder}; wait for it, or give another folder.") from None
    try:
        yield
    finally:
        lock.release()
