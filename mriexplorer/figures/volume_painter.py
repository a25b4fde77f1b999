"""Paints 3-D: the frame, from where it is seen, and what it is. On the screen and without a window."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from mriexplorer.figures.plane_painter import MARGIN, wrapped_line
from mriexplorer.figures.theme import IMAGE_BACKGROUND, IMAGE_LETTERS, IMAGE_TEXT, font
from mriexplorer.render.scene import Scene, caption_lines, mark, no_image
from mriexplorer.render.slices import direction
from mriexplorer.view.camera import Camera
from mriexplorer.view.state import State

Pixels = NDArray[np.uint8]
_ARM = 24.0  # pixels of an axis that lies in the screen
_BACKING = QColor(0, 0, 0, 150)
_FRONT, _BEHIND = IMAGE_LETTERS, QColor("#5c6773")
_FOCUS = QColor("#3a7592")
_NARROW = 300  # pixels, below which the mark stands above the caption


@dataclass(frozen=True)
class Legend:
    """What is written on a frame: ``sides`` are letters with their places (right, up, towards the viewer) in a unit ball."""

    lines: tuple[str, ...]
    mark: str
    sides: tuple[tuple[str, float, float, float], ...] | None
    message: str = ""
    time: str = ""
    focused: bool = False


def legend(scene: Scene, state: State, thinned: int = 1) -> Legend:
    """What a state's frame, which has no noise, says of itself; ``thinned`` is the texture's stride."""
    signal = state.with_contrast(view="signal").with_display(snr=0.0)
    lines = caption_lines(signal)
    if thinned > 1:
        lines = (*lines, f"every {thinned}{'nd' if thinned == 2 else 'rd' if thinned == 3 else 'th'} voxel")
    sides = _sides(state.volume.camera) if scene.subject.maps.grid.known else None
    return Legend(lines, mark(signal, scene.subject), sides, no_image(signal))


def _sides(camera: Camera) -> tuple[tuple[str, float, float, float], ...]:
    """The letters of the patient's six sides, farthest first."""
    right, top, ahead = camera.axes
    found = []
    for axis, sign in product(range(3), (-1.0, 1.0)):
        way = np.eye(3)[axis] * sign
        found.append((direction(way), float(way @ right), float(way @ top), float(-way @ ahead)))
    return tuple(sorted(found, key=lambda side: side[3]))


def image(pixels: Pixels) -> QImage:
    """A frame as an image of its own."""
    height, width, _channels = pixels.shape
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGBA8888_Premultiplied).copy()


def paint(painter: QPainter, rect: QRectF, frame: QImage | None, legend_: Legend) -> None:
    """Paint a frame, scaled to ``rect``, with its legend; a message takes the frame's place."""
    painter.fillRect(rect, IMAGE_BACKGROUND)
    inner = rect.adjusted(MARGIN, MARGIN - 2, -MARGIN, -MARGIN + 2)
    if legend_.message:
        painter.setFont(font(10))
        painter.setPen(IMAGE_TEXT)
        painter.drawText(
            rect.adjusted(32, 32, -32, -32), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, legend_.message
        )
    elif frame is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(rect, frame)
        _draw_sides(painter, QPointF(inner.right() - _ARM - 10, inner.top() + _ARM + 10), legend_.sides)
        _write(painter, inner, legend_)
    if legend_.focused:
        painter.setPen(QPen(_FOCUS, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))


def _write(painter: QPainter, inner: QRectF, legend_: Legend) -> None:
    side = Qt.AlignmentFlag
    painter.setFont(font(9))
    painter.setPen(IMAGE_TEXT)
    _label(painter, inner, side.AlignLeft | side.AlignTop, legend_.time)
    room = inner.width() - painter.fontMetrics().horizontalAdvance(legend_.mark) - 2 * MARGIN
    lower, height = inner, painter.fontMetrics().lineSpacing()
    if room < _NARROW / 3:
        room, lower = inner.width(), inner.adjusted(0, 0, 0, -height)
    lines = [part for line in legend_.lines for part in wrapped_line(line, room, painter.fontMetrics())]
    _label(painter, lower, side.AlignLeft | side.AlignBottom, "\n".join(lines))
    _label(painter, inner, side.AlignRight | side.AlignBottom, legend_.mark)


def _label(painter: QPainter, box: QRectF, side: Qt.AlignmentFlag, text: str) -> None:
    if text:
        painter.fillRect(painter.boundingRect(box, side, text).adjusted(-3, 0, 3, 0), _BACKING)
        painter.drawText(box, side, text)


def _draw_sides(painter: QPainter, middle: QPointF, sides: tuple[tuple[str, float, float, float], ...] | None) -> None:
    """The patient's axes with their letters; what points away from the viewer is dim."""
    painter.setFont(font(9, bold=True))
    if sides is None:
        painter.setPen(IMAGE_TEXT)
        painter.drawText(
            QRectF(middle.x() - 150, middle.y() - _ARM - 10, 150 + _ARM + 10, 18), Qt.AlignmentFlag.AlignRight,
            "orientation unknown",
        )  # fmt: skip
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for letter, right, up, towards in sides:
        painter.setPen(QPen(_FRONT if towards >= 0 else _BEHIND, 1.2))
        end = middle + QPointF(right, -up) * _ARM
        painter.drawLine(middle, middle + (end - middle) * 0.72)
        painter.drawText(QRectF(end.x() - 8, end.y() - 8, 16, 16), Qt.AlignmentFlag.AlignCenter, letter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
