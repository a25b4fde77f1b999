"""Lessons, the card of keys, and what this is."""

from PySide6.QtWidgets import QMessageBox

from mriexplorer.ui.dialogs.help_card import HelpCard
from mriexplorer.ui.menus.command import Command, Desk, Submenu, When
from mriexplorer.version import __version__

_ABOUT = """<b>mriexplorer {version}</b><br>Tissue maps of a brain, and every MR contrast of them, live.<br><br>
Computed images are synthetic: they show what the signal equations give for the maps, not what a scanner saw.
Flow, diffusion, partial inversion and artefacts are not in them. <b>Not for diagnosis.</b><br><br>
Built-in brain: ICBM152 2009a symmetric templates (Fonov et al.), as carried by nilearn.<br>
Map colours: Fuderer et al. 2025, tables by Crameri. Typeface: Roboto. Licence: Apache-2.0."""


def _show_lessons(desk: Desk) -> None:
    """Open the lessons, or put them away."""
    player = desk.session.lesson_player
    if player.lesson is None:
        player.open()
    else:
        player.close()


def show_help(desk: Desk) -> None:
    """The card of keys and mouse."""
    HelpCard(desk.window, desk.shortcuts(), desk.window.bindings, wheel_zooms=desk.window.wheel_zooms).show()


def _show_about(desk: Desk) -> None:
    QMessageBox.about(desk.window, "About mriexplorer", _ABOUT.format(version=__version__))


HELP_MENU = Submenu(
    "&Help",
    (
        Command("&Lessons…", _show_lessons, "Ctrl+L", ticked=When(("panels.lesson",), bool)),
        Command("&Keys and mouse", show_help, "F1"),
        Command("&About mriexplorer", _show_about),
    ),
)
