"""The three ways out of the program: the window, by a person who uses its menu and dialogs, the command line, and a script."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

import mriexplorer
from mriexplorer.cli import main
from mriexplorer.ui.window.application import open_window
from mriexplorer.view.state import State

TIMES = {"te": 0.09, "tr": 4.0}
SWEEP = ("te", 0.02, 0.2)
FRAMES = 3


class Driver:
    """The window on a folder of maps, and a person who uses its menu and dialogs."""

    def __init__(self, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window = open_window(State())
        self._patch, self._qtbot = monkeypatch, qtbot
        qtbot.addWidget(self.window)
        qtbot.waitExposed(self.window)
        self.session = self.window.session
        self.session.open([folder])
        qtbot.waitUntil(lambda: self.session.state.source.paths != (), timeout=20_000)
        self.session.show(crosshair=False)

    def set(self, sequence: str, values: dict[str, float], view: str = "signal") -> None:
        """Show another contrast, in its automatic window."""
        self.session.choose_sequence(sequence)
        self.session.set_values(values)
        self.session.automatic_window()
        self.session.choose_view(view)

    def act(self, text: str) -> None:
        """Choose from the menu."""
        next(one for one in self.window.menus.all if one.text().replace("&", "") == text).trigger()
        QApplication.processEvents()

    def choose(self, **chosen: str) -> QDialog:
        """Fill in the dialog that is open."""
        form = next(one for one in self.window.findChildren(QDialog) if one.isVisible())
        boxes = {box.accessibleName(): box for box in form.findChildren(QComboBox)}
        fields = {field.accessibleName(): field for field in form.findChildren(QLineEdit)}
        for name, text in chosen.items():
            name = name.replace("_", " ")
            if name in boxes:
                boxes[name].setCurrentText(text)
                assert boxes[name].currentText() == text
            else:
                fields[name].setText(text)
        return form

    def save(self, menu: str, target: Path, **chosen: str) -> str:
        """Choose from the menu, fill in the dialog where ``chosen`` says how, and wait for what is said then."""
        self.window.banner.hide()
        self._patch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_arguments: (str(target), "")))
        self._patch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_arguments: str(target)))
        self.act(menu)
        if chosen and not self.window.banner.text:
            self.choose(**chosen).accept()
        self._qtbot.waitUntil(lambda: bool(self.window.banner.text) and self._idle, timeout=20_000)
        return self.window.banner.text

    @property
    def _idle(self) -> bool:
        return self.window.sharing.exporting._working is None


# -- the three ways --------------------------------------------------------------------------------------------

MENU = {  # by format: the entry of the menu, and what is chosen in its dialog
    "nifti": ("Export synthetic image as NIfTI…", {}),
    "bids": ("Export as BIDS derivative…", {}),
    "dicom": ("Export as DICOM series…", {}),
    "png": ("Save planes as picture…", {}),
    "svg": ("Export figure…", {"Planes": "All three", "Width": "large", "Format": "SVG, texts stay texts"}),
    "gif": ("Export movie…", {"Format": "GIF"}),
    "animated-png": ("Export movie…", {"Format": "PNG, animated"}),
}
ENDINGS = {"nifti": ".nii.gz", "bids": "", "dicom": "", "png": ".png", "svg": ".svg", "gif": ".gif", "animated-png": ".png"}
_MOVIE = {"Parameter": "TE (ms)", "From": "20", "To": "200", "Frames": str(FRAMES), "Planes": "All three",
          "Longest_side_of_a_plane": "600 pixels"}  # fmt: skip


def is_movie(name: str) -> bool:
    """Whether a format is one of movies."""
    return name in ("gif", "animated-png")


def by_window(driver: Driver, name: str, target: Path, menu: tuple[str, dict[str, str]] | None = None) -> str:
    """Export by the menu; what the window says then."""
    text, chosen = menu or MENU[name]
    return driver.save(text, target, **(_MOVIE | chosen if text == "Export movie…" else chosen))


def by_command(folder: Path, name: str, target: Path, capsys, *more: str, values: dict[str, float], sequence: str) -> str:
    """Export by the command line; the sentence of its error, without the program's name."""
    words = [str(folder), "--sequence", sequence, *more, "-o", str(target)]
    for parameter, value in values.items():
        words += [f"--{parameter}", f"{value}s"]
    if is_movie(name):
        ends = (f"{end}s" for end in SWEEP[1:])
        words = ["movie", *words, "--sweep", SWEEP[0], *ends, "--frames", str(FRAMES)]
    else:
        words = ["render", *words, *(["--dicom"] if name == "dicom" else [])]
    capsys.readouterr()
    code = main(words)
    said = capsys.readouterr().err.splitlines()  # notes and progress come first
    return said[-1].removeprefix("mriexplorer: ") if code else ""


def by_python(folder: Path, name: str, target: Path, *, values: dict[str, float], sequence: str, view: str = "signal") -> str:
    """Export by a script; the sentence of its error."""
    how = {"sweep": SWEEP, "frames": FRAMES} if is_movie(name) else {}
    try:
        mriexplorer.save(mriexplorer.load(folder), sequence, target, dicom=name == "dicom", view=view, **how, **values)
    except mriexplorer.InputError as error:
        return str(error)
    return ""
