"""What a state of a subject looks like: the pixels of three planes, and the numbers at a place."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mriexplorer.render.colour import BLACK, Colours, coloured, colours
from mriexplorer.render.histogram import Histogram, histogram
from mriexplorer.render.imaging import Imaging, SliceNoise, signal_at
from mriexplorer.render.slices import Extent, Slice, SliceGeometry, cut, geometry
from mriexplorer.render.windowing import automatic, brain_like
from mriexplorer.subject.companions import MeasuredScan
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, Millimetres, Voxel
from mriexplorer.view.contrast import Window
from mriexplorer.view.plane import PLANES
from mriexplorer.view.state import State
from mriexplorer.view.views import BESIDE, CHANGE, COMPARED, COMPARED_PEOPLE, SCANNED, SIGNED, UNCERTAINTIES, VIEWS, View

T = TypeVar("T")
_Placed = tuple[Slice, tuple[float, float], tuple[float, float]]  # crosshair and middle: columns and rows
Number = NDArray[np.float64]  # without axes
_KEPT_CUTS = 12
_FISSURE, _FILLED, _FLUID = 8.0, 0.9, 2.5  # mm about the middle, how full a sagittal slice is to be, and a T1 (s) of fluid
_COMPUTED = frozenset((View.SIGNAL, View.RESIDUAL, *BESIDE, *CHANGE))  # by the equations
NOT_FOR_DIAGNOSIS = "not for diagnosis"


@dataclass(frozen=True)
class RenderedSlice:
    """One plane as painted: ``pixels`` (rows, columns) of 0xffRRGGBB, the crosshair's column and row, and what it shows.

    ``position`` tells where it cuts; ``left`` are the pixels left of a divider, where there is one; outside the ``extent`` all is
    black.
    """

    geometry: SliceGeometry
    pixels: Colours
    cursor: tuple[float, float]
    centre: tuple[float, float]
    extent: Extent
    position: str = ""
    left: Colours | None = None


@dataclass(frozen=True)
class Reading:
    """The numbers at one voxel. Times in seconds; ``signal`` is None where the protocol is impossible or nothing is there.

    ``uncertainty`` by kind (t1, t2, pd), of encoded maps: half the 90 % interval, as a share of the value.
    """

    mm: Millimetres
    voxel: Voxel
    t1: float
    t2: float
    t2star: float | None
    pd: float
    signal: float | None
    uncertainty: Mapping[str, float] = field(default_factory=dict)
    what: str = "signal"  # or what else is shown of it: the difference from another


class Scene:
    """A subject with everything derived from it that a slider must not compute again."""

    def __init__(self, subject: Subject, other: "Scene | None" = None) -> None:
        self.subject, self.other = subject, other  # the other on the same grid
        self._cursor: tuple[Millimetres | None, Voxel] | None = None  # and its voxel
        self._last_read: tuple[Voxel, Reading] | None = None
        self._derived: dict[Callable[[Scene], Any], Any] = {}
        # Not lru_cache: on a method it makes a circle, and a subject's memory would wait for the garbage collector.
        self._cuts: OrderedDict[tuple[str, int, str], Slice] = OrderedDict()
        self._placed: tuple[tuple[object, ...], tuple[_Placed, ...]] = (), ()
        self._canvas: dict[str, tuple[Slice, Colours]] = {}
        self._noise_cache = SliceNoise()

    def derived(self, make: Callable[["Scene"], T]) -> T:
        """What another room makes of this subject, made once: ``make`` of this scene, which must not hold on to it."""
        if make not in self._derived:
            self._derived[make] = make(self)
        made: T = self._derived[make]
        return made

    # -- places ------------------------------------------------------------------------------------------------

    @cached_property
    def middle(self) -> Millimetres:
        """The place first looked at: the centre of the head, or, in the built-in brain, where most structures meet."""
        if self.subject.literature:
            return (2.0, -14.0, 8.0)
        head, grid = self.subject.maps.head, self.subject.maps.grid
        i, j, k = (round(float(one)) for one in np.argwhere(head).mean(axis=0))
        return grid.to_mm((_beside_the_fissure(self.subject.maps.t1, i, grid.spacing[0]), j, k))

    def voxel(self, state: State) -> Voxel:
        """The voxel under the crosshair."""
        cursor = state.display.cursor
        if self._cursor is None or self._cursor[0] is not cursor:
            self._cursor = cursor, self.subject.maps.grid.to_voxel(cursor or self.middle)
        return self._cursor[1]

    def geometry(self, name: str, state: State) -> SliceGeometry:
        """How a plane lies on the screen."""
        return geometry(name, self.subject.maps.grid, state.display.convention)

    # -- pixels ------------------------------------------------------------------------------------------------

    def rendered_slice(self, name: str, state: State) -> RenderedSlice:
        """One plane of the state. Impossible protocols have no signal: the plane stays black."""
        return self.rendered((name,), state)[0]

    def rendered(self, names: tuple[str, ...], state: State, canvas: str = "") -> tuple[RenderedSlice, ...]:
        """Several planes of the state, computed together.

        ``canvas`` names what they are painted on, where a plane is shown several times.
        """
        if state.view == View.OTHER and self.other is not None:
            theirs = state.rescanned.with_contrast(view=View.SIGNAL).with_display(cursor=state.display.cursor or self.middle)
            return self.other.rendered(names, theirs, canvas)
        placed = self._placed_slices(names, state)
        imaging = self.imaging(state)
        noisy = " noisy" if imaging and imaging.noise else ""
        shades = self._shades([part for part, _crosshair, _middle in placed], state, imaging)
        return tuple(
            RenderedSlice(
                part.geometry,
                self._painted(f"{name} {canvas or state.view}{noisy}", part, shade),
                crosshair,
                middle,
                part.extent,
                part.position,
            )
            for name, (part, crosshair, middle), shade in zip(names, placed, shades, strict=True)
        )

    def _placed_slices(self, names: tuple[str, ...], state: State) -> tuple[_Placed, ...]:
        """The cuts of planes, where the crosshair lies on each and what is in the middle; kept while these stay."""
        key = names, state.display.cursor, state.display.centre, state.display.convention
        if self._placed[0] != key:
            at, centre = self.voxel(state), state.display.centre
            middle = self.subject.maps.grid.to_voxel(centre) if centre else None
            parts = [self._cut(name, at[PLANES[name].normal], state.display.convention) for name in names]
            self._placed = (
                key,
                tuple(
                    (part, part.geometry.place(at), part.geometry.place(middle) if middle else part.geometry.middle)
                    for part in parts
                ),
            )
        return self._placed[1]

    def imaging(self, state: State) -> Imaging | None:
        """What the state's protocol gives of voxels; None for a map, and for a protocol that no scanner could run."""
        return Imaging.of(state, self.subject) if state.view in _COMPUTED else None

    def _shades(self, parts: list[Slice], state: State, imaging: Imaging | None) -> list[Colours | None]:
        """The colours of the voxels of planes; with noise, which is in air too, perhaps of all their pixels."""
        if state.view in _COMPUTED and imaging is None:
            return [None] * len(parts)
        low, high = state.window()
        table = colours(state.view, low, high)
        if imaging is None or state.view != View.SIGNAL:
            return [coloured(self._values(part, state, imaging), low, high, table) for part in parts]
        if imaging.noise is None:
            return [coloured(part.voxels.signal(imaging.table), low, high, table) for part in parts]
        return [coloured(self._noise_cache.values(part, imaging), low, high, table) for part in parts]

    def _values(self, part: Slice, state: State, imaging: Imaging | None) -> Floats:
        """What the state's view shows of a plane's voxels."""
        if state.view in VIEWS:
            return self._shown(part, state, imaging)
        own = self._shown(part, state.with_contrast(view=View.SIGNAL), imaging)
        if state.view == View.DIFFERENCE:
            return own - self._theirs(part, state.rescanned.with_contrast(view=View.SIGNAL))
        if state.view in CHANGE and (other := state.pinned) is not None:
            return own - self._shown(part, other, self.imaging(other))
        if state.view in UNCERTAINTIES:
            stored = (self.subject.companions.uncertainty or {})[state.view.quantity]
            return stored.values(part.of(stored.whole))
        scan = self.scan(state)
        measured = scan.volume.values(part.of(scan.volume.whole))
        if state.view == View.MEASURED:
            return measured
        return measured - scan.bias_field.values(part.of(scan.bias_field.whole)) * own

    def _shown(self, part: Slice, state: State, imaging: Imaging | None) -> Floats:
        """A map, or the signal with its noise, of a plane's voxels; zeros where there is no image."""
        if state.view != View.SIGNAL:
            return np.asarray(getattr(part.voxels, state.view))
        return np.zeros_like(part.voxels.pd) if imaging is None else self._noise_cache.signal(part, imaging)

    def _theirs(self, part: Slice, state: State) -> Floats:
        """The signal of the other person at a plane's voxels; those without tissue have none."""
        other, plane = self.other, part.geometry.plane
        if other is None:
            return np.zeros_like(part.voxels.pd)
        cut_there = other._cut(plane.name, part.at[plane.normal], state.display.convention)
        whole = np.zeros(part.geometry.shape[0] * part.geometry.shape[1], np.float32)
        whole[cut_there.pixels] = other._shown(cut_there, state, other.imaging(state))
        return whole[part.pixels]

    @property
    def can_compare(self) -> bool:
        """Whether there is something beside the maps: measured scans, or another person."""
        return self.other is not None or bool(self.subject.companions.scans)

    @property
    def compared(self) -> tuple[View, ...]:
        """What the layout "compare" shows of one plane."""
        return COMPARED if self.other is None else COMPARED_PEOPLE

    def scan(self, state: State) -> MeasuredScan:
        """The measured scan of the state, else the first."""
        scans = self.subject.companions.scans
        return next((scan for scan in scans if scan.kind == state.comparison.scan), scans[0])

    def has_view(self, view: View) -> bool:
        """Whether the subject has what a view shows."""
        view = View(view)
        if view == View.T2STAR:
            return self.subject.maps.t2star is not None
        if view in UNCERTAINTIES:
            return view.quantity in (self.subject.companions.uncertainty or {})
        if view in BESIDE:
            return self.other is not None
        return view in VIEWS or bool(self.subject.companions.scans)

    def _painted(self, what: str, part: Slice, shades: Colours | None) -> Colours:
        """The image of a plane and view. The canvas is kept while its cut stays, since only tissue changes colour."""
        if what not in self._canvas or self._canvas[what][0] is not part:
            self._canvas[what] = (part, np.full(part.geometry.shape, BLACK))
        canvas = self._canvas[what][1]
        if shades is None:
            canvas[:] = BLACK
        elif shades.size == canvas.size:
            canvas.reshape(-1)[:] = shades
        else:
            canvas.reshape(-1)[part.pixels] = shades
        return canvas

    def _cut(self, name: str, index: int, convention: str) -> Slice:
        """A plane's cut, kept while it is among the last few looked at."""
        key = (name, index, convention)
        if key not in self._cuts:
            voxel = [0, 0, 0]
            voxel[PLANES[name].normal] = index
            plane = geometry(name, self.subject.maps.grid, convention)
            self._cuts[key] = cut(self.subject.maps, plane, (voxel[0], voxel[1], voxel[2]))
        self._cuts.move_to_end(key)
        if len(self._cuts) > _KEPT_CUTS:
            self._cuts.popitem(last=False)
        return self._cuts[key]

    # -- numbers -----------------------------------------------------------------------------------------------

    def automatic(self, state: State) -> Window:
        """The automatic window of the state's view, from the three planes through the middle of the head."""
        state = state.with_display(snr=0.0)
        imaging = self.imaging(state)
        if state.view in _COMPUTED and imaging is None:
            return state.window()
        at = self.subject.maps.grid.to_voxel(self.middle)
        parts = [self._cut(name, at[plane.normal], state.display.convention) for name, plane in PLANES.items()]
        values = np.concatenate([self._values(part, state, imaging)[brain_like(part.voxels)] for part in parts])
        if state.view in SIGNED:
            high = float(np.percentile(np.abs(values), 99))
            return -high, high
        return automatic(values, signed=state.view == View.SIGNAL and state.contrast.signed, about_zero=not state.sequence.signed)

    def windowed(self, state: State) -> State:
        """The state with the automatic window of its signal."""
        signal = state.with_contrast(view=View.SIGNAL)
        return signal.with_window(*self.automatic(signal)).with_contrast(view=state.view)

    def reading(self, state: State, place: Millimetres | None = None) -> Reading:
        """The numbers at a place in millimetres, by default under the crosshair; the voxel in the file's numbering."""
        at = self.voxel(state) if place is None else self.subject.maps.grid.to_voxel(place)
        if self._last_read is None or self._last_read[0] != at:
            self._last_read = at, self._read(at)
        known = self._last_read[1]
        t1, t2, star, pd = known.t1, known.t2, known.t2star or known.t2, known.pd
        if not (pd > 0 and t1 > 0 and t2 > 0):
            return known
        decay = star if state.sequence.decay == "t2star" else t2
        index = int(np.ravel_multi_index(at, self.subject.maps.grid.shape))
        return replace(known, signal=signal_at(state, self.subject, pd, t1, decay, index))

    def _read(self, at: Voxel) -> Reading:
        """What no protocol changes at a voxel."""
        maps, companions = self.subject.maps, self.subject.companions
        pd, t1, t2 = (float(volume[at]) for volume in (maps.pd, maps.t1, maps.t2))
        star = None if maps.t2star is None else float(maps.t2star[at])
        unsure = {kind: float(one.whole[at]) * one.step for kind, one in (companions.uncertainty or {}).items()}
        return Reading(maps.grid.to_mm(at), maps.grid.stored_voxel(at), t1, t2, star, pd, None, unsure)

    def histogram(self, kind: str) -> Histogram:
        """Histogram of t1 or t2 over the whole head."""
        return histogram(self.subject.maps, kind)


def _beside_the_fissure(t1: Floats, middle: int, spacing: float) -> int:
    """The sagittal slice nearest to the middle that shows tissue: between the hemispheres there may be fluid alone."""
    reach = round(_FISSURE / spacing)
    near = [at for step in range(reach + 1) for at in (middle + step, middle - step) if 0 <= at < t1.shape[0]]
    counts = [int(((t1[at] > 0) & (t1[at] < _FLUID)).sum()) for at in near]
    return next(at for at, count in zip(near, counts, strict=True) if count >= _FILLED * max(counts))


def no_image(state: State) -> str:
    """Why there is no image of an impossible protocol, for the middle of the plane; empty where there is one."""
    if state.view not in _COMPUTED or not state.problems:
        return ""
    return "No image: " + "; ".join(problem.sentence for problem in state.problems)


def caption(state: State) -> str:
    """What an image shows: ``MPRAGE · TE 3.2 · TR 2400 · TI 1000 ms``, or the name of the map."""
    return " · ".join(caption_lines(state))


def caption_lines(state: State) -> tuple[str, ...]:
    """The caption in its parts: the image's name, and the times of its protocol."""
    if state.view in UNCERTAINTIES:
        return (f"{state.view.quantity.upper()}, half the 90 % interval",)
    if state.view in SCANNED:
        return (f"{state.comparison.scan or 'scan'} {'as measured' if state.view == 'measured' else 'measured minus computed'}",)
    if state.view in BESIDE:
        return ("the other person" if state.view == View.OTHER else "this person minus the other",)
    if state.view in CHANGE and (other := state.pinned) is not None:
        return (f"{caption(state.with_contrast(view='signal'))} minus {caption(other)}",)
    if state.view != View.SIGNAL:
        return ({"t1": "T1 map", "t2": "T2 map", "t2star": "T2* map", "pd": "PD map"}[state.view],)
    unit, protocol = state.appearance.times, state.protocol
    times = " · ".join(f"{p.label} {p.shown(protocol[p.name], unit)}" for p in protocol.timed if p.unit == "s")
    angles = "".join(f" · {p.shown(protocol[p.name])}°" for p in protocol.timed if p.unit == "deg")
    snr = f" · SNR {state.display.snr:g}" if state.display.snr else ""
    return protocol.title, f"{times} {unit}{angles}{snr}"


def mark(state: State, subject: Subject) -> str:
    """What every picture must say of itself."""
    synthetic = state.view in _COMPUTED or subject.synthetic
    encoded = "ENCODED MAP" if subject.companions.uncertainty else "TISSUE MAP"
    made = "SYNTHETIC" if synthetic else "LITERATURE VALUES" if subject.literature else encoded
    if state.view == View.MEASURED:
        made = "MEASURED SCAN"
    return f"{made} · {NOT_FOR_DIAGNOSIS}"
