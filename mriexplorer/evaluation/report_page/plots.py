"""Charts of a report drawn with Bokeh: hover, zoom, no network."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from mriexplorer.evaluation.chart import Chart, Role, Series
from mriexplorer.evaluation.metric import Metric
from mriexplorer.evaluation.report_page.words import interval, number

# Okabe and Ito's palette, which colour-blind people tell apart
COLOURS: Mapping[Role, str] = {
    Role.SYNTHETIC: "#d55e00", Role.REAL: "#0072b2", Role.OTHER_REAL: "#56b4e9", Role.LITERATURE: "#333333",
    Role.BASELINE: "#8a6d9b",
}  # fmt: skip
_WIDTH, _HEIGHT, _ROW = 620, 330, 20
_FARTHEST = 8.0  # half widths of a ceiling's interval that are drawn
_TOOLS = "pan,box_zoom,wheel_zoom,reset,save"


def overview(metrics: Sequence[Metric]) -> Any:
    """Where each metric lies, in half widths of the interval that real people have: within the band is like real people."""
    from bokeh.models import BoxAnnotation, ColumnDataSource, HoverTool

    shown = [metric for metric in metrics if metric.ceiling is not None and isfinite(metric.value)][::-1]
    names = _distinct([metric.name for metric in shown])
    places = [_place(metric, metric.value) for metric in shown]
    ends = [(_place(metric, metric.found.low), _place(metric, metric.found.high)) for metric in shown]
    source = ColumnDataSource({
        "name": names, "x": places, "low": [low for low, _high in ends], "high": [high for _low, high in ends],
        "value": [interval(metric.found, metric.unit) for metric in shown],
        "real": [interval(metric.ceiling) for metric in shown], "about": [metric.about for metric in shown],
        "n": [f"{metric.n} and {metric.real}" for metric in shown],
        "colour": [COLOURS[Role.SYNTHETIC] if metric.alarm else COLOURS[Role.REAL] for metric in shown],
    })  # fmt: skip
    figure = _figure(
        y_range=names, height=90 + _ROW * len(names), width=900, x_range=(-_FARTHEST - 0.5, _FARTHEST + 0.5),
        x_axis_label="half widths of the interval of real people among themselves (ends: farther still)",
    )  # fmt: skip
    figure.add_layout(BoxAnnotation(left=-1, right=1, fill_color=COLOURS[Role.OTHER_REAL], fill_alpha=0.25, level="underlay"))
    figure.segment("low", "name", "high", "name", source=source, line_color="colour", line_width=2)
    dots = figure.scatter("x", "name", source=source, size=8, fill_color="colour", line_color="white")
    told = [("", "@name"), ("value", "@value"), ("real people", "@real"), ("synthetic and real people", "@n"), ("", "@about")]
    figure.add_tools(HoverTool(renderers=[dots], tooltips=told))
    return figure


def _place(metric: Metric, value: float) -> float:
    if metric.ceiling is None or not isfinite(value):
        return 0.0
    off = value - metric.ceiling.value
    reach = metric.ceiling.high - metric.ceiling.value if off > 0 else metric.ceiling.value - metric.ceiling.low
    return max(-_FARTHEST, min(_FARTHEST, off / max(reach, 1e-9)))


def _distinct(names: Sequence[str]) -> list[str]:
    """A category needs a name of its own."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def drawn(chart: Chart) -> Any:
    """A chart; each series in the colour of its role."""
    figure = _figure(
        width=_WIDTH, height=_HEIGHT, x_axis_label=chart.x_label, y_axis_label=chart.y_label,
        x_axis_type="log" if chart.x_log else "auto", y_axis_type="log" if chart.y_log else "auto",
    )  # fmt: skip
    for series in chart.series:
        if series.x:
            _add(figure, series)
    if figure.legend:
        legend = figure.legend[0]
        legend.click_policy, legend.orientation = "hide", "horizontal"
        legend.label_text_font_size, legend.border_line_color = "12px", None
        figure.add_layout(legend, "above")
    return figure


def _add(figure: Any, series: Series) -> None:
    from bokeh.models import ColumnDataSource, HoverTool

    colour = COLOURS[series.role]
    data: dict[str, Any] = {"x": series.x, "y": series.y, "whose": [series.name] * len(series.x)}
    told = [
        ("", "@whose"),
        (figure.xaxis[0].axis_label or "x", "@x{0.[000]}"),
        (figure.yaxis[0].axis_label or "y", "@y{0.[00000]}"),
    ]
    if series.names:
        data["name"], told = list(series.names), [("", "@name"), *told]
    if banded := len(series.low) == len(series.x):
        data |= {"low": series.low, "high": series.high,
                 "range": [f"{number(a)} to {number(b)}" for a, b in zip(series.low, series.high, strict=True)]}  # fmt: skip
        told.append(("95 %", "@range"))
    source = ColumnDataSource(data)
    if banded and series.points:
        figure.segment("x", "low", "x", "high", source=source, line_color=colour, line_width=2)
    elif banded:
        figure.varea("x", "low", "high", source=source, fill_color=colour, fill_alpha=0.15)
    if series.points:
        marker = "circle" if series.role in (Role.SYNTHETIC, Role.BASELINE) else "square"
        shape = figure.scatter("x", "y", source=source, size=6, marker=marker, color=colour, alpha=0.75, legend_label=series.name)
    else:
        dash = "dashed" if series.role is Role.LITERATURE else "solid"
        figure.line("x", "y", source=source, line_color=colour, line_width=2, line_dash=dash, legend_label=series.name)
        shape = figure.scatter("x", "y", source=source, size=5, color=colour, alpha=0.9)
    figure.add_tools(HoverTool(renderers=[shape], tooltips=told))


def _figure(**how: Any) -> Any:
    from bokeh.plotting import figure

    made = figure(tools=_TOOLS, toolbar_location="above", output_backend="canvas", sizing_mode="scale_width",
                  max_width=how.pop("width"), background_fill_color="white", border_fill_color="white", **how)  # fmt: skip
    made.toolbar.logo = None
    made.toolbar.autohide = True
    made.axis.axis_label_text_font_style = "normal"
    made.grid.grid_line_color = "#e8e8e8"
    made.outline_line_color = None
    return made
