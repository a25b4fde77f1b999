"""What can stand in the corner, and which wishes of the session it tells. Panels are imported when they are built."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from mriexplorer.session.session import Session
from mriexplorer.ui.window.side_panel import PanelTabs
from mriexplorer.view.display import Layout


def fill(corner: PanelTabs, session: Session, enlarge: Callable[[str], None]) -> None:
    """Add every panel; ``enlarge`` makes what is named large, or all as it was."""
    panels = (
        ("histograms", "Histograms", _histograms),
        ("curves", "Curves", _curves),
        ("pulses", "Pulses", _pulses),
        ("measure", "Measure", _measure),
        ("search", "Best CNR", _search),
        ("volume", "3-D", lambda of: _volume(of, enlarge)),
    )
    for name, label, make in panels:
        corner.add(name, label, lambda make=make: make(session))


def _histograms(session: Session) -> QWidget:
    from mriexplorer.ui.panels.histogram_panel import HistogramPanel

    return HistogramPanel(session.state.appearance.theme)


def _measure(session: Session) -> QWidget:
    from mriexplorer.ui.panels.measure_panel import MeasurePanel

    return MeasurePanel(session.measurement, session.state.appearance.theme)


def _curves(session: Session) -> QWidget:
    from mriexplorer.ui.panels.curves_panel import CurvesPanel

    panel = CurvesPanel(session.state.appearance.theme)
    panel.requested.connect(session.set_value)
    panel.settled.connect(session.store.settle)
    panel.varied_requested.connect(lambda name: session.show_panels(varied=name))
    panel.curve_requested.connect(lambda name: session.show_panels(curve=name))
    return panel


def _pulses(session: Session) -> QWidget:
    from mriexplorer.ui.panels.pulse_panel import PulsePanel

    return PulsePanel(session.state.appearance.theme)


def _search(session: Session) -> QWidget:
    from mriexplorer.ui.panels.contrast_search_panel import ContrastSearchPanel

    panel = ContrastSearchPanel(session.state.appearance.theme)
    panel.requested.connect(lambda search: session.show_panels(search=search))
    panel.values_requested.connect(session.set_values)
    return panel


def _volume(session: Session, enlarge: Callable[[str], None]) -> QWidget:
    from mriexplorer.ui.panels.volume_panel import VolumePanel

    panel = VolumePanel()
    panel.camera_requested.connect(session.move_camera)
    panel.drag_ended.connect(session.store.settle)
    panel.changed.connect(lambda fields: session.show_volume(**fields))
    panel.enlarged.connect(lambda: enlarge(Layout.SIDE_PANEL))
    return panel
