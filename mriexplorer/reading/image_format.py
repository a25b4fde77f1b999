"""What a format has to tell of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mriexplorer.reading.volume import Volume

Progress = Callable[[str], None]  # told what is being done; may raise to stop


def _alone(path: Path) -> tuple[Path, ...]:
    return (path,)


def _no_times(_path: Path) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True)
class ImageFormat:
    """A format whose files are told by their endings (lower case, with the dot), one volume a file.

    ``read`` gives the volume, ``shape`` its sizes from the header alone; both raise InputError with a sentence. ``times`` are te,
    tr, ti (s) and flip (degrees) as far as the header has them. ``parts`` are the files that an image consists of: the first
    stands for all.
    """

    name: str
    endings: tuple[str, ...]
    read: Callable[[Path], Volume]
    shape: Callable[[Path], tuple[int, ...]]
    times: Callable[[Path], Mapping[str, float]] = _no_times
    parts: Callable[[Path], tuple[Path, ...]] = _alone


@dataclass(frozen=True)
class ConvertedSeries:
    """What came of one series: ``image`` is the name of a file, None where there is none; ``problem`` says why, in words."""

    name: str
    image: str | None
    problem: str = ""


@dataclass(frozen=True)
class SeriesFormat:
    """A format of whole folders, told by their content, whose series become images of another format before they are read.

    ``is_here`` looks at a file or a folder; ``convert`` takes the folder, the cache and a progress, and gives every series with
    where its image lies. It raises InputError.
    """

    name: str
    is_here: Callable[[Path], bool]
    convert: Callable[[Path, Path, Progress], tuple[tuple[ConvertedSeries, Path], ...]]
