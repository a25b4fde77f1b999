"""Turns between the current contrast and its reference by itself, while that is wished and the window is seen."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State

_SEEN = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowStateChange)


class Flicker(QObject):
    """``turned`` asks for the planes to be painted anew; ``away`` says whether the reference's turn has come."""

    turned = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._requested = False
        self.away = False
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._turn)
        window.installEventFilter(self)

    def show_state(self, scene: Scene, state: State) -> None:
        """Run at the state's rate, or stand."""
        self._requested = ab.way(scene, state) == "flicker"
        interval = round(1000 / state.comparison.rate)
        if self.timer.interval() != interval:
            self.timer.setInterval(interval)
        self._run()

    def state(self, state: State) -> State:
        """The state as its turn has come."""
        return ab.turned(state, away=self.away)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SEEN:
            self._run()
        return False

    def _run(self) -> None:
        runs = self._requested and self._window.isVisible() and not self._window.isMinimized()
        if runs and not self.timer.isActive():
            self.timer.start()
        elif not runs:
            self.timer.stop()
            self.away = self.away and self._requested

    def _turn(self) -> None:
        self.away = not self.away
        self.turned.emit()
