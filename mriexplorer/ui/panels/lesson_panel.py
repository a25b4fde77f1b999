"""A lesson beside the people and the planes.

::

    ┌ [What T1 weighting is ▾]         × ┐
    │ Choose TR                   2 of 3 │
    │ Now the curves run over TR. ...    │
    │                                    │
    │ ✓ TR between 300 and 900 ms        │
    │ ○ white matter brighter than ...   │
    │ [Set it for me] [Previous] [Next]  │
    └────────────────────────────────────┘
"""

from html import escape
from math import ceil

from PySide6.QtCore import QByteArray, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QResizeEvent, QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mriexplorer.explain.lessons import Lesson
from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID, font
from mriexplorer.places import own_lessons_folder
from mriexplorer.render.scene import Scene
from mriexplorer.session.lesson_player import CheckResult, LessonPlayer
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.panel import Sentence
from mriexplorer.view.state import State

WIDTH = 300  # pixels at first; the border can be dragged
_LEAST_WIDTH = 240
_TITLES = 340  # the list of lessons
_MARKDOWN = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_LINE = 125  # per cent of the typeface's own distance of lines


class LessonText(QTextBrowser):
    """Markdown without pictures, links to follow, or anything from the web."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Text of the lesson")
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.setMinimumHeight(60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)  # what is asked stands right below
        self._markdown = ""

    def loadResource(self, _kind: int, _name: QUrl | str) -> QByteArray:
        return QByteArray()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, ceil(self.document().size().height()) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def show_markdown(self, text: str) -> None:
        """Show a text from its beginning."""
        if text == self._markdown:
            return
        self._markdown = text
        self.document().setDefaultFont(font(10.5))
        self.document().setMarkdown(text, _MARKDOWN)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(_LINE, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spacing)
        self.verticalScrollBar().setValue(0)
        self.updateGeometry()


class LessonPanel(QWidget):
    """Shows a step of a lesson, and how far the live state is; what a person asks for are its signals."""

    depends = frozenset({"source", "contrasts", "display", "comparison", "measurement", "panels", "appearance.times"})
    lesson_requested = Signal(str)
    turned = Signal(int)
    set_requested = Signal()
    closed = Signal()

    def __init__(self, player: LessonPlayer) -> None:
        super().__init__()
        theme.on_panel(self)
        self._player = player
        self.setMinimumWidth(_LEAST_WIDTH)
        self._choice = Chooser("Lesson", 10)
        self._close = QToolButton()
        self._title, self._place = QLabel(), QLabel()
        self.text = LessonText()
        self._asked, self._wrong = QLabel(), Sentence(name="notice")
        self._previous, self._next = QPushButton("Previous"), QPushButton("Next")
        self._set = QPushButton("Set it for me")
        self._colours = theme.theme("dark")
        self._shown: tuple[CheckResult, ...] | None = None
        self._last, self._following = False, ""
        self._dress_widgets()
        self._lay_out()
        self._choice.activated.connect(lambda place: self.lesson_requested.emit(self._choice.itemData(place)))
        self._close.clicked.connect(self.closed)
        self._previous.clicked.connect(lambda: self.turned.emit(-1))
        self._next.clicked.connect(self._go_on)
        self._set.clicked.connect(self.set_requested)

    def _go_on(self) -> None:
        if self._last:
            self.lesson_requested.emit(self._following)
        else:
            self.turned.emit(1)

    def _dress_widgets(self) -> None:
        self._close.setObjectName("close")
        self._close.setText("×")
        self._close.setAccessibleName("Close the lesson")
        self._close.setToolTip("Close the lesson (Ctrl+L)")
        self._choice.view().setMinimumWidth(_TITLES)
        self._choice.setToolTip(f"Lesson. Those of your own lie in {own_lessons_folder()}")
        self._title.setObjectName("title")
        self._title.setFont(font(11.5, bold=True))
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)  # a file is never read as HTML
        self._place.setObjectName("muted")
        self._asked.setWordWrap(True)
        self._asked.setTextFormat(Qt.TextFormat.RichText)
        self._asked.setAccessibleName("What the step asks for")
        self._set.setToolTip("Set sequence, parameters and display as this step wants them; undo brings back what was")

    def _lay_out(self) -> None:
        head, heading, foot = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._choice, 1)
        head.addWidget(self._close)
        heading.addWidget(self._title, 1)
        heading.addWidget(self._place, 0, Qt.AlignmentFlag.AlignTop)
        foot.setSpacing(GRID // 2)
        for button in (self._previous, self._next):
            foot.addWidget(button)
        foot.addStretch()
        foot.addWidget(self._set)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addLayout(heading)
        column.addWidget(self.text)
        column.addWidget(self._asked)
        column.addStretch()
        column.addWidget(self._wrong)
        column.addLayout(foot)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._colours = theme.theme(name)
        self._shown = None

    def show_state(self, _scene: Scene, state: State) -> None:
        """Draw the step that is shown, and what of it is done."""
        if not state.panels.lesson and self.isHidden():
            return
        player = self._player
        lesson, step = player.lesson, player.step
        self.setVisible(lesson is not None)
        if lesson is None or step is None:
            return
        self._show_choice(player, lesson)
        self._title.setText(step.title)
        self._place.setText(f"{player.number + 1} of {len(lesson.steps)}")
        first = f"*{lesson.summary}*\n\n" if player.number == 0 and lesson.summary else ""
        self.text.show_markdown(first + step.text)
        self._previous.setEnabled(player.number > 0)
        self._last = player.number == len(lesson.steps) - 1
        self._following = player.following
        self._next.setText("Next lesson" if self._last and player.following else "Next")
        self._next.setEnabled(not self._last or bool(player.following))
        self._set.setVisible(bool(step.setting.pairs or lesson.setting(player.number).pairs))
        self._show_asked(player.checks())

    def _show_choice(self, player: LessonPlayer, lesson: Lesson) -> None:
        self._choice.offer({name: f"{number}. {one.title}" for number, (name, one) in enumerate(player.lessons.items(), 1)})
        self._choice.setCurrentIndex(self._choice.findData(lesson.name))
        self._wrong.setText(player.wrong[0] if player.wrong else "")
        self._wrong.setVisible(bool(player.wrong))

    def _show_asked(self, asked: tuple[CheckResult, ...]) -> None:
        if asked == self._shown:
            return
        self._shown = asked
        self._asked.setVisible(bool(asked))
        self._asked.setText("<br>".join(self._line(one) for one in asked))
        self._asked.setAccessibleDescription("; ".join(f"{one.words}: {'done' if one.done else 'not yet'}" for one in asked))

    def _line(self, one: CheckResult) -> str:
        words = escape(one.words[:1].upper() + one.words[1:])
        if one.done:
            return f'<span style="color:{self._colours.success}">✓&nbsp; {words}</span>'
        return f'<span style="color:{self._colours.muted}">○&nbsp; {words}</span>'

    @property
    def asked(self) -> str:
        """What is asked for and done, as it is read out."""
        return self._asked.accessibleDescription()
