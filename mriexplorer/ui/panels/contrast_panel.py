"""The sequence's sliders, made from the table."""

from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from mriexplorer.physics import Protocol, Sequence, TimeUnit
from mriexplorer.render.scene import Scene
from mriexplorer.ui.widgets.panel import Panel, Sentence, discard
from mriexplorer.ui.widgets.parameter_slider import ParameterSlider
from mriexplorer.view.contrast import Contrast
from mriexplorer.view.presets import Preset, chosen, matching
from mriexplorer.view.source import Source
from mriexplorer.view.state import State


class ContrastPanel(Panel):
    """Sliders of the current sequence; expert parameters fold away. ``preset_shown`` tells which preset their values are of."""

    depends = frozenset({"contrast.protocol", "contrast.preset", "source", "panels.expert", "appearance.times"})
    requested = Signal(str, float)
    settled = Signal()
    preset_shown = Signal(object)  # Preset, or None
    expert_requested = Signal(bool)
    reset_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Contrast")
        self._built: tuple[Sequence, TimeUnit] | None = None
        self._sliders: dict[str, ParameterSlider] = {}
        self._drawn: dict[str, tuple[float, str | None]] = {}  # by parameter: its value, and what is wrong with it
        self._unfolded: bool | None = None  # whether expert parameters are shown
        self._matched: Preset | None = None
        self._about: tuple[Preset | None, Sequence, Source] | None = None  # what note and notches are of
        self._formula = Sentence()
        self._note = Sentence()
        self._expert = QCheckBox("More parameters")
        self._expert.toggled.connect(self.expert_requested)
        self._reset = QPushButton("Reset")
        self._reset.setToolTip("Back to the preset, or to the sequence's defaults where none was chosen")
        self._reset.clicked.connect(self.reset_requested)
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._expert)
        line.addStretch()
        line.addWidget(self._reset)
        self.body.addWidget(self._formula)
        self.body.addWidget(foot)
        self.body.addWidget(self._note)

    def show_state(self, _scene: Scene, state: State) -> None:
        """Draw the state's protocol, and at each slider what is wrong with it."""
        contrast, expert = state.contrast, state.panels.expert
        if (contrast.protocol.sequence, state.appearance.times) != self._built:
            self._rebuild(contrast.protocol.sequence, state.appearance.times)
        self._show_values(contrast.protocol)
        if expert != self._unfolded:
            self._unfold(expert)
        self._show_preset(state, contrast)

    def _show_values(self, protocol: Protocol) -> None:
        """Draw the sliders of which something differs."""
        wrong: dict[str, str] = {}
        for problem in reversed(protocol.problems):
            wrong |= dict.fromkeys(problem.parameters, problem.sentence)
        for name, value in protocol.values.items():
            drawn = value, wrong.get(name)
            if self._drawn.get(name) != drawn:
                self._drawn[name], slider = drawn, self._sliders[name]
                slider.show_value(value, wrong.get(name, "") if not slider.parameter.expert else "", alarmed=name in wrong)

    def _unfold(self, expert: bool) -> None:
        self._unfolded = expert
        self._expert.setChecked(expert)
        for slider in self._sliders.values():
            slider.setVisible(expert or not slider.parameter.expert)

    def _show_preset(self, state: State, contrast: Contrast) -> None:
        """Which preset the values are of, and the note of the one last chosen: it stays while values are moved away from it, so
        that nothing jumps."""
        matched = matching(state)
        if matched is not self._matched:
            self._matched = matched
            self.preset_shown.emit(matched)
        preset, sequence = chosen(state) if contrast.preset else matched, contrast.protocol.sequence
        if (preset, sequence, state.source) != self._about:
            self._about = preset, sequence, state.source
            self._show_note(_note(preset, state.source) if preset is not None else "")
            self._show_home(preset.protocol if preset is not None else Protocol.complete(sequence))

    def _show_note(self, text: str) -> None:
        if text != self._note.text():
            self._note.setText(text)
            self._note.setVisible(bool(text))

    def _show_home(self, usual: Protocol) -> None:
        for name, slider in self._sliders.items():
            slider.show_home(usual[name])

    def _rebuild(self, sequence: Sequence, times: TimeUnit) -> None:
        for slider in self._sliders.values():
            discard(slider)
        self._sliders = {p.name: ParameterSlider(p, times) for p in sequence.parameters}
        for place, slider in enumerate(self._sliders.values()):
            slider.requested.connect(self.requested)
            slider.settled.connect(self.settled)
            self.body.insertWidget(1 + place, slider)
        controls = [control for slider in self._sliders.values() for control in slider.controls]
        for before, after in pairwise([*controls, self._expert, self._reset]):
            self.setTabOrder(before, after)
        self._built, self._drawn, self._about, self._unfolded = (sequence, times), {}, None, None
        self._formula.setText(sequence.formula)
        self._expert.setVisible(any(p.expert for p in sequence.parameters))


def _note(preset: Preset, source: Source) -> str:
    other = not source.of_files and preset.field != source.field
    return (f"A {preset.field:g} T protocol, shown at {source.field:g} T. " if other else "") + preset.note
