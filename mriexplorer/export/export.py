"""An image as a file: the one way out for window, command line and Python."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.export.checks import CHECKS, refuse_taken
from mriexplorer.export.export_format import Container, ExportFormat, ExportKind, Progress
from mriexplorer.export.image import free_folder
from mriexplorer.export.registry import format_of
from mriexplorer.export.request import Export
from mriexplorer.files import write_files, write_folder
from mriexplorer.render.imaging import SliceNoise
from mriexplorer.render.scene import Scene
from mriexplorer.render.side_by_side import ComparedPerson
from mriexplorer.view.state import State

if TYPE_CHECKING:
    from PySide6.QtGui import QImage


def export(scene: Scene, state: State, what: Export, progress: Progress = lambda _what: None) -> Path:
    """Write what is asked for, all of it or nothing, and say where: the image of a volume, else the target.

    A contrast without a window gets the automatic one. ``progress`` is told what is done, and may raise to stop. The scene may be
    painted by another thread meanwhile. Raises InputError for what cannot be written, with the same sentence whoever asks.
    """
    chosen = format_of(what)
    CHECKS[chosen.kind](scene, state, what)
    own, state, what = _apart(scene, state, what)
    if chosen.container == Container.FOLDER:
        return _write_folder(chosen, own, state, what, progress)
    files = chosen.files(own, state, what, progress)
    write_files(files)
    return next(iter(files))


def picture(scene: Scene, state: State, what: Export) -> "QImage":
    """The picture that ``export`` would write as PNG, for a clipboard. Raises InputError."""
    from mriexplorer.export.painting import image

    CHECKS[ExportKind.PICTURE](scene, state, what)
    return image(*_apart(scene, state, what))


def _write_folder(chosen: ExportFormat, scene: Scene, state: State, what: Export, progress: Progress) -> Path:
    if what.inside:
        what = replace(what, target=free_folder(what.target, scene.subject, state))
    refuse_taken(what.target)
    ((folder, fill),) = chosen.files(scene, state, what, progress).items()
    write_folder(folder, fill)
    return folder


def _apart(scene: Scene, state: State, what: Export) -> tuple[Scene, State, Export]:
    """The same for this thread alone: a scene paints on canvases that it keeps."""
    own = Scene(scene.subject, scene.other and Scene(scene.other.subject))
    people = tuple(_person_apart(one) for one in what.people)
    return own, own.windowed(state) if state.contrast.window is None else state, replace(what, people=people)


def _person_apart(person: ComparedPerson) -> ComparedPerson:
    member = person.member and replace(person.member, noise_cache=SliceNoise())
    return replace(person, whole=person.whole and Scene(person.whole.subject), member=member)
