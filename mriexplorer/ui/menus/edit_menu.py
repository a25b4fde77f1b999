"""Undo, and what is kept beyond a session."""

from mriexplorer.ui.menus.command import LINE, Command, Submenu

UNDO = Command("&Undo", lambda desk: desk.session.store.undo(), "Ctrl+Z")
REDO = Command("&Redo", lambda desk: desk.session.store.redo(), "Ctrl+Shift+Z")
EDIT_MENU = Submenu(
    "&Edit",
    (
        UNDO,
        REDO,
        LINE,
        Command("Copy as command &line", lambda desk: desk.sharing.copy_command(), "Ctrl+Shift+C"),
        Command("&Preferences…", lambda desk: desk.sharing.show_preferences(), "Ctrl+,"),
    ),
)
