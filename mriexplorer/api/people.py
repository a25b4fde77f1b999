"""Many people: simulated, sampled, or gathered from real scans, each into a folder; and what a brain tells of its person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.api.checks import AnyPath, count, one_of, quiet, some_of
from mriexplorer.errors import InputError
from mriexplorer.generative.precision import PRECISIONS, Precision
from mriexplorer.physics import FIELDS
from mriexplorer.places import FOLDING, PEOPLE
from mriexplorer.session.opening import whole_scene
from mriexplorer.subject.subject import Subject
from mriexplorer.view.source import Recipe, Source
from mriexplorer.view.state import State
from mriexplorer.workers import Progress, Workers

if TYPE_CHECKING:
    from mriexplorer.dataset.scan_times import Times
    from mriexplorer.dataset.store import CohortStore
    from mriexplorer.subject.attribute_estimate import AttributeEstimate

_VOXELS = (1, 2)


@dataclass(frozen=True)
class PeopleFolder:
    """People in a folder, by name; ``notices`` must be known of them. ``load(people.folder, person=name)`` opens one.

    Gathered people have scans instead of maps: ``open_store(people.folder).entries`` has them as arrays.
    """

    folder: Path
    names: tuple[str, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimates:
    """What a brain tells, by the name of the attribute: ``attributes["age"]`` has ``value``, and ``low`` and ``high`` that 90 %
    lie between; its ``text`` is ``"71 years (60 to 81)"``. ``notices`` must be known of all of them.
    """

    attributes: "Mapping[str, AttributeEstimate]"
    notices: tuple[str, ...]


def simulate(
    n: int,
    seed: int,
    output: AnyPath,
    *,
    anatomies: AnyPath | None = None,
    field: float = 3.0,
    voxel: int = 1,
    population: str = "adults",
    scans: Sequence[str] = ("T1w", "T2w", "FLAIR"),
    without: Sequence[str] = (),
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Progress = quiet,
) -> PeopleFolder:
    """Make a BIDS derivative of ``n`` simulated people in ``output``: maps, segmentation, scans and attributes that fit.

    ``anatomies`` is a folder of label maps (FreeSurfer codes, BrainWeb), else the built-in anatomy; ``field`` 1.5, 3 or 7 T;
    ``voxel`` 1 or 2 mm; ``scans`` are kinds of scan; ``without`` names effects of a scanner to leave out. ``jobs`` processes
    work, or those of a dask ``scheduler`` (``tcp://host:8786``). The same seed gives the same bytes, and the same call goes on
    where it was stopped.

    Raises InputError for what cannot be simulated, and for folders of other files or settings.
    """
    from mriexplorer.dataset.simulated import SimulationSettings
    from mriexplorer.dataset.simulated import simulate as simulate_people
    from mriexplorer.simulation.acquisition import EFFECTS, protocols
    from mriexplorer.simulation.record import populations

    settings = SimulationSettings(
        count("n", n),
        count("seed", seed),
        Path(output),
        None if anatomies is None else Path(anatomies),
        one_of("field", field, FIELDS),
        one_of("voxel", voxel, _VOXELS),
        one_of("population", population, populations()),
        some_of("scans", scans, protocols()),
        tuple(sorted(some_of("without", without, EFFECTS))),
    )
    with Workers(jobs, scheduler) as workers:
        return PeopleFolder(settings.target, tuple(simulate_people(settings, workers, progress)))


def sample(seed: int = 1, *, field: float = 3.0, progress: Progress = quiet, **given: float | str) -> Subject:
    """Somebody who never was, from the model that ships; ``given`` fixes attributes: ``age=70, sex="F"``. Imports torch.

    Maps at 1 mm, 10 to 30 s on a CPU. Raises InputError for attributes that nobody can have.
    """
    recipe = Recipe(count("seed", seed), tuple(sorted(given.items())))
    return whole_scene(State(Source(field=one_of("field", field, FIELDS), recipe=recipe)), progress)[1].subject


def sample_people(
    n: int,
    seed: int,
    output: AnyPath,
    *,
    model: AnyPath = PEOPLE,
    folding: AnyPath = FOLDING,
    field: float = 3.0,
    voxel: int = 1,
    device: str | None = None,
    precision: Precision = "auto",
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Progress = quiet,
    **given: float | str,
) -> PeopleFolder:
    """Write a BIDS derivative of ``n`` people as ``sample`` draws them, of ``seed``, ``seed`` + 1 and so on. Imports torch.

    ``given`` everybody has (``age=70, sex="F"``), the rest is sampled. ``model`` and ``folding`` are names of shipped models
    or folders of your own; ``device`` is cpu, cuda or mps, else the best there is; ``precision`` float32 or bfloat16, else what
    the device is quick at. ``field`` in T, ``voxel`` 1 or 2 mm; ``jobs``
    and ``scheduler`` as in ``simulate``. The same call goes on where it was stopped.

    Raises InputError for attributes that nobody can have, and for folders of other files or settings.
    """
    from mriexplorer.generative.kinds import SamplingRequest
    from mriexplorer.generative.model_folder import find_model
    from mriexplorer.generative.sampling import sample_dataset

    request = SamplingRequest(
        count("n", n),
        count("seed", seed),
        Path(output),
        find_model(str(model)),
        find_model(str(folding)),
        given,
        one_of("voxel", voxel, _VOXELS),
        one_of("field", field, FIELDS),
        device,
        one_of("precision", precision, PRECISIONS),
    )
    with Workers(jobs, scheduler) as workers:
        names, notices = sample_dataset(request, workers, progress)
    return PeopleFolder(request.target, tuple(names), tuple(notices))


def gather(
    dataset: AnyPath,
    output: AnyPath,
    *,
    voxel: int = 2,
    seed: int = 1,
    times: Mapping[str, Sequence[float]] | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Progress = quiet,
) -> PeopleFolder:
    """Bring real people's scans onto one grid: 160 x 224 x 160 at 1 mm, or half of each at 2 mm (``voxel``), registered rigidly.

    ``dataset`` is a BIDS or OASIS-3 folder, or a table with a column ``file``. ``times`` are for kinds of scan whose sidecars
    have none: ``{"T2w": (0.1, 4.0)}`` (TE, TR), ``{"FLAIR": (0.091, 9.0, 2.5)}`` (TE, TR, TI). ``seed`` splits people into
    train, validation and test. The store has a picture of each session to check; the same call takes in what is new.

    Raises InputError where no session can be used; a session that cannot is left out, and said in ``notices``.
    """
    from mriexplorer.dataset.sessions import find_people
    from mriexplorer.dataset.store import fill_store

    given = {kind: _times(kind, numbers) for kind, numbers in (times or {}).items()}
    people = find_people(Path(dataset), given)
    with Workers(jobs, scheduler) as workers:
        store, notices = fill_store(
            people, Path(output), workers, voxel=one_of("voxel", voxel, _VOXELS), seed=count("seed", seed), progress=progress
        )
    return PeopleFolder(store.folder, tuple(entry.name for entry in store.entries), notices)


def open_store(folder: AnyPath) -> "CohortStore":
    """Gathered people as memory-mapped arrays: ``store.of("train")[0].images`` is float16 (kinds, x, y, z), bright tissue 1.

    Raises InputError for a store that is stale, damaged or has one person in two sets.
    """
    from mriexplorer.dataset import store

    return store.open_store(Path(folder))


def estimate(
    subject: Subject,
    *,
    model: AnyPath = PEOPLE,
    device: str | None = None,
    progress: Progress = quiet,
    **known: float | str,
) -> Estimates:
    """What the shape of a brain tells of its person, each attribute with an interval that holds 90 %. Imports torch.

    ``known`` sharpens the rest: ``sex="F"``. ``model`` is the name of a shipped model or a folder; ``device`` cpu, cuda or mps,
    else the best there is. Not for diagnosis. Raises InputError where the maps hold no whole brain.
    """
    from mriexplorer.generative.devices import chosen
    from mriexplorer.generative.joint.attribute_estimate import estimates_of
    from mriexplorer.generative.joint.kind import KIND
    from mriexplorer.generative.model_folder import find_model

    where = None if device is None else chosen(device)
    found, notices = estimates_of(KIND.load(find_model(str(model))), subject, known, progress, where)
    return Estimates({one.name: one for one in found}, tuple(notices))


def _times(kind: str, numbers: Sequence[float]) -> "Times":
    from mriexplorer.dataset.scan_times import given_times
    from mriexplorer.dataset.sessions import KINDS

    if kind not in KINDS:
        raise InputError(f"times of {kind}: kinds of scan are {', '.join(KINDS)}.")
    try:
        return given_times(kind, list(numbers))
    except ValueError as error:
        raise InputError(f"times of {kind}: {error}.") from None
