"""Four small plots: a person's volumes on real people's curves over age, bands from the 5th to the 95th centile."""

import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mriexplorer.figures.theme import GRID, font, theme
from mriexplorer.measure.norm_bands import NormBands, bands
from mriexplorer.measure.norms import BANDS, SEXES, Norms
from mriexplorer.measure.volumetry_sheet import PARTS, SHARE, VolumetrySheet, centile_words
from mriexplorer.ui.widgets.plots import dress_axes, keep_still

_DRAWN = ("brain", "ventricles", "wm", "gm")
_ROOM = 0.08  # of the values' range, left free
_OPACITY = (40, 70)  # of the wide and the narrow band
_DOT = 9  # pixels
_HEIGHT = 290


class NormPlots(QWidget):
    """Two by two. ``texts`` are their titles, ``dots`` where the person is (age, %), by part."""

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        self._view = pg.GraphicsLayoutWidget()
        self._view.setAccessibleName("Volumes on the curves of real people")
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.ci.layout.setContentsMargins(0, 0, GRID, 0)
        self._view.ci.layout.setSpacing(GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self.setFixedHeight(_HEIGHT)
        self._plots = {part: self._view.addPlot(row=n // 2, col=n % 2) for n, part in enumerate(_DRAWN)}
        self.texts: dict[str, str] = {}
        self.dots: dict[str, tuple[float, float]] = {}
        self._shown: tuple[Norms, float | None, str | None, VolumetrySheet | None] | None = None
        self.dress(theme_name)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        self._colours = theme(name)
        self._view.setBackground(self._colours.panel)
        for plot in self._plots.values():
            keep_still(plot)
            dress_axes(plot, self._colours, 8)
            plot.getAxis("bottom").setHeight(18)
            plot.getAxis("left").setWidth(30)
        if self._shown is not None:
            shown, self._shown = self._shown, None
            self.show_person(*shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, lambda: self._view.ci.setGeometry(self._view.range))

    def show_person(self, norms: Norms, age: float | None, sex: str | None, sheet: VolumetrySheet | None) -> None:
        """Draw the curves that suit a person, and the volumes, as soon as there is a sheet of them."""
        if self._shown == (norms, age, sex, sheet):
            return
        self._shown = norms, age, sex, sheet
        self.dots = {}
        for part, plot in self._plots.items():
            plot.clear()
            self._draw(plot, part, norms, age, sex, sheet)

    def _draw(
        self, plot: pg.PlotItem, part: str, norms: Norms, age: float | None, sex: str | None, sheet: VolumetrySheet | None
    ) -> None:
        known = sex if sex in SEXES else None
        drawn = {one: bands(norms, part, one) for one in ([known] if known else SEXES)}
        row = sheet.row(part, SHARE) if sheet else None
        for sex_drawn, of in drawn.items():
            self._curves(plot, of, whole=known is not None, dashed=known is None and sex_drawn == "M")
        values = [end for of in drawn.values() for end in of.span]
        ages = [age for of in drawn.values() for age in (of.ages[0], of.ages[-1])]
        if row is not None:
            values.append(100 * row.value)
            self._person(plot, part, age, 100 * row.value)
        ages += [age] if age is not None else []
        room = _ROOM * (max(values) - min(values))
        plot.setYRange(min(values) - room, max(values) + room, padding=0)
        plot.setXRange(min(ages), max(ages), padding=0.03)
        place = f" · centile {centile_words(row.centile)}" if row is not None and row.centile is not None else ""
        self._title(plot, part, f"{PARTS[part].split(',')[0]}, %{place}")

    def _curves(self, plot: pg.PlotItem, of: NormBands, *, whole: bool, dashed: bool) -> None:
        """The median, and of one sex the bands about it."""
        colour = pg.mkColor(self._colours.accent)
        for below, above, opacity in ((0, -1, _OPACITY[0]), (1, -2, _OPACITY[1])) if whole else ():
            ends = [pg.PlotCurveItem(list(of.ages), list(of.values[BANDS[place]]), pen=None) for place in (below, above)]
            brush = pg.mkBrush(colour.red(), colour.green(), colour.blue(), opacity)
            for item in (*ends, pg.FillBetweenItem(*ends, brush=brush)):
                plot.addItem(item)
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        plot.addItem(pg.PlotCurveItem(list(of.ages), list(of.values[BANDS[2]]), pen=pg.mkPen(colour, width=1.2, style=style)))

    def _person(self, plot: pg.PlotItem, part: str, age: float | None, value: float) -> None:
        """A dot; a line across where the age is not known."""
        if age is None:
            plot.addItem(pg.InfiniteLine(value, angle=0, pen=pg.mkPen(self._colours.warning, style=Qt.PenStyle.DashLine)))
            return
        self.dots[part] = age, value
        plot.addItem(pg.ScatterPlotItem([age], [value], size=_DOT, brush=self._colours.warning, pen=self._colours.panel))

    def _title(self, plot: pg.PlotItem, part: str, text: str) -> None:
        self.texts[part] = text
        plot.setTitle(text, color=self._colours.muted, size="8.5pt")
        plot.titleLabel.item.setFont(font(8.5))
        plot.titleLabel.setMinimumWidth(0)
