"""The formats that are known: what ends like an image, who reads it, and what the file dialog offers."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from mriexplorer.errors import InputError
from mriexplorer.files import refuse_unreadable
from mriexplorer.reading import formats
from mriexplorer.reading.image_format import ImageFormat, SeriesFormat
from mriexplorer.reading.volume import Volume


@lru_cache(maxsize=1)
def known_formats() -> tuple[ImageFormat | SeriesFormat, ...]:
    """What every module of ``formats`` registers, in the order of their names."""
    modules = sorted(module.name for module in iter_modules(formats.__path__))
    return tuple(import_module(f"{formats.__name__}.{name}").FORMAT for name in modules)


def image_formats() -> tuple[ImageFormat, ...]:
    """The formats of single images."""
    return tuple(one for one in known_formats() if isinstance(one, ImageFormat))


def series_format(path: Path) -> SeriesFormat | None:
    """The format of the series that a file or a folder holds; None where there is none."""
    return next((one for one in known_formats() if isinstance(one, SeriesFormat) and one.is_here(path)), None)


def format_names() -> str:
    """All formats, for a sentence: ``DICOM, MGH, NIfTI``."""
    return ", ".join(one.name for one in known_formats())


def endings() -> str:
    """The endings of all images, for a sentence: ``.mgh, .mgz, .nii``."""
    return ", ".join(ending for one in image_formats() for ending in one.endings)


def dialog_filter() -> str:
    """The kinds of file that a dialog offers: all images, those of each format, all files."""
    kinds = {"Images": [ending for one in image_formats() for ending in one.endings]}
    kinds |= {one.name: list(one.endings) for one in image_formats()}
    return ";;".join([*(f"{name} (*{' *'.join(known)})" for name, known in kinds.items()), "All files (*)"])


# -- one file --------------------------------------------------------------------------------------------------


def image_format(path: Path) -> ImageFormat | None:
    """The format of a file by its name."""
    return _match(path)[0]


def is_image(path: Path) -> bool:
    """Whether the name ends like an image that ``read_volume`` takes."""
    return image_format(path) is not None


def stem(path: Path) -> str:
    """The file's name without its image ending."""
    return path.name[: len(path.name) - len(_match(path)[1])]


def _match(path: Path) -> tuple[ImageFormat | None, str]:
    """The format, and the longest of its endings that the name has."""
    name = path.name.lower()
    found = [(len(ending), one, ending) for one in image_formats() for ending in one.endings if name.endswith(ending)]
    return max(found, key=lambda one: one[0])[1:] if found else (None, "")


def read_volume(path: Path) -> Volume:
    """Read one 3-D volume (or 4-D with one frame).

    Raises InputError with a sentence for whatever is not such a volume: other formats, damaged or truncated files, other
    dimensions, colours or complex numbers, headers that promise more than the file can hold.
    """
    return _reader(path).read(path)


def shape_of(path: Path) -> tuple[int, ...]:
    """The sizes of an image, from its header. Raises InputError for what is not readable."""
    return _reader(path).shape(path)


def header_times(path: Path) -> Mapping[str, float]:
    """Te, tr, ti (s) and flip (degrees) as far as the header of an image has them; nothing where it cannot be read."""
    found = image_format(path)
    return found.times(path) if found else {}


def parts_of(path: Path) -> tuple[Path, ...]:
    """The files that an image consists of; the first stands for all."""
    found = image_format(path)
    return found.parts(path) if found else (path,)


def _reader(path: Path) -> ImageFormat:
    refuse_unreadable(path)
    found = image_format(path)
    if found is None:
        raise InputError(f"{path} does not end like an image that can be read ({endings()}); convert it to .nii.gz.")
    return found
