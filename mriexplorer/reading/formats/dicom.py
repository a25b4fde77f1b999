"""DICOM series as NIfTI with sidecars, so that everything else reads one kind of file.

dcm2niix (Li et al. 2016) tells series and echoes apart, orders slices, and knows the ways of vendors. It is run into the cache;
what it complains of is made a sentence.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.reading.image_format import ConvertedSeries, SeriesFormat

_LOOKED_AT = 500  # files of a folder, until one is DICOM
_DEEPEST = 5  # folders below
_INDEX = "converted.json"
_LONGEST = 600.0  # seconds
_BROKEN = {  # what dcm2niix complains of, and what it means
    "Interslice distance varies": "its slices are not equally far apart: some are missing, or unreadable",
    "Missing images": "some of its slices are missing, or unreadable",
    "not a valid DICOM": "it does not tell where its slices lie",
    "Bogus spatial matrix": "it does not tell where its slices lie",
    "appear to be a single slice": "all its slices lie in one place",
    "File not large enough": "a file is cut off",
    "FileSize <": "a file is cut off",
}


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM by its preamble, or a folder holds such a file (or a DICOMDIR), also further down."""
    if path.is_dir():
        return any(_has_preamble(file) for file in islice(_files(path), _LOOKED_AT))
    return _has_preamble(path)


def _files(folder: Path, depth: int = 0) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return
    yield from (path for path in inside if path.is_file())
    if depth < _DEEPEST:
        for path in inside:
            if path.is_dir() and not path.is_symlink():
                yield from _files(path, depth + 1)


def _has_preamble(file: Path) -> bool:
    try:
        if not file.is_file():
            return False
        with file.open("rb") as opened:
            return opened.read(132)[128:] == b"DICM"
    except OSError:
        return False


def converted(
    folder: Path, cache: Path, progress: Callable[[str], None] = lambda _what: None
) -> tuple[tuple[ConvertedSeries, Path], ...]:
    """Every series in a folder, each with where its image lies; converted into ``cache`` once. Raises InputError."""
    files = list(_files(folder))
    target = cache / _identity(files)
    found = _known(target)
    if found is None:
        progress(f"converting the DICOM series in {folder.name}")
        try:
            found = _convert(folder, target)
        except OSError as error:
            raise InputError(f"the cache {cache} could not be written: {error.strerror or error}.") from None
    if not found:
        raise InputError(f"{folder}: no series could be read from its DICOM files; export them again, or convert them to NIfTI.")
    return tuple((one, target / (one.image or one.name)) for one in found)


def _identity(files: Sequence[Path]) -> str:
    stamps = ((str(file.absolute()), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    return hashlib.sha256(repr(list(stamps)).encode()).hexdigest()[:24]


def _known(target: Path) -> list[ConvertedSeries] | None:
    """What was converted before; None where that is not whole any more."""
    if not (target / _INDEX).is_file():
        return None
    try:
        index = read_json(target / _INDEX)
        whole = all((target / name).stat().st_size == size for name, size in index["files"].items())
        return [ConvertedSeries(**one) for one in index["series"]] if whole else None
    except (InputError, OSError, KeyError, TypeError, AttributeError):
        return None


def _convert(folder: Path, target: Path) -> list[ConvertedSeries]:
    import dcm2niix

    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as name:
        beside = Path(name) / "series"
        beside.mkdir()
        command = [
            dcm2niix.bin, "-b", "y", "-ba", "y", "-z", "y", "-d", str(_DEEPEST), "-f", "%s_%d", "-o", str(beside), str(folder),
        ]  # fmt: skip
        try:
            ran = subprocess.run(command, capture_output=True, check=False, timeout=_LONGEST)  # noqa: S603 no shell, paths only
        except subprocess.TimeoutExpired:
            raise InputError(f"{folder}: its DICOM files take longer than ten minutes; give the folder of one series.") from None
        found = list(_told(ran.stdout.decode(errors="replace"), beside))
        sizes = {file.name: file.stat().st_size for file in beside.iterdir()}
        text = json.dumps({"files": sizes, "series": [asdict(one) for one in found]}, indent=1)
        (beside / _INDEX).write_text(text, encoding="utf-8")
        beside.rename(target)
    return found


def _is_damaged(sidecar: Path) -> bool:
    """Whether what dcm2niix wrote of a series cannot be read: damaged headers give damaged JSON."""
    try:
        return sidecar.is_file() and not read_json(sidecar)
    except InputError:
        return True


def _told(output: str, folder: Path) -> Iterator[ConvertedSeries]:
    """One for each series that dcm2niix speaks of: complaints come before the line that names the image."""
    problem = ""
    for line in output.splitlines():
        problem = problem or next((meaning for words, meaning in _BROKEN.items() if words in line), "")
        if line.startswith("Convert ") and " as " in line:
            name = Path(line.split(" as ", 1)[1].rsplit(" (", 1)[0]).name
            image = f"{name}.nii.gz" if (folder / f"{name}.nii.gz").is_file() else None
            if image and _is_damaged(folder / f"{name}.json"):
                image, problem = None, "its header is damaged"
            yield ConvertedSeries(name, image, problem if image else problem or "it could not be converted")
            problem = ""
    if problem:
        yield ConvertedSeries("a series", None, problem)


FORMAT = SeriesFormat("DICOM", is_dicom, converted)
