"""PNG: a picture as pixels."""

from collections.abc import Mapping
from pathlib import Path

from mriexplorer.export.export_format import ExportFormat, ExportKind, Progress
from mriexplorer.export.request import Export
from mriexplorer.files import Write
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State


def files(scene: Scene, state: State, what: Export, progress: Progress) -> Mapping[Path, Write]:
    """One file."""
    from mriexplorer.export.painting import image, packed

    progress("painting")
    content = packed(image(scene, state, what), "PNG")
    progress(f"writing {what.target.name}")
    return {what.target: lambda beside: beside.write_bytes(content)}


FORMAT = ExportFormat("png", "PNG, pixels", ExportKind.PICTURE, files, (".png",))
