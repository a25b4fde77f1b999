"""How long each part of encoding a patient's scans takes, and the most memory that it needs.

    python tests/benchmarks/encoding.py SCAN... [--model NAME] [--precision auto|float32|bfloat16]

Each part is named by what is said when it begins. Beside the seconds stands how many times that of a yardstick it takes: a
convolution of 16 to 16 channels on 160 x 112 x 80 voxels, which any machine can run.
"""

import argparse
import resource
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mriexplorer.dataset.recognition import files_of, recognise, session_of  # noqa: E402
from mriexplorer.generative.autoencoder.checkpoint import load_model  # noqa: E402
from mriexplorer.generative.autoencoder.encode import encode  # noqa: E402
from mriexplorer.generative.autoencoder.encoded_files import write_encoded  # noqa: E402
from mriexplorer.generative.devices import chosen  # noqa: E402
from mriexplorer.generative.model_folder import find_model  # noqa: E402
from mriexplorer.generative.precision import PRECISIONS  # noqa: E402
from mriexplorer.generative.precision import chosen as chosen_precision  # noqa: E402
from mriexplorer.places import SCANS_TO_MAPS  # noqa: E402


def yardstick() -> float:
    """Seconds of the convolution, the best of five."""
    layer = torch.nn.Conv3d(16, 16, 3, padding=1)
    image = torch.rand(1, 16, 160, 112, 80)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(5):
            began = perf_counter()
            layer(image)
            best = min(best, perf_counter() - began)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scans", type=Path, nargs="+")
    parser.add_argument("--model", default=SCANS_TO_MAPS)
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    options = parser.parse_args()
    files = [file for path in options.scans for file in files_of(path, print).paths]
    session = session_of([recognise(file, None, {}) for file in files], "sub-benchmark")
    model, device = load_model(find_model(options.model)), chosen(None)
    marks: list[tuple[str, float]] = []

    def heard(what: str) -> None:
        marks.append((what, perf_counter()))

    heard("begin")
    encoded = encode(session, model, device, heard, options.precision)
    heard("writing")
    with tempfile.TemporaryDirectory() as folder:
        write_encoded(encoded, session, model, Path(folder) / "encoded")
    heard("end")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    unit, used = yardstick(), chosen_precision(options.precision, device.type)
    print("| part | s | yardsticks |\n| --- | --- | --- |")
    for (what, began), (_next, ended) in pairwise(marks):
        print(f"| {what} | {ended - began:.1f} | {(ended - began) / unit:.0f} |")
    after = marks[-1][1] - next(began for what, began in marks if what.startswith("correcting the bias"))
    print(f"\nAfter registration {after:.1f} s, {after / unit:.0f} yardsticks. Most memory {most:.2f} GiB. {device}, {used}.")


if __name__ == "__main__":
    main()
