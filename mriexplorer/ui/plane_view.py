"""One plane on the screen: paints a pane, and says what the mouse and the keys wish."""

from dataclasses import replace
from time import perf_counter

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mriexplorer.explorer.scene import Pane
from mriexplorer.ui.mouse import BINDINGS, action
from mriexplorer.ui.plane_painter import LOWER, Look, fitting, image_rect, paint, to_place

Place = tuple[float, float]


class PlaneView(QWidget):
    """Shows one pane. Places in its signals are (column, row) of the plane."""

    cursor_wished = Signal(object)  # Place
    nudged = Signal(int, int)  # voxels across and up
    scrolled = Signal(int)  # slices
    zoomed = Signal(float)
    panned = Signal(object)  # Place that should come to the middle
    window_dragged = Signal(float, float)
    contrast_dragged = Signal(float, float, bool)  # across, up, other parameter
    drag_ended = Signal()
    hovered = Signal(object)  # Place, or None when the pointer leaves
    enlarged = Signal()
    painted = Signal(float)  # perf_counter at the end
    resized = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.plane = name  # what it shows now: places are of this plane
        self.tool = "cursor"
        self.bindings = BINDINGS
        self.wheel_zooms = False  # without Ctrl; with it, the other way round
        self._pane: Pane | None = None
        self._look: Look | None = None
        self._drag: str | None = None
        self._last = QPointF()
        self._turned = 0.0
        self.setAccessibleName(f"{name.capitalize()} plane")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(400, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def fit(self, pane: Pane) -> float:
        """Pixels a millimetre at which ``pane`` fits this widget."""
        return fitting(pane, self.width(), self.height())

    def show_pane(self, pane: Pane, look: Look) -> None:
        """Paint this from now on. Where only colours and lines changed, the rest of the plane is not painted again."""
        before, looked, self._pane, self._look = self._pane, self._look, pane, look
        moved = before is None or before.face is not pane.face or before.cursor != pane.cursor or before.centre != pane.centre
        if moved or looked is None or replace(looked, lines=look.lines) != look:
            self.update()
            return
        self.update(image_rect(pane, QRectF(self.rect()), look.scale).toAlignedRect())
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
        painter = QPainter(self)
        if self._pane is not None and self._look is not None:
            paint(painter, QRectF(self.rect()), self._pane, replace(self._look, focused=self.hasFocus()), event.region())
        else:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        painter.end()
        self.painted.emit(perf_counter())

    def _place(self, point: QPointF) -> Place | None:
        if self._pane is None or self._look is None:
            return None
        return to_place(self._pane, QRectF(self.rect()), self._look.scale, point)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag = action(event.button(), event.modifiers(), self.tool, self.bindings)
        self._last = event.position()
        if self._drag == "cursor":
            self.cursor_wished.emit(self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if place is None:
            return
        moved = event.position() - self._last
        across, up = moved.x() / max(self.width(), 1), -moved.y() / max(self.height(), 1)
        if self._drag == "cursor":
            self.cursor_wished.emit(place)
        elif self._drag == "window":
            self.window_dragged.emit(across, up)
        elif self._drag in ("contrast", "contrast2"):
            self.contrast_dragged.emit(across, up, self._drag == "contrast2")
        elif self._drag == "pan":
            self.panned.emit(self._place(QPointF(self.rect().center()) - moved))
        self.hovered.emit(place)
        self._last = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.drag_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.enlarged.emit()

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {
            keys.Key_Left: (-1, 0),
            keys.Key_Right: (1, 0),
            keys.Key_Up: (0, 1),
            keys.Key_Down: (0, -1),
        }
        slices = {keys.Key_PageUp: 1, keys.Key_PageDown: -1}
        if event.key() in steps and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.nudged.emit(*steps[event.key()])
        elif event.key() in slices:
            self.scrolled.emit(slices[event.key()])
        else:
            super().keyPressEvent(event)
