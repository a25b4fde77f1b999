"""The sequence's sliders, made from the table."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from mriexplorer.explorer.presets import matching
from mriexplorer.explorer.state import State
from mriexplorer.ui.panel import Panel, quiet_label
from mriexplorer.ui.parameter_slider import ParameterSlider


class ContrastPanel(Panel):
    """Sliders of the current sequence; expert parameters fold away."""

    wished = Signal(str, float)
    settled = Signal()
    expert_wished = Signal(bool)
    reset_wished = Signal()

    def __init__(self) -> None:
        super().__init__("Contrast")
        self._sequence = ""
        self._sliders: dict[str, ParameterSlider] = {}
        self._formula = quiet_label()
        self._note = quiet_label()
        self._expert = QCheckBox("More parameters")
        self._expert.toggled.connect(self.expert_wished)
        reset = QPushButton("Reset")
        reset.setToolTip("Back to the preset or the sequence's defaults")
        reset.clicked.connect(self.reset_wished)
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._expert)
        line.addStretch()
        line.addWidget(reset)
        self.body.addWidget(self._formula)
        self.body.addWidget(foot)
        self.body.addWidget(self._note)

    def show_state(self, state: State) -> None:
        """Draw the state's protocol, and at each slider what is wrong with it."""
        if state.sequence != self._sequence:
            self._rebuild(state)
        problems = {p.parameters[0]: p.sentence for p in reversed(state.problems)}
        alarmed = {name for problem in state.problems for name in problem.parameters}
        for name, value in state.values:
            slider = self._sliders[name]
            slider.show_value(value, problems.get(name, ""), alarmed=name in alarmed)
            slider.setVisible(state.expert or not slider.parameter.expert or name in alarmed)
        self._expert.setChecked(state.expert)
        self._show_note(state)

    def _show_note(self, state: State) -> None:
        preset = matching(state)
        text = preset.note if preset else ""
        if text != self._note.text():
            self._note.setText(text)
            self._note.setVisible(bool(text))

    def _rebuild(self, state: State) -> None:
        for slider in self._sliders.values():
            self.body.removeWidget(slider)
            slider.setParent(None)
            slider.deleteLater()
        self._sliders = {p.name: ParameterSlider(p) for p in state.row.parameters}
        for place, slider in enumerate(self._sliders.values()):
            slider.wished.connect(self.wished)
            slider.settled.connect(self.settled)
            self.body.insertWidget(1 + place, slider)
        self._sequence = state.sequence
        self._formula.setText(state.row.formula)
        self._expert.setVisible(any(p.expert for p in state.row.parameters))
