"""How a verb of the command line tells how far it is, what must be known, and that it was stopped."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from mriexplorer.errors import InputError


def say(what: str) -> None:
    """A line of progress; where nobody listens any more, the work goes on."""
    with suppress(OSError):
        print(f"mriexplorer: {what}", file=sys.stderr, flush=True)


def note(notices: Iterable[str]) -> None:
    """What must be known of the result."""
    for sentence in notices:
        print(f"mriexplorer: note: {sentence}", file=sys.stderr)


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl+C is said in a sentence."""
    try:
        yield
    except KeyboardInterrupt:
        raise InputError("stopped; whoever is complete stays, and the same command goes on from there.") from None
