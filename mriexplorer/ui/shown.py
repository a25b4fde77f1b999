"""Which planes a layout shows, with their titles: the same on the screen and in a figure."""

from dataclasses import replace

from mriexplorer.explorer.scene import Pane, Scene, caption_lines
from mriexplorer.explorer.state import State
from mriexplorer.ui.plane_painter import position


def shown(scene: Scene, state: State, names: tuple[str, ...]) -> tuple[tuple[Pane, ...], list[str]]:
    """The panes of the planes ``names`` and a title for each; in the layout "compare" those of one plane that are compared."""
    if state.layout == "compare" and scene.can_compare:
        views = [replace(state, view=name) for name in scene.compared]
        panes = tuple(scene.pane(state.compared, one) for one in views)
        own = "computed from the maps" if scene.other is None else scene.subject.name
        titles = [own if one.view == "signal" else caption_lines(one)[0] for one in views]
        if scene.other is not None:
            titles[1] = scene.other.subject.name
        return panes, titles
    panes = scene.panes(names, state)
    return panes, [position(pane, scene, state) for pane in panes]
