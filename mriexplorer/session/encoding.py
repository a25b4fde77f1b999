"""A patient's scans on their way into the explorer: recognised, encoded into the cache, opened like any maps.

What was encoded once is found again by its content: the same files with the same times and model are not encoded anew.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from mriexplorer.dataset.recognition import RecognisedScan, files_of, recognise, session_of
from mriexplorer.errors import InputError
from mriexplorer.evaluation.result import RESULT_FILE, read_result
from mriexplorer.generative.precision import Precision
from mriexplorer.places import SCANS_TO_MAPS as MODEL
from mriexplorer.places import cache_folder, models
from mriexplorer.reading.formats.dicom import is_dicom
from mriexplorer.reading.registry import is_image
from mriexplorer.subject import naming

Progress = Callable[[str], None]


def look_like_scans(paths: Sequence[Path]) -> bool:
    """Whether paths are scans to be encoded rather than maps to be opened: DICOM, or images whose names are those of scans."""
    try:
        images = [image for path in paths for image in ((path.iterdir()) if path.is_dir() else (path,)) if image.is_file()]
    except OSError:  # whoever opens them says so
        return False
    if any(naming.quantity(image) for image in images if is_image(image)):
        return False
    return any(map(is_dicom, paths)) or any(naming.is_weighted(image) for image in images if is_image(image))


def recognised(paths: Sequence[Path], progress: Progress) -> tuple[tuple[RecognisedScan, ...], tuple[str, ...]]:
    """What each scan at the paths is, and what was left out. ``progress`` may raise to stop. Raises InputError."""
    read = [files_of(path, progress) for path in paths]
    files = dict.fromkeys(file for one in read for file in one.paths)
    notices = dict.fromkeys(notice for one in read for notice in one.notices)
    return tuple(map(recognise, files)), tuple(notices)


def encoded_folder(found: Sequence[RecognisedScan]) -> Path:
    """Where the encoded maps of these scans lie, or will lie. Raises InputError for scans that make no session."""
    session = session_of(found, "sub-patient")
    content = [
        [str(s.path), s.path.stat().st_size, s.path.stat().st_mtime_ns, s.kind, dict(s.times.values)] for s in session.scans
    ]
    model = (models() / MODEL / "config.json").read_bytes()
    key = hashlib.sha256(json.dumps(content, sort_keys=True).encode() + model).hexdigest()[:24]
    return cache_folder() / "encoded" / key


def encode_scans(found: Sequence[RecognisedScan], target: Path, progress: Progress, precision: Precision = "auto") -> None:
    """Encode into ``target``, unless that is done already. ``progress`` may raise to stop. Raises InputError."""
    if (target / "sub-patient").is_dir():
        return
    progress("loading the model")
    try:
        from mriexplorer.generative.autoencoder.patient import encode_session
    except ImportError as error:
        raise InputError(f"torch could not be loaded ({error}); install mriexplorer again.") from None
    encode_session(session_of(found, "sub-patient"), target, MODEL, None, precision, progress)


def expectation(kinds: Sequence[str]) -> str:
    """How far maps from such scans are off on people the model never saw, in words; empty where that was not measured."""
    try:
        figures = read_result(models() / MODEL / RESULT_FILE)
    except InputError:  # nobody judged it
        return ""
    wanted = [
        figures.metric("maps", f"{name} error in white and grey matter, from {'+'.join(kinds)}") for name in ("T1", "T2", "PD")
    ]
    errors = [metric.value for metric in wanted if metric is not None]
    if len(errors) < len(wanted):
        return ""
    named = " and ".join(filter(None, [", ".join(kinds[:-1]), kinds[-1]]))
    return (
        f"From {named}: on simulated people that the model never saw, half of all voxels of white and grey matter are within "
        f"{errors[0]:.0f}% of the true T1, {errors[1]:.0f}% of T2 and {errors[2]:.0f}% of PD."
    )
