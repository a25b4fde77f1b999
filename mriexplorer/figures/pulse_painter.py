"""Paints a stretch of a sequence to scale: pulses upward, echoes below them, named times as arrows.

::

      180°        ▏▏▏▏▏▏▏      radio frequency
    ──█───────────███████──────────────
    ───────────────∧───────────────────  signal
      |←─── TI 1000 ms ──→|←── dead time ──→|
      |←────────── TR 2400 ms ─────────────→|
"""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from mriexplorer.figures.theme import Theme, font
from mriexplorer.physics import TimeUnit, time_in
from mriexplorer.physics.timeline import Pulse, Span, Timeline, Train

ROW = 18  # of a named time
_LABELS, _ECHOES = 16, 24  # heights
_DENSE = 5.0  # pixels between pulses, below which a train is a block
_BELL = 5.0
_BAR = 3.0
_HEAD = 4.0


@dataclass(frozen=True)
class Stretch:
    """A part of a timeline from ``start`` to ``end`` (s) in a rectangle, with the named times to show under it.

    ``sparse`` names the angles of inversions and of dense trains only, since the others are named where they are enlarged.
    """

    line: Timeline
    start: float
    end: float
    area: QRectF
    spans: tuple[Span, ...]
    sparse: bool = False

    def x(self, time: float) -> float:
        """Where a time lies."""
        return self.area.left() + (time - self.start) / (self.end - self.start) * self.area.width()

    def width(self, seconds: float) -> float:
        """How wide a time is."""
        return seconds / (self.end - self.start) * self.area.width()


def duration(seconds: float, times: TimeUnit) -> str:
    """A time as people read it."""
    number = seconds * 1000
    return time_in(seconds, 0 if number >= 99.95 or abs(number - round(number)) < 0.05 else 1, times)


class PulsePainter:
    """Paints stretches in the colours of a theme."""

    def __init__(self, painter: QPainter, colours: Theme, times: TimeUnit) -> None:
        self._times = times
        self._painter, self._colours = painter, colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(8.5))
        self._shades = {"inversion": QColor(colours.text), "excitation": QColor(colours.accent),
                        "refocusing": QColor(colours.muted)}  # fmt: skip

    def rows(self, stretch: Stretch) -> list[list[Span]]:
        """Named times in as few rows as they fit into."""
        rows: list[list[Span]] = []
        for span in sorted(stretch.spans, key=lambda one: (one.end - one.start, one.start)):
            row = next((r for r in rows if all(self._apart(stretch, span, other) for other in r)), None)
            if row is None:
                rows.append([span])
            else:
                row.append(span)
        return rows

    def height(self, stretch: Stretch, lane: float) -> float:
        """What a stretch with pulses of ``lane`` pixels takes."""
        return _LABELS + lane + _ECHOES + 4 + ROW * len(self.rows(stretch))

    def draw(self, stretch: Stretch, lane: float) -> None:
        """Pulses, echoes and named times from the top of the stretch's rectangle."""
        base = stretch.area.top() + _LABELS + lane
        self._axis(stretch, base)
        self._axis(stretch, base + _ECHOES)
        for train in stretch.line.trains:
            self._train(stretch, train, base, lane)
        self._pulses(stretch, base, lane)
        self._echoes(stretch, base + _ECHOES)
        for n, row in enumerate(self.rows(stretch)):
            for span in row:
                self._span(stretch, span, base + _ECHOES + 4 + ROW * (n + 0.5), base)

    def _axis(self, stretch: Stretch, y: float) -> None:
        self._painter.setPen(QPen(QColor(self._colours.muted), 1))
        self._painter.drawLine(QPointF(stretch.area.left(), y), QPointF(stretch.area.right(), y))

    # -- pulses ------------------------------------------------------------------------------------------------

    def _dense(self, stretch: Stretch, train: Train) -> bool:
        return stretch.width(train.end - train.start) / train.count < _DENSE

    def _train(self, stretch: Stretch, train: Train, base: float, lane: float) -> None:
        """A train too dense for single pulses is a block that says how many."""
        if not self._dense(stretch, train):
            return
        role = "refocusing" if train.kind == "spin" else "excitation"
        pulse = next(p for p in stretch.line.pulses if p.role == role and train.start <= p.time + 1e-9)
        left, width = stretch.x(train.start), max(stretch.width(train.end - train.start), _BAR)
        height = self._bar(pulse, lane)
        shade = QColor(self._shades[role])
        shade.setAlpha(150)
        self._painter.fillRect(QRectF(left, base - height, width, height), QBrush(shade, Qt.BrushStyle.Dense4Pattern))
        self._text(stretch, f"{train.count} × {pulse.angle:.0f}°", left + width / 2, base - height)

    def _pulses(self, stretch: Stretch, base: float, lane: float) -> None:
        blocks = [t for t in stretch.line.trains if self._dense(stretch, t)]
        free = -1e9
        for pulse in stretch.line.pulses:
            hidden = any(t.start - 1e-9 <= pulse.time <= t.end and self._part_of(pulse, t) for t in blocks)
            if hidden or not stretch.start - 1e-9 <= pulse.time <= stretch.end + 1e-9:
                continue
            x, height = stretch.x(pulse.time), self._bar(pulse, lane)
            self._painter.fillRect(QRectF(x - _BAR / 2, base - height, _BAR, height), self._shades[pulse.role])
            text = f"{pulse.angle:.0f}°"
            half = self._painter.fontMetrics().horizontalAdvance(text) / 2 + 3
            named = not stretch.sparse or pulse.role == "inversion"
            if named and x - half > free and not self._crowded(stretch, blocks, x):
                self._text(stretch, text, x, base - height)
                free = x + half

    def _part_of(self, pulse: Pulse, train: Train) -> bool:
        return pulse.role == ("refocusing" if train.kind == "spin" else "excitation")

    def _crowded(self, stretch: Stretch, blocks: list[Train], x: float) -> bool:
        """Whether a block's own text is there already."""
        return any(abs(stretch.x((t.start + t.end) / 2) - x) < 36 for t in blocks)

    def _bar(self, pulse: Pulse, lane: float) -> float:
        """Higher for larger angles; a small one can still be seen."""
        return lane * (0.25 + 0.75 * min(pulse.angle, 180.0) / 180.0)

    def _echoes(self, stretch: Stretch, base: float) -> None:
        seen = stretch.line.centres
        blocked = any(self._dense(stretch, t) for t in stretch.line.trains)
        for time in stretch.line.echoes if not blocked else ():
            if stretch.start <= time <= stretch.end and all(abs(time - one) > 1e-9 for one in seen):
                self._bell(stretch.x(time), base, QColor(self._colours.muted), 0.55)
        for time in seen:
            if stretch.start <= time <= stretch.end:
                self._bell(stretch.x(time), base, QColor(self._colours.accent), 0.85)

    def _bell(self, x: float, base: float, shade: QColor, share: float) -> None:
        height = share * _ECHOES
        path = QPainterPath(QPointF(x - _BELL, base))
        path.cubicTo(x - _BELL / 3, base, x - _BELL / 2.5, base - height, x, base - height)
        path.cubicTo(x + _BELL / 2.5, base - height, x + _BELL / 3, base, x + _BELL, base)
        self._painter.fillPath(path, shade)

    def _text(self, stretch: Stretch, text: str, x: float, bottom: float) -> None:
        width = self._painter.fontMetrics().horizontalAdvance(text)
        left = min(max(x - width / 2, stretch.area.left() - 6), stretch.area.right() - width + 6)
        self._painter.setPen(QColor(self._colours.text))
        self._painter.drawText(QPointF(left, bottom - 4), text)

    # -- named times -------------------------------------------------------------------------------------------

    def label(self, span: Span) -> str:
        """``TE 91 ms``."""
        return f"{span.label} {duration(span.end - span.start, self._times)}"

    def _extent(self, stretch: Stretch, span: Span) -> tuple[float, float, bool]:
        """Left and right of an arrow with its text, and whether the text is inside it."""
        left, right = stretch.x(span.start), stretch.x(span.end)
        wide = self._painter.fontMetrics().horizontalAdvance(self.label(span)) + 2 * _HEAD + 18
        if right - left >= wide:
            return left, right, True
        outside = right + wide
        return (left, outside, False) if outside <= stretch.area.right() + 8 else (left - wide, right, False)

    def _apart(self, stretch: Stretch, one: Span, other: Span) -> bool:
        (left, right, _in), (start, end, _out) = self._extent(stretch, one), self._extent(stretch, other)
        return right <= start + 0.5 or end <= left + 0.5

    def _span(self, stretch: Stretch, span: Span, y: float, base: float) -> None:
        quiet = span.label == "dead time"
        left, right = stretch.x(span.start), stretch.x(span.end)
        guide = QPen(QColor(self._colours.line), 1, Qt.PenStyle.DotLine)
        self._painter.setPen(guide)
        for x in (left, right):
            self._painter.drawLine(QPointF(x, base + 2), QPointF(x, y + 5))
        self._painter.setPen(QPen(QColor(self._colours.muted if quiet else self._colours.text), 1))
        text = self.label(span)
        begin, finish, inside = self._extent(stretch, span)
        width = self._painter.fontMetrics().horizontalAdvance(text)
        middle = (left + right) / 2
        start = middle - width / 2 if inside else (right + 6 if finish > right else begin + 4)
        if inside:
            self._arrow(left, middle - width / 2 - 4, y, at_start=True)
            self._arrow(middle + width / 2 + 4, right, y, at_start=False)
        else:
            self._arrow(left, right, y, at_start=True)
            self._arrow(left, right, y, at_start=False)
        self._painter.drawText(QPointF(start, y + self._painter.fontMetrics().ascent() / 2 - 1), text)

    def _arrow(self, left: float, right: float, y: float, *, at_start: bool) -> None:
        self._painter.drawLine(QPointF(left, y), QPointF(right, y))
        at, way = (left, 1) if at_start else (right, -1)
        if right - left > _HEAD:
            for up in (-1, 1):
                self._painter.drawLine(QPointF(at, y), QPointF(at + way * _HEAD, y + up * _HEAD * 0.7))
