"""From a patient's scans to maps in the explorer: files, what lies beside them, and the window."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import write
from made_store import plain
from PySide6.QtWidgets import QApplication, QPushButton

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.evaluation.metric import Interval, Metric
from mriexplorer.evaluation.result import RESULT_FILE, EvaluationResult, write_result
from mriexplorer.generative.autoencoder.checkpoint import Model, save_model
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder
from mriexplorer.render.scene import Scene, caption, mark
from mriexplorer.session import encoding as scans_in
from mriexplorer.simulation import acquisition as scans
from mriexplorer.simulation import person as people
from mriexplorer.subject.catalog import find, load
from mriexplorer.ui.dialogs.scans_dialog import ScansDialog
from mriexplorer.ui.window.application import open_window
from mriexplorer.ui.window.main_window import MainWindow
from mriexplorer.view.state import State

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("registered_once")]
TIMES = {"T1w": (3.16, 2400, 1000), "FLAIR": (91, 9000, 2500)}


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was never trained, at 2 mm."""
    torch.manual_seed(1)
    configuration = checked(plain(), "test")
    folder = tmp_path_factory.mktemp("models") / "scans-to-maps-1mm"
    save_model(folder, Model("small", Autoencoder(configuration.network), configuration, 2, {"": (1.0,) * len(MAPS)}))
    errors = {"T1": 5.0, "T2": 8.0, "PD": 2.0}
    metrics = [
        Metric("maps", f"{name} error in white and grey matter, from T1w+FLAIR", Interval(error, error, error), 0, 3)
        for name, error in errors.items()
    ]
    write_result(folder / RESULT_FILE, EvaluationResult("maps", "small", "3 people", "2026-12-01", "0", tuple(metrics)))
    return folder


@pytest.fixture(scope="module")
def patient(person: people.SimulatedPerson, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """T1w and FLAIR of one person, the latter in thick slices and moved."""
    folder = tmp_path_factory.mktemp("patient")
    for kind, motion in (("T1w", (0.0,) * 6), ("FLAIR", (4.0, -3.0, 2.0, 3.0, 2.0, -3.0))):
        rng = np.random.default_rng(1)
        protocol = scans.protocols()[kind][0]
        bright = scans.brain_signal(person.subject, person.subject.maps.t1 > 0, protocol)
        integers, grid = scans.acquire(person.subject, replace(scans.draw(rng, protocol, bright), motion=motion), rng)
        te, tr, ti = TIMES[kind]
        write(folder / f"patient_{kind}.nii.gz", integers, grid.affine)
        times = {"EchoTime": te / 1000, "RepetitionTime": tr / 1000, "InversionTime": ti / 1000, "MagneticFieldStrength": 3}
        (folder / f"patient_{kind}.json").write_text(json.dumps(times))
    return folder


def encode(patient: Path, model_folder: Path, target: Path, *flags: str) -> int:
    images = sorted(map(str, patient.glob("*.nii.gz")))
    return main(["encode", *images, "--model", str(model_folder), "-o", str(target), "--device", "cpu", *flags])


@pytest.fixture(scope="module")
def encoded(patient: Path, model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("encoded") / "set"
    assert encode(patient, model_folder, target) == 0
    return target


def test_encoded_maps_open_with_their_scans_and_lie_over_them(
    encoded: Path, patient: Path, person: people.SimulatedPerson
) -> None:
    subject = load(find([encoded]))
    maps = subject.maps
    assert maps.grid.shape == (80, 112, 80) and subject.field == 3.0 and not subject.synthetic
    assert set(subject.companions.uncertainty or {}) == {"t1", "t2", "pd"}
    scans = [(scan.kind, scan.protocol.sequence.name) for scan in subject.companions.scans]
    assert scans == [("FLAIR", "flair"), ("T1w", "mprage")]
    assert subject.companions.scans[1].protocol["tr"] == pytest.approx(2.4)
    t1w = subject.companions.scans[1].volume
    assert np.corrcoef(t1w.values(t1w.whole).ravel(), (person.subject.maps.pd > 0).ravel())[0, 1] > 0.5
    about = json.loads(next(encoded.glob("sub-patient/anat/*T1map.json")).read_text())
    assert "not measured; not for diagnosis" in about["Description"] and len(about["Sources"]) == 2


def test_what_exists_is_not_written_over(
    encoded: Path, patient: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert encode(patient, model_folder, encoded) == 2
    assert "exists; give another folder" in capsys.readouterr().err


def test_wrong_flags_are_a_sentence(
    patient: Path, model_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for flags, sentence in (
        (("--te", "91"), "te needs one value for each of the 2 scans"),
        (("--kind", "T1", "T1"), "are both T1w"),
        (("--kind", "CT", "-"), "'CT' is none of T1w"),
        (("--name", "../x"), "letters and digits only"),
        (("--model", "gone"), "gone is no model"),
        (("--te", "-", "0"), "TE of 0 ms is not possible"),
        (("--tr", "-", "400", "--ti", "-", "900"), "patient_T1w.nii.gz: as MPRAGE, TI must"),
        (("--kind", "no", "no"), "has no scans to encode"),
    ):
        assert encode(patient, model_folder, tmp_path / "x", *flags) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_uncertainty_and_difference_are_views(encoded: Path) -> None:
    scene = Scene(load(find([encoded])))
    state = State().with_comparison(scan="T1w").with_window(0.0, 0.4)
    for view, marked in (
        ("measured", "MEASURED SCAN"),
        ("residual", "SYNTHETIC"),
        ("t1 uncertainty", "ENCODED MAP"),
        ("t1", "ENCODED MAP"),
    ):
        shown = state.with_contrast(view=view)
        least = 10 if view in ("measured", "residual") else 1  # nobody trained the network: its maps are nearly flat
        shown = shown if view != "t1 uncertainty" else shown.with_window(0.0, 3.0)
        assert len(np.unique(scene.rendered(("axial",), shown)[0].pixels)) > least
        assert mark(shown, scene.subject).startswith(marked)
    assert caption(state.with_contrast(view="measured")) == "T1w as measured"
    assert state.with_contrast(view="residual").window() == pytest.approx((-0.12, 0.12))
    reading = scene.reading(state)
    assert set(reading.uncertainty) == {"t1", "t2", "pd"} and reading.uncertainty["t1"] > 0


def test_a_scan_can_be_left_out_and_others_are_left_out_by_themselves(
    patient: Path, model_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(patient, tmp_path / "in")
    shutil.copy(tmp_path / "in/patient_T1w.nii.gz", tmp_path / "in/patient_mask.nii.gz")
    assert encode(tmp_path / "in", model_folder, tmp_path / "out", "--kind", "no", "-", "-") == 0
    assert "patient_mask.nii.gz is left out: its name is that of a mask" in capsys.readouterr().err
    kinds = [path.name for path in (tmp_path / "out").glob("sub-patient/anat/*_desc-registered_*.json")]
    assert kinds == ["sub-patient_desc-registered_T1w.json"]


def test_a_place_that_cannot_be_written_is_said_before_the_work(
    patient: Path, model_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert encode(patient, model_folder, tmp_path / "file") == 2
    said = capsys.readouterr().err
    assert "is a file; give a folder" in said and "registering" not in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"Gain": 0}, "tells no sequence, gain and receive field"),
        ({"Gain": 10**400}, "tells no sequence, gain and receive field"),
        ({"ReceiveField": [[1.0]]}, "tells no sequence, gain and receive field"),
        ({"ReceiveField": [[[10**400] * 4] * 4] * 4}, "tells no sequence, gain and receive field"),
    ],
)
def test_a_tampered_sidecar_is_refused(encoded: Path, tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    shutil.copytree(encoded, tmp_path / "set")
    path = next((tmp_path / "set").glob("sub-patient/anat/*registered_T1w.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=sentence):
        load(find([tmp_path / "set"]))


def test_a_companion_of_another_grid_is_refused(encoded: Path, tmp_path: Path) -> None:
    shutil.copytree(encoded, tmp_path / "set")
    path = next((tmp_path / "set").glob("sub-patient/anat/*T1uncertainty.nii.gz"))
    write(path, np.ones((80, 112, 80), np.float32), np.diag([3.0, 3, 3, 1]))
    with pytest.raises(InputError, match="does not lie on the grid of the maps"):
        load(find([tmp_path / "set"]))


# -- the window ------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(scans_in, "models", lambda: model_folder.parent)
    monkeypatch.setattr("mriexplorer.generative.model_folder.models", lambda: model_folder.parent)
    made = open_window(State())
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: made.session.scene is not None, timeout=20_000)
    yield made
    made.close()


def offered(window: MainWindow, qtbot, paths: list[Path]) -> ScansDialog:  # type: ignore[no-untyped-def]
    window.offer_scans(paths)
    qtbot.waitUntil(lambda: window.findChild(ScansDialog) is not None, timeout=20_000)
    return window.findChild(ScansDialog)


def test_scans_are_offered_encoded_and_compared(window: MainWindow, qtbot, patient: Path) -> None:  # type: ignore[no-untyped-def]
    dialog = offered(window, qtbot, [patient])
    assert [row.kind.currentText() for row in dialog._rows] == ["FLAIR", "T1w"]
    assert dialog._rows[0].fields["ti"].text() == "2500"
    assert "From T1w and FLAIR" in dialog._expected.text() and "5% of the true T1" in dialog._expected.text()
    dialog._rows[0].fields["te"].setText("100")
    next(b for b in dialog.findChildren(QPushButton) if b.text() == "Encode").click()
    qtbot.waitUntil(lambda: window.session.scene.subject.name == "sub-patient", timeout=60_000)
    window.session.choose_scan("FLAIR")
    QApplication.processEvents()
    assert window.session.state.sequence.name == "flair"
    assert window.session.state.protocol.values["te"] == pytest.approx(0.1)  # as it was mended
    assert [view.plane for view in window.planes.visible_views()] == ["axial"] * 3
    window.display._plane.textActivated.emit("coronal")
    QApplication.processEvents()
    assert [view.plane for view in window.planes.visible_views()] == ["coronal"] * 3
    window.session.store.undo()
    window.session.open([])
    qtbot.waitUntil(lambda: window.session.scene.subject.literature, timeout=20_000)
    assert window.session.state.display.layout == "grid"


def test_two_scans_of_a_kind_cannot_be_encoded_until_one_is_left_out(window: MainWindow, qtbot, patient: Path) -> None:  # type: ignore[no-untyped-def]
    dialog = offered(window, qtbot, [patient])
    encode_button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Encode")
    dialog._rows[0].kind.setCurrentText("T1w")
    assert not encode_button.isEnabled()
    assert "are both T1w" in dialog._problem.text()
    dialog._rows[1].kind.setCurrentText("leave out")
    assert encode_button.isEnabled()
    dialog._rows[0].kind.setCurrentText("leave out")
    assert not encode_button.isEnabled()
    dialog.reject()


def test_what_cannot_be_encoded_leaves_what_is_open(window: MainWindow, qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path / "x_T1w.nii.gz", np.full((20, 20, 20), 7, np.int16))
    dialog = offered(window, qtbot, [tmp_path])
    dialog.accept()
    qtbot.waitUntil(lambda: "shows no head" in window.banner.text, timeout=20_000)
    assert window.session.scene.subject.literature
    window.offer_scans([tmp_path / "gone"])
    qtbot.waitUntil(lambda: "no such file" in window.banner.text, timeout=20_000)


def test_a_scan_that_is_dropped_is_offered_and_a_map_is_opened(patient: Path, encoded: Path) -> None:
    assert scans_in.look_like_scans([patient])
    assert not scans_in.look_like_scans([next(encoded.glob("sub-patient/anat/*T1map.nii.gz"))])
    assert not scans_in.look_like_scans([encoded / "sub-patient/anat"])


def test_a_cancelled_encoding_leaves_nothing(window: MainWindow, qtbot, patient: Path) -> None:  # type: ignore[no-untyped-def]
    dialog = offered(window, qtbot, [patient])
    dialog._rows[0].fields["te"].setText("111")
    target = scans_in.encoded_folder(dialog.scans)
    dialog.accept()
    window.session.loading.cancel()
    qtbot.wait(200)
    assert window.session.scene.subject.literature
    window.session.loading._jobs.close()
    assert not (target / "sub-patient").exists()
