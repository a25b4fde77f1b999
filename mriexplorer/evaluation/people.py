"""Figures of the model of people: are sampled brains and records like those of people it never saw, and do they fit each other.

Brains are compared in T1-weighted images at 2 mm, drawn in the same shades (``demons.normalised_intensity``) for sampled and
for real people, and sampled ones blurred until they are as soft as the real, twice resampled ones. Distances are taken between
numbers of shapes and records, not between features of a network.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.evaluation.measures import fine_power
from mriexplorer.generative.folding.model import FoldingModel
from mriexplorer.generative.joint.attribute_estimate import t1w
from mriexplorer.generative.joint.brain import build, folding_anatomy
from mriexplorer.generative.joint.columns import MEASURED_IN_IMAGES
from mriexplorer.generative.joint.flow import STEPS
from mriexplorer.generative.joint.model import JointModel
from mriexplorer.generative.joint.people import Participant
from mriexplorer.generative.joint.sample import SyntheticSubject, estimates, sample_subjects, shape_of
from mriexplorer.generative.precision import Precision
from mriexplorer.simulation.demons import fluids, layers_of, normalised_intensity
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import exponential
from mriexplorer.subject.tissue_maps import Floats

Numbers = NDArray[np.float64]
Progress = Callable[[str], None]
MANY, FINE = 500, 250  # people of distances and slopes; steps of the reference
_FIELD = 1.5  # T, of the real images
_COLUMNS = ("age", "sex", "etiv_cm3", "nwbv", "ventricles")  # that every real person with an image has
_COARSE = 3  # voxels of 2 mm to an edge of what the regression sees
_PENALTIES = np.geomspace(1e-1, 1e4, 11)


@dataclass(frozen=True)
class ImageStatistics:
    """What images show of people: ``shades`` (people, x, y, z), age, sex, ventricles and fluid (shares of the closed brain)."""

    shades: Floats
    age: Numbers
    sex: NDArray[np.str_]
    ventricles: Numbers
    fluid: Numbers


# -- numbers ---------------------------------------------------------------------------------------------------


def numbers_of(model: JointModel, people: Sequence[Participant]) -> Numbers:
    """Numbers of shapes of real people (people, shape)."""
    return np.stack([model.basis.numbers(person.velocity) for person in people])


def record_scores(model: JointModel, records: Sequence[Mapping[str, float | str]]) -> Numbers:
    """Scores of the columns that every person with an image has; the middle of a level."""
    rows = []
    for record in records:
        ends = [model.column(name).interval(record[name]) for name in _COLUMNS]
        rows.append([np.clip(low, -2.5, 2.5) / 2 + np.clip(high, -2.5, 2.5) / 2 for low, high in ends])
    return np.array(rows)


def frechet(one: Numbers, other: Numbers) -> float:
    """Fréchet distance of two normal distributions fitted to people (people, numbers)."""
    means = one.mean(0) - other.mean(0)
    a, b = np.cov(one.T), np.cov(other.T)
    values = np.linalg.eigvals(a @ b)
    root = np.sqrt(np.maximum(values.real, 0)).sum()
    return float(means @ means + np.trace(a) + np.trace(b) - 2 * root)


def distances(
    model: JointModel, held_out: Sequence[Participant], trained: Sequence[Participant], device: torch.device
) -> dict[str, float]:
    """Fréchet distances of the usual and of many steps to people who were kept, and of trained people to them; and copies."""
    given = _study(held_out)
    real = np.concatenate([numbers_of(model, held_out), record_scores(model, [p.record for p in held_out])], 1)
    ceiling = np.concatenate([numbers_of(model, trained), record_scores(model, [p.record for p in trained])], 1)
    found: dict[str, float] = {"trained to kept": frechet(ceiling, real)}
    sampled = {}
    for name, steps in (("usual", STEPS), ("many", FINE)):
        people = sample_subjects(model, range(1, MANY + 1), given, device=device, steps=steps)
        sampled[name] = _rows(model, people)
        found[f"{name} steps to kept"] = frechet(sampled[name], real)
        found[f"{name} steps to trained"] = frechet(sampled[name], ceiling)
    shapes = sampled["usual"][:, : model.plan.shape]
    near, away = _nearest(shapes, ceiling[:, : model.plan.shape]), _nearest(shapes, real[:, : model.plan.shape])
    chosen = np.random.default_rng(0).choice(len(ceiling), len(real), replace=False)  # as many of both
    fair = _nearest(shapes, ceiling[chosen][:, : model.plan.shape])
    own = _nearest(real[:, : model.plan.shape], ceiling[:, : model.plan.shape])
    return found | {
        "nearest trained over nearest kept": float(np.median(fair / away)), "least": float((fair / away).min()),
        "nearest trained": float(near.min()), "nearest trained of kept people": float(own.min()),
    }  # fmt: skip


def _rows(model: JointModel, people: Sequence[SyntheticSubject]) -> Numbers:
    return np.concatenate([np.stack([shape_of(model, p) for p in people]), record_scores(model, [p.record for p in people])], 1)


def _nearest(of: Numbers, among: Numbers) -> Numbers:
    apart = np.square(of).sum(1)[:, None] + np.square(among).sum(1) - 2 * of @ among.T
    return np.asarray(np.sqrt(np.maximum(apart, 0)).min(1))


def _study(people: Sequence[Participant]) -> dict[str, float | str]:
    """The study of real people, so that people of the same are sampled; nothing where there are several or none."""
    named = {str(person.record["study"]) for person in people if "study" in person.record}
    return {"study": named.pop()} if len(named) == 1 else {}


# -- slopes ----------------------------------------------------------------------------------------------------


def slopes(model: JointModel, held_out: Sequence[Participant], device: torch.device) -> dict[str, dict[str, float]]:
    """Slope and correlation of nWBV and ventricles with age, by sex, of real people who were kept and of sampled ones.

    Ages and sexes of the sampled are those of the real; what is judged is what follows.
    """
    people = alike(model, held_out, MANY, device)
    found = {}
    for name in ("nwbv", "ventricles"):
        for sex in ("F", "M"):
            rows = {
                whose: np.array([[r["age"], r[name]] for r in records if r.get("sex") == sex and name in r], float)
                for whose, records in (("real", [p.record for p in held_out]), ("sampled", [p.record for p in people]))
            }
            found[f"{name} {sex}"] = {
                f"{whose} {what}": value for whose, at in rows.items() for what, value in _line(at[:, 0], at[:, 1]).items()
            }
    return found


def alike(model: JointModel, held_out: Sequence[Participant], count: int, device: torch.device) -> list[SyntheticSubject]:
    """Sampled people with the ages and sexes of real ones, and of their study."""
    chosen = [held_out[n % len(held_out)].record for n in range(count)]
    given = [{name: r[name] for name in ("age", "sex")} | _study(held_out) for r in chosen]
    return [sample_subjects(model, [n], conditions, device=device)[0] for n, conditions in enumerate(given, 1)]


def _line(age: Numbers, value: Numbers) -> dict[str, float]:
    return {"slope": float(np.polyfit(age, value, 1)[0]), "r": float(np.corrcoef(age, value)[0, 1])}


def image_slopes(real: ImageStatistics, sampled: ImageStatistics) -> dict[str, dict[str, float]]:
    """The same of what images show: ventricles and all fluid."""
    found = {}
    for name in ("ventricles", "fluid"):
        for sex in ("F", "M"):
            pairs = {
                whose: _line(of.age[of.sex == sex], getattr(of, name)[of.sex == sex])
                for whose, of in (("real", real), ("sampled", sampled))
            }
            found[f"{name} {sex}"] = {f"{whose} {k}": v for whose, pair in pairs.items() for k, v in pair.items()}
    return found


# -- images ----------------------------------------------------------------------------------------------------


def statistics_of_real(people: Sequence[Participant]) -> ImageStatistics:
    """Of people with shapes."""
    shapes = [person.shape for person in people if person.shape is not None]
    images = [shape.entry.images[shape.entry.kinds.index("T1w")].astype(np.float32) for shape in shapes]
    shades = np.stack([normalised_intensity(image, image > 0.02) for image in images])
    records = [person.record for person in people]
    volumes = [(shape.ventricles, shape.fluid) for shape in shapes]
    return _statistics(shades, records, volumes)


def statistics_of_sampled(
    model: JointModel,
    folding: FoldingModel,
    people: Sequence[SyntheticSubject],
    device: torch.device,
    progress: Progress,
    blur: float = 0.0,
    precision: Precision = "auto",
) -> tuple[ImageStatistics, list[Floats]]:
    """Of sampled people, whose brains are built at 2 mm; ``blur`` in voxels. And the images as they are."""
    from scipy.ndimage import gaussian_filter

    grid, shades, volumes, images = grid_of(2), [], [], []
    for number, person in enumerate(people, 1):
        anatomy = folding_anatomy(folding, person.folding, device, half=True, precision=precision)
        subject = build(model, person, anatomy, voxel=2, field=_FIELD, sized=False).subject
        image = t1w(subject.maps)
        soft = gaussian_filter(image, blur) if blur else image
        shades.append(normalised_intensity(soft, soft > 0.02 * soft.max()))
        warp = _posed(model, person)
        volumes.append(fluids(shades[-1], shades[-1] > 0, warp, grid))
        images.append(image)
        if number % 10 == 0:
            progress(f"brains built: {number} of {len(people)}")
    return _statistics(np.stack(shades), [p.record for p in people], volumes), images


def _posed(model: JointModel, person: SyntheticSubject) -> Floats:
    """The warp of a person's velocity: where their ventricles lie is looked up in the template."""
    return exponential(model.basis.velocity(shape_of(model, person)))


def _statistics(shades: Floats, records: Sequence[Mapping[str, Any]], volumes: Sequence[tuple[float, float]]) -> ImageStatistics:
    ages = np.array([float(r["age"]) for r in records])
    sexes = np.array([str(r["sex"]) for r in records])
    measured = np.array(volumes)
    return ImageStatistics(shades.astype(np.float16), ages, sexes, measured[:, 0], measured[:, 1])


def softness(real: Sequence[Floats], sampled: Sequence[Floats]) -> float:
    """The blur (voxels) that leaves sampled images as much fine power as real ones have."""
    from scipy.ndimage import gaussian_filter

    wanted = float(np.mean([fine_power(image / image.max()) for image in real]))
    best = (np.inf, 0.0)
    for blur in np.arange(0, 1.3, 0.1):
        has = float(np.mean([fine_power(s / s.max()) for s in (gaussian_filter(i, blur) if blur else i for i in sampled)]))
        best = min(best, (abs(np.log(max(has, 1e-20) / wanted)), float(blur)))
    return best[1]


# -- ages in images --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AgeReader:
    """A ridge regression of age on coarse shares of fluid and white matter and on sex, fitted to real people."""

    middle: Numbers
    scale: Numbers
    weights: Numbers
    offset: float

    def read(self, statistics: ImageStatistics) -> Numbers:
        """Ages (people,)."""
        return np.asarray((_features(statistics) - self.middle) / self.scale @ self.weights + self.offset)


def age_reader(statistics: ImageStatistics) -> AgeReader:
    """Fitted with the penalty that is best for people left out (in closed form)."""
    features = _features(statistics)
    middle, scale = features.mean(0), features.std(0) + 1e-3
    rows = (features - middle) / scale
    off = statistics.age - statistics.age.mean()
    gram = rows @ rows.T
    values, vectors = np.linalg.eigh(gram)
    best = (np.inf, 1.0)
    for penalty in _PENALTIES * float(np.mean(values)):
        hat = (vectors * (values / (values + penalty))) @ vectors.T
        left = (off - hat @ off) / (1 - np.diag(hat))
        best = min(best, (float(np.abs(left).mean()), float(penalty)))
    solved = vectors @ ((vectors.T @ off) / (values + best[1]))
    return AgeReader(middle, scale, rows.T @ solved, float(statistics.age.mean()))


def _features(statistics: ImageStatistics) -> Numbers:
    """Shares of fluid and of white matter in blocks, and sex."""
    from scipy.ndimage import uniform_filter

    rows = []
    for shade, sex in zip(statistics.shades, statistics.sex, strict=True):
        of = shade.astype(np.float32)
        parts = [uniform_filter(part, _COARSE)[1::_COARSE, 1::_COARSE, 1::_COARSE].reshape(-1) for part in layers_of(of)]
        rows.append(np.concatenate([*parts, [1.0 if sex == "M" else 0.0]]))
    return np.array(rows, float)


def ages_from_brains(
    model: JointModel, held_out: Sequence[Participant], device: torch.device, progress: Progress
) -> dict[str, float]:
    """The model's own estimate of age from kept brains whose sex is known: mean absolute error, share within the interval."""
    off, inside = [], []
    for number, person in enumerate(held_out, 1):
        known = {name: person.record[name] for name in ("sex", *MEASURED_IN_IMAGES)}
        found = estimates(model, model.basis.numbers(person.velocity), known, device)
        age = next(one for one in found if one.name == "age")
        true = float(person.record["age"])
        off.append(abs(float(age.value) - true))
        inside.append((age.low or 0) <= true <= (age.high or 0))
        if number % 20 == 0:
            progress(f"ages estimated: {number} of {len(held_out)}")
    return {"error": float(np.mean(off)), "in interval": float(np.mean(inside)), "people": float(len(held_out))}
