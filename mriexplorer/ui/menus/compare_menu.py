"""Several contrasts, several people, one contrast against another; and the context menu of a cell."""

from dataclasses import replace
from functools import partial

from mriexplorer.ui.menus.command import LINE, Command, Desk, Entry, Submenu, When, equal
from mriexplorer.ui.menus.contrast_menu import apply_preset, by_group
from mriexplorer.view.comparison import RATES, Mode
from mriexplorer.view.display import SIDES, Layout
from mriexplorer.view.plane import PLANES
from mriexplorer.view.presets import Preset

_LAYOUTS = (
    (Layout.CONTRASTS_2X2, "Four contrasts", "F2"),
    (Layout.CONTRASTS_3X3, "Nine contrasts", "F3"),
    (Layout.PEOPLE, "Several people", "F4"),
)
_MODES = (
    (Mode.PINNED, "Flip to the pinned contrast", "F"),
    (Mode.FLICKER, "Flicker between the two", "Shift+F"),
    (Mode.WIPE, "Wipe: pinned left, current right", "W"),
    (Mode.DIFFERENCE, "Difference: current minus pinned", "D"),
)
_STEP = 0.02  # of the width, that a key moves the divider
_PINNED = When(("comparison.pinned",), lambda pinned: pinned is not None)
_HAS_REFERENCE = When(
    ("comparison.pinned", "display.layout"), lambda pinned, layout: pinned is not None or layout == Layout.COMPARE
)
_ADD = Command("Add the current contrast", lambda desk: desk.session.comparison.add(), "Ins")
_PIN = Command("Pin this contrast", lambda desk: desk.session.comparison.pin(), "B")


def _lay_out(layout: Layout, desk: Desk) -> None:
    desk.session.comparison.lay_out(layout)


def _show_plane(plane: str, desk: Desk) -> None:
    desk.session.show(plane=plane)


def _compare(mode: Mode, desk: Desk) -> None:
    desk.session.comparison.compare(mode)


def _set_rate(rate: int, desk: Desk) -> None:
    desk.session.comparison.set_rate(rate)


def _move_divider(by: float, desk: Desk) -> None:
    desk.session.comparison.wipe(desk.session.state.comparison.wipe + by)


def _move_together(desk: Desk) -> None:
    desk.session.comparison.set_together(not desk.session.state.comparison.together)


def _add_preset(preset: Preset, desk: Desk) -> None:
    desk.session.comparison.add_preset(preset)


_PLANES = Submenu(
    "Plane",
    tuple(Command(one.capitalize(), partial(_show_plane, one), ticked=equal("display.plane", one)) for one in PLANES),
)


def compare_menu() -> Submenu:
    """The menu; presets are read from their file for it."""
    wiped = equal("comparison.mode", Mode.WIPE)
    return Submenu(
        "Co&mpare",
        (
            *(
                Command(text, partial(_lay_out, one), keys, ticked=equal("display.layout", one)) for one, text, keys in _LAYOUTS
            ),
            _PLANES,
            LINE,
            _ADD,
            Submenu("Add a preset", by_group(_add_preset)),
            Command("Remove the chosen contrast", lambda desk: desk.session.comparison.remove(), "Shift+Del",
                    possible=When(("display.layout",), lambda layout: layout in SIDES)),
            Command("TE, TR, TI of all contrasts together", _move_together, "G", ticked=equal("comparison.together", True)),
            LINE,
            _PIN,
            Command("Unpin", lambda desk: desk.session.comparison.unpin(), "Shift+B", possible=_PINNED),
            *(
                Command(text, partial(_compare, one), keys, ticked=equal("comparison.mode", one), possible=_HAS_REFERENCE)
                for one, text, keys in _MODES
            ),
            Submenu(
                "Flicker rate",
                tuple(
                    Command(f"{one} a second", partial(_set_rate, one), ticked=equal("comparison.rate", one)) for one in RATES
                ),
            ),
            Command("Divider to the left", partial(_move_divider, -_STEP), "Ctrl+Left", possible=wiped),
            Command("Divider to the right", partial(_move_divider, _STEP), "Ctrl+Right", possible=wiped),
        ),
    )  # fmt: skip


def cell_menu(place: int, count: int) -> tuple[Entry, ...]:
    """What can be done with a cell of ``count`` contrasts; with an empty one, only adding. A click chose it before."""
    if place >= count:
        return _without_keys(_ADD), Submenu("Add a preset", by_group(_add_preset)), _PLANES
    several = When(("contrasts",), lambda contrasts: len(contrasts) > 1)
    return (
        _without_keys(_ADD),
        Submenu("Set to preset", by_group(apply_preset)),
        Command("Remove", lambda desk: desk.session.comparison.remove(place), possible=several),
        LINE,
        _without_keys(_PIN),
        Command("Show in three planes", lambda desk: desk.session.show(layout=Layout.GRID)),
        _PLANES,
    )


def _without_keys(command: Command) -> Command:
    """In a context menu keys would be given twice."""
    return replace(command, keys="")
