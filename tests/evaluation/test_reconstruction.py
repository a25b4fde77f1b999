"""Figures that tell good maps from bad ones, and where they go."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from made_store import SHAPE, plain, write_store

from mriexplorer.dataset.store import open_store
from mriexplorer.errors import InputError
from mriexplorer.evaluation import measures
from mriexplorer.evaluation.maps.intervals import calibrate
from mriexplorer.evaluation.maps.judge import judge_maps
from mriexplorer.evaluation.maps.least_squares import fitted
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model, mark_of, save_model
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.forward_model import forward_signal
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder
from mriexplorer.physics import Protocol
from mriexplorer.simulation.acquisition import protocols
from mriexplorer.workers import Workers

USUAL = ("T1w", "T2w", "FLAIR")
ALL = "+".join(USUAL)
CPU = torch.device("cpu")
pytestmark = pytest.mark.filterwarnings("ignore")  # of monai


def protocol(kind: str) -> Protocol:
    first = protocols()[kind][0]
    return Protocol.complete(first.protocol.sequence, first.protocol.values)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Four simulated people with clean scans (the last two alike), and one real one."""
    folder = write_store(tmp_path / "store")
    shutil.copytree(folder / "sessions" / "c", folder / "sessions" / "d", dirs_exist_ok=True)
    index = json.loads((folder / "store.json").read_text())
    for name, about in index["sessions"].items():
        maps = torch.from_numpy(np.load(folder / "sessions" / name / "maps.npy").astype(np.float32))
        scans = np.stack([forward_signal(maps, protocol(kind)).numpy() for kind in USUAL])
        scans /= scans.reshape(3, -1).max(axis=1).reshape(3, 1, 1, 1)
        np.save(folder / "sessions" / name / "images.npy", scans.astype(np.float16))
        about |= {
            "kinds": list(USUAL),
            "times": {kind: {"sequence": protocol(kind).sequence.name, **protocol(kind).values} for kind in USUAL},
        }
    real = index["sessions"]["d"] | {"person": "e", "origin": "", "maps": False, "labels": False}
    (folder / "sessions" / "e").mkdir()
    np.save(folder / "sessions" / "e" / "images.npy", scans.astype(np.float16))
    index["sessions"]["e"] = real
    (folder / "store.json").write_text(json.dumps(index))
    return folder


def only_t1w(store: Path) -> None:
    """Everybody has one scan, where one figure is enough."""
    index = json.loads((store / "store.json").read_text())
    for name, about in index["sessions"].items():
        file = store / "sessions" / name / "images.npy"
        np.save(file, np.load(file)[:1])
        about |= {"kinds": ["T1w"], "times": {"T1w": about["times"]["T1w"]}}
    (store / "store.json").write_text(json.dumps(index))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    configuration = checked(plain(), "test")
    folder = tmp_path / "model"
    save_model(folder, Model("small", Autoencoder(configuration.network), configuration, 2, {"": (1.0,) * len(MAPS)}))
    return folder


@pytest.mark.slow
def test_a_model_gets_figures_and_honest_intervals(store: Path, model: Path) -> None:
    said: list[str] = []
    metrics, drawn = judge_maps(model, [store], calibrate=[store], device="cpu", progress=said.append)
    found = {(one.group, one.name): one for one in metrics}
    assert len(found) == len(metrics) and drawn.settings["people"].startswith("1 simulated people with true maps, 1 real people")
    assert sum(name.startswith("PSNR, from ") for _group, name in found) == 8
    untrained = found["maps", f"T1 error in white matter, from {ALL}"].value
    assert untrained > found["maps", f"T1 error in white matter, from {ALL}, least squares"].value > 0
    ceiling = found["scans", "T1w as given, PSNR, from the true maps"].value
    assert ceiling > 40 > found["scans", f"T1w as given, PSNR, from {ALL}"].value
    assert found["scans", "T1w as given, PSNR, thin, from the true maps"].value > 25
    assert found["scans", f"new contrast DIR, PSNR, from {ALL}"].about.endswith("No training showed this contrast.")
    for (_group, name), one in found.items():
        if name.startswith("true T1 within the 90 % interval") and "thin" not in name:
            assert 85 < one.value <= 100  # calibrated for each subset, of tissues that are uniform
    assert {name.split(",")[0] for group, name in found if group == "left out"} == {"correlation", "PSNR"}
    assert found["left out", "PSNR, FLAIR, real people"].real == found["left out", "PSNR, FLAIR, simulated people"].n == 1
    trained = load_model(model)
    assert (
        trained.factors(["T2w", "T1w"]) == trained.calibration["T1w+T2w"] != trained.factors(["PDw"]) == trained.calibration[""]
    )
    assert any(line.startswith("spread of PD, T1, T2 of FLAIR+T1w+T2w times ") for line in said)


@pytest.mark.slow
def test_whoever_was_trained_on_is_left_out(store: Path, model: Path) -> None:
    only_t1w(store)
    config = json.loads((model / "config.json").read_text())
    marks = [mark_of(entry) for entry in open_store(store).entries if entry.name != "a"]
    (model / "config.json").write_text(json.dumps(config | {"trained_on": marks}))
    said: list[str] = []
    _metrics, drawn = judge_maps(model, [store], everyone=True, device="cpu", progress=said.append)
    assert drawn.settings["people"].startswith("1 simulated people with true maps, 0 real people")
    assert "b is left out: the model was trained on them, or on their anatomy" in said


@pytest.mark.slow
def test_a_run_goes_on_where_it_was_stopped_and_two_work_as_one_does(store: Path, model: Path, tmp_path: Path) -> None:
    only_t1w(store)
    said: list[str] = []

    def judge(jobs: int = 1) -> list[dict[str, object]]:
        with Workers(jobs) as workers:
            metrics, _drawn = judge_maps(
                model, [store], everyone=True, device="cpu", measured=tmp_path / "measured", workers=workers, pictures=False,
                progress=said.append,
            )  # fmt: skip
        return [one.plain() for one in metrics]

    first, kept = judge(), sorted((tmp_path / "measured").iterdir())
    assert len(kept) == 5 and not any("already" in line for line in said)
    kept[0].unlink()
    kept[1].write_bytes(kept[1].read_bytes()[:-20])
    assert repr(judge(jobs=2)) == repr(first) and "3 of 5 sessions are measured already" in said
    weights = next(model.glob("*.safetensors"))
    os.utime(weights, (1, 1))
    said.clear()
    judge()
    assert not any("already" in line for line in said)  # another model


def test_stores_that_do_not_suit_are_refused(store: Path, model: Path) -> None:
    index = json.loads((store / "store.json").read_text())
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"voxel": 1}))
    with pytest.raises(InputError, match="is of 2 mm, the model of 1; gather it at 1"):
        judge_maps(model, [store], device="cpu")
    (model / "config.json").write_text(json.dumps(config))
    for name in index["sessions"]:
        np.save(store / "sessions" / name / "images.npy", np.zeros((0, *SHAPE), np.float16))
    bare = {name: about | {"kinds": [], "times": {}} for name, about in index["sessions"].items()}
    (store / "store.json").write_text(json.dumps(index | {"sessions": bare}))
    with pytest.raises(InputError, match="nobody of the test set who was kept from training has a T1w, T2w or FLAIR"):
        judge_maps(model, [store], device="cpu")
    with pytest.raises(InputError, match="which calibration needs"):
        calibrate(model, [store], CPU, print)


def test_measures_rank_as_eyes_do() -> None:
    rng = np.random.default_rng(0)
    truth = np.kron(rng.random((12, 12, 4)), np.ones((4, 4, 1))).astype(np.float32)
    blurred = (truth + np.roll(truth, 1, 0) + np.roll(truth, 1, 1) + np.roll(truth, (1, 1), (0, 1))) / 4
    assert measures.psnr(truth + 0.01, truth) == pytest.approx(20 * np.log10(np.ptp(truth) / 0.01), abs=0.01)
    assert measures.sharpness(truth, truth) == 1 and measures.sharpness(blurred, truth) < 0.5
    large = np.kron(truth[..., :1], np.ones((2, 2, 1))).astype(np.float32)
    assert measures.ms_ssim(large, large) == pytest.approx(1, abs=1e-5)
    assert measures.ms_ssim(np.roll(large, 2, 0), large) < 0.95
    within = measures.scaled_errors(truth * np.float32(1.1), np.full_like(truth, 0.1), truth, truth > 0.1)
    assert within == pytest.approx(np.log(1.1) / 0.1, rel=1e-3)


def test_voxelwise_fitting_finds_what_clean_scans_tell() -> None:
    truth = torch.tensor([[0.7, 0.8], [0.85, 1.4], [0.07, 0.08]])
    known = [protocol(kind) for kind in (*USUAL, "PDw", "T1wSE")]
    scans = np.stack([forward_signal(truth, one).numpy() for one in known])
    found = fitted(scans, known, [1.0] * len(known))
    assert found == pytest.approx(truth.numpy(), rel=0.08)
