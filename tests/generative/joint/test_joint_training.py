"""Training of the joint model: what it leaves, that it goes on exactly, and that nobody who was held out is learned from."""

import copy
import csv
import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_people import PLAN, trained
from safetensors.torch import load_file, save_file

from mriexplorer.cli import main
from mriexplorer.dataset.store import open_store
from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.checkpoint import mark_of
from mriexplorer.generative.joint.columns import of_columns
from mriexplorer.generative.joint.model import JointModel, load_joint, save_joint
from mriexplorer.generative.joint.people import people_of
from mriexplorer.generative.joint.sample import sample_subjects

pytestmark = pytest.mark.filterwarnings("ignore")  # of the training engine and what it uses


def test_a_model_is_left_with_curves_and_whom_it_saw(joint_folder: Path, joint: JointModel, joint_store: Path) -> None:
    with (joint_folder / "training/metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {"both", "record", "brain", "both closed"} <= {row["what"] for row in rows if row["set"] == "validation"}
    store = open_store(joint_store)
    assert joint.trained_on == {mark_of(entry) for entry in store.of("train")}
    assert [column.name for column in joint.columns][:3] == ["study", "age", "sex"]
    assert joint.column("study").values and joint.basis.components.shape[0] == PLAN.network.shape


def test_what_hangs_together_is_learnt(joint: JointModel) -> None:
    """Ventricles and the shape's first number go with age, height with sex, as the people were made."""
    covariance = joint.normal.covariance
    scale = np.sqrt(np.diag(covariance))
    r = covariance / scale[:, None] / scale
    age = joint.place("age")
    assert r[age, joint.place("ventricles")] > 0.5
    assert abs(r[age, len(joint.columns)]) > 0.6
    assert r[joint.place("sex"), joint.place("height_cm")] > 0.4


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_exactly(tmp_path: Path, joint_store: Path, people_table: Path) -> None:
    trained(tmp_path / "whole", joint_store, people_table)
    from dataclasses import replace

    from mriexplorer.generative.joint.train import JointRun, JointTrainer

    run = JointTrainer(JointRun(tmp_path / "parts", replace(PLAN), (joint_store,), (people_table,)), devices=1)
    step = run._one_step
    run._one_step = lambda: (_ for _ in ()).throw(KeyboardInterrupt) if run.step == 9 else step()  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run.train()
    run._save()
    assert trained(tmp_path / "parts", joint_store, people_table).step == PLAN.training.steps
    one, other = (load_joint(tmp_path / name).network.state_dict() for name in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_person_of_a_store_is_not_taken_from_a_table_too(joint_store: Path, tmp_path: Path) -> None:
    from mriexplorer.workers import Workers

    (tmp_path / "t.csv").write_text("source,subject,age,sex\nOASIS-1,p02,44,F\nOASIS-1,elsewhere,30,M\n")
    with Workers() as workers:
        found = people_of([open_store(joint_store)], [tmp_path / "t.csv"], workers, lambda _what: None)
    assert [person.person for person in found if person.shape is None] == ["OASIS-1-elsewhere"]
    assert next(p for p in found if p.person == "p02").record["study"] == "OASIS-1"


def test_records_are_taken_as_columns_are() -> None:
    record = of_columns({"age": 40, "sex": "F", "ethnicity": "Martian", "height_cm": "tall", "mmse": 29.0, "other": 3})
    assert record == {"age": 40.0, "sex": "F", "mmse": 29.0}


def test_files_come_back_as_they_were(joint: JointModel, tmp_path: Path) -> None:
    save_joint(tmp_path / "m", joint)
    again = load_joint(tmp_path / "m")
    assert again.columns == joint.columns
    assert np.allclose(again.normal.covariance, joint.normal.covariance, atol=2e-3)
    numbers = np.linspace(-2, 2, PLAN.network.shape)
    assert np.abs(again.basis.velocity(numbers) - joint.basis.velocity(numbers)).max() < 0.2
    assert np.allclose(again.basis.numbers(joint.basis.velocity(numbers)), numbers, atol=0.05)


@pytest.mark.parametrize(
    "harm", ["cut", "foreign", "shape", "columns", "no number", "kind", "knots", "gone", "pipe", "complex", "levels", "huge"]
)
def test_a_damaged_model_is_a_sentence(harm: str, joint_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(joint_folder, folder, ignore=shutil.ignore_patterns("training"))
    weights, config = folder / "weights-1-of-1.safetensors", folder / "config.json"
    content = json.loads(config.read_text())
    if harm == "cut":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif harm == "foreign":
        save_file({"a": torch.ones(2)}, weights)
    elif harm == "shape":
        content["network"]["shape"] = 16
    elif harm == "columns":
        (folder / "attributes.json").write_text(json.dumps(json.loads((folder / "attributes.json").read_text())[:-1]))
    elif harm in ("no number", "complex"):
        tensors = load_file(weights)
        tensors["network.mean"][0] = float("nan")
        save_file(tensors if harm == "no number" else {n: t.to(torch.complex64) for n, t in load_file(weights).items()}, weights)
        content["weights"][weights.name] = hashlib.sha256(weights.read_bytes()).hexdigest()
    elif harm == "kind":
        content["kind"] = "autoencoder"
    elif harm == "knots":
        (folder / "attributes.json").write_text((folder / "attributes.json").read_text().replace('"age"', '"agee"'))
    elif harm == "pipe":
        weights.unlink()
        os.mkfifo(weights)
    elif harm == "levels":
        columns = json.loads((folder / "attributes.json").read_text())
        next(column for column in columns if column["name"] == "sex")["values"] = [{}, []]
        (folder / "attributes.json").write_text(json.dumps(columns))
    elif harm == "huge":
        content["ventricles"] = [10**400, 1]
    else:
        (folder / "attributes.json").unlink()
    if harm in ("shape", "no number", "complex", "kind", "huge"):
        config.write_text(json.dumps(content))
    with pytest.raises(InputError):
        load_joint(folder)


def test_weights_that_make_no_person_are_a_sentence(joint: JointModel) -> None:
    network = copy.deepcopy(joint.network)
    network.mean.fill_(float("inf"))
    with pytest.raises(InputError, match="make no person"):
        sample_subjects(replace(joint, network=network), [1], {})


def test_stores_and_plans_that_cannot_train_are_sentences(
    tmp_path: Path, joint_store: Path, small_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "joint", "-o", str(tmp_path / "m"), "--data"]
    assert main([*command, str(small_store)]) == 2
    said = capsys.readouterr().err
    assert "T1w" in said or "folding" in said
    (tmp_path / "odd.toml").write_text("[network]\nshape = 9\n")
    assert main([*command, str(joint_store), "--config", str(tmp_path / "odd.toml")]) == 2
    assert "shape is a multiple of 8" in capsys.readouterr().err
    assert not (tmp_path / "m" / "config.json").exists()
