"""A BIDS derivative dataset, to which images of several people and protocols can be added."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.export.export_format import Container, ExportFormat, ExportKind, Progress
from mriexplorer.export.formats.nifti import image_files
from mriexplorer.export.image import Image, image_name
from mriexplorer.export.request import Export
from mriexplorer.files import Write, read_json, said
from mriexplorer.render.scene import Scene
from mriexplorer.subject.derivative import DESCRIPTION, description, person_folders, write_json
from mriexplorer.view.state import State


def files(scene: Scene, state: State, what: Export, progress: Progress) -> Mapping[Path, Write]:
    """Image and sidecar at their place in the dataset; and what describes the dataset, where it is a new one."""
    about = what.target / DESCRIPTION
    with said(what.target):
        begins = not about.exists()
    if not begins:
        _refuse_acquired(what.target)
    folder = what.target.joinpath(*person_folders(scene.subject), "anat")
    wanted = image_files(Image.of(scene, state), folder / image_name(scene.subject, state), progress)
    return wanted | ({about: partial(write_json, description())} if begins else {})


def _refuse_acquired(folder: Path) -> None:
    """What is computed lives in a derivative dataset, never among what was acquired."""
    about = folder / DESCRIPTION
    if about.is_file() and read_json(about).get("DatasetType", "raw") != "derivative":
        raise InputError(f"{folder} is a dataset of acquired images; choose another folder, such as {folder / 'derivatives'}.")


FORMAT = ExportFormat(
    "bids", "BIDS derivative", ExportKind.VOLUME, files, container=Container.DATASET, menu="Export as BIDS derivative…"
)
