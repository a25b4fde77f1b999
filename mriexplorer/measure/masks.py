"""Which voxels of a subject a region holds: a voxel whose centre lies in it and that has tissue."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.measure.profile import Course, course, fractional
from mriexplorer.measure.summary import Summary, summary
from mriexplorer.measure.tissue_classes import members, nearest
from mriexplorer.physics.best import Sample
from mriexplorer.physics.lookup import LookUp, Voxels
from mriexplorer.render.imaging import Imaging, VoxelNoise
from mriexplorer.render.scene import Scene
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Grid, Millimetres, Voxel
from mriexplorer.view.plane import PLANES, Plane
from mriexplorer.view.region import Line, Region

Mask = NDArray[np.bool_]
_KEPT = 48  # regions
_MOST_LIVE = 100_000  # voxels that a slider waits for
_PARTS = (4, 3)  # by T1 and by T2, of a region's samples


@dataclass(frozen=True, eq=False)
class RoiVoxels:
    """A region's voxels with tissue and their ``places`` in the volume, shape (n,); ``inside`` counts those without, too."""

    voxels: Voxels
    places: NDArray[np.int32]
    inside: int

    @cached_property
    def few(self) -> Voxels:
        """At most 100 000 of them, evenly spread."""
        return _every(self._step, self.voxels)

    @property
    def _step(self) -> int:
        return max(1, -(-self.count // _MOST_LIVE))

    @cached_property
    def _drawn(self) -> VoxelNoise:
        return VoxelNoise(self.places[:: self._step])

    def signal(self, imaging: Imaging | None, *, exact: bool) -> NDArray[np.float32] | None:
        """Signal of the voxels, or, unless ``exact``, of the few, with its noise; None where there is no image."""
        if imaging is None:
            return None
        return (
            imaging.signal(self.voxels, VoxelNoise(self.places))
            if exact and self.sampled
            else imaging.signal(self.few, self._drawn)
        )

    @property
    def count(self) -> int:
        """Voxels with tissue."""
        return int(self.voxels.pd.size)

    @cached_property
    def maps(self) -> tuple[Summary, Summary, Summary]:
        """T1, T2 and PD in summary; sliders do not change them."""
        return summary(self.voxels.t1), summary(self.voxels.t2), summary(self.voxels.pd)

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """A few samples whose mean signal is that of the voxels, near enough to search a protocol."""
        return tuple(_samples(self.few))

    @property
    def sampled(self) -> bool:
        """Whether ``few`` are not all."""
        return self._step > 1


def roi_masks(scene: Scene) -> "RoiMasks":
    """The regions of a scene's subject, found once."""
    return scene.derived(_masks_of)


def _masks_of(scene: Scene) -> "RoiMasks":
    return RoiMasks(scene.subject)


def slice_of(grid: Grid, plane: Plane, mm: Millimetres) -> int | None:
    """The slice of a plane through a place; None outside of the grid."""
    index = round(float(fractional(grid, mm)[plane.normal]))
    return index if 0 <= index < grid.shape[plane.normal] else None


def lies_in(grid: Grid, plane: Plane, mm: Millimetres, at: Voxel) -> bool:
    """Whether a place lies in the slice through ``at``."""
    return slice_of(grid, plane, mm) == at[plane.normal]


def flat(grid: Grid, plane: Plane, points: tuple[Millimetres, ...]) -> NDArray[np.float64]:
    """Points in a plane, in voxels across and up, shape (n, 2)."""
    return fractional(grid, points)[:, [plane.across, plane.up]]


def in_slice(volume: NDArray[Any], plane: Plane, index: int) -> NDArray[Any]:
    """A slice of a volume, shape (across, up)."""
    return np.asarray(volume.take(index, axis=plane.normal))


class RoiMasks:
    """The regions of one subject. What a region holds is found once; sliders only compute its signal."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._course: tuple[Line, Course] | None = None
        self._found: OrderedDict[Region, RoiVoxels] = OrderedDict()
        self._masks: OrderedDict[tuple[Region, str, int], Mask | None] = OrderedDict()

    def voxels_of(self, region: Region) -> RoiVoxels:
        """The voxels of a region."""
        key = region.place
        if key not in self._found:
            self._found[key] = self._find(key)
        keep(self._found, key)
        return self._found[key]

    def mask(self, region: Region, plane: Plane, index: int) -> Mask | None:
        """Where a region lies in a slice, shape (across, up), tissue or not; None where it is not in that slice."""
        key = (region.place, plane.name, index)
        if key not in self._masks:
            self._masks[key] = self._mask(*key)
        keep(self._masks, key)
        return self._masks[key]

    def course(self, line: Line) -> Course:
        """The course of a line."""
        if self._course is None or self._course[0] != line:
            self._course = (line, course(self._subject.maps, line))
        return self._course[1]

    def _find(self, region: Region) -> RoiVoxels:
        maps = self._subject.maps
        if not region.plane:
            every = np.isin(self._tissues, members(region.tissue))
            return _roi_voxels(np.flatnonzero(every), [volume[every] for volume in (maps.pd, maps.t1, maps.t2, maps.decay_star)])
        plane = PLANES[region.plane]
        index = slice_of(maps.grid, plane, region.points[0])
        mask = self.mask(region, plane, index) if index is not None else None
        if index is None or mask is None:
            return _roi_voxels(np.zeros(0, np.intp), [np.zeros(0, np.float32)] * 4)
        at = np.zeros((3, int(mask.sum())), np.intp)
        at[plane.normal], at[[plane.across, plane.up]] = index, np.nonzero(mask)
        volumes = (maps.pd, maps.t1, maps.t2, maps.decay_star)
        places = np.asarray(np.ravel_multi_index(tuple(at), maps.grid.shape))
        return _roi_voxels(places, [in_slice(volume, plane, index)[mask] for volume in volumes])

    @cached_property
    def _tissues(self) -> NDArray[np.int8]:
        """The nearest tissue of each voxel of the head, -1 outside of it."""
        maps = self._subject.maps
        head = maps.head
        result = np.full(maps.grid.shape, -1, np.int8)
        result[head] = nearest(maps.pd[head], maps.t1[head], maps.t2[head], self._subject.field or 3.0)
        return result

    def _mask(self, region: Region, name: str, index: int) -> Mask | None:
        grid, plane = self._subject.maps.grid, PLANES[name]
        if region.plane and (region.plane != name or slice_of(grid, plane, region.points[0]) != index):
            return None
        if region.kind == "tissue":
            return np.isin(in_slice(self._tissues, plane, index), members(region.tissue))
        if region.kind == "threshold":
            return self._within(region, plane, index)
        points = flat(grid, plane, region.points)
        shape = grid.shape[plane.across], grid.shape[plane.up]
        spacing = grid.spacing[plane.across], grid.spacing[plane.up]
        if region.kind == "polygon":
            return polygon_mask(points, shape)
        if region.kind == "ellipse":
            return ellipse_mask(points[0], (region.radii[0] / spacing[0], region.radii[1] / spacing[1]), shape)
        return brush_mask(points, [(radius / spacing[0], radius / spacing[1]) for radius in region.radii], shape)

    def _within(self, region: Region, plane: Plane, index: int) -> Mask:
        maps = self._subject.maps
        pd, t1, t2, star = (in_slice(volume, plane, index) for volume in (maps.pd, maps.t1, maps.t2, maps.decay_star))
        fine = (pd > 0) & (t1 > 0) & (t2 > 0)
        voxels = Voxels.of(pd[fine], t1[fine], t2[fine], np.where(star > 0, star, t2)[fine])
        if region.protocol is not None:
            values = voxels.signal(LookUp.of(region.protocol, magnitude=region.magnitude))
        else:
            values = getattr(voxels, region.view)
        result = np.zeros(fine.shape, bool)
        result[fine] = (values >= region.limits[0]) & (values <= region.limits[1])
        return result


def keep(cache: "OrderedDict[Any, Any]", key: Any) -> None:
    """What was just asked for stays; what was not asked for longest is forgotten."""
    cache.move_to_end(key)
    if len(cache) > _KEPT:
        cache.popitem(last=False)


def _samples(voxels: Voxels) -> Iterator[Sample]:
    """Voxels parted evenly by T1, and each part by T2: the mean of every part, of times the one weighted by PD."""
    for part in np.array_split(np.argsort(voxels.t1, kind="stable"), _PARTS[0]):
        for few in np.array_split(part[np.argsort(voxels.t2[part], kind="stable")], _PARTS[1]):
            if few.size:
                pd = voxels.pd[few].astype(np.float64)
                t1, t2, star = (float(np.average(time[few], weights=pd)) for time in (voxels.t1, voxels.t2, voxels.t2star))
                yield Sample(float(pd.mean()), t1, t2, star, few.size / voxels.pd.size)


def _roi_voxels(places: NDArray[np.intp], maps: list[NDArray[np.float32]]) -> RoiVoxels:
    """What a region holds, from all voxels inside of it and their PD, T1, T2, T2*, shape (n,) each."""
    pd, t1, t2, star = maps
    fine = (pd > 0) & (t1 > 0) & (t2 > 0) & np.isfinite(pd) & np.isfinite(t1) & np.isfinite(t2)
    pd, t1, t2, star = pd[fine], t1[fine], t2[fine], star[fine]
    return RoiVoxels(Voxels.of(pd, t1, t2, np.where(star > 0, star, t2)), places[fine].astype(np.int32), places.size)


def _every(step: int, voxels: Voxels) -> Voxels:
    if step == 1:
        return voxels
    return Voxels(*(np.ascontiguousarray(getattr(voxels, field.name)[::step]) for field in fields(Voxels)))


def ellipse_mask(centre: NDArray[np.float64], radii: tuple[float, float], shape: tuple[int, int]) -> Mask:
    """Voxels whose centres lie in an ellipse; everything in voxels across and up."""
    across = ((np.arange(shape[0]) - centre[0]) / radii[0]) ** 2
    up = ((np.arange(shape[1]) - centre[1]) / radii[1]) ** 2
    return np.asarray(across[:, None] + up[None, :] <= 1)


def brush_mask(points: NDArray[np.float64], radii: list[tuple[float, float]], shape: tuple[int, int]) -> Mask:
    """Voxels whose centres lie under one of the dabs; the voxel under the middle of each is among them."""
    result = np.zeros(shape, bool)
    for point, reach in zip(points, radii, strict=True):
        near = tuple(
            slice(max(floor(at - far), 0), max(ceil(at + far) + 1, 0)) for at, far in zip(point.tolist(), reach, strict=True)
        )
        part = result[near]
        part |= ellipse_mask(point - [edge.start for edge in near], reach, (part.shape[0], part.shape[1]))
    middles = np.rint(points).astype(int)
    inside = middles[((middles >= 0) & (middles < shape)).all(axis=1)]
    result[inside[:, 0], inside[:, 1]] = True
    return result


def polygon_mask(corners: NDArray[np.float64], shape: tuple[int, int]) -> Mask:
    """Voxels whose centres lie in a polygon, by the even-odd rule: an odd number of its edges lie to one side."""
    across, up = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    result = np.zeros(shape, bool)
    for (a0, u0), (a1, u1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if u0 != u1:
            spans = (u0 <= up) != (u1 <= up)
            result ^= spans & (across < a0 + (up - u0) * (a1 - a0) / (u1 - u0))
    return result
