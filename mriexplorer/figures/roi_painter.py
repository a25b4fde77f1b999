"""Regions, the line, and what is being drawn, as thin strokes on a plane, each with its name."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from mriexplorer.figures.theme import font
from mriexplorer.measure.masks import lies_in
from mriexplorer.measure.outline import Outline, open_path, roi_outlines
from mriexplorer.render.scene import RenderedSlice, Scene
from mriexplorer.render.slices import SliceGeometry
from mriexplorer.session.drawing import TAG, Draft
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.region import Line
from mriexplorer.view.state import State

COLOURS = tuple(QColor(c) for c in ("#f2b33d", "#62c98a", "#e683c9", "#f0785e", "#a894f6", "#c3d152", "#e0a98a", "#6fd3c8"))
LINE_COLOUR = QColor("#e8edf2")
_DARK = QColor(0, 0, 0, 170)
_SIMPLE = 150  # points; what has more is drawn without a dark border, which would take long
_END = 3.5  # pixels, half the size of the line's ends


@dataclass(frozen=True, eq=False)
class Shape:
    """Strokes in (column, row) of a plane. ``text`` stands above ``tag``; ``ends`` are marked by squares."""

    path: QPainterPath
    colour: QColor
    text: str = ""
    tag: tuple[float, float] = (0.0, 0.0)
    selected: bool = False
    dashed: bool = False
    ends: tuple[tuple[float, float], ...] = ()


def shapes(scene: Scene, state: State, rendered: RenderedSlice, draft: Draft | None = None) -> tuple[Shape, ...]:
    """What is to be drawn on a plane; the same objects as long as they stay the same."""
    measured = state.measurement
    if not measured.regions and measured.line is None and draft is None:
        return ()
    return tuple(_shapes(scene, state, rendered.geometry, draft))


def _shapes(scene: Scene, state: State, geometry: SliceGeometry, draft: Draft | None) -> Iterator[Shape]:
    at = scene.voxel(state)
    for region in state.measurement.regions:
        shape = roi_outlines(scene).of(region, geometry, at)
        if shape is not None:
            over = region.kind in ("tissue", "threshold") and region.colour % 2 == 1
            yield _of_region(shape, region.name, region.colour, region.name in state.measurement.selected, over)
    line = state.measurement.line
    if line is not None and line.plane == geometry.plane.name and lies_in(geometry.grid, geometry.plane, line.start, at):
        yield _of_line(*_places(geometry, line.start, line.end))
    if draft is not None and draft.plane == geometry.plane.name:
        yield from _of_draft(scene, state, geometry, draft)


@lru_cache(maxsize=128)
def _of_region(shape: Outline, name: str, colour: int, selected: bool, over: bool) -> Shape:
    """Every other tissue is dashed: two that touch share a border, and both should be seen there."""
    return Shape(_path(shape.strokes), COLOURS[colour], name, shape.tag, selected, dashed=over)


@lru_cache(maxsize=16)
def _of_line(start: tuple[float, float], end: tuple[float, float]) -> Shape:
    return Shape(_path((np.array([start, end]),)), LINE_COLOUR, ends=(start, end))


def _of_draft(scene: Scene, state: State, geometry: SliceGeometry, draft: Draft) -> Iterator[Shape]:
    if draft.tool == "polygon":
        if not lies_in(geometry.grid, geometry.plane, draft.points[0], scene.voxel(state)):
            return
        corners = _places(geometry, *draft.points, *((draft.hover,) if draft.hover else ()))
        yield Shape(_path((np.array(corners),)), LINE_COLOUR, dashed=True, ends=corners[: len(draft.points)])
        return
    made = draft.shape(geometry)
    if isinstance(made, Line):
        yield _of_line(*_places(geometry, made.start, made.end))
    elif made is not None:
        shape = roi_outlines(scene).of(made, geometry, scene.voxel(state))
        if shape is not None:
            yield Shape(_path(shape.strokes), LINE_COLOUR, dashed=True)


def _places(geometry: SliceGeometry, *points: Millimetres) -> tuple[tuple[float, float], ...]:
    return tuple((float(column), float(row)) for column, row in open_path(geometry, points))


def _path(strokes: tuple[np.ndarray, ...]) -> QPainterPath:
    path = QPainterPath()
    for stroke in strokes:
        path.moveTo(*map(float, stroke[0]))
        for point in stroke[1:]:
            path.lineTo(*map(float, point))
    return path


def draw_shapes(painter: QPainter, to_screen: QTransform, listed: tuple[Shape, ...]) -> None:
    """Draw shapes; ``to_screen`` takes (column, row) to pixels. Those that are selected are drawn thicker."""
    for shape in listed:
        path = to_screen.map(shape.path)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        simple = path.elementCount() < _SIMPLE
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, simple)
        if simple and not shape.dashed:
            painter.setPen(QPen(_DARK, 4 if shape.selected else 3))
            painter.drawPath(path)
        pen = QPen(shape.colour, 2 if shape.selected else 1.25 if simple else 1)
        pen.setStyle(Qt.PenStyle.DashLine if shape.dashed else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.drawPath(path)
        for end in shape.ends:
            at = to_screen.map(QPointF(*end))
            painter.fillRect(QRectF(at.x() - _END, at.y() - _END, 2 * _END, 2 * _END), shape.colour)
    _write_names(painter, to_screen, [shape for shape in listed if shape.text])


def _write_names(painter: QPainter, to_screen: QTransform, named: list[Shape]) -> None:
    """The names above their shapes; where two would lie on each other, the later one moves aside."""
    painter.setFont(font(9, bold=True))
    whole = painter.clipBoundingRect()
    edge, middle = whole.top() + 2, whole.center().x()
    taken = [QRectF(middle - 8, whole.top(), 16, 24), QRectF(middle - 8, whole.bottom() - 24, 16, 24)]  # letters of the sides
    for shape in named:
        at, width = to_screen.map(QPointF(*shape.tag)), painter.fontMetrics().horizontalAdvance(shape.text) + 6
        box = QRectF(at.x() - width / 2, at.y() - TAG - 7, width, 14)
        box.moveTop(max(box.top(), edge))
        while (other := next((one for one in taken if one.intersects(box)), None)) is not None:
            box.moveLeft(other.right() + 1)
        taken.append(box)
        _write_name(painter, box, shape)


def _write_name(painter: QPainter, box: QRectF, shape: Shape) -> None:
    painter.fillRect(box, shape.colour if shape.selected else _DARK)
    painter.setPen(QColor("#000000") if shape.selected else shape.colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shape.text)
