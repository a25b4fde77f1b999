"""Synthetic images in words of NIfTI and BIDS: voxels, header, sidecar, names, and what describes a derivative dataset."""

import gzip
import json
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.files import write_beside
from mriexplorer.physics import Protocol
from mriexplorer.physics.noise import Noise, channels
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, Grid
from mriexplorer.version import __version__

_LONGEST = 64  # characters of a person's label in names of files
DESCRIPTION = "dataset_description.json"
_GENERATOR = {"Name": "mriexplorer", "Version": __version__}


def signal_volume(subject: Subject, protocol: Protocol, *, magnitude: bool = True, noise: Noise | None = None) -> Floats:
    """The signal of a whole subject, float32 of ``grid.shape``, in units of PD = 1.

    0 where nothing is known; with ``noise``, noise there too.
    """
    maps = subject.maps
    head = maps.valid
    decay = maps.decay_star if protocol.sequence.decay == "t2star" else maps.t2
    decay = np.where(decay[head] > 0, decay[head], maps.t2[head])
    volume = np.zeros(maps.grid.shape, np.float32)
    tissue = maps.pd[head], maps.t1[head], decay
    shown = protocol.signal(*tissue, magnitude=magnitude and noise is None)
    if noise is None:
        volume[head] = shown
        return volume
    drawn = channels(np.arange(volume.size), noise.seed).reshape(2, *volume.shape)
    volume[~head] = noise.in_air(drawn[:, ~head])
    volume[head] = noise.on(shown, drawn[:, head], np.float32(protocol.spread(*tissue)))
    return volume


def sidecar(
    subject: Subject, protocol: Protocol, *, magnitude: bool = True, preset: str = "", noise: Noise | None = None
) -> dict[str, Any]:
    """The BIDS sidecar of a synthetic image: times in seconds, angles in degrees."""
    sequence, values = protocol.sequence, protocol.values
    field = {} if subject.field is None else {"MagneticFieldStrength": subject.field}
    return {
        "Description": f"Synthetic {sequence.label} computed from tissue maps; not acquired; not for diagnosis",
        "Synthetic": True,
        "GeneratedBy": [_GENERATOR],
        "Sources": [source.path.name for source in subject.sources if source.path] or [subject.description],
        **({"Notices": list(subject.notices)} if subject.notices else {}),
        **({"ProtocolName": preset} if preset else {}),
        **({"SyntheticNoise": noise.told} if noise else {}),
        "PulseSequenceType": sequence.kind,
        "SignalModel": sequence.formula,
        "ComplexImageComponent": "MAGNITUDE" if magnitude and not sequence.signed else "REAL",
        "Units": sequence.unit,
        **field,
        **{p.bids: int(values[p.name]) if p.scale == "integer" else round(values[p.name], 9) for p in sequence.parameters},
    }


def bids_name(subject: Subject, protocol: Protocol, snr: float = 0) -> str:
    """``sub-01_ses-a_acq-TE90TR4000_desc-synthetic_T2w.nii.gz``: one name for each protocol and SNR of each person."""
    told = (("FA" if p.unit == "deg" else p.label) + p.shown(protocol[p.name]).replace(".", "p") for p in protocol.timed)
    acquisition = "".join(told)
    acquisition += f"SNR{snr:g}".replace(".", "p") if snr else ""
    return "_".join([*person_folders(subject), f"acq-{acquisition}", "desc-synthetic", f"{protocol.suffix}.nii.gz"])


def person_folders(subject: Subject) -> list[str]:
    """``sub-`` and ``ses-`` of a subject by its name; a name that is not of BIDS becomes a label."""
    words = [word[:_LONGEST] for word in subject.name.split(" ") if word.startswith(("sub-", "ses-"))]
    label = re.sub(r"[^A-Za-z0-9]", "", subject.name)[:_LONGEST] or "unnamed"
    return words if words and words[0].startswith("sub-") else [f"sub-{label}"]


def describe_dataset(folder: Path, name: str = "Synthetic MR images by mriexplorer", credit: Iterable[str] = ()) -> None:
    """Write dataset_description.json of a derivative, unless there is one."""
    about = folder / DESCRIPTION
    if not about.exists():
        write_beside(about, partial(write_json, description(name, credit)))


def description(name: str = "Synthetic MR images by mriexplorer", credit: Iterable[str] = ()) -> dict[str, Any]:
    """What describes a derivative dataset."""
    return {
        "Name": name,
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": [_GENERATOR],
        **({"Acknowledgements": "; ".join(credit)} if credit else {}),
    }


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a sidecar, or what describes a dataset."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def save_floats(grid: Grid, volume: Floats, path: Path) -> None:
    """Write a volume of the grid as .nii or .nii.gz; its header says that it is synthetic."""
    import nibabel

    stored, affine = grid.stored(volume)
    file = nibabel.Nifti1Image(np.ascontiguousarray(stored), affine, _header(affine, grid))
    content = file.to_bytes()  # where the disk is full, nibabel leaves its file open
    path.write_bytes(gzip.compress(content, 1, mtime=0) if path.suffix.lower() == ".gz" else content)


def _header(affine: NDArray[np.float64], grid: Grid) -> Any:
    import nibabel

    header = nibabel.Nifti1Header()
    sform, qform = grid.codes
    header.set_sform(affine, code=sform)
    header.set_qform(affine, code=qform)
    header.set_xyzt_units("mm")
    header["descrip"] = f"SYNTHETIC, mriexplorer {__version__}, not for diagnosis".encode()
    return header


def save_integers(path: Path, volume: NDArray[Any], grid: Grid, slope: float = 1.0) -> None:
    """Write whole numbers, each worth ``slope``, as .nii.gz; the same content gives the same bytes."""
    stored, affine = grid.stored(volume)
    header = _header(affine, grid)
    header.set_data_dtype(volume.dtype)
    header.set_data_shape(volume.shape)
    header.set_zooms(grid.spacing)
    header.set_slope_inter(slope, 0)
    header["vox_offset"] = 352
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed:
        packed.write(header.binaryblock + bytes(4))
        packed.write(stored.tobytes(order="F"))
