"""One simulated person: from a number and a seed to maps, segmentation and scans. The same each time, on any machine's worker.

Every part has a generator of its own (seed, number, part), so that asking for other scans changes nobody's brain.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mriexplorer.errors import InputError
from mriexplorer.simulation import acquisition as scans
from mriexplorer.simulation import composition, shape, tissue
from mriexplorer.simulation import record as attributes
from mriexplorer.simulation.acquisition import Acquisition
from mriexplorer.simulation.anatomy import Anatomy, prepare
from mriexplorer.simulation.composition import Composition
from mriexplorer.simulation.labels import Labels, codes_of
from mriexplorer.simulation.record import SimulatedRecord
from mriexplorer.subject.record_columns import as_written
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Grid

SHAPE = (160, 224, 160)  # voxels at 1 mm, the crop of the physics-informed model's paper
_PARTS = ("attributes", "shape", "lesions", "values", "texture")  # the order is part of the seed


@dataclass(frozen=True)
class SourceAnatomy:
    """A prepared anatomy as people are made of it: its label map (None: built in), and what it is like."""

    path: str | None
    name: str
    identity: str
    ventricles: float
    brain: float


@dataclass(frozen=True)
class SimulationPlan:
    """What a set of simulated people is made with; two plans that are equal give the same people."""

    seed: int
    field: float
    voxel: int
    population: str
    scans: tuple[str, ...]
    without: tuple[str, ...]
    sources: tuple[SourceAnatomy, ...]


@dataclass(frozen=True)
class SimulatedPerson:
    """A simulated person. ``volumes`` in cm³ are measured in the maps as they are; ``jacobian`` is the least of the warp."""

    number: int
    record: SimulatedRecord
    source: SourceAnatomy
    mirrored: bool
    jacobian: float
    volumes: Mapping[str, float]
    subject: Subject
    segmentation: Labels

    @property
    def name(self) -> str:
        """``sub-synth0001`` for number 0."""
        return name_of(self.number)


def name_of(number: int) -> str:
    """The participant's label: synthetic people are told by it."""
    return f"sub-synth{number + 1:04d}"


def grid_of(voxel: int) -> Grid:
    """The grid of every simulated person: axes Right, Anterior, Superior, its middle at ``shape.CENTRE``."""
    affine = np.diag([float(voxel)] * 3 + [1.0])
    sizes = np.array(SHAPE) // voxel
    affine[:3, 3] = shape.CENTRE - voxel * (sizes - 1) / 2
    return Grid((int(sizes[0]), int(sizes[1]), int(sizes[2])), affine, codes=(1, 1))


def source_of(path: Path | None, anatomy: Anatomy) -> SourceAnatomy:
    """What a plan keeps of an anatomy."""
    return SourceAnatomy(
        None if path is None else str(path), anatomy.name, anatomy.identity, anatomy.ventricle_share, anatomy.brain_share
    )


def make(plan: SimulationPlan, number: int) -> SimulatedPerson:
    """A person of a plan. Raises InputError when its anatomy cannot be read any more."""
    rng = _generators(plan.seed, number)
    record = attributes.draw(rng["attributes"], plan.population)
    source = _suitable(plan.sources, record, rng["shape"])
    anatomy = _anatomy(source.path)
    if anatomy.identity != source.identity:
        raise InputError(f"{source.path} changed while people were made of it; run the same command again.")
    mirrored = bool(rng["shape"].random() < 0.5)
    form = shape.fit(anatomy, rng["shape"], inside=record.etiv_cm3, ventricles=record.ventricles, mirrored=mirrored)
    made = composition.compose(anatomy, form, grid_of(1), brain=record.nwbv, grey=record.grey)
    made = tissue.with_lesions(made, rng["lesions"], tissue.lesion_volume(rng["lesions"], record.age, record.cdr or 0))
    volumes = _volumes(made)
    if plan.voxel == 2:
        made = tissue.coarser(made)
    maps = tissue.maps(made, tissue.values(rng["values"], record.age, plan.field), rng["texture"])
    subject = Subject(
        name_of(number), maps, description=f"simulated person on the anatomy {source.name}", field=plan.field, synthetic=True
    )
    return SimulatedPerson(number, record, source, mirrored, form.least, volumes, subject, composition.segmentation(made))


def scan(plan: SimulationPlan, person: SimulatedPerson, kind: str) -> tuple[Any, Grid, Acquisition]:
    """A scan of a kind: integers, their grid, and how it was made."""
    order = list(scans.protocols()).index(kind)
    rng = np.random.default_rng([plan.seed, person.number, len(_PARTS) + order])
    protocol = scans.choose(rng, kind)
    brain = np.isin(person.segmentation, codes_of("wm") + codes_of("gm"))
    bright = scans.brain_signal(person.subject, brain, protocol)
    acquisition = scans.draw(rng, protocol, bright, frozenset(plan.without))
    integers, grid = scans.acquire(person.subject, acquisition, rng)
    return integers, grid, acquisition


def _generators(seed: int, number: int) -> dict[str, np.random.Generator]:
    return {part: np.random.default_rng([seed, number, place]) for place, part in enumerate(_PARTS)}


@lru_cache(maxsize=2)
def _anatomy(path: str | None) -> Anatomy:
    return prepare(None if path is None else Path(path))


def _suitable(sources: tuple[SourceAnatomy, ...], record: SimulatedRecord, rng: np.random.Generator) -> SourceAnatomy:
    """One of the anatomies, the more likely the less it must be changed."""
    far = [(np.log(s.ventricles / record.ventricles) / 0.5) ** 2 + ((s.brain - record.nwbv) / 0.06) ** 2 for s in sources]
    weights = np.exp(-0.5 * (np.array(far) - min(far)))
    return sources[int(np.searchsorted(np.cumsum(weights / weights.sum()), rng.random()).clip(0, len(sources) - 1))]


def _volumes(made: Composition) -> dict[str, float]:
    """Volumes in cm³ by what they count as, and of lesions, measured on the composition."""
    parts = {counts: made.volume(counts) for counts in ("wm", "gm", "csf", "ventricle")}
    edge = float(np.prod(made.grid.spacing)) / 1000
    lesions = float(made.shares["lesion"].sum(dtype=np.float64)) * edge
    inside = sum(parts.values())
    return {
        "etiv": round(inside, 1),
        "nwbv": round((parts["wm"] + parts["gm"]) / inside, 4),
        "gm": round(parts["gm"], 1),
        "wm": round(parts["wm"], 1),
        "csf": round(parts["csf"], 1),
        "ventricles": round(parts["ventricle"], 1),
        "lesions": round(lesions, 2),
    }


def row_of(person: SimulatedPerson) -> dict[str, Any]:
    """The person's row of participants.tsv. What is measured in the maps takes the place of what was drawn for it."""
    record = as_written(asdict(person.record) | {"bmi": person.record.bmi})
    return {"participant_id": person.name, **record, **person.volumes, "anatomy": person.source.name,
            "mirrored": "yes" if person.mirrored else "no"}  # fmt: skip
