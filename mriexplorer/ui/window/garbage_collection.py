"""Circles of objects are freed in the window's thread only.

Python looks for them in whichever thread happens to allocate. A worker that came upon a widget so would delete it outside the
thread that it belongs to, and Qt ends the program. So the automatic search is off, and a timer of the window does it.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_PAUSE = 1000  # ms between looks at whether a search is due


class Collector(QObject):
    """Lives as long as the application. What is there at its making (modules) is never searched."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self, interval=_PAUSE)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Search the oldest generation that is due, as Python itself would."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
