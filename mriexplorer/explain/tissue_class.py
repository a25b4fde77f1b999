"""What tissue a voxel is most like, and where in a subject a tissue is."""

from dataclasses import dataclass
from math import exp, hypot, log
from typing import Any

import numpy as np

from mriexplorer.explain.curves import Substance, tissue
from mriexplorer.render.scene import Scene
from mriexplorer.subject.tissue_maps import Box, Millimetres, TissueMaps

# Deep grey matter is grey matter here: its relaxation times lie within those of cortex and of a border with white matter.
TISSUE_CLASSES = ("wm", "gm", "csf", "fat", "lesion", "muscle", "blood", "marrow")
SPOKEN = {"wm": "white matter", "gm": "grey matter", "csf": "CSF", "fat": "fat", "lesion": "a white-matter lesion",
          "muscle": "muscle", "blood": "blood at rest", "marrow": "bone marrow"}  # fmt: skip
_MIXED = (("wm", "gm"), ("gm", "csf"), ("wm", "csf"))  # that share borders
_SURE, _LIKELY = 0.12, 0.35  # distances: a tenth, a third of T1
_PURE = 0.03  # what is as good as the literature itself
_OF_T2, _OF_PD = 0.5, 0.7  # what a share of T2 or PD counts beside one of T1
_SAME_PLACE = 1.3  # times the least distance: as good as the best


@dataclass(frozen=True)
class TissueClass:
    """The nearest tissue of the literature (or two where the voxel lies between them), and how sure that is."""

    names: tuple[str, ...]
    sure: str  # "clearly", "probably", "unlike"
    words: str


def tissue_class_of(here: Substance, field: float | None) -> TissueClass:
    """The tissue that a voxel is most like by PD, T1 and T2 at a field strength."""
    known = {name: tissue(name, field) for name in TISSUE_CLASSES}
    far = {name: _distance(here, one) for name, one in known.items()}
    name = min(far, key=lambda n: far[n])
    if far[name] <= _SURE:
        return TissueClass((name,), "clearly", f"This is {SPOKEN[name]}")
    between = next((pair for pair in _MIXED if _lies_between(here, known[pair[0]], known[pair[1]])), None)
    if between is not None:
        first, second = (SPOKEN[n] for n in between)
        return TissueClass(between, "probably", f"This lies between {first} and {second}: a border, or deep grey matter"
                    if between == ("wm", "gm") else f"This lies between {first} and {second}: a border")  # fmt: skip
    if far[name] <= _LIKELY:
        return TissueClass((name,), "probably", f"This is probably {SPOKEN[name]}")
    return TissueClass((name,), "unlike", f"This is unlike any tissue of the table; {SPOKEN[name]} comes closest")


def _distance(here: Substance, other: Substance) -> float:
    by_pd = _OF_PD * log(here.pd / other.pd)
    return hypot(log(here.t1 / other.t1), _OF_T2 * log(here.t2 / other.t2), by_pd)


def _lies_between(here: Substance, low: Substance, high: Substance) -> bool:
    """Whether T1 and T2 both lie between those of two tissues."""
    slack = exp(_SURE)
    t1, t2 = ((getattr(low, n) / slack, getattr(here, n), getattr(high, n) * slack) for n in ("t1", "t2"))
    return bool(t1[0] <= t1[1] <= t1[2] and t2[0] <= t2[1] <= t2[2])


def place_of(scene: Scene, name: str) -> Millimetres:
    """A voxel that is most like a tissue, with its neighbours like it too, near the middle of the head."""
    maps = scene.subject.maps
    wanted = tissue(name, scene.subject.field)
    middle = np.array(maps.grid.to_voxel(scene.middle))
    x, y, z = (slice(max(at - n // 4, 0), at + n // 4) for at, n in zip(middle, maps.grid.shape, strict=True))
    near = (x, y, z)
    far = _far(maps, wanted, near)
    if far.size == 0 or far.min() > _SURE:
        near = (slice(0, None), slice(0, None), slice(0, None))
        far = _far(maps, wanted, near)
    good = np.argwhere(far <= max(_PURE, _SAME_PLACE * float(far.min()))) + [part.start for part in near]
    i, j, k = good[np.argmin(((good - middle) ** 2).sum(axis=1))]
    return maps.grid.to_mm((int(i), int(j), int(k)))


def _far(maps: TissueMaps, wanted: Substance, where: Box) -> Any:
    """How far each voxel of a box, and the worst of its neighbours there, is from a tissue."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = ((maps.t1, wanted.t1, 1.0), (maps.t2, wanted.t2, _OF_T2), (maps.pd, wanted.pd, _OF_PD))
        off = sum((weight * np.log(np.asarray(values[where]) / np.float32(value))) ** 2 for values, value, weight in parts)
    return _worst_of_neighbours(np.sqrt(np.where(np.isfinite(off), off, np.float32(np.inf))))


def _worst_of_neighbours(far: Any) -> Any:
    """The largest value among each voxel and its six neighbours; voxels at the border count as outside."""
    worst = np.full_like(far, np.inf)
    inside = (slice(1, -1),) * 3
    found = far[inside].copy()
    for axis in range(3):
        for by in (slice(None, -2), slice(2, None)):
            where = list(inside)
            where[axis] = by
            np.maximum(found, far[tuple(where)], out=found)
    worst[inside] = found
    return worst
