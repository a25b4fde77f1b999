"""The judge for scripts: how real synthetic people are, and whether maps are true."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.api.checks import AnyPath, count, one_of, quiet
from mriexplorer.errors import InputError
from mriexplorer.extras import require
from mriexplorer.generative.precision import PRECISIONS, Precision
from mriexplorer.physics import FIELDS
from mriexplorer.places import FOLDING
from mriexplorer.workers import Progress, Workers, alone_in

if TYPE_CHECKING:
    from mriexplorer.evaluation.chart import Illustrations
    from mriexplorer.evaluation.result import EvaluationResult
    from mriexplorer.generative.joint.model import JointModel

_VOXELS = (1, 2)
_SAMPLED, _MEASURED = "people", "measured"  # folders of a report: of a model's people, and of what is kept to go on


@dataclass(frozen=True)
class Evaluation:
    """``result`` is what stands in evaluation.json, ``tables`` the same in Markdown; ``report`` is the HTML file."""

    result: "EvaluationResult"
    tables: str
    report: Path

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        return self.tables


def evaluate_people(
    people: AnyPath,
    real: AnyPath,
    report: AnyPath,
    *,
    n: int = 200,
    seed: int = 1,
    voxel: int = 1,
    field: float | None = None,
    folding: AnyPath = FOLDING,
    baselines: bool = False,
    pictures: bool = True,
    device: str | None = None,
    precision: Precision = "auto",
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Progress = quiet,
    **given: float | str,
) -> Evaluation:
    """How real synthetic people are: ``people`` is a model, which is sampled (``n``, ``seed``, ``voxel``, ``field`` and ``given``
    as in ``sample_people``), or a folder of BIDS people. Imports torch; needs ``mriexplorer[evaluation]``.

    ``real`` is a store that ``gather`` made, or a folder of BIDS people; ``report`` a folder, where evaluation.json, report.html
    and what was measured are kept. ``baselines``: CTGAN and TVAE are trained beside; ``pictures``: whether real people may be
    seen in the report. The same call goes on where it was stopped.

    Raises InputError for folders without people, damaged models, and settings that cannot be.
    """
    require("evaluation", "evaluation")
    if baselines:
        require("records", "training CTGAN and TVAE")
    from mriexplorer.evaluation.cohort.judge import Settings, judge_people, sorted_people
    from mriexplorer.evaluation.cohort.neighbours import NEIGHBOURS_FILE, save_trained
    from mriexplorer.evaluation.cohort.sources import people_in

    folder = _folder(Path(report))
    one_of("precision", precision, PRECISIONS)
    with alone_in(folder), Workers(jobs, scheduler) as workers:
        actual = people_in(Path(real))
        model = _model(people)
        if model is not None:
            tesla = field or next((one.field for one in actual.people if one.field in FIELDS), None) or 3.0
            made = _sampled(model, folder / _SAMPLED, workers, progress, n=n, seed=seed, voxel=voxel, tesla=tesla,
                            folding=folding, device=device, precision=precision, given=given)  # fmt: skip
            compared = sorted_people(people_in(made), actual, _trained_on(model))
        else:
            compared = sorted_people(people_in(Path(people)), actual, frozenset())
        settings = Settings(baselines, pictures, model=None if model is None else _estimating(model))
        name = model.name if model is not None else Path(people).resolve().name
        found = judge_people(name, compared, folder / _MEASURED, workers, progress, settings)
    if found.trained is not None:
        save_trained(folder / NEIGHBOURS_FILE, found.trained)
    return _written(folder, found.result, found.drawn)


def evaluate_maps(
    model: AnyPath,
    data: Sequence[AnyPath],
    report: AnyPath | None = None,
    *,
    calibrate: Sequence[AnyPath] = (),
    everyone: bool = False,
    pictures: bool = True,
    device: str | None = None,
    precision: Precision = "auto",
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Progress = quiet,
) -> Evaluation:
    """Whether the maps of a model are true, on people who were kept from training. Needs ``mriexplorer[evaluation]``.

    ``model`` is a folder, or the name of a shipped model; ``data`` are stores that ``gather`` made; ``report`` is the folder of
    evaluation.json and report.html, else the model's own. The intervals are first fitted to the validation sets of the stores in
    ``calibrate``; ``everyone`` takes all, not one set; ``pictures``: whether real people may be seen in the report. With a
    ``report`` folder what was measured is kept there, and the same call goes on where it was stopped.

    Raises InputError for stores and models that do not fit.
    """
    require("evaluation", "evaluation")
    from mriexplorer.generative.kinds import EvaluationRequest
    from mriexplorer.generative.model_folder import find_model
    from mriexplorer.generative.registry import kind_of

    folder = find_model(str(model))
    written = _folder(Path(report)) if report is not None else folder
    request = EvaluationRequest(
        folder,
        tuple(map(Path, data)),
        tuple(map(Path, calibrate)),
        everyone,
        device,
        one_of("precision", precision, PRECISIONS),
        written / _MEASURED if report is not None else None,
        jobs,
        scheduler,
        pictures,
    )
    result, drawn = kind_of(folder).evaluate(request, progress)
    return _written(written, result, drawn)


def _written(folder: Path, result: "EvaluationResult", drawn: "Illustrations") -> Evaluation:
    from mriexplorer.evaluation.report_page import write_markdown_summary, write_report
    from mriexplorer.evaluation.result import REPORT_FILE, RESULT_FILE, write_result

    write_report(folder / REPORT_FILE, result, drawn)
    write_result(folder / RESULT_FILE, result)
    return Evaluation(result, write_markdown_summary(result), folder / REPORT_FILE)


def _folder(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file; give a folder for the report.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path} cannot be made: {error.strerror or error}; give another folder for the report.") from None
    return path


def _model(people: AnyPath) -> Path | None:
    """The model's folder; None for a folder of people."""
    from mriexplorer.generative.model_folder import CONFIG, find_model

    given = Path(people)
    return find_model(str(people)) if (given / CONFIG).is_file() or not given.is_dir() else None


def _sampled(
    model: Path, folder: Path, workers: Workers, progress: Progress, *, n: int, seed: int, voxel: int, tesla: float,
    folding: AnyPath, device: str | None, precision: Precision, given: dict[str, float | str],
) -> Path:  # fmt: skip
    from mriexplorer.generative.kinds import SamplingRequest
    from mriexplorer.generative.model_folder import find_model
    from mriexplorer.generative.sampling import sample_dataset

    request = SamplingRequest(
        count("n", n), count("seed", seed), folder, model, find_model(str(folding)), given, one_of("voxel", voxel, _VOXELS),
        one_of("field", tesla, FIELDS), device, precision,
    )  # fmt: skip
    sample_dataset(request, workers, progress)
    return folder


def _estimating(model: Path) -> "JointModel | None":
    """The model, where it is one of those that estimate records from brains."""
    from mriexplorer.generative.joint.kind import KIND
    from mriexplorer.generative.registry import kind_of

    return kind_of(model).load(model) if kind_of(model).name == KIND.name else None


def _trained_on(model: Path) -> frozenset[str]:
    """Marks of the people whom a model was trained on."""
    from mriexplorer.files import read_json
    from mriexplorer.generative.model_folder import CONFIG

    told = read_json(model / CONFIG).get("trained_on")
    return frozenset(map(str, told)) if isinstance(told, list) else frozenset()
