"""What can be done with regions and the line: all of it changes the state, so undo brings things back."""

from dataclasses import replace
from pathlib import Path

from mriexplorer.files import write_text
from mriexplorer.session.workspace import Workspace
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.contrast_search import of_region
from mriexplorer.view.panels import SidePanel
from mriexplorer.view.plane import PLANES
from mriexplorer.view.region import (
    LONGEST_NAME,
    MOST_REGIONS,
    THRESHOLD_VIEWS,
    WIDEST,
    Line,
    Region,
    is_name,
    next_colour,
    next_name,
)
from mriexplorer.view.views import View

_ELLIPSE = (5.0, 5.0)  # mm, radii of one that was not drawn


class MeasurementCommands:
    """Regions and the line of a session."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def selected(self) -> tuple[Region, ...]:
        """The selected regions, in the order they were selected."""
        by_name = {region.name: region for region in self._workspace.state.measurement.regions}
        return tuple(by_name[name] for name in self._workspace.state.measurement.selected)

    def error(self, sentence: str) -> None:
        """Say why something could not be done."""
        self._workspace.error(sentence)

    def save(self, path: Path, text: str) -> None:
        """Write measurements. Raises InputError when that cannot be done."""
        write_text(path, text)

    def add(self, region: Region) -> None:
        """A new region, with the next free letter; it is selected, and what is measured is shown."""
        state = self._workspace.state
        if len(state.measurement.regions) >= MOST_REGIONS:
            self._workspace.error(f"There are {MOST_REGIONS} regions already; remove some.")
            return
        named = replace(region, name=next_name(state.measurement.regions), colour=next_colour(state.measurement.regions))
        self._workspace.change(
            state.with_measurement(regions=(*state.measurement.regions, named), selected=(named.name,)).with_panels(
                side=SidePanel.MEASURE
            )
        )

    def add_ellipse(self, plane: str) -> None:
        """An ellipse of 10 mm at the crosshair."""
        self.add(Region("", "ellipse", plane, (self._cursor(),), _ELLIPSE))

    def add_tissue(self, tissue: str, plane: str = "") -> None:
        """A class of tissue in the plane through the crosshair, or in the whole volume."""
        self.add(Region("", "tissue", plane, (self._cursor(),) if plane else (), tissue=tissue))

    def add_threshold(self, plane: str) -> None:
        """What lies within the window of the shown view, in the plane through the crosshair. The signal's stays as it is now."""
        state = self._workspace.state
        if state.view not in THRESHOLD_VIEWS or (state.view == View.SIGNAL and state.problems):
            self._workspace.error("A threshold needs the signal or a map in the planes; choose one of them under Display.")
            return
        region = Region("", "threshold", plane, (self._cursor(),), view=state.view, limits=state.window())
        if state.view == View.SIGNAL:
            region = replace(region, protocol=state.protocol, magnitude=state.contrast.magnitude)
        self.add(region)

    def _cursor(self) -> Millimetres:
        scene = self._workspace.scene
        assert scene is not None  # noqa: S101 there is nothing to measure before
        return scene.subject.maps.grid.to_mm(scene.voxel(self._workspace.state))

    def remove(self) -> None:
        """The selected regions go; where none is selected, the line."""
        state = self._workspace.state
        if state.measurement.selected:
            left = tuple(region for region in state.measurement.regions if region.name not in state.measurement.selected)
            self._workspace.change(state.with_measurement(regions=left, selected=()))
        elif state.measurement.line is not None:
            self._workspace.change(state.with_measurement(line=None))

    def select(self, *names: str) -> None:
        """Select regions by name."""
        known = {region.name for region in self._workspace.state.measurement.regions}
        selected = tuple(name for name in names if name in known)
        self._workspace.change(self._workspace.state.with_measurement(selected=selected))

    def rename(self, name: str, new: str) -> None:
        """Another name for a region; it must be short and its own."""
        state, new = self._workspace.state, new.strip()
        if new == name:
            return
        if not is_name(new) or any(region.name == new for region in state.measurement.regions):
            rule = f"it must have 1 to {LONGEST_NAME} characters and be of no other region"
            self._workspace.error(f"{new!r} cannot be a name: {rule}.")
            return
        regions = tuple(replace(region, name=new) if region.name == name else region for region in state.measurement.regions)
        selected = tuple(new if one == name else one for one in state.measurement.selected)
        search = state.panels.search.renamed(name, new)
        self._workspace.change(state.with_measurement(regions=regions, selected=selected).with_panels(search=search))

    def find_best(self, first: str, second: str) -> None:
        """Look for the protocol that tells two regions apart best."""
        search = replace(self._workspace.state.panels.search, a=of_region(first), b=of_region(second))
        self._workspace.change(self._workspace.state.with_panels(search=search, side=SidePanel.SEARCH))

    def resize(self, name: str, width: float, height: float) -> None:
        """The width and height of an ellipse (mm)."""
        if not (0 < width <= WIDEST and 0 < height <= WIDEST):
            self._workspace.error(f"An ellipse must be between 0 and {WIDEST:.0f} mm wide and high.")
            return
        self.put(name, radii=(width / 2, height / 2))

    def limit(self, name: str, low: float, high: float) -> None:
        """The range of a threshold, in the units of the maps."""
        if not low <= high:
            self._workspace.error("The lower end of a range must not lie above its upper end.")
            return
        self.put(name, limits=(low, high))

    def move(self, name: str, by: Millimetres) -> None:
        """Move a region; steps in quick succession are one step of undo."""
        region = next(region for region in self._workspace.state.measurement.regions if region.name == name)
        if region.movable:
            self.put(name, f"move {name}", points=region.moved(by).points)

    def put(self, name: str, kind_of_change: str | None = None, **changed: object) -> None:
        """Change a region, all but its name."""
        state = self._workspace.state
        regions = tuple(
            replace(region, **changed) if region.name == name else region  # type: ignore[arg-type]
            for region in state.measurement.regions
        )
        self._workspace.change(state.with_measurement(regions=regions), kind_of_change)

    def set_line(self, line: Line, *, dragging: bool = False) -> None:
        """The line to measure along."""
        state = self._workspace.state
        self._workspace.change(
            state.with_measurement(line=line).with_panels(side=SidePanel.MEASURE), "line" if dragging else None
        )

    def line_at_cursor(self, plane: str, across: int) -> None:
        """A line of 60 mm across or up a plane through the crosshair."""
        middle = self._cursor()
        axis = self._axis(plane, across)
        start, end = (tuple(m + side * 30 * a for m, a in zip(middle, axis, strict=True)) for side in (-1, 1))
        self.set_line(Line(plane, start, end))  # type: ignore[arg-type]

    def _axis(self, plane: str, across: int) -> tuple[float, ...]:
        assert self._workspace.scene is not None  # noqa: S101 as above
        grid = self._workspace.scene.subject.maps.grid
        number = PLANES[plane].across if across else PLANES[plane].up
        return tuple(float(x) for x in grid.affine[:3, number] / grid.spacing[number])
