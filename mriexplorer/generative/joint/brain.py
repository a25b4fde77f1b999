"""From the numbers of a person to tissue maps: cortical folding in the template's shape, warped, with the record's tissues."""

from dataclasses import dataclass, replace
from math import exp, log
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.generative.folding.model import FoldingModel
from mriexplorer.generative.folding.sample import anatomy_of, decoded, mixing_shares
from mriexplorer.generative.joint.columns import BMI, HIDDEN, Values
from mriexplorer.generative.joint.model import JointModel, sound
from mriexplorer.generative.joint.sample import SyntheticSubject, shape_of
from mriexplorer.generative.precision import Precision
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.simulation import composition, tissue
from mriexplorer.simulation.anatomy import Anatomy, prepare
from mriexplorer.simulation.labels import Labels
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.record import grey_share
from mriexplorer.simulation.shape import mirrored, swollen
from mriexplorer.subject.body_mass_index import bmi
from mriexplorer.subject.record_columns import record_column
from mriexplorer.subject.subject import Attribute, Subject
from mriexplorer.subject.tissue_maps import Box, Grid, TissueMaps

_EVERY = 2  # coarse voxels between those that volumes are measured at
_LEAST_BRAIN, _MOST_BRAIN = 0.4, 0.95
_LEAST_VENTRICLES, _MOST_VENTRICLES = 0.002, 0.2
_KEPT = 3  # anatomies of people, so that dragging one decodes nothing
_MADE: dict[tuple[str, tuple[tuple[int, float], ...]], Anatomy] = {}


@dataclass(frozen=True)
class Brain:
    """The maps of a person, the structure of each voxel, and volumes in cm³ measured in the maps."""

    subject: Subject
    segmentation: Labels
    volumes: dict[str, float]


@one_thread_each()
def folding_anatomy(
    folding: FoldingModel,
    seeds: tuple[tuple[int, float], ...],
    device: torch.device,
    *,
    half: bool,
    precision: Precision = "auto",
) -> Anatomy:
    """The anatomy of the folding of seeds, mixed by shares; left and right as the first seed has them. The last few are kept."""
    key = (folding.name, seeds)
    if half or key not in _MADE:
        shares = sum(weight * mixing_shares(folding, seed) for seed, weight in seeds)
        total = float(sum(weight for _seed, weight in seeds))
        mixed = decoded(folding, torch.as_tensor(shares) / total, device, half=half, precision=precision)
        found = anatomy_of(mixed, f"folding {seeds}")
        found = mirrored(found) if np.random.default_rng([seeds[0][0], 8]).random() < 0.5 else found
        if half:
            return found
        _MADE[key] = found
        while len(_MADE) > _KEPT:
            del _MADE[next(iter(_MADE))]
    return _MADE[key]


def rough_anatomy(folding: FoldingModel, seeds: tuple[tuple[int, float], ...]) -> Anatomy:
    """The person's folding where it is there already, else the built-in anatomy: what a rough brain is made of."""
    return _MADE.get((folding.name, seeds)) or prepare(None)


@sound
def build(
    model: JointModel,
    person: SyntheticSubject,
    anatomy: Anatomy,
    *,
    voxel: int,
    field: float,
    rough: bool = False,
    sized: bool = True,
) -> Brain:
    """The brain of a person on a grid of ``voxel`` (1 or 2 mm) at a field strength (T); ``rough`` without lesions and texture.

    Not ``sized``, it has the template's size, as scans have that were brought to an atlas.
    """
    record = person.record
    age, size, share = (_number(record, name) for name in ("age", "etiv_cm3", "nwbv"))
    anatomy = model.tissue_density.of(anatomy, share)
    form = swollen(
        anatomy, model.basis.velocity(shape_of(model, person)), inside=size if sized else None,
        ventricles=_ventricles(model, record), every=_EVERY, near=0.05 if rough else 0.01,
    )  # fmt: skip
    start, slope = model.brain
    inside = min(max(start + slope * share, _LEAST_BRAIN), _MOST_BRAIN)
    whole = grid_of(voxel)
    box = composition.extent(anatomy, form, whole)
    made = composition.compose(anatomy, form, whole.part(box), brain=inside, grey=grey_share(age))
    rngs = {part: np.random.default_rng([person.seed, 20 + place]) for place, part in enumerate(("lesions", "values", "texture"))}
    if not rough:
        made = tissue.with_lesions(made, rngs["lesions"], tissue.lesion_volume(rngs["lesions"], age, _number(record, "cdr")))
    values = tissue.values(rngs["values"], age, field)
    maps = _placed(tissue.maps(made, values, None if rough else rngs["texture"]), whole, box)
    volumes = {name: made.volume(name) for name in ("wm", "gm", "csf", "ventricle")}
    subject = Subject(
        f"sub-sampled{person.seed}", maps, attributes_of(record), "sampled together with the maps; nobody has this record",
        description=f"a synthetic subject, sampled by {model.name} from seed {person.seed}", field=field, synthetic=True,
    )  # fmt: skip
    return Brain(subject, _in_box(composition.segmentation(made), whole, box), volumes)


def _placed(maps: TissueMaps, whole: Grid, box: Box) -> TissueMaps:
    """Maps of a box on the whole grid; nothing around them."""
    pd, t1, t2, t2star = (_in_box(part, whole, box) for part in (maps.pd, maps.t1, maps.t2, maps.decay_star))
    return TissueMaps(pd, t1, t2, whole, t2star)


def _in_box(part: NDArray[Any], whole: Grid, box: Box) -> NDArray[Any]:
    found = np.zeros(whole.shape, part.dtype)
    found[box] = part
    return found


def _ventricles(model: JointModel, record: Values) -> float:
    """Their share of what is inside the skull of an anatomy, from their share of the brain in pictures (%)."""
    a, b = model.ventricles
    share = exp((log(_number(record, "ventricles") / 100) - a) / b)
    return min(max(share, _LEAST_VENTRICLES), _MOST_VENTRICLES)


def _number(record: Values, name: str) -> float:
    return float(record[name])


def attributes_of(record: Values) -> tuple[Attribute, ...]:
    """A record as a subject carries it, BMI computed from height and weight."""
    shown = {name: value for name, value in record.items() if name not in (*HIDDEN, BMI.name)}
    mass = bmi(record)
    if mass is not None:
        shown = dict(_with_after(shown, "weight_kg", BMI.name, mass))
    return tuple(
        Attribute(name, _written(value), record_column(name).unit.name, f"{record_column(name).label}, sampled")
        for name, value in shown.items()
    )


def _with_after(values: Values, after: str, name: str, value: float) -> list[tuple[str, float | str]]:
    items: list[tuple[str, float | str]] = []
    for key, one in values.items():
        items.append((key, one))
        if key == after:
            items.append((name, value))
    return items


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def renamed(brain: Brain, name: str) -> Brain:
    """The same brain under another name."""
    return replace(brain, subject=replace(brain.subject, name=name))
