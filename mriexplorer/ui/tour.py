"""A guided first look, without a display: the real window and single images, as PNG files."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QEventLoop

from mriexplorer.errors import InputError
from mriexplorer.explorer.presets import presets
from mriexplorer.explorer.state import State
from mriexplorer.ui.application import application, open_window
from mriexplorer.ui.figure import figure, save
from mriexplorer.ui.main_window import MainWindow

# File name, preset, what else to change in the state.
_WINDOWS = (
    ("1-first-window", "OASIS-3 · T1w MPRAGE", {}),
    ("2-t2-weighted", "Clinical 3 T · T2w TSE", {}),
    ("3-flair", "OASIS-3 · FLAIR", {}),
    ("4-t1-map", "OASIS-3 · FLAIR", {"view": "t1"}),
    ("5-impossible", "OASIS-3 · T1w MPRAGE", {"values": (("tr", 0.9),)}),
    ("6-light-theme", "Clinical 3 T · PDw TSE", {"theme": "light"}),
)
_IMAGES = (("7-planes-mprage", "HCP · T1w MPRAGE", "all"), ("8-axial-stir", "Clinical 3 T · STIR", "axial"))

_CALM = 0.6  # s until the pictures of the gallery are drawn


def tour(folder: Path) -> Iterator[Path]:
    """Write the pictures one by one, and say which was written. Raises InputError when they cannot be written."""
    running = application(offscreen=True)
    window = open_window(State())
    window.corner.begin()
    for name, preset, changes in _WINDOWS:
        _go(window, preset, changes)
        running.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 200)
        yield _saved(folder / f"{name}.png", window.grab().toImage())
    scene = window.session.scene
    for name, preset, plane in _IMAGES:
        _go(window, preset, {"crosshair": False})
        if scene is not None:
            yield _saved(folder / f"{name}.png", figure(scene, window.session.state, plane))
    yield _saved(folder / "9-sampled-person.png", _sampled(window).grab().toImage())
    window.close()


def _sampled(window: MainWindow) -> MainWindow:
    """The window with somebody who never was. Raises InputError where nobody could be sampled."""
    failed: list[str] = []
    session, running = window.session, application(offscreen=True)
    said, session.failed = session.failed, failed.append
    _go(window, "OASIS-3 · T1w MPRAGE", {"layout": "grid"})
    session.studio.sample()
    while session.studio.draft is not None and not failed:
        running.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
    session.failed = said
    if failed:
        raise InputError(failed[0])
    until = monotonic() + _CALM
    while monotonic() < until:
        running.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
    return window


def _go(window: MainWindow, title: str, changes: dict[str, object]) -> None:
    session = window.session
    session.show(theme="dark", view="signal")
    session.apply_preset(next(preset for preset in presets() if preset.title == title))
    values = dict(changes.get("values", ()))  # type: ignore[call-overload]
    state = session.state.with_values(**values)
    session.store.change(replace(state, **{name: value for name, value in changes.items() if name != "values"}))


def _saved(path: Path, image: object) -> Path:
    save(image, path)
    return path
