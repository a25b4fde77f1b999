"""Volumetry and the model in the window: what is shown of whom, and what happens beside the window."""

import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog

from mriexplorer.evaluation.metric import Better, Interval, Metric
from mriexplorer.evaluation.result import EvaluationResult, write_result
from mriexplorer.measure.brain_volumes import BrainVolumes, RelaxationTimes
from mriexplorer.render.scene import Scene
from mriexplorer.subject.companions import Companions, Stored
from mriexplorer.subject.subject import Attribute
from mriexplorer.view.state import State

VOLUMES = BrainVolumes(1500.0, 0.4, 0.48, 0.12, 0.015, {"wm": RelaxationTimes(0.85, 0.07), "gm": RelaxationTimes(2.5, 0.08)})
RECORD = (("age", "63"), ("sex", "F"), ("mmse", "30"), ("cdr", "2"))


@pytest.fixture
def measured(monkeypatch):
    """Every brain has the same volumes, at once; who measured, by thread."""
    threads = []

    def volumes_of(_subject, _progress):
        threads.append(threading.current_thread())
        return VOLUMES

    monkeypatch.setattr("mriexplorer.measure.volumetry.volumes_of", volumes_of)
    return threads


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of models, with one of people that has no figures yet."""
    monkeypatch.setattr("mriexplorer.session.model_report.models", lambda: tmp_path / "models")
    (tmp_path / "models" / "people-1mm").mkdir(parents=True)
    return tmp_path / "models" / "people-1mm"


@pytest.fixture
def show(shown, brain, measured, folder, qtbot):
    """Opens the window with a panel, on a subject that is like the built-in brain but for what is ``changed``."""

    def opened(panel, record=RECORD, **changed):
        window = shown(State().with_panels(side=panel))
        changed = {"literature": False, "synthetic": True, "description": ""} | changed
        subject = replace(brain, name="sub-01", attributes=tuple(Attribute(*one) for one in record), **changed)
        scene = Scene(subject)
        window.session.workspace.scene = scene
        window.session.workspace.subject_changed(scene)
        qtbot.waitUntil(lambda: window.session.volumetry.known(scene).progress == "")
        QApplication.processEvents()
        return window, window.side.panel(panel)

    return opened


# -- volumetry -------------------------------------------------------------------------------------------------


def test_a_persons_volumes_with_centiles(show, measured):
    _window, panel = show("volumetry")
    rows = panel.table.texts()
    assert [row[0].strip() for row in rows] == [
        "Closed brain", "Brain (WM + GM)", "White matter", "Grey matter", "CSF, with ventricles", "Ventricles",
    ]  # fmt: skip
    assert rows[2][1] == "600" and rows[2][3] == "40.0" and rows[5][1] == "22.5"
    assert all(row[2] not in ("", "–") for row in rows)
    assert panel.person.text() == "Woman of 63 years"
    assert "1.5 T" in panel.said.text() and "OASIS-1" in panel.said.text()
    assert panel.marks.text() == "SYNTHETIC · not for diagnosis"
    assert len(measured) == 1 and measured[0] is not threading.main_thread()


@pytest.mark.parametrize(
    ("record", "said"),
    [((), "tells no age and sex"), ((("age", "5"), ("sex", "M")), "men of"), ((("sex", "F"),), "tells no age")],
)
def test_who_has_no_centiles_has_volumes(show, record, said):
    _window, panel = show("volumetry", record)
    assert panel.table.texts()[0][1:3] == ["1500", "–"]
    assert said in panel.said.text()


def test_the_built_in_average_is_measured_only_where_that_is_asked_for(shown, measured, qtbot):
    window = shown(State().with_panels(side="volumetry"))
    panel = window.side.panel("volumetry")
    assert measured == [] and not panel.table.isVisible() and "152 adults" in panel.said.text()
    panel.measure_button.click()
    qtbot.waitUntil(panel.table.isVisible)
    assert "No centiles" in panel.said.text() and not panel.measure_button.isVisible()


def test_what_was_measured_is_kept_with_the_subject(show, measured):
    window, _panel = show("volumetry")
    window.session.show_panels(side="histograms")
    window.session.show_panels(side="volumetry")
    window.session.show_panels(side="model")
    assert len(measured) == 1


def test_a_brain_that_cannot_be_measured_is_told_in_a_sentence(show, monkeypatch):
    from mriexplorer.errors import InputError

    def refuse(_subject, _progress):
        raise InputError("there is no brain in the image, or only a part of it.")

    monkeypatch.setattr("mriexplorer.measure.volumetry.volumes_of", refuse)
    window, panel = show("volumetry")
    assert panel.said.text() == "There is no brain in the image, or only a part of it."
    assert not panel.save_button.isVisible()
    window.session.show_panels(side="model")
    assert window.side.panel("model").volumes.text().startswith("There is no brain")


def test_nothing_is_measured_of_a_rough_brain(show, measured):
    window, panel = show("volumetry")
    measured.clear()
    window.session.gallery.draft = object()
    scene = Scene(replace(window.session.scene.subject, name="sub-02"))
    window.session.loading.preview(scene)
    QApplication.processEvents()
    assert measured == [] and "the whole brain comes first" in panel.said.text()
    window.session.gallery.draft = None


@pytest.mark.parametrize(("name", "kept"), [("a.csv", "a.csv"), ("a.html", "a.html"), ("a", "a.html")])
def test_volumes_are_saved_beside_the_window(show, tmp_path, monkeypatch, qtbot, name, kept):
    _window, panel = show("volumetry")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / name), ""))
    panel.save_button.click()
    qtbot.waitUntil((tmp_path / kept).is_file)
    qtbot.waitUntil(lambda: panel.said.text() == f"Saved {tmp_path / kept}.")
    assert "not for diagnosis" in (tmp_path / kept).read_text(encoding="utf-8")


def test_where_nothing_can_be_written_the_window_says_so(show, tmp_path, monkeypatch, qtbot):
    window, panel = show("volumetry")
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "file" / "a.csv"), ""))
    panel.save_button.click()
    qtbot.waitUntil(lambda: bool(window.banner.text))
    assert "could not be written" in window.banner.text


# -- the model -------------------------------------------------------------------------------------------------


def test_a_person_on_the_curves(show):
    _window, panel = show("model")
    assert panel.plots.dots["wm"] == (63.0, 40.0) and panel.plots.dots["ventricles"] == (63.0, 1.5)
    assert panel.plots.texts["wm"].startswith("White matter, % · centile ")
    assert panel.relaxation.texts()[0] == ["White matter", "850", "840 ms", "70", "70 ms"]
    assert panel.relaxation.texts()[2][1] == "–", "no fluid was pure"
    assert panel.relaxation.item(1, 1).foreground() != panel.relaxation.item(0, 1).foreground(), "2500 ms is far from grey matter"
    assert "⚠ MMSE 30 and CDR 2" in panel.record.text()


def test_times_are_shown_in_the_unit_of_the_window(show):
    window, panel = show("model")
    window.session.show_appearance(times="s")
    assert panel.relaxation.texts()[0] == ["White matter", "0.850", "0.840 s", "0.070", "0.070 s"]


def test_a_person_of_unknown_age_is_a_line(show):
    _window, panel = show("model", ())
    assert panel.plots.dots == {} and panel.plots.texts["gm"] == "Grey matter, %"
    assert "tells no age and sex" in panel.volumes.text()
    assert panel.record.text() == "The record tells too little to be checked."


def test_what_no_model_made_is_told(show):
    _window, panel = show("model", synthetic=False)
    assert panel.hint.isVisible() and not panel.plots.isVisible() and not panel.report_button.isVisible()


def test_maps_that_were_encoded_are_of_the_encoder(show, brain):
    _window, panel = show("model", synthetic=False, companions=Companions((), {"t1": Stored.of(brain.maps.t1)}))
    assert "encoded by scans-to-maps-1mm" in panel.who.text()
    assert "evaluate maps scans-to-maps-1mm" in panel.figures_said.text()
    assert panel.marks.text() == "ENCODED MAPS · not for diagnosis"


def test_without_a_report_the_button_says_why(show):
    _window, panel = show("model")
    assert not panel.report_button.isEnabled() and "There is no report.html" in panel.report_button.toolTip()
    assert "No report yet; run mriexplorer evaluate people people-1mm" in panel.figures_said.text()


def test_figures_of_an_older_version_are_no_report(show, folder):
    (folder / "evaluation.json").write_text(json.dumps({"distances": {}}))
    _window, panel = show("model")
    assert "No report yet" in panel.figures_said.text() and not panel.figures.isVisible()


def test_the_worst_figure_of_each_group_and_the_report(show, folder, monkeypatch):
    def metric(group, name, value):
        real = Interval(0.5, 0.4, 0.6)
        return Metric(group, name, Interval(value, value - 0.05, value + 0.05), 200, 70, real, Better.NEAR, about="what it is")

    metrics = metric("images", "AUC", 0.99), metric("images", "other", 0.55), metric("memory", "nearest pair", 0.52)
    result = EvaluationResult("people", "people-1mm", "/data/oasis", "2026-01-02", "0.3", metrics, ("Beware.",))
    write_result(folder / "evaluation.json", result)
    (folder / "report.html").write_text("<html></html>")
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile())))
    _window, panel = show("model")
    assert panel.figures.texts() == [["images: AUC", "0.99", "0.5"], ["memory: nearest pair", "0.52", "0.5"]]
    assert "1 of 3 figures" in panel.figures_said.text() and "Beware." in panel.figures_said.text()
    assert "nearest pair 0.52 (real 0.5)" in panel.nearest.text()
    panel.report_button.click()
    assert opened == [folder / "report.html"]


@pytest.mark.parametrize("panel", ["volumetry", "model"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_themes_are_worn(show, panel, theme):
    window, shown_panel = show(panel)
    before = shown_panel.grab().toImage()
    window.session.show_appearance(theme=theme)
    assert (shown_panel.grab().toImage() == before) == (theme == "dark")


def test_nothing_of_it_is_imported_on_the_way_to_the_first_picture():
    late = ("measure.volumetry", "measure.norms", "session.model_report", "evaluation", "export.volumetry", "simulation.demons")
    code = (
        "import sys; from mriexplorer.ui.window import application as A; from mriexplorer.view.state import State;"
        "app = A.application(); window = A.open_window(State()); app.processEvents();"
        f"print([m for m in sys.modules if m.startswith(tuple('mriexplorer.' + one for one in {late!r}))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
