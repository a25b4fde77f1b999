"""The sequence's sliders, made from the table."""

from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from mriexplorer.physics import Protocol, Sequence
from mriexplorer.ui.widgets.panel import Panel, Sentence, discard
from mriexplorer.ui.widgets.parameter_slider import ParameterSlider
from mriexplorer.view.presets import chosen, home
from mriexplorer.view.state import State


class ContrastPanel(Panel):
    """Sliders of the current sequence; expert parameters fold away."""

    requested = Signal(str, float)
    settled = Signal()
    expert_requested = Signal(bool)
    reset_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Contrast")
        self._built: tuple[Sequence | None, str] = (None, "")  # sequence, and unit of times
        self._sliders: dict[str, ParameterSlider] = {}
        self._home: Protocol | None = None
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

    def show_state(self, state: State) -> None:
        """Draw the state's protocol, and at each slider what is wrong with it."""
        if (state.sequence, state.appearance.times) != self._built:
            self._rebuild(state)
        problems = {name: p.sentence for p in reversed(state.problems) for name in p.parameters}
        for name, value in state.protocol.values.items():
            slider = self._sliders[name]
            sentence = "" if slider.parameter.expert else problems.get(name, "")
            slider.show_value(value, sentence, alarmed=name in problems)
            slider.setVisible(state.panels.expert or not slider.parameter.expert)
        self._expert.setChecked(state.panels.expert)
        self._show_note(state)

    def _show_note(self, state: State) -> None:
        """The note of the preset last chosen; it stays while values are moved away from it, so that nothing jumps."""
        preset = chosen(state)
        other = preset is not None and not state.source.of_files and preset.field != state.source.field
        text = (f"A {preset.field:g} T protocol, shown at {state.source.field:g} T. " if preset and other else "") + (
            preset.note if preset else ""
        )
        if text != self._note.text():
            self._note.setText(text)
            self._note.setVisible(bool(text))
        usual = home(state)
        if usual != self._home:
            self._home = usual
            for name, slider in self._sliders.items():
                slider.show_home(usual[name])

    def _rebuild(self, state: State) -> None:
        for slider in self._sliders.values():
            discard(slider)
        self._sliders = {p.name: ParameterSlider(p, state.appearance.times) for p in state.sequence.parameters}
        for place, slider in enumerate(self._sliders.values()):
            slider.requested.connect(self.requested)
            slider.settled.connect(self.settled)
            self.body.insertWidget(1 + place, slider)
        controls = [control for slider in self._sliders.values() for control in slider.controls]
        for before, after in pairwise([*controls, self._expert, self._reset]):
            self.setTabOrder(before, after)
        self._built, self._home = (state.sequence, state.appearance.times), None
        self._formula.setText(state.sequence.formula)
        self._expert.setVisible(any(p.expert for p in state.sequence.parameters))
