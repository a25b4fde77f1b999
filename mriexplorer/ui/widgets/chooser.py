"""A drop-down that the wheel does not change, and a label that shortens its text."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy


class Chooser(QComboBox):
    """Changes by click and key only: scrolling past it must not change what is seen."""

    def __init__(self, name: str, characters: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(characters)
        self.setMaxVisibleItems(40)

    def offer(self, labels: Mapping[str, str]) -> None:
        """Offer these labels, by the data that stands for them; nothing is done where they are offered already."""
        if {self.itemData(place): self.itemText(place) for place in range(self.count())} != dict(labels):
            self.clear()
            for data, label in labels.items():
                self.addItem(label, data)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ShortLabel(QLabel):
    """One line that is cut in its middle where it does not fit; the tool tip has all of it."""

    def __init__(self, text: str, tip: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setToolTip(tip or text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.rect(), self.alignment(), shown)
