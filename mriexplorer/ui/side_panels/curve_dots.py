"""Dots on curves, of one size in pixels. pyqtgraph's scatter plot takes 2 ms to take new points; this takes none."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

_RADIUS = 4.0


class CurveDots(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """A few dots in the coordinates of a plot."""

    def __init__(self) -> None:
        super().__init__()
        self.dots: tuple[tuple[float, float, QColor], ...] = ()

    def show_dots(self, axis: Sequence[float], values: Sequence[float | None], colours: Sequence[QColor]) -> None:
        """Dots at (axis, value); None has none."""
        self.dots = tuple((x, y, c) for x, y, c in zip(axis, values, colours, strict=False) if y is not None)
        self.update()

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return box.viewRect() if box is not None else QRectF()

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_args: object) -> None:
        to_pixels = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pg.mkPen(None))
        for x, y, colour in self.dots:
            painter.setBrush(colour)
            painter.drawEllipse(to_pixels.map(QPointF(x, y)), _RADIUS, _RADIUS)
        painter.restore()
