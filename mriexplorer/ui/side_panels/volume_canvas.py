"""3-D on the screen: paints frames, and tells what the mouse and the keys ask for."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mriexplorer.figures.volume_painter import Legend, paint
from mriexplorer.view.camera import Camera

_TURN = 180.0  # degrees of a drag over the whole height
_KEY = 6.0  # degrees a press
_NEARER = 1.15
_TURNS: Mapping[int, tuple[float, float]] = {
    Qt.Key.Key_Left: (-_KEY, 0),
    Qt.Key.Key_Right: (_KEY, 0),
    Qt.Key.Key_Up: (0, -_KEY),
    Qt.Key.Key_Down: (0, _KEY),
}
_NOTHING = Legend((), "", None)


class VolumeCanvas(QWidget):
    """Shows one frame with its legend. What is asked for is a camera."""

    camera_requested = Signal(object)  # Camera
    drag_ended = Signal()
    enlarged = Signal()
    resized = Signal()
    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._camera = Camera()
        self._frame: QImage | None = None
        self._legend = _NOTHING
        self._drag: str | None = None
        self._last = QPointF()
        self.installEventFilter(self)
        self.setAccessibleName("3-D view of the head")
        self.setAccessibleDescription("Arrow keys turn, plus and minus zoom, 0 goes back")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(400, 288)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 96)

    @property
    def legend(self) -> Legend:
        """What is written."""
        return self._legend

    @property
    def frame(self) -> QImage | None:
        """What is shown."""
        return self._frame

    @property
    def pixels(self) -> tuple[int, int]:
        """Device pixels across and down."""
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def look_from(self, camera: Camera) -> None:
        """Where turns start from: the camera of the state, which may be ahead of the frame."""
        self._camera = camera

    def show_frame(self, frame: QImage | None, legend: Legend) -> None:
        """Paint this from now on."""
        self._frame, self._legend = frame, legend
        self.update()

    def say(self, message: str) -> None:
        """Paint a sentence instead of a frame."""
        self._legend = replace(self._legend, message=message)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint(painter, QRectF(self.rect()), self._frame, replace(self._legend, focused=self.hasFocus()))
        self.painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # -- mouse and keys ----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        drags = {Qt.MouseButton.LeftButton: "pan" if shifted else "turn", Qt.MouseButton.MiddleButton: "pan"}
        self._drag = drags.get(event.button())
        self._last = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        moved = (event.position() - self._last) / max(self.height(), 1)
        self._last = event.position()
        if self._drag == "turn":
            self.camera_requested.emit(self._camera.turned(_TURN * moved.x(), _TURN * moved.y()))
        elif self._drag == "pan":
            self.camera_requested.emit(self._camera.panned(moved.x(), -moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.drag_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.enlarged.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.camera_requested.emit(self._camera.zoomed(_NEARER ** (event.angleDelta().y() / 120)))
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Under focus, the keys of 3-D go before the shortcuts of the menus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._requested(event) is not None:
            event.accept()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        requested = self._requested(event)
        if requested is None:
            super().keyPressEvent(event)
        else:
            self.camera_requested.emit(requested)

    def _requested(self, event: QKeyEvent) -> Camera | None:
        """The camera that a key leads to."""
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return None
        keys, camera, key = Qt.Key, self._camera, event.key()
        if key in _TURNS:
            return camera.turned(*_TURNS[key])
        if key in (keys.Key_Plus, keys.Key_Equal):
            return camera.zoomed(_NEARER)
        if key == keys.Key_Minus:
            return camera.zoomed(1 / _NEARER)
        return Camera() if key == keys.Key_0 else None
