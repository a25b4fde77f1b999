"""One sentence above the planes: what went wrong, or what must be known. It never covers an image."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton

from mriexplorer.ui.widgets.panel import Sentence

_READ = 6000  # ms
_LONGEST = 900  # characters; a file may have names of any length


class Banner(QFrame):
    """Shows a sentence until it is closed or another comes."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._text = Sentence(name="text")
        self._close = QToolButton()
        self._close.setText("✕")
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
        self._gone = QTimer(self, singleShot=True, interval=_READ)
        self._gone.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that is shown; empty when none is."""
        return "" if self.isHidden() else self._text.text()

    @property
    def is_working(self) -> bool:
        """Whether progress is shown."""
        return not self.isHidden() and not self._cancel.isHidden()

    def say(self, sentence: str, *, severe: bool = False, done: bool = False) -> None:
        """Show a sentence; ``severe`` where something could not be done. That something was ``done`` goes away by itself."""
        self._show(sentence, kind="severe" if severe else "done" if done else "", working=False)
        if done:
            self._gone.start()

    def working(self, what: str) -> None:
        """Show what is being done, with a way to stop it."""
        self._show(f"{what[:1].upper()}{what[1:]} …", kind="done", working=True)

    def _show(self, sentence: str, *, kind: str, working: bool) -> None:
        self._gone.stop()
        sentence = sentence if len(sentence) <= _LONGEST else f"{sentence[:_LONGEST]} …"
        self._text.setText(sentence)
        self._text.setAccessibleName(sentence)
        self._cancel.setVisible(working)
        self._close.setVisible(not working)
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
