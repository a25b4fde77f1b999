"""Plots that show and are not dragged: no menus, no buttons, the colours of the theme."""

import pyqtgraph as pg

from mriexplorer.figures.theme import Theme, font


def keep_still(plot: pg.PlotItem, padding: float = 0.0) -> None:
    """Take away what a person could move or open."""
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(False, False)
    plot.getViewBox().setDefaultPadding(padding)


def dress_axes(plot: pg.PlotItem, colours: Theme, points: float = 8.5) -> None:
    """Lines, numbers and typeface of both axes."""
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(colours.line)
        axis.setTextPen(colours.muted)
        axis.setTickFont(font(points))
        axis.enableAutoSIPrefix(False)
