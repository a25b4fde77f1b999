"""Tells when the window comes to a screen with pixels of another size."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget


class PixelRatio(QWidget):
    """A hidden child: Qt tells every widget of the window, and this one hears of little else, so that its filter costs nothing.

    A filter, not ``event``: where a handler that is called from within another one raises, PySide ends the program.
    """

    changed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.hide()
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.changed.emit()
        return False
