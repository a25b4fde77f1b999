"""How real synthetic people are: everything that is measured of them and of real people, compared.

sources ─ images on one grid ─ one softness, one noise ─ numbers of each person ─ comparisons, with real halves beside them
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mriexplorer.errors import InputError
from mriexplorer.evaluation.chart import Illustrations
from mriexplorer.evaluation.cohort import pictures
from mriexplorer.evaluation.cohort.anatomy_judgement import judge_anatomy
from mriexplorer.evaluation.cohort.coherence import People, judge_coherence
from mriexplorer.evaluation.cohort.estimates import Brains, judge_estimates
from mriexplorer.evaluation.cohort.folds import judge_folds, repeated_folds
from mriexplorer.evaluation.cohort.image_judgement import judge_images
from mriexplorer.evaluation.cohort.matching import Matching, matched
from mriexplorer.evaluation.cohort.measuring import (
    PersonMeasurements,
    bring_all,
    have_fine_maps,
    image_of,
    matched_image,
    measure_all,
)
from mriexplorer.evaluation.cohort.memory import Groups, judge_memory, record_rows
from mriexplorer.evaluation.cohort.neighbours import TrainedPeople, trained_people
from mriexplorer.evaluation.cohort.records import judge_records
from mriexplorer.evaluation.cohort.relaxation import judge_relaxation
from mriexplorer.evaluation.cohort.sources import FEWEST, PeopleFound, PersonSource
from mriexplorer.evaluation.metric import Metric
from mriexplorer.evaluation.result import EvaluationResult
from mriexplorer.evaluation.statistics import Numbers, common_size
from mriexplorer.generative.autoencoder.checkpoint import mark_of
from mriexplorer.generative.joint.model import JointModel
from mriexplorer.version import __version__
from mriexplorer.workers import Progress, Workers

_MATCHED_BY = 24  # images of each side that softness and noise are found on
_PICTURED = 6  # people of each side in the contact sheet
_FINE_OF = 40  # people of each side whose anatomy is measured at 1 mm too, which takes seconds each
_FOLDS_OF = 60  # people of each side whose folds are compared
_LAYOUT = "layout in 12 mm blocks"


@dataclass(frozen=True)
class JudgedPeople:
    """Who is compared: ``synthetic`` people, real ones who were ``kept`` from training, and those who were ``trained`` on.

    ``real`` is where the real ones lie; ``warnings`` are what must be said loudly.
    """

    real: Path
    synthetic: PeopleFound
    kept: tuple[PersonSource, ...]
    trained: tuple[PersonSource, ...]
    warnings: tuple[str, ...] = ()


def sorted_people(synthetic: PeopleFound, real: PeopleFound, trained_on: frozenset[str]) -> JudgedPeople:
    """Parts real people into kept and trained, by the model's marks (``trained_on``), else by the sets of the store.

    Raises InputError where too few are left.
    """
    if synthetic.path.resolve() == real.path.resolve():
        raise InputError(f"{real.path} was given as synthetic and as real people; give two different folders.")
    told = bool(trained_on) and any(_mark(one) in trained_on for one in real.people)
    seen = [_mark(one) in trained_on if told else one.set == "train" for one in real.people]
    kept = tuple(one for one, was in zip(real.people, seen, strict=True) if not was)
    trained = tuple(one for one, was in zip(real.people, seen, strict=True) if was)
    warnings = [*synthetic.notices, *real.notices]
    if len(kept) < 2 * FEWEST:
        warnings.insert(0, _all_trained(real, len(kept)))
        kept, trained = real.people, ()
    elif not trained:
        warnings.append(f"Nobody of {real.path} is known to have been trained on, so copies of trained people cannot be found.")
    if len(kept) < 2 * FEWEST:
        raise InputError(f"{real.path} holds only {len(kept)} people; half of them are compared with the other half, so give at "
                         f"least {2 * FEWEST}, better 70.")  # fmt: skip
    return JudgedPeople(real.path, synthetic, kept, trained, tuple(warnings))


def _all_trained(real: PeopleFound, kept: int) -> str:
    who = "all" if not kept else f"all but {kept}"
    return (
        f"THE REAL PEOPLE ARE THE TRAINING SET: {who} of {real.path} were trained on. Every figure flatters a model that "
        "repeats them. Give people who were kept from training."
    )


def _mark(one: PersonSource) -> str:
    from hashlib import sha256

    return mark_of(one.entry) if one.entry is not None else sha256(one.person.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Settings:
    """``baselines``: train CTGAN and TVAE beside; ``shown``: whether pictures of real people may be in the report."""

    baselines: bool = False
    shown: bool = True
    model: JointModel | None = None  # that is judged, where it can estimate records from brains
    network: bool = True  # the classifier of three dimensions


class PeopleJudgement(NamedTuple):
    """What was found and what is drawn; ``trained``: where trained people lie, if there are enough of them."""

    result: EvaluationResult
    drawn: Illustrations
    trained: TrainedPeople | None


def judge_people(
    name: str, people: JudgedPeople, folder: Path, workers: Workers, progress: Progress, settings: Settings | None = None
) -> PeopleJudgement:
    """Every metric of people, and what is drawn of them; ``name`` is that of the model or dataset that is judged.

    ``folder`` keeps what was measured, so that a run goes on.

    Raises InputError.
    """
    settings = settings or Settings()
    sides, said = _measured(people, folder, workers, progress)
    workers.dismiss()
    parts = _compared(sides, folder, settings, progress)
    metrics = [metric for found, _drawn in parts for metric in found]
    drawn = _together([each for _found, each in parts], (*people.warnings, *said), _how(sides, people))
    result = EvaluationResult(
        "people", name, f"{len(sides.kept)} real people of {people.real.name}", date.today().isoformat(), __version__,
        tuple(metrics), drawn.warnings, drawn.settings,
    )  # fmt: skip
    kept, trained = _layouts(sides.kept, sides.trained)
    return PeopleJudgement(result, drawn, trained_people(kept, trained) if len(trained) >= FEWEST else None)


# -- measuring -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sides:
    synthetic: list[PersonMeasurements]
    kept: list[PersonMeasurements]
    trained: list[PersonMeasurements]
    matchings: tuple[Matching, Matching]


def _measured(people: JudgedPeople, folder: Path, workers: Workers, progress: Progress) -> tuple[_Sides, list[str]]:
    synthetic, said = bring_all(people.synthetic.people, folder / "synthetic", workers, progress)
    kept, more = bring_all(people.kept, folder / "real", workers, progress)
    trained, others = bring_all(people.trained, folder / "trained", workers, progress, registered=False)
    for name, side in (("synthetic", synthetic), ("real", kept)):
        if len(side) < FEWEST:
            raise InputError(f"only {len(side)} {name} people could be used. {(said + more)[0] if said + more else ''}")
    progress("finding one softness and one noise level")
    first = [
        image_of(folder / where, one) for where, side in (("synthetic", synthetic), ("real", kept)) for one in side[:_MATCHED_BY]
    ]
    count = min(len(synthetic), _MATCHED_BY)
    matchings = matched(first[:count], first[count:])
    fine = _FINE_OF if have_fine_maps(synthetic) and have_fine_maps(kept) else 0
    return _Sides(
        measure_all(synthetic, matchings[0], folder / "synthetic", workers, progress, fine=fine),
        measure_all(kept, matchings[1], folder / "real", workers, progress, fine=fine),
        measure_all(trained, matchings[1], folder / "trained", workers, progress, whole=False),
        matchings,
    ), [*said, *more, *others]  # fmt: skip


def _records(sides: _Sides) -> tuple[list[Mapping[str, float | str]], list[Mapping[str, float | str]]]:
    return [one.source.record for one in sides.synthetic], [one.source.record for one in sides.kept]


# -- comparing -------------------------------------------------------------------------------------------------


def _compared(sides: _Sides, folder: Path, settings: Settings, progress: Progress) -> list[tuple[list[Metric], Illustrations]]:
    """Metrics and illustrations of each group."""
    parts: dict[str, Callable[[], tuple[list[Metric], Illustrations]]] = {
        "images": lambda: _images(sides, folder, settings, progress),
        "anatomy": lambda: _anatomy(sides, folder),
        "relaxation times": lambda: _relaxation(sides),
        "records": lambda: judge_records(*_records(sides), baselines=settings.baselines, progress=progress),
        "image and record": lambda: judge_coherence(*_coherent(sides)),
        "estimates": lambda: (_estimates(sides, folder, settings, progress), Illustrations()),
        "trained people": lambda: _memory(sides, folder, settings),
    }
    found = []
    for name, judged in parts.items():
        progress(f"comparing {name}")
        found.append(judged())
    return found


def _images(sides: _Sides, folder: Path, settings: Settings, progress: Progress) -> tuple[list[Metric], Illustrations]:
    def stack(measured: Sequence[PersonMeasurements], where: str, matching: Matching) -> np.ndarray:
        return np.stack([matched_image(folder / where, one.source, matching) for one in measured])

    count = min(len(sides.synthetic), len(sides.kept))
    synthetic = stack(sides.synthetic[:count], "synthetic", sides.matchings[0])
    real = stack(sides.kept, "real", sides.matchings[1])
    found, drawn = judge_images(sides.synthetic, sides.kept, synthetic, real, network=settings.network, progress=progress)
    sheet = pictures.contact_sheet(synthetic[:_PICTURED], real[:_PICTURED] if settings.shown else None)
    return found, replace(drawn, pictures=(sheet, *drawn.pictures))


def _anatomy(sides: _Sides, folder: Path) -> tuple[list[Metric], Illustrations]:
    found, drawn = judge_anatomy([one.anatomy for one in sides.synthetic], [one.anatomy for one in sides.kept])
    alike = [
        repeated_folds([matched_image(folder / where, one.source, matching) for one in side[:_FOLDS_OF]])
        for side, where, matching in zip((sides.synthetic, sides.kept), ("synthetic", "real"), sides.matchings, strict=True)
    ]
    fine, finely_drawn = _fine_anatomy(sides)
    return [*found, judge_folds(*alike), *fine], replace(drawn, charts=(*drawn.charts, *finely_drawn.charts))


def _fine_anatomy(sides: _Sides) -> tuple[list[Metric], Illustrations]:
    """At 1 mm, where both sides have maps of that."""
    mine, theirs = ([one.fine for one in side if one.fine] for side in (sides.synthetic, sides.kept))
    if not mine or not theirs:
        return [], Illustrations()
    return judge_anatomy(mine, theirs, group="anatomy at 1 mm")


def _relaxation(sides: _Sides) -> tuple[list[Metric], Illustrations]:
    mine, theirs = ([one for one in side if one.relaxation] for side in (sides.synthetic, sides.kept))
    if not mine:
        return [], Illustrations(warnings=("The synthetic people have no maps, so T1, T2 and PD are not judged.",))
    tesla = next((one.source.field for one in mine if one.source.field), None) or 3.0
    return judge_relaxation([one.relaxation for one in mine], [one.relaxation for one in theirs], tesla)


def _coherent(sides: _Sides) -> list[People]:
    """Synthetic, kept and trained people, as coherence looks at them."""
    names = ("ventricles", "fluid", "white matter", "grey matter")
    groups = (sides.synthetic, sides.kept, sides.trained)
    return [
        People(
            [one.source.record for one in side],
            {name: np.array([_volume(one, name) for one in side]) for name in names},
            rows,
        )
        for side, rows in zip(groups, _layouts(*groups), strict=True)
    ]


def _estimates(sides: _Sides, folder: Path, settings: Settings, progress: Progress) -> list[Metric]:
    if settings.model is None:
        return []
    layouts = _layouts(sides.kept, sides.trained)
    kept, trained = (Brains(_ages(side), rows) for side, rows in zip((sides.kept, sides.trained), layouts, strict=True))
    velocities = [image_of(folder / "real", one.source).velocity for one in sides.kept]
    known = [{"sex": sex} if (sex := one.source.record.get("sex")) in ("F", "M") else {} for one in sides.kept]
    return judge_estimates(settings.model, kept, velocities, known, trained, progress)


def _ages(side: Sequence[PersonMeasurements]) -> Numbers:
    told = (one.source.record.get("age") for one in side)
    return np.array([float(age) if isinstance(age, int | float) else np.nan for age in told])


def _volume(one: PersonMeasurements, name: str) -> float:
    return one.anatomy.get(f"volume: {name}", np.nan) / 100


def _layouts(*sides: Sequence[PersonMeasurements]) -> tuple[Numbers, ...]:
    size = len(sides[0][0].families[_LAYOUT])
    return tuple(np.array([list(one.families[_LAYOUT].values()) for one in side]).reshape(len(side), size) for side in sides)


def _memory(sides: _Sides, folder: Path, settings: Settings) -> tuple[list[Metric], Illustrations]:
    if len(sides.trained) < FEWEST:
        return [], Illustrations()
    groups = (sides.synthetic, sides.kept, sides.trained)
    spaces: dict[str, Groups] = {"image": Groups(*_layouts(*groups))}
    for name in sides.kept[0].networks:
        spaces[name] = Groups(*(np.array([one.networks[name] for one in side]) for side in groups))
    records = [[one.source.record for one in side] for side in groups]
    if (rows := record_rows(records[0], records[1])).shape[1]:
        spaces["record"] = Groups(rows, record_rows(records[1], records[1]), record_rows(records[2], records[1]))
    found, nearest = judge_memory(spaces)
    if nearest is None:
        return found, Illustrations()
    one, other = sides.synthetic[nearest.synthetic].source, sides.trained[nearest.trained].source
    images = [matched_image(folder / "synthetic", one, sides.matchings[0])]
    images += [matched_image(folder / "trained", other, sides.matchings[1])] if settings.shown else []
    return found, Illustrations(pictures=(pictures.nearest_pair(images, nearest.ratio),))


# -- telling ---------------------------------------------------------------------------------------------------


def _how(sides: _Sides, people: JudgedPeople) -> dict[str, str]:
    one, other = sides.matchings
    n = common_size(len(sides.synthetic), len(sides.kept))
    return {
        "people": f"{len(sides.synthetic)} synthetic ({people.synthetic.path.name}), {len(sides.kept)} real who were kept from "
        f"training, {len(sides.trained)} real who were trained on",
        "one grid": "voxels of 2 mm in the standard frame; a T1w from maps by the MPRAGE equation; everybody resampled once more "
        "(cubic) to a closed brain of 1788 cm³",
        "one softness": f"synthetic images blurred by {2 * one.blur:.1f} mm, real ones by {2 * other.blur:.1f} mm (standard "
        "deviation), so that their mean spectra fall alike between 0.4 and 0.8 of Nyquist",
        "one noise level": f"noise of {one.noise:.3f} added to synthetic and of {other.noise:.3f} to real images (white less "
        "fluid = 1), so that white matter fluctuates alike from voxel to voxel",
        "intervals": f"95 %, of 200 draws of {n} people on each side, without replacement",
        "real against real": f"{n} of the kept real people against {n} others of them, drawn as often, measured and compared "
        "in the same way",
        "networks": "random: three layers, weights from a fixed seed; frozen encoder: that of scans-to-maps-1mm",
    }  # fmt: skip


def _together(parts: Sequence[Illustrations], warnings: Sequence[str], settings: Mapping[str, str]) -> Illustrations:
    return Illustrations(
        tuple(chart for part in parts for chart in part.charts),
        tuple(picture for part in parts for picture in part.pictures),
        tuple(table for part in parts for table in part.tables),
        tuple(dict.fromkeys([*warnings, *(said for part in parts for said in part.warnings)])),
        {**settings, **{key: value for part in parts for key, value in part.settings.items()}},
    )
