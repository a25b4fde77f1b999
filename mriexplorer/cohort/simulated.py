"""A dataset of simulated people: a BIDS derivative that can be interrupted, extended, and made again bit for bit.

    DIR/dataset_description.json, README.md, participants.tsv/.json, dseg.tsv
    DIR/code/simulation.json                  the plan: the same command goes on, another plan is refused
    DIR/sub-synth0001/anat/sub-synth0001_desc-synthetic_{T1map,T2map,T2starmap,PDmap,dseg,T1w,T2w,FLAIR}.nii.gz and .json

A person's folder is written beside and renamed when it is whole, so what has the name is complete.
"""

import errno
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from mriexplorer import __version__
from mriexplorer.cohort.anatomy import prepare, sources
from mriexplorer.cohort.attributes import DEFAULT
from mriexplorer.cohort.labels import codes_of, structures
from mriexplorer.cohort.person import Person, Plan, Source, make, name_of, row_of, scan, source_of
from mriexplorer.cohort.sessions import KINDS
from mriexplorer.cohort.workers import Progress, Workers, alone_in, time_left
from mriexplorer.errors import InputError
from mriexplorer.subject.derivative import describe_dataset, save_integers, sidecar, write_beside
from mriexplorer.subject.sidecar import read_json
from mriexplorer.subject.tissue_maps import Floats, Grid

RECIPE = 1  # raised whenever the same plan would give other people
_PLAN = Path("code") / "simulation.json"
_WRITING = ".writing-"
_STEPS = {"t1": 2e-4, "t2": 1e-4, "t2star": 1e-4, "pd": 1 / 25000}  # what one integer of a map's file is worth: s, water = 1
_SUFFIX = {"t1": "T1map", "t2": "T2map", "t2star": "T2starmap", "pd": "PDmap"}
_COLUMNS: dict[str, dict[str, Any]] = {
    "participant_id": {"Description": "Number of the simulated person"},
    "age": {"Description": "Age", "Units": "years"},
    "sex": {"Description": "Sex", "Levels": {"F": "female", "M": "male"}},
    "height": {"Description": "Body height", "Units": "cm"},
    "weight": {"Description": "Body weight", "Units": "kg"},
    "bmi": {"Description": "Body mass index, computed from height and weight", "Units": "kg/m^2"},
    "ethnicity": {"Description": "Ethnicity, folded to four groups as self-reported in the studies that were fitted"},
    "education": {"Description": "Years of education", "Units": "years"},
    "mmse": {"Description": "Mini-Mental State Examination, 0 to 30"},
    "cdr": {"Description": "Clinical Dementia Rating, 0, 0.5, 1, 2"},
    "etiv": {
        "Description": "Volume inside the skull (estimated total intracranial volume), measured in the maps",
        "Units": "cm^3",
    },
    "nwbv": {"Description": "White and grey matter as a share of the volume inside the skull, measured in the maps"},
    "gm": {"Description": "Grey matter, measured in the maps", "Units": "cm^3"},
    "wm": {"Description": "White matter with brainstem and lesions, measured in the maps", "Units": "cm^3"},
    "csf": {"Description": "Cerebrospinal fluid outside the ventricles, measured in the maps", "Units": "cm^3"},
    "ventricles": {"Description": "Ventricles, measured in the maps", "Units": "cm^3"},
    "lesions": {"Description": "White matter hyperintensities, measured in the maps", "Units": "cm^3"},
    "anatomy": {"Description": "Label map that the person's anatomy was made from; people of one anatomy must not be split"},
    "mirrored": {"Description": "Whether left and right of that anatomy were exchanged"},
}
_README = """# Simulated people

Nobody in this dataset exists. Tissue maps, segmentations, scans and clinical attributes were made by mriexplorer {version}
from label maps of heads, literature values and fitted distributions; `code/simulation.json` holds seed and settings, which make
the same data again. Not for diagnosis.
"""


@dataclass(frozen=True)
class Settings:
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


def simulate(settings: Settings, workers: Workers, progress: Progress = lambda _what: None) -> list[str]:
    """Make the people that are not there yet; returns the names of all. Raises InputError; what is complete stays."""
    target = settings.target
    _refuse_foreign(target)
    plan = Plan(
        settings.seed, settings.field, settings.voxel, settings.population, settings.scans, settings.without,
        _prepared(sources(settings.anatomies), workers, progress),
    )  # fmt: skip
    names = [name_of(number) for number in range(settings.number)]
    with alone_in(target):
        try:
            _begin(target, plan)
        except OSError as error:
            raise InputError(_cannot_write(target, error)) from None
        try:
            missing = [number for number, name in enumerate(names) if not _is_complete(target / name, plan)]
            if done := len(names) - len(missing):
                progress(f"{done} of {len(names)} people are there already")
            _work(plan, target, missing, len(names), workers, progress)
        except OSError as error:
            raise InputError(_cannot_write(target, error)) from None
        finally:
            _finish(target)
    return names


def _prepared(paths: list[Path | None], workers: Workers, progress: Progress) -> tuple[Source, ...]:
    """Every anatomy made ready (each once, then cached), in the order of names; two of one name are told by their content."""
    found: dict[str, Source] = {}
    progress(f"preparing the anatomy{'' if len(paths) == 1 else f' of {len(paths)} heads'}, or finding it in the cache")
    for source in workers.each(_prepare_one, paths):
        found[source.identity] = min(source, found.get(source.identity, source), key=lambda s: (s.name, str(s.path)))
        if len(paths) > 1:
            progress(f"anatomies ready: {len(found)} of {len(paths)}")
    names = Counter(source.name for source in found.values())
    told = [replace(s, name=f"{s.name}-{s.identity[:6]}") if names[s.name] > 1 else s for s in found.values()]
    return tuple(sorted(told, key=lambda source: source.name))


def _prepare_one(path: Path | None) -> Source:
    return source_of(path, prepare(path))


def _work(plan: Plan, target: Path, missing: list[int], count: int, workers: Workers, progress: Progress) -> None:
    began = monotonic()
    tasks = [(plan, number, str(target)) for number in missing]
    for done, name in enumerate(workers.each(_make_one, tasks), 1):
        progress(f"{name} · {count - len(missing) + done} of {count}{time_left(began, done, len(missing))}")
        if done % 20 == 0:
            write_participants(target)


def _make_one(task: tuple[Plan, int, str]) -> str:
    plan, number, target = task
    person = make(plan, number)
    try:
        _write(plan, person, Path(target))
    except OSError as error:
        raise InputError(_cannot_write(Path(target), error)) from None
    return person.name


def _is_complete(folder: Path, plan: Plan) -> bool:
    """Whether a person's folder has every file, and a record; it was renamed when it had, so somebody took them away since."""
    parts = [*_SUFFIX.values(), "dseg", *map(_scan_part, plan.scans)]
    files = [folder / "anat" / f"{_stem(folder.name, part)}{ending}" for part in parts for ending in (".nii.gz", ".json")]
    return all(file.is_file() and file.stat().st_size for file in files) and any(_recorded(folder))


def _cannot_write(target: Path, error: OSError) -> str:
    complete = len(list(target.glob("sub-synth*")))
    stays = f"People that are complete ({complete}) stay; the same command goes on from there."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{target}: the disk is full. {stays}"
    return f"{error.filename or target} could not be written: {error.strerror or error}. {stays}"


# -- one person ------------------------------------------------------------------------------------------------


def _write(plan: Plan, person: Person, target: Path) -> None:
    """A person's folder, beside first: whole or not at all."""
    beside = target / f"{_WRITING}{person.name}"
    shutil.rmtree(beside, ignore_errors=True)
    anat = beside / "anat"
    anat.mkdir(parents=True)
    try:
        _write_maps(person, anat)
        for kind in plan.scans:
            _write_scan(plan, person, kind, anat)
        shutil.rmtree(target / person.name, ignore_errors=True)  # where somebody took files away
        beside.rename(target / person.name)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _of_invented(person: Person) -> dict[str, Any]:
    """What every sidecar says: that nobody lay in a scanner, and whether there is more than a brain to see."""
    return {"Synthetic": True, "SkullStripped": not np.isin(person.segmentation, codes_of("outside")).any()}


def _write_maps(person: Person, anat: Path) -> None:
    maps = person.subject.maps
    about = {
        "Description": "Simulated tissue map of an invented person; not acquired; not for diagnosis",
        **_of_invented(person),
        "Simulation": {
            "Anatomy": person.source.name,
            "AnatomyIdentity": person.source.identity,
            "LeastJacobian": round(person.jacobian, 4),
        },
    }
    for kind, suffix in _SUFFIX.items():
        values: Floats = maps.decay_star if kind == "t2star" else getattr(maps, kind)
        whole = np.minimum(np.rint(values / np.float32(_STEPS[kind])), 32767).astype(np.int16)
        unit = {"Units": "fraction" if kind == "pd" else "s", "MagneticFieldStrength": person.subject.field}
        _save(anat, person, suffix, whole, maps.grid, about | unit, _STEPS[kind])
    own = {"Manual": False, "SpatialReference": "the maps of the same person", "Person": row_of(person)}
    _save(anat, person, "dseg", person.segmentation, maps.grid, about | own)


def _write_scan(plan: Plan, person: Person, kind: str, anat: Path) -> None:
    integers, grid, how = scan(plan, person, kind)
    protocol = how.protocol
    content = sidecar(person.subject, protocol.row, protocol.values, protocol=protocol.name)
    nominal = {"NominalEchoTime": protocol.nominal_te} if protocol.nominal_te else {}
    content |= {
        "Description": f"Simulated {protocol.row.label} scan of an invented person; not acquired; not for diagnosis",
        "Units": "arbitrary",
        **_of_invented(person),
        **nominal,
        "MRAcquisitionType": "2D" if protocol.slices else "3D",
        "SliceThickness": round(grid.spacing[2], 3),
        "Simulation": {
            "Gain": how.gain, "ReceiveFieldCosines": how.bias, "NoiseSigma": how.sigma, "SliceThickness": how.slices,
            "BlurFullWidth": how.blur, "ShiftsAndTurns": how.motion,
        },
    }  # fmt: skip
    _save(anat, person, _scan_part(kind), integers, grid, content)


def _scan_part(kind: str) -> str:
    """The BIDS suffix of a kind of scan; kinds without one of their own are told by ``acq-`` before it."""
    if kind in KINDS:
        return kind
    return f"acq-{kind}_{'T1w' if kind.startswith('T1w') else 'T2w'}"


def _stem(name: str, part: str) -> str:
    """``sub-synth0001_acq-STIR_desc-synthetic_T2w`` of a person's name and ``acq-STIR_T2w``."""
    entities, _mark, suffix = part.rpartition("_")
    return "_".join([name, *filter(None, [entities]), "desc-synthetic", suffix])


def _save(anat: Path, person: Person, part: str, data: Any, grid: Grid, about: dict[str, Any], slope: float = 1.0) -> None:
    stem = _stem(person.name, part)
    save_integers(anat / f"{stem}.nii.gz", data, grid, slope)
    (anat / f"{stem}.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


# -- the dataset -----------------------------------------------------------------------------------------------


def _refuse_foreign(target: Path) -> None:
    """Never write among files that are somebody's."""
    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is a file; give a folder for the simulated people.")
    if target.is_dir() and not (target / _PLAN).is_file() and any(path.is_file() for path in target.rglob("*")):
        raise InputError(f"{target} has files that are not simulated people of mriexplorer; give a new or empty folder.")


def _begin(target: Path, plan: Plan) -> None:
    """Make the dataset, or see that it was begun with the same plan."""
    wanted = _as_json(plan)
    file = target / _PLAN
    if file.is_file():
        there = read_json(file)
        other = [name for name in wanted if there.get(name) != wanted[name]]
        if other:
            what = "; ".join(f"{name} was {_short(there.get(name))}, now {_short(wanted[name])}" for name in other)
            raise InputError(f"{target} was begun with other settings ({what}); give them again, or another folder.")
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        _text(file, json.dumps(wanted, indent=1) + "\n")  # first: with it the folder is ours, however far the rest gets
    describe_dataset(
        target, "Simulated people by mriexplorer", [f"Anatomies: {', '.join(source.name for source in plan.sources)}"]
    )
    _text(target / "README.md", _README.format(version=__version__))
    _text(target / "participants.json", json.dumps(_COLUMNS, indent=1) + "\n")
    rows = "".join(f"{row.code}\t{row.name}\n" for row in structures().values())
    _text(target / "dseg.tsv", "index\tname\n" + rows)


def _text(path: Path, content: str) -> None:
    write_beside(path, lambda beside: beside.write_text(content, encoding="utf-8"))


def _as_json(plan: Plan) -> dict[str, Any]:
    """The plan as it is kept: without this machine's paths, since an anatomy is told by its content."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(plan)))
    content["sources"] = {source["name"]: source["identity"] for source in content["sources"]}
    return {"recipe": RECIPE, **content}


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def _finish(target: Path) -> None:
    """The table of whoever is complete; where even that cannot be written, the next run writes it."""
    try:
        for left in target.glob(f"{_WRITING}*"):
            shutil.rmtree(left, ignore_errors=True)
        if (target / _PLAN).is_file():
            write_participants(target)
    except OSError:
        return


def write_participants(target: Path) -> None:
    """participants.tsv from the people that are complete, each by the record that lies with its segmentation."""
    rows = [row for folder in sorted(target.glob("sub-synth*")) for row in _recorded(folder)]
    columns = [name for name in _COLUMNS if name == "participant_id" or any(name in row for row in rows)]
    lines = ["\t".join(columns), *("\t".join(_cell(row.get(name)) for name in columns) for row in rows)]
    _text(target / "participants.tsv", "\n".join(lines) + "\n")


def _recorded(folder: Path) -> Iterator[dict[str, Any]]:
    """The record that lies with a person's segmentation; nothing where it is damaged."""
    for file in folder.glob("anat/*_dseg.json"):
        try:
            row = read_json(file).get("Person")
        except InputError:
            continue
        if isinstance(row, dict) and row.get("participant_id") == folder.name:
            yield row


def _cell(value: object) -> str:
    return "n/a" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
