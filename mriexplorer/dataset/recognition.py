"""What a scan is: its kind by name, by its series' description, or by its times; and which times belong to it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mriexplorer.dataset.scan_times import Times, read_times, told_times
from mriexplorer.dataset.sessions import KINDS, ImagingSession, WeightedScan, field_of, kind_by_name
from mriexplorer.errors import InputError
from mriexplorer.places import cache_folder
from mriexplorer.reading.image_format import SeriesFormat
from mriexplorer.reading.registry import format_names, is_image, parts_of, series_format, shape_of, stem
from mriexplorer.subject import naming
from mriexplorer.subject.sidecar import read_sidecar

Progress = Callable[[str], None]
_ALONE = r"(?:(?<![a-z])|(?<=3d)|(?<=ax)|(?<=sag)|(?<=cor))"  # a word may follow these
_OTHER = re.compile(
    r"(?<![a-z])(loc|locali[sz]er|scout|survey|swi|dwi|dti|diff\w*|ep2d|adc|trace\w*|bold|asl|perf\w*|pwi|tof|angio"
    r"|field_?map|t2_?star\w*|star|phase|uncertainty)(?![a-z])"
)
_WORDS = {
    "FLAIR": re.compile(r"flair|tirm|dark[ _-]?fluid"),
    "T1w": re.compile(rf"mp[ _-]?rage|spgr|bravo|tfl3d|{_ALONE}(?:t1(?![0-9])|tfe(?![a-z]))"),
    "PDw": re.compile(rf"{_ALONE}pdw?(?![a-z])|proton"),
    "T2w": re.compile(rf"{_ALONE}(?:t2(?![0-9])|tse(?![a-z])|fse(?![a-z]))"),
}
_LEAST_SLICES = 8  # fewer are a localizer


@dataclass(frozen=True)
class RecognisedScan:
    """A file, what it was recognised as (None: not), how that was known, and its times (None with the kind)."""

    path: Path
    label: str
    kind: str | None
    how: str
    times: Times | None


def recognise(path: Path, kind: str | None = None, given: Mapping[str, float] | None = None) -> RecognisedScan:
    """What an image is. ``kind`` and ``given`` times (s) count before all that is found. Raises InputError."""
    sidecar = read_sidecar(path)
    label = str(sidecar.get("SeriesDescription") or sidecar.get("ProtocolName") or stem(path))
    found, how = (kind, "given") if kind else _kind(path, label, told_times(path) | dict(given or {}))
    if found is None:
        return RecognisedScan(path, label, None, how, None)
    return RecognisedScan(path, label, found, how, read_times(path, found, own=given))


def _kind(path: Path, label: str, times: Mapping[str, float]) -> tuple[str | None, str]:
    text = f"{label} {stem(path)}".lower()
    quantity = naming.quantity(path)
    if naming.is_label(path):
        return None, "its name is that of a mask"
    if "_desc-encoded_" in path.name or (quantity and quantity[1]):
        return None, "its name is that of a map"
    if other := _OTHER.search(text):
        return None, f"its name or description has {other[1]!r}, which is another kind of image"
    by_name = kind_by_name(path)
    if by_name:
        return by_name, "by its name"
    for kind, words in _WORDS.items():
        if words.search(text):
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


@dataclass(frozen=True)
class ScanFiles:
    """Images, and what must be said of what was left out."""

    paths: tuple[Path, ...]
    notices: tuple[str, ...] = ()


def files_of(path: Path, progress: Progress = lambda _what: None) -> ScanFiles:
    """The images that a path stands for: itself, the images of a folder, or the series of a DICOM folder or disc.

    Series are converted into the cache once. ``progress`` may raise to stop. Raises InputError.
    """
    path = path.absolute()
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder.")
    if not path.is_dir() and not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder.")
    images = _images(path)
    found = series_format(path) if path.is_dir() or not images else None
    if images:
        return ScanFiles(images, (f"{path} has images; its {found.name} files are left aside.",) if found else ())
    if found:
        return _series(found, path if path.is_dir() else path.parent, progress)
    if path.is_dir():
        raise InputError(f"{path} holds no scans that can be read: neither images nor series ({format_names()}).")
    raise InputError(f"{path} is none of {format_names()}; convert it to .nii.gz.")


def _images(path: Path) -> tuple[Path, ...]:
    """Images; of one that has several files the first."""
    if not path.is_dir():
        return (path,) if is_image(path) else ()
    try:
        found = sorted(p for p in path.iterdir() if is_image(p) and p.is_file())
    except OSError as error:
        raise InputError(f"{path} could not be read: {error.strerror or error}.") from None
    return tuple(p for p in found if parts_of(p)[0] == p)


def _series(of: SeriesFormat, folder: Path, progress: Progress) -> ScanFiles:
    paths, notices = [], []
    for one, path in of.convert(folder, cache_folder() / of.name.lower(), progress):
        problem = one.problem or _no_scan(path)
        if problem:
            notices.append(f"{one.name} in {folder} is left out: {problem}.")
        else:
            paths.append(path)
    if not paths:
        raise InputError(f"{folder}: no series is a scan that can be used. {notices[0]}")
    return ScanFiles(tuple(paths), tuple(notices))


def _no_scan(path: Path) -> str:
    """Why a converted series is no scan of a head; empty where it may be one."""
    if read_sidecar(path).get("Modality", "MR") != "MR":
        return "it is no MR series"
    shape = shape_of(path)
    if len(shape) != 3:
        return (
            f"it has {shape[3]} volumes, or slices that lie over each other, not one volume"
            if len(shape) > 3
            else "it is no volume"
        )
    return f"it has {shape[2]} slices only" if shape[2] < _LEAST_SLICES else ""


def session_of(found: Sequence[RecognisedScan], name: str) -> ImagingSession:
    """One patient's session. Raises InputError where a scan is unknown, or two are of one kind."""
    scans: dict[str, WeightedScan] = {}
    for one in found:
        if one.kind is None or one.times is None:
            raise InputError(f"{one.path}: {one.how}; say which of {', '.join(KINDS)} it is.")
        if one.kind in scans:
            raise InputError(
                f"{one.path.name} and {scans[one.kind].path.name} are both {one.kind}; give one of each, or say what they are."
            )
        scans[one.kind] = WeightedScan(one.kind, one.path, one.times)
    ordered = tuple(scans[kind] for kind in KINDS if kind in scans)
    return ImagingSession(name, name, ordered, field=field_of([read_sidecar(scan.path) for scan in ordered]))
