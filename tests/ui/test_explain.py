"""Curves, pulse diagram and lessons in the window, driven as a person would."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeySequence, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from test_window import drag

from mriexplorer.explain.curves import variable
from mriexplorer.explain.tissue_class import place_of
from mriexplorer.figures.pulse_painter import duration
from mriexplorer.physics import SEQUENCES
from mriexplorer.ui.panels.lesson_panel import LessonText
from mriexplorer.view.presets import presets
from mriexplorer.view.state import State

LEFT = Qt.MouseButton.LeftButton
PRESETS = {p.title: p for p in presets()}


@pytest.fixture
def window(shown):
    """The window on the built-in brain."""
    return shown(State())


def action(window, text):
    return next(a for a in window.menus.all if a.text().replace("&", "") == text)


def test_w_opens_the_curves_with_the_reason(window):
    session = window.session
    session.apply_preset(PRESETS["Clinical 3 T · FLAIR"])
    session.show(cursor=place_of(session.scene, "csf"), layout="axial")
    assert action(window, "Why is this dark?").shortcut() == QKeySequence("Q")
    action(window, "Why is this dark?").trigger()
    assert (session.state.panels.side, session.state.display.layout) == ("curves", "grid")
    panel = window.side.panel("curves")
    assert panel.why.text().startswith("Dark: ")
    assert "Mz passes through zero" in panel.why.text()
    assert "This is CSF." in panel.why.text()
    assert any(note.startswith("CSF") and "null 2463 ms" in note for note in panel.notes)


def test_the_line_is_a_slider(window):
    session = window.session
    session.apply_preset(PRESETS["Clinical 3 T · FLAIR"])
    session.show_panels(side="curves")
    QApplication.processEvents()
    panel, view = window.side.panel("curves"), window.side.panel("curves")._view
    box = view.getPlotItem().getViewBox()

    def at(milli: float) -> tuple[float, float]:
        place = view.mapFromScene(box.mapViewToScene(QPointF(milli, panel._top / 2)))
        return place.x(), place.y()

    drag(view.viewport(), at(2460), at(1500))
    assert session.state.protocol.values["ti"] == pytest.approx(1.5, abs=0.03)
    assert panel.line.value() == pytest.approx(session.state.protocol.values["ti"] * 1000)
    session.store.undo()
    assert session.state.protocol.values["ti"] == pytest.approx(2.46), "a drag is one step of undo"


def test_what_is_varied_and_what_is_shown_are_chosen(window):
    session = window.session
    session.apply_preset(PRESETS["Clinical 3 T · FLAIR"])
    session.show_panels(side="curves")
    panel = window.side.panel("curves")
    assert [panel._varied.itemText(n) for n in range(panel._varied.count())] == ["TE", "TR", "TI"]
    panel._varied.activated.emit(1)
    assert session.state.panels.varied == "tr"
    QTest.mouseClick(panel._recovery, LEFT)
    assert session.state.panels.curve == "recovery"
    assert not panel.line.isVisible()
    assert panel.notes == ("180°", "90°")
    assert not panel._varied.isEnabled()
    QTest.mouseClick(panel._signal, LEFT)
    assert session.state.panels.curve == "signal"


def test_every_sequence_has_curves_and_a_diagram(window):
    session = window.session
    session.show_panels(side="curves", expert=True)
    curves, pulses = window.side.panel("curves"), window.side.panel("pulses")
    for sequence in SEQUENCES:
        session.choose_sequence(sequence)
        session.show_panels(side="curves", curve="signal")
        for parameter in variable(session.state):
            session.show_panels(varied=parameter.name)
            QApplication.processEvents()
            assert curves.legend.texts[0].startswith(("WM 0.", "WM −0."))
        session.show_panels(curve="recovery")
        assert sequence == "bssfp" or curves.legend.texts[2].startswith("CSF ")  # where Mz alone does not tell
        session.show_panels(side="pulses")
        QApplication.processEvents()
        assert f"TR {duration(session.state.protocol.values['tr'], 'ms')}" in pulses.text
        assert pulses.stretches()


def test_an_impossible_protocol_is_said_in_both(window):
    session = window.session
    session.show_panels(side="curves")
    session.set_value("tr", 0.9)
    panel = window.side.panel("curves")
    assert panel.why.text() == "No image: TI must be shorter than TR."
    assert panel.legend.texts[0] == "WM –"
    session.show_panels(curve="recovery")
    assert panel.legend.texts == ("No curve: TI must be shorter than TR.",)
    session.show_panels(side="pulses")
    assert window.side.panel("pulses").text == "No diagram: TI must be shorter than TR."
    window.side.panel("pulses").grab()


def test_the_diagram_enlarges_what_is_too_small(window):
    session = window.session
    session.show_panels(side="pulses")
    panel = window.side.panel("pulses")
    assert len(panel.stretches()) == 2
    inner = panel.stretches()[1]
    assert [span.label for span in inner.spans] == ["TE", "ES"]
    session.store.change(session.state.with_sequence("se", {"te": 0.1, "tr": 0.3}))
    assert len(panel.stretches()) == 1


def test_the_side_panel_takes_no_room_from_the_planes(window):
    before = window.planes.views["axial"].size()
    for panel in ("curves", "pulses"):
        window.session.show_panels(side=panel)
        QApplication.processEvents()
        assert window.planes.views["axial"].size() == before


def test_a_lesson_from_the_menu_to_its_tick(window):
    session, panel = window.session, window.lesson
    assert panel.isHidden()
    assert action(window, "Lessons…").shortcut() == QKeySequence("Ctrl+L")
    action(window, "Lessons…").trigger()
    assert not panel.isHidden()
    assert session.state.panels.lesson == "01-t1-weighting"
    panel.lesson_requested.emit("04-flair")
    QTest.mouseClick(panel._next, LEFT)
    assert panel._title.text() == "Find TI"
    assert "not yet" in panel.asked
    QTest.mouseClick(panel._set, LEFT)
    assert "not yet" not in panel.asked
    assert session.state.panels.side == "curves"
    session.set_value("ti", 1.0)
    assert "TI between 2300 and 2700 ms (now 1000): not yet" in panel.asked
    session.set_value("ti", 2.45)
    assert "TI between 2300 and 2700 ms (now 2450): done" in panel.asked
    QTest.mouseClick(panel._close, LEFT)
    assert panel.isHidden()


def test_a_lesson_may_change_the_field(window, qtbot):
    session = window.session
    session.lesson_player.open("10-field-strength")
    session.lesson_player.turn(1)
    session.lesson_player.set_up()
    qtbot.waitUntil(lambda: session.scene.subject.field == 7.0, timeout=20_000)
    assert "not yet" not in window.lesson.asked


def test_nothing_of_a_lesson_is_cut_off(window):
    window.resize(1366, 768)
    room, panel = window.session.lesson_player, window.lesson
    for lesson in room.lessons:
        room.open(lesson)
        for _step in room.lesson.steps:
            QApplication.processEvents()
            assert panel.text.toPlainText().strip()
            for button in panel.findChildren(QPushButton):
                assert button.isHidden() or button.width() >= button.minimumSizeHint().width()
            asked = panel._asked
            assert asked.height() >= asked.heightForWidth(asked.width()) or not room.step.checks
            room.turn(1)


def test_lessons_fetch_nothing_and_read_no_html(qtbot):
    text = LessonText()
    qtbot.addWidget(text)
    text.show_markdown("![x](http://localhost/x.png) <b>bold</b> and <script>x</script> [link](http://localhost)")
    assert text.loadResource(QTextDocument.ResourceType.ImageResource.value, "http://localhost/x.png").isEmpty()
    assert "<b>bold</b>" in text.toPlainText()
    assert not text.openLinks()


def test_panels_take_the_theme_on(window):
    session = window.session
    for panel in ("curves", "pulses"):
        session.show_panels(side=panel)
        session.show_appearance(theme="dark")
        QApplication.processEvents()
        dark = window.side.grab().toImage().pixelColor(4, 80).lightness()
        session.show_appearance(theme="light")
        QApplication.processEvents()
        assert window.side.grab().toImage().pixelColor(4, 80).lightness() > dark + 100
    session.store.change(session.state.with_appearance(theme="dark"))
