"""One sentence above the planes: what went wrong, or what must be known. It never covers an image."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton

from mriexplorer.ui.panel import Sentence


class Banner(QFrame):
    """Shows a sentence until it is closed or another comes."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._text = Sentence(name="text")
        self._close = QToolButton(text="✕")
        self._close.setObjectName("close")
        self._close.setAccessibleName("Close the message")
        self._close.clicked.connect(self.hide)
        self._cancel = QPushButton("Cancel")
        self._cancel.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._cancel)
        layout.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that is shown; empty when none is."""
        return "" if self.isHidden() else self._text.text()

    @property
    def is_working(self) -> bool:
        """Whether progress is shown."""
        return not self.isHidden() and not self._cancel.isHidden()

    def say(self, sentence: str, *, severe: bool = False) -> None:
        """Show a sentence; ``severe`` where something could not be done."""
        self._show(sentence, severe=severe, working=False)

    def working(self, what: str) -> None:
        """Show what is being done, with a way to stop it."""
        self._show(f"{what[:1].upper()}{what[1:]} …", severe=False, working=True)

    def _show(self, sentence: str, *, severe: bool, working: bool) -> None:
        self._text.setText(sentence)
        self._text.setAccessibleName(sentence)
        self._cancel.setVisible(working)
        self._close.setVisible(not working)
        self.setProperty("severe", severe)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
