"""What every part of a session works with: the state, the subject that is shown, and who hears of things."""

from collections.abc import Callable

from mriexplorer.render.scene import Scene
from mriexplorer.session.state_store import StateStore
from mriexplorer.subject.catalog import Catalog
from mriexplorer.view.state import State


class Workspace(StateStore):
    """The state with its past, the ``scene`` that is shown (None before the first is there) and the ``catalog`` it is from.

    ``progress`` hears what a job is doing (empty: nothing), ``error`` hears sentences, ``subject_changed`` is called when another
    subject is shown.
    """

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.scene: Scene | None = None
        self.catalog: Catalog | None = None
        self.progress: Callable[[str], None] = lambda _what: None
        self.error: Callable[[str], None] = lambda _sentence: None
        self.subject_changed: Callable[[Scene], None] = lambda _scene: None
