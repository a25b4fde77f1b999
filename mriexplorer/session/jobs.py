"""Whatever takes longer than a frame: one worker, progress, cancel, errors as results, and the newest wins."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

from mriexplorer.errors import InputError

Progress = Callable[[str], None]
Work = Callable[[Progress], Any]


class Cancelled(Exception):  # noqa: N818 not an error
    """Raised out of ``progress`` when nobody wants the result any more."""


@dataclass(frozen=True)
class Outcome:
    """What a job came to: its result, or the sentence to show. Both None: cancelled."""

    result: Any = None
    sentence: str | None = None


class Jobs:
    """Runs one job at a time in a thread. A new job cancels the one before, whose outcome is dropped."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mriexplorer-job")
        self._cancelled = Event()

    def start(self, work: Work, report: Progress, done: Callable[[Outcome], None]) -> None:
        """Run ``work(progress)``. ``report`` and ``done`` are called in the worker's thread; ``done`` not after ``cancel``."""
        self.cancel()
        cancelled = self._cancelled = Event()

        def progress(what: str) -> None:
            if cancelled.is_set():
                raise Cancelled
            report(what)

        def run() -> None:
            outcome = _outcome(work, progress)
            if not cancelled.is_set():
                done(outcome)

        self._pool.submit(run)

    def cancel(self) -> None:
        """Tell the running job that its result is not wanted; it stops at its next progress."""
        self._cancelled.set()

    def close(self) -> None:
        """Cancel, and wait until the thread is gone."""
        self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)


def _outcome(work: Work, progress: Progress) -> Outcome:
    try:
        progress("starting")
        return Outcome(work(progress))
    except Cancelled:
        return Outcome()
    except InputError as error:
        return Outcome(sentence=str(error))
    except OSError as error:
        return Outcome(sentence=f"{error.filename or 'A file'}: {error.strerror or error}. Nothing was changed.")
    except Exception as error:  # noqa: BLE001 the window must live on; the sentence names what happened
        return Outcome(sentence=f"Something unforeseen happened: {type(error).__name__}: {error}. Nothing was changed.")
