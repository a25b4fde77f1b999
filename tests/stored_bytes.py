"""What the verbs store, made by one process: python stored_bytes.py THREADS PEOPLE TARGET.

PEOPLE are simulated ones, who are gathered and encoded.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from made_store import plain

from mriexplorer import api
from mriexplorer.dataset.sessions import find_people
from mriexplorer.generative.autoencoder.bias_field import n4_corrected
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.encode import encode, infer
from mriexplorer.generative.autoencoder.encoded_files import write_encoded
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder
from mriexplorer.generative.folding.model import load_folding
from mriexplorer.generative.joint.model import load_joint
from mriexplorer.generative.joint.sample import sample_subjects
from mriexplorer.generative.model_folder import find_model
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.physics import SEQUENCES
from mriexplorer.physics.protocol import Protocol
from mriexplorer.places import FOLDING, PEOPLE, SCANS_TO_MAPS, models
from mriexplorer.simulation.demons import axes_of
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import interpolated, random_velocity
from mriexplorer.subject.receive_field import bias_field, fitted_field


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
    found = {"corrected": n4_corrected(image), "warp": interpolated(random_velocity(rng), axes_of(grid_of(1)))}
    found["shading"] = bias_field(fitted_field(image, 2 * image), image.shape)
    for name in (SCANS_TO_MAPS, "published-2d"):
        found[name] = infer(load_model(find_model(name)), image[None], [protocol], 3.0, cpu).logs.float().numpy()
    folding = load_folding(models() / FOLDING)
    with one_thread_each(), torch.no_grad():
        found["folding"] = folding.network.decode(folding.codes[:1, :, 8:26, 8:32, 8:32]).numpy()
    joint = load_joint(models() / PEOPLE)
    found["people"] = np.stack([person.scores for person in sample_subjects(joint, (1, 2), {"sex": "M"})])
    found["shape"] = joint.basis.velocity(rng.standard_normal(joint.plan.shape))
    for name, array in found.items():
        np.save(target / f"{name}.npy", array)


def main(threads: int, people: Path, target: Path) -> None:
    """One person of each verb, at 2 mm."""
    torch.set_num_threads(threads)
    save_numbers(target / "numbers")
    api.simulate(1, 5, target / "simulate", voxel=2, scans=("T1w", "FLAIR"))
    api.gather(people, target / "gather")
    api.sample_people(1, 3, target / "sample", voxel=2, device="cpu", age=70.0, sex="F")
    session, model = find_people(people).sessions[0], untrained()
    write_encoded(encode(session, model, torch.device("cpu")), session, model, target / "encode")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
