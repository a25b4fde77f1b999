"""The sequence's sliders, made from the table."""

from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from mriexplorer.ui.widgets.panel import Panel, Sentence, discard
from mriexplorer.ui.widgets.parameter_slider import ParameterSlider
from mriexplorer.view.presets import chosen, home_values
from mriexplorer.view.state import State


class ContrastPanel(Panel):
    """Sliders of the current sequence; expert parameters fold away."""

    wished = Signal(str, float)
    settled = Signal()
    expert_wished = Signal(bool)
    reset_wished = Signal()

    def __init__(self) -> None:
        super().__init__("Contrast")
        self._built: tuple[str, str] = ("", "")  # sequence, and unit of times
        self._sliders: dict[str, ParameterSlider] = {}
        self._home: dict[str, float] = {}
        self._formula = Sentence()
        self._note = Sentence()
        self._expert = QCheckBox("More parameters")
        self._expert.toggled.connect(self.expert_wished)
        self._reset = QPushButton("Reset")
        self._reset.setToolTip("Back to the preset, or to the sequence's defaults where none was chosen")
        self._reset.clicked.connect(self.reset_wished)
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
        if (state.sequence, state.times) != self._built:
            self._rebuild(state)
        problems = {name: p.sentence for p in reversed(state.problems) for name in p.parameters}
        for name, value in state.values:
            slider = self._sliders[name]
            sentence = "" if slider.parameter.expert else problems.get(name, "")
            slider.show_value(value, sentence, alarmed=name in problems)
            slider.setVisible(state.expert or not slider.parameter.expert)
        self._expert.setChecked(state.expert)
        self._show_note(state)

    def _show_note(self, state: State) -> None:
        """The note of the preset last chosen; it stays while values are moved away from it, so that nothing jumps."""
        preset = chosen(state)
        other = preset is not None and not state.paths and not state.picked and preset.field != state.field
        text = (f"A {preset.field:g} T protocol, shown at {state.field:g} T. " if preset and other else "") + (
            preset.note if preset else ""
        )
        if text != self._note.text():
            self._note.setText(text)
            self._note.setVisible(bool(text))
        home = home_values(state)
        if home != self._home:
            self._home = home
            for name, slider in self._sliders.items():
                slider.show_home(home[name])

    def _rebuild(self, state: State) -> None:
        for slider in self._sliders.values():
            discard(slider)
        self._sliders = {p.name: ParameterSlider(p, state.times) for p in state.row.parameters}
        for place, slider in enumerate(self._sliders.values()):
            slider.wished.connect(self.wished)
            slider.settled.connect(self.settled)
            self.body.insertWidget(1 + place, slider)
        controls = [control for slider in self._sliders.values() for control in slider.controls]
        for before, after in pairwise([*controls, self._expert, self._reset]):
            self.setTabOrder(before, after)
        self._built, self._home = (state.sequence, state.times), {}
        self._formula.setText(state.row.formula)
        self._expert.setVisible(any(p.expert for p in state.row.parameters))
