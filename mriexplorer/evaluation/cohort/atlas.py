"""An atlas of the brain's regions in the standard frame: lobes, cerebellum, brainstem, deep grey structures, ventricles, by side.

Deep structures and the brainstem are what most of several heads of the shipped model of cortical folding have there: they lie in
the template's shape; left and right are averaged, so that no asymmetry comes from the atlas. Ventricles are those of the ICBM152
template. Lobes and cerebellum are parted by planes through landmarks in MNI coordinates (mm, x from the midline):

    central sulcus          y = -36 at z = 74 (vertex), -24 at z = 58 (hand knob), -4 at z = 14 (lower end): a straight line
    lateral fissure         z = -10 at y = 14 (front end), 20 at y = -36 (back end), level behind
    parieto-occipital       at the midline y = -58 at z = 8, -80 at z = 42; on the outside from there to the preoccipital
    sulcus                  notch, y = -66 at z = -15
    skull base              within 14 mm of the midline, y from -50 to 8, below z = 2: cisterns, of no lobe
    insula                  30 to 43 mm from the midline, y from -22 to 24, z from -14 to 18
    tentorium               a surface of second degree between cerebrum and cerebellum

Landmarks as in the atlases of Talairach and Tournoux (1988) and Ono, Kubik and Abernathey (1990); each sulcus wanders by
some 10 mm between people, so a lobe is a place, not a finding. The tentorium was fitted to six label maps of heads (SynthSeg,
Billot 2023) in the template's shape.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mriexplorer.files import write_beside
from mriexplorer.generative.folding.model import FoldingModel, load_folding
from mriexplorer.generative.folding.structures import BOX, FACTOR, STRUCTURES
from mriexplorer.places import FOLDING, cache_folder, models
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, prepare
from mriexplorer.simulation.demons import axes_of
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import Vectors, exponential, interpolated
from mriexplorer.subject.reference import template
from mriexplorer.subject.tissue_maps import Floats, Grid

LOBES = ("frontal", "parietal", "temporal", "occipital", "insula")
DEEP = ("thalamus", "caudate", "putamen", "pallidum", "hippocampus", "amygdala")
SIDES = ("left", "right")
BRAINSTEM = "brainstem"
OUTSIDE = "outside"
_PAIRED = (*LOBES, "cerebellum", *DEEP, "ventricle")
_DECODED = (*DEEP, BRAINSTEM)  # by the model of cortical folding
_CORNERS = np.array([[-44.0, -60.0, -72.0], [44.0, 28.0, 28.0]])  # mm, well around the deep structures and the brainstem
_EVERY = 2  # of the model's heads one in so many is decoded; mirrored, each is two
_AROUND = 12.0  # mm beyond the template's brain that still belong to a region, for brains that reach further
_MIDDLE = 4.0  # mm from the midline, within which ventricle is the third
_FOURTH = -14.0  # mm, upper end of the fourth ventricle and the aqueduct, which lie in the midline
_RECIPE = 2  # raised whenever the atlas changes, so that no old cache is read


@dataclass(frozen=True, eq=False)
class Atlas:
    """``codes`` (x, y, z) on a grid of ``person.grid_of`` at 2 mm or 1 mm; ``names`` by code, the first is outside.

    A region of both sides is called ``left thalamus`` and ``right thalamus``; left is where x (mm, to the right) is below 0.
    """

    codes: NDArray[np.uint8]
    names: tuple[str, ...]

    def code(self, name: str) -> int:
        """The number of a region. Raises ValueError for what is none."""
        return self.names.index(name)

    def mask(self, *regions: str) -> NDArray[np.bool_]:
        """Where any of the regions is; one without a side means both."""
        chosen = [code for code, name in enumerate(self.names) if name in regions or name.split(" ", 1)[-1] in regions]
        table = np.zeros(256, bool)
        table[chosen] = True
        return table[self.codes]

    @property
    def edge(self) -> float:
        """Millimetres of a voxel."""
        return float(grid_of(1).shape[0] / self.codes.shape[0])

    def at(self, voxel: int) -> "Atlas":
        """The same on voxels of 1 or 2 mm."""
        if round(self.edge) == voxel:
            return self
        if voxel == 2:
            return Atlas(np.ascontiguousarray(self.codes[::2, ::2, ::2]), self.names)
        fine = self.codes
        for axis in range(3):
            fine = fine.repeat(2, axis)
        return Atlas(fine, self.names)


@lru_cache(maxsize=1)
def regions() -> Atlas:
    """The atlas on the grid of 2 mm, from the cache after the first time (which takes some seconds)."""
    names = (OUTSIDE, *(f"{side} {name}" for name in _PAIRED for side in SIDES), BRAINSTEM)
    kept = cache_folder() / f"regions-{_identity()}.npy"
    codes = _kept(kept)
    if codes is None:
        codes = _made(names)
        _keep(kept, codes)
    return Atlas(codes, names)


def warped(atlas: Atlas, velocity: Vectors) -> Atlas:
    """The atlas (2 mm) in the shape of a person, whose ``velocity`` is that of ``demons.register_demons``: backwards, mm."""
    grid = grid_of(2)
    axes = axes_of(grid)
    moved = interpolated(exponential(velocity), axes)
    places = np.rint(moved / np.float32(2)).astype(np.int32)
    for axis, size in enumerate(grid.shape):
        own = np.arange(size, dtype=np.int32).reshape([-1 if a == axis else 1 for a in range(3)])
        places[axis] = np.clip(places[axis] + own, 0, size - 1)
    return Atlas(atlas.at(2).codes[tuple(places)], atlas.names)


# -- making ----------------------------------------------------------------------------------------------------


def _made(names: tuple[str, ...]) -> NDArray[np.uint8]:
    grid = grid_of(2)
    x, y, z = _millimetres(grid)
    codes = np.zeros(grid.shape, np.uint8)
    named = {**_lobes(np.abs(x), y, z), "ventricle": _ventricles(np.abs(x), z)} | _decoded()
    for name, inside in named.items():
        if name in (OUTSIDE, BRAINSTEM):
            codes[inside] = names.index(name)
            continue
        for side, there in zip(SIDES, (x < 0, x > 0), strict=True):
            codes[inside & there] = names.index(f"{side} {name}")
    return np.where(_near_brain(grid), codes, 0).astype(np.uint8)


def _millimetres(grid: Grid) -> list[Floats]:
    """x, y, z of every voxel, as arrays that broadcast to the grid's shape."""
    return [axis.astype(np.float32).reshape([-1 if a == n else 1 for a in range(3)]) for n, axis in enumerate(axes_of(grid))]


def _lobes(x: Floats, y: Floats, z: Floats) -> dict[str, NDArray[np.bool_]]:
    """Every place belongs to a lobe or to the cerebellum; ``x`` is the distance from the midline."""
    everywhere = np.ones(np.broadcast_shapes(x.shape, y.shape, z.shape), bool)
    fissure = np.where(y > -36, -10 + 0.6 * (14 - y), 20 + (y + 36) * 0.2)
    temporal = (z < fissure) & (y < 22) & ((x > 25) | (y < 8)) & (x > 12)
    high = np.maximum(z, 0)  # below, borders go straight down
    inner, outer = -58 - 0.647 * (high - 8), -66 - 0.25 * (z + 15)
    occipital = y < inner + (outer - inner) * np.clip((x - 10) / 30, 0, 1)
    frontal = y > -4 - 0.533 * (high - 14)
    insula = (x > 30) & (x < 43) & (y > -22) & (y < 24) & (z > -14) & (z < 18)
    base = (x < 14) & (z < 2) & (y > -50) & (y < np.where(z < -22, 22, 8))
    lobes = {"parietal": everywhere, "frontal": frontal, "temporal": temporal, "occipital": occipital, "insula": insula}
    lobes |= {OUTSIDE: base}
    return {name: everywhere & there for name, there in lobes.items()} | {"cerebellum": everywhere & _below_tentorium(x, y, z)}


def _below_tentorium(x: Floats, y: Floats, z: Floats) -> NDArray[np.bool_]:
    """True of 99 % of the voxels of cerebrum and cerebellum behind y = -25 in six heads that were brought to the template."""
    u, v = x / 10, (y + 60) / 10
    surface = -3.3 - 7.0 * u + 2.3 * v + 0.60 * u**2 - 1.18 * u * v - 0.90 * v**2
    return np.asarray((y < -22) & (z < surface))


def _ventricles(x: Floats, z: Floats) -> NDArray[np.bool_]:
    """The lateral ventricles of the template."""
    from scipy.ndimage import affine_transform

    grid = grid_of(2)
    corner = (grid.affine[:3, 3] - FRAME_ORIGIN) / 2
    inside = affine_transform(prepare(None).ventricles, np.eye(3), corner, grid.shape, order=1) > 0.5
    middle = (x < _MIDDLE) & (z < 8)
    return np.asarray(inside & ~middle & (z > _FOURTH))


def template_brain(grid: Grid) -> NDArray[np.bool_]:
    """Where the template's brain is on a grid in the standard frame."""
    from scipy.ndimage import affine_transform

    _wm, _gm, mask, affine = template()
    step = np.linalg.inv(affine) @ grid.affine
    return np.asarray(affine_transform(mask.astype(np.float32), step[:3, :3], step[:3, 3], grid.shape, order=1) > 0.5)


def _near_brain(grid: Grid) -> NDArray[np.bool_]:
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(~template_brain(grid), 2.0) < _AROUND)


def _decoded() -> dict[str, NDArray[np.bool_]]:
    """Where most heads of the model of cortical folding have each deep structure, or the brainstem."""
    mean, first = _mean_presence(load_folding(models() / FOLDING))
    grid = grid_of(2)
    start = np.rint((BOX.affine[:3, 3] + first - grid.affine[:3, 3]) / 2 + 0.25).astype(int)  # the first voxel of 2 mm inside
    offset = np.rint(grid.affine[:3, 3] + 2 * start - BOX.affine[:3, 3] - first).astype(int)
    some = mean[(slice(None), *(slice(o, None, 2) for o in offset))]
    at = tuple(slice(s, s + n) for s, n in zip(start, some.shape[1:], strict=True))
    whole = np.zeros((len(some), *grid.shape), np.float32)
    whole[(slice(None), *at)] = some
    even = whole + whole[:, ::-1]
    most = even.argmax(0)
    return {name: (most == STRUCTURES.index(name)) & (even.max(0) > 0) for name in _DECODED}


@torch.no_grad()
def _mean_presence(model: FoldingModel) -> tuple[Floats, NDArray[np.int64]]:
    """Mean presence of each structure over heads (structures, x, y, z) in a part of ``BOX``, and the part's first voxel."""
    first, last = (np.rint((corner - BOX.affine[:3, 3]) / FACTOR).astype(int) for corner in _CORNERS)
    x, y, z = (slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
    chosen = model.codes[::_EVERY, :, x, y, z]
    total = np.zeros((), np.float32)
    for codes in chosen:
        total = total + torch.softmax(model.network.decode(codes[None])[0].float(), 0).numpy()
    return total / np.float32(len(chosen)), FACTOR * first


# -- keeping ---------------------------------------------------------------------------------------------------


def _identity() -> str:
    """Names what the atlas is made of."""
    config = (models() / FOLDING / "config.json").read_bytes()
    return hashlib.sha256(config + json.dumps([_RECIPE, prepare(None).identity]).encode()).hexdigest()[:12]


def _kept(path: Path) -> NDArray[np.uint8] | None:
    """What was kept, where it is whole."""
    try:
        codes = np.load(path, allow_pickle=False)
    except (OSError, ValueError):
        return None
    return codes if codes.shape == grid_of(2).shape and codes.dtype == np.uint8 else None


def _keep(path: Path, codes: NDArray[np.uint8]) -> None:
    """Where nothing can be kept, the atlas is made again."""
    with suppress(OSError):
        write_beside(path, lambda beside: np.save(beside, codes))
