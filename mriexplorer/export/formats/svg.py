"""SVG: texts are texts, each plane is one embedded raster of its voxels."""

from collections.abc import Mapping
from pathlib import Path

from mriexplorer.export.export_format import ExportFormat, ExportKind, Progress
from mriexplorer.export.request import Export
from mriexplorer.files import Write
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State


def files(scene: Scene, state: State, what: Export, progress: Progress) -> Mapping[Path, Write]:
    """One file."""
    from mriexplorer.export.painting import sheet_of
    from mriexplorer.figures.figure import as_svg

    progress("painting")
    content = as_svg(sheet_of(scene, state, what))
    progress(f"writing {what.target.name}")
    return {what.target: lambda beside: beside.write_bytes(content)}


FORMAT = ExportFormat("svg", "SVG, texts stay texts", ExportKind.PICTURE, files, (".svg",), raster=False)
