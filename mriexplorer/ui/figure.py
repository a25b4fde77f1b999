"""Pictures without a window, by the code that paints the window; each says what it is."""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from mriexplorer.errors import InputError
from mriexplorer.explorer import ab
from mriexplorer.explorer.colour import colours
from mriexplorer.explorer.scene import Pane, Scene, caption, mark
from mriexplorer.explorer.state import State
from mriexplorer.subject.derivative import write_beside
from mriexplorer.ui.plane_painter import Look, bar_length, paint, position
from mriexplorer.ui.shapes import shapes
from mriexplorer.ui.theme import IMAGE_BACKGROUND, IMAGE_LETTERS, IMAGE_TEXT, font

ALL = ("axial", "sagittal", "coronal")
_FOOT = 34
_PIXELS_A_MM = 4.0
_BAR = 160
_SIDES = (400, 1600)  # pixels that the longest side of a plane has at least and at most
_NARROW = 620  # pixels; narrower pictures have two lines below


def figure(scene: Scene, state: State, plane: str = "all") -> QImage:
    """One plane, or all three side by side, at one scale, with letters, parameters and what the picture is.

    Where a contrast is pinned, as it is compared with the current one; of a flicker, the current one.
    """
    panes = ab.panes(scene, ALL if plane == "all" else (plane,), state)
    longest = max(edge for pane in panes for edge in _size(pane, 1.0))
    pixels_a_mm = min(max(_PIXELS_A_MM, _SIDES[0] / longest), _SIDES[1] / longest)
    scale = state.zoom * pixels_a_mm
    sizes = [(max(round(columns), 80), round(rows)) for columns, rows in (_size(pane, pixels_a_mm) for pane in panes)]
    height = max(rows for _columns, rows in sizes)
    width = sum(columns for columns, _rows in sizes) + 2 * (len(sizes) - 1)
    foot = _FOOT if width >= _NARROW else 2 * _FOOT
    image = QImage(width, height + foot, QImage.Format.Format_RGB32)
    image.fill(IMAGE_BACKGROUND)
    painter = QPainter(image)
    message, wipe = ab.message(scene, state), state.wipe if panes[0].left is not None else None
    left, bar = 0, bar_length(min(columns for columns, _rows in sizes), scale)
    for pane, (columns, _rows) in zip(panes, sizes, strict=True):
        title, drawn = position(pane, scene, state), shapes(scene, state, pane)
        look = Look(scale, title, (), message, state.smooth, state.crosshair, 10, True, bar=bar, wipe=wipe, shapes=drawn)
        paint(painter, QRectF(left, 0, columns, height), pane, look)
        left += columns + 2
    _foot(painter, QRectF(0, height, width, foot), scene, state)
    painter.end()
    return image


def _size(pane: Pane, pixels_a_mm: float) -> tuple[float, float]:
    rows, columns = pane.face.shape
    across, down = pane.face.spacing
    return columns * across * pixels_a_mm, rows * down * pixels_a_mm


def _foot(painter: QPainter, box: QRectF, scene: Scene, state: State) -> None:
    """The line below: what is shown, the colours of a map, and what the picture is."""
    painter.fillRect(box, QColor("#101317"))
    inner = box.adjusted(12, 0, -12, 0)
    middle = Qt.AlignmentFlag.AlignVCenter
    below = inner
    if box.height() > _FOOT:
        inner, below = inner.adjusted(0, 0, 0, -_FOOT), inner.adjusted(0, _FOOT, 0, 0)
    painter.setFont(font(10))
    painter.setPen(IMAGE_LETTERS)
    named = f"{scene.subject.name} · {' | '.join(ab.lines(scene, state)) if ab.way(scene, state) else caption(state)}"
    painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, named)
    if state.view in ("t1", "t2", "t2star"):
        _colour_bar(painter, inner, state, painter.fontMetrics().horizontalAdvance(named))
    painter.setPen(IMAGE_TEXT)
    painter.drawText(below, Qt.AlignmentFlag.AlignRight | middle, mark(ab.seen(scene, state), scene.subject))


def _colour_bar(painter: QPainter, inner: QRectF, state: State, left: float) -> None:
    low, high = state.window()
    table = colours(state.view, low, high)
    bar = QRectF(inner.left() + left + 64, inner.center().y() - 5, _BAR, 10)
    painter.drawImage(bar, QImage(table.data, len(table), 1, len(table) * 4, QImage.Format.Format_RGB32))
    to_left, to_right = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
    painter.drawText(bar.adjusted(-60, -8, -_BAR - 6, 8), to_left | Qt.AlignmentFlag.AlignVCenter, f"{low * 1000:.0f}")
    text = f"{high * 1000:.0f} ms"
    painter.drawText(bar.adjusted(_BAR + 6, -8, 80, 8), to_right | Qt.AlignmentFlag.AlignVCenter, text)


def save(image: QImage, path: Path) -> None:
    """Write a picture beside, then rename. Raises InputError when that cannot be done."""

    def write(beside: Path) -> None:
        if not image.save(str(beside), "PNG"):
            raise OSError("the picture could not be encoded")

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_beside(path, write)
    except FileExistsError:
        raise InputError(f"{path} could not be written: {path.parent} is not a folder.") from None
    except OSError as error:
        raise InputError(f"{path} could not be written: {error.strerror or error}.") from None
