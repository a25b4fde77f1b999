"""A BIDS derivative of synthetic people, simulated or sampled: it can be interrupted, extended, and made again.

    DIR/dataset_description.json, README.md, participants.tsv/.json, dseg.tsv
    DIR/code/<what>.json                      the plan: the same command goes on, another plan is refused
    DIR/<prefix>0001/anat/<prefix>0001_desc-synthetic_{T1map,T2map,T2starmap,PDmap,dseg}.nii.gz and .json

A person's folder is written beside and renamed when it is whole, so what has the name is complete.
"""

import errno
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mriexplorer.errors import InputError
from mriexplorer.files import read_json, write_beside
from mriexplorer.simulation.labels import Labels, codes_of, structures
from mriexplorer.subject.derivative import describe_dataset, save_integers
from mriexplorer.subject.record_columns import headings
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, Grid

_WRITING = ".writing-"
_STEPS = {"t1": 2e-4, "t2": 1e-4, "t2star": 1e-4, "pd": 1 / 25000}  # what one integer of a map's file is worth: s, water = 1
SUFFIX = {"t1": "T1map", "t2": "T2map", "t2star": "T2starmap", "pd": "PDmap"}


@dataclass(frozen=True)
class SyntheticDataset:
    """Where it lies, whom it holds (``simulated people``), how they are named, the file of its plan, and what README.md says."""

    target: Path
    what: str
    prefix: str
    plan: str
    readme: str
    credit: tuple[str, ...] = ()

    @property
    def _plan(self) -> Path:
        return self.target / "code" / self.plan

    def name_of(self, number: int) -> str:
        """The participant's label of a number from 0 on."""
        return f"{self.prefix}{number + 1:04d}"

    def refuse_foreign(self) -> None:
        """Never write among files that are somebody's."""
        target = self.target
        if target.exists() and not target.is_dir():
            raise InputError(f"{target} is a file; give a folder for the {self.what}.")
        if target.is_dir() and not self._plan.is_file() and any(path.is_file() for path in target.rglob("*")):
            raise InputError(f"{target} has files that are not {self.what} of mriexplorer; give a new or empty folder.")

    def begin(self, wanted: Mapping[str, Any]) -> None:
        """Make the dataset, or see that it was begun with the same plan. Raises InputError."""
        if self._plan.is_file():
            there = read_json(self._plan)
            other = [name for name in wanted if there.get(name) != wanted[name]]
            if other:
                what = "; ".join(f"{name} was {_short(there.get(name))}, now {_short(wanted[name])}" for name in other)
                raise InputError(f"{self.target} was begun with other settings ({what}); give them again, or another folder.")
        else:
            self._plan.parent.mkdir(parents=True, exist_ok=True)
            _text(self._plan, json.dumps(wanted, indent=1) + "\n")  # first: with it the folder is ours, however far the rest gets
        describe_dataset(self.target, f"{self.what.capitalize()} by mriexplorer", list(self.credit))
        _text(self.target / "README.md", self.readme)
        _text(self.target / "participants.json", json.dumps(headings(), indent=1) + "\n")
        rows = "".join(f"{row.code}\t{row.name}\n" for row in structures().values())
        _text(self.target / "dseg.tsv", "index\tname\n" + rows)

    def finish(self) -> None:
        """The table of whoever is complete; where even that cannot be written, the next run writes it."""
        try:
            for left in self.target.glob(f"{_WRITING}*"):
                shutil.rmtree(left, ignore_errors=True)
            if self._plan.is_file():
                self.write_participants()
        except OSError:
            return

    def write_participants(self) -> None:
        """participants.tsv from the people that are complete, each by the record that lies with their segmentation."""
        rows = [row for folder in sorted(self.target.glob(f"{self.prefix}*")) for row in _recorded(folder)]
        columns = [name for name in headings() if name == "participant_id" or any(name in row for row in rows)]
        lines = ["\t".join(columns), *("\t".join(_cell(row.get(name)) for name in columns) for row in rows)]
        _text(self.target / "participants.tsv", "\n".join(lines) + "\n")

    def is_complete(self, name: str, more: Sequence[str] = ()) -> bool:
        """Whether a person has every file, and a record; the folder was renamed when it had, so somebody took them away since."""
        folder = self.target / name
        parts = [*SUFFIX.values(), "dseg", *more]
        files = [folder / "anat" / f"{stem_of(name, part)}{ending}" for part in parts for ending in (".nii.gz", ".json")]
        return all(file.is_file() and file.stat().st_size for file in files) and any(_recorded(folder))

    def write_person(self, name: str, fill: Callable[[Path], None]) -> None:
        """Let ``fill`` write into a person's folder ``anat``: whole or not at all. Raises InputError, about the disk."""
        beside = self.target / f"{_WRITING}{name}"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            (beside / "anat").mkdir(parents=True)
            fill(beside / "anat")
            shutil.rmtree(self.target / name, ignore_errors=True)  # where somebody took files away
            beside.rename(self.target / name)
        except OSError as error:
            shutil.rmtree(beside, ignore_errors=True)
            raise InputError(self.cannot_write(error)) from None
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise

    def cannot_write(self, error: OSError) -> str:
        """What to say of an error of the disk."""
        complete = len(list(self.target.glob(f"{self.prefix}*")))
        stays = f"People that are complete ({complete}) stay; the same command goes on from there."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"{self.target}: the disk is full. {stays}"
        return f"{error.filename or self.target} could not be written: {error.strerror or error}. {stays}"


def synthetic_marks(segmentation: Labels) -> dict[str, Any]:
    """What every sidecar says: that nobody lay in a scanner, and whether there is more than a brain to see."""
    return {"Synthetic": True, "SkullStripped": not np.isin(segmentation, codes_of("outside")).any()}


def write_maps(
    anat: Path, name: str, subject: Subject, segmentation: Labels, about: Mapping[str, Any], row: Mapping[str, Any]
) -> None:
    """The maps and the segmentation of a person, each with a sidecar that says ``about``; with the segmentation the record."""
    maps = subject.maps
    for kind, suffix in SUFFIX.items():
        values: Floats = maps.decay_star if kind == "t2star" else getattr(maps, kind)
        whole = np.minimum(np.rint(values / np.float32(_STEPS[kind])), 32767).astype(np.int16)
        unit = {"Units": "fraction" if kind == "pd" else "s", "MagneticFieldStrength": subject.field}
        save_part(anat, name, suffix, whole, maps.grid, {**about, **unit}, _STEPS[kind])
    own = {"Manual": False, "SpatialReference": "the maps of the same person", "Person": dict(row)}
    save_part(anat, name, "dseg", segmentation, maps.grid, {**about, **own})


def save_part(anat: Path, name: str, part: str, data: Any, grid: Grid, about: Mapping[str, Any], slope: float = 1.0) -> None:
    """One image of whole numbers and its sidecar."""
    stem = stem_of(name, part)
    save_integers(anat / f"{stem}.nii.gz", data, grid, slope)
    (anat / f"{stem}.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def stem_of(name: str, part: str) -> str:
    """``sub-synth0001_acq-STIR_desc-synthetic_T2w`` of a person's name and ``acq-STIR_T2w``."""
    entities, _mark, suffix = part.rpartition("_")
    return "_".join([name, *filter(None, [entities]), "desc-synthetic", suffix])


def _recorded(folder: Path) -> Iterator[dict[str, Any]]:
    """The record that lies with a person's segmentation; nothing where it is damaged."""
    for file in folder.glob("anat/*_dseg.json"):
        try:
            row = read_json(file).get("Person")
        except InputError:
            continue
        if isinstance(row, dict) and row.get("participant_id") == folder.name:
            yield row


def _text(path: Path, content: str) -> None:
    write_beside(path, lambda beside: beside.write_text(content, encoding="utf-8"))


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def _cell(value: object) -> str:
    return "n/a" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
