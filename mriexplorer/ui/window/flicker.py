"""Turns between the current contrast and its reference by itself, while that is asked for and the window is seen."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import Scene
from mriexplorer.view.comparison import Mode
from mriexplorer.view.state import State


class Flicker(QObject):
    """``turned`` asks for the planes to be painted anew; ``away`` says whether the reference's turn has come."""

    turned = Signal()
    depends = frozenset({"comparison", "display.layout"})

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._requested = False
        self.away = False
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._turn)

    def show_state(self, scene: Scene, state: State) -> None:
        """Run at the state's rate, or stand."""
        self._requested = ab.way(scene, state) == Mode.FLICKER
        interval = round(1000 / state.comparison.rate)
        if self.timer.interval() != interval:
            self.timer.setInterval(interval)
        self.run()

    def state(self, state: State) -> State:
        """The state as its turn has come."""
        return ab.turned(state, away=self.away)

    def run(self) -> None:
        """Run while it is asked for and the window is seen, and stand where not."""
        runs = self._requested and self._window.isVisible() and not self._window.isMinimized()
        if runs and not self.timer.isActive():
            self.timer.start()
        elif not runs:
            self.timer.stop()
            self.away = self.away and self._requested

    def _turn(self) -> None:
        self.away = not self.away
        self.turned.emit()
