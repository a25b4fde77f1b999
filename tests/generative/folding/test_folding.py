"""FoldingModel: learnt, held_out and mixed; decoded in slabs as in one piece; damaged files are sentences."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mriexplorer.errors import InputError
from mriexplorer.generative.folding import sample as module
from mriexplorer.generative.folding.model import FoldingModel, load_folding, save_folding
from mriexplorer.generative.folding.network import FoldingPlan
from mriexplorer.generative.folding.sample import DecodedFolding, anatomy_of, decoded, mixing_shares
from mriexplorer.generative.folding.structures import BOX, LATTICE, STRUCTURES
from mriexplorer.generative.folding.train import FoldingTrainer, read_plan
from mriexplorer.simulation.anatomy import Anatomy
from mriexplorer.simulation.labels import code

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of the training engine and what it uses
PLAN = FoldingPlan(channels=4, width=16, fine=8, patch=16, batch=4, steps=60, rate=1e-2)
CPU = torch.device("cpu")


def ball(shift: int) -> np.ndarray:
    """Nested balls of cortex, white matter and ventricles in the template's box."""
    places = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in BOX.shape), indexing="ij"))
    radius = np.sqrt((places**2).sum(0)) + 0.04 * np.sin(9 * places[0] + shift)
    found = np.zeros(BOX.shape, np.uint8)
    for limit, name in ((0.85, "cortex"), (0.7, "white matter"), (0.3, "ventricles")):
        found[radius < limit] = STRUCTURES.index(name)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FoldingModel of two heads, a third held_out."""
    target = tmp_path_factory.mktemp("folds")
    FoldingTrainer(target, PLAN, {f"h{n}": ball(n) for n in range(3)}, 1, devices=1).train()
    return target


@pytest.fixture(scope="module")
def small(folder: Path) -> FoldingModel:
    """The same, loaded."""
    return load_folding(folder)


def test_heads_come_back(small: FoldingModel) -> None:
    assert small.heads == ("h0", "h1") and small.quality["white matter"] > 0.8
    shares = torch.zeros(2, *LATTICE)
    shares[0] = 1.0
    found = decoded(small, shares, CPU)
    assert found.labels.shape == BOX.shape and found.presence.shape == (4, *BOX.shape)
    assert (found.labels == ball(0)).mean() > 0.8
    white = STRUCTURES.index("white matter")
    assert found.presence[0][found.labels == white].mean() > 4 * found.presence[0][found.labels != white].mean()
    assert found.presence.astype(int).sum(0).max() <= 257  # shares, rounded


def test_slabs_are_as_one_piece(small: FoldingModel, monkeypatch: pytest.MonkeyPatch) -> None:
    shares = mixing_shares(small, 3)
    slabs = decoded(small, shares, CPU)
    monkeypatch.setattr(module, "_SLAB", 1000)
    whole = decoded(small, shares, CPU)
    assert np.abs(slabs.presence.astype(int) - whole.presence).max() <= 2
    assert (slabs.labels != whole.labels).mean() < 1e-4
    monkeypatch.setattr(module, "_parts", lambda: iter([tuple(slice(0, n) for n in LATTICE)]))  # air is air
    assert (decoded(small, shares, CPU).labels != whole.labels)[2:-2].mean() < 0.02
    monkeypatch.undo()
    half = decoded(small, shares, CPU, half=True)
    assert np.array_equal(half.labels, slabs.labels[::2, ::2, ::2])
    assert np.array_equal(half.presence, slabs.presence[:, ::2, ::2, ::2])


def test_shares_of_heads_are_those_of_the_seed(small: FoldingModel) -> None:
    one, again, other = mixing_shares(small, 1), mixing_shares(small, 1), mixing_shares(small, 2)
    assert torch.equal(one, again) and not torch.allclose(one, other, atol=0.1)
    assert torch.allclose(one.sum(0), torch.ones(LATTICE), atol=1e-5)
    assert (one.max(0).values > 0.9).float().mean() > 0.5  # one head here, another there
    assert 0.02 < float(one[0].mean()) < 0.98


def test_an_anatomy_has_the_structures_and_volumes(anatomy: Anatomy) -> None:
    labels = ball(0)
    names = ("white matter", "cortex", "cerebrospinal fluid", "ventricles")
    folded = DecodedFolding(labels, np.stack([255 * (labels == STRUCTURES.index(name)) for name in names]).astype(np.uint8))
    found = anatomy_of(folded, "x")
    assert (np.asarray(found.voxels[..., 0]) == code("white matter")).sum() == (labels == STRUCTURES.index("white matter")).sum()
    ventricles = (labels == STRUCTURES.index("ventricles")).sum() / (labels > 0).sum()
    assert abs(found.ventricle_share / ventricles - 1) < 0.05
    assert abs((found.walls > 127).sum() / (labels == STRUCTURES.index("ventricles")).sum() - 1) < 0.05
    half = anatomy_of(DecodedFolding(labels[::2, ::2, ::2], folded.presence[:, ::2, ::2, ::2]), "y")
    assert abs(half.ventricle_share / ventricles - 1) < 0.05


def test_files_come_back_as_they_were(small: FoldingModel, tmp_path: Path) -> None:
    save_folding(tmp_path / "m", small)
    again = load_folding(tmp_path / "m")
    assert torch.equal(again.codes, small.codes) and again.heads == small.heads
    one, other = (decoded(folds, mixing_shares(folds, 1), CPU) for folds in (again, small))
    assert np.abs(one.presence.astype(int) - other.presence).max() < 6


@pytest.mark.parametrize("harm", ["heads", "plan", "cut", "kind"])
def test_damaged_folds_are_a_sentence(harm: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "m", ignore=shutil.ignore_patterns("training"))
    config = tmp_path / "m" / "config.json"
    content = json.loads(config.read_text())
    if harm == "cut":
        weights = next((tmp_path / "m").glob("weights*"))
        weights.write_bytes(weights.read_bytes()[:1000])
    content |= {"heads": ["a"]} if harm == "heads" else {"kind": "people"} if harm == "kind" else {}
    if harm == "plan":
        content["plan"]["width"] = 17
    config.write_text(json.dumps(content))
    with pytest.raises(InputError):
        load_folding(tmp_path / "m")


def test_plans_and_heads_that_cannot_be_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text("[folds]\npatch = 9\n")
    with pytest.raises(InputError, match="patch a multiple of 8"):
        read_plan(tmp_path / "odd.toml")
    with pytest.raises(InputError, match="too few"):
        FoldingTrainer(tmp_path / "m", replace(PLAN, steps=1), {"a": ball(0)}, 3, devices=1)
