"""What is seen: the signal or a map, which planes, which panel beside them."""

from functools import partial

from mriexplorer.ui.menus.command import LINE, Command, Desk, Submenu, equal, switch
from mriexplorer.view.display import SINGLE, Layout
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.views import VIEWS, View

_VIEWS = ("Signal", "T1 map", "T2 map", "T2* map", "PD map")
_LAYOUTS = {
    Layout.GRID: ("All planes", "F5"),
    **{layout: (f"{layout.capitalize()} plane large", keys) for layout, keys in zip(SINGLE, ("F6", "F7", "F8"), strict=True)},
    Layout.SIDE_PANEL: ("Panel beside the planes, large", "F9"),
}
_WITH_PANEL = (Layout.SIDE_PANEL, Layout.COMPARE)  # layouts that have room for it, beside the grid


def show_side_panel(panel: SidePanel, desk: Desk) -> None:
    """A panel beside the planes; a single plane or the cells give way to them."""
    state = desk.session.state
    layout = state.display.layout if state.display.layout in _WITH_PANEL else Layout.GRID
    desk.session.change(state.with_panels(side=panel).with_display(layout=layout))


def _show_view(view: View, desk: Desk) -> None:
    desk.session.choose_view(view)


def _lay_out(layout: Layout, desk: Desk) -> None:
    desk.session.show(layout=layout)


VIEW_MENU = Submenu(
    "&View",
    (
        *(
            Command(text, partial(_show_view, view), str(number), ticked=equal("contrast.view", view))
            for number, (view, text) in enumerate(zip(VIEWS, _VIEWS, strict=True), 1)
        ),
        LINE,
        *(
            Command(text, partial(_lay_out, layout), keys, ticked=equal("display.layout", layout))
            for layout, (text, keys) in _LAYOUTS.items()
        ),
        Submenu(
            "Panel beside the planes",
            tuple(
                Command(one.label, partial(show_side_panel, one), one.keys, ticked=equal("panels.side", one)) for one in SidePanel
            ),
        ),
        LINE,
        Command("Zoom in", lambda desk: desk.session.zoom(1.25), "+"),
        Command("Zoom out", lambda desk: desk.session.zoom(0.8), "-"),
        Command("Whole head", lambda desk: desk.session.whole_head(), "0"),
        LINE,
        switch("Radiological (patient's left on the right)", "Shift+R", "display.convention", "radiological", "neurological"),
        switch("Crosshair", "X", "display.crosshair", True, False),
        switch("Smooth pixels", "I", "display.smooth", True, False),
        switch("More parameters", "E", "panels.expert", True, False),
        switch("People of a dataset", "P", "panels.people", True, False),
        switch("Dark theme", "T", "appearance.theme", "dark", "light"),
    ),
)
