"""What a module of ``formats/`` tells of its format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mriexplorer.export.request import Export
from mriexplorer.files import Write
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State

Progress = Callable[[str], None]
Files = Callable[[Scene, State, Export, Progress], Mapping[Path, Write]]


class ExportKind(StrEnum):
    """What is written of a scene."""

    VOLUME = "volume"  # the signal of the whole subject
    PICTURE = "picture"
    MOVIE = "movie"


class Container(StrEnum):
    """What the target is."""

    FILE = "file"
    DATASET = "dataset"  # a folder, to which files are added
    FOLDER = "folder"  # one that is new or empty


@dataclass(frozen=True)
class ExportFormat:
    """A format by its ``name``, with a ``label`` for dialogs, and the ``endings`` of its files, the usual one first.

    ``files`` says what is written: by path, how each file is filled (of a ``FOLDER``: the one folder); the first stands for all.
    It writes nothing itself, and may raise InputError. ``raster``: a picture of pixels, not of texts and lines. ``menu`` is
    what the window's menu calls the export of a volume.
    """

    name: str
    label: str
    kind: ExportKind
    files: Files
    endings: tuple[str, ...] = ()
    container: Container = Container.FILE
    raster: bool = True
    menu: str = ""

    @property
    def dialog_filter(self) -> str:
        """As a file dialog lists it: ``NIfTI (*.nii.gz *.nii)``."""
        return f"{self.label} (*{' *'.join(self.endings)})"

    def fits(self, path: Path) -> bool:
        """Whether a file's name ends like this format."""
        return path.name.lower().endswith(self.endings)

    def with_ending(self, path: Path) -> Path:
        """The path, with the usual ending where it has none of the format's."""
        return path if self.fits(path) else path.with_name(path.name + self.endings[0])
