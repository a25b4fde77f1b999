"""What 3-D draws: tissue as a texture that no slider changes, and everything else as a few numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics import Protocol
from mriexplorer.render.scene import Scene
from mriexplorer.subject.tissue_maps import Box, Floats, TissueMaps
from mriexplorer.view.camera import Rays, Vector, rays
from mriexplorer.view.contrast import Window
from mriexplorer.view.state import State

Decay = Literal["t2", "t2star"]

_MARGIN = 2  # voxels of air around the tissue, so that every ray begins in air
_MOST = 24_000_000  # voxels of a texture: 384 MB
_NORMALS: Mapping[str, tuple[int, ...]] = {"axial": (2,), "coronal": (1,), "sagittal": (0,), "octant": (0, 1, 2)}


@dataclass(frozen=True)
class Texture:
    """Tissue for a graphics card: ``voxels`` (x, y, z, 4) of PD, 1/T1, 1/T2 or 1/T2* (1/s), and the way to tissue in voxels.

    ``affine`` (4, 4) maps its voxels to millimetres; ``stride`` is how many voxels of the maps are one of the texture.
    """

    voxels: Floats
    affine: NDArray[np.float64]
    stride: int
    decay: Decay

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y, z."""
        x, y, z, _channels = self.voxels.shape
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
    valid = maps.valid
    box, stride = _box(valid)
    part = tuple(slice(one.start, one.stop, stride) for one in box)
    valid = np.pad(valid[part], _MARGIN)
    voxels = np.zeros((*valid.shape, 4), np.float32)
    inner = (slice(_MARGIN, -_MARGIN),) * 3
    np.copyto(voxels[(*inner, 0)], maps.pd[part], where=valid[inner])
    np.divide(1, maps.t1[part], out=voxels[(*inner, 1)], where=valid[inner])
    np.divide(1, _decay_map(maps, decay)[part], out=voxels[(*inner, 2)], where=valid[inner])
    _carry_over(voxels, valid)
    voxels[..., 3] = _way_to(valid)
    affine = maps.grid.affine.copy()
    affine[:3, :3] *= stride
    affine[:3, 3] = maps.grid.to_mm((box[0].start, box[1].start, box[2].start)) - affine[:3, :3] @ np.full(3, _MARGIN)
    return Texture(voxels, affine, stride, decay)


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


def _carry_over(voxels: Floats, valid: NDArray[np.bool_]) -> None:
    """Give air beside tissue the mean rates of the tissue around it."""
    places = np.flatnonzero(_grown(valid) & ~valid)
    flat, known = voxels.reshape(-1, 4), valid.reshape(-1)
    rows, planes = valid.shape[2], valid.shape[1] * valid.shape[2]
    sums, counts = np.zeros((places.size, 2), np.float32), np.zeros((places.size, 1), np.float32)
    for step in np.ndindex(3, 3, 3):
        beside = places + (step[0] - 1) * planes + (step[1] - 1) * rows + step[2] - 1
        sums += flat[beside, 1:3]
        counts += known[beside, None]
    flat[places, 1:3] = sums / counts


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask with the 26 neighbours of its voxels."""
    for axis in range(3):
        lower = (slice(None),) * axis + (slice(None, -1),)
        upper = (slice(None),) * axis + (slice(1, None),)
        grown = mask.copy()
        grown[lower] |= mask[upper]
        grown[upper] |= mask[lower]
        mask = grown
    return mask


def _way_to(valid: NDArray[np.bool_]) -> Floats:
    """How many voxels away the next tissue is, for rays to leap through air."""
    from scipy.ndimage import distance_transform_cdt

    return np.asarray(distance_transform_cdt(~valid, "chessboard"), np.float32)


@dataclass(frozen=True)
class RenderParameters:
    """All that a frame depends on, beside the texture and the number of pixels.

    ``cuts`` are directions in millimetres: tissue is taken away where a place, seen from ``cross``, lies on the side of all of
    them. ``right`` and ``top`` are the screen's.
    """

    protocol: Protocol
    window: Window
    signed: bool
    preset: str
    rays: Rays
    right: Vector
    top: Vector
    cross: Vector
    cuts: tuple[Vector, ...] = ()


def render_parameters(scene: Scene, state: State, shape: Texture, aspect: float) -> RenderParameters:
    """The frame of a state: always the signal, in the window of the signal. ``aspect`` is width by height."""
    cast = rays(state.volume.camera, shape.centre, float(np.linalg.norm(shape.extent)), aspect)
    cross = np.asarray(state.display.cursor or scene.middle)
    right, top, _ahead = state.volume.camera.axes
    window = state.with_contrast(view="signal").window()
    cuts = _cuts(scene.subject.maps, state.volume.clip, cast.eye - cross) if state.volume.preset == "cut" else ()
    return RenderParameters(state.protocol, window, state.contrast.signed, state.volume.preset, cast, right, top, cross, cuts)


def _cuts(maps: TissueMaps, clip: str, to_eye: Vector) -> tuple[Vector, ...]:
    """Directions of what is taken away: always what is between the crosshair's planes and the viewer."""
    axes = np.linalg.inv(maps.grid.affine[:3, :3])  # rows are normal to the planes
    normals = [axes[axis] / np.linalg.norm(axes[axis]) for axis in _NORMALS[clip]]
    return tuple(normal if normal @ to_eye >= 0 else -normal for normal in normals)
