"""The published ablation on axial slices: gain regression, modality dropout, prior of T1 and T2, and adaptive normalisation.

    python tests/benchmarks/ablation.py --data STORE... -o FOLDER [--config ablation-2d] [--steps N]

Sixteen rows, on and off, and a last one with what the project uses instead (closed-form gain, tissue prior, conditioning by layer
and true maps). Every row trains from nothing in FOLDER and goes on where it was stopped; the table is printed in Markdown.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import torch

from mriexplorer.dataset.store import open_store
from mriexplorer.evaluation import measures
from mriexplorer.generative.autoencoder.batches import Batch, Batches, heads_of
from mriexplorer.generative.autoencoder.checkpoint import load_model
from mriexplorer.generative.autoencoder.configuration import AutoencoderConfiguration, LossWeights, read_configuration
from mriexplorer.generative.autoencoder.losses import rendered
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.generative.autoencoder.perceptual import nearest_tissue
from mriexplorer.generative.autoencoder.train import AutoencoderRun, AutoencoderTrainer
from mriexplorer.physics import TISSUES

_SWITCHES = ("G", "dropout", "prior", "AdaGN")
_BATCHES = 40
_BRAIN = [1 + list(TISSUES).index(name) for name in ("wm", "gm")]


def configured(
    plan: AutoencoderConfiguration, gain: bool, dropout: bool, prior: bool, adaptive: bool
) -> AutoencoderConfiguration:
    """The published recipe with its switches."""
    network = replace(plan.network, gain="regressed" if gain else "none", conditioning="scalar" if adaptive else "off")
    return AutoencoderConfiguration(network, replace(plan.training, dropout=dropout, prior="median" if prior else "none"))


def ours(plan: AutoencoderConfiguration) -> AutoencoderConfiguration:
    """What the project does instead, at the same size."""
    network = replace(plan.network, gain="closed", conditioning="layer", norm="voxel")
    weights = LossWeights(squared=False, maps=1.0, edges=0.3, spread=0.05, code=1e-6, prior=1e-3)
    return AutoencoderConfiguration(network, replace(plan.training, dropout=True, prior="tissue", weights=weights))


@torch.no_grad()
def figures(folder: Path, stores: Sequence[Path]) -> dict[str, float]:
    """Of a trained row, on new scans of the test set's slices."""
    model = load_model(folder)
    plan = model.configuration
    told = replace(plan.training, dropout=False, seed=99)
    batches = Batches(heads_of([open_store(path) for path in stores], "test", plan.network, told), plan.network, told)
    rows = [_of_batch(model.network, plan, batches.batch(number)) for number in range(_BATCHES)]
    return {name: float(np.nanmean([row[name] for row in rows])) for name in rows[0]}


def _of_batch(network: torch.nn.Module, plan: AutoencoderConfiguration, batch: Batch) -> dict[str, float]:
    def shown(present: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        _codes, decoded, gains = network(batch.scans, batch.vectors, present)
        return decoded.maps, rendered(decoded, batch, plan.network.gain, gains, plan.network.sequences).scans

    maps, again = shown(batch.present)
    ours, truth = again.numpy(), batch.targets.numpy()
    found = {"PSNR": measures.psnr(ours, truth), "MS-SSIM": _similar(ours, truth)}
    missing = []
    for place in range(batch.present.shape[1]):
        present = batch.present.clone()
        present[:, place] = False
        missing.append(measures.psnr(shown(present)[1][:, place].numpy(), truth[:, place]))
    found["missing PSNR"] = float(np.mean(missing))
    where = torch.isin(nearest_tissue(batch.maps), torch.tensor(_BRAIN))
    for place, kind in enumerate(MAPS):
        off = (maps[:, place][where] / batch.maps[:, place][where] - 1).abs()
        found[f"{kind.upper()} error"] = float(off.median()) if len(off) else float("nan")
    return found


def _similar(ours: np.ndarray, truth: np.ndarray) -> float:
    return measures.ms_ssim(*(part.reshape(-1, *part.shape[2:]).transpose(1, 2, 0) for part in (ours, truth)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="STORE")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--config", type=Path, default=Path("ablation-2d"))
    parser.add_argument("--steps", type=int)
    options = parser.parse_args()
    plan = read_configuration(options.config)
    plan = AutoencoderConfiguration(plan.network, replace(plan.training, steps=options.steps or plan.training.steps))
    rows = {
        tuple("x" if on else "" for on in switches): configured(plan, *switches) for switches in product((False, True), repeat=4)
    }
    rows[("closed", "x", "tissue", "layer, truth")] = ours(plan)
    for number, (switches, row) in enumerate(rows.items()):
        folder = options.output / f"row-{number:02d}"
        if not (folder / "figures.json").is_file():
            AutoencoderTrainer(AutoencoderRun(folder, row, tuple(options.data))).train()
            (folder / "figures.json").write_text(json.dumps(figures(folder, options.data)))
        found = json.loads((folder / "figures.json").read_text())
        if not number:
            print(f"| {' | '.join([*_SWITCHES, *found])} |\n|{' --- |' * (len(_SWITCHES) + len(found))}")
        cells = [f"{v:.2f}" if "PSNR" in n else f"{v:.4f}" if n == "MS-SSIM" else f"{v:.1%}" for n, v in found.items()]
        print(f"| {' | '.join([*switches, *cells])} |", flush=True)


if __name__ == "__main__":
    main()
