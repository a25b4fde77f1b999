"""A guided first look, without a display: the real window with each of its tools, and single images, as PNG files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QImage

from mriexplorer.errors import InputError
from mriexplorer.export.export import export
from mriexplorer.export.request import Export, Planes
from mriexplorer.session.session import Session
from mriexplorer.ui.window.application import application, open_window
from mriexplorer.ui.window.main_window import MainWindow
from mriexplorer.view.comparison import Mode
from mriexplorer.view.display import Layout
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.presets import Preset, presets
from mriexplorer.view.state import State
from mriexplorer.view.views import View

Do = Callable[[Session], None]

_CALM = 0.6  # s until the pictures of the gallery are drawn
_SETTLED = 0.2  # s in which panels are laid out and drawn
_PATIENCE = 20.0  # s that 3-D may take
_MPRAGE, _FLAIR = "OASIS-3 · T1w MPRAGE", "OASIS-3 · FLAIR"


def _changed(change: Callable[[State], State] = lambda state: state) -> Do:
    return lambda session: session.workspace.change(change(session.state))


def _side(panel: SidePanel) -> Do:
    return lambda session: session.show_panels(side=panel)


def _measured(session: Session) -> None:
    session.move_to((2.0, -14.0, 8.0))
    session.measurement.add_tissue("wm", "axial")
    session.measurement.add_ellipse("axial")
    session.measurement.line_at_cursor("axial", 1)


def _taught(session: Session) -> None:
    session.lesson_player.open()
    session.lesson_player.set_up()


def _wiped(session: Session) -> None:
    session.comparison.pin()
    session.apply_preset(_preset(_FLAIR))
    session.comparison.compare(Mode.WIPE)


# File name, preset, what is done then. The built-in brain is as it was at first before each.
_WINDOWS: tuple[tuple[str, str, Do], ...] = (
    ("first-window", _MPRAGE, _changed()),
    ("t2-weighted", "Clinical 3 T · T2w TSE", _changed()),
    ("flair", _FLAIR, _changed()),
    ("t1-map", _FLAIR, _changed(lambda state: state.with_contrast(view=View.T1))),
    ("impossible", _MPRAGE, lambda session: session.set_value("tr", 0.9)),
    ("light-theme", "Clinical 3 T · PDw TSE", _changed(lambda state: state.with_appearance(theme="light"))),
    ("tool-curves", _MPRAGE, _side(SidePanel.CURVES)),
    ("tool-pulses", _MPRAGE, _side(SidePanel.PULSES)),
    ("tool-lesson", _MPRAGE, _taught),
    ("tool-measure", _MPRAGE, _measured),
    ("tool-best-contrast", _MPRAGE, _side(SidePanel.SEARCH)),
    ("tool-nine-contrasts", _MPRAGE, lambda session: session.comparison.lay_out(Layout.CONTRASTS_3X3)),
    ("tool-wipe", _MPRAGE, _wiped),
    ("tool-noise", "Clinical 3 T · T2w TSE", _changed(lambda state: state.with_display(snr=10.0, layout=Layout.AXIAL))),
    ("tool-3d", _MPRAGE, _side(SidePanel.VOLUME)),
)
_IMAGES = (("planes-mprage", "HCP · T1w MPRAGE", "all"), ("axial-stir", "Clinical 3 T · STIR", "axial"))


def tour(folder: Path) -> Iterator[Path]:
    """Write the pictures one by one, and say which was written. Raises InputError when they cannot be written."""
    application(offscreen=True)
    window = open_window(State())
    window.side.begin()
    names = (folder / f"{number:02d}-{name}.png" for number, name in enumerate(_names(), start=1))
    for _name, preset, do in _WINDOWS:
        _go(window.session, preset)
        do(window.session)
        _wait(lambda: _busy(window), _PATIENCE)
        yield _grabbed(window, next(names))
    for _name, preset, plane in _IMAGES:
        _go(window.session, preset)
        window.session.show(crosshair=False)
        scene = window.session.scene
        assert scene is not None  # noqa: S101 a window begins with one
        yield export(scene, window.session.state, Export(next(names), planes=Planes(plane)))
    _go(window.session, _MPRAGE)
    _sample(window)
    yield _grabbed(window, next(names))
    window.close()


def _names() -> Iterator[str]:
    yield from (name for name, *_rest in (*_WINDOWS, *_IMAGES))
    yield "sampled-person"


def _preset(title: str) -> Preset:
    return next(preset for preset in presets() if preset.title == title)


def _go(session: Session, title: str) -> None:
    """The built-in brain, as it is at first, in a preset's contrast."""
    session.loading.load(_preset(title).applied(State()))


def _sample(window: MainWindow) -> None:
    """Show a synthetic person. Raises InputError where nobody could be sampled."""
    failed: list[str] = []
    session = window.session
    said, session.workspace.error = session.workspace.error, failed.append
    session.gallery.sample()
    _wait(lambda: session.gallery.draft is not None and not failed)
    session.workspace.error = said
    if failed:
        raise InputError(failed[0])
    until = monotonic() + _CALM
    _wait(lambda: monotonic() < until)


def _busy(window: MainWindow) -> bool:
    """Whether 3-D is looked at and still to be drawn."""
    return window.session.state.panels.side == SidePanel.VOLUME and getattr(window.side.panel(SidePanel.VOLUME), "busy", False)


def _wait(while_: Callable[[], bool], at_most: float = float("inf")) -> None:
    """Let the window do what it does."""
    running, began = application(offscreen=True), monotonic()
    while monotonic() < began + _SETTLED or (while_() and monotonic() < began + at_most):
        running.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def _grabbed(window: MainWindow, path: Path) -> Path:
    scene = window.session.scene
    assert scene is not None  # noqa: S101 a window begins with one
    return export(scene, window.session.state, Export(path, picture=_settled(window)))


def _settled(window: MainWindow) -> QImage:
    """The window once it looks the same twice: laid out, with its plots' labels, which come a few rounds of events later."""
    picture, until = window.grab().toImage(), monotonic() + _PATIENCE
    while monotonic() < until:
        _wait(lambda: False)
        before, picture = picture, window.grab().toImage()
        if picture == before:
            break
    return picture
