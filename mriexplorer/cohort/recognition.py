"""What a scan is: its kind by name, by its series' description, or by its times; and which times belong to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mriexplorer.cohort.protocol import Times, read_times, told_times
from mriexplorer.cohort.sessions import KINDS, Scan, Session, field_of, kind_by_name
from mriexplorer.errors import InputError
from mriexplorer.places import cache_folder
from mriexplorer.subject import naming
from mriexplorer.subject.dicom import as_nifti, find_series, is_dicom
from mriexplorer.subject.nifti import is_image, stem
from mriexplorer.subject.sidecar import read_sidecar

Progress = Callable[[str], None]
_WORDS = {
    "FLAIR": ("flair", "tirm", "dark_fluid", "dark-fluid", "darkfluid"),
    "T1w": ("mprage", "mp-rage", "t1", "spgr", "bravo", "tfl3d", "tfe"),
    "PDw": ("pd", "proton"),
    "T2w": ("t2", "tse", "fse"),
}


@dataclass(frozen=True)
class Recognised:
    """A file, what it was recognised as (None: not), how that was known, and its times (None with the kind)."""

    path: Path
    label: str
    kind: str | None
    how: str
    times: Times | None


def recognise(path: Path, kind: str | None = None, given: Mapping[str, float] | None = None) -> Recognised:
    """What a NIfTI file is. ``kind`` and ``given`` times (s) count before all that is found. Raises InputError."""
    sidecar = read_sidecar(path)
    label = str(sidecar.get("SeriesDescription") or sidecar.get("ProtocolName") or stem(path))
    found, how = (kind, "given") if kind else _kind(path, label, told_times(path) | dict(given or {}))
    if found is None:
        return Recognised(path, label, None, how, None)
    return Recognised(path, label, found, how, read_times(path, found, own=given))


def _kind(path: Path, label: str, times: Mapping[str, float]) -> tuple[str | None, str]:
    if naming.is_label(path):
        return None, "its name is that of a mask"
    by_name = kind_by_name(path)
    if by_name:
        return by_name, "by its name"
    text = f"{label} {stem(path)}".lower()
    for kind, words in _WORDS.items():
        if any(word in text for word in words):
            return kind, "by its description"
    by_times = _by_times(times)
    return (by_times, "by its times") if by_times else (None, "neither its name nor its times tell what it is")


def _by_times(times: Mapping[str, float]) -> str | None:
    """T1w, T2w, PDw or FLAIR by echo, repetition and inversion time in seconds; None where they do not tell."""
    te, tr, ti = times.get("te"), times.get("tr"), times.get("ti")
    if te is None:
        return None
    if ti is not None:
        return "FLAIR" if te > 0.05 and ti > 1.2 else "T1w" if te < 0.02 else None
    if te >= 0.06:
        return "T2w"
    if tr is None:
        return None
    return "T1w" if tr < 1.2 else "PDw" if te < 0.04 else None


def files_of(path: Path, progress: Progress = lambda _what: None) -> tuple[Path, ...]:
    """The NIfTI files that a path stands for: itself, the series of a DICOM folder, or the images of a folder.

    DICOM is converted into the cache once. ``progress`` may raise to stop. Raises InputError.
    """
    path = path.absolute()
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder.")
    if is_dicom(path):
        folder = path if path.is_dir() else path.parent
        progress(f"reading the DICOM series in {folder.name}")
        return tuple(as_nifti(series, cache_folder() / "dicom", progress) for series in find_series(folder))
    if path.is_dir():
        inside = sorted(p for p in path.iterdir() if is_image(p) or (p.is_dir() and is_dicom(p)))
        if not inside:
            raise InputError(f"{path} holds no scans: neither NIfTI files nor DICOM series.")
        return tuple(file for p in inside for file in ((p,) if is_image(p) else files_of(p, progress)))
    if not is_image(path):
        raise InputError(f"{path} is neither NIfTI nor DICOM; convert it to .nii.gz.")
    return (path,)


def session_of(found: Sequence[Recognised], name: str) -> Session:
    """One patient's session. Raises InputError where a scan is unknown, or two are of one kind."""
    scans: dict[str, Scan] = {}
    for one in found:
        if one.kind is None or one.times is None:
            raise InputError(f"{one.path}: {one.how}; say which of {', '.join(KINDS)} it is (--kind).")
        if one.kind in scans:
            raise InputError(
                f"{one.path} and {scans[one.kind].path} are both {one.kind}; give one of each, or say what they are."
            )
        scans[one.kind] = Scan(one.kind, one.path, one.times)
    ordered = tuple(scans[kind] for kind in KINDS if kind in scans)
    return Session(name, name, ordered, field=field_of([read_sidecar(scan.path) for scan in ordered]))
