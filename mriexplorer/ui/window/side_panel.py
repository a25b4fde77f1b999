"""The fourth place beside the planes: panels behind tabs, each built when it is first shown.

::

    ┌ Histograms | Curves | ... ┐
    │                           │
    └───────────────────────────┘
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from mriexplorer.figures import theme
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.window.redraw import Redraw
from mriexplorer.view.display import Layout
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.state import State

Enlarge = Callable[[Layout], None]
_NAMES = tuple(SidePanel)


class PanelTabs(QWidget):
    """Holds the panels of ``SidePanel``; ``requested`` names the one that a person chose.

    Each is registered with ``redraw`` when it is built; what is not seen is drawn once it is chosen.
    """

    requested = Signal(str)
    depends = frozenset({"panels.side", "display.layout"})  # which panel is shown, and whether

    def __init__(self, session: Session, redraw: Redraw, enlarge: Enlarge) -> None:
        super().__init__()
        theme.on_panel(self)
        self._session, self._redraw, self._enlarge = session, redraw, enlarge
        self._panels: dict[SidePanel, TabbedPanel] = {}
        self._stale: set[SidePanel] = set()  # built, but not drawn since something that they depend on differs
        self._began = False
        self._tabs, self._stack = QTabBar(), QStackedWidget()
        self._stack.setMinimumSize(0, 0)
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._add_tabs()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)

    def _add_tabs(self) -> None:
        tabs = self._tabs
        tabs.setAccessibleName("What stands beside the planes")
        tabs.setDrawBase(False)
        tabs.setExpanding(False)
        tabs.setUsesScrollButtons(True)
        tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for name in _NAMES:
            tabs.addTab(name.label)
        tabs.currentChanged.connect(lambda place: self.requested.emit(_NAMES[place]))

    def panel(self, name: SidePanel | str) -> TabbedPanel:
        """A panel, built now if it was not yet: what that imports takes long, and so waits until then."""
        name = SidePanel(name)
        if name not in self._panels:
            make: Callable[[Session, Enlarge], TabbedPanel] = import_module(f"mriexplorer.ui.side_panels.{name}").make
            self._panels[name] = panel = make(self._session, self._enlarge)
            self._stack.addWidget(_scrolled(panel))
            self._stale.add(name)
            self._redraw.register(panel.depends, partial(self._draw, name))
        return self._panels[name]

    def begin(self) -> None:
        """Panels may be built from now on: the planes are painted first."""
        self._began = True
        if self._session.scene is not None:
            self.show_state(self._session.scene, self._session.state)

    def show_state(self, scene: Scene, state: State) -> None:
        """Turn to the panel that the state names."""
        name = state.panels.side
        with QSignalBlocker(self._tabs):
            self._tabs.setCurrentIndex(_NAMES.index(name))
        if self._began and not self.isHidden():
            panel = self.panel(name)
            self._stack.setCurrentIndex(list(self._panels).index(name))
            if name in self._stale:
                self._stale.discard(name)
                panel.show_state(scene, state)

    def _draw(self, name: SidePanel, scene: Scene, state: State) -> None:
        """Something that a panel depends on differs."""
        if self.isHidden() or state.panels.side != name:
            self._stale.add(name)
        else:
            self._panels[name].show_state(scene, state)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        for panel in self._panels.values():
            panel.dress(name)


def _scrolled(panel: QWidget) -> QScrollArea:
    """A panel that scrolls where the place is smaller than it can be, so that no panel makes the planes narrower."""
    area = QScrollArea()
    area.setWidget(panel)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumSize(0, 0)
    return area
