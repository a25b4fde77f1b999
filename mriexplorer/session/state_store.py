"""Holds the state, tells who listens, and remembers for undo."""

from collections.abc import Callable
from time import monotonic

from mriexplorer.view.state import State

_MOST = 500
_PAUSE = 1.0  # seconds; changes of one kind that follow each other faster are one step of undo

Listener = Callable[[State, State], None]


class StateStore:
    """One state at a time. Listeners are called with (new, old) after each change."""

    def __init__(self, state: State, clock: Callable[[], float] = monotonic) -> None:
        self.state = state
        self._clock = clock
        self._past: list[State] = []
        self._future: list[State] = []
        self._listeners: list[tuple[Listener, str]] = []
        self._kind: str | None = None
        self._last = float("-inf")

    def listen(self, listener: Listener, part: str = "") -> None:
        """Call ``listener(new, old)`` after each change, or only where a ``part`` of the state (``source``, say) is another."""
        self._listeners.append((listener, part))

    def change(self, state: State, kind: str | None = None) -> None:
        """Go to ``state``. Changes of the same ``kind`` in quick succession (one drag) become one step of undo."""
        if state == self.state:
            return
        now = self._clock()
        if kind is None or kind != self._kind or now - self._last > _PAUSE:
            self._past = [*self._past[-_MOST:], self.state]
        self._kind, self._last = kind, now
        self._future = []
        self._go(state)

    def settle(self) -> None:
        """End a drag: the next change is a step of its own."""
        self._kind = None

    def forget(self) -> None:
        """Drop the past, after a start."""
        self._past, self._future = [], []

    @property
    def can_undo(self) -> bool:
        """Whether there is a past."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return bool(self._future)

    def undo(self) -> None:
        """Back to the previous state, where there is one."""
        if self._past:
            self._future.append(self.state)
            self._kind = None
            self._go(self._past.pop())

    def redo(self) -> None:
        """Forward again, where something was undone."""
        if self._future:
            self._past.append(self.state)
            self._kind = None
            self._go(self._future.pop())

    def _go(self, state: State) -> None:
        old, self.state = self.state, state
        for listener, part in self._listeners:
            if not part or getattr(state, part) is not getattr(old, part):
                listener(state, old)
