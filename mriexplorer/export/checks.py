"""What is not written, and the one sentence that says why, whoever asks."""

from collections.abc import Callable, Mapping
from pathlib import Path

from mriexplorer.errors import InputError
from mriexplorer.export.export_format import ExportKind
from mriexplorer.export.request import Export, Movie, Planes
from mriexplorer.files import said
from mriexplorer.physics import Protocol
from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import Scene, no_image
from mriexplorer.view.display import SIDES, Layout
from mriexplorer.view.state import State
from mriexplorer.view.sweep import checked
from mriexplorer.view.views import View

RATES = (1, 60)  # frames a second
SIZES = (100, 2000)  # pixels of a plane's longest side in a movie


def refuse_impossible(protocol: Protocol) -> None:
    """Raises InputError for what no scanner could run."""
    if protocol.problems:
        why = "; ".join(problem.sentence for problem in protocol.problems)
        raise InputError(f"{protocol.sequence.label} cannot be run so: {why}.")


def refuse_volume(state: State) -> None:
    """Raises InputError unless the state shows a signal, which is all that is written as a volume."""
    if state.view != View.SIGNAL:
        raise InputError("only the signal is written as a volume; show the signal, or save the map as a picture.")
    refuse_impossible(state.protocol)


def refuse_missing(scene: Scene, view: View) -> None:
    """Raises InputError for a view that the subject has nothing for."""
    if not scene.has_view(view):
        raise InputError(f"there is no {view.replace('t2star', 'T2* map')} to show.")


def refuse_movie(state: State, movie: Movie) -> None:
    """Raises InputError for what cannot be filmed."""
    checked(movie.sweep, state)
    if not RATES[0] <= movie.rate <= RATES[1]:
        raise InputError(f"a movie has {RATES[0]} to {RATES[1]} frames a second, not {movie.rate:g}.")
    if not SIZES[0] <= movie.longest <= SIZES[1]:
        raise InputError(f"a plane of a movie has {SIZES[0]} to {SIZES[1]} pixels, not {movie.longest}.")


def refuse_taken(folder: Path) -> None:
    """Raises InputError unless a folder can be new: it is not there, or empty."""
    with said(folder):
        if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
            raise InputError(f"{folder} exists already; choose a new or empty folder for the series.")


def shows_cells(scene: Scene, state: State, what: Export) -> bool:
    """Whether the picture shows several contrasts, people, or what is compared, each in a cell."""
    layout = state.display.layout
    of_cells = layout in (*SIDES, Layout.PEOPLE) or (layout == Layout.COMPARE and scene.can_compare)
    return what.planes == Planes.AS_SHOWN and of_cells


# -- by kind ---------------------------------------------------------------------------------------------------


def _volume(_scene: Scene, state: State, _what: Export) -> None:
    refuse_volume(state)


def _picture(scene: Scene, state: State, what: Export) -> None:
    if what.picture is not None:
        return
    if shows_cells(scene, state, what):
        if state.display.layout == Layout.PEOPLE and not what.people:
            raise InputError("there is nobody to be seen side by side.")
        return
    _refuse_missing_planes(scene, state, what)
    if what.planes == Planes.COMPARE:
        state = state.with_display(layout=Layout.COMPARE).with_contrast(view=View.SIGNAL)
    seen = ab.seen(scene, state)
    if no_image(seen):
        refuse_impossible(seen.protocol)


def _movie(scene: Scene, state: State, what: Export) -> None:
    if what.movie is not None:
        refuse_movie(state, what.movie)
    _refuse_missing_planes(scene, state, what)


def _refuse_missing_planes(scene: Scene, state: State, what: Export) -> None:
    refuse_missing(scene, state.view)
    if what.planes == Planes.COMPARE and not scene.can_compare:
        raise InputError("there is nothing to compare: no scan was measured of these maps.")


CHECKS: Mapping[ExportKind, Callable[[Scene, State, Export], None]] = {
    ExportKind.VOLUME: _volume,
    ExportKind.PICTURE: _picture,
    ExportKind.MOVIE: _movie,
}
