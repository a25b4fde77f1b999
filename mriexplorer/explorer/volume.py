"""What 3-D draws: tissue as a texture that no slider changes, and everything else as a few numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mriexplorer.explorer.camera import Rays, Vector, rays
from mriexplorer.explorer.scene import Scene
from mriexplorer.explorer.state import State, Window
from mriexplorer.physics import Sequence
from mriexplorer.subject.tissue_maps import Box, Floats, TissueMaps

Decay = Literal["t2", "t2star"]

_MARGIN = 2  # voxels of air around the tissue, so that every ray begins in air
_MOST = 24_000_000  # voxels of a texture: 384 MB
_NORMALS: Mapping[str, tuple[int, ...]] = {"axial": (2,), "coronal": (1,), "sagittal": (0,), "octant": (0, 1, 2)}


@dataclass(frozen=True)
class Texture:
    """Tissue for a graphics card: ``voxels`` (z, y, x, 4) of PD, 1/T1, 1/T2 or 1/T2* (1/s), and the way to tissue in voxels.

    ``affine`` (4, 4) maps its voxels to millimetres; ``stride`` is how many voxels of the maps are one of the texture.
    """

    voxels: Floats
    affine: NDArray[np.float64]
    stride: int
    decay: Decay

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y, z."""
        z, y, x, _channels = self.voxels.shape
        return x, y, z

    @property
    def extent(self) -> Vector:
        """Edges of the box in millimetres."""
        return np.asarray(np.linalg.norm(self.affine[:3, :3], axis=0) * self.shape)

    @property
    def centre(self) -> Vector:
        """Its middle in millimetres."""
        return np.asarray(self.affine[:3, :3] @ ((np.array(self.shape) - 1) / 2) + self.affine[:3, 3])


def texture(maps: TissueMaps, decay: Decay) -> Texture:
    """Tissue maps as a texture, cut to the tissue. Large volumes are thinned to every second voxel, or fewer.

    Rates of tissue are carried over into the first voxel of air, whose PD is 0: an interpolated rate is then that of the tissue.
    """
    box, stride = _box(maps.valid)
    part = tuple(slice(one.start, one.stop, stride) for one in box)
    valid = np.pad(maps.valid[part], _MARGIN)
    voxels = np.zeros((*valid.shape, 4), np.float32)
    voxels[..., 0] = np.where(valid, np.pad(maps.pd[part], _MARGIN), 0)
    voxels[..., 1] = _rate(np.pad(maps.t1[part], _MARGIN), valid)
    voxels[..., 2] = _rate(np.pad(_decay_map(maps, decay)[part], _MARGIN), valid)
    voxels[..., 3] = _way_to(valid)
    affine = maps.grid.affine.copy()
    affine[:3, :3] *= stride
    affine[:3, 3] = maps.grid.to_mm((box[0].start, box[1].start, box[2].start)) - affine[:3, :3] @ np.full(3, _MARGIN)
    return Texture(np.ascontiguousarray(voxels.transpose(2, 1, 0, 3)), affine, stride, decay)


def _box(valid: NDArray[np.bool_]) -> tuple[Box, int]:
    """The box of all that is valid (everything, where nothing is), and how it must be thinned."""
    sides = [np.flatnonzero(valid.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    ends = [(int(side[0]), int(side[-1]) + 1) if side.size else (0, n) for side, n in zip(sides, valid.shape, strict=True)]
    count = np.prod([stop - start for start, stop in ends], dtype=float)
    x, y, z = (slice(*one) for one in ends)
    return (x, y, z), max(1, int(np.ceil((count / _MOST) ** (1 / 3))))


def _decay_map(maps: TissueMaps, decay: Decay) -> Floats:
    """T2, or T2* where it is known."""
    return maps.t2 if decay == "t2" else np.where(maps.decay_star > 0, maps.decay_star, maps.t2)


def _rate(times: Floats, valid: NDArray[np.bool_]) -> Floats:
    from scipy.ndimage import uniform_filter

    rates = np.zeros_like(times)
    np.divide(1, times, out=rates, where=valid)
    share = uniform_filter(valid.astype(np.float32), 3)
    border = ~valid & (share > 0.01)
    rates[border] = uniform_filter(rates, 3)[border] / share[border]
    return rates


def _way_to(valid: NDArray[np.bool_]) -> Floats:
    """How many voxels away the next tissue is, for rays to leap through air."""
    from scipy.ndimage import distance_transform_cdt

    return np.asarray(distance_transform_cdt(~valid, "chessboard"), np.float32)


@dataclass(frozen=True)
class Shot:
    """All that a frame depends on, beside the texture and the number of pixels.

    ``cuts`` are directions in millimetres: tissue is taken away where a place, seen from ``cross``, lies on the side of all of
    them. ``right`` and ``top`` are the screen's.
    """

    row: Sequence
    values: Mapping[str, float]
    window: Window
    signed: bool
    preset: str
    rays: Rays
    right: Vector
    top: Vector
    cross: Vector
    cuts: tuple[Vector, ...] = ()


def shot(scene: Scene, state: State, shape: Texture, aspect: float) -> Shot:
    """The frame of a state: always the signal, in the window of the signal. ``aspect`` is width by height."""
    cast = rays(state.camera, shape.centre, float(np.linalg.norm(shape.extent)), aspect)
    cross = np.asarray(state.cursor or scene.middle)
    right, top, _ahead = state.camera.axes
    signed = not state.magnitude or bool(getattr(state.row, "signed", False))  # of rows whose image has a sign of its own
    window = replace(state, view="signal").window()
    cuts = _cuts(scene.subject.maps, state.volume_clip, cast.eye - cross) if state.volume_preset == "cut" else ()
    return Shot(state.row, state.protocol, window, signed, state.volume_preset, cast, right, top, cross, cuts)


def _cuts(maps: TissueMaps, clip: str, to_eye: Vector) -> tuple[Vector, ...]:
    """Directions of what is taken away: always what is between the crosshair's planes and the viewer."""
    axes = np.linalg.inv(maps.grid.affine[:3, :3])  # rows are normal to the planes
    normals = [axes[axis] / np.linalg.norm(axes[axis]) for axis in _NORMALS[clip]]
    return tuple(normal if normal @ to_eye >= 0 else -normal for normal in normals)
