"""Synthetic images as files: NIfTI with a BIDS sidecar, alone or in a derivative dataset. Written beside, then renamed."""

import gzip
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.files import Write, read_json, read_text, said, write_beside, write_files
from mriexplorer.physics import Sequence, signal
from mriexplorer.physics.noise import Noise, channels
from mriexplorer.physics.sequence import Values
from mriexplorer.subject.nifti import stem
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, Grid
from mriexplorer.version import __version__

_LONGEST = 64  # characters of a person's label in names of files
_ABOUT = "dataset_description.json"
_GENERATOR = {"Name": "mriexplorer", "Version": __version__}


def signal_volume(
    subject: Subject, row: Sequence, values: Values, *, magnitude: bool = True, noise: Noise | None = None
) -> Floats:
    """The signal of a whole subject, float32 of ``grid.shape``, in units of PD = 1.

    0 where nothing is known; with ``noise``, noise there too.
    """
    maps = subject.maps
    head = maps.valid
    decay = maps.decay_star if row.decay == "t2star" else maps.t2
    decay = np.where(decay[head] > 0, decay[head], maps.t2[head])
    volume = np.zeros(maps.grid.shape, np.float32)
    tissue = maps.pd[head], maps.t1[head], decay
    shown = signal(row, *tissue, values, magnitude=magnitude and noise is None)
    if noise is None:
        volume[head] = shown
        return volume
    drawn = channels(np.arange(volume.size), noise.seed).reshape(2, *volume.shape)
    spread = row.spread(*tissue, **{p.name: values[p.name] for p in row.parameters}) if row.spread else np.float32(1)
    volume[~head] = noise.in_air(drawn[:, ~head])
    volume[head] = noise.on(shown, drawn[:, head], spread)
    return volume


def write_signal(
    subject: Subject,
    row: Sequence,
    values: Values,
    target: Path,
    *,
    magnitude: bool = True,
    protocol: str = "",
    noise: Noise | None = None,
    progress: Callable[[str], None] = lambda _what: None,
) -> Path:
    """Write the subject's signal to ``target`` and say in header, sidecar and (in a folder) name that it is synthetic.

    ``target`` is a .nii or .nii.gz file, or a folder, which becomes a BIDS derivative dataset; ``protocol`` names the preset,
    for the sidecar; ``noise`` is added where it is given, and told there; ``progress`` may raise to stop, and nothing is written
    then. Returns the image's path.
    Orientation, affine and codes are those of the file that the maps came from. Raises InputError when it cannot be written.
    """
    named = bids_name(subject, row, values, noise.snr if noise else 0)
    image = target if target.name.endswith((".nii", ".nii.gz")) else target.joinpath(*_person(subject), "anat", named)
    beside = image.with_name(stem(image) + ".json")
    about = target / _ABOUT
    with said(image):
        _refuse_to_replace(image, beside, subject)
        begins = image is not target and not about.exists()
    if image is not target and not begins:
        _refuse_acquired(target)
    progress("computing the volume")
    volume = signal_volume(subject, row, values, magnitude=magnitude, noise=noise)
    progress(f"writing {image.name}")
    told = sidecar(subject, row, values, magnitude=magnitude, protocol=protocol, noise=noise)
    files: dict[Path, Write] = {image: partial(_save, subject, volume), beside: partial(_write_json, told)}
    if begins:
        files[about] = partial(_write_json, _description())
    write_files(files)
    return image


def _refuse_to_replace(image: Path, beside: Path, subject: Subject) -> None:
    """A synthetic image never takes the place of a map it came from, nor its sidecar that of another file."""
    if any(source.path and source.path.resolve() == image.resolve() for source in subject.sources):
        raise InputError(f"{image} is one of the maps that the image is computed from; choose another name.")
    if beside.exists() and not _is_own(beside):
        raise InputError(f"{beside} exists and was not written by mriexplorer; choose another name.")


def _refuse_acquired(folder: Path) -> None:
    """What is computed lives in a derivative dataset, never among what was acquired."""
    about = folder / _ABOUT
    if about.is_file() and read_json(about).get("DatasetType", "raw") != "derivative":
        raise InputError(f"{folder} is a dataset of acquired images; choose another folder, such as {folder / 'derivatives'}.")


def _is_own(sidecar: Path) -> bool:
    try:
        return '"mriexplorer"' in read_text(sidecar)
    except InputError:
        return False


def sidecar(
    subject: Subject,
    row: Sequence,
    values: Values,
    *,
    magnitude: bool = True,
    protocol: str = "",
    noise: Noise | None = None,
) -> dict[str, Any]:
    """The BIDS sidecar of a synthetic image: times in seconds, angles in degrees."""
    field = {} if subject.field is None else {"MagneticFieldStrength": subject.field}
    return {
        "Description": f"Synthetic {row.label} computed from tissue maps; not acquired; not for diagnosis",
        "Synthetic": True,
        "GeneratedBy": [_GENERATOR],
        "Sources": [source.path.name for source in subject.sources if source.path] or [subject.description],
        **({"Notices": list(subject.notices)} if subject.notices else {}),
        **({"ProtocolName": protocol} if protocol else {}),
        **({"SyntheticNoise": noise.told} if noise else {}),
        "PulseSequenceType": row.kind,
        "SignalModel": row.formula,
        "ComplexImageComponent": "MAGNITUDE" if magnitude and not row.signed else "REAL",
        "Units": row.unit,
        **field,
        **{p.bids: int(values[p.name]) if p.scale == "integer" else round(values[p.name], 9) for p in row.parameters},
    }


def bids_name(subject: Subject, row: Sequence, values: Values, snr: float = 0) -> str:
    """``sub-01_ses-a_acq-TE90TR4000_desc-synthetic_T2w.nii.gz``: one name for each protocol and SNR of each person."""
    told = (p for p in row.parameters if p.unit != "1" and not p.expert)
    acquisition = "".join(("FA" if p.unit == "deg" else p.label) + p.shown(values[p.name]).replace(".", "p") for p in told)
    acquisition += f"SNR{snr:g}".replace(".", "p") if snr else ""
    return "_".join([*_person(subject), f"acq-{acquisition}", "desc-synthetic", f"{row.suffix(values)}.nii.gz"])


def _person(subject: Subject) -> list[str]:
    """``sub-`` and ``ses-`` of a subject by its name; a name that is not of BIDS becomes a label."""
    words = [word[:_LONGEST] for word in subject.name.split(" ") if word.startswith(("sub-", "ses-"))]
    label = re.sub(r"[^A-Za-z0-9]", "", subject.name)[:_LONGEST] or "unnamed"
    return words if words and words[0].startswith("sub-") else [f"sub-{label}"]


def describe_dataset(folder: Path, name: str = "Synthetic MR images by mriexplorer", credit: Iterable[str] = ()) -> None:
    """Write dataset_description.json of a derivative, unless there is one."""
    about = folder / _ABOUT
    if not about.exists():
        write_beside(about, partial(_write_json, _description(name, credit)))


def _description(name: str = "Synthetic MR images by mriexplorer", credit: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "Name": name,
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": [_GENERATOR],
        **({"Acknowledgements": "; ".join(credit)} if credit else {}),
    }


def _write_json(content: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _save(subject: Subject, volume: Floats, path: Path) -> None:
    import nibabel

    stored, affine = subject.maps.grid.stored(volume)
    file = nibabel.Nifti1Image(np.ascontiguousarray(stored), affine, _header(affine, subject.maps.grid))
    content = file.to_bytes()  # where the disk is full, nibabel leaves its file open
    path.write_bytes(gzip.compress(content, 1, mtime=0) if path.suffix == ".gz" else content)


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
