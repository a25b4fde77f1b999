"""What an anatomy must be like, so that a picture of the brain shows what pictures of real people do.

A picture and a label map do not measure alike: partial volumes, where ventricles end, what counts as inside the skull; and the
heads whose cortical folding is borrowed are not those of the people whose shapes were learnt. So a few people are made, again and
again, and compared with real ones who trained:

* quantile maps: the numbers of each study's people;
* lines from ventricles of the anatomy to those that are seen (logarithms), and from the brain's share of the anatomy's inside to
  the fluid that is seen, which for real people goes with nWBV (``JointModel.fluid``);
* the tissue density correction: how much more fluid, or white matter, each place of the template must have, and how that goes
  with nWBV, for sampled brains to show as much there as real ones do in the mean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.generative.folding.model import FoldingModel
from mriexplorer.generative.joint.attribute_estimate import soft_t1w
from mriexplorer.generative.joint.brain import build, folding_anatomy
from mriexplorer.generative.joint.model import JointModel, load_joint, save_joint
from mriexplorer.generative.joint.people import Participant
from mriexplorer.generative.joint.quantile_mapping import QuantileMaps, fitted
from mriexplorer.generative.joint.sample import sample_subjects, shape_of
from mriexplorer.generative.joint.tissue_density import NONE, TissueDensityCorrection, usable
from mriexplorer.simulation.anatomy import Anatomy
from mriexplorer.simulation.demons import fluids, layers, normalised_intensity
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import Vectors, exponential

_PEOPLE, _ROUNDS = 40, 3
_SAMPLED = 1500  # people of each study
_FIELD = 1.5  # T, of the scans that people were learnt from
_LEAST = 0.03  # of a share, below which it counts as that
_STEP = 1.5  # borders move less than shares by a factor, so each round goes further than it seems to need
_MOST = 4.0  # largest natural logarithm of a factor

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _ImageStatistics:
    """What pictures of people show: ``layers`` (people, 2, knots), nWBV, and of made people volumes and fluids (people, 4)."""

    layers: Vectors
    nwbv: Numbers
    measured: Numbers


def calibrate(folder: Path, folding: FoldingModel, people: Sequence[Participant], progress: Callable[[str], None]) -> None:
    """Fit lines, quantile maps and tissue density correction of a model, and save them with it; ``people`` trained it.

    Raises InputError where fluid and brain do not go together.
    """
    model = replace(load_joint(folder), ventricles=(0.0, 1.0), brain=(0.0, 1.0), tissue_density=NONE, quantile_maps={})
    model = replace(model, quantile_maps=_quantile_maps(model, people))
    progress("looking at real people")
    real = _of_real([person for person in people if person.shape is not None and "nwbv" in person.record])
    anatomies = _anatomies(model, folding, progress)
    for number in range(1, _ROUNDS + 1):
        made = _of_made(model, anatomies, lambda what, number=number: progress(f"round {number} of {_ROUNDS}: {what}"))  # type: ignore[misc]
        ventricles, brain = _lines(model, made)
        model = replace(model, ventricles=ventricles, brain=brain, tissue_density=_corrected(model.tissue_density, real, made))
    save_joint(folder, model)


def _quantile_maps(model: JointModel, people: Sequence[Participant]) -> QuantileMaps:
    """Of every study, from the records of its people who trained."""
    found = {}
    for study in map(str, model.column("study").values):
        real = [person.record for person in people if person.record.get("study") == study]
        scores = np.stack([person.scores for person in sample_subjects(model, range(1, _SAMPLED + 1), {"study": study})])
        numbers = [(place, c) for place, c in enumerate(model.columns) if not c.values or isinstance(c.values[0], float)]
        ladders = {column.name: fitted(column, real, scores[:, place]) for place, column in numbers}
        found[study] = {name: ladder for name, ladder in ladders.items() if ladder is not None}
    return found


def _of_real(people: Sequence[Participant]) -> _ImageStatistics:
    found = []
    for person in people:
        entry = person.shape.entry  # type: ignore[union-attr]
        image = entry.images[entry.kinds.index("T1w")].astype(np.float32)
        found.append(layers(normalised_intensity(image, image > 0.02), person.velocity, grid_of(2)).astype(np.float16))
    return _ImageStatistics(
        np.array(found), np.array([float(person.record["nwbv"]) for person in people]), np.zeros((len(people), 4))
    )


def _anatomies(model: JointModel, folding: FoldingModel, progress: Callable[[str], None]) -> list[Anatomy]:
    """Folding of the people who are made in each round."""
    found = []
    for number, person in enumerate(sample_subjects(model, range(1, _PEOPLE + 1)), 1):
        found.append(folding_anatomy(folding, person.folding, torch.device("cpu"), half=True))
        progress(f"folding of {number} of {_PEOPLE} people")
    return found


def _of_made(model: JointModel, anatomies: Sequence[Anatomy], progress: Callable[[str], None]) -> _ImageStatistics:
    found, rows, nwbv = [], [], []
    people = sample_subjects(model, range(1, _PEOPLE + 1))
    for number, (person, anatomy) in enumerate(zip(people, anatomies, strict=True), 1):
        made = build(model, person, anatomy, voxel=2, field=_FIELD, sized=False)
        image = soft_t1w(made.subject.maps)
        shades, velocity = normalised_intensity(image, image > 0), model.basis.velocity(shape_of(model, person))
        inside = sum(made.volumes.values())
        parts = made.volumes["ventricle"] / inside, (made.volumes["wm"] + made.volumes["gm"]) / inside
        rows.append((*parts, *fluids(shades, image > 0, exponential(velocity), grid_of(2))))
        found.append(layers(shades, velocity, grid_of(2)).astype(np.float16))
        nwbv.append(float(person.record["nwbv"]))
        progress(f"{number} of {_PEOPLE} people made")
    return _ImageStatistics(np.array(found), np.array(nwbv), np.array(rows))


def _lines(model: JointModel, made: _ImageStatistics) -> tuple[tuple[float, float], tuple[float, float]]:
    """Of ventricles, and of the brain (``JointModel``)."""
    ventricles, brain, seen_ventricles, seen_fluid = made.measured.T
    b, a = np.polyfit(np.log(ventricles), np.log(seen_ventricles), 1)
    slope, start = np.polyfit(brain, seen_fluid, 1)
    if b <= 0 or slope >= 0 or model.fluid[1] >= 0:
        raise InputError(f"{model.name}: brains that are sampled do not show less fluid with more brain; train on more people.")
    return (float(a), float(b)), (float((model.fluid[0] - start) / slope), float(model.fluid[1] / slope))


def _corrected(correction: TissueDensityCorrection, real: _ImageStatistics, made: _ImageStatistics) -> TissueDensityCorrection:
    """Further by what made people lack, place by place, in the mean and by nWBV."""
    middle, spread = float(real.nwbv.mean()), float(real.nwbv.std())
    wanted, has = _by_nwbv(real, middle, spread), _by_nwbv(made, middle, spread)
    ends = [_logarithms(wanted[0] + at * wanted[1]) - _logarithms(has[0] + at * has[1]) for at in (-1, 1)]
    more = np.stack([(ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2]).astype(np.float32)
    return TissueDensityCorrection(middle, spread, np.clip(correction.factors + np.float32(_STEP) * usable(more), -_MOST, _MOST))


def _by_nwbv(statistics: _ImageStatistics, middle: float, spread: float) -> tuple[Vectors, Vectors]:
    """Layers of people in the middle, and what is added for each standard deviation of nWBV."""
    at = np.stack([np.ones(len(statistics.nwbv)), (statistics.nwbv - middle) / spread], 1)
    start, slope = np.linalg.lstsq(at, statistics.layers.reshape(len(at), -1).astype(np.float32), rcond=None)[0]
    size = statistics.layers.shape[1:]
    return start.reshape(size).astype(np.float32), slope.reshape(size).astype(np.float32)


def _logarithms(of: Vectors) -> Vectors:
    """Logarithms of fluid against the rest, and of white matter against cortex."""
    fluid = np.clip(of[0], _LEAST, 1 - _LEAST)
    white = np.clip(of[1] / np.maximum(1 - of[0], _LEAST), _LEAST, 1 - _LEAST)
    return np.stack([np.log(part / (1 - part)) for part in (fluid, white)]).astype(np.float32)
