"""A dataset of simulated people: a BIDS derivative (``synthetic``) that is made again bit for bit.

DIR/code/simulation.json                  the plan
DIR/sub-synth0001/anat/sub-synth0001_desc-synthetic_{T1w,T2w,FLAIR}.nii.gz and .json, beside maps and segmentation
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from mriexplorer.dataset.sessions import KINDS
from mriexplorer.dataset.synthetic import SyntheticDataset, save_part, synthetic_marks, write_maps
from mriexplorer.errors import InputError
from mriexplorer.simulation.anatomy import prepare, sources
from mriexplorer.simulation.person import SimulatedPerson, SimulationPlan, SourceAnatomy, make, name_of, row_of, scan, source_of
from mriexplorer.simulation.record import DEFAULT
from mriexplorer.subject.derivative import sidecar
from mriexplorer.version import __version__
from mriexplorer.workers import Progress, Workers, alone_in, time_left

RECIPE = 3  # raised whenever the same plan would give other people
_README = """# Simulated people

Nobody in this dataset exists. Tissue maps, segmentations, scans and clinical attributes were made by mriexplorer {version}
from label maps of heads, literature values and fitted distributions; `code/simulation.json` holds seed and settings, which make
the same data again. Not for diagnosis.
"""


@dataclass(frozen=True)
class SimulationSettings:
    """What a person asks for on the command line."""

    number: int
    seed: int
    target: Path
    anatomies: Path | None = None
    field: float = 3.0
    voxel: int = 1
    population: str = DEFAULT
    scans: tuple[str, ...] = ("T1w", "T2w", "FLAIR")
    without: tuple[str, ...] = ()


def simulate(settings: SimulationSettings, workers: Workers, progress: Progress = lambda _what: None) -> list[str]:
    """Make the people that are not there yet; returns the names of all. Raises InputError; what is complete stays."""
    _dataset(settings.target).refuse_foreign()
    plan = SimulationPlan(
        settings.seed, settings.field, settings.voxel, settings.population, settings.scans, settings.without,
        _prepared(sources(settings.anatomies), workers, progress),
    )  # fmt: skip
    dataset = _dataset(settings.target, plan)
    names = [name_of(number) for number in range(settings.number)]
    with alone_in(settings.target):
        try:
            dataset.begin(_as_json(plan))
        except OSError as error:
            raise InputError(dataset.cannot_write(error)) from None
        try:
            parts = list(map(_scan_part, plan.scans))
            missing = [number for number, name in enumerate(names) if not dataset.is_complete(name, parts)]
            if done := len(names) - len(missing):
                progress(f"{done} of {len(names)} people are there already")
            _work(plan, dataset, missing, len(names), workers, progress)
        except OSError as error:
            raise InputError(dataset.cannot_write(error)) from None
        finally:
            dataset.finish()
    return names


def _dataset(target: Path, plan: SimulationPlan | None = None) -> SyntheticDataset:
    credit = (f"Anatomies: {', '.join(source.name for source in plan.sources)}",) if plan else ()
    return SyntheticDataset(
        target, "simulated people", "sub-synth", "simulation.json", _README.format(version=__version__), credit
    )


def _prepared(paths: list[Path | None], workers: Workers, progress: Progress) -> tuple[SourceAnatomy, ...]:
    """Every anatomy made ready (each once, then cached), in the order of names; two of one name are told by their content."""
    found: dict[str, SourceAnatomy] = {}
    progress(f"preparing the anatomy{'' if len(paths) == 1 else f' of {len(paths)} heads'}, or finding it in the cache")
    for source in workers.each(_prepare_one, paths):
        found[source.identity] = min(source, found.get(source.identity, source), key=lambda s: (s.name, str(s.path)))
        if len(paths) > 1:
            progress(f"anatomies ready: {len(found)} of {len(paths)}")
    names = Counter(source.name for source in found.values())
    told = [replace(s, name=f"{s.name}-{s.identity[:6]}") if names[s.name] > 1 else s for s in found.values()]
    return tuple(sorted(told, key=lambda source: source.name))


def _prepare_one(path: Path | None) -> SourceAnatomy:
    return source_of(path, prepare(path))


def _work(
    plan: SimulationPlan, dataset: SyntheticDataset, missing: list[int], count: int, workers: Workers, progress: Progress
) -> None:
    began = monotonic()
    tasks = [(plan, number, dataset) for number in missing]
    for done, name in enumerate(workers.each(_make_one, tasks), 1):
        progress(f"{name} · {count - len(missing) + done} of {count}{time_left(began, done, len(missing))}")
        if done % 20 == 0:
            dataset.write_participants()


def _make_one(task: tuple[SimulationPlan, int, SyntheticDataset]) -> str:
    plan, number, dataset = task
    person = make(plan, number)
    dataset.write_person(person.name, lambda anat: _write(plan, person, anat))
    return person.name


# -- one person ------------------------------------------------------------------------------------------------


def _write(plan: SimulationPlan, person: SimulatedPerson, anat: Path) -> None:
    about = {
        "Description": "Simulated tissue map of a synthetic person; not acquired; not for diagnosis",
        **synthetic_marks(person.segmentation),
        "Simulation": {
            "Anatomy": person.source.name,
            "AnatomyIdentity": person.source.identity,
            "LeastJacobian": round(person.jacobian, 4),
        },
    }
    write_maps(anat, person.name, person.subject, person.segmentation, about, row_of(person))
    for kind in plan.scans:
        _write_scan(plan, person, kind, anat)


def _write_scan(plan: SimulationPlan, person: SimulatedPerson, kind: str, anat: Path) -> None:
    integers, grid, how = scan(plan, person, kind)
    protocol = how.protocol
    content = sidecar(person.subject, protocol.protocol, preset=protocol.name)
    nominal = {"NominalEchoTime": protocol.nominal_te} if protocol.nominal_te else {}
    label = protocol.protocol.sequence.label
    content |= {
        "Description": f"Simulated {label} scan of a synthetic person; not acquired; not for diagnosis",
        "Units": "arbitrary",
        **synthetic_marks(person.segmentation),
        **nominal,
        "MRAcquisitionType": "2D" if protocol.slices else "3D",
        "SliceThickness": round(grid.spacing[2], 3),
        "Simulation": {
            "Gain": how.gain, "ReceiveFieldCosines": how.bias, "NoiseSigma": how.sigma, "SliceThickness": how.slices,
            "BlurFullWidth": how.blur, "ShiftsAndTurns": how.motion,
        },
    }  # fmt: skip
    save_part(anat, person.name, _scan_part(kind), integers, grid, content)


def _scan_part(kind: str) -> str:
    """The BIDS suffix of a kind of scan; kinds without one of their own are told by ``acq-`` before it."""
    if kind in KINDS:
        return kind
    return f"acq-{kind}_{'T1w' if kind.startswith('T1w') else 'T2w'}"


def _as_json(plan: SimulationPlan) -> dict[str, Any]:
    """The plan as it is kept: without this machine's paths, since an anatomy is told by its content."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(plan)))
    content["sources"] = {source["name"]: source["identity"] for source in content["sources"]}
    return {"recipe": RECIPE, **content}
