"""One plane on the screen: paints a pane, and says what the mouse and the keys wish."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
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

from mriexplorer.figures.plane_painter import LOWER, Look, fitting, paint, tissue_rect, to_place
from mriexplorer.render.scene import RenderedSlice
from mriexplorer.session.drawing import TOOLS
from mriexplorer.ui.window.mouse import BINDINGS, action

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
Gripping = Callable[[Place, float], bool]  # of a place, and of the millimetres that a pixel takes


def _nothing(_place: Place, _mm_a_pixel: float) -> bool:
    return False


class PlaneView(QWidget):
    """Shows one pane. Places in its signals are (column, row) of the plane."""

    cursor_requested = Signal(object)  # Place
    nudged = Signal(int, int)  # voxels across and up
    scrolled = Signal(int)  # slices
    zoomed = Signal(float)
    panned = Signal(object)  # Place that should come to the middle
    window_dragged = Signal(float, float)
    contrast_dragged = Signal(float, float, bool)  # across, up, other parameter
    drag_ended = Signal()
    hovered = Signal(object)  # Place, or None when the pointer leaves
    enlarged = Signal()
    pressed = Signal()  # before what the press wishes
    menu_requested = Signal(object)  # QPoint on the screen: a right click that was no drag
    numbered = Signal(int)  # a digit key
    wiped = Signal(float)  # the divider, in fractions of the width
    painted = Signal(float)  # perf_counter at the end
    resized = Signal()
    drawn = Signal(str, object)  # a gesture of ``explorer.drawing``, and its Place

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
        self.installEventFilter(self)
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

    def fit(self, rendered: RenderedSlice) -> float:
        """Pixels a millimetre at which ``rendered`` fits this widget."""
        return fitting(rendered, self.width(), self.height())

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
        self.painted.emit(perf_counter())

    def _place(self, point: QPointF) -> Place | None:
        if self._rendered_slice is None or self._look is None or self._look.bare:
            return None
        return to_place(self._rendered_slice, QRectF(self.rect()), self._look.scale, point)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        self._drag = action(event.button(), event.modifiers(), self.tool, self.bindings)
        self._last = self._began = event.position()
        place = self._place(event.position())
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_divider(event.position()):
            self._drag = "wipe"
        elif self._drag in ("cursor", "profile") and place is not None and self._look and self.takes(place, 1 / self._look.scale):
            self._drag = "grip"
        elif self._drag == "cursor" and place is not None:
            self.cursor_requested.emit(place)
        elif self._drag in TOOLS:
            self.drawn.emit("press", place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if place is None:
            return
        moved = event.position() - self._last
        across, up = moved.x() / max(self.width(), 1), -moved.y() / max(self.height(), 1)
        if self._drag == "cursor":
            self.cursor_requested.emit(place)
        elif self._drag == "wipe":
            self.wiped.emit(event.position().x() / max(self.width(), 1))
        elif self._drag == "window":
            self.window_dragged.emit(across, up)
        elif self._drag in ("contrast", "contrast2"):
            self.contrast_dragged.emit(across, up, self._drag == "contrast2")
        elif self._drag in _DRAWING:
            self.drawn.emit("move", place)
        elif self._drag is None and self.tool in TOOLS:
            self.drawn.emit("hover", place)
        elif self._drag == "pan":
            self.panned.emit(self._place(QPointF(self.rect().center()) - moved))
        self.hovered.emit(place)
        self._last = event.position()
        if self._drag in (None, "wipe") and self.tool not in TOOLS:
            self._show_grip(event.position(), place)

    def _show_grip(self, point: QPointF, place: Place) -> None:
        """A pointer that says that something can be moved: the divider, a region, a line's end."""
        shape = Qt.CursorShape.ArrowCursor
        if self._drag == "wipe" or self._is_on_divider(point):
            shape = Qt.CursorShape.SplitHCursor
        elif self.tool == "cursor" and self._look is not None and self.grips(place, 1 / self._look.scale):
            shape = Qt.CursorShape.SizeAllCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        ended, self._drag = self._drag, None
        if ended in _DRAWING:
            self.drawn.emit("release", None)
        self.drag_ended.emit()
        still = (event.position() - self._began).manhattanLength() < QApplication.startDragDistance()
        if event.button() == Qt.MouseButton.RightButton and still:
            self.menu_requested.emit(event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:  # the right button drags; its click is seen at its release
            self.menu_requested.emit(self.mapToGlobal(self.rect().center()))

    def _is_on_divider(self, point: QPointF) -> bool:
        wipe = self._look.wipe if self._look is not None else None
        return wipe is not None and abs(point.x() - wipe * self.width()) <= _GRIP

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.tool in TOOLS:
            self.drawn.emit("close", None)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.enlarged.emit()

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)
        self.drawn.emit("leave", None)

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
                self.scrolled.emit(slices)
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        digit = isinstance(event, QKeyEvent) and event.text() in tuple("123456789")
        if event.type() == QEvent.Type.ShortcutOverride and self.takes_digits and digit:
            event.accept()  # digits are shortcuts of the window elsewhere
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_0
        if event.key() in _KEYS and self.tool in TOOLS:
            self.drawn.emit(_KEYS[event.key()], None)
        elif self.takes_digits and 1 <= digit <= 9 and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.numbered.emit(digit)
        elif event.key() in _STEPS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.nudged.emit(*_STEPS[event.key()])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enlarged.emit()
        elif event.key() in _SLICES:
            self.scrolled.emit(_SLICES[event.key()])
        elif event.key() == Qt.Key.Key_Delete:
            self.drawn.emit("remove", None)
        else:
            super().keyPressEvent(event)
