"""Several cells as one picture: contrasts side by side, several people, or the measured image beside the computed one."""

from dataclasses import replace
from math import ceil, sqrt

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from mriexplorer.figures.cells import cell_states, contrast_look, person_look
from mriexplorer.figures.plane_painter import Look, paint
from mriexplorer.figures.theme import IMAGE_BACKGROUND, IMAGE_LETTERS, IMAGE_TEXT, font
from mriexplorer.render import comparison as ab
from mriexplorer.render.comparison import compared
from mriexplorer.render.scene import NOT_FOR_DIAGNOSIS, RenderedSlice, Scene, mark
from mriexplorer.render.side_by_side import ComparedPerson, contrast_for_all
from mriexplorer.view.display import SIDES
from mriexplorer.view.state import State

_CELL = (480, 440)  # pixels
_FOOT = 34
_EDGE = 24  # pixels around the largest plane, for letters
Cell = tuple[RenderedSlice, Look]


def cells_figure(scene: Scene, state: State, people: tuple[ComparedPerson, ...] = ()) -> QImage:
    """What a layout of several cells shows, each computed one with SYNTHETIC on it."""
    cells = _cells(scene, state, people)
    columns = SIDES.get(state.display.layout) or min(ceil(sqrt(len(cells) * 1.5)), len(cells))
    width, height = columns * (_CELL[0] + 2) - 2, ceil(len(cells) / columns) * (_CELL[1] + 2) - 2
    image = QImage(width, height + _FOOT, QImage.Format.Format_RGB32)
    image.fill(QColor("#1e2329"))
    with QPainter(image) as painter:
        for number in range(columns * ceil(len(cells) / columns)):
            row, column = divmod(number, columns)
            box = QRectF(column * (_CELL[0] + 2), row * (_CELL[1] + 2), *_CELL)
            painter.fillRect(box, IMAGE_BACKGROUND)
            if number < len(cells):
                paint(painter, box, *cells[number])
        _foot(painter, QRectF(0, height, width, _FOOT), _named(scene, state), f"{_made(cells)}{NOT_FOR_DIAGNOSIS}")
    return image


def _cells(scene: Scene, state: State, people: tuple[ComparedPerson, ...]) -> list[Cell]:
    if state.display.layout == "people":
        state = contrast_for_all(state)
        found = [(one.rendered(state), person_look(one, state, 1.0, first=not n)) for n, one in enumerate(people)]
        marks = [_mark(scene if one.whole is None else one.whole, state) for one in people]
    elif state.display.layout in SIDES:
        shown = cell_states(state)[: SIDES[state.display.layout] ** 2]
        found = [
            (ab.rendered(scene, (one.display.plane,), one, f"figure {n}")[0], contrast_look(scene, one, n, 1.0))
            for n, one in enumerate(shown)
        ]
        marks = [_mark(scene, ab.seen(scene, one)) for one in shown]
    else:
        rendered, titles = compared(scene, state)
        message = ab.message(scene, state)
        found = [
            (
                one,
                Look(1.0, title, (), message, state.display.smooth, wipe=state.comparison.wipe if one.left is not None else None),
            )
            for one, title in zip(rendered, titles, strict=True)
        ]
        marks = [_mark(scene, ab.seen(scene, state.with_contrast(view=view))) for view in scene.compared]
    scale = state.display.zoom * min(_fitting(rendered) for rendered, _look in found)
    return [
        (
            rendered,
            replace(
                look, scale=scale, lines=(*look.lines, said), crosshair=look.crosshair and state.display.crosshair, backed=True
            ),
        )
        for (rendered, look), said in zip(found, marks, strict=True)
    ]


def _fitting(rendered: RenderedSlice) -> float:
    rows, columns = rendered.geometry.shape
    across, down = rendered.geometry.spacing
    return min((_CELL[0] - 2 * _EDGE) / (columns * across), (_CELL[1] - 2 * _EDGE) / (rows * down))


def _mark(scene: Scene, state: State) -> str:
    """What a cell must say of itself: SYNTHETIC, TISSUE MAP, MEASURED SCAN."""
    return mark(state, scene.subject).split(" · ")[0]


def _made(cells: list[Cell]) -> str:
    return "SYNTHETIC · " if any("SYNTHETIC" in look.lines for _rendered_slice, look in cells) else ""


def _named(scene: Scene, state: State) -> str:
    return "Several people" if state.display.layout == "people" else scene.subject.name


def _foot(painter: QPainter, box: QRectF, left: str, right: str) -> None:
    painter.fillRect(box, QColor("#101317"))
    inner = box.adjusted(12, 0, -12, 0)
    painter.setFont(font(10))
    painter.setPen(IMAGE_LETTERS)
    painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, left)
    painter.setPen(IMAGE_TEXT)
    painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)
