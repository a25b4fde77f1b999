"""Animated PNG: a movie in 256 greys, nothing lost."""

from collections.abc import Mapping
from pathlib import Path

from mriexplorer.export.export_format import ExportFormat, ExportKind, Progress
from mriexplorer.export.request import Export
from mriexplorer.files import Write
from mriexplorer.render.scene import Scene
from mriexplorer.view.state import State

_EFFORT = 3  # of 9


def files(scene: Scene, state: State, what: Export, progress: Progress) -> Mapping[Path, Write]:
    """One file."""
    from mriexplorer.export.film import film

    return {what.target: film(scene, state, what, progress, "PNG", compress_level=_EFFORT)}


FORMAT = ExportFormat("animated-png", "PNG, animated", ExportKind.MOVIE, files, (".png",))
