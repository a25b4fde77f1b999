"""Opening, sampling, sessions, pictures and volumes."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from mriexplorer.export.export_format import ExportKind
from mriexplorer.export.registry import formats_of
from mriexplorer.ui.menus.command import LINE, Command, Desk, Submenu, When

_NOBODY = "Nobody who was sampled is shown; choose Sample first."
_NEVER = When((), lambda: False)


def export_person(desk: Desk) -> None:
    """Maps and record of whoever was sampled, as a BIDS derivative."""
    window = desk.window
    if desk.session.state.source.recipe is None:
        window.banner.say(_NOBODY, severe=True)
        return
    name = QFileDialog.getExistingDirectory(window, "Choose a new or empty folder, or one with sampled people")
    if name:
        desk.session.gallery.write(Path(name), lambda who: window.banner.say(f"Saved {who} in {name}.", done=True))


def _recent(desk: Desk) -> Iterator[Command]:
    """What was opened last."""
    paths = desk.window.settings.recent if desk.window.settings else []
    for path in paths:
        yield Command(str(path), partial(_open, path))
    if not paths:
        yield Command("Nothing was opened yet", lambda _desk: None, possible=_NEVER)


def _open(path: Path, desk: Desk) -> None:
    desk.session.open([path])


def _volumes() -> Iterator[Command]:
    """An export for each format of volumes."""
    for place, one in enumerate(formats_of(ExportKind.VOLUME)):
        export = partial(lambda chosen, desk: desk.sharing.exporting.export_volume(chosen), one)
        yield Command(one.menu or f"Export as {one.label}…", export, "" if place else "Ctrl+E")


def file_menu() -> Submenu:
    """The menu, with the formats that there are."""
    return Submenu("&File", (
        Command("&Open maps…", lambda desk: desk.opening.files(), "Ctrl+O"),
        Command("Open s&cans…", lambda desk: desk.opening.scans(), "Ctrl+Alt+O"),
        Command("Open a folder of scans (DICOM)…", lambda desk: desk.opening.scan_folder()),
        Command("Open &folder or dataset…", lambda desk: desk.opening.folder(), "Ctrl+Shift+O"),
        Submenu("Open &recent", filled=_recent),
        Command("&Built-in brain", lambda desk: desk.session.open([]), "Ctrl+B"),
        LINE,
        Command("Sa&mple a person", lambda desk: desk.session.gallery.sample(), "Ctrl+N"),
        Command("Sample four people", lambda desk: desk.session.gallery.sample(4), "Ctrl+Shift+N"),
        Command("Estimate attributes from the brain", lambda desk: desk.session.gallery.estimate()),
        Command("Export the sampled person…", export_person, "Ctrl+Shift+E",
                possible=When(("source.recipe",), lambda recipe: recipe is not None)),
        LINE,
        Command("Open sess&ion…", lambda desk: desk.sharing.choose_session(), "Ctrl+Alt+L"),
        Command("Save session…", lambda desk: desk.sharing.save_session(), "Ctrl+Alt+S"),
        LINE,
        Command("&Save planes as picture…", lambda desk: desk.sharing.exporting.save_planes(), "Ctrl+S"),
        Command("Save &window as picture…", lambda desk: desk.sharing.exporting.save_window(), "Ctrl+Shift+S"),
        Command("&Copy planes", lambda desk: desk.sharing.exporting.copy_planes(), "Ctrl+C"),
        *_volumes(),
        Command("Export fi&gure…", lambda desk: desk.sharing.exporting.export_figure(), "Ctrl+Shift+F"),
        Command("Export mo&vie…", lambda desk: desk.sharing.exporting.export_movie(), "Ctrl+Shift+M"),
        LINE,
        Command("&Quit", lambda desk: desk.window.close(), "Ctrl+Q"),
    ))  # fmt: skip
