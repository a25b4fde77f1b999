"""Training learns, stops and goes on exactly, and refuses data that cannot train."""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_store import plain, write_store
from safetensors.torch import save_file
from undrawn import undrawn

from mriexplorer.cli import main
from mriexplorer.dataset.store import open_store
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder import perceptual as judges
from mriexplorer.generative.autoencoder.batches import Batches, heads_of
from mriexplorer.generative.autoencoder.checkpoint import load_model
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.generative.autoencoder.perceptual import FeatureNetwork, nearest_tissue, trained_features
from mriexplorer.generative.autoencoder.train import AutoencoderRun, AutoencoderTrainer
from mriexplorer.generative.model_folder import find_model

pytestmark = pytest.mark.filterwarnings("ignore")  # of the training engine and what it uses


def trained(folder: Path, store: Path, content: dict[str, Any], stop_at: int | None = None) -> AutoencoderTrainer:
    run = AutoencoderTrainer(AutoencoderRun(folder, checked(content, "test"), (store,)), devices=1)
    if stop_at is not None:
        steps, run._one_step = run._one_step, lambda: run_until(run, steps, stop_at)  # type: ignore[method-assign]
    try:
        run.train()
    except KeyboardInterrupt:
        run._save()
    return run


def run_until(run: AutoencoderTrainer, step: Any, stop_at: int) -> Any:
    if run.step == stop_at:
        raise KeyboardInterrupt
    return step()


@pytest.fixture
def quick() -> Iterator[None]:
    """Runs without pictures."""
    with undrawn():
        yield


@pytest.fixture(scope="module")
def whole(small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plain run to its last step; whoever changes it takes a copy."""
    folder = tmp_path_factory.mktemp("whole") / "m"
    with undrawn():
        trained(folder, small_store, plain())
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_model(folder).network.state_dict()


@pytest.mark.slow
def test_training_learns_and_leaves_curves_and_pictures(small_store: Path, tmp_path: Path) -> None:
    content = plain()
    content["training"]["steps"] = 60
    trained(tmp_path / "m", small_store, content)
    with (tmp_path / "m/training/metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    losses = [float(row["value"]) for row in rows if row["set"] == "validation" and row["what"] == "maps"]
    assert losses[-1] < 0.7 * losses[0]
    assert {"validation"} < {row["set"] for row in rows}
    assert (tmp_path / "m/training/curves.png").stat().st_size > 5000
    assert (tmp_path / "m/training/step-000060.png").stat().st_size > 5000
    model = load_model(tmp_path / "m")
    assert model.voxel == 2 and model.factors(["T1w"]) == (1.0,) * len(MAPS)
    assert {entry.name for entry in open_store(small_store).entries if model.saw(entry)} == {"a", "b"}


@pytest.mark.slow
@pytest.mark.parametrize("judged", [{}, {"features": 1.0, "similarity": 0.1, "adversary": 0.1, "detail": 0.5}])
def test_a_run_that_was_stopped_goes_on_exactly(
    small_store: Path, tmp_path: Path, whole: Path, quick: None, judged: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "_FEATURE_STEPS", 3)
    content = plain()
    content["training"]["weights"] |= judged
    if judged:
        whole = tmp_path / "whole"
        trained(whole, small_store, content)
    trained(tmp_path / "parts", small_store, content, stop_at=5)
    again = trained(tmp_path / "parts", small_store, content)
    assert again.step == 12
    one, other = weights(whole), weights(tmp_path / "parts")
    assert all(torch.equal(one[name], other[name]) for name in one)
    rows = [(folder / "training/metrics.csv").read_text() for folder in (whole, tmp_path / "parts")]
    assert rows[0] == rows[1]
    assert all(f",train,{name}," in rows[0] for name in judged)


def test_training_may_begin_with_another_model(small_store: Path, whole: Path, tmp_path: Path) -> None:
    run = AutoencoderTrainer(AutoencoderRun(tmp_path / "second", checked(plain(), "test"), (small_store,), whole), devices=1)
    begun, first = run._average.module.state_dict(), weights(whole)
    assert all(torch.equal(begun[name].half().float(), first[name]) for name in first)
    other = plain()
    other["network"]["fine"] = 8
    with pytest.raises(InputError, match="has another network than the configuration"):
        AutoencoderTrainer(AutoencoderRun(tmp_path / "third", checked(other, "test"), (small_store,), whole), devices=1)


def test_another_configuration_in_the_same_folder_is_refused(small_store: Path, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "m")
    other = plain()
    other["training"]["rate"] = 1e-4
    with pytest.raises(InputError, match=r"begun with another configuration \(training.rate was 0.003, now 0.0001\)"):
        trained(tmp_path / "m", small_store, other)
    (tmp_path / "m/training/state.safetensors").write_bytes(b"broken")
    with pytest.raises(InputError, match=r"state.safetensors is damaged; remove the folder"):
        trained(tmp_path / "m", small_store, plain())


@pytest.mark.slow
def test_features_learn_to_tell_tissues_and_are_kept(small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges, "_FEATURE_STEPS", 120)
    plan = checked(plain(), "test")
    batches = Batches(heads_of([open_store(small_store)], "train", plan.network, plan.training), plan.network, plan.training)
    device = torch.device("cpu")
    network = trained_features(3, batches.batch, tmp_path / "f.safetensors", device)
    batch = batches.batch(10_000)
    truth = nearest_tissue(batch.maps)
    found = network.tissues(batch.scans[:, :1].flatten(0, 1)[:, None]).argmax(1)
    assert (
        (found == truth).float().mean() > 0.8 > (FeatureNetwork(3).tissues(batch.scans[:, :1]).argmax(1) == truth).float().mean()
    )
    again = trained_features(3, batches.batch, tmp_path / "f.safetensors", device)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))
    (tmp_path / "f.safetensors").write_bytes(b"broken")
    with pytest.raises(InputError, match="is damaged; remove it"):
        trained_features(3, batches.batch, tmp_path / "f.safetensors", device)


@pytest.mark.parametrize("variant", ["paper", "tissues"])
def test_every_switch_trains(small_store: Path, tmp_path: Path, quick: None, variant: str) -> None:
    paper = {
        "dims": 2,
        "widths": [8, 8, 8],
        "kernels": [3, 3, 3],
        "latents": [0, 0, 4],
        "conditioning": "scalar",
        "norm": "group",
        "gain": "regressed",
    }
    content = plain()
    content["network"] = (
        paper if variant == "paper" else {**content["network"], "decoder": "tissues", "conditioning": "off", "gain": "none"}
    )
    training = {
        "patch": [80, 112] if variant == "paper" else [16, 16, 16],
        "batch": 2,
        "steps": 2,
        "prior": "median",
        "dropout": False,
    }
    content["training"] = {"precision": "bf16-mixed", **training}
    trained(tmp_path / "m", small_store, content)
    assert load_model(tmp_path / "m").configuration.network.dims == (2 if variant == "paper" else 3)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda _name, maps: maps * np.float16(np.nan), "it has values that are no numbers"),
        (lambda name, maps: maps * np.float16(np.nan) if name == "c" else maps, "set 'validation' can be used. c: it has values"),
    ],
)
def test_data_that_cannot_train_is_refused(tmp_path: Path, spoil: Any, sentence: str) -> None:
    store = write_store(tmp_path / "bad", spoil)
    with pytest.raises(InputError, match=sentence):
        trained(tmp_path / "m", store, plain())


def test_patches_that_do_not_suit_the_network_are_refused(small_store: Path, tmp_path: Path) -> None:
    content = plain()
    content["training"]["patch"] = [18, 18, 18]
    with pytest.raises(InputError, match="in multiples of 4"):
        trained(tmp_path / "m", small_store, content)


def test_a_leak_between_stores_is_refused(small_store: Path, tmp_path: Path) -> None:
    other = write_store(tmp_path / "other")
    index = json.loads((other / "store.json").read_text())
    index["sessions"]["a"]["set"] = "validation"
    (other / "store.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match="the split leaks"):
        AutoencoderTrainer(AutoencoderRun(tmp_path / "m", checked(plain(), "x"), (small_store, other)), devices=1)


def test_a_damaged_model_is_a_sentence(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "m")
    config = json.loads((tmp_path / "m/config.json").read_text())
    file = next((tmp_path / "m").glob("*.safetensors"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError, match="is damaged or of another model"):
        load_model(tmp_path / "m")
    file.unlink()
    with pytest.raises(InputError, match="there is no such file"):
        load_model(tmp_path / "m")
    for change, sentence in (
        ({"format": 99}, "of no autoencoder"),
        ({"calibration": {}}, "is damaged"),
        ({"network": {"dims": 9}}, "dims is 9"),
        ({"voxel": 3}, "is damaged \\(voxel 3"),
        ({"calibration": {"": [1, 1, float("nan")]}}, "is damaged"),
        ({"network": config["network"] | {"widths": [100000, 8]}}, "widths are 4 to 2048"),
    ):
        (tmp_path / "m/config.json").write_text(json.dumps(config | change))
        with pytest.raises(InputError, match=sentence):
            load_model(tmp_path / "m")
    (tmp_path / "m/config.json").write_text(json.dumps(config))
    save_file({"x": torch.full((3,), torch.nan)}, file)
    weights_of = {"weights": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()}}
    (tmp_path / "m/config.json").write_text(json.dumps(config | weights_of))
    with pytest.raises(InputError, match="have values that are no numbers"):
        load_model(tmp_path / "m")
    save_file({"x": torch.zeros(3)}, file)
    weights_of = {"weights": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()}}
    (tmp_path / "m/config.json").write_text(json.dumps(config | weights_of))
    with pytest.raises(InputError, match="do not fit its config"):
        load_model(tmp_path / "m")
    with pytest.raises(InputError, match="nobody is no model; there are"):
        find_model("nobody")


def test_the_command_line_says_what_is_wrong(small_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.toml").write_text("[training]\nsteps = -1\n")
    assert (
        main(
            ["train", "autoencoder", "--config", str(tmp_path / "c.toml"), "--data", str(small_store), "-o", str(tmp_path / "m")]
        )
        == 2
    )
    assert "steps" in capsys.readouterr().err
    assert main(["train", "autoencoder", "--config", "gone", "--data", str(small_store), "-o", str(tmp_path / "m")]) == 2
    assert "gone: there is no such file" in capsys.readouterr().err
