"""The only truth of a session: one frozen state. Undo is the previous one; flags and presets are overrides of one.

What its types allow is what a file may say (``state_json``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mriexplorer.physics import Problem, Protocol, Sequence
from mriexplorer.view.appearance import Appearance
from mriexplorer.view.comparison import Comparison
from mriexplorer.view.contrast import Contrast, Window
from mriexplorer.view.display import FARTHEST_EDGE, HIGHEST_SEED, MAP_WINDOWS, SIDES, Display
from mriexplorer.view.measurement import Measurement
from mriexplorer.view.panels import Counted, Panels
from mriexplorer.view.source import Source
from mriexplorer.view.views import OF_SIGNAL, SIGNED, View
from mriexplorer.view.volume_view import VolumeView

_RESIDUAL = 0.3  # of the signal's window, to either side of 0


@dataclass(frozen=True)
class State:
    """What is looked at and how.

    ``source`` is what is open. ``contrasts`` are those that stand side by side, of which the ``chosen`` one is shown alone in all
    other layouts, and moved by the sliders.
    """

    source: Source = Source()  # noqa: RUF009 these are frozen
    contrasts: tuple[Contrast, ...] = (Contrast(),)
    chosen: Counted = 0
    display: Display = Display()  # noqa: RUF009
    comparison: Comparison = Comparison()  # noqa: RUF009
    measurement: Measurement = Measurement()  # noqa: RUF009
    panels: Panels = Panels()  # noqa: RUF009
    volume: VolumeView = VolumeView()  # noqa: RUF009
    appearance: Appearance = Appearance()  # noqa: RUF009

    @cached_property
    def contrast(self) -> Contrast:
        """The chosen contrast."""
        return self.contrasts[self.chosen]

    @cached_property
    def protocol(self) -> Protocol:
        """That of the chosen contrast."""
        return self.contrast.protocol

    @cached_property
    def sequence(self) -> Sequence:
        """That of the chosen contrast."""
        return self.protocol.sequence

    @cached_property
    def view(self) -> View:
        """What is shown of the chosen contrast: the signal or a map."""
        return self.contrast.view

    @property
    def linked(self) -> bool:
        """Whether sliders move the times of all cells."""
        return self.comparison.together and self.display.layout in SIDES

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Why a scanner could not run this."""
        return self.protocol.problems

    # -- parts -------------------------------------------------------------------------------------------------

    def with_contrast(self, **changed: Any) -> "State":
        """With something else of the chosen contrast."""
        if "view" in changed:
            changed["view"] = View(changed["view"])
        return self.in_contrast(replace(self.contrast, **changed))

    def in_contrast(self, contrast: Contrast) -> "State":
        """With another contrast in place of the chosen one."""
        every = tuple(contrast if place == self.chosen else one for place, one in enumerate(self.contrasts))
        return replace(self, contrasts=every)

    def alone(self, contrast: Contrast) -> "State":
        """With one contrast and no others beside it."""
        return replace(self, contrasts=(contrast,), chosen=0)

    def with_display(self, **changed: Any) -> "State":
        """With something else of the display."""
        return replace(self, display=replace(self.display, **changed))

    def with_comparison(self, **changed: Any) -> "State":
        """With something else of the comparison."""
        return replace(self, comparison=replace(self.comparison, **changed))

    def with_measurement(self, **changed: Any) -> "State":
        """With something else of what is measured."""
        return replace(self, measurement=replace(self.measurement, **changed))

    def with_panels(self, **changed: Any) -> "State":
        """With something else of the panels."""
        return replace(self, panels=replace(self.panels, **changed))

    def with_volume(self, **changed: Any) -> "State":
        """With something else of 3-D."""
        return replace(self, volume=replace(self.volume, **changed))

    def with_appearance(self, **changed: Any) -> "State":
        """With another theme, or times in another unit."""
        return replace(self, appearance=replace(self.appearance, **changed))

    def with_field(self, field: float) -> "State":
        """At another field strength (T)."""
        return replace(self, source=self.source.at(field))

    # -- contrasts ---------------------------------------------------------------------------------------------

    @cached_property
    def pinned(self) -> "State | None":
        """The state in the contrast that is pinned, as a scan of its own; None where none is."""
        return None if self.comparison.pinned is None else self.rescanned.alone(self.comparison.pinned)

    @property
    def rescanned(self) -> "State":
        """The state as another scan shows it: with noise of its own."""
        return self.with_display(noise_seed=(self.display.noise_seed + 1) % (HIGHEST_SEED + 1))

    def with_values(self, **changed: float) -> "State":
        """With some parameters moved, each kept inside its range."""
        return self.with_contrast(protocol=self.protocol.with_values(**changed))

    def with_sequence(self, name: str, values: Mapping[str, float] | None = None) -> "State":
        """With another sequence; without ``values``, each parameter starts at that sequence's default."""
        return self.with_contrast(protocol=Protocol.complete(name, values))

    def in_model(self, model: str) -> "State":
        """In the family of equations ``full`` or ``ideal``; values are kept where a scanner could run them there."""
        return self.with_contrast(protocol=self.protocol.in_model(model))

    # -- windows -----------------------------------------------------------------------------------------------

    def window(self, default: Window = (0.0, 1.0)) -> Window:
        """Low and high of the current view. A measured scan has the window of the signal, the residual a part of it.

        The difference from a pinned contrast has its own, about 0, once that is set.
        """
        view, windows = self.view, dict(self.display.windows)
        if view == View.CHANGE and View.CHANGE in windows:
            return windows[View.CHANGE]
        if view not in OF_SIGNAL:
            return windows.get(view, MAP_WINDOWS.get(view, default))
        low, high = self.contrast.window or default
        if view in SIGNED:
            reach = _RESIDUAL * max(abs(low), abs(high))
            return -reach, reach
        return low, high

    def with_window(self, low: float, high: float) -> "State":
        """With another window for the current view; the residual's follows from the signal's."""
        high = max(high, low + 1e-6)
        if self.view == View.CHANGE:
            reach = max(abs(low), abs(high))
            return self._with_map_window(View.CHANGE, kept_in_range(-reach, reach))
        if self.view not in OF_SIGNAL:
            return self._with_map_window(self.view, kept_in_range(low, high))
        if self.view in SIGNED:
            low, high = 0.0, max(abs(low), abs(high)) / _RESIDUAL
        return self.with_contrast(window=kept_in_range(low, high))

    def _with_map_window(self, view: View, window: Window) -> "State":
        return self.with_display(windows=tuple({**dict(self.display.windows), view.value: window}.items()))


def kept_in_range(low: float, high: float) -> Window:
    """The nearest window that a file may tell."""
    low = min(max(low, -FARTHEST_EDGE), FARTHEST_EDGE - 1)
    return low, max(min(high, FARTHEST_EDGE), low + 1e-6)
