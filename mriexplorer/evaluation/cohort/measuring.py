"""What is measured of each person, once: numbers only, so that hundreds fit into memory, and kept, so that a run goes on.

REPORT/measured/<set>-<n>-<name>.npz    the image on the common grid (``images``), by the state of the person's files
REPORT/measured/<...>.json              numbers of the matched image, by that and by the matching
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.anatomy import anatomy_of, labels_anatomy
from mriexplorer.evaluation.cohort.atlas import regions, warped
from mriexplorer.evaluation.cohort.features import FAMILIES, Family, MatchedBrain, layout
from mriexplorer.evaluation.cohort.fine_anatomy import EDGE, fine_anatomy
from mriexplorer.evaluation.cohort.images import BrainImage, brain_image, kept_image, labels_of, maps_of, save_image
from mriexplorer.evaluation.cohort.matching import Matching
from mriexplorer.evaluation.cohort.networks import encoder_features, random_features
from mriexplorer.evaluation.cohort.relaxation import relaxation_of
from mriexplorer.evaluation.cohort.sources import PersonSource
from mriexplorer.files import read_json, write_text
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model
from mriexplorer.places import SCANS_TO_MAPS, models
from mriexplorer.simulation.demons import closed_brain
from mriexplorer.simulation.standard_frame import SOLID, VOXEL
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.workers import Progress, Workers, time_left

_RECIPE = 6  # raised whenever a number comes out otherwise
_FIELD = 3.0  # tesla, of maps that do not tell


@dataclass(frozen=True)
class PersonMeasurements:
    """A person's numbers. ``families`` by name (``features.FAMILIES``), ``networks`` by name; ``spectrum`` as the image came.

    Of people who are only there for memory, ``families`` holds the layout alone, and ``anatomy`` and ``relaxation`` are empty.
    """

    source: PersonSource
    families: Mapping[str, Family]
    networks: Mapping[str, Sequence[float]]
    spectrum: Sequence[float]
    anatomy: Family
    relaxation: Family
    fine: Family  # anatomy at 1 mm, of those who were asked for it and have maps of that


def bring_all(
    people: Sequence[PersonSource], folder: Path, workers: Workers, progress: Progress, *, registered: bool = True
) -> tuple[list[PersonSource], list[str]]:
    """Every person's image onto the common grid, kept in ``folder``; who could be used, and what must be said of the others.

    ``registered``: with the warp of the template, which only memory does without.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = {one.name: image for one in people if (image := kept_image(image_file(folder, one), one.stamp)) is not None}
    missing = [one for one in people if one.name not in there]
    heads = [name for name, image in there.items() if image.head]
    if there:
        progress(f"images of {len(there)} of {len(people)} people are there already")
    began, said = monotonic(), dict[str, str]()
    for done, (name, why, head) in enumerate(workers.each(_bring, [(one, str(folder), registered) for one in missing]), 1):
        if why:
            said[name] = why
        heads += [name] if head else []
        progress(f"image of {name} · {done} of {len(missing)}{time_left(began, done, len(missing))}")
    usable = [one for one in people if one.name not in said]
    notices = [f"left out: {why}" for why in said.values()]
    if heads:
        notices.append(f"heads whose brain was not extracted ({len(heads)}, such as {heads[0]}): what lies outside the brain was "
                       "cut off roughly, by the template's mask.")  # fmt: skip
    return usable, notices


def _bring(task: tuple[PersonSource, str, bool]) -> tuple[str, str, bool]:
    source, folder, registered = task
    try:
        image = brain_image(source, registered=registered)
    except InputError as error:
        return source.name, str(error), False
    save_image(image_file(Path(folder), source), image, source.stamp)
    return source.name, "", image.head


def have_fine_maps(people: Sequence[PersonSource]) -> bool:
    """Whether people have maps of 1 mm, as the first of them has."""
    found = maps_of(people[0])
    return found is not None and round(found[1]) == EDGE and all(one.has_maps for one in people)


def image_file(folder: Path, source: PersonSource) -> Path:
    """Where a person's image is kept."""
    return folder / f"{_plain(source)}.npz"


def image_of(folder: Path, source: PersonSource) -> BrainImage:
    """A person's kept image. Raises InputError where it went missing meanwhile."""
    found = kept_image(image_file(folder, source), source.stamp)
    if found is None:
        raise InputError(f"{image_file(folder, source)} is gone or damaged; run the same command again.")
    return found


def matched_image(folder: Path, source: PersonSource, matching: Matching) -> Floats:
    """A person's image as it is compared (x, y, z)."""
    return matching.of(image_of(folder, source), _seed(source))


def measure_all(
    people: Sequence[PersonSource],
    matching: Matching,
    folder: Path,
    workers: Workers,
    progress: Progress,
    *,
    whole: bool = True,
    fine: int = 0,
) -> list[PersonMeasurements]:
    """Every person's numbers, in order; all, or only what memory looks at. Of the first ``fine`` people the anatomy at 1 mm."""
    began, found = monotonic(), dict[str, PersonMeasurements]()
    tasks = [(one, matching, str(folder), whole, place < fine) for place, one in enumerate(people)]
    for done, measured in enumerate(workers.each(_measure, tasks), 1):
        found[measured.source.name] = measured
        progress(f"numbers of {measured.source.name} · {done} of {len(people)}{time_left(began, done, len(people))}")
    return [found[one.name] for one in people]


def _measure(task: tuple[PersonSource, Matching, str, bool, bool]) -> PersonMeasurements:
    source, matching, folder, whole, fine = task
    path = Path(folder) / f"{_plain(source)}.json"
    mark = f"{_RECIPE} {source.stamp} {matching} {whole} {fine}"
    kept = _kept(path, mark)
    if kept is None:
        image = image_of(Path(folder), source)
        soft = matching.of(image, _seed(source))
        brain = brain_of(image, soft)
        kept = _of_memory(image, brain) | (_numbers(source, brain) if whole else {})
        kept["fine"] = fine_anatomy(source, image) if fine else {}
        kept = _rounded(kept)
        write_text(path, json.dumps({"mark": mark, **kept}))
    return PersonMeasurements(source, **kept)


def _rounded(numbers: Any) -> Any:
    """To six digits: what is kept and what was just measured are the same."""
    if isinstance(numbers, Mapping):
        return {name: _rounded(value) for name, value in numbers.items()}
    if isinstance(numbers, tuple):
        return [_rounded(value) for value in numbers]
    return float(f"{numbers:.6g}")


def _kept(path: Path, mark: str) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        found = read_json(path)
    except InputError:
        return None
    return found if found.pop("mark", None) == mark else None


def _of_memory(image: BrainImage, brain: MatchedBrain) -> dict[str, Any]:
    soft = brain.image
    return {
        "families": {"layout in 12 mm blocks": layout(brain)},
        "networks": {
            "random network": tuple(map(float, random_features(soft))),
            "frozen encoder": tuple(map(float, encoder_features(soft, _encoder()))),
        },
        "spectrum": tuple(map(float, image.spectrum)),
        "anatomy": {},
        "relaxation": {},
        "fine": {},
    }


def _numbers(source: PersonSource, brain: MatchedBrain) -> dict[str, Any]:
    return {
        "families": {name: family(brain) for name, family in FAMILIES.items()},
        "anatomy": anatomy_of(brain.white, brain.grey, brain.fluid, float(VOXEL), brain.hull, brain.atlas) | _labelled(source),
        "relaxation": _relaxation(source),
    }


def brain_of(image: BrainImage, matched: Floats) -> MatchedBrain:
    """What features look at."""
    from scipy.ndimage import distance_transform_edt

    hull = closed_brain(image.brain & (matched > SOLID), float(VOXEL))
    depth = np.asarray(distance_transform_edt(hull, float(VOXEL)), np.float32)
    return MatchedBrain(matched, image.brain, hull, depth, warped(regions(), image.velocity))


def _labelled(source: PersonSource) -> Family:
    """Of those whose structures are labelled; compared where both sides are."""
    found = labels_of(source)
    return {} if found is None else labels_anatomy(*found)


def _relaxation(source: PersonSource) -> Family:
    found = maps_of(source)
    if found is None:
        return {}
    maps, edge = found
    pd, t1, t2 = maps[:, ::2, ::2, ::2] if edge < VOXEL else maps  # one voxel of eight has the same values
    return relaxation_of(pd, t1, t2, source.field or _FIELD)


@lru_cache(maxsize=1)
def _encoder() -> Model:
    return load_model(models() / SCANS_TO_MAPS)


def _seed(source: PersonSource) -> int:
    return int(hashlib.sha256(source.name.encode()).hexdigest()[:8], 16)


def _plain(source: PersonSource) -> str:
    told = "".join(letter if letter.isalnum() or letter in "-_" else "+" for letter in source.name)[:60]
    return f"{told}-{hashlib.sha256(source.stamp.encode()).hexdigest()[:8]}"


def matrix(people: Sequence[Mapping[str, float]]) -> tuple[np.ndarray[Any, np.dtype[np.float64]], tuple[str, ...]]:
    """Numbers of people (people, numbers) that all of them have, and their names."""
    names = tuple(name for name in people[0] if all(name in one for one in people))
    return np.array([[one[name] for name in names] for one in people], float), names
