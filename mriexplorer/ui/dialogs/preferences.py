"""What is remembered from one start to the next, in one dialog; every change counts at once.

::

    ┌ Preferences ─────────────────────────────────────────┐
    │ Display                │ Mouse in a plane            │
    │ Convention         ▾   │ Drag            the tool    │
    │ Theme              ▾   │ Right drag      window    ▾ │
    │ Times              ▾   │ …                           │
    │ ☑ Smooth pixels        │                             │
    │ Model   Runs on    ▾   │ Wheel           slices    ▾ │
    │         Computes in ▾  │                 As at first │
    │ Cache   312 MB  Empty  │                             │
    │                                              Close   │
    └──────────────────────────────────────────────────────┘
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mriexplorer.figures.theme import GRID
from mriexplorer.session.cache import cache_size, empty_cache, in_words
from mriexplorer.session.jobs import Jobs, Outcome
from mriexplorer.session.sampler import Precision
from mriexplorer.ui.planes.mouse import ACTIONS, DRAG, GESTURES, USUAL, bindings
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.panel import Sentence
from mriexplorer.ui.window.session_window import SessionWindow
from mriexplorer.view.state import State

_CONVENTIONS = {"radiological": "Radiological: patient's left on the right", "neurological": "Neurological: left on the left"}
_THEMES = {"dark": "Dark", "light": "Light"}
_TIMES = {"ms": "Milliseconds", "s": "Seconds"}
_WHEEL = ("go through the slices", "zoom")
_NAMES = 96  # pixels
_BEST = "the best there is"
_PRECISIONS: Mapping[Precision, str] = {"auto": "Automatic", "float32": "float32", "bfloat16": "bfloat16"}
Rows = Sequence[tuple[str, QWidget]]
T = TypeVar("T")


class Preferences(QDialog):
    """Shows what is set in the window, and sets it anew."""

    def __init__(self, window: SessionWindow) -> None:
        super().__init__(window)
        self._window = window
        self._jobs, self._gone = Jobs(), False
        self.setWindowTitle("Preferences")
        self._build_display()
        self._build_model()
        self._build_cache()
        self._build_mouse()
        self._lay_out()
        self.finished.connect(self._close)
        self._show_state(window.session.state)
        self._show_mouse()
        self._work(lambda _progress: (window.session.gallery.sampler.devices(), cache_size()), self._show_machine)

    # -- building ----------------------------------------------------------------------------------------------

    def _build_display(self) -> None:
        session = self._window.session
        self.convention = _chooser("Convention of the planes", list(_CONVENTIONS.values()), 34)
        self.convention.activated.connect(lambda place: session.show(convention=list(_CONVENTIONS)[place]))
        self.theme = _chooser("Theme", list(_THEMES.values()), 10)
        self.theme.activated.connect(lambda place: session.show_appearance(theme=list(_THEMES)[place]))
        self.times = _chooser("Unit of times", list(_TIMES.values()), 14)
        self.times.setToolTip("In the window and on pictures. Files, the command line and lessons keep to their own units")
        self.times.activated.connect(lambda place: session.show_appearance(times=list(_TIMES)[place]))
        self.smooth = QCheckBox("Smooth pixels (else voxels as they are)")
        self.smooth.clicked.connect(lambda checked: session.show(smooth=checked))

    def _build_model(self) -> None:
        self.device = _chooser("Where the model runs", [_BEST], 16)
        self.device.setEnabled(False)  # until it is known what there is
        self.device.activated.connect(self._choose_device)
        self.precision = _chooser("What the model computes in", list(_PRECISIONS.values()), 16)
        self.precision.setCurrentText(_PRECISIONS[self._window.session.gallery.sampler.precision])
        self.precision.setToolTip("Automatic: what the processor is quick at, found out once. Scans that were encoded stay so")
        self.precision.activated.connect(self._choose_precision)

    def _build_cache(self) -> None:
        self.cache = QLabel("looking …")
        self.cache.setAccessibleName("Size of the cache")
        self.empty = QPushButton("Empty the cache")
        self.empty.setEnabled(False)
        self.empty.clicked.connect(self._empty)
        self._about = Sentence(
            "The built-in brain, converted DICOM series and maps that were encoded from scans are kept, so that they open at "
            "once; all can be made again. What is open stays."
        )

    def _build_mouse(self) -> None:
        self.gestures = {gesture: _chooser(gesture, list(ACTIONS.values()), 40) for gesture in GESTURES}
        for chooser in self.gestures.values():
            chooser.activated.connect(self._choose_mouse)
        self.wheel = _chooser("Wheel", list(_WHEEL), 20)
        self.wheel.activated.connect(self._choose_mouse)
        self.reset = QPushButton("As at first")
        self.reset.setAccessibleName("All mouse bindings as at first")
        self.reset.clicked.connect(self._reset_mouse)

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        device: Rows = [("Model runs on", self.device), ("Computes in", self.precision)]
        cache: Rows = [("In the cache", self.cache), ("", self.empty)]
        shown: Rows = [("Convention", self.convention), ("Theme", self.theme), ("Times in", self.times), ("", self.smooth)]
        for title, rows in (("Display", shown), ("Model", device), ("Cache", cache)):
            left.addLayout(_section(title, rows))
        left.addWidget(self._about)
        left.addStretch(1)
        held = QLabel("the other of the two")
        mouse = [(DRAG.gesture, QLabel("what is chosen under Drag, above the planes")), *self.gestures.items()]
        right.addLayout(_section("Mouse in a plane", [*mouse, ("Wheel", self.wheel), ("Ctrl + wheel", held), ("", self.reset)]))
        right.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(4 * GRID)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        outer.setSpacing(2 * GRID)
        outer.addLayout(both)
        outer.addWidget(close)

    # -- display -----------------------------------------------------------------------------------------------

    def _show_state(self, state: State) -> None:
        self.convention.setCurrentIndex(list(_CONVENTIONS).index(state.display.convention))
        self.theme.setCurrentIndex(list(_THEMES).index(state.appearance.theme))
        self.times.setCurrentIndex(list(_TIMES).index(state.appearance.times))
        self.smooth.setChecked(state.display.smooth)

    # -- mouse -------------------------------------------------------------------------------------------------

    def _show_mouse(self) -> None:
        bound = {binding.gesture: binding.action for binding in self._window.bindings}
        for gesture, chooser in self.gestures.items():
            chooser.setCurrentIndex(list(ACTIONS).index(bound.get(gesture, "")))
        self.wheel.setCurrentIndex(int(self._window.wheel_zooms))

    def _choose_mouse(self) -> None:
        chosen = {gesture: list(ACTIONS)[chooser.currentIndex()] for gesture, chooser in self.gestures.items()}
        self._set_mouse(chosen, zooms=bool(self.wheel.currentIndex()))

    def _reset_mouse(self) -> None:
        self._set_mouse(dict(USUAL), zooms=False)
        self._show_mouse()

    def _set_mouse(self, chosen: dict[str, str], *, zooms: bool) -> None:
        self._window.bind(bindings(chosen), wheel_zooms=zooms)
        if self._window.settings is not None:
            self._window.settings.mouse, self._window.settings.wheel_zooms = chosen, zooms

    # -- model and cache ---------------------------------------------------------------------------------------

    def _work(self, work: Callable[[object], T], done: Callable[[T], None]) -> None:
        """Something that takes longer than a moment; ``done`` gets the result, unless the dialog was closed."""

        def over(outcome: Outcome) -> None:
            if self._gone:
                return
            if outcome.sentence is None:
                done(outcome.result)
            else:
                self.cache.setText(outcome.sentence)

        self._jobs.start(work, lambda _what: None, lambda outcome: self._window.post(partial(over, outcome)))

    def _show_machine(self, looked: tuple[tuple[str, ...], int]) -> None:
        """The devices that there are, and the size of the cache."""
        devices, size = looked
        self.device.addItems([name.upper() for name in devices])
        now = self._window.session.gallery.sampler.device
        self.device.setCurrentText(now.upper() if now in devices else _BEST)
        self.device.setEnabled(len(devices) > 1)
        self.device.setToolTip("Where the model runs" if len(devices) > 1 else "This machine has no other device for the model")
        self._show_size(size)

    def _choose_device(self, place: int) -> None:
        name = self.device.itemText(place).lower() if place else None
        self._window.session.gallery.choose_device(name)
        if self._window.settings is not None:
            self._window.settings.device = name

    def _choose_precision(self, place: int) -> None:
        chosen = self._window.session.gallery.sampler.precision = list(_PRECISIONS)[place]
        if self._window.settings is not None:
            self._window.settings.precision = chosen

    def _show_size(self, size: int) -> None:
        self.cache.setText(in_words(size))
        self.empty.setEnabled(size > 0)

    def _empty(self) -> None:
        self.empty.setEnabled(False)
        self.cache.setText("emptying …")
        kept = self._window.session.state.source.paths
        self._work(lambda _progress: empty_cache(kept), self._show_size)

    def _close(self) -> None:
        self._gone = True
        self._jobs.cancel()


def _chooser(name: str, texts: list[str], characters: int) -> Chooser:
    chooser = Chooser(name, characters)
    chooser.addItems(texts)
    return chooser


def _section(title: str, rows: Rows) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * GRID)
    grid.setVerticalSpacing(GRID)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, _NAMES)
    heading = QLabel(title)
    heading.setObjectName("title")
    grid.addWidget(heading, 0, 0, 1, 2)
    for line, (name, control) in enumerate(rows, 1):
        label = QLabel(name)
        label.setObjectName("muted")
        grid.addWidget(label, line, 0)
        side = Qt.AlignmentFlag.AlignLeft if isinstance(control, QPushButton | QCheckBox) else Qt.AlignmentFlag(0)
        grid.addWidget(control, line, 1, side)
    return grid
