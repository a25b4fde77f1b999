"""A and B in one place: the current contrast against a reference, shown in turns, on two sides of a divider, or subtracted.

The reference is the pinned contrast; in the layout "compare" it is the measured scan, or the other person.
"""

from dataclasses import replace

from mriexplorer.render.scene import Reading, RenderedSlice, Scene, caption, caption_lines, no_image
from mriexplorer.render.slices import Extent
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.comparison import Mode
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State
from mriexplorer.view.views import View

TitledSlices = tuple[tuple[RenderedSlice, ...], list[str]]


def reference(scene: Scene, state: State) -> State | None:
    """The state of what the current contrast is compared with; None where there is nothing."""
    if state.display.layout == Layout.COMPARE and scene.can_compare:
        view = View.MEASURED if scene.other is None else View.OTHER
        return state.with_contrast(view=view).with_comparison(mode=Mode.NONE)
    return state.with_comparison(mode=Mode.NONE).pinned


def way(scene: Scene, state: State) -> Mode:
    """How the two are compared now: the state's mode where that can be, else none."""
    if state.comparison.mode is Mode.NONE:
        return Mode.NONE
    beside_already = state.comparison.mode == Mode.DIFFERENCE and state.display.layout == Layout.COMPARE
    return Mode.NONE if beside_already or reference(scene, state) is None else state.comparison.mode


def turned(state: State, *, away: bool) -> State:
    """The state at one turn of the flicker: the reference where ``away``, else the current contrast."""
    return state.with_comparison(mode=Mode.PINNED) if away and state.comparison.mode == Mode.FLICKER else state


def seen(scene: Scene, state: State) -> State:
    """The state whose numbers belong to what is seen: the reference's while that stands in place of the current contrast."""
    return reference(scene, state) or state if state.comparison.mode is Mode.PINNED else state


def shown(scene: Scene, state: State) -> State:
    """The state with the view that is painted: the difference, where that is wished."""
    if state.comparison.mode is not Mode.DIFFERENCE or way(scene, state) is Mode.NONE:
        return state
    return state.with_contrast(view=View.CHANGE)


def reading(scene: Scene, state: State, place: Millimetres | None = None) -> Reading:
    """The numbers at a place, by default under the crosshair, of what is seen; of a difference, that of both signals."""
    if state.comparison.mode is Mode.NONE:
        return scene.reading(state, place)
    own, other = scene.reading(seen(scene, state), place), reference(scene, state)
    if way(scene, state) != Mode.DIFFERENCE or other is None:
        return own
    theirs = scene.reading(other, place).signal
    apart = None if own.signal is None or theirs is None else own.signal - theirs
    return replace(own, signal=apart, what="difference")


def windowed(scene: Scene, state: State) -> State:
    """The state with the difference's window set from its values, where the difference is shown."""
    painted = shown(scene, state)
    if painted is state or message(scene, state):
        return state
    return painted.with_window(*scene.automatic(painted)).with_contrast(view=state.view)


def rendered(scene: Scene, names: tuple[str, ...], state: State, canvas: str = "") -> tuple[RenderedSlice, ...]:
    """Planes of the state as the two are compared now."""
    if state.comparison.mode is Mode.NONE:
        return scene.rendered(names, state, canvas)
    how, other = way(scene, state), reference(scene, state)
    if how == Mode.PINNED and other is not None:
        return scene.rendered(names, other, canvas)
    if how == Mode.DIFFERENCE:
        return scene.rendered(names, shown(scene, state), canvas)
    own = scene.rendered(names, state, canvas)
    if how != Mode.WIPE or other is None:
        return own
    lefts = scene.rendered(names, other, f"{canvas} left")
    return tuple(
        replace(rendered, left=left.pixels, extent=_around(rendered.extent, left.extent))
        for rendered, left in zip(own, lefts, strict=True)
    )


def titled_slices(scene: Scene, state: State, names: tuple[str, ...]) -> TitledSlices:
    """The planes ``names`` and a title for each, the same on screen and in a figure; in the layout "compare" one plane, compared.

    Where a contrast is pinned, as it is compared with the current one, and each title says which contrast it shows.
    """
    if state.display.layout == Layout.COMPARE and scene.can_compare:
        return compared(scene, state)
    slices = rendered(scene, names, state)
    which = title(scene, state)
    return slices, [one.position + (f" · {which}" if which else "") for one in slices]


def compared(scene: Scene, state: State) -> TitledSlices:
    """One plane measured, computed and their difference, or of two people; the computed one against the other, as wished."""
    plane = (state.display.plane,)
    slices: list[RenderedSlice] = []
    titles: list[str] = []
    for view in scene.compared:
        one = state.with_contrast(view=view)
        signal = view == View.SIGNAL
        slices += rendered(scene, plane, one) if signal else scene.rendered(plane, one)
        titles.append(title(scene, one) if signal else caption_lines(one)[0])
    own = "computed from the maps" if scene.other is None else scene.subject.name
    titles = [one or own for one in titles]
    if scene.other is not None:
        titles[1] = scene.other.subject.name
    return tuple(slices), titles


def lines(scene: Scene, state: State) -> tuple[str, ...]:
    """What is written below: the caption, and that of the reference where it is seen too."""
    if state.comparison.mode is Mode.NONE:
        return caption_lines(state)
    how, other = way(scene, state), reference(scene, state)
    if other is None or how in (Mode.NONE, Mode.FLICKER):
        return caption_lines(state)
    if how == Mode.PINNED:
        return (_named(state, other), *caption_lines(other)[1:])
    if how == Mode.DIFFERENCE:
        return f"{caption(state)} minus", f"pinned {caption(other)}"
    return f"screen left: {caption(other)}", f"screen right: {caption(state)}"


def title(scene: Scene, state: State) -> str:
    """Which of the two is seen, for the title of a plane; empty where they are not compared."""
    if state.comparison.mode is Mode.NONE:
        return ""
    texts = {"pinned": "pinned", "flicker": "current", "wipe": "pinned | current", "difference": "current − pinned"}
    if state.display.layout == Layout.COMPARE:
        name = caption_lines(reference(scene, state) or state)[0]
        texts = {"pinned": name, "wipe": f"{name} | computed"}
    return texts.get(way(scene, state), "")


def message(scene: Scene, state: State) -> str:
    """Why there is no image, for the middle of the plane; empty where there is one."""
    if state.comparison.mode is Mode.NONE:
        return no_image(state)
    how, other = way(scene, state), reference(scene, state)
    if how == Mode.PINNED and other is not None:
        return no_image(other)
    if how != Mode.DIFFERENCE or other is None:
        return no_image(state)
    if "signal" not in (state.view, other.view) or state.view != other.view:
        return "No difference: one of the two is a map. Choose the signal, or pin another contrast (B)."
    return no_image(state) or no_image(other).replace("No image:", "No image of the pinned contrast:")


def _around(one: Extent, other: Extent) -> Extent:
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one, other
    return min(left, left2), min(top, top2), max(right, right2), max(bottom, bottom2)


def _named(state: State, other: State) -> str:
    name = caption_lines(other)[0]
    return name if state.display.layout == Layout.COMPARE else f"pinned: {name}"
