"""The fourth place beside the planes: panels behind tabs, each built when it is first shown.

::

    ┌ Histograms | Curves | ... ┐
    │                           │
    └───────────────────────────┘
"""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from mriexplorer.figures import theme
from mriexplorer.render.scene import Scene
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.state import State


class TabbedPanel(Protocol):
    """What a widget in the corner can do. It holds nothing: wishes are its signals."""

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the state of a subject."""

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""


def _scrolled(panel: QWidget) -> QScrollArea:
    """A panel that scrolls where the corner is smaller than it can be, so that no panel makes the planes narrower."""
    area = QScrollArea()
    area.setWidget(panel)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumSize(0, 0)
    return area


class PanelTabs(QWidget):
    """Holds the panels of ``SidePanel`` that were added; ``requested`` tells which one a person chose."""

    requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        theme.on_panel(self)
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._panels: dict[str, QWidget] = {}
        self._names: list[str] = []
        self._began = False
        self._shown: tuple[Scene, State] | None = None
        self._tabs, self._stack = QTabBar(), QStackedWidget()
        self._stack.setMinimumSize(0, 0)
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._tabs.setAccessibleName("What stands beside the planes")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.currentChanged.connect(lambda place: self.requested.emit(self._names[place]))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)

    def add(self, name: str, label: str, make: Callable[[], QWidget]) -> None:
        """A panel by its name of ``SidePanel``; ``make`` builds a ``TabbedPanel`` when it is first shown."""
        assert name in tuple(SidePanel)  # noqa: S101 the state could not hold another
        self._makers[name] = make
        self._names.append(name)
        self._tabs.blockSignals(True)
        self._tabs.addTab(label)
        self._tabs.blockSignals(False)

    def panel(self, name: str) -> QWidget:
        """A panel, built now if it was not yet."""
        if name not in self._panels:
            self._panels[name] = self._makers[name]()
            self._stack.addWidget(_scrolled(self._panels[name]))
        return self._panels[name]

    def begin(self) -> None:
        """Panels may be built from now on: what they import takes long, so the planes are painted first."""
        self._began = True
        if self._shown is not None:
            self.show_state(*self._shown)

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the state in the panel that it names; the others are drawn when they are chosen."""
        self._shown = scene, state
        name = state.panels.side if state.panels.side in self._names else self._names[0]
        self._tabs.blockSignals(True)
        self._tabs.setCurrentIndex(self._names.index(name))
        self._tabs.blockSignals(False)
        if self._began and not self.isHidden():
            panel = self.panel(name)
            self._stack.setCurrentIndex(list(self._panels).index(name))
            panel.show_state(scene, state)  # type: ignore[attr-defined]

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        for panel in self._panels.values():
            panel.dress(name)  # type: ignore[attr-defined]
