"""How a region is drawn on a plane: smooth where it is a shape, along the voxels' edges where it is a set of them."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.measure.masks import Mask, RoiMasks, flat, keep, roi_masks
from mriexplorer.render.scene import Scene
from mriexplorer.render.slices import SliceGeometry
from mriexplorer.subject.tissue_maps import Millimetres, Voxel
from mriexplorer.view.plane import Plane
from mriexplorer.view.region import Region

Points = NDArray[np.float64]
_CORNERS = 72  # of an ellipse


@dataclass(frozen=True, eq=False)
class Outline:
    """Strokes in (column, row) of a plane, each of shape (n, 2); ``tag`` is their topmost place."""

    strokes: tuple[Points, ...]

    @property
    def tag(self) -> tuple[float, float]:
        """Where the name stands."""
        every = np.concatenate(self.strokes)
        column, row = every[np.argmin(every[:, 1])]
        return float(column), float(row)

    def away(self, place: tuple[float, float], spacing: tuple[float, float]) -> float:
        """Millimetres from a (column, row) to the nearest stroke."""
        at = np.array(place) * spacing
        return min(_to_stroke(stroke * spacing, at) for stroke in self.strokes)


def roi_outlines(scene: Scene) -> "Outlines":
    """The outlines of a scene's regions, found once."""
    return scene.derived(_outlines_of)


def _outlines_of(scene: Scene) -> "Outlines":
    return Outlines(roi_masks(scene))


class Outlines:
    """The outlines of a subject's regions; the same object as long as region and plane stay."""

    def __init__(self, masks: RoiMasks) -> None:
        self._masks = masks
        self._made: OrderedDict[tuple[Region, str, int, bool], Outline | None] = OrderedDict()

    def of(self, region: Region, geometry: SliceGeometry, at: Voxel) -> Outline | None:
        """The outline of a region on the plane through ``at``; None where nothing of it lies there."""
        key = (region.place, geometry.plane.name, at[geometry.plane.normal], geometry.mirrored)
        if key not in self._made:
            self._made[key] = self._outline(region, geometry, at[geometry.plane.normal])
        keep(self._made, key)
        return self._made[key]

    def _outline(self, region: Region, geometry: SliceGeometry, index: int) -> Outline | None:
        mask = self._masks.mask(region, geometry.plane, index)
        if mask is None:
            return None
        if region.kind == "ellipse":
            return Outline((on_screen(geometry, _ellipse(geometry, region)),))
        if region.kind == "polygon":
            corners = flat(geometry.grid, geometry.plane, region.points)
            return Outline((on_screen(geometry, np.concatenate([corners, corners[:1]])),))
        return Outline(tuple(on_screen(geometry, stroke) for stroke in edges(mask))) if mask.any() else None


def on_screen(geometry: SliceGeometry, places: Points) -> Points:
    """Voxels across and up as columns and rows of a plane, shape (n, 2)."""
    rows, columns = geometry.shape
    column = places[:, 0] + 0.5
    return np.stack([columns - column if geometry.mirrored else column, rows - places[:, 1] - 0.5], axis=1)


def open_path(geometry: SliceGeometry, points: tuple[Millimetres, ...]) -> Points:
    """Points in millimetres as columns and rows."""
    return on_screen(geometry, flat(geometry.grid, geometry.plane, points))


def edges(mask: Mask) -> list[Points]:
    """The border of a mask, of shape (across, up), as straight runs along the edges of voxels."""
    padded = np.pad(mask, 1)
    over = _runs(padded[1:-1, 1:] != padded[1:-1, :-1])
    beside = _runs((padded[1:, 1:-1] != padded[:-1, 1:-1]).T)
    level = [np.array([[start - 0.5, at - 0.5], [end - 0.5, at - 0.5]]) for at, start, end in over]
    upright = [np.array([[at - 0.5, start - 0.5], [at - 0.5, end - 0.5]]) for at, start, end in beside]
    return level + upright


def _runs(border: Mask) -> list[tuple[int, int, int]]:
    """Runs along the first axis: (place on the second axis, start, end)."""
    steps = np.diff(np.pad(border.astype(np.int8), ((1, 1), (0, 0))), axis=0).T
    starts, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return [(int(at), int(start), int(end)) for (at, start), (_same, end) in zip(starts, ends, strict=True)]


def _ellipse(geometry: SliceGeometry, region: Region) -> Points:
    plane: Plane = geometry.plane
    centre = flat(geometry.grid, plane, region.points)[0]
    turn = np.linspace(0, 2 * np.pi, _CORNERS + 1)
    radii = np.array(region.radii) / (geometry.grid.spacing[plane.across], geometry.grid.spacing[plane.up])
    return np.asarray(centre + np.stack([np.cos(turn), np.sin(turn)], axis=1) * radii)


def _to_stroke(points: Points, at: Points) -> float:
    """The distance of a place from a stroke."""
    start, along = points[:-1], np.diff(points, axis=0)
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((at - start) * along).sum(axis=1) / length, 0, 1)
    nearest = start + along * share[:, None]
    return float(np.sqrt(((nearest - at) ** 2).sum(axis=1).min()))
