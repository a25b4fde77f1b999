"""The line below: the numbers under the cursor, the frame time, and what the picture is."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mriexplorer.figures.theme import Theme, font, theme
from mriexplorer.physics import TimeUnit, number_in, time_in
from mriexplorer.render.scene import Reading, Scene, mark
from mriexplorer.ui.window.redraw import Redraw
from mriexplorer.view.state import State

# What is written, and the widest text that its column must hold, so that nothing jumps while numbers change.
_COLUMNS = (
    ("mm", "−188.8 −188.8 −188.8 mm"),
    ("voxel", "voxel 888 888 888"),
    ("T1", "T1 8888 ms"),
    ("T2", "T2 8888.8 ms"),
    ("T2*", "T2* 8888.8 ms"),
    ("PD", "PD 8.88"),
    ("signal", "difference −8.8888"),
)
_WIDER = " ±88 %"


class Readout(QWidget):
    """Draws its texts in fixed columns; a label for each would lay the window out anew at every number."""

    def __init__(self, read: Callable[[Scene, State], tuple[Reading, State]], redraw: Redraw) -> None:
        super().__init__()
        self._read, self._redraw = read, redraw
        self._texts = [""] * len(_COLUMNS)
        self._of: tuple[object, ...] = ()  # what all texts but the last are of
        self._unsure = False  # encoded maps: each value with its interval, in wider columns
        self._frame = ""
        self._mark = ""
        self._colours: Theme = theme("dark")
        self.setObjectName("bar")
        self.setFixedHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Values under the cursor")
        self.setToolTip("Place in millimetres and voxel of the file; T1, T2, PD and signal there; time to compute and paint")

    def sizeHint(self) -> QSize:
        return QSize(900, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(400, 28)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._colours = theme(name)
        self.update()

    @property
    def text(self) -> str:
        """Everything that is written, for screen readers and tests."""
        return " · ".join(text for text in (*self._texts, self._frame, self._mark) if text)

    def show_state(self, scene: Scene, state: State) -> None:
        """Write the numbers under the pointer, else under the crosshair."""
        reading, seen = self._read(scene, state)
        made, times = mark(seen, scene.subject), seen.appearance.times
        place = (reading.mm, reading.voxel, reading.t1, reading.t2, reading.t2star, reading.pd, reading.uncertainty, times)
        shown = "–" if reading.signal is None else f"{reading.signal:.4f}".replace("-", "−")
        kept = self._texts[:-1] if place == self._of else _place_texts(reading, times)  # a slider moves the signal alone
        texts = [*kept, f"{reading.what} {shown}"]
        if texts != self._texts or made != self._mark:
            self._texts, self._mark, self._of, self._unsure = texts, made, place, bool(reading.uncertainty)
            self.setAccessibleDescription(self.text)
            self.update()

    def show_frame(self, at: float) -> None:
        """Write how long it took from the change of the state to the painted planes, which was ``at`` (s, perf_counter)."""
        text = f"drawn in {(at - self._redraw.began) * 1000:.1f} ms"
        if text != self._frame:
            self._frame = text
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self._colours.panel))
            painter.setFont(font(9.5))
            metrics = painter.fontMetrics()
            x = 10.0
            left, middle = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(self._colours.text))
            for text, (name, widest) in zip(self._texts, _COLUMNS, strict=True):
                if not text and name == "T2*":  # a subject without that map does without the column
                    continue
                wide = widest + _WIDER if self._unsure and name in ("T1", "T2", "PD") else widest
                width = metrics.horizontalAdvance(wide) + 12
                painter.drawText(QRectF(x, 0, width, self.height()), left | middle, text)
                x += width
            right = f"{self._frame}    {self._mark}"
            painter.setPen(QColor(self._colours.muted))
            painter.drawText(QRectF(x, 0, self.width() - x - 10, self.height()), Qt.AlignmentFlag.AlignRight | middle, right)


def _place_texts(reading: Reading, times: TimeUnit) -> list[str]:
    """Where it is, and what the maps have there."""
    x, y, z = (f"{v:+.1f}".replace("-", "−") for v in reading.mm)
    here = reading.t1 > 0
    return [
        f"{x} {y} {z} mm",
        "voxel " + " ".join(map(str, reading.voxel)),
        f"T1 {number_in(reading.t1, 0, times)}{_unsure(reading, 't1')} {times}" if here else "T1 –",
        f"T2 {number_in(reading.t2, 1, times)}{_unsure(reading, 't2')} {times}" if reading.t2 > 0 else "T2 –",
        f"T2* {time_in(reading.t2star, 1, times)}" if reading.t2star else "",
        f"PD {reading.pd:.2f}{_unsure(reading, 'pd')}" if here else "PD –",
    ]


def _unsure(reading: Reading, kind: str) -> str:
    """Half the 90 % interval of an encoded value: `` ±5 %``."""
    return f" ±{reading.uncertainty[kind]:.0%}".replace("%", " %") if kind in reading.uncertainty else ""
