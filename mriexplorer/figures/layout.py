"""Which planes a layout shows, with their titles: the same on the screen and in a figure."""

from mriexplorer.render import comparison as ab
from mriexplorer.render.scene import RenderedSlice, Scene, caption_lines
from mriexplorer.view.state import State

Shown = tuple[tuple[RenderedSlice, ...], list[str]]


def shown(scene: Scene, state: State, names: tuple[str, ...]) -> Shown:
    """The panes of the planes ``names`` and a title for each; in the layout "compare" those of one plane that are compared.

    Where a contrast is pinned, as it is compared with the current one, and each title says which contrast it shows.
    """
    if state.display.layout == "compare" and scene.can_compare:
        return compared(scene, state)
    rendered = ab.rendered(scene, names, state)
    seen = ab.title(scene, state)
    return rendered, [one.position + (f" · {seen}" if seen else "") for one in rendered]


def compared(scene: Scene, state: State) -> Shown:
    """One plane measured, computed and their difference, or of two people; the computed one against the other, as wished."""
    views = [state.with_contrast(view=name) for name in scene.compared]
    ways = [ab.rendered if one.view == "signal" else _plain for one in views]
    rendered = tuple(paint(scene, (state.display.plane,), one)[0] for paint, one in zip(ways, views, strict=True))
    own = "computed from the maps" if scene.other is None else scene.subject.name
    titles = [(ab.title(scene, one) or own) if one.view == "signal" else caption_lines(one)[0] for one in views]
    if scene.other is not None:
        titles[1] = scene.other.subject.name
    return rendered, titles


def _plain(scene: Scene, names: tuple[str, ...], state: State) -> tuple[RenderedSlice, ...]:
    return scene.rendered(names, state)
