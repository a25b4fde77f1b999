"""What an export is doing, with a way to stop it; the window waits meanwhile."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from mriexplorer.figures.theme import GRID
from mriexplorer.ui.widgets.panel import Sentence

_WIDTH = 360
_PATIENCE = 300  # ms; what is done faster is not announced


class ProgressDialog(QDialog):
    """Shown after a moment, until ``over`` is called; ``stopped`` when a person does not want to wait."""

    stopped = Signal()

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setFixedWidth(_WIDTH)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._text = Sentence("…")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self._text)
        column.addWidget(buttons)
        self.rejected.connect(self.stopped)
        self._waiting = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._waiting.timeout.connect(self.show)
        self._waiting.start()

    def show_progress(self, what: str) -> None:
        """What is being done."""
        self._text.setText(f"{what[:1].upper()}{what[1:]} …")

    def over(self) -> None:
        """It is done, or stopped."""
        self._waiting.stop()
        self.hide()
        self.deleteLater()
