"""Several people in one plane and contrast: those of the gallery, or of a dataset as far as their maps are in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mriexplorer.render.colour import BLACK, Colours, coloured, colours
from mriexplorer.render.imaging import Grain, Imaging, signal_at
from mriexplorer.render.scene import Pane, Reading, Scene, no_image
from mriexplorer.render.slices import Cut, Face
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.contrast import pinned
from mriexplorer.view.state import Recipe, State
from mriexplorer.view.views import VIEWS

MOST = 16
Place = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Member:
    """Somebody of the gallery: their recipe, record, and the middle axial plane, to be drawn in any contrast."""

    recipe: Recipe
    record: Mapping[str, float | str]
    plane: Cut
    said: tuple[str, ...] = ()
    kept: bool = False
    grain: Grain = field(default_factory=Grain)

    @property
    def title(self) -> str:
        """``F 71``."""
        age = self.record.get("age")
        return f"{self.record.get('sex', '')} {age:.0f}" if isinstance(age, float | int) else f"seed {self.recipe.seed}"


@dataclass(frozen=True)
class Someone:
    """One of several people: a ``title``, and what is in memory: the ``whole`` scene, or a ``member`` with one plane."""

    title: str
    whole: Scene | None = None
    member: Member | None = None

    @property
    def plane(self) -> Cut:
        """The one plane that is in memory of whoever was sampled."""
        assert self.member is not None  # noqa: S101 one of the two is there
        return self.member.plane

    def face(self, state: State) -> Face:
        """How the person's plane lies on the screen."""
        return self.plane.face if self.whole is None else self.whole.face(state.compared, state)

    def pane(self, state: State) -> Pane:
        """The person in the state's contrast: the compared plane through the crosshair, or the plane that is there."""
        if self.member is not None:
            return _pane(self.member.plane, self.member.grain, state)
        assert self.whole is not None  # noqa: S101 one of the two is there
        return self.whole.panes((state.compared,), state, "person")[0]

    def mm_at(self, place: Place, state: State) -> Millimetres:
        """Millimetres at a (column, row) of the person's plane."""
        face, at = self.face(state), self.plane.at if self.whole is None else self.whole.voxel(state)
        return face.grid.to_mm(face.grid.to_voxel(face.grid.to_mm(face.voxel(*place, at))))

    def reading(self, place: Place, state: State) -> Reading:
        """The numbers at a (column, row) of the person's plane."""
        mm = self.mm_at(place, state)
        return _reading(self.plane, mm, state) if self.whole is None else self.whole.reading(state, mm)


def company(members: Sequence[Member], scenes: Sequence[Scene], state: State) -> tuple[Someone, ...]:
    """Who stands side by side: of a dataset those in memory, else the gallery."""
    if state.sampled is not None or (members and not state.paths and not state.picked):
        return tuple(Someone(one.title, member=one) for one in members[-MOST:])
    return tuple(Someone(_title(scene), whole=scene) for scene in scenes[:MOST])


def contrast_for_all(state: State) -> State:
    """The state with a view that everybody has: the signal or one of the maps."""
    state = (pinned(state) if state.ab == "pinned" else None) or state
    return replace(state, view=state.view if state.view in VIEWS and state.view != "t2star" else "signal", ab="")


def _title(scene: Scene) -> str:
    """``sub-01 · F 63``."""
    known = {attribute.name.casefold(): attribute.value for attribute in scene.subject.attributes}
    told = " ".join(known[name] for name in ("sex", "age") if known.get(name, "n/a") != "n/a")
    return f"{scene.subject.name} · {told}" if told else scene.subject.name


def _pane(part: Cut, grain: Grain, state: State) -> Pane:
    rows, columns = part.face.shape
    centre = part.face.place(part.face.grid.to_voxel(state.centre)) if state.centre else (columns / 2, rows / 2)
    return Pane(part.face, painted(part, grain, state), (0.0, 0.0), centre, part.extent)


def painted(part: Cut, grain: Grain, state: State) -> Colours:
    """Pixels of a plane alone, shape (rows, columns), in the signal or a map; black where there is no image."""
    pixels = np.full(part.face.shape, BLACK)
    if no_image(state):
        return pixels
    imaging = Imaging.of(state, None) if state.view == "signal" else None
    values = grain.values(part, imaging) if imaging else np.asarray(getattr(part.voxels, state.view))
    low, high = state.window()
    shades = coloured(values, low, high, colours(state.view, low, high))
    pixels.reshape(-1)[slice(None) if shades.size == pixels.size else part.pixels] = shades
    return pixels


def _reading(part: Cut, mm: Millimetres, state: State) -> Reading:
    """The numbers of a plane's voxel; zeros where it holds no tissue."""
    grid, voxels = part.face.grid, part.voxels
    voxel = list(grid.to_voxel(mm))
    voxel[part.face.plane.normal] = part.at[part.face.plane.normal]
    at = (voxel[0], voxel[1], voxel[2])
    column, row = part.face.place(at)
    number = int(row) * part.face.shape[1] + int(column)
    found = int(np.searchsorted(part.pixels, number))
    if found >= len(part.pixels) or part.pixels[found] != number:
        return Reading(grid.to_mm(at), grid.stored_voxel(at), 0.0, 0.0, None, 0.0, None)
    pd, t1, t2, star = (float(a[found]) for a in (voxels.pd, voxels.t1, voxels.t2, voxels.t2star))
    decay = star if state.row.decay == "t2star" else t2
    shown = signal_at(state, None, pd, t1, decay, int(np.ravel_multi_index(at, grid.shape)))
    return Reading(grid.to_mm(at), grid.stored_voxel(at), t1, t2, None, pd, shown)


def place_of(person: Someone, state: State) -> str:
    """Which plane is shown of a person, and where it cuts: ``axial z +12 mm``."""
    face, at = person.face(state), person.plane.at if person.whole is None else person.whole.voxel(state)
    normal = face.plane.normal
    return f"{face.plane.name} {'xyz'[normal]} {face.grid.to_mm(at)[normal]:+.0f} mm".replace("-", "−")
