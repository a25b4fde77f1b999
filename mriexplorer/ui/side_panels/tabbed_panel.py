"""What every panel beside the planes can do."""

from typing import ClassVar

from PySide6.QtWidgets import QWidget

from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State


class TabbedPanel(QWidget):
    """A panel beside the planes. It holds nothing: what a person asks for are its signals.

    It is drawn anew where something that it ``depends`` on differs: paths of the state, such as ``display.cursor``; and for
    another subject. Its file has ``make(session, enlarge)``, which builds it when it is first shown, and connects it.
    """

    depends: ClassVar[frozenset[str]] = frozenset()

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the state of a subject."""
        raise NotImplementedError

    def dress(self, name: str) -> None:
        """Take the colours of a theme; images are on black in every theme."""
