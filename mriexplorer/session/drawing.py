"""What is being drawn with the mouse, until it is a region or a line; what is taken hold of is moved.

::

    ellipse   press, drag to the opposite corner, release
    polygon   click, click, click, double click or Enter; Backspace takes the last corner back
    brush     press, paint, release; adds to the selected brush region of the slice
    profile   press, drag, release; near an end of the line: moves that end
    grip      (with the tool that navigates) an outline, a name, or an end of the line

Escape gives up.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mriexplorer.measure.masks import flat, lies_in, slice_of
from mriexplorer.measure.outline import roi_outlines
from mriexplorer.render.slices import SliceGeometry
from mriexplorer.session.measurement import MeasurementCommands
from mriexplorer.session.workspace import Workspace
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.plane import PLANES
from mriexplorer.view.region import MOST_POINTS, Line, Region

Place = tuple[float, float]
TOOLS = ("ellipse", "polygon", "brush", "profile")
GRIP = 6  # pixels
TAG = 9  # pixels above the outline's top where its name stands
_SMALLEST = 0.5  # mm, of what counts as drawn
_RADII = (0.5, 50.0)


@dataclass(frozen=True)
class Draft:
    """What is drawn so far, in a plane; ``hover`` is where the pointer is."""

    tool: str
    plane: str
    points: tuple[Millimetres, ...]
    hover: Millimetres | None = None
    radius: float = 0.0

    def shape(self, geometry: SliceGeometry) -> Region | Line | None:
        """What it would be if it ended now; None where it is too little."""
        if self.tool == "profile":
            return Line(self.plane, self.points[0], self.points[-1]) if _length(self.points) >= _SMALLEST else None
        if self.tool == "ellipse":
            return self._ellipse(geometry)
        if self.tool == "polygon":
            return Region("", "polygon", self.plane, self.points) if len(self.points) >= 3 else None
        dabs = self.points or ((self.hover,) if self.hover else ())
        return Region("", "brush", self.plane, dabs, (self.radius,) * len(dabs)) if dabs else None

    def _ellipse(self, geometry: SliceGeometry) -> Region | None:
        first, last = flat(geometry.grid, geometry.plane, (self.points[0], self.points[-1]))
        spacing = np.array([geometry.grid.spacing[geometry.plane.across], geometry.grid.spacing[geometry.plane.up]])
        wide, high = (float(r) for r in np.abs(last - first) * spacing / 2)
        if min(wide, high) < _SMALLEST:
            return None
        x, y, z = ((a + b) / 2 for a, b in zip(self.points[0], self.points[-1], strict=True))
        return Region("", "ellipse", self.plane, ((x, y, z),), (wide, high))


@dataclass(frozen=True)
class Grip:
    """What is taken hold of, and where last: a region by name, or an end of the line."""

    plane: str
    at: Millimetres
    region: str = ""
    end: str = ""


class Drawing:
    """Gestures of the mouse and the keys. ``changed`` is called when the draft is another; its planes must be painted."""

    def __init__(self, commands: MeasurementCommands, workspace: Workspace) -> None:
        self._commands, self._workspace = commands, workspace
        self.draft: Draft | None = None
        self.grip: Grip | None = None
        self.radius = 3.0  # mm, of the brush
        self.changed: Callable[[], None] = lambda: None

    def do(self, gesture: str, plane: str, tool: str, place: Place | None) -> None:
        """One gesture of a tool: press, move, hover, release, close, back, abandon, smaller, larger, leave, remove."""
        at = self._millimetres(plane, place) if place is not None else None
        if gesture == "press" and at is not None:
            self._press(plane, tool, at)
        elif gesture == "move" and at is not None:
            self._move(at)
        elif gesture == "hover" and at is not None:
            self._hover(plane, tool, at)
        elif gesture == "release":
            self._release()
        elif gesture == "close":
            self._close()
        elif gesture == "back":
            self._back()
        elif gesture in ("smaller", "larger"):
            self.set_radius(self.radius * (1.25 if gesture == "larger" else 0.8))
        elif gesture == "remove":
            self._commands.remove()
        elif gesture == "abandon" or (gesture == "leave" and self.draft is not None and not self.draft.points):
            self._show(None)

    def set_radius(self, radius: float) -> None:
        """The radius of the brush (mm)."""
        self.radius = min(max(radius, _RADII[0]), _RADII[1])
        if self.draft is not None:
            self._show(replace(self.draft, radius=self.radius))

    # -- drawing -----------------------------------------------------------------------------------------------

    def _press(self, plane: str, tool: str, at: Millimetres) -> None:
        if tool == "polygon" and self.draft is not None and self._continues(self.draft, plane):
            self._show(replace(self.draft, points=(*self.draft.points, at), hover=at))
        elif tool in TOOLS:
            self._show(Draft(tool, plane, (at,), at, self.radius))

    def _continues(self, draft: Draft, plane: str) -> bool:
        """Whether a corner there belongs to the polygon that was begun: it does in the same slice."""
        return draft.plane == plane and bool(draft.points) and self._is_shown(plane, draft.points[0])

    def _is_shown(self, plane: str, mm: Millimetres) -> bool:
        """Whether a place lies in the slice that a plane shows."""
        assert self._workspace.scene is not None  # noqa: S101 planes are painted from it
        at = self._workspace.scene.voxel(self._workspace.state)
        return lies_in(self._face(plane).grid, PLANES[plane], mm, at)

    def _move(self, at: Millimetres) -> None:
        if self.grip is not None:
            self._pull(self.grip, at)
        elif self.draft is not None and self.draft.tool == "brush":
            dabs = (*self.draft.points, *_dabs(self.draft.points[-1], at, self.radius))
            self._show(replace(self.draft, points=dabs[:MOST_POINTS], hover=at))
        elif self.draft is not None and self.draft.tool != "polygon":
            self._show(replace(self.draft, points=(self.draft.points[0], at), hover=at))

    def _hover(self, plane: str, tool: str, at: Millimetres) -> None:
        if tool == "brush":
            self._show(Draft("brush", plane, (), at, self.radius))
        elif self.draft is not None and self.draft.plane == plane:
            self._show(replace(self.draft, hover=at))

    def _release(self) -> None:
        self.grip = None
        if self.draft is not None and self.draft.tool != "polygon":
            self._finish(self.draft)

    def _close(self) -> None:
        if self.draft is None or self.draft.tool != "polygon":
            return
        if len(self.draft.points) < 3:
            self._workspace.error("A polygon needs three corners; click once more, or press Escape to give it up.")
            return
        self._finish(self.draft)

    def _back(self) -> None:
        if self.draft is not None and len(self.draft.points) > 1:
            self._show(replace(self.draft, points=self.draft.points[:-1]))
        else:
            self._show(None)

    def _finish(self, draft: Draft) -> None:
        made = draft.shape(self._face(draft.plane)) if draft.points else None
        self._show(None)
        if isinstance(made, Line):
            self._commands.set_line(made)
        elif made is not None and (brush := self._brush_below(made)) is not None:
            if len(brush.points) + len(made.points) > MOST_POINTS:
                self._workspace.error(f"Region {brush.name} has {MOST_POINTS} dabs, and takes no more; begin another one.")
                return
            self._commands.put(brush.name, points=brush.points + made.points, radii=brush.radii + made.radii)
        elif made is not None:
            self._commands.add(made)

    def _brush_below(self, made: Region) -> Region | None:
        """The selected brush region of the same slice."""
        grid, plane = self._face(made.plane).grid, PLANES[made.plane]
        chosen = self._commands.selected
        if made.kind != "brush" or len(chosen) != 1 or (chosen[0].kind, chosen[0].plane) != ("brush", made.plane):
            return None
        same = slice_of(grid, plane, chosen[0].points[0]) == slice_of(grid, plane, made.points[0])
        return chosen[0] if same else None

    def _show(self, draft: Draft | None) -> None:
        if draft != self.draft:
            self.draft = draft
            self.changed()

    # -- taking hold -------------------------------------------------------------------------------------------

    def take(self, plane: str, tool: str, place: Place, mm_a_pixel: float) -> bool:
        """Take hold of what is under a place, and select it; whether there is something that this tool can hold."""
        self.grip = self.under(plane, tool, place, mm_a_pixel)
        if self.grip is not None and self.grip.region and self.grip.region not in self._workspace.state.measurement.selected:
            self._commands.select(self.grip.region)
        return self.grip is not None

    def under(self, plane: str, tool: str, place: Place, mm_a_pixel: float) -> Grip | None:
        """What could be taken hold of: the navigating tool holds regions and ends of the line, the line's tool its ends."""
        scene, state = self._workspace.scene, self._workspace.state
        at = self._millimetres(plane, place)
        if scene is None or at is None or tool not in ("cursor", "profile"):
            return None
        if (
            state.measurement.line is not None
            and state.measurement.line.plane == plane
            and self._is_shown(plane, state.measurement.line.start)
        ):
            for end in ("start", "end"):
                if _length((getattr(state.measurement.line, end), at)) <= (GRIP + 2) * mm_a_pixel:
                    return Grip(plane, at, end=end)
        if tool == "profile":
            return None
        geometry = self._face(plane)
        near = [(self._away(region, geometry, place, mm_a_pixel), region.name) for region in reversed(state.measurement.regions)]
        nearest = min(near, default=(np.inf, ""))
        return Grip(plane, at, region=nearest[1]) if nearest[0] <= GRIP * mm_a_pixel else None

    def _away(self, region: Region, geometry: SliceGeometry, place: Place, mm_a_pixel: float) -> float:
        """Millimetres from a place to a region's outline or name."""
        assert self._workspace.scene is not None  # noqa: S101 the caller looked
        shape = roi_outlines(self._workspace.scene).of(region, geometry, self._workspace.scene.voxel(self._workspace.state))
        if shape is None:
            return float("inf")
        across, down = geometry.spacing
        column, row = shape.tag
        to_tag = np.hypot((place[0] - column) * across, (place[1] - row) * down + TAG * mm_a_pixel)
        return min(float(to_tag) - 3 * mm_a_pixel, shape.away(place, geometry.spacing) if region.movable else np.inf)

    def _pull(self, grip: Grip, at: Millimetres) -> None:
        x, y, z = (now - before for now, before in zip(at, grip.at, strict=True))
        line = self._workspace.state.measurement.line
        if grip.region:
            self._commands.move(grip.region, (x, y, z))
        elif line is not None:
            self._commands.set_line(replace(line, start=at) if grip.end == "start" else replace(line, end=at), dragging=True)
        self.grip = replace(grip, at=at)

    # -- places ------------------------------------------------------------------------------------------------

    def _face(self, plane: str) -> SliceGeometry:
        assert self._workspace.scene is not None  # noqa: S101 planes are painted from it
        return self._workspace.scene.geometry(plane, self._workspace.state)

    def _millimetres(self, plane: str, place: Place) -> Millimetres | None:
        """Millimetres at a (column, row) of a plane, not rounded to voxels, kept inside the plane."""
        if self._workspace.scene is None:
            return None
        geometry = self._face(plane)
        rows, columns = geometry.shape
        kept = min(max(place[0], 0.0), columns), min(max(place[1], 0.0), rows)
        return geometry.grid.to_mm(geometry.voxel(*kept, self._workspace.scene.voxel(self._workspace.state)))


def _length(points: tuple[Millimetres, ...]) -> float:
    return float(np.linalg.norm(np.subtract(points[-1], points[0])))


def _dabs(last: Millimetres, at: Millimetres, radius: float) -> list[Millimetres]:
    """Dabs from the last one towards a place, so close that the stroke has an even border."""
    apart = radius / 2
    away = np.subtract(at, last)
    distance = float(np.linalg.norm(away))
    steps = int(distance / apart)
    places = [np.asarray(last) + away * (step * apart / distance) for step in range(1, steps + 1)]
    return [(float(x), float(y), float(z)) for x, y, z in places]
