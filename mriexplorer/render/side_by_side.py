"""Several people in one plane and contrast: those of the gallery, or of a dataset as far as their maps are in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mriexplorer.render.colour import BLACK, Colours, coloured, colours
from mriexplorer.render.imaging import Imaging, SliceNoise, signal_at
from mriexplorer.render.scene import Reading, RenderedSlice, Scene, no_image
from mriexplorer.render.slices import Slice, SliceGeometry
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.comparison import Mode
from mriexplorer.view.source import Recipe
from mriexplorer.view.state import State
from mriexplorer.view.views import VIEWS, View

MOST = 16
Place = tuple[float, float]


@dataclass(frozen=True, eq=False)
class GalleryMember:
    """Somebody of the gallery: their recipe, record, and the middle axial plane, to be drawn in any contrast."""

    recipe: Recipe
    record: Mapping[str, float | str]
    plane: Slice
    said: tuple[str, ...] = ()
    kept: bool = False
    noise_cache: SliceNoise = field(default_factory=SliceNoise)

    @property
    def title(self) -> str:
        """``F 71``."""
        age = self.record.get("age")
        return f"{self.record.get('sex', '')} {age:.0f}" if isinstance(age, float | int) else f"seed {self.recipe.seed}"


@dataclass(frozen=True)
class ComparedPerson:
    """One of several people: a ``title``, and what is in memory: the ``whole`` scene, or a ``member`` with one plane."""

    title: str
    whole: Scene | None = None
    member: GalleryMember | None = None

    @property
    def plane(self) -> Slice:
        """The one plane that is in memory of whoever was sampled."""
        assert self.member is not None  # noqa: S101 one of the two is there
        return self.member.plane

    def geometry(self, state: State) -> SliceGeometry:
        """How the person's plane lies on the screen."""
        return self.plane.geometry if self.whole is None else self.whole.geometry(state.display.plane, state)

    def rendered(self, state: State) -> RenderedSlice:
        """The person in the state's contrast: the compared plane through the crosshair, or the plane that is there."""
        if self.member is not None:
            return _rendered_slice(self.member.plane, self.member.noise_cache, state)
        assert self.whole is not None  # noqa: S101 one of the two is there
        return self.whole.rendered((state.display.plane,), state, "person")[0]

    def mm_at(self, place: Place, state: State) -> Millimetres:
        """Millimetres at a (column, row) of the person's plane."""
        geometry, at = self.geometry(state), self.plane.at if self.whole is None else self.whole.voxel(state)
        return geometry.grid.to_mm(geometry.grid.to_voxel(geometry.grid.to_mm(geometry.voxel(*place, at))))

    def reading(self, place: Place, state: State) -> Reading:
        """The numbers at a (column, row) of the person's plane."""
        mm = self.mm_at(place, state)
        return _reading(self.plane, mm, state) if self.whole is None else self.whole.reading(state, mm)


def side_by_side(members: Sequence[GalleryMember], scenes: Sequence[Scene], state: State) -> tuple[ComparedPerson, ...]:
    """Who stands side by side: of a dataset those in memory, else the gallery."""
    if state.source.recipe is not None or (members and not state.source.of_files):
        return tuple(ComparedPerson(one.title, member=one) for one in members[-MOST:])
    return tuple(ComparedPerson(_title(scene), whole=scene) for scene in scenes[:MOST])


def contrast_for_all(state: State) -> State:
    """The state with a view that everybody has: the signal or one of the maps."""
    state = (state.pinned if state.comparison.mode == Mode.PINNED else None) or state
    everybody = state.view in VIEWS and state.view != View.T2STAR
    return state.with_contrast(view=state.view if everybody else View.SIGNAL).with_comparison(mode=Mode.NONE)


def _title(scene: Scene) -> str:
    """``sub-01 · F 63``."""
    known = {attribute.name.casefold(): attribute.value for attribute in scene.subject.attributes}
    told = " ".join(known[name] for name in ("sex", "age") if known.get(name, "n/a") != "n/a")
    return f"{scene.subject.name} · {told}" if told else scene.subject.name


def _rendered_slice(part: Slice, noise_cache: SliceNoise, state: State) -> RenderedSlice:
    rows, columns = part.geometry.shape
    centre = (
        part.geometry.place(part.geometry.grid.to_voxel(state.display.centre))
        if state.display.centre
        else (columns / 2, rows / 2)
    )
    return RenderedSlice(part.geometry, painted(part, noise_cache, state), (0.0, 0.0), centre, part.extent)


def painted(part: Slice, noise_cache: SliceNoise, state: State) -> Colours:
    """Pixels of a plane alone, shape (rows, columns), in the signal or a map; black where there is no image."""
    pixels = np.full(part.geometry.shape, BLACK)
    if no_image(state):
        return pixels
    imaging = Imaging.of(state, None) if state.view == View.SIGNAL else None
    values = noise_cache.values(part, imaging) if imaging else np.asarray(getattr(part.voxels, state.view))
    low, high = state.window()
    shades = coloured(values, low, high, colours(state.view, low, high))
    pixels.reshape(-1)[slice(None) if shades.size == pixels.size else part.pixels] = shades
    return pixels


def _reading(part: Slice, mm: Millimetres, state: State) -> Reading:
    """The numbers of a plane's voxel; zeros where it holds no tissue."""
    grid, voxels = part.geometry.grid, part.voxels
    voxel = list(grid.to_voxel(mm))
    voxel[part.geometry.plane.normal] = part.at[part.geometry.plane.normal]
    at = (voxel[0], voxel[1], voxel[2])
    column, row = part.geometry.place(at)
    number = int(row) * part.geometry.shape[1] + int(column)
    found = int(np.searchsorted(part.pixels, number))
    if found >= len(part.pixels) or part.pixels[found] != number:
        return Reading(grid.to_mm(at), grid.stored_voxel(at), 0.0, 0.0, None, 0.0, None)
    pd, t1, t2, star = (float(a[found]) for a in (voxels.pd, voxels.t1, voxels.t2, voxels.t2star))
    decay = star if state.sequence.decay == "t2star" else t2
    shown = signal_at(state, None, pd, t1, decay, int(np.ravel_multi_index(at, grid.shape)))
    return Reading(grid.to_mm(at), grid.stored_voxel(at), t1, t2, None, pd, shown)


def place_of(person: ComparedPerson, state: State) -> str:
    """Which plane is shown of a person, and where it cuts: ``axial z +12 mm``."""
    geometry, at = person.geometry(state), person.plane.at if person.whole is None else person.whole.voxel(state)
    normal = geometry.plane.normal
    return f"{geometry.plane.name} {'xyz'[normal]} {geometry.grid.to_mm(at)[normal]:+.0f} mm".replace("-", "−")
