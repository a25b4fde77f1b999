"""One plane on the screen: paints a rendered slice, and tells what the mouse and the keys ask for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from mriexplorer.figures.plane_painter import LOWER, Look, paint, tissue_rect, to_place
from mriexplorer.render.scene import RenderedSlice
from mriexplorer.session.drawing import TOOLS
from mriexplorer.ui.planes.mouse import BINDINGS, action

Place = tuple[float, float]
_GRIP = 6  # pixels to either side of the divider
_DRAWING = (*TOOLS, "grip")
_KEYS: Mapping[int, str] = {  # of what is being drawn
    Qt.Key.Key_Return: "close",
    Qt.Key.Key_Enter: "close",
    Qt.Key.Key_Escape: "abandon",
    Qt.Key.Key_Backspace: "back",
    Qt.Key.Key_BracketLeft: "smaller",
    Qt.Key.Key_BracketRight: "larger",
}

_STEPS: Mapping[int, tuple[int, int]] = {  # voxels across and up
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_SLICES: Mapping[int, int] = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}
Gripping = Callable[[str, str, Place, float], object]  # plane, tool, place, and the millimetres that a pixel takes


def _nothing(_plane: str, _tool: str, _place: Place, _mm_a_pixel: float) -> bool:
    return False


class PlaneView(QWidget):
    """Shows one rendered slice. Signals that tell of a plane begin with the view; places are (column, row) of its plane."""

    cursor_requested = Signal(object, object)  # view, Place
    nudged = Signal(str, int, int, int)  # plane, voxels across, up, and through the slices
    zoomed = Signal(float)
    panned = Signal(object, object)  # view, Place that should come to the middle
    window_dragged = Signal(float, float)
    contrast_dragged = Signal(float, float, bool)  # across, up, other parameter
    drag_ended = Signal()
    hovered = Signal(object, object)  # view, Place, or None when the pointer leaves
    enlarged = Signal(object)  # view
    pressed = Signal(object)  # view; before what the press asks for
    menu_requested = Signal(object, object)  # view, QPoint on the screen: a right click that was no drag
    numbered = Signal(int)  # a digit key
    wiped = Signal(float)  # the divider, in fractions of the width
    painted = Signal(object, float)  # view, perf_counter at the end
    resized = Signal()
    drawn = Signal(str, str, str, object)  # a gesture of ``session.drawing``, plane, tool, Place

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.plane = name  # what it shows now: places are of this plane
        self.tool = "cursor"
        self.grips: Gripping = _nothing  # whether there is something to take hold of
        self.takes: Gripping = _nothing  # to take hold of it
        self.bindings = BINDINGS
        self.wheel_zooms = False  # without Ctrl; with it, the other way round
        self._rendered_slice: RenderedSlice | None = None
        self._look: Look | None = None
        self._drag: str | None = None
        self._last = QPointF()
        self._began = QPointF()
        self._turned = 0.0
        self.takes_digits = False
        self.setAccessibleName(f"{name.capitalize()} plane")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(400, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def show_slice(self, rendered: RenderedSlice, look: Look) -> None:
        """Paint this from now on. Where only colours and lines changed, the rest of the plane is not painted again."""
        before, looked, self._rendered_slice, self._look = self._rendered_slice, self._look, rendered, look
        moved = before is None or (before.geometry is not rendered.geometry or before.extent != rendered.extent
                                   or before.cursor != rendered.cursor or before.centre != rendered.centre)  # fmt: skip
        if moved or looked is None or replace(looked, lines=look.lines) != look:
            self.update()
            return
        self.update(tissue_rect(rendered, QRectF(self.rect()), look.scale).toAlignedRect())
        if looked.lines != look.lines:
            self.update(0, self.height() - LOWER, self.width() // 2, LOWER)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self._rendered_slice is not None and self._look is not None:
                paint(
                    painter,
                    QRectF(self.rect()),
                    self._rendered_slice,
                    replace(self._look, focused=self.hasFocus()),
                    event.region(),
                )
            else:
                painter.fillRect(self.rect(), Qt.GlobalColor.black)
        self.painted.emit(self, perf_counter())

    def _place(self, point: QPointF) -> Place | None:
        if self._rendered_slice is None or self._look is None or self._look.bare:
            return None
        return to_place(self._rendered_slice, QRectF(self.rect()), self._look.scale, point)

    def _draw(self, gesture: str, place: Place | None = None) -> None:
        self.drawn.emit(gesture, self.plane, self.tool, place)

    def _holds(self, grip: Gripping, place: Place | None) -> bool:
        """Whether there is something at a place that can be taken hold of."""
        return place is not None and self._look is not None and bool(grip(self.plane, self.tool, place, 1 / self._look.scale))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit(self)
        self._drag = action(event.button(), event.modifiers(), self.tool, self.bindings)
        self._last = self._began = event.position()
        place = self._place(event.position())
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_divider(event.position()):
            self._drag = "wipe"
        elif self._drag in ("cursor", "profile") and self._holds(self.takes, place):
            self._drag = "grip"
        elif self._drag == "cursor" and place is not None:
            self.cursor_requested.emit(self, place)
        elif self._drag in TOOLS:
            self._draw("press", place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if place is None:
            return
        moved = event.position() - self._last
        across, up = moved.x() / max(self.width(), 1), -moved.y() / max(self.height(), 1)
        if self._drag == "cursor":
            self.cursor_requested.emit(self, place)
        elif self._drag == "wipe":
            self.wiped.emit(event.position().x() / max(self.width(), 1))
        elif self._drag == "window":
            self.window_dragged.emit(across, up)
        elif self._drag in ("contrast", "contrast2"):
            self.contrast_dragged.emit(across, up, self._drag == "contrast2")
        elif self._drag in _DRAWING:
            self._draw("move", place)
        elif self._drag is None and self.tool in TOOLS:
            self._draw("hover", place)
        elif self._drag == "pan":
            self.panned.emit(self, self._place(QPointF(self.rect().center()) - moved))
        self.hovered.emit(self, place)
        self._last = event.position()
        if self._drag in (None, "wipe") and self.tool not in TOOLS:
            self._show_grip(event.position(), place)

    def _show_grip(self, point: QPointF, place: Place) -> None:
        """A pointer that says that something can be moved: the divider, a region, a line's end."""
        shape = Qt.CursorShape.ArrowCursor
        if self._drag == "wipe" or self._is_on_divider(point):
            shape = Qt.CursorShape.SplitHCursor
        elif self.tool == "cursor" and self._holds(self.grips, place):
            shape = Qt.CursorShape.SizeAllCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        ended, self._drag = self._drag, None
        if ended in _DRAWING:
            self._draw("release")
        self.drag_ended.emit()
        still = (event.position() - self._began).manhattanLength() < QApplication.startDragDistance()
        if event.button() == Qt.MouseButton.RightButton and still:
            self.menu_requested.emit(self, event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:  # the right button drags; its click is seen at its release
            self.menu_requested.emit(self, self.mapToGlobal(self.rect().center()))

    def _is_on_divider(self, point: QPointF) -> bool:
        wipe = self._look.wipe if self._look is not None else None
        return wipe is not None and abs(point.x() - wipe * self.width()) <= _GRIP

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.tool in TOOLS:
            self._draw("close")
        elif event.button() == Qt.MouseButton.LeftButton:
            self.enlarged.emit(self)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(self, None)
        self._draw("leave")

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if held != self.wheel_zooms:
            self.zoomed.emit(1.15**turns)
        else:  # touchpads send many small turns: a slice is a whole one
            self._turned += turns
            slices = int(self._turned)
            self._turned -= slices
            if slices:
                self.nudged.emit(self.plane, 0, 0, slices)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_0
        if event.key() in _KEYS and self.tool in TOOLS:
            self._draw(_KEYS[event.key()])
        elif self.takes_digits and 1 <= digit <= 9 and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.numbered.emit(digit)
        elif event.key() in _STEPS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.nudged.emit(self.plane, *_STEPS[event.key()], 0)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enlarged.emit(self)
        elif event.key() in _SLICES:
            self.nudged.emit(self.plane, 0, 0, _SLICES[event.key()])
        elif event.key() == Qt.Key.Key_Delete:
            self._draw("remove")
        else:
            super().keyPressEvent(event)
