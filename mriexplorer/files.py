"""Files in general: ordinary ones only are read, small ones whole; what is written takes its place all at once, or not at all."""

import errno
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import isfinite
from pathlib import Path
from typing import Any

from mriexplorer.errors import InputError

Write = Callable[[Path], object]  # fills the file of that path

LARGEST_TEXT, LARGEST_TABLE = 32 * 2**20, 2**30  # bytes; of a table or an index of people there may be many rows
_LONGEST_NUMBER = 300  # digits
_WHY = {
    errno.ENOSPC: "the disk is full; make room there, or choose another folder",
    errno.EDQUOT: "no more may be stored there; make room, or choose another folder",
    errno.EACCES: "no permission to write there; choose another folder",
    errno.EPERM: "no permission to write there; choose another folder",
    errno.EROFS: "the disk cannot be written to; choose another folder",
    errno.ENAMETOOLONG: "its name is too long; choose a shorter one",
    errno.EISDIR: "a folder has that name; choose another name",
}


# -- reading ---------------------------------------------------------------------------------------------------


def refuse_unreadable(path: Path) -> None:
    """Raises InputError unless there is an ordinary file that may be looked at: a pipe would be waited for without end."""
    try:
        mode = path.stat().st_mode
    except PermissionError:
        raise InputError(f"{path}: no permission to look there; ask its owner, or copy it to a folder of yours.") from None
    except (OSError, ValueError):
        raise InputError(f"{path}: there is no such file.") from None
    if stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder where a file was expected.")
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is not an ordinary file.")


def there(path: Path) -> bool:
    """Whether a path leads to anything; one that cannot be a path, or cannot be looked at, does not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_text(path: Path, largest: int = LARGEST_TEXT) -> str:
    """A text of UTF-8. Raises InputError for what is none, and for more than ``largest`` bytes."""
    refuse_unreadable(path)
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except PermissionError:
        raise InputError(f"{path}: no permission to read it; ask its owner, or copy it to a folder of yours.") from None
    except OSError as error:
        raise InputError(f"{path} could not be read: {error.strerror or error}.") from None
    if len(content) > largest:
        raise InputError(f"{path} is larger than {largest / 2**20:.0f} MB; it is not what it should be.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it again as UTF-8.") from None


def read_json(path: Path, largest: int = LARGEST_TEXT) -> dict[str, Any]:
    """The JSON object of a file; its numbers are finite. Raises InputError."""
    text = read_text(path, largest)
    try:
        content = parse_json(text)
    except ValueError as error:
        raise InputError(f"{path} is not readable as JSON ({error}); mend or remove it.") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} does not hold a JSON object; mend or remove it.")
    return content


def parse_json(text: str) -> Any:
    """What a text of JSON says; NaN, infinities and what is larger than any float are null. Raises ValueError."""
    try:
        return json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=lambda _name: None)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_NUMBER else None


def _finite(text: str) -> float | None:
    return number if isfinite(number := float(text)) else None


# -- writing ---------------------------------------------------------------------------------------------------


def write_beside(target: Path, write: Write) -> None:
    """Let ``write`` fill a file of the same ending beside ``target``, then rename it: nobody sees half a file. Raises OSError."""
    _write_all({target: write})


def write_files(files: Mapping[Path, Write]) -> None:
    """Write all files or none of them; their folders are made. Raises InputError that names the first and says why not."""
    first = next(iter(files))
    with said(first), folders(*(path.parent for path in files)):
        _write_all(files)


def write_folder(target: Path, fill: Write) -> None:
    """Let ``fill`` fill a new folder beside ``target``, which is new or empty, then rename it. Raises InputError."""
    with said(target), folders(target.parent), tempfile.TemporaryDirectory(prefix=".writing-", dir=target.parent) as beside:
        made = Path(beside) / "made"
        made.mkdir()
        fill(made)
        if target.is_dir():
            target.rmdir()
        made.rename(target)


def write_text(path: Path, text: str) -> None:
    """A text as a file, in UTF-8; names of files that are of another encoding stay as they are. Raises InputError."""
    write_files({path: lambda beside: beside.write_text(text, encoding="utf-8", errors="surrogateescape", newline="\n")})


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Whatever keeps ``path`` from being written, as InputError."""
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{path} could not be written: {path.parent} is not a folder.") from None
    except OSError as error:
        why = _WHY.get(error.errno or 0) or error.strerror or str(error)
        raise InputError(f"{path} could not be written: {why}.") from None


@contextmanager
def folders(*wanted: Path) -> Iterator[None]:
    """Make folders; where what comes then fails, those that were made are taken away again."""
    made: list[Path] = []
    try:
        for folder in wanted:
            missing = [one for one in (folder, *folder.parents) if not one.exists()]
            for one in reversed(missing):
                one.mkdir(exist_ok=True)
                made.append(one)
            folder.mkdir(exist_ok=True)  # raises where it is a file
        yield
    except BaseException:
        for one in reversed(made):
            with suppress(OSError):
                one.rmdir()
        raise


def _write_all(files: Mapping[Path, Write]) -> None:
    beside: dict[Path, Path] = {}
    try:
        for target, write in files.items():
            beside[target] = _new_beside(target)
            write(beside[target])
        for target, written in beside.items():
            written.chmod(0o644)
            written.replace(target)
    finally:
        for written in beside.values():
            written.unlink(missing_ok=True)


def _new_beside(target: Path) -> Path:
    packed = target.suffix.lower() == ".gz"
    ending = "".join(target.suffixes[-2:]) if packed else target.suffix
    handle, name = tempfile.mkstemp(suffix=ending, prefix=".writing-", dir=target.parent)
    os.close(handle)
    return Path(name)
