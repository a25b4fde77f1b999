"""The pulse diagram: one TR of the sequence to scale, and its train enlarged where that would be too small to see."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from mriexplorer.explain.cost import cost
from mriexplorer.figures import theme
from mriexplorer.figures.pulse_painter import PulsePainter, Stretch, duration
from mriexplorer.figures.theme import GRID, font
from mriexplorer.physics import TimeUnit
from mriexplorer.physics.timeline import Timeline, timeline
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_TITLE = 22
_PRICE = 24  # the line below
_BETWEEN = 26  # the overview and what is enlarged
_SIDES = 20
_LEAST_LANE, _MOST_LANE = 22.0, 110.0
_VISIBLE = 40.0  # pixels; a TE or a train that is narrower is enlarged
_PADDING = 0.06  # of what is enlarged, to either side


def make(session: Session, _enlarge: Callable[[Layout], None]) -> "PulsePanel":
    """The panel; nothing can be asked for there."""
    return PulsePanel(session.state.appearance.theme)


class PulsePanel(TabbedPanel):
    """Paints the timeline of the state's sequence; it follows the sliders."""

    depends = frozenset({"contrast.protocol", "contrast.preset", "appearance.times"})

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        theme.on_panel(self)
        self.setMinimumSize(340, 260)
        self.setAccessibleName("Pulse diagram")
        self._title = self._problem = self._price = ""
        self._line: Timeline | None = None
        self._theme = theme.theme(theme_name)
        self._times: TimeUnit = "ms"

    def sizeHint(self) -> QSize:
        return QSize(400, 280)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._theme = theme.theme(name)
        self.update()

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the state's sequence, or say why it cannot be."""
        self._problem = f"No diagram: {state.problems[0].sentence}." if state.problems else ""
        self._line = None if state.problems else timeline(state.protocol)
        self._times = state.appearance.times
        self._title = f"{state.sequence.label}: one TR of {duration(state.protocol['tr'], state.appearance.times)}, to scale"
        self._price = cost(state, scene.subject.field or 3.0)
        self.setAccessibleDescription(self.text)
        self.update()

    @property
    def text(self) -> str:
        """What is drawn, in words."""
        if self._line is None:
            return self._problem
        many = [f"{train.count} {'echoes' if train.kind == 'spin' else 'excitations'}" for train in self._line.trains]
        alone = [f"{p.angle:.0f}° at {duration(p.time, self._times)}" for p in self._line.pulses if p.role == "inversion"]
        spans = [f"{span.label} {duration(span.end - span.start, self._times)}" for span in self._line.spans]
        return f"{self._title}. " + ", ".join([*alone, *many, *spans]) + f". {self._price}."

    # -- painting ----------------------------------------------------------------------------------------------

    def stretches(self) -> tuple[Stretch, ...]:
        """The whole TR, and what is enlarged of it; rectangles have their places across, not yet their heights."""
        line = self._line
        if line is None:
            return ()
        area = QRectF(_SIDES, _TITLE, self.width() - 2 * _SIDES, 0)
        whole = Stretch(line, 0.0, line.tr, area, line.spans)
        start, end = line.detail
        te = next((span.end - span.start for span in line.spans if span.label == "TE"), 0.0)
        dense = any(whole.width(train.end - train.start) / train.count < _VISIBLE / 8 for train in line.trains)
        if end <= start or not (whole.width(te) < _VISIBLE or dense):
            return (whole,)
        padding = _PADDING * (end - start)
        # What is inside the enlarged part is named there, the rest under the whole.
        inner = tuple(s for s in line.spans if start - 1e-9 <= s.start and s.end <= end + padding and s.label != "dead time")
        outer = tuple(s for s in line.spans if s not in inner)
        return Stretch(line, 0.0, line.tr, area, outer, sparse=True), Stretch(line, start - padding, end + padding, area, inner)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(font(9))
            painter.setPen(QColor(self._theme.muted))
            stretches = self.stretches()
            if not stretches:
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._problem)
                return
            painter.drawText(QPointF(GRID, 15), self._title)
            below = QRectF(GRID, self.height() - _PRICE, self.width() - 2 * GRID, _PRICE)
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._price)
            self._draw(painter, stretches)

    def _draw(self, painter: QPainter, stretches: tuple[Stretch, ...]) -> None:
        brush = PulsePainter(painter, self._theme, self._times)
        fixed = sum(brush.height(one, 0.0) for one in stretches) + _BETWEEN * (len(stretches) - 1)
        lane = (self.height() - _TITLE - _PRICE - fixed) / len(stretches)
        lane = min(max(lane, _LEAST_LANE), _MOST_LANE)
        left = self.height() - _TITLE - _PRICE - fixed - lane * len(stretches)
        top = _TITLE + max(0.0, left / 3)
        for n, one in enumerate(stretches):
            placed = replace(one, area=one.area.translated(0, top - one.area.top()))
            if n:
                self._draw_link(painter, stretches[0], placed, top)
            brush.draw(placed, lane)
            top += brush.height(one, lane) + _BETWEEN

    def _draw_link(self, painter: QPainter, whole: Stretch, inset: Stretch, top: float) -> None:
        """Lines from the part of the whole to its enlargement."""
        painter.setPen(QPen(QColor(self._theme.line), 1))
        y = top - 2
        for time, end in ((inset.start, inset.area.left()), (inset.end, inset.area.right())):
            x = min(max(whole.x(time), whole.area.left()), whole.area.right())
            painter.drawLine(QPointF(x, y - _BETWEEN + 8), QPointF(end, y))
        painter.drawLine(QPointF(inset.area.left(), y), QPointF(inset.area.right(), y))
        painter.setPen(QColor(self._theme.muted))
        times = round((whole.end - whole.start) / (inset.end - inset.start))
        painter.drawText(QPointF(inset.area.right() - painter.fontMetrics().horizontalAdvance(f"{times} ×"), y - 4), f"{times} ×")
