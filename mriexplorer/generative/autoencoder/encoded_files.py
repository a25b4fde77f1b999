"""Encoded maps as files: a BIDS derivative that opens like any other, with the measured scans beside the maps.

DIR/sub-01/anat/sub-01_desc-encoded_{PDmap,T1map,T2map}.nii.gz       water = 1, s
DIR/sub-01/anat/sub-01_desc-encoded_{PD,T1,T2}uncertainty.nii.gz     half the 90 % interval, as a share of the value
DIR/sub-01/anat/sub-01_desc-registered_{T1w,T2w,FLAIR}.nii.gz        the measured scans on the grid of the maps
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from mriexplorer.dataset.sessions import ImagingSession
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.checkpoint import Model
from mriexplorer.generative.autoencoder.encode import Encoded
from mriexplorer.subject.derivative import describe_dataset, save_integers
from mriexplorer.subject.tissue_maps import Floats, Grid
from mriexplorer.version import __version__

_STEPS = {"t1": 2e-4, "t2": 1e-4, "pd": 1 / 25000}  # what one integer of a file is worth: s, water = 1
_SHARE = 1e-4
_HIGHEST = 32767
_WRITING = ".writing-"


def write_encoded(encoded: Encoded, session: ImagingSession, model: Model, folder: Path) -> Path:
    """Write one session's maps; whole or not at all. Returns the folder of the person. Raises InputError."""
    target = free_place(folder, session)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=_WRITING) as name:
            beside = Path(name) / "person"
            (beside / "anat").mkdir(parents=True)
            _write(encoded, session.name.replace(" ", "_"), _about(encoded, session, model), beside / "anat")
            describe_dataset(folder, "Tissue maps encoded from scans by mriexplorer")
            target.parent.mkdir(parents=True, exist_ok=True)
            beside.rename(target)
    except OSError as error:
        raise InputError(f"{error.filename or folder} could not be written: {error.strerror or error}.") from None
    return target


def free_place(folder: Path, session: ImagingSession) -> Path:
    """Where a session's maps will lie. Raises InputError where something lies there, or nothing can be written."""
    target = folder.joinpath(*session.name.split(" "))
    if target.exists():
        raise InputError(f"{target} exists; give another folder, or remove it.")
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise InputError(f"{there} is a file; give a folder.")
    if not os.access(there, os.W_OK):
        raise InputError(f"{there}: no permission to write there; give another folder.")
    return target


def _about(encoded: Encoded, session: ImagingSession, model: Model) -> dict[str, Any]:
    field = {} if session.field is None else {"MagneticFieldStrength": session.field}
    return {
        "EncodedFromScans": True,
        "GeneratedBy": [{"Name": "mriexplorer", "Version": __version__}],
        "Model": model.name,
        "Sources": [str(scan.path) for scan in session.scans],
        "Notices": list(encoded.notices),
        **field,
    }


def _write(encoded: Encoded, stem: str, about: dict[str, Any], anat: Path) -> None:
    for kind, values in encoded.maps.items():
        what = {"Description": f"{kind.upper()} encoded from scans by a network; not measured; not for diagnosis", **about}
        unit = {"Units": "fraction" if kind == "pd" else "s"}
        _save(anat / f"{stem}_desc-encoded_{kind.upper()}map", values, _STEPS[kind], encoded.grid, what | unit)
    for kind, values in encoded.uncertainty.items():
        what = {"Description": f"Half the width of the 90 % interval of {kind.upper()}, as a share of its value", **about}
        _save(anat / f"{stem}_desc-encoded_{kind.upper()}uncertainty", values, _SHARE, encoded.grid, what | {"Units": "fraction"})
    for kind, values in encoded.scans.items():
        protocol = encoded.protocols[kind]
        row = protocol.sequence
        times = {parameter.bids: protocol.values[parameter.name] for parameter in row.parameters}
        what = {"Description": f"{kind} as measured, on the grid of the maps; not for diagnosis", "Sources": about["Sources"]}
        own = {
            "PulseSequenceType": row.kind,
            "Sequence": row.name,
            "Gain": encoded.gains[kind],
            "ReceiveField": encoded.receive_fields[kind].round(6).tolist(),
            "Units": "arbitrary",
        }
        step = max(float(np.abs(values).max()), 1e-6) / _HIGHEST
        _save(anat / f"{stem}_desc-registered_{kind}", values, step, encoded.grid, what | own | times)


def _save(stem: Path, values: Floats, step: float, grid: Grid, about: dict[str, Any]) -> None:
    whole = np.clip(np.rint(values / np.float32(step)), -_HIGHEST, _HIGHEST).astype(np.int16)
    save_integers(stem.with_name(stem.name + ".nii.gz"), whole, grid, step)
    text = json.dumps(about, indent=1) + "\n"
    stem.with_name(stem.name + ".json").write_text(text, encoding="utf-8")
