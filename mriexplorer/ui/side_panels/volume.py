"""3-D beside the planes.

::

    ┌ Surface | Cut | X-ray | MIP    before the crosshair ▾ ┐
    │ 38 ms                                            letters  │
    │                          head                             │
    └ MPRAGE · TE ...              SYNTHETIC · not for diagnosis ┘
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QToolButton, QVBoxLayout

from mriexplorer.errors import InputError
from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID
from mriexplorer.figures.volume_painter import Legend, image, legend
from mriexplorer.figures.volume_renderer import VolumeRenderer
from mriexplorer.render.scene import Scene
from mriexplorer.render.volume import Texture, render_parameters, texture
from mriexplorer.session.session import Session
from mriexplorer.ui.side_panels.render_pace import RenderPace
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.side_panels.volume_canvas import VolumeCanvas
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State
from mriexplorer.view.views import View
from mriexplorer.view.volume_view import VolumeClip, VolumePreset

_LABELS = {"surface": "Surface", "cut": "Cut", "xray": "X-ray", "maximum": "MIP"}
_TIPS = {
    "surface": "The lit surface of solid tissue, in the grey of the signal below it",
    "cut": "The surface, opened at the crosshair; the cut shows the signal as the planes do",
    "xray": "The greys along each ray added up",
    "maximum": "Maximum intensity projection: the greatest grey along each ray",
}
_CLIPS = {"octant": "Corner", "axial": "Axial", "coronal": "Coronal", "sagittal": "Sagittal"}
_REST = 250  # ms without a change, until the frame is drawn finely
_QUIET = 150  # ms without another subject, until its tissue is made ready
PREPARING = "Preparing 3-D …"


@dataclass(frozen=True)
class _Wanted:
    """What should be seen."""

    scene: Scene
    state: State


def make(session: Session, enlarge: Callable[[Layout], None]) -> "VolumePanel":
    """The panel, connected; a double click makes it large."""
    panel = VolumePanel()
    panel.camera_requested.connect(session.move_camera)
    panel.drag_ended.connect(session.store.settle)
    panel.changed.connect(lambda fields: session.show_volume(**fields))
    panel.enlarged.connect(lambda: enlarge(Layout.SIDE_PANEL))
    return panel


class VolumePanel(TabbedPanel):
    """Draws the state in 3-D. vtk is imported once the panel has said that it prepares; where that fails it says why."""

    depends = frozenset({"contrast", "volume", "display.cursor", "display.snr", "appearance.times"})

    camera_requested = Signal(object)  # Camera
    drag_ended = Signal()
    enlarged = Signal()
    changed = Signal(dict)  # fields of the state's 3-D

    def __init__(self, make_renderer: Callable[[], VolumeRenderer] = VolumeRenderer) -> None:
        super().__init__()
        theme.on_panel(self)
        self._make_renderer = make_renderer
        self._renderer: VolumeRenderer | None = None
        self._textures: dict[str, Texture] = {}
        self._of: Scene | None = None  # whose textures they are
        self._wanted: _Wanted | None = None
        self._refused = ""
        self._paces = {name: RenderPace() for name in VolumePreset}  # an X-ray takes five times as long as a surface
        self.canvas = VolumeCanvas()
        self._soon, self._rest, self._ready = (QTimer(self, singleShot=True, interval=i) for i in (0, _REST, 0))
        self._soon.timeout.connect(lambda: self._draw(moving=True))
        self._rest.timeout.connect(lambda: self._draw(moving=False))
        self._ready.timeout.connect(self._prepare)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._presets: dict[VolumePreset, QToolButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID // 2)
        for name in VolumePreset:
            button = self._presets[name] = QToolButton()
            button.setText(_LABELS[name])
            button.setCheckable(True)
            button.setToolTip(_TIPS[name])
            button.setAccessibleName(f"3-D as {_LABELS[name].lower()}")
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch()
        self._clip = QComboBox()
        self._clip.addItems([_CLIPS[name] for name in VolumeClip])
        self._clip.setAccessibleName("What the cut takes away")
        self._clip.setToolTip("What is taken away before the crosshair, as seen from here")
        row.addWidget(self._clip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self.canvas, 1)

    def _connect(self) -> None:
        for name, button in self._presets.items():
            button.clicked.connect(lambda _checked=False, n=name: self.changed.emit({"preset": n}))
        self._clip.activated.connect(lambda place: self.changed.emit({"clip": tuple(VolumeClip)[place]}))
        self.canvas.camera_requested.connect(self.camera_requested)
        self.canvas.drag_ended.connect(self.drag_ended)
        self.canvas.enlarged.connect(self.enlarged)
        self.canvas.resized.connect(lambda: self._rest.start() if self._is_ready() else None)
        self.canvas.painted.connect(self._painted)

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw the state: coarsely at once, finely when nothing changes any more."""
        before, self._wanted = self._wanted, _Wanted(scene, state)
        self.canvas.look_from(state.volume.camera)
        self._presets[state.volume.preset].setChecked(True)
        self._clip.setCurrentIndex(tuple(VolumeClip).index(state.volume.clip))
        self._clip.setVisible(state.volume.preset == "cut")
        if self._refused:
            return
        if self._is_ready():
            if before is None or before.scene is not scene or _seen(before.state) != _seen(state):
                self._soon.start()
        elif self._of is None:
            self.canvas.say(PREPARING)  # once that is painted, it is done
        else:
            self._ready.start(0 if self._of is scene else _QUIET)

    @property
    def busy(self) -> bool:
        """Whether a frame is still to come."""
        return not self._refused and (not self._is_ready() or any(t.isActive() for t in (self._soon, self._rest, self._ready)))

    def _painted(self) -> None:
        if self._of is None and self._wanted is not None and not self._refused and not self._ready.isActive():
            self._ready.start(0)

    def _is_ready(self) -> bool:
        wanted = self._wanted
        return wanted is not None and self._of is wanted.scene and wanted.state.sequence.decay in self._textures

    def _prepare(self) -> None:
        """Import vtk where that was not done, and make the tissue of the subject ready."""
        if self._wanted is None or self._refused:
            return
        scene, decay = self._wanted.scene, self._wanted.state.sequence.decay
        try:
            self._renderer = self._renderer or self._make_renderer()
        except InputError as error:
            self._refuse(str(error))
            return
        if self._of is not scene:
            self._of, self._textures = scene, {}
        if decay not in self._textures:
            self._textures[decay] = texture(scene.subject.maps, decay)
        self._draw(moving=True)

    def _refuse(self, sentence: str) -> None:
        self._refused = sentence
        self.canvas.say(sentence)

    def _draw(self, *, moving: bool) -> None:
        if self._wanted is None:
            return
        if not self._is_ready():
            if self._of is not None:
                self._ready.start(0)
            return
        scene, state = self._wanted.scene, self._wanted.state
        tissue = self._textures[state.sequence.decay]
        said = legend(scene, state, tissue.stride)
        if said.message:
            self.canvas.show_frame(None, said)
            return
        try:
            self._render(scene, state, tissue, said, moving=moving)
        except InputError as error:
            self._refuse(str(error))
            return
        if moving:
            self._rest.start()

    def _render(self, scene: Scene, state: State, tissue: Texture, said: Legend, *, moving: bool) -> None:
        assert self._renderer is not None  # noqa: S101 what is ready has one
        across, down = self.canvas.pixels
        pace = self._paces[state.volume.preset]
        width, height, step = pace.size(across, down, moving=moving)
        began = perf_counter()
        self._renderer.show(tissue)
        pixels = self._renderer.frame(render_parameters(scene, state, tissue, across / down), width, height, step)
        took = perf_counter() - began
        pace.took(width * height, took, moving=moving)
        said = replace(said, time=f"{took * 1000:.0f} ms")
        self.canvas.show_frame(image(pixels), said)


def _seen(state: State) -> tuple[object, ...]:
    """What of a state 3-D depends on."""
    look = (
        state.volume.preset,
        state.volume.clip,
        state.volume.camera,
        state.contrast.magnitude,
        state.with_contrast(view=View.SIGNAL).window(),
    )
    return (*look, state.protocol, state.display.cursor if state.volume.preset == "cut" else None)
