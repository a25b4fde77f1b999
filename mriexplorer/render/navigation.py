"""Where a state looks: crosshair, zoom, and what lies in the middle, as functions from one state to the next."""

from mriexplorer.render.scene import Scene
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.plane import FARTHEST, PLANES
from mriexplorer.view.state import State

Place = tuple[float, float]  # column and row of a plane
ZOOMS = (0.25, 40.0)  # 1: the whole head


def mm_at(scene: Scene, state: State, plane: str, place: Place) -> Millimetres | None:
    """Millimetres at a place of a plane, at the nearest voxel; None outside the volume."""
    geometry = scene.geometry(plane, state)
    voxel = geometry.voxel(*place, scene.voxel(state))
    grid = geometry.grid
    if any(not -0.5 <= v <= n - 0.5 for v, n in zip(voxel, grid.shape, strict=True)):
        return None
    return grid.to_mm(grid.to_voxel(grid.to_mm(voxel)))


def stepped(scene: Scene, state: State, plane: str, across: int, up: int, through: int) -> State:
    """The crosshair moved by voxels of a plane: across and up the screen, and through the slices."""
    cut, grid = PLANES[plane], scene.subject.maps.grid
    mirrored = scene.geometry(plane, state).mirrored
    voxel = list(scene.voxel(state))
    for axis, by in ((cut.across, -across if mirrored else across), (cut.up, up), (cut.normal, through)):
        voxel[axis] = min(max(voxel[axis] + by, 0), grid.shape[axis] - 1)
    return state.with_display(cursor=grid.to_mm((voxel[0], voxel[1], voxel[2])))


def zoomed(scene: Scene | None, state: State, factor: float) -> State:
    """All planes zoomed, towards the crosshair when coming from the whole head."""
    zoom = min(max(state.display.zoom * factor, ZOOMS[0]), ZOOMS[1])
    centre = state.display.centre
    if centre is None and scene is not None and factor > 1:
        centre = state.display.cursor or scene.middle
    return state.with_display(zoom=zoom, centre=None if zoom <= 1 else centre)


def panned(scene: Scene, state: State, plane: str, place: Place) -> State:
    """A place of a plane brought to the middle of the screen."""
    geometry = scene.geometry(plane, state)
    grid = geometry.grid
    x, y, z = grid.to_voxel(state.display.centre) if state.display.centre else (n // 2 for n in grid.shape)
    right, front, top = (min(max(mm, -FARTHEST), FARTHEST) for mm in grid.to_mm(geometry.voxel(*place, (x, y, z))))
    return state.with_display(centre=(right, front, top))
