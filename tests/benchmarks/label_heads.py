"""Label maps of real heads as BIDS people with maps of 1 mm, undeformed: whom the anatomy of synthetic people is compared with.

    python tests/benchmarks/label_heads.py LABELS OUT
    mriexplorer evaluate people people-1mm --real OUT -o REPORT -n 40 --field 1.5

Each head stands as it is, brought to the frame by its rigid pose, with values as simulated people have them; brains only.
"""

import argparse
import json
from pathlib import Path

import nibabel as nib
import numpy as np

from mriexplorer.simulation import composition, tissue
from mriexplorer.simulation.anatomy import Anatomy, prepare, sources
from mriexplorer.simulation.labels import codes_of, structures
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import KNOTS, HeadDeformation

_AGE, _FIELD = 50.0, 1.5
_BRAIN = ("wm", "gm", "csf", "ventricle")


def composed(anatomy: Anatomy) -> composition.Composition:
    """The head as it is: volumes of its own, no warp."""
    still = HeadDeformation(np.ones(3), np.zeros((3, *KNOTS), np.float32), 1.0)
    counts = np.bincount(anatomy.voxels[..., 0].ravel(), minlength=256)
    white, grey = (float(counts[codes_of(name)].sum()) for name in ("wm", "gm"))
    return composition.compose(anatomy, still, grid_of(1), brain=anatomy.brain_share, grey=grey / (white + grey))


def written(anatomy: Anatomy, number: int, folder: Path) -> None:
    """sub-head01/anat/... in ``folder``."""
    made = composed(anatomy)
    rng = np.random.default_rng(number)
    maps = tissue.maps(made, tissue.values(rng, _AGE, _FIELD), rng)
    rows = structures()
    inside = sum(share for name, share in made.shares.items() if rows[name].counts in _BRAIN) > 0.5
    name = f"sub-head{number:02d}"
    home = folder / name / "anat"
    home.mkdir(parents=True, exist_ok=True)
    for suffix, values in (("PDmap", maps.pd), ("T1map", maps.t1), ("T2map", maps.t2)):
        image = nib.Nifti1Image(np.where(inside, values, 0).astype(np.float32), grid_of(1).affine)
        image.header.set_xyzt_units("mm")
        nib.save(image, home / f"{name}_desc-synthetic_{suffix}.nii.gz")
        (home / f"{name}_desc-synthetic_{suffix}.json").write_text(json.dumps({"MagneticFieldStrength": _FIELD}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    about = {"Name": "label maps of heads as people", "BIDSVersion": "1.9.0", "DatasetType": "derivative",
             "GeneratedBy": [{"Name": "label_heads"}]}  # fmt: skip
    (options.out / "dataset_description.json").write_text(json.dumps(about))
    for number, path in enumerate(sources(options.labels), 1):
        written(prepare(path), number, options.out)
        print(path, flush=True)


if __name__ == "__main__":
    main()
