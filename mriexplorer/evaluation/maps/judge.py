"""Whether the maps of a model are true, on people it never saw: everything that is measured of each, put together.

Every subset of the usual three scans is encoded; of real people all, and all but one. Beside the network stand the classical
fit, the literature's values, what the true maps reach, and polynomials. Beside scans with thick slices, shading and motion stand
scans of the same people that the equations describe wholly but for noise (``thin``).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from time import monotonic

import numpy as np

from mriexplorer.dataset.store import StoredSession
from mriexplorer.errors import InputError
from mriexplorer.evaluation.chart import Chart, Illustrations, Picture
from mriexplorer.evaluation.maps.cases import USUAL, Case, Estimate, Estimator, case_of, estimator, opened, thin, unseen
from mriexplorer.evaluation.maps.drawing import interval_charts, left_out_picture, subset_chart, truth_charts, truth_tables
from mriexplorer.evaluation.maps.figure import Figures, means, shown
from mriexplorer.evaluation.maps.intervals import calibrate as fit_intervals
from mriexplorer.evaluation.maps.intervals import coverage, interval_figures
from mriexplorer.evaluation.maps.kept import keep, kept
from mriexplorer.evaluation.maps.left_out import LeftOutPlanes, left_out_figures, left_out_planes
from mriexplorer.evaluation.maps.other_values import GROUP as OTHER_VALUES
from mriexplorer.evaluation.maps.other_values import other_values
from mriexplorer.evaluation.maps.reconstruction import (
    contrasts,
    least_squares,
    psnr_again,
    scans_again,
    scans_as_given,
    sharpness_of_maps,
)
from mriexplorer.evaluation.maps.truth import (
    Cores,
    Deviations,
    cores,
    correlations,
    deviations,
    errors,
    literature_errors,
    mean_deviations,
)
from mriexplorer.evaluation.metric import Metric
from mriexplorer.evaluation.result import RESULT_FILE, EvaluationResult
from mriexplorer.evaluation.statistics import Numbers
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.kinds import EvaluationRequest
from mriexplorer.generative.precision import Precision
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.version import __version__
from mriexplorer.workers import Progress, Workers, time_left

_RECIPE = 2  # raised whenever a figure of a session comes out otherwise
_FEW = 5  # people, below whom an interval over people means little


@dataclass(frozen=True, eq=False)
class Judged:
    """One session, later one person: ``figures``, and of simulated ones ``deviations`` and ``covered`` by which scans were shown.

    ``planes`` show a scan that was left out; None where there was none.
    """

    person: str
    real: bool
    figures: Figures
    deviations: Mapping[str, Deviations]
    covered: Mapping[str, Numbers]
    planes: LeftOutPlanes | None


def evaluate_autoencoder(request: EvaluationRequest, progress: Progress) -> tuple[EvaluationResult, Illustrations]:
    """``judge_maps`` as `mriexplorer evaluate maps` asks for it. Raises InputError."""
    with Workers(request.jobs, request.scheduler) as workers:
        metrics, drawn = judge_maps(
            request.folder, request.data, everyone=request.everyone, calibrate=request.calibrate, device=request.device,
            precision=request.precision, measured=request.measured, workers=workers, pictures=request.pictures,
            progress=progress,
        )  # fmt: skip
    result = EvaluationResult(
        "maps", request.folder.name, drawn.settings["people"], date.today().isoformat(), __version__, tuple(metrics),
        drawn.warnings, drawn.settings,
    )  # fmt: skip
    return result, drawn


def judge_maps(
    folder: Path,
    stores: Sequence[Path],
    *,
    everyone: bool = False,
    calibrate: Sequence[Path] = (),
    device: str | None = None,
    precision: Precision = "auto",
    measured: Path | None = None,
    workers: Workers | None = None,
    pictures: bool = True,
    progress: Progress = lambda _what: None,
) -> tuple[list[Metric], Illustrations]:
    """Metrics of the maps of the model in ``folder`` on the test set of ``stores`` (or ``everyone``), and what is drawn.

    ``measured`` keeps what was measured of each session, so that a run goes on; ``pictures``: whether real people may be seen.
    The intervals are first fitted to the validation sets of the stores in ``calibrate``, and kept with the model. Groups of
    metrics: "maps" (against the truth), "intervals", "scans" (computed again), "left out" (scans that were not shown).

    Raises InputError for damaged models and stores, and where nobody is left to judge on.
    """
    chosen(device)  # refuses one that is not there before anything is measured
    if calibrate:
        _fit_intervals(folder, calibrate, device, progress, everyone=everyone, precision=precision)
    model = load_model(folder)
    entries = unseen(model, opened(stores, model), None if everyone else "test", progress)
    tasks = [_Task(folder, str(store), entry, device, precision, measured) for store, entry in entries]
    sessions = _all_judged(tasks, workers or Workers(), progress)
    if not sessions:
        whom = "nobody" if everyone else "nobody of the test set"
        scans = f"{', '.join(USUAL[:-1])} or {USUAL[-1]}"
        raise InputError(f"{whom} who was kept from training has a {scans} that the model takes; give other stores.")
    metrics, drawn = summary(sessions, pictures=pictures)
    told = {"model": f"{folder.name}, {model.voxel} mm", "stores": ", ".join(store.name for store in stores), **drawn.settings}
    return metrics, Illustrations(drawn.charts, drawn.pictures, drawn.tables, drawn.warnings, told)


def _fit_intervals(
    folder: Path, stores: Sequence[Path], device: str | None, progress: Progress, *, everyone: bool, precision: Precision
) -> None:
    found = fit_intervals(folder, stores, chosen(device), progress, everyone=everyone, precision=precision)
    for kinds, factors in found.items():
        listed = ", ".join(f"{factor:.2f}" for factor in factors)
        progress(f"spread of PD, T1, T2 of {kinds or 'other scans'} times {listed}")


# -- many sessions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    """One session (``entry``) of a ``store``, and by what it is judged."""

    folder: Path
    store: str
    entry: StoredSession
    device: str | None
    precision: Precision
    measured: Path | None

    @property
    def path(self) -> Path | None:
        """Where what is measured is kept."""
        told = hashlib.sha256(f"{self.store}: {self.entry.name}".encode()).hexdigest()[:16]
        return None if self.measured is None else self.measured / f"{told}.msgpack"

    @property
    def mark(self) -> str:
        """What changes when something that it is measured from does."""
        return repr((_RECIPE, self.store, self.entry.name, self.precision, self.model, _stamp(self.entry.folder / "images.npy")))

    @property
    def model(self) -> str:
        """What changes when the model does."""
        files = [path for path in self.folder.iterdir() if path.suffix in (".json", ".safetensors") and path.name != RESULT_FILE]
        return repr([_stamp(path) for path in sorted(files)])


def _all_judged(tasks: Sequence[_Task], workers: Workers, progress: Progress) -> list[Judged]:
    """What was measured of every session that has scans for the model, in order."""
    found: dict[int, Judged | None] = {}
    for place, task in enumerate(tasks):
        if task.path is not None and (there := kept(task.path, task.mark, Judged)) is not None:
            found[place] = there
    if found:
        progress(f"{len(found)} of {len(tasks)} sessions are measured already")
    if len(found) < len(tasks):
        progress(f"judging {len(tasks) - len(found)} sessions, each from every subset of its scans: some minutes each")
    missing, began = [place for place in range(len(tasks)) if place not in found], monotonic()
    for done, (place, one) in enumerate(workers.each(_judge, [(place, tasks[place]) for place in missing]), 1):
        found[place] = one
        progress(f"{tasks[place].entry.name} · {done} of {len(missing)}{time_left(began, done, len(missing))}")
    return [one for place in range(len(tasks)) if (one := found[place]) is not None]


def _judge(task: tuple[int, _Task]) -> tuple[int, Judged | None]:
    place, of = task
    model = _model(of.folder, of.model)
    case = case_of(of.entry, model)
    if case is None:
        return place, None
    case = replace(case, person=f"{of.store}: {case.person}")
    found = judged(case, estimator(model, chosen(of.device), of.precision))
    if of.path is not None:
        keep(of.path, of.mark, found)
    return place, found


def _stamp(path: Path) -> tuple[str, int, int]:
    about = path.stat()
    return path.name, about.st_size, about.st_mtime_ns


@lru_cache(maxsize=1)
def _model(folder: Path, _state: str) -> Model:
    return load_model(folder)


# -- one person ------------------------------------------------------------------------------------------------


def judged(case: Case, estimate: Estimator, progress: Progress = lambda _what: None) -> Judged:
    """Everything that is measured of one session."""
    kept: dict[tuple[str, ...], Floats] = {}
    parts: list[_Choice] = []
    where = cores(case) if case.maps is not None else {}
    for some in case.chosen:
        progress(f"{case.name}: {shown(some)}")
        found = estimate(case, some)
        if len(some) >= len(case.usual) - 1:
            kept[some] = found.maps
        if case.maps is not None:
            parts.append(_against_truth(case, some, found, shown(some), where))
    figures = left_out_figures(case, kept)
    if case.maps is None:
        figures |= scans_as_given(case, kept[case.usual], "real people", sharp=True)
        return Judged(case.person, True, figures, {}, {}, left_out_planes(case, kept))
    figures |= literature_errors(case) | scans_as_given(case, case.maps, "from the true maps")
    parts.append(_of_thin(case, estimate, where, progress))
    for part in parts:
        figures |= part.figures
    moved, covered = {part.name: part.deviations for part in parts}, {part.name: part.covered for part in parts}
    return Judged(case.person, False, figures, moved, covered, left_out_planes(case, kept))


@dataclass(frozen=True, eq=False)
class _Choice:
    """What was measured of a simulated person's maps from some scans, called ``name``."""

    name: str
    figures: Figures
    deviations: Deviations
    covered: Numbers


def _against_truth(case: Case, some: Sequence[str], estimate: Estimate, name: str, where: Cores) -> _Choice:
    covered = coverage(case, estimate)
    figures = errors(case, estimate, name) | sharpness_of_maps(case, estimate, name)
    figures |= interval_figures(case, estimate, covered, name)
    figures |= scans_again(case, estimate.maps, name) | scans_as_given(case, estimate.maps, f"from {name}")
    if len(some) > 1:
        figures |= least_squares(case, some, name)
    if len(some) == len(USUAL):
        figures |= contrasts(case, estimate.maps, name)
    return _Choice(name, figures, deviations(case, estimate, where), covered)


def _of_thin(case: Case, estimate: Estimator, where: Cores, progress: Progress) -> _Choice:
    """The same of all scans, thin ones; with what the true maps reach."""
    progress(f"{case.name}: thin scans")
    smooth = thin(case)
    read = estimate(smooth, case.usual)
    found = _against_truth(smooth, case.usual, read, shown(case.usual, thin=True), where)
    progress(f"{case.name}: other values than the literature's")
    more = scans_as_given(smooth, case.truth, "thin, from the true maps") | other_values(case, read, estimate)
    return replace(found, figures=found.figures | more)


# -- everybody -------------------------------------------------------------------------------------------------


def summary(sessions: Sequence[Judged], *, pictures: bool = True) -> tuple[list[Metric], Illustrations]:
    """Metrics of everybody who was judged, in the order of their groups, and what is drawn of them."""
    people = by_person(sessions)
    metrics = means([one.figures for one in people])
    subsets = _subsets(people)
    for place, name in enumerate(subsets):
        of = [one.deviations[name] for one in people if name in one.deviations]
        metrics += correlations(of, name, parts=place == 0)
    ordered = sorted(metrics, key=lambda metric: _place(metric, subsets))
    tables = truth_tables(metrics, subsets) if subsets else ()
    return ordered, Illustrations(
        _charts(people, subsets, metrics), _pictures(people, real=pictures), tables, _warnings(people), _settings(people)
    )


def _place(metric: Metric, subsets: Sequence[str]) -> tuple[int, int]:
    """By group, then by which scans were shown; what no scans were shown for comes first."""
    told = metric.name.rpartition("from ")[2].split(",")[0]
    return _ORDER.index(metric.group), subsets.index(told) if told in subsets else -1


def by_person(sessions: Sequence[Judged]) -> list[Judged]:
    """Means over the sessions of each person, so that who was scanned often counts no more than others."""
    found: dict[tuple[str, bool], list[Judged]] = {}
    for one in sessions:
        found.setdefault((one.person, one.real), []).append(one)
    return [_mean(of) if len(of) > 1 else of[0] for of in found.values()]


def _mean(of: Sequence[Judged]) -> Judged:
    names = dict.fromkeys(figure for one in of for figure in one.figures)
    figures = {figure: float(np.mean([one.figures[figure] for one in of if figure in one.figures])) for figure in names}
    shown_ones = dict.fromkeys(name for one in of for name in one.deviations)
    moved = {name: mean_deviations([one.deviations[name] for one in of if name in one.deviations]) for name in shown_ones}
    covered = {name: np.mean([one.covered[name] for one in of if name in one.covered], axis=0) for name in shown_ones}
    return replace(of[0], figures=figures, deviations=moved, covered=covered)


_ORDER = ("maps", OTHER_VALUES, "intervals", "left out", "scans")


def _subsets(people: Sequence[Judged]) -> list[str]:
    """Which scans were shown, most of them first, thin ones last."""
    found = dict.fromkeys(name for one in people for name in one.deviations)
    return sorted(found, key=lambda name: (name.startswith("thin "), -name.count("+")))


def _charts(people: Sequence[Judged], subsets: Sequence[str], metrics: Sequence[Metric]) -> tuple[Chart, ...]:
    if not subsets:
        return ()
    first = subsets[0]
    of = [one for one in people if first in one.deviations]
    again = {metric.name: metric for metric in metrics if metric.group == "scans"}
    rows = [(name, again[psnr_again(name).name]) for name in subsets if psnr_again(name).name in again]
    return (
        *truth_charts([one.deviations[first].density for one in of], first),
        *interval_charts([one.covered[first] for one in of], first),
        *([subset_chart(rows)] if rows else []),
    )


def _pictures(people: Sequence[Judged], *, real: bool) -> tuple[Picture, ...]:
    """Of the first real person of whom a scan was left out, where such may be seen, else of a simulated one."""
    ordered = sorted((one for one in people if real or not one.real), key=lambda one: not one.real)
    return tuple(left_out_picture(one.planes, real=one.real) for one in ordered if one.planes is not None)[:1]


def _warnings(people: Sequence[Judged]) -> tuple[str, ...]:
    simulated, real = _counts(people)
    found = []
    if not simulated:
        found.append("Nobody here has true maps, so whether maps are true was not measured; only scans were computed again.")
    if simulated and not any(name for one in people for name in one.deviations if "+" in name):
        found.append("Nobody simulated has more than one scan, so nothing is said of several scans together.")
    if not any(one.real and one.planes is not None for one in people):
        found.append("No real person here has two of T1w, T2w and FLAIR, so no measured scan was left out.")
    for number, who in ((simulated, "simulated"), (real, "real")):
        if number == 1:
            found.append(f"Only one {who} person was judged, so their figures have no intervals.")
        elif 1 < number < _FEW:
            found.append(f"Only {number} {who} people were judged; intervals over so few mean little.")
    return tuple(found)


def _counts(people: Sequence[Judged]) -> tuple[int, int]:
    real = sum(one.real for one in people)
    return len(people) - real, real


def _settings(people: Sequence[Judged]) -> dict[str, str]:
    simulated, real = _counts(people)
    return {
        "people": f"{simulated} simulated people with true maps, {real} real people, all kept from training",
        "scans": "as given but for N4; thin ones: as the equations give them on the grid, with 3 % noise",
        "within a tissue": "each tissue of the literature table by itself, more than 2 mm from its borders and where no true map "
        "changes more among neighbours than in half of deep white matter (partial volume); logarithms",
        "left out": "in the brain (of real people that of the template, less 5 mm), without bias field; lines and polynomials "
        "of degree 1 to 3, picked by fourfold cross-validation, are fitted to one half of the person's own voxels in blocks of "
        "16 mm and compared on the other half, and the other way round",
        "intervals of figures": "95 %, bootstrap over people, 400 draws",
    }
