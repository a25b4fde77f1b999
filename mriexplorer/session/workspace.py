"""What every part of a session works with: the state, the subject that is shown, and who hears of things."""

from collections.abc import Callable

from mriexplorer.render.scene import Scene
from mriexplorer.session.state_store import StateStore
from mriexplorer.subject.catalog import Catalog
from mriexplorer.view.state import State


class Workspace:
    """The ``store`` of the state, the ``scene`` that is shown (None before the first is there) and the ``catalog`` it is from.

    ``progress`` hears what a job is doing (empty: nothing), ``error`` hears sentences, ``subject_changed`` is called when another
    subject is shown.
    """

    def __init__(self, state: State) -> None:
        self.store = StateStore(state)
        self.scene: Scene | None = None
        self.catalog: Catalog | None = None
        self.progress: Callable[[str], None] = lambda _what: None
        self.error: Callable[[str], None] = lambda _sentence: None
        self.subject_changed: Callable[[Scene], None] = lambda _scene: None

    @property
    def state(self) -> State:
        """What is looked at, and how."""
        return self.store.state

    def change(self, state: State, kind: str | None = None) -> None:
        """Go to another state; changes of the same ``kind`` in quick succession are one step of undo."""
        self.store.change(state, kind)
