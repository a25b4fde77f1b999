"""NIfTI: the signal of the whole subject in one file, with a BIDS sidecar beside it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.export.export_format import ExportFormat, ExportKind, Progress
from mriexplorer.export.image import Image
from mriexplorer.export.request import Export
from mriexplorer.files import Write, read_text, said
from mriexplorer.reading.registry import stem
from mriexplorer.render.scene import Scene
from mriexplorer.subject.derivative import save_floats, write_json
from mriexplorer.view.state import State


def files(scene: Scene, state: State, what: Export, progress: Progress) -> Mapping[Path, Write]:
    """Image and sidecar; both say that it is synthetic. Affine and codes are those of the file that the maps came from."""
    return image_files(Image.of(scene, state), what.target, progress)


def image_files(image: Image, path: Path, progress: Progress) -> dict[Path, Write]:
    """An image at a path, and its sidecar. Raises InputError where either would replace what is not ours."""
    beside = path.with_name(stem(path) + ".json")
    with said(path):
        _refuse_to_replace(path, beside, image)
    progress("computing the volume")
    volume = image.volume()
    progress(f"writing {path.name}")
    return {path: partial(save_floats, image.subject.maps.grid, volume), beside: partial(write_json, image.sidecar())}


def _refuse_to_replace(path: Path, beside: Path, image: Image) -> None:
    """A synthetic image never takes the place of a map it came from, nor its sidecar that of another file."""
    if any(source.path and source.path.resolve() == path.resolve() for source in image.subject.sources):
        raise InputError(f"{path} is one of the maps that the image is computed from; choose another name.")
    if beside.exists() and not _is_own(beside):
        raise InputError(f"{beside} exists and was not written by mriexplorer; choose another name.")


def _is_own(sidecar: Path) -> bool:
    try:
        return '"mriexplorer"' in read_text(sidecar)
    except InputError:
        return False


FORMAT = ExportFormat("nifti", "NIfTI", ExportKind.VOLUME, files, (".nii.gz", ".nii"), menu="Export synthetic image as &NIfTI…")
