"""The page itself. Everything that comes from data is escaped; nothing is asked from a network."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from mriexplorer.evaluation.chart import Illustrations, Picture, Table
from mriexplorer.evaluation.metric import Metric
from mriexplorer.evaluation.report_page import plots
from mriexplorer.evaluation.report_page.words import by_excess, interval, number, verdict
from mriexplorer.evaluation.result import EvaluationResult
from mriexplorer.extras import require
from mriexplorer.files import write_text
from mriexplorer.places import resource

_MOST_SHOWN = 24  # metrics of a group that are seen before anything is opened
_TITLES = {
    "images": "Images", "anatomy": "Anatomy", "anatomy at 1 mm": "Anatomy at 1 mm, from maps",
    "relaxation": "Relaxation times", "records": "Records", "published models": "Published models of records",
    "coherence": "Do image and record fit", "memory": "Copies of people who were trained on", "maps": "Maps",
    "other values": "Values that are not the literature's",
}  # fmt: skip
_HOW_READ = (
    "Every figure is drawn many times, as many people on each side; the interval holds 95 % of the draws. "
    "<b>Real against real</b> is the same figure of real people against other real ones: no model can be expected to do better. "
    "A figure is "
    "<span class='outside'>outside</span> when it lies beyond that interval, and what real people give lies beyond its own."
)

_HOW_MAPS_READ = (
    "Every figure is the mean over people, and the interval (95 %) is over people. Simulated people have true maps, which "
    "estimated ones are compared with; real people have their scans, which are computed again or left out. Figures "
    "of simulated people say what the model can do where the equations describe everything, those of real people what it does."
)


def write_report(path: Path, result: EvaluationResult, illustrations: Illustrations) -> None:
    """Write the page, whole or not at all. Raises InputError where the packages of ``mriexplorer[evaluation]`` are missing."""
    require("evaluation", "the report")
    figures: dict[str, Any] = {}
    body = "\n".join(_body(result, illustrations, figures))
    scripts, divisions = _embedded(figures)
    for name, division in divisions.items():
        body = body.replace(f"<!--figure {name}-->", division)
    write_text(path, _PAGE.format(title=escape(_title(result)), style=_style(), scripts=scripts, body=body))


def _embedded(figures: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Bokeh's own script and that of the figures; and the place of each."""
    from bokeh.embed import components
    from bokeh.resources import Resources

    if not figures:
        return "", {}
    script, divisions = components(figures)
    return Resources(mode="inline", components=["bokeh"]).render() + script, divisions


def _style() -> str:
    return resource("report.css").read_text(encoding="utf-8")


def _title(result: EvaluationResult) -> str:
    what = "How real the people of {} are" if result.kind == "people" else "Whether the maps of {} are true"
    return what.format(result.subject)


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
{scripts}
</head>
<body>
{body}
</body>
</html>
"""


def _body(result: EvaluationResult, drawn: Illustrations, figures: dict[str, Any]) -> Iterable[str]:
    groups = list(result.groups())
    yield f"<header><h1>{escape(_title(result))}</h1>"
    yield f"<p>Against {escape(result.reference)} · {escape(result.made)} · mriexplorer {escape(result.version)}</p>"
    yield (
        "<p class='mark'>Research, not for diagnosis."
        + (" Nobody synthetic exists." if result.kind == "people" else "")
        + "</p></header>"
    )
    yield _contents(groups)
    yield "<main>"
    yield from (f"<p class='warning' role='alert'>{escape(warning)}</p>" for warning in result.warnings)
    yield "<section id='verdict'><h2>In short</h2><ul>"
    for group in groups:
        yield f"<li><a href='#{_anchor(group)}'>{escape(_name(group))}</a>: {escape(verdict(group, _of(result, group)))}</li>"
    yield f"</ul><p class='legend'>{_HOW_READ if result.kind == 'people' else _HOW_MAPS_READ}</p></section>"
    for group in groups:
        yield from _group(group, _of(result, group), drawn, figures, "synthetic" if result.kind == "people" else "simulated")
    yield from _settings(result)
    yield "</main>"


def _contents(groups: Sequence[str]) -> str:
    links = [("verdict", "In short"), *((_anchor(group), _name(group)) for group in groups), ("how", "How it was done")]
    return "<nav aria-label='Contents'>" + "".join(f"<a href='#{to}'>{escape(name)}</a>" for to, name in links) + "</nav>"


def _of(result: EvaluationResult, group: str) -> list[Metric]:
    return [metric for metric in result.metrics if metric.group == group]


def _name(group: str) -> str:
    return _TITLES.get(group, group.capitalize())


def _anchor(group: str) -> str:
    return "g-" + "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in group)


def _group(group: str, metrics: Sequence[Metric], drawn: Illustrations, figures: dict[str, Any], who: str) -> Iterable[str]:
    yield f"<section id='{_anchor(group)}'><h2>{escape(_name(group))}</h2><p>{escape(verdict(group, metrics))}</p>"
    worst = by_excess(metrics)[:_MOST_SHOWN]
    if any(metric.ceiling is not None for metric in worst):
        said = "" if len(worst) == len(metrics) else f" The {len(worst)} farthest of {len(metrics)}; all are in the table."
        caption = f"<figcaption>The blue band is what real people give.{said}</figcaption>"
        yield f"<figure>{_placed(figures, plots.overview(worst))}{caption}</figure>"
    yield from (_picture(picture) for picture in drawn.pictures if picture.group == group)
    charts = [chart for chart in drawn.charts if chart.group == group]
    if charts:
        yield "<div class='charts'>"
        for chart in charts:
            yield f"<figure><h3>{escape(chart.title)}</h3>{_placed(figures, plots.drawn(chart))}"
            yield f"<figcaption>{escape(chart.about)} <span class='n'>{escape(chart.n)}</span></figcaption></figure>"
        yield "</div>"
    yield from (_table(table) for table in drawn.tables if table.group == group)
    opened = " open" if len(metrics) <= _MOST_SHOWN else ""
    summary = f"<summary>All {len(metrics)} figures of this part</summary>"
    yield f"<details{opened}>{summary}{_metric_table(metrics, who)}</details></section>"


def _placed(figures: dict[str, Any], figure: Any) -> str:
    name = f"f{len(figures)}"
    figures[name] = figure
    return f"<!--figure {name}-->"


def _metric_table(metrics: Sequence[Metric], who: str) -> str:
    """``who`` they are of beside real people."""
    compared = any(metric.ceiling is not None for metric in metrics)
    head = ("figure", "value (95 %)", *(("real against real (95 %)", "p") if compared else ()), "people", "what it is")
    rows = []
    for m in metrics:
        real = (escape(interval(m.ceiling)), "" if m.p != m.p else number(m.p)) if compared else ()
        rows.append((escape(m.name), escape(interval(m.found, m.unit)), *real, _people(m, who), escape(m.about)))
    body = "".join(
        f"<tr{' class=outside' if metric.alarm else ''}><th scope='row'>{row[0]}</th>"
        + "".join(f"<td>{c}</td>" for c in row[1:])
        + "</tr>"
        for metric, row in zip(metrics, rows, strict=True)
    )
    return f"<div class='wide'><table><thead><tr>{_heads(head)}</tr></thead><tbody>{body}</tbody></table></div>"


def _people(metric: Metric, who: str) -> str:
    told = [f"{count} {whose}" for count, whose in ((metric.n, who), (metric.real, "real")) if count]
    return ", ".join(told)


def _table(table: Table) -> str:
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return (
        f"<h3>{escape(table.title)}</h3><p>{escape(table.about)}</p><div class='wide'><table><thead><tr>"
        f"{_heads(table.head)}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _heads(names: Iterable[str]) -> str:
    return "".join(f"<th scope='col'>{escape(name)}</th>" for name in names)


def _picture(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode("ascii")
    alt = escape(f"{picture.title}. {picture.about}", quote=True)
    return (
        f"<figure><h3>{escape(picture.title)}</h3><img alt=\"{alt}\" src='data:image/png;base64,{data}'>"
        f"<figcaption>{escape(picture.about)}</figcaption></figure>"
    )


def _settings(result: EvaluationResult) -> Iterable[str]:
    yield "<section id='how'><h2>How it was done</h2><dl>"
    yield from (f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in (result.settings or {}).items())
    yield "</dl></section>"
