"""How the cells of several contrasts and of several people are painted: the same on the screen and in a figure."""

from dataclasses import replace

import numpy as np

from mriexplorer.figures import theme
from mriexplorer.figures.plane_painter import Look, position
from mriexplorer.render import comparison as ab
from mriexplorer.render.colour import BLACK
from mriexplorer.render.scene import Pane, Scene, caption_lines, no_image
from mriexplorer.render.side_by_side import Someone, place_of
from mriexplorer.render.slices import Face
from mriexplorer.view.contrast import applied, cells
from mriexplorer.view.state import State


def blank(plane: Face) -> Pane:
    """A plane without an image, for its measures."""
    return Pane(plane, np.full((1, 1), BLACK), (0.0, 0.0), (0.0, 0.0), (0, 0, 1, 1))


def cell_states(state: State) -> list[State]:
    """The state of each cell, without what does not matter to it; what is pinned is compared with the chosen one alone."""
    own = replace(state, contrasts=(), chosen=0, corner="histograms", people=True, expert=False, auto=True, together=False,
                  pinned=state.pinned if state.ab else None)  # fmt: skip
    plain = replace(own, ab="", pinned=None, wipe=0.5, rate=2)
    return [own if place == state.chosen else applied(one, plain) for place, one in enumerate(cells(state))]


def contrast_look(scene: Scene, state: State, place: int, scale: float, *, framed: bool = False) -> Look:
    """How a cell is painted: its name, its times, and on the first one the plane that all show."""
    name, *times = ab.lines(scene, state)
    way = ab.way(scene, state)
    title = f"{place + 1}  {ab.title(scene, state) if way else _weighting(state) + name}"
    lines = (name, *times) if way else tuple(times)
    if not place:
        zoomed = (f"{state.zoom:.1f}×",) if state.zoom != 1 else ()
        lines = (position(blank(scene.face(state.compared, state)), scene, state), *zoomed, *lines)
    message = ab.message(scene, state)
    crosshair = state.crosshair and not message
    wipe = state.wipe if way == "wipe" else None
    accent = theme.DARK.accent if framed else ""  # images are on black in both themes
    return Look(scale, title, lines, message, state.smooth, crosshair, backed=True, framed=accent, wipe=wipe)


def _weighting(state: State) -> str:
    """``T2w`` before a sequence whose name does not tell it."""
    suffix = state.row.suffix(state.protocol)
    return f"{suffix} " if state.view == "signal" and state.row.title is None and suffix.endswith("w") else ""


def person_look(person: Someone, state: State, scale: float, *, first: bool, framed: bool = False) -> Look:
    """How a person's cell is painted; the first one also tells the plane."""
    message = no_image(state)
    zoomed = (f"{state.zoom:.1f}×",) if first and state.zoom != 1 else ()
    lines = (*zoomed, *caption_lines(state))
    crosshair = state.crosshair and person.whole is not None and not message
    title = f"{person.title} · {place_of(person, state)}" if first else person.title
    accent = theme.DARK.accent if framed else ""
    return Look(scale, title, lines, message, state.smooth, crosshair, backed=True, framed=accent)
