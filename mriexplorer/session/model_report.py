"""What is known of the model that made whoever is open: its figures in words, and its report, from its folder."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.neighbours import NEIGHBOURS_FILE, TrainedPeople, load_trained
from mriexplorer.evaluation.headlines import HEADLINES
from mriexplorer.evaluation.metric import OTHERS, Interval, Metric
from mriexplorer.evaluation.result import REPORT_FILE, RESULT_FILE, EvaluationResult, read_result
from mriexplorer.measure.brain_volumes import BrainVolumes
from mriexplorer.places import PEOPLE, SCANS_TO_MAPS, models
from mriexplorer.subject.subject import Subject
from mriexplorer.view.source import Source

_MEMORY = "memory"  # the group of metrics on copies of trained people
_NO_NEIGHBOURS = "The model ships nothing of the people that it was trained on, so the nearest is not known."


@dataclass(frozen=True)
class ModelFigure:
    """A figure in words: ``found`` for what the model makes, and ``real`` for real people among themselves.

    ``interval`` says how sure both are, ``about`` what the figure is; ``alarm``: real people hardly ever give such a value.
    """

    name: str
    found: str
    real: str
    interval: str
    about: str
    alarm: bool


@dataclass(frozen=True)
class ModelReport:
    """``worst`` has of each group of figures the one furthest from real people (of a model of maps how true these are),
    ``summary`` how many are, ``memory`` whether trained people are copied, ``trained`` where these lie. ``no_result`` and
    ``no_page`` say why there are no figures, or no report ``page``; else empty.
    """

    name: str
    worst: tuple[ModelFigure, ...] = ()
    summary: str = ""
    memory: str = ""
    trained: TrainedPeople | None = None
    no_result: str = ""
    page: Path | None = None
    no_page: str = ""


def made_by_model(subject: Subject, source: Source) -> str:
    """The name of the model that made a subject; empty where no model did."""
    told = {word.strip(".,;") for word in f"{subject.description} {subject.record}".split()}
    named = next((folder.name for folder in _shipped() if folder.name in told), "")
    if subject.companions.uncertainty:
        return named or SCANS_TO_MAPS
    return named or (PEOPLE if subject.synthetic or source.recipe is not None else "")


def model_report(name: str) -> ModelReport:
    """What is there of a shipped model's figures and report."""
    folder, run = models() / name, f"run mriexplorer evaluate {'maps' if name == SCANS_TO_MAPS else 'people'} {name} …"
    page = folder / REPORT_FILE if (folder / REPORT_FILE).is_file() else None
    no_page = "" if page else f"There is no {REPORT_FILE} to open."
    try:
        result = read_result(folder / RESULT_FILE) if (folder / RESULT_FILE).is_file() else None
    except InputError:  # of an older version
        result = None
    if result is None:
        return ModelReport(name, no_result=f"No report yet; {run}", page=page, no_page=no_page)
    return ModelReport(name, _worst(result), _summary(result), _memory(result), _trained(folder), "", page, no_page)


def nearest_said(report: ModelReport, volumes: BrainVolumes | None) -> str:
    """How near the nearest person that the model was trained on is to a measured brain."""
    if report.trained is None:
        return _NO_NEIGHBOURS
    if volumes is None or volumes.layout is None:
        return "Comes when the brain is measured."
    found = report.trained.nearest(volumes.layout)
    return (
        f"{found.ratio:.2f} of the distance at which real people, kept from training, have theirs in the median; "
        f"{found.nearer:.0%} of those are as near or nearer. A copy would be at 0. There is no picture of it: the model ships "
        "none of real people."
    )


@lru_cache(maxsize=4)
def _trained(folder: Path) -> TrainedPeople | None:
    try:
        return load_trained(folder / NEIGHBOURS_FILE)
    except InputError:  # a model whose maker kept them
        return None


def _shipped() -> tuple[Path, ...]:
    return tuple(sorted(path for path in models().iterdir() if path.is_dir())) if models().is_dir() else ()


def _worst(result: EvaluationResult) -> tuple[ModelFigure, ...]:
    if result.kind == "maps":
        named = [(group, name) for group, names in HEADLINES.items() for name in names]
        return tuple(_in_words(metric) for names in named if (metric := result.metric(*names)) is not None)
    compared = _compared(result)
    groups = dict.fromkeys(metric.group for metric in compared)
    return tuple(_in_words(max((m for m in compared if m.group == group), key=lambda m: m.excess)) for group in groups)


def _compared(result: EvaluationResult) -> list[Metric]:
    return [metric for metric in result.metrics if metric.ceiling is not None and metric.group != OTHERS]


def _in_words(metric: Metric) -> ModelFigure:
    real = metric.ceiling
    interval = f"95 % intervals: {_span(metric.found, metric.unit)}" + (
        f"; real people {_span(real, metric.unit)}" if real else ""
    )
    return ModelFigure(
        f"{metric.group}: {metric.name}", _value(metric.value, metric.unit), _value(real.value, metric.unit) if real else "–",
        interval, metric.about, metric.alarm,
    )  # fmt: skip


def _value(value: float, unit: str) -> str:
    return f"{value:.3g}{f' {unit}' if unit else ''}"


def _span(of: Interval, unit: str) -> str:
    return f"{of.low:.3g} to {_value(of.high, unit)}"


def _summary(result: EvaluationResult) -> str:
    compared = _compared(result)
    off = sum(metric.alarm for metric in compared)
    said = f"{off} of {len(compared)} figures are such as real people among themselves hardly ever give."
    if result.kind == "maps":
        said = "How true its maps are, on people whom it was not trained on."
    return " ".join((said, f"Made {result.made} against {Path(result.reference).name}.", *result.warnings))


def _memory(result: EvaluationResult) -> str:
    """The figures on copies, of the model altogether."""
    found = [_in_words(metric) for metric in result.metrics if metric.group == _MEMORY]
    if result.kind == "maps":
        return "Maps are made from the scans at hand, not sampled."
    if not found:
        return "Its report has no figures on copies."
    return (
        "Of the model altogether: "
        + "; ".join(f"{one.name.partition(': ')[2]} {one.found} (real {one.real})" for one in found)
        + "."
    )
