"""The built-in brain: literature values on the ICBM152 average anatomy, at 1 mm, at 1.5, 3 or 7 T.

Anatomy: the symmetric 2009a ICBM152 templates (Fonov 2009, 2011) that nilearn carries inside its package: grey matter and
white matter as probabilities, and the brain mask (the support of the skull-stripped T1 template). What the mask holds
beyond grey and white matter is cerebrospinal fluid.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mriexplorer.errors import InputError
from mriexplorer.physics import FIELDS, TISSUES
from mriexplorer.places import cache_folder
from mriexplorer.subject.assemble import Progress
from mriexplorer.subject.subject import MapSource, Subject
from mriexplorer.subject.tissue_maps import Floats, Grid, TissueMaps

NAME = "ICBM152 average brain"
_RECIPE = 1  # raised whenever the mixing below changes, so that no old cache is read
_TEMPLATE = "mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
# The templates' 197 x 233 x 189 voxels, cropped to the brain with six voxels of margin (checked by the tests).
_CROP = (slice(20, 177), slice(21, 214), slice(0, 161))
_SHAPE = (_CROP[0].stop - _CROP[0].start, _CROP[1].stop - _CROP[1].start, _CROP[2].stop - _CROP[2].start)
_ORIGIN = tuple(corner + crop.start for corner, crop in zip((-98.0, -134.0, -72.0), _CROP, strict=True))
_KINDS = ("t1", "t2", "t2star", "pd")


def load_reference(field: float = 3.0, progress: Progress = lambda _what: None) -> Subject:
    """The built-in brain at a field strength of ``physics.FIELDS`` (T). Maps are memory-mapped from a cache after the first time."""
    if field not in FIELDS:
        raise InputError(f"The built-in brain is known at {', '.join(f'{f:g}' for f in FIELDS)} T, not at {field:g} T.")
    arrays = _cached(field) or _made(field, progress)
    affine = np.eye(4)
    affine[:3, 3] = _ORIGIN
    maps = TissueMaps(arrays["pd"], arrays["t1"], arrays["t2"], Grid(_SHAPE, affine, codes=(2, 0)), arrays["t2star"])
    how = f"literature values at {field:g} T mixed by tissue fraction"
    sources = tuple(
        MapSource(kind, None, kind.upper().replace("STAR", "*"), "fraction" if kind == "pd" else "s", how) for kind in _KINDS
    )
    return Subject(
        NAME,
        maps,
        record="No clinical attributes: this is the average anatomy of 152 adults, not a person.",
        sources=sources,
        description=f"{NAME}, {how}",
        field=field,
    )


def mix(fractions: Mapping[str, Floats], field: float) -> dict[str, Floats]:
    """Maps of voxels that hold several tissues. ``fractions`` by tissue name, arrays of one shape, sum at most 1.

    The mixing rule: water adds up, PD = sum f PD; relaxation *rates* are averaged over the voxel's water,
    1/T = (sum f PD / T) / PD, the fast-exchange limit. Where there is no tissue, everything is 0.
    """
    pd: Floats = sum((f * np.float32(TISSUES[name].pd) for name, f in fractions.items()), np.float32(0))  # type: ignore[assignment]
    maps = {"pd": pd}
    for kind in ("t1", "t2", "t2star"):
        rate: Floats = sum(  # type: ignore[assignment]
            (f * np.float32(TISSUES[n].pd / getattr(TISSUES[n].at[field], kind)) for n, f in fractions.items()),
            np.float32(0),
        )
        maps[kind] = np.divide(pd, rate, out=np.zeros_like(pd), where=rate > 0)
    return maps


def _made(field: float, progress: Progress) -> dict[str, Floats]:
    progress("preparing the built-in brain (first start only)")
    wm, gm, mask = (_template(name) for name in ("wm", "gm", "t1"))
    inside = mask > 0
    solid = np.maximum(wm + gm, 1)  # the two overlap by up to one grey level of 255
    fractions = {"wm": wm / solid * inside, "gm": gm / solid * inside}
    fractions["csf"] = np.maximum(inside - fractions["wm"] - fractions["gm"], 0).astype(np.float32)
    arrays = mix(fractions, field)
    _keep(arrays, field)
    return arrays


def _template(name: str) -> Floats:
    import nibabel

    path = _nilearn_data() / _TEMPLATE.format(name)
    return np.asarray(nibabel.load(path).dataobj[_CROP], np.float32) / np.float32(255)  # type: ignore[attr-defined]


def _nilearn_data() -> Path:
    """nilearn's data folder, found without importing nilearn (which takes two seconds)."""
    from importlib.util import find_spec

    spec = find_spec("nilearn")
    if spec is None or not spec.submodule_search_locations:
        raise InputError("nilearn is not installed, and its ICBM152 templates are the built-in brain: pip install nilearn.")
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data"


def _cache(field: float) -> Path:
    return cache_folder() / f"icbm152-{field:g}T-{_RECIPE}"


def _cached(field: float) -> dict[str, Floats] | None:
    try:
        arrays = {kind: np.load(_cache(field) / f"{kind}.npy", mmap_mode="r") for kind in _KINDS}
    except (OSError, ValueError):
        return None
    whole = all(array.shape == _SHAPE and array.dtype == np.float32 for array in arrays.values())
    return arrays if whole else None


def _keep(arrays: Mapping[str, Floats], field: float) -> None:
    """Write the cache beside and rename; where that cannot be done, the next start makes the maps again."""
    try:
        beside = Path(tempfile.mkdtemp(dir=cache_folder()))
        for kind in _KINDS:
            np.save(beside / f"{kind}.npy", arrays[kind])
        shutil.rmtree(_cache(field), ignore_errors=True)
        os.replace(beside, _cache(field))  # noqa: PTH105 one system call for a folder
    except OSError:
        return
