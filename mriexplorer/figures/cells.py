"""How the cells of several contrasts and of several people are painted: the same on the screen and in a figure."""

from dataclasses import replace

import numpy as np

from mriexplorer.figures import theme
from mriexplorer.figures.plane_painter import Look
from mriexplorer.render import comparison as ab
from mriexplorer.render.colour import BLACK
from mriexplorer.render.scene import RenderedSlice, Scene, caption_lines, no_image
from mriexplorer.render.side_by_side import ComparedPerson, place_of
from mriexplorer.render.slices import SliceGeometry
from mriexplorer.view.comparison import Comparison
from mriexplorer.view.panels import Panels
from mriexplorer.view.state import State
from mriexplorer.view.views import View


def blank(plane: SliceGeometry) -> RenderedSlice:
    """A plane without an image, for its measures."""
    return RenderedSlice(plane, np.full((1, 1), BLACK), (0.0, 0.0), (0.0, 0.0), (0, 0, 1, 1))


def cell_states(state: State) -> list[State]:
    """The state of each cell, without what does not matter to it; what is pinned is compared with the chosen one alone."""
    pinned = state.comparison.pinned if state.comparison.mode else None
    own = replace(state, panels=Panels(), comparison=replace(state.comparison, together=False, pinned=pinned))
    own = own.with_display(auto=True)
    plain = replace(own, comparison=Comparison(scan=own.comparison.scan))
    every = enumerate(state.contrasts)
    return [(own if place == state.chosen else plain).alone(one) for place, one in every]


def contrast_look(scene: Scene, state: State, place: int, scale: float, *, framed: bool = False) -> Look:
    """How a cell is painted: its name, its times, and on the first one the plane that all show."""
    name, *times = ab.lines(scene, state)
    way = ab.way(scene, state)
    title = f"{place + 1}  {ab.title(scene, state) if way else _weighting(state) + name}"
    lines = (name, *times) if way else tuple(times)
    if not place:
        zoomed = (f"{state.display.zoom:.1f}×",) if state.display.zoom != 1 else ()
        lines = (scene.geometry(state.display.plane, state).position(scene.voxel(state)), *zoomed, *lines)
    message = ab.message(scene, state)
    crosshair = state.display.crosshair and not message
    wipe = state.comparison.wipe if way == "wipe" else None
    accent = theme.DARK.accent if framed else ""  # images are on black in both themes
    return Look(scale, title, lines, message, state.display.smooth, crosshair, backed=True, framed=accent, wipe=wipe)


def _weighting(state: State) -> str:
    """``T2w`` before a sequence whose name does not tell it."""
    suffix = state.protocol.suffix
    return f"{suffix} " if state.view == View.SIGNAL and state.sequence.title is None and suffix.endswith("w") else ""


def person_look(person: ComparedPerson, state: State, scale: float, *, first: bool, framed: bool = False) -> Look:
    """How a person's cell is painted; the first one also tells the plane."""
    message = no_image(state)
    zoomed = (f"{state.display.zoom:.1f}×",) if first and state.display.zoom != 1 else ()
    lines = (*zoomed, *caption_lines(state))
    crosshair = state.display.crosshair and person.whole is not None and not message
    title = f"{person.title} · {place_of(person, state)}" if first else person.title
    accent = theme.DARK.accent if framed else ""
    return Look(scale, title, lines, message, state.display.smooth, crosshair, backed=True, framed=accent)
