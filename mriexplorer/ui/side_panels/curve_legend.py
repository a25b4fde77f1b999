"""The key of the curves: a sample of each line, its tissue, and its value now."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mriexplorer.figures.theme import font

_WIDE = 440  # pixels, from which there is room for longer samples


class CurveLegend(QWidget):
    """One line of samples, names and numbers; or a sentence in their place."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(font(9))
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.texts: tuple[str, ...] = ()
        self._pens: tuple[QPen, ...] = ()

    def sizeHint(self) -> QSize:
        return QSize(200, 18)

    def show_values(self, names: Sequence[str], values: Sequence[float | None], pens: Sequence[QPen]) -> None:
        """Names with their values; None where there is none."""
        self._show(tuple(f"{n} {_number(v)}" for n, v in zip(names, values, strict=True)), tuple(pens))

    def show_text(self, sentence: str) -> None:
        """Why there are no curves."""
        self._show((sentence,), ())

    def _show(self, texts: tuple[str, ...], pens: tuple[QPen, ...]) -> None:
        if (texts, pens) != (self.texts, self._pens):
            self.texts, self._pens = texts, pens
            self.setAccessibleName("Curves: " + ", ".join(texts))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            metrics, x, middle = painter.fontMetrics(), 0.0, self.height() / 2
            sample, gap = (18, 12) if self.width() >= _WIDE else (12, 4)
            for n, text in enumerate(self.texts):
                if self._pens:
                    painter.setPen(self._pens[n])
                    painter.drawLine(round(x), round(middle), round(x + sample), round(middle))
                    x += sample + 5
                painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
                # As wide as the widest number, so that nothing moves under a slider.
                name = text.rsplit(" ", 1)[0]
                width = metrics.horizontalAdvance(f"{name} −0.000") if self._pens else self.width()
                flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(QRectF(x, 0, width, self.height()), flags, text)
                x += width + gap


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}".replace("-", "−")
