"""A titled section of the side panel that folds."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mriexplorer.figures.theme import GRID


class Panel(QWidget):
    """A section: a title that folds it, and ``body`` to fill."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._fold = QToolButton()
        self._fold.setObjectName("fold")
        self._fold.setCheckable(True)
        self._fold.setChecked(True)
        self._fold.setAccessibleName(f"{title}, fold or unfold")
        self._fold.toggled.connect(self._folded)
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 0, 0, GRID)
        self.body.setSpacing(GRID // 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GRID // 2)
        outer.addWidget(self._fold)
        outer.addWidget(self._content)
        outer.addWidget(rule())
        self._folded(True)

    def _folded(self, open_: bool) -> None:
        self._content.setVisible(open_)
        self._fold.setText(f"{'▾' if open_ else '▸'}  {self._title}")


def discard(widget: QWidget | None) -> None:
    """Take a widget away at once; Qt deletes it when it comes round to it."""
    if widget is not None:
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()


def rule() -> QFrame:
    """A thin line between sections."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


class Sentence(QLabel):
    """A text that wraps and can be selected. It asks for the height of its text at the width it has, and no more."""

    def __init__(self, text: str = "", name: str = "muted") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)  # names and words of files are never read as HTML
        self.setText(text)
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(40, self.heightForWidth(max(self.width(), 40)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
