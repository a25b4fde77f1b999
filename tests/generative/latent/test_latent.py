"""The published latent diffusion as a configuration: it learns codes, tells records apart, and is sampled into a dataset."""

import json
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from undrawn import undrawn

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model, save_model
from mriexplorer.generative.autoencoder.configuration import AutoencoderConfiguration, AutoencoderPlan, AutoencoderTrainingPlan
from mriexplorer.generative.autoencoder.network import Autoencoder
from mriexplorer.generative.latent.model import load_latent
from mriexplorer.generative.latent.network import LatentPlan, context
from mriexplorer.generative.latent.sample import sample_slice
from mriexplorer.generative.latent.train import LatentTrainer, read_plan
from mriexplorer.places import PEOPLE, models

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of the training engine and what it uses


@pytest.fixture(scope="module")
def slices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An autoencoder of slices at 2 mm, that learnt nothing."""
    torch.manual_seed(0)
    network = AutoencoderPlan(dims=2, widths=(8, 8, 8), kernels=(3, 3, 3), latents=(0, 0, 4), conditioning="scalar", norm="group")
    plan = AutoencoderConfiguration(network, AutoencoderTrainingPlan(patch=(16, 16)))
    folder = tmp_path_factory.mktemp("slices")
    save_model(folder, Model("", Autoencoder(network), plan, 2, {"": (1.0, 1.0, 1.0)}))
    return folder


@pytest.fixture(scope="module")
def latent(tmp_path_factory: pytest.TempPathFactory, slices: Path, joint_store: Path) -> Path:
    """A UNet on its codes."""
    plan = LatentPlan(str(slices), (16, 16), heads=16, batch=8, steps=60, rate=3e-3, ddim=8)
    folder = tmp_path_factory.mktemp("latent")
    with undrawn():
        LatentTrainer(folder, plan, [joint_store], devices=1).train()
    return folder


def test_noise_is_told(latent: Path) -> None:
    rows = [line.split(",") for line in (latent / "training/metrics.csv").read_text().splitlines()]
    seen = [float(row[3]) for row in rows if row[1] == "validation"]
    assert seen[-1] < 0.9 * seen[0]


def test_tokens_tell_what_is_known() -> None:
    tokens = context([{"age": 60.0, "sex": "M"}, {}])
    assert tokens[0, :, 1].sum() == 2 and tokens[1, :, 1].sum() == 0
    assert tokens[0, 1, 0] == 1.0 and tokens[1, 1, 0] == 0.0


def test_a_slice_is_that_of_its_seed(latent: Path, slices: Path) -> None:
    model, autoencoder = load_latent(latent), load_model(slices)
    one, again, other = (sample_slice(model, autoencoder, {"age": 60.0}, seed, torch.device("cpu")) for seed in (1, 1, 2))
    assert one.pd.shape == (80, 112, 1) and np.array_equal(one.t1, again.t1) and not np.array_equal(one.t1, other.t1)


@pytest.mark.skipif(not (models() / PEOPLE / "config.json").is_file(), reason="the shipped model of people is not there")
def test_it_is_sampled_into_a_dataset(latent: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "-n", "1", "--model", str(latent), "--age", "60", "-o", str(tmp_path / "set")]) == 0
    assert "one axial slice a person" in capsys.readouterr().err
    found = next((tmp_path / "set").glob("sub-*/anat/*T1map.nii.gz"))
    assert nib.load(found).shape == (80, 112, 1)
    assert json.loads(found.with_name(found.name.replace(".nii.gz", ".json")).read_text())["Synthetic"] is True


def test_what_cannot_train_is_a_sentence(tmp_path: Path, slices: Path, joint_store: Path, small_store: Path) -> None:
    plan = LatentPlan(str(slices), (16, 16), heads=16, steps=1)
    with pytest.raises(InputError, match="no autoencoder of slices"):
        LatentTrainer(tmp_path / "a", replace(plan, autoencoder="scans-to-maps-1mm"), [joint_store], devices=1)
    with pytest.raises(InputError, match="gather it at 1"):
        LatentTrainer(tmp_path / "b", replace(plan, autoencoder="published-2d"), [joint_store], devices=1)
    with pytest.raises(InputError, match="there are none"):
        LatentTrainer(tmp_path / "c", plan, [small_store], devices=1)
    (tmp_path / "odd.toml").write_text("[latent]\nchannels = [9]\n")
    with pytest.raises(InputError, match="multiples of 16"):
        read_plan(tmp_path / "odd.toml")
    with pytest.raises(InputError, match="latent diffusion"):
        load_latent(slices)
