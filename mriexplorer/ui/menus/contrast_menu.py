"""The contrast: window, sign, presets, sequences."""

from collections.abc import Callable
from functools import partial

from mriexplorer.physics import SEQUENCES
from mriexplorer.ui.menus.command import LINE, Command, Desk, Submenu, equal
from mriexplorer.ui.menus.view_menu import show_side_panel
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.presets import Preset, presets


def by_group(do: Callable[[Preset, Desk], object]) -> tuple[Submenu, ...]:
    """A submenu of presets for each of their groups."""
    groups: dict[str, list[Command]] = {}
    for preset in presets():
        groups.setdefault(preset.group, []).append(Command(preset.name, partial(do, preset)))
    return tuple(Submenu(group, tuple(commands)) for group, commands in groups.items())


def apply_preset(preset: Preset, desk: Desk) -> None:
    """Go to a preset's protocol."""
    desk.session.apply_preset(preset)


def _choose_sequence(name: str, desk: Desk) -> None:
    desk.session.choose_sequence(name)


def contrast_menu() -> Submenu:
    """The menu; presets are read from their file for it."""
    sequences = (
        Command(one.label, partial(_choose_sequence, one.name), ticked=equal("contrast.protocol.sequence", one))
        for one in SEQUENCES.values()
    )
    return Submenu(
        "&Contrast",
        (
            Command("Automatic window", lambda desk: desk.session.automatic_window(), "A"),
            Command("Signed signal", lambda desk: desk.session.set_magnitude(not desk.session.state.contrast.magnitude), "M",
                    ticked=equal("contrast.magnitude", False)),
            Command("Reset parameters", lambda desk: desk.session.reset_contrast(), "Ctrl+R"),
            Command("Why is this dark?", partial(show_side_panel, SidePanel.CURVES), "Q"),
            LINE,
            *by_group(apply_preset),
            Submenu("Sequence", tuple(sequences)),
        ),
    )  # fmt: skip
