"""A and B in one place: the current contrast against a reference, shown in turns, on two sides of a divider, or subtracted.

The reference is the pinned contrast; in the layout "compare" it is the measured scan, or the other person.
"""

from dataclasses import replace

from mriexplorer.render.scene import Pane, Reading, Scene, caption, caption_lines, no_image
from mriexplorer.render.slices import Extent
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.contrast import pinned
from mriexplorer.view.state import State


def reference(scene: Scene, state: State) -> State | None:
    """The state of what the current contrast is compared with; None where there is nothing."""
    if state.layout == "compare" and scene.can_compare:
        return replace(state, view="measured" if scene.other is None else "other", ab="")
    return pinned(replace(state, ab=""))


def way(scene: Scene, state: State) -> str:
    """How the two are compared now: the state's ``ab`` where that can be, else empty."""
    beside_already = state.ab == "difference" and state.layout == "compare"
    return "" if beside_already or reference(scene, state) is None else state.ab


def turned(state: State, *, away: bool) -> State:
    """The state at one turn of the flicker: the reference where ``away``, else the current contrast."""
    return replace(state, ab="pinned") if away and state.ab == "flicker" else state


def seen(scene: Scene, state: State) -> State:
    """The state whose numbers belong to what is seen: the reference's while that stands in place of the current contrast."""
    other = reference(scene, state)
    return other if other is not None and way(scene, state) == "pinned" else state


def shown(scene: Scene, state: State) -> State:
    """The state with the view that is painted: the difference, where that is wished."""
    return replace(state, view="change") if way(scene, state) == "difference" else state


def reading(scene: Scene, state: State, place: Millimetres | None = None) -> Reading:
    """The numbers at a place, by default under the crosshair, of what is seen; of a difference, that of both signals."""
    own, other = scene.reading(seen(scene, state), place), reference(scene, state)
    if way(scene, state) != "difference" or other is None:
        return own
    theirs = scene.reading(other, place).signal
    apart = None if own.signal is None or theirs is None else own.signal - theirs
    return replace(own, signal=apart, what="difference")


def windowed(scene: Scene, state: State) -> State:
    """The state with the difference's window set from its values, where the difference is shown."""
    painted = shown(scene, state)
    if painted is state or message(scene, state):
        return state
    return replace(painted.with_window(*scene.automatic(painted)), view=state.view)


def panes(scene: Scene, names: tuple[str, ...], state: State, canvas: str = "") -> tuple[Pane, ...]:
    """Planes of the state as the two are compared now."""
    how, other = way(scene, state), reference(scene, state)
    if how == "pinned" and other is not None:
        return scene.panes(names, other, canvas)
    if how == "difference":
        return scene.panes(names, shown(scene, state), canvas)
    own = scene.panes(names, state, canvas)
    if how != "wipe" or other is None:
        return own
    lefts = scene.panes(names, other, f"{canvas} left")
    return tuple(
        replace(pane, left=left.pixels, extent=_around(pane.extent, left.extent)) for pane, left in zip(own, lefts, strict=True)
    )


def lines(scene: Scene, state: State) -> tuple[str, ...]:
    """What is written below: the caption, and that of the reference where it is seen too."""
    how, other = way(scene, state), reference(scene, state)
    if other is None or how in ("", "flicker"):
        return caption_lines(state)
    if how == "pinned":
        return (_named(state, other), *caption_lines(other)[1:])
    if how == "difference":
        return f"{caption(state)} minus", f"pinned {caption(other)}"
    return f"screen left: {caption(other)}", f"screen right: {caption(state)}"


def title(scene: Scene, state: State) -> str:
    """Which of the two is seen, for the title of a plane; empty where they are not compared."""
    texts = {"pinned": "pinned", "flicker": "current", "wipe": "pinned | current", "difference": "current − pinned"}
    if state.layout == "compare":
        name = caption_lines(reference(scene, state) or state)[0]
        texts = {"pinned": name, "wipe": f"{name} | computed"}
    return texts.get(way(scene, state), "")


def message(scene: Scene, state: State) -> str:
    """Why there is no image, for the middle of the plane; empty where there is one."""
    how, other = way(scene, state), reference(scene, state)
    if how == "pinned" and other is not None:
        return no_image(other)
    if how != "difference" or other is None:
        return no_image(state)
    if "signal" not in (state.view, other.view) or state.view != other.view:
        return "No difference: one of the two is a map. Choose the signal, or pin another contrast (B)."
    return no_image(state) or no_image(other).replace("No image:", "No image of the pinned contrast:")


def _around(one: Extent, other: Extent) -> Extent:
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one, other
    return min(left, left2), min(top, top2), max(right, right2), max(bottom, bottom2)


def _named(state: State, other: State) -> str:
    name = caption_lines(other)[0]
    return name if state.layout == "compare" else f"pinned: {name}"
