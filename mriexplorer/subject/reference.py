"""The built-in brain: literature values on the ICBM152 average anatomy, at 1 mm, at 1.5, 3 or 7 T.

Anatomy: the symmetric 2009a ICBM152 templates (Fonov 2009, 2011) that nilearn carries inside its package: grey matter and
white matter as probabilities, and the brain mask (the support of the skull-stripped T1 template). What the mask holds
beyond grey and white matter is cerebrospinal fluid.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.physics import FIELDS, TISSUES
from mriexplorer.places import cache_folder
from mriexplorer.subject.assemble import Progress
from mriexplorer.subject.subject import MapSource, Subject
from mriexplorer.subject.tissue_maps import Floats, Grid, TissueMaps

NAME = "ICBM152 brain"
_RECIPE = 3  # raised whenever the mixing below changes, so that no old cache is read
_TEMPLATE = "mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
# The templates' 197 x 233 x 189 voxels, cropped to the brain with two voxels of margin (checked by the tests).
_CROP = (slice(24, 173), slice(25, 210), slice(0, 157))
_SHAPE = (_CROP[0].stop - _CROP[0].start, _CROP[1].stop - _CROP[1].start, _CROP[2].stop - _CROP[2].start)
_ORIGIN = tuple(corner + crop.start for corner, crop in zip((-98.0, -134.0, -72.0), _CROP, strict=True))
_KINDS = ("t1", "t2", "t2star", "pd")


def load_reference(field: float = 3.0, progress: Progress = lambda _what: None) -> Subject:
    """The built-in brain at a field strength of ``physics.FIELDS`` (T); memory-mapped from a cache after the first time."""
    if field not in FIELDS:
        raise InputError(f"The built-in brain is known at {', '.join(f'{f:g}' for f in FIELDS)} T, not at {field:g} T.")
    arrays = _cached(field) or _made(field, progress)
    maps = TissueMaps(arrays["pd"], arrays["t1"], arrays["t2"], Grid(_SHAPE, _affine(), codes=(2, 0)), arrays["t2star"])
    how = f"literature values at {field:g} T mixed by tissue fraction"
    sources = tuple(
        MapSource(kind, None, kind.upper().replace("STAR", "*"), "fraction" if kind == "pd" else "s", how) for kind in _KINDS
    )
    return Subject(
        NAME,
        maps,
        record="No clinical attributes: this is the average anatomy of 152 adults, not a person.",
        sources=sources,
        description=f"ICBM152 average anatomy of 152 adults, {how}",
        field=field,
        literature=True,
    )


def mix(fractions: Mapping[str, Floats], field: float) -> dict[str, Floats]:
    """Maps of voxels that hold several tissues. ``fractions`` by tissue name, arrays of one shape, sum at most 1.

    The mixing rule: water adds up, PD = sum f PD; T1 is the mean of the times, T2 and T2* are those of the mean rates, each
    weighted by water. No single T1 and T2 gives the sum of two signals; of the nine rules made of arithmetic, logarithmic and
    rate means this one is closest to that sum over the presets (``tests/benchmarks/mixing.py``): averaging the rates of T1 too
    draws bright rims around the ventricles of a FLAIR image. Where there is no tissue, everything is 0.
    """
    tissues = {name: (f, TISSUES[name].pd, TISSUES[name].at[field]) for name, f in fractions.items()}
    pd = _sum(f * np.float32(water) for f, water, _at in tissues.values())
    times = _sum(f * np.float32(water * at.t1) for f, water, at in tissues.values())
    rates = {k: _sum(f * np.float32(water / getattr(at, k)) for f, water, at in tissues.values()) for k in ("t2", "t2star")}
    return {
        "pd": pd,
        "t1": np.divide(times, pd, out=np.zeros_like(pd), where=pd > 0),
        **{kind: np.divide(pd, rate, out=np.zeros_like(pd), where=rate > 0) for kind, rate in rates.items()},
    }


def _sum(parts: Iterable[Floats]) -> Floats:
    return np.asarray(np.sum(list(parts), axis=0), np.float32)


def fractions_of(wm: Floats, gm: Floats, mask: NDArray[np.bool_]) -> dict[str, Floats]:
    """Tissue fractions from the templates' probabilities: what is neither grey nor white inside the mask is CSF.

    The templates are smooth because 152 people were averaged, not because a voxel of one person holds so many tissues; their
    squares, renormalised, are about as crisp as one person's partial volumes at 1 mm.
    """
    solid = np.maximum(wm + gm, 1)  # the two overlap by up to one grey level of 255
    wm, gm = wm / solid, gm / solid
    squares = {"wm": wm**2, "gm": gm**2, "csf": np.maximum(1 - wm - gm, 0) ** 2}
    total = _sum(squares.values())
    return {name: np.where(mask, square / total, 0).astype(np.float32) for name, square in squares.items()}


def _made(field: float, progress: Progress) -> dict[str, Floats]:
    progress("preparing the built-in brain (first start only)")
    wm, gm, mask, _affine = template()
    arrays = mix(fractions_of(wm, gm, mask), field)
    _keep(arrays, field)
    return arrays


def template() -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.float64]]:
    """The templates as they are: probability of white and of grey matter, the mask of the brain, and the affine (mm)."""
    wm, gm, mask = (_template(name) for name in ("wm", "gm", "t1"))
    return wm, gm, mask > 0, _affine()


def template_intensity() -> tuple[Floats, NDArray[np.float64]]:
    """The templates with the intensities of a T1w image, for registration, and the affine (mm)."""
    wm, gm, mask, affine = template()
    fluid = np.where(mask, np.maximum(1 - wm - gm, 0), 0)
    return (wm + 0.6 * gm + 0.15 * fluid).astype(np.float32), affine


def _template(name: str) -> Floats:
    import nibabel

    path = _nilearn_data() / _TEMPLATE.format(name)
    return np.asarray(nibabel.load(path).dataobj[_CROP], np.float32) / np.float32(255)


def _affine() -> NDArray[np.float64]:
    affine = np.eye(4)
    affine[:3, 3] = _ORIGIN
    return affine


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
