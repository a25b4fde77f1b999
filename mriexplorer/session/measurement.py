"""Wishes about regions and the line: every one changes the state, so undo brings things back."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.files import write_text
from mriexplorer.session.drawing import Drawing
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.contrast_search import of_region
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

if TYPE_CHECKING:
    from mriexplorer.session.session import Session

_ELLIPSE = (5.0, 5.0)  # mm, radii of one that was not drawn


class Measure:
    """Regions and the line of a session; ``drawing`` is what is being drawn."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.drawing = Drawing(self, session)

    @property
    def selected(self) -> tuple[Region, ...]:
        """The selected regions, in the order they were selected."""
        by_name = {region.name: region for region in self._session.state.regions}
        return tuple(by_name[name] for name in self._session.state.selected)

    def failed(self, sentence: str) -> None:
        """Say why something could not be done."""
        self._session.failed(sentence)

    def save(self, path: Path, text: str) -> None:
        """Write measurements. Raises InputError when that cannot be done."""
        write_text(path, text)

    def add(self, region: Region) -> None:
        """A new region, with the next free letter; it is selected, and what is measured is shown."""
        state = self._session.state
        if len(state.regions) >= MOST_REGIONS:
            self._session.failed(f"There are {MOST_REGIONS} regions already; remove some.")
            return
        named = replace(region, name=next_name(state.regions), colour=next_colour(state.regions))
        self._session.store.change(replace(state, regions=(*state.regions, named), selected=(named.name,), corner="measure"))

    def add_ellipse(self, plane: str) -> None:
        """An ellipse of 10 mm at the crosshair."""
        self.add(Region("", "ellipse", plane, (self._cursor(),), _ELLIPSE))

    def add_tissue(self, tissue: str, plane: str = "") -> None:
        """A class of tissue in the plane through the crosshair, or in the whole volume."""
        self.add(Region("", "tissue", plane, (self._cursor(),) if plane else (), tissue=tissue))

    def add_threshold(self, plane: str) -> None:
        """What lies within the window of the shown view, in the plane through the crosshair. The signal's stays as it is now."""
        state = self._session.state
        if state.view not in THRESHOLD_VIEWS or (state.view == "signal" and state.problems):
            self._session.failed("A threshold needs the signal or a map in the planes; choose one of them under Display.")
            return
        region = Region("", "threshold", plane, (self._cursor(),), view=state.view, limits=state.window())
        if state.view == "signal":
            region = replace(region, sequence=state.sequence, values=state.values, magnitude=state.magnitude)
        self.add(region)

    def _cursor(self) -> Millimetres:
        scene = self._session.scene
        assert scene is not None  # noqa: S101 there is nothing to measure before
        return scene.subject.maps.grid.to_mm(scene.voxel(self._session.state))

    def remove(self) -> None:
        """The selected regions go; where none is selected, the line."""
        state = self._session.state
        if state.selected:
            left = tuple(region for region in state.regions if region.name not in state.selected)
            self._session.store.change(replace(state, regions=left, selected=()))
        elif state.line is not None:
            self._session.store.change(replace(state, line=None))

    def select(self, *names: str) -> None:
        """Select regions by name."""
        known = {region.name for region in self._session.state.regions}
        self._session.show(selected=tuple(name for name in names if name in known))

    def rename(self, name: str, new: str) -> None:
        """Another name for a region; it must be short and its own."""
        state, new = self._session.state, new.strip()
        if new == name:
            return
        if not is_name(new) or any(region.name == new for region in state.regions):
            rule = f"it must have 1 to {LONGEST_NAME} characters and be of no other region"
            self._session.failed(f"{new!r} cannot be a name: {rule}.")
            return
        regions = tuple(replace(region, name=new) if region.name == name else region for region in state.regions)
        selected = tuple(new if one == name else one for one in state.selected)
        finding = state.finding.renamed(name, new)
        self._session.store.change(replace(state, regions=regions, selected=selected, finding=finding))

    def find_best(self, first: str, second: str) -> None:
        """Look for the protocol that tells two regions apart best."""
        finding = replace(self._session.state.finding, a=of_region(first), b=of_region(second))
        self._session.show(finding=finding, corner="find")

    def resize(self, name: str, width: float, height: float) -> None:
        """The width and height of an ellipse (mm)."""
        if not (0 < width <= WIDEST and 0 < height <= WIDEST):
            self._session.failed(f"An ellipse must be between 0 and {WIDEST:.0f} mm wide and high.")
            return
        self.put(name, radii=(width / 2, height / 2))

    def limit(self, name: str, low: float, high: float) -> None:
        """The range of a threshold, in the units of the maps."""
        if not low <= high:
            self._session.failed("The lower end of a range must not lie above its upper end.")
            return
        self.put(name, limits=(low, high))

    def move(self, name: str, by: Millimetres) -> None:
        """Move a region; steps in quick succession are one step of undo."""
        region = next(region for region in self._session.state.regions if region.name == name)
        if region.movable:
            self.put(name, f"move {name}", points=region.moved(by).points)

    def put(self, name: str, kind_of_change: str | None = None, **changed: object) -> None:
        """Change a region, all but its name."""
        state = self._session.state
        regions = tuple(
            replace(region, **changed) if region.name == name else region  # type: ignore[arg-type]
            for region in state.regions
        )
        self._session.store.change(replace(state, regions=regions), kind_of_change)

    def set_line(self, line: Line, *, dragging: bool = False) -> None:
        """The line to measure along."""
        state = self._session.state
        self._session.store.change(replace(state, line=line, corner="measure"), "line" if dragging else None)

    def line_at_cursor(self, plane: str, across: int) -> None:
        """A line of 60 mm across or up a plane through the crosshair."""
        middle = self._cursor()
        axis = self._axis(plane, across)
        start, end = (tuple(m + side * 30 * a for m, a in zip(middle, axis, strict=True)) for side in (-1, 1))
        self.set_line(Line(plane, start, end))  # type: ignore[arg-type]

    def _axis(self, plane: str, across: int) -> tuple[float, ...]:
        assert self._session.scene is not None  # noqa: S101 as above
        grid = self._session.scene.subject.maps.grid
        number = PLANES[plane].across if across else PLANES[plane].up
        return tuple(float(x) for x in grid.affine[:3, number] / grid.spacing[number])
