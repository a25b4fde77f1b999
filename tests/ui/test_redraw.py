"""What is drawn after a change of the state is what would be drawn anew; and little is drawn for little that changed."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from mriexplorer.physics import SEQUENCES
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.window.main_window import MainWindow
from mriexplorer.ui.window.redraw import Redraw, changed
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.presets import presets
from mriexplorer.view.region import Line, Region
from mriexplorer.view.state import State

Change = Callable[[State], State]
ELLIPSE = Region("A", "ellipse", "axial", ((2.0, -14.0, 8.0),), (12.0, 9.0))
SIGNED = next(one.name for one in SEQUENCES.values() if one.signed)
LINE = Line("axial", (-20.0, -14.0, 8.0), (30.0, -14.0, 8.0))
WHITE = Region("B", "tissue", tissue="wm", colour=1)
CHANGES: dict[str, Change] = {
    "a value": lambda state: state.with_values(te=0.0047),
    "a value that cannot be": lambda state: state.with_values(tr=0.9),
    "a preset": lambda state: presets()[1].applied(state),
    "a sequence": lambda state: state.with_sequence("flair"),
    "a sequence with a sign of its own": lambda state: state.with_sequence(SIGNED),
    "a sign": lambda state: state.with_contrast(magnitude=False),
    "a window": lambda state: state.with_window(0.01, 0.2),
    "a map": lambda state: state.with_contrast(view="t1"),
    "the window of a map": lambda state: state.with_contrast(view="t2").with_window(0.02, 0.2),
    "the crosshair": lambda state: state.with_display(cursor=(27.0, -20.0, 30.0)),
    "no crosshair": lambda state: state.with_display(crosshair=False),
    "zoom": lambda state: state.with_display(zoom=2.0, centre=(10.0, 0.0, 10.0)),
    "the convention": lambda state: state.with_display(convention="neurological"),
    "noise": lambda state: state.with_display(snr=12.0, noise_seed=3),
    "the policy": lambda state: state.with_display(auto=False),
    "a plane": lambda state: state.with_display(layout="coronal"),
    "cells": lambda state: state.with_display(layout="contrasts 2x2"),
    "a pinned contrast": lambda state: state.with_comparison(pinned=state.contrast).with_values(te=0.009),
    "a flip": lambda state: state.with_comparison(pinned=state.contrast, mode="pinned").with_sequence("flair"),
    "a wipe": lambda state: state.with_comparison(pinned=state.contrast, mode="wipe", wipe=0.3).with_sequence("tse"),
    "a difference": lambda state: state.with_comparison(pinned=state.contrast, mode="difference").with_values(te=0.009),
    "regions": lambda state: state.with_measurement(regions=(ELLIPSE, WHITE), selected=("A",)),
    "a line": lambda state: state.with_measurement(line=LINE),
    "curves over another parameter": lambda state: state.with_panels(varied="tr"),
    "recovery": lambda state: state.with_panels(curve="recovery"),
    "more parameters": lambda state: state.with_panels(expert=True),
    "a lesson": lambda state: state.with_panels(lesson="04-flair", step=1),
    "seconds": lambda state: state.with_appearance(times="s"),
    "the light theme": lambda state: state.with_appearance(theme="light"),
}


@pytest.fixture
def window(shown) -> MainWindow:
    """The window on the built-in brain."""
    return shown(State())


def calm() -> None:
    """Let the window do what it does, posted work too."""
    for _ in range(6):
        QApplication.processEvents()


def picture(window: MainWindow) -> QImage:
    """What is seen, but for the time that it took."""
    calm()
    window.readout._frame = ""
    return window.grab().toImage()


def plots(window: MainWindow) -> tuple[object, ...]:
    """What the plots of the measurements show."""
    shown = window.side.panel("measure").plots
    data = [item.getData()[1] for item in (shown._bars, shown._curve)]
    return (*shown.texts, *(None if one is None else one.tolist() for one in data))


@pytest.mark.parametrize("side", [one for one in SidePanel if one != SidePanel.VOLUME])  # 3-D measures its own time
def test_what_changed_is_drawn_as_if_all_were(side: SidePanel, window: MainWindow) -> None:
    session = window.session
    window.side.panel("measure").plots.hide()  # pyqtgraph leaves room beside a curve by the width that a plot had before
    session.show_panels(side=side)
    calm()
    wrong = []
    for name, change in CHANGES.items():
        before = session.state
        for state in (change(before), before):  # there and back
            session.change(state)
            drawn, plotted = picture(window), plots(window)
            window.redraw.everything()
            if drawn != picture(window) or plotted != plots(window):
                wrong.append(f"{name}{'' if state is not before else ', and back'}")
    assert wrong == []


def counted(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of those that draw, as they do."""
    drawn: list[str] = []
    registered = window.redraw._registered

    def counting(draw: Callable[..., object]) -> Callable[..., object]:
        owner = getattr(getattr(draw, "func", draw), "__self__", draw)
        return lambda *what: (drawn.append(type(owner).__name__), draw(*what))

    entries = tuple((depends, counting(draw), seen) for depends, draw, seen in registered)
    monkeypatch.setattr(window.redraw, "_registered", entries)
    return drawn


def test_a_slider_draws_planes_numbers_and_sliders_alone(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.session.set_value("te", 0.004)
    drawn = counted(window, monkeypatch)
    window.session.set_value("te", 0.005)
    assert drawn == ["ContrastPanel", "Stage", "Readout"]
    drawn.clear()
    window.session.show_panels(side="curves")
    window.session.move_to((27.0, -20.0, 30.0))
    assert drawn == ["Menus", "PanelTabs", "Stage", "Readout"]


def test_only_the_slider_that_moved_is_drawn(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    for name, slider in window.contrast._sliders.items():
        monkeypatch.setattr(slider, "show_value", lambda *_what, name=name, **_more: drawn.append(name))
    window.session.set_value("te", 0.005)
    assert drawn == ["te"]


def test_panels_that_are_not_seen_wait_until_they_are(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.session.show_panels(side="curves")
    panel, drawn = window.side.panel("curves"), []
    monkeypatch.setattr(panel, "show_state", lambda _scene, state: drawn.append(state.protocol["te"]))
    window.session.show_panels(side="histograms")
    for te in (0.004, 0.005):
        window.session.set_value("te", te)
    assert drawn == []
    window.session.show_panels(side="curves")
    assert drawn == [0.005]
    window.session.show_panels(side="pulses")
    window.session.show_panels(side="curves")
    assert drawn == [0.005], "nothing changed meanwhile"


def test_paths_tell_what_differs() -> None:
    state = State()
    assert changed(state.with_values(te=0.005), state) == {"contrasts", "contrast", "contrast.protocol"}
    assert changed(state.with_sequence("se"), state) == {
        "contrasts", "contrast", "contrast.protocol", "contrast.protocol.sequence",
    }  # fmt: skip
    assert changed(state.with_display(zoom=2.0), state) == {"display", "display.zoom"}
    assert changed(state.with_display(zoom=1.0), state) == set()
    assert changed(state.with_field(1.5), state) == {"source", "source.field"}


def test_a_path_that_leads_nowhere_is_refused(window: MainWindow) -> None:
    with pytest.raises(AttributeError):
        Redraw(window.session.workspace).register(frozenset({"display.colour"}), print)


@pytest.mark.parametrize("side", SidePanel)
def test_every_name_has_its_file(side: SidePanel, window: MainWindow) -> None:
    panel = window.side.panel(side)
    assert isinstance(panel, TabbedPanel) and isinstance(panel, QWidget)
    assert panel.depends
