"""Contrasts side by side, and the pinned one against the current.

::

    [2×2] [3×3] [People]  axial ▾
    ☐ TE, TR, TI together
    [Pin] [Flip] [Flicker] [Wipe] [Difference]
    Pinned: FLAIR · TE 120 · TR 9000 · TI 2460 ms
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from mriexplorer.render.scene import Scene, caption
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.panel import Panel, Sentence
from mriexplorer.view.comparison import RATES
from mriexplorer.view.display import SIDES, Layout
from mriexplorer.view.plane import PLANES
from mriexplorer.view.state import State

_LAYOUTS = (
    ("contrasts 2x2", "2×2", "Four contrasts of one plane (F2)"),
    ("contrasts 3x3", "3×3", "Nine contrasts of one plane (F3)"),
    ("people", "People", "The people of the gallery, or of a dataset, in this contrast (F4)"),
)
_WAYS = (
    ("pinned", "Flip", "Show the pinned contrast in place of the current one (F)"),
    ("flicker", "Flicker", "Change between the two by itself (Shift+F)"),
    ("wipe", "Wipe", "Pinned left, current right of a divider (W); drag it, or Ctrl+Left and Ctrl+Right"),
    ("difference", "Difference", "Current minus pinned (D)"),
)


_TIPS = {name: tip for name, _text, tip in _WAYS}


class ComparePanel(Panel):
    """Tells what is asked for, and draws what is."""

    depends = frozenset({"comparison", "display.layout", "display.plane", "display.snr", "source.paths", "appearance.times"})
    layout_requested = Signal(str)
    plane_requested = Signal(str)
    together_requested = Signal(bool)
    pin_requested = Signal()
    unpin_requested = Signal()
    way_requested = Signal(str)
    rate_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__("Compare")
        self._layouts = {name: _button(text, tip) for name, text, tip in _LAYOUTS}
        self._ways = {name: _button(text, tip) for name, text, tip in _WAYS}
        self._pin = _button("Pin", "Pin this contrast, to compare others with it (B); again: let it go")
        self._plane = Chooser("Plane in which contrasts are compared", 7)
        for plane in PLANES:
            self._plane.addItem(plane.capitalize(), plane)
        self._rate = Chooser("Changes a second of the flicker", 4)
        self._rate.addItems([f"{rate} Hz" for rate in RATES])
        self._together = QCheckBox("TE, TR, TI of all together")
        self._together.setToolTip("A slider moves every cell that has the parameter, by the same factor (G)")
        self._pinned = Sentence()
        self._shown_layout = ""
        self._connect()
        self.body.addWidget(_line(*self._layouts.values(), self._plane))
        self.body.addWidget(_line(self._together, None, self._rate))
        self.body.addWidget(_line(self._pin, *self._ways.values()))
        self.body.addWidget(self._pinned)

    def _connect(self) -> None:
        for name, button in self._layouts.items():
            button.clicked.connect(
                lambda _on, name=name: self.layout_requested.emit("grid" if self._shown_layout == name else name)
            )
        for name, button in self._ways.items():
            button.clicked.connect(lambda _on, name=name: self.way_requested.emit(name))
        self._pin.clicked.connect(lambda on: (self.pin_requested if on else self.unpin_requested).emit())
        self._plane.activated.connect(lambda place: self.plane_requested.emit(self._plane.itemData(place)))
        self._rate.activated.connect(lambda place: self.rate_requested.emit(RATES[place]))
        self._together.clicked.connect(self.together_requested)

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw how contrasts are compared."""
        self._shown_layout = state.display.layout
        several = state.display.layout in SIDES
        for name, button in self._layouts.items():
            button.setChecked(state.display.layout == name)
        one_plane = state.display.layout == Layout.PEOPLE and not state.source.paths  # all that the gallery keeps of people
        self._plane.setEnabled(several or (state.display.layout == Layout.PEOPLE and not one_plane))
        self._plane.setCurrentIndex(self._plane.findData(state.display.plane))
        self._together.setEnabled(several)
        self._together.setChecked(state.comparison.together)
        self._pin.setChecked(state.comparison.pinned is not None)
        beside = state.display.layout == Layout.COMPARE and scene.can_compare
        for name, button in self._ways.items():
            button.setChecked(state.comparison.mode == name)
            possible = (beside or state.comparison.pinned is not None) and (
                state.display.layout != Layout.PEOPLE or name in ("pinned", "flicker")
            )
            button.setEnabled(possible)
            button.setToolTip(_TIPS[name] if possible else f"{_TIPS[name]}. Pin a contrast first")
        self._ways["difference"].setEnabled(self._ways["difference"].isEnabled() and not beside)
        self._rate.setEnabled(state.comparison.mode == "flicker")
        self._rate.setCurrentIndex(RATES.index(state.comparison.rate))
        self._show_pinned(state, beside=beside)

    def _show_pinned(self, state: State, *, beside: bool) -> None:
        reference = state.pinned
        text = f"Pinned: {caption(reference)}" if reference is not None else ""
        if text and state.comparison.mode == "pinned":
            text += ". It is shown; the sliders are those of the current contrast."
        if beside:
            text = "The measured image, or the other person, is the reference."
        if text != self._pinned.text():
            self._pinned.setText(text)
        self._pinned.setVisible(bool(text))


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setStyleSheet("padding: 4px 2px")
    return button


def _line(*widgets: QWidget | None) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(3)
    for widget in widgets:
        if widget is None:
            layout.addStretch()
        else:
            layout.addWidget(widget)
    return row
