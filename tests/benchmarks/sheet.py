"""A contact sheet: sampled people (six ages, both sexes, T1w and FLAIR), and real ones of the nearest ages beside them.

python tests/benchmarks/sheet.py -o sampled.png                     # sampled only: may be shown to anybody
python tests/benchmarks/sheet.py --data STORE -o beside.png         # with real people of a store, for one's own eyes
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from PIL import Image, ImageDraw

from mriexplorer.dataset.store import open_store
from mriexplorer.generative.folding.model import load_folding
from mriexplorer.generative.joint.brain import build, folding_anatomy
from mriexplorer.generative.joint.model import load_joint
from mriexplorer.generative.joint.sample import sample_subjects
from mriexplorer.generative.model_folder import find_model
from mriexplorer.physics import signal
from mriexplorer.places import FOLDING, PEOPLE
from mriexplorer.simulation.person import grid_of
from mriexplorer.view.presets import presets
from mriexplorer.view.state import State

AGES = (20, 32, 45, 58, 71, 84)
CONTRASTS = ("OASIS-3 · T1w MPRAGE", "OASIS-3 · FLAIR")
LEVEL = 100  # of 160 voxels from below
HEIGHT = 18  # of a line of text


def shade(image: np.ndarray) -> np.ndarray:
    """An axial slice in grey, patient's left on the right."""
    bright = np.percentile(image[image > 0], 99.5)
    return np.clip(image[::-1, ::-1].T / bright * 255, 0, 255).astype(np.uint8)


def sampled(voxel: int) -> list[tuple[str, np.ndarray]]:
    """Two rows for each sex: T1w, then FLAIR."""
    model, folding = load_joint(find_model(PEOPLE)), load_folding(find_model(FOLDING))
    device, found = torch.device("cpu"), []
    for sex in ("F", "M"):
        rows: dict[str, list[tuple[str, np.ndarray]]] = {title: [] for title in CONTRASTS}
        for number, age in enumerate(AGES):
            person = sample_subjects(model, [1000 + 10 * number + (sex == "M")], {"age": float(age), "sex": sex})[0]
            maps = build(
                model, person, folding_anatomy(folding, person.folding, device, half=voxel == 2), voxel=voxel, field=3.0
            ).subject.maps
            cut = LEVEL // voxel
            for title in CONTRASTS:
                state = next(preset for preset in presets() if preset.title == title).applied(State())
                pd, t1, t2 = (np.where(maps.valid, part, 1)[..., cut] for part in (maps.pd, maps.t1, maps.t2))
                shown = np.asarray(signal(state.sequence, pd, t1, t2, state.protocol.values)) * maps.valid[..., cut]
                rows[title].append((f"sampled {sex} {age}", shade(shown)))
            print(f"sampled {sex} {age}", flush=True)
        found += [one for row in rows.values() for one in row]
    return found


def real(store: Path) -> list[tuple[str, np.ndarray]]:
    """T1w of people of the nearest ages, two rows for each sex."""
    entries, found, taken = open_store(store).entries, [], set()
    for sex in ("F", "F", "M", "M"):
        for age in AGES:
            free = [e for e in entries if e.record.get("sex") == sex and e.person not in taken and "T1w" in e.kinds]
            best = min(free, key=lambda e: abs(float(e.record["age"]) - age))
            taken.add(best.person)
            image = best.images[best.kinds.index("T1w")].astype(np.float32)
            step = 160 // image.shape[0]
            found.append((f"real {sex} {best.record['age']:.0f}", shade(image[..., LEVEL // step])))
    return found


def sheet(pictures: list[tuple[str, np.ndarray]], target: Path) -> None:
    columns, width, height = len(AGES), 160, 224
    rows = -(-len(pictures) // columns)
    whole = Image.new("L", (columns * (width + 4), rows * (height + HEIGHT)))
    pen = ImageDraw.Draw(whole)
    for number, (title, picture) in enumerate(pictures):
        x, y = number % columns * (width + 4), number // columns * (height + HEIGHT)
        whole.paste(Image.fromarray(picture).resize((width, height)), (x, y + HEIGHT))
        pen.text((x + 4, y + 3), f"{title} · SYNTHETIC" if title.startswith("sampled") else title, fill=170)
    whole.save(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a store of real people")
    parser.add_argument("--voxel", type=int, choices=(1, 2), default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    assert grid_of(1).shape == (160, 224, 160)
    pictures = sampled(options.voxel)
    if options.data:
        pictures += real(options.data)
    sheet(pictures, options.output)
