"""People with shapes that are known without looking, and a model that is trained on them for a moment."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from mriexplorer.dataset.store import RECIPE
from mriexplorer.generative.joint.network import JointNetworkPlan
from mriexplorer.generative.joint.train import JointPlan, JointRun, JointTrainer, JointTrainingPlan
from mriexplorer.physics import SEQUENCES
from mriexplorer.simulation import record as attributes
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import KNOTS, random_velocity

PLAN = JointPlan(JointNetworkPlan(shape=8, width=16, blocks=1, heads=2), JointTrainingPlan(steps=24, batch=32, rate=3e-3))
COUNT = 48


def write_joint_store(folder: Path) -> Path:
    """Sessions whose ventricles and first wave of shape grow with age; images are empty, since shapes are there."""
    sessions, times = {}, {"T1w": {"sequence": "mprage", **SEQUENCES["mprage"].defaults()}}
    for number in range(COUNT):
        record = attributes.draw(np.random.default_rng([7, number]), "OASIS-1")
        known = {name: value for name, value in vars(record).items() if value is not None and name not in ("grey", "ventricles")}
        name = f"p{number:02d}"
        (folder / "sessions" / name).mkdir(parents=True)
        image = np.zeros((1, *grid_of(2).shape), np.float16)
        image[0, 20:60, 30:80, 20:60] = 1 + 0.01 * number
        np.save(folder / "sessions" / name / "images.npy", image)
        of = "validation" if number % 8 == 0 else "test" if number % 8 == 1 else "train"
        sessions[name] = {"kinds": ["T1w"], "times": times, "record": known, "person": name, "origin": "", "field": 1.5,
                          "set": of, "maps": False, "labels": False, "inputs": {}}  # fmt: skip
    index = {"recipe": RECIPE, "voxel": 2, "dataset": "x", "tables": {}, "seed": 1, "sessions": sessions}
    (folder / "store.json").write_text(json.dumps(index))
    return folder


def write_table(path: Path) -> Path:
    """A table of two studies without images, one that measures height and weight."""
    rows = ["source,subject,age,sex,height_cm,weight_kg,ethnicity,education_years,mmse"]
    for number in range(60):
        r = attributes.draw(np.random.default_rng([8, number]))
        if number % 2:
            rows.append(f"IXI,x{number},{r.age},{r.sex},{r.height_cm},{r.weight_kg},{r.ethnicity},,")
        else:
            rows.append(f"DLBS,y{number},{r.age},{r.sex},,,,{r.education_years:.0f},{r.mmse}")
    path.write_text("\n".join(rows) + "\n")
    return path


def write_shapes(store: Path) -> Path:
    """The shapes of a store, as if they had been found."""
    shapes = store / "shapes"
    shapes.mkdir()
    waves = [random_velocity(np.random.default_rng(n)) for n in range(10)]
    index = {}
    for name, about in json.loads((store / "store.json").read_text())["sessions"].items():
        rng = np.random.default_rng(int(name[1:]))
        aged = (float(about["record"]["age"]) - 50) / 20
        velocity = aged * waves[0] + sum(rng.normal(0, 0.4) * wave for wave in waves[1:])
        np.save(shapes / f"{name}.npy", velocity.astype(np.float16))
        index[name] = {"ventricles": 0.02 * np.exp(0.4 * aged + rng.normal(0, 0.2)), "fluid": 0.14, "unlike": 0.1}
    (shapes / "shapes.json").write_text(json.dumps(index))
    assert waves[0].shape == (3, *KNOTS)
    return store


def trained(folder: Path, store: Path, table: Path, steps: int = PLAN.training.steps) -> JointTrainer:
    """Train, or go on."""
    plan = replace(PLAN, training=replace(PLAN.training, steps=steps))
    run = JointTrainer(JointRun(folder, plan, (store,), (table,)), devices=1)
    run.train()
    return run
