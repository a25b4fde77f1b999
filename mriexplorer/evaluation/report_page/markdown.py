"""An evaluation as tables in Markdown, for the terminal, notebooks and cards."""

from collections.abc import Sequence

from mriexplorer.evaluation.report_page.words import interval, number, verdict
from mriexplorer.evaluation.result import EvaluationResult


def write_markdown_summary(result: EvaluationResult) -> str:
    """A heading, a verdict and a table for each group of metrics."""
    parts = [f"{result.subject}, against {result.reference} ({result.made}, mriexplorer {result.version})"]
    parts += [f"**{_plain(warning)}**" for warning in result.warnings]
    for group in result.groups():
        metrics = [metric for metric in result.metrics if metric.group == group]
        rows = [
            f"| {_plain(m.name)} | {interval(m.found, m.unit)} | {interval(m.ceiling)} | {number(m.p) if m.p == m.p else ''} | "
            f"{'outside' if m.alarm else ''} |"
            for m in metrics
        ]
        head = "| figure | value (95 %) | real against real (95 %) | p | |\n| --- | --- | --- | --- | --- |"
        parts.append("\n".join([f"### {group.capitalize()}", "", verdict(group, metrics), "", head, *rows]))
    return "\n\n".join(parts)


def write_card_table(result: EvaluationResult, names: Sequence[tuple[str, str]]) -> str:
    """The figures of a model's card, by group and name. Raises KeyError for one that was not measured."""
    rows = []
    for group, name in names:
        metric = result.metric(group, name)
        if metric is None:
            raise KeyError(f"{group}: {name}")
        rows.append(f"| {group}: {_plain(name)} | {interval(metric.found, metric.unit)} | {interval(metric.ceiling)} |")
    return "\n".join(["| figure | value (95 %) | real against real (95 %) |", "| --- | --- | --- |", *rows])


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
