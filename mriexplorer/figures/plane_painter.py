"""Paints one plane: on the screen, in screenshots, and without a window. One function for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPaintEngine, QPainter, QPen, QRegion, QTransform

from mriexplorer.figures.roi_painter import Shape, draw_shapes
from mriexplorer.figures.theme import IMAGE_BACKGROUND, IMAGE_LETTERS, IMAGE_TEXT, font
from mriexplorer.render.colour import Colours
from mriexplorer.render.scene import RenderedSlice
from mriexplorer.render.slices import Extent

Side = Qt.AlignmentFlag
MARGIN = 10
LOWER = 100  # pixels from below that a caption of several lines may take
_SIDES = (
    Side.AlignLeft | Side.AlignVCenter,
    Side.AlignRight | Side.AlignVCenter,
    Side.AlignTop | Side.AlignHCenter,
    Side.AlignBottom | Side.AlignHCenter,
)
_GAP = 9  # pixels left free around the crosshair's middle
_EDGE = 24  # and at the edges, for the letters
_CROSSHAIR = QColor("#3a7592")  # opaque: blended lines took 0.6 ms at times
_BACKING = QColor(0, 0, 0, 160)
_SCALE_BARS = (100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0)  # mm


@dataclass(frozen=True)
class Look:
    """How a plane is painted: ``scale`` in pixels a millimetre, what is written on it, smooth or as voxels.

    ``title`` stands in the upper left corner, ``lines`` in the lower left, ``message`` in the middle instead of an image.
    ``bar`` is the length of the scale bar (mm), by default one that suits the plane; ``backed`` darkens the image behind texts,
    for planes that are zoomed in; ``focused`` frames the plane with the keyboard, ``framed`` (a colour) the chosen one.
    ``wipe`` is where the divider stands, in fractions of the width; left of it the pane's ``left`` is painted.
    ``bare`` planes have neither letters nor scale; ``shapes`` are drawn over the image.
    """

    scale: float
    title: str = ""
    lines: tuple[str, ...] = ()
    message: str = ""
    smooth: bool = True
    crosshair: bool = True
    points: float = 9
    backed: bool = False
    focused: bool = False
    bar: float | None = None
    framed: str = ""
    wipe: float | None = None
    bare: bool = False
    shapes: tuple[Shape, ...] = ()


def fitting(rendered: RenderedSlice, width: float, height: float) -> float:
    """Pixels a millimetre at which the whole plane fits between its letters."""
    rows, columns = rendered.geometry.shape
    across, down = rendered.geometry.spacing
    return max(min((width - 2 * _EDGE) / (columns * across), (height - 2 * _EDGE) / (rows * down)), 0.1)


def to_screen(rendered: RenderedSlice, rect: QRectF, scale: float, place: tuple[float, float]) -> QPointF:
    """Where a (column, row) of the plane lies in ``rect``."""
    across, down = rendered.geometry.spacing
    middle = rect.center()
    return QPointF(
        middle.x() + (place[0] - rendered.centre[0]) * across * scale,
        middle.y() + (place[1] - rendered.centre[1]) * down * scale,
    )


def to_place(rendered: RenderedSlice, rect: QRectF, scale: float, point: QPointF) -> tuple[float, float]:
    """The (column, row) under a point of ``rect``; the inverse of ``to_screen``."""
    across, down = rendered.geometry.spacing
    offset = point - rect.center()
    return rendered.centre[0] + offset.x() / (across * scale), rendered.centre[1] + offset.y() / (down * scale)


def _transform(rendered: RenderedSlice, rect: QRectF, scale: float) -> QTransform:
    """``to_screen`` for many places."""
    origin, (across, down) = to_screen(rendered, rect, scale, (0, 0)), rendered.geometry.spacing
    return QTransform(across * scale, 0, 0, down * scale, origin.x(), origin.y())


def image_rect(rendered: RenderedSlice, rect: QRectF, scale: float) -> QRectF:
    """Where the plane's image lies in ``rect``; it may reach beyond."""
    rows, columns = rendered.geometry.shape
    return _on_screen(rendered, rect, scale, (0, 0, columns, rows))


def tissue_rect(rendered: RenderedSlice, rect: QRectF, scale: float) -> QRectF:
    """Where a change of contrast changes pixels: the image without the air around the head, and a pixel for smooth edges."""
    left, top, right, bottom = rendered.extent
    return _on_screen(rendered, rect, scale, (left - 1, top - 1, right + 1, bottom + 1))


def _on_screen(rendered: RenderedSlice, rect: QRectF, scale: float, edges: Extent) -> QRectF:
    """Where columns and rows from left, top to right, bottom lie in ``rect``."""
    (across, down), middle, (column, row) = rendered.geometry.spacing, rect.center(), rendered.centre
    left, top, right, bottom = edges
    return QRectF(
        QPointF(middle.x() + (left - column) * across * scale, middle.y() + (top - row) * down * scale),
        QPointF(middle.x() + (right - column) * across * scale, middle.y() + (bottom - row) * down * scale),
    )


def paint(painter: QPainter, rect: QRectF, rendered: RenderedSlice, look: Look, dirty: QRegion | None = None) -> None:
    """Paint a plane into ``rect``, or of it only what ``dirty`` covers."""
    painter.save()
    painter.setClipRect(rect)
    target = image_rect(rendered, rect, look.scale)
    covered = QRegion() if look.message else QRegion(target.toRect().adjusted(1, 1, -1, -1))
    for part in cast(Iterable[QRect], QRegion(rect.toRect()).subtracted(covered)):
        painter.fillRect(part, IMAGE_BACKGROUND)
    if look.message:
        _write_message(painter, rect, look)
    else:
        _draw_image(painter, rect, rendered.pixels, target, look)
        if look.wipe is not None and rendered.left is not None:
            _draw_left(painter, rect, rendered.left, target, look)
    if look.crosshair and not look.message:
        _draw_crosshair(painter, rect, to_screen(rendered, rect, look.scale, rendered.cursor))
    if look.shapes and not look.message:
        painter.save()
        draw_shapes(painter, _transform(rendered, rect, look.scale), look.shapes)
        painter.restore()
    if not look.bare:
        _write(painter, rect, rendered, look, dirty)
    if look.focused or look.framed:
        _draw_frame(painter, rect, look)
    painter.restore()


def _draw_image(painter: QPainter, rect: QRectF, pixels: Colours, target: QRectF, look: Look) -> None:
    rows, columns = pixels.shape
    image = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, look.smooth)
    if painter.paintEngine().type() == QPaintEngine.Type.SVG:  # not every viewer clips
        _draw_part(painter, rect, target, image)
    else:
        painter.drawImage(target, image)


def _draw_part(painter: QPainter, rect: QRectF, target: QRectF, image: QImage) -> None:
    """Of the image only the whole pixels that lie in ``rect``, at least in part."""
    across, down = target.width() / image.width(), target.height() / image.height()
    seen = rect.intersected(target).translated(-target.topLeft())
    part = QRectF(seen.left() / across, seen.top() / down, seen.width() / across, seen.height() / down).toAlignedRect()
    place = QRectF(part.left() * across, part.top() * down, part.width() * across, part.height() * down)
    painter.drawImage(place.translated(target.topLeft()), image.copy(part))


def _draw_left(painter: QPainter, rect: QRectF, pixels: Colours, target: QRectF, look: Look) -> None:
    """What lies left of the divider, and the divider."""
    assert look.wipe is not None  # noqa: S101 told by the caller
    x = round(rect.left() + look.wipe * rect.width())
    painter.save()
    painter.setClipRect(QRectF(rect.left(), rect.top(), x - rect.left(), rect.height()), Qt.ClipOperation.IntersectClip)
    _draw_image(painter, rect, pixels, target, look)
    painter.restore()
    painter.setPen(QPen(IMAGE_LETTERS, 1))
    painter.drawLine(QLineF(x + 0.5, rect.top(), x + 0.5, rect.bottom()))
    for y in (rect.center().y() - 4, rect.center().y(), rect.center().y() + 4):
        painter.drawLine(QLineF(x - 4, y, x + 5, y))


def _draw_crosshair(painter: QPainter, rect: QRectF, at: QPointF) -> None:
    x, y = round(at.x()) + 0.5, round(at.y()) + 0.5
    painter.setPen(QPen(_CROSSHAIR, 1))
    painter.drawLines(
        [
            QLineF(rect.left() + _EDGE, y, x - _GAP, y),
            QLineF(x + _GAP, y, rect.right() - _EDGE, y),
            QLineF(x, rect.top() + _EDGE, x, y - _GAP),
            QLineF(x, y + _GAP, x, rect.bottom() - _EDGE),
        ]
    )


def _write_message(painter: QPainter, rect: QRectF, look: Look) -> None:
    painter.setFont(font(look.points + 1))
    painter.setPen(IMAGE_TEXT)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(rect.adjusted(40, 40, -40, -40), flags, look.message)


def _write(painter: QPainter, rect: QRectF, rendered: RenderedSlice, look: Look, dirty: QRegion | None) -> None:
    """The texts that ``dirty`` reaches: writing all of them takes 0.15 ms a plane."""
    inner = rect.adjusted(MARGIN, MARGIN - 2, -MARGIN, -MARGIN + 2)
    narrow = rect.width() < 32 * look.points  # the title would run into the letter at the middle of the upper side
    middle, edge, below = rect.center(), _EDGE + MARGIN, rect.bottom() - LOWER
    boxes = (
        QRectF(rect.left(), rect.top(), rect.width(), _EDGE),
        QRectF(rect.left(), below, rect.width() / 2, LOWER),
        QRectF(rect.right() - rect.width() / 3.5 - 2 * MARGIN, rect.bottom() - 40, rect.width(), 40),
        QRectF(rect.left(), middle.y() - edge / 2, edge, edge),
        QRectF(rect.right() - edge, middle.y() - edge / 2, edge, edge),
        QRectF(middle.x() - edge / 2, rect.top(), edge, edge),
        QRectF(middle.x() - edge / 2, rect.bottom() - edge, edge, edge),
    )
    above, lower, scale, *sides = [dirty is None or dirty.intersects(box.toAlignedRect()) for box in boxes]
    painter.setFont(font(look.points))
    painter.setPen(IMAGE_TEXT)
    if above:
        _label(painter, inner, Side.AlignLeft | Side.AlignTop, "" if narrow else look.title, look)
    if lower:
        texts = (look.title, *look.lines) if narrow else look.lines
        room = inner.width() / 2 - MARGIN
        wrapped = [part for line in texts for part in wrapped_line(line, room, painter.fontMetrics())]
        _label(painter, inner, Side.AlignLeft | Side.AlignBottom, "\n".join(wrapped), look)
    if scale:
        _draw_scale_bar(painter, inner, look)
    letters = rendered.geometry.letters
    if letters is None:
        _label(painter, inner, Side.AlignRight | Side.AlignTop, "orientation unknown", look)
        return
    painter.setPen(IMAGE_LETTERS)
    painter.setFont(font(look.points + 1, bold=True))
    for side, letter, reached in zip(_SIDES, letters, sides, strict=True):
        if reached:
            _label(painter, inner, side, letter, look)


def wrapped_line(line: str, room: float, metrics: QFontMetrics) -> list[str]:
    """A line broken at its dots where it would run into the letter at the middle of the lower side."""
    lines: list[str] = []
    for part in line.split(" · "):
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and metrics.horizontalAdvance(longer) > room:
            lines.append(part)
        else:
            lines[-1:] = [longer]
    return lines


def _label(painter: QPainter, box: QRectF, side: Qt.AlignmentFlag, text: str, look: Look) -> None:
    """A text at a side of the plane, legible on bright tissue too."""
    if look.backed and text:
        _darken(painter, painter.boundingRect(box, side, text), text)
    painter.drawText(box, side, text)


def _darken(painter: QPainter, around: QRectF, text: str) -> None:
    """The background of a text, line by line."""
    metrics, lines = painter.fontMetrics(), text.split("\n")
    height = around.height() / len(lines)
    for number, line in enumerate(lines):
        width = around.width() if len(lines) == 1 else metrics.horizontalAdvance(line)
        top, bottom = round(around.top() + number * height), round(around.top() + (number + 1) * height)
        painter.fillRect(QRectF(around.left() - 3, top, width + 6, bottom - top), _BACKING)


def bar_length(width: float, scale: float) -> float:
    """The longest round length (mm) that takes less than a third of ``width`` pixels."""
    return next((mm for mm in _SCALE_BARS if mm * scale <= width / 3.5), _SCALE_BARS[-1])


def _draw_scale_bar(painter: QPainter, inner: QRectF, look: Look) -> None:
    length = look.bar or bar_length(inner.width(), look.scale)
    x, y, width = round(inner.right()) - 0.5, round(inner.bottom()) - 0.5, length * look.scale
    text = f"{length / 10:.0f} cm" if length >= 10 else f"{length:.0f} mm"
    box = QRectF(x - max(width, 40), y - 22, max(width, 40), 18)
    _label(painter, box, Side.AlignRight | Side.AlignBottom, text, look)
    painter.drawLines([QLineF(x - width, y, x, y), QLineF(x - width, y - 4, x - width, y), QLineF(x, y - 4, x, y)])


def _draw_frame(painter: QPainter, rect: QRectF, look: Look) -> None:
    width = 2 if look.framed else 1
    painter.setPen(QPen(QColor(look.framed) if look.framed else _CROSSHAIR, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(width / 2, width / 2, -width / 2, -width / 2))
