"""Pictures without a window, by the code that paints the window; each says what it is."""

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from mriexplorer.errors import InputError
from mriexplorer.figures.plane_painter import Look, bar_length, paint
from mriexplorer.figures.roi_painter import shapes
from mriexplorer.figures.theme import IMAGE_BACKGROUND, IMAGE_LETTERS, IMAGE_TEXT, font
from mriexplorer.physics import number_in, time_in
from mriexplorer.render import comparison as ab
from mriexplorer.render.colour import colours
from mriexplorer.render.comparison import titled_slices
from mriexplorer.render.scene import RenderedSlice, Scene, caption, mark
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State
from mriexplorer.view.views import View

ALL = ("axial", "sagittal", "coronal")
SHOWN = (*ALL, "all", "compare")
SCREEN = 96  # dots a inch
DOTS = (SCREEN, 150, 300, 600)
_INCH = 0.0254  # m
_GAP = 2
_FOOT = 34
_PIXELS_A_MM = 4.0
_BAR = 160
_SIDES = (400, 1600)  # pixels that the longest side of a plane has at least and at most
_POINTS = (6.0, 10.0)  # of texts: as small as in print, and as on the screen
_PIXELS_A_POINT = 32.0  # of a plane's width, so that its title does not reach the letter in the middle
LEAST = 190  # pixels of a plane's width, below which texts would run into each other
_NARROW = 620  # pixels; narrower pictures have two lines below


@dataclass(frozen=True)
class Sheet:
    """A figure before it is painted: planes side by side and a line below. Sizes in pixels of a screen (96 a inch)."""

    scene: Scene
    state: State
    rendered: tuple[RenderedSlice, ...]
    looks: tuple[Look, ...]
    columns: tuple[int, ...]
    height: int
    foot: int

    @property
    def width(self) -> int:
        """All planes and the gaps between them."""
        return sum(self.columns) + _GAP * (len(self.columns) - 1)

    @property
    def size(self) -> QSize:
        """Of the whole figure."""
        return QSize(self.width, self.height + self.foot)

    def draw(self, painter: QPainter) -> None:
        """Paint it at the painter's origin."""
        painter.fillRect(QRectF(0, 0, self.width, self.height), IMAGE_BACKGROUND)
        left = 0
        for one, look, columns in zip(self.rendered, self.looks, self.columns, strict=True):
            paint(painter, QRectF(left, 0, columns, self.height), one, look)
            left += columns + _GAP
        _foot(painter, QRectF(0, self.height, self.width, self.foot), self.scene, self.state)


def planes_of(state: State) -> str:
    """What of ``SHOWN`` a figure of the state's layout shows; all planes where a panel stands in their place."""
    return state.display.layout if state.display.layout in SHOWN else "all"


def sheet(
    scene: Scene, state: State, plane: str = "all", longest: int | None = None, line: str = "", width: float | None = None
) -> Sheet:
    """One plane, all three, or those that are compared, at one scale, with letters, parameters and what the picture is.

    ``longest`` are the pixels of the longest side of a plane at zoom 1, or ``width`` those of the whole figure; ``line`` is
    written into the first plane.
    """
    layout = Layout.GRID if plane == "all" else Layout(plane)
    view = View.SIGNAL if layout == Layout.COMPARE else state.view
    state = state.with_display(layout=layout).with_contrast(view=view)
    rendered, titles = titled_slices(scene, state, ALL if plane in ("all", "compare") else (plane,))
    extent = max(edge for one in rendered for edge in _size(one, 1.0))
    pixels_a_mm = longest / extent if longest else min(max(_PIXELS_A_MM, _SIDES[0] / extent), _SIDES[1] / extent)
    if width is not None:
        pixels_a_mm = (width - _GAP * (len(rendered) - 1)) / sum(_size(one, 1.0)[0] for one in rendered)
    scale = state.display.zoom * pixels_a_mm
    sizes = [(max(round(columns), 80), round(rows)) for columns, rows in (_size(one, pixels_a_mm) for one in rendered)]
    columns = tuple(one for one, _rows in sizes)
    bar = bar_length(min(columns), scale)
    message = ab.message(scene, state)
    crosshair = state.display.crosshair and not message
    points = min(max(min(columns) / _PIXELS_A_POINT, _POINTS[0]), _POINTS[1])
    looks = [
        Look(scale, title, (line,) if line and place == 0 else (), message, state.display.smooth, crosshair, points, True,
             bar=bar, wipe=state.comparison.wipe if one.left is not None else None, shapes=shapes(scene, state, one))
        for place, (one, title) in enumerate(zip(rendered, titles, strict=True))
    ]  # fmt: skip
    whole = sum(columns) + _GAP * (len(columns) - 1)
    foot = _FOOT if whole >= _NARROW else 2 * _FOOT
    return Sheet(scene, state, rendered, tuple(looks), columns, max(rows for _columns, rows in sizes), foot)


def figure(scene: Scene, state: State, plane: str = "all", dots: int = SCREEN) -> QImage:
    """The picture of a sheet, with ``dots`` a inch: texts, lines and image grow alike."""
    return painted(sheet(scene, state, plane), dots)


def painted(drawn: Sheet, dots: int = SCREEN) -> QImage:
    """A sheet as pixels. Raises InputError where they are too many."""
    factor = dots / SCREEN
    image = QImage(round(drawn.size.width() * factor), round(drawn.size.height() * factor), QImage.Format.Format_RGB32)
    if image.isNull():
        raise InputError("the figure is larger than can be painted; choose a lower resolution.")
    image.fill(IMAGE_BACKGROUND)
    with QPainter(image) as painter:
        painter.scale(factor, factor)
        drawn.draw(painter)
    image.setDotsPerMeterX(round(dots / _INCH))
    image.setDotsPerMeterY(round(dots / _INCH))
    image.setText("Description", _described(drawn))
    return image


def _described(drawn: Sheet) -> str:
    return f"{drawn.scene.subject.name} · {caption(drawn.state)} · {mark(drawn.state, drawn.scene.subject)}"


def as_svg(drawn: Sheet) -> bytes:
    """A sheet as the content of an SVG file: texts are texts, each plane is one embedded raster of its voxels."""
    from PySide6.QtSvg import QSvgGenerator

    packed = QBuffer()  # the generator does not tell of a full disk
    packed.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the older one cannot clip
    generator.setOutputDevice(packed)
    generator.setResolution(SCREEN)
    generator.setSize(drawn.size)
    generator.setViewBox(QRect(QPoint(0, 0), drawn.size))
    generator.setTitle("Figure by mriexplorer")
    generator.setDescription(_described(drawn))
    with QPainter(generator) as painter:
        drawn.draw(painter)
    return bytes(packed.data().data())


def _size(rendered: RenderedSlice, pixels_a_mm: float) -> tuple[float, float]:
    rows, columns = rendered.geometry.shape
    across, down = rendered.geometry.spacing
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
    needed = painter.fontMetrics().horizontalAdvance(named)
    painter.setFont(font(max(10 * min(0.95 * inner.width() / needed, 1), _POINTS[0])))
    painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle | Qt.TextFlag.TextWordWrap, named)  # two lines where it must
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
    painter.drawText(
        bar.adjusted(-60, -8, -_BAR - 6, 8), to_left | Qt.AlignmentFlag.AlignVCenter, number_in(low, 0, state.appearance.times)
    )
    text = time_in(high, 0, state.appearance.times)
    painter.drawText(bar.adjusted(_BAR + 6, -8, 80, 8), to_right | Qt.AlignmentFlag.AlignVCenter, text)
