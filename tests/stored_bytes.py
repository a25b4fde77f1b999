"""What the verbs store, made by one process: python stored_bytes.py THREADS PEOPLE TARGET.

PEOPLE are simulated ones, who are gathered and encoded.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from made_store import plain

from mriexplorer.cohort.likeness import axes_of
from mriexplorer.cohort.person import grid_of
from mriexplorer.cohort.sessions import find_people
from mriexplorer.cohort.shape import interpolated, random_velocity
from mriexplorer.cohort.simulated import Settings, simulate
from mriexplorer.cohort.store import fill_store
from mriexplorer.cohort.workers import Workers
from mriexplorer.generative.autoencoder import MAPS, Autoencoder
from mriexplorer.generative.checkpoint import Model, load_model
from mriexplorer.generative.configuration import checked
from mriexplorer.generative.encoded_files import write_encoded
from mriexplorer.generative.encoding import encode, infer
from mriexplorer.generative.folds import load_folds
from mriexplorer.generative.joint import dataset
from mriexplorer.generative.joint.model import load_joint
from mriexplorer.generative.joint.sampling import invent
from mriexplorer.generative.scanner import Protocol
from mriexplorer.generative.shading import evened
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.generative.weights import find_model
from mriexplorer.physics import SEQUENCES
from mriexplorer.places import FOLDS, PEOPLE, SCANS_TO_MAPS, models
from mriexplorer.subject.receive import field_of, fitted_field


def untrained() -> Model:
    """A small model of volumes at 2 mm, whose maps differ from place to place."""
    torch.manual_seed(1)
    configuration = checked(plain(), "test")
    network = Autoencoder(configuration.network)
    torch.nn.init.normal_(network.decoder.exit.weight, std=0.3)  # type: ignore[arg-type]
    return Model("small", network.eval(), configuration, 2, {"": (1.0,) * len(MAPS)})


def save_numbers(target: Path) -> None:
    """What the verbs compute, as it is before it is rounded to be stored: differences show here first."""
    target.mkdir(parents=True)
    rng = np.random.default_rng(4)
    image = np.abs(rng.normal(1, 0.1, (48, 64, 40))).astype(np.float32)
    image[:8], image[:, :20] = 0, 0.6 * image[:, :20]
    protocol = Protocol("mprage", SEQUENCES["mprage"].defaults())
    cpu = torch.device("cpu")
    found = {"evened": evened(image), "warp": interpolated(random_velocity(rng), axes_of(grid_of(1)))}
    found["shading"] = field_of(fitted_field(image, 2 * image), image.shape)
    for name in (SCANS_TO_MAPS, "published-2d"):
        found[name] = infer(load_model(find_model(name)), image[None], [protocol], 3.0, cpu).logs.float().numpy()
    folds = load_folds(models() / FOLDS)
    with one_thread_each(), torch.no_grad():
        found["folds"] = folds.network.decode(folds.codes[:1, :, 8:26, 8:32, 8:32]).numpy()
    joint = load_joint(models() / PEOPLE)
    found["people"] = np.stack([person.scores for person in invent(joint, (1, 2), {"sex": "M"})])
    found["shape"] = joint.basis.velocity(rng.standard_normal(joint.plan.shape))
    for name, array in found.items():
        np.save(target / f"{name}.npy", array)


def main(threads: int, people: Path, target: Path) -> None:
    """One person of each verb, at 2 mm."""
    torch.set_num_threads(threads)
    save_numbers(target / "numbers")
    with Workers() as alone:
        simulate(Settings(1, 5, target / "simulate", voxel=2, scans=("T1w", "FLAIR")), alone)
        fill_store(find_people(people), target / "gather", alone)
        wishes = {"age": 70.0, "sex": "F"}
        sampled = dataset.Settings(1, 3, target / "sample", models() / PEOPLE, models() / FOLDS, wishes, voxel=2, device="cpu")
        dataset.sample_people(sampled, alone)
    session = find_people(people).sessions[0]
    model = untrained()
    write_encoded(encode(session, model, torch.device("cpu")), session, model, target / "encode")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
