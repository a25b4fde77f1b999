"""3-D: the shader against numpy, and the panel driven as a person would."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mriexplorer.errors import InputError
from mriexplorer.figures.volume_renderer import VolumeRenderer
from mriexplorer.physics import SEQUENCES
from mriexplorer.render.scene import Scene
from mriexplorer.render.volume import RenderParameters, render_parameters, texture
from mriexplorer.ui.side_panels.render_pace import RenderPace
from mriexplorer.ui.side_panels.volume import PREPARING
from mriexplorer.ui.window.application import open_window
from mriexplorer.view.camera import Camera, Rays
from mriexplorer.view.state import State

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
UP, RIGHT, AHEAD = np.array([0, 1.0, 0]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0])


@pytest.fixture(scope="module")
def renderer():
    """Needs OpenGL, be it in software."""
    try:
        made = VolumeRenderer()
    except InputError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture(scope="module")
def tissue(brain):
    return {decay: texture(brain.maps, decay) for decay in ("t2", "t2star")}


@pytest.fixture(scope="module")
def scene(brain):
    return Scene(brain)


def windowed(scene, name, **changed):
    """A state of a sequence, with its automatic window."""
    state = State().with_sequence(name).with_contrast(**changed)
    return state.with_window(*scene.automatic(state))


def from_above(tissue, state, z):
    """Render parameters for which each pixel is one voxel of the axial slice at z (mm), seen from above."""
    x, y, _z = tissue.extent
    eye = np.array((*tissue.centre[:2], 500.0))
    cast = Rays(eye, AHEAD, np.zeros(3), np.zeros(3), RIGHT * x / 2, UP * y / 2)
    signed = state.contrast.signed
    cross = np.array((0.0, 0.0, z))
    return RenderParameters(state.protocol, state.window(), signed, "cut", cast, RIGHT, UP, cross, (-AHEAD,))


@pytest.mark.parametrize("magnitude", [True, False])
@pytest.mark.parametrize("name", SEQUENCES)
def test_a_slice_by_the_shader_is_that_by_numpy(name, magnitude, renderer, tissue, brain, scene):
    state = windowed(scene, name, magnitude=magnitude)
    made, maps, k = tissue[state.sequence.decay], brain.maps, 80
    renderer.show(made)
    x, y, _z = made.shape
    frame = renderer.frame(from_above(made, state, maps.grid.to_mm((0, 0, k))[2]), x, y, 1.0)[::-1, :, 0].T
    first = np.rint(made.affine[:3, 3] - maps.grid.affine[:3, 3]).astype(int)
    part = tuple(slice(max(c, 0), c + n) for c, n in zip(first[:2], (x, y), strict=True))
    pd, t1, decay = (one[part][..., k] for one in (maps.pd, maps.t1, maps.t2 if state.sequence.decay == "t2" else maps.t2star))
    shown = frame[max(-first[0], 0) :, max(-first[1], 0) :][: pd.shape[0], : pd.shape[1]]
    inside = pd > 0
    values = state.protocol.signal(*(one[inside].astype(float) for one in (pd, t1, decay)), magnitude=magnitude)
    low, high = state.window()
    expected = np.rint(np.clip((values - low) / (high - low), 0, 1) * 255)
    off = np.abs(shown[inside].astype(float) - expected)
    print(f"{name}: {(off <= 1).mean():.5f} within one grey level, at most {off.max():.0f} off, {inside.sum()} pixels")
    assert (off <= 1).mean() >= 0.999
    assert expected.std() > 10, "there is something to compare"


@pytest.mark.parametrize("preset", ["surface", "cut", "xray", "maximum"])
def test_every_preset_shows_a_head_in_the_middle_of_darkness(preset, renderer, scene, tissue):
    state = windowed(scene, "mprage").with_volume(preset=preset)
    renderer.show(tissue["t2star"])
    grey = renderer.frame(render_parameters(scene, state, tissue["t2star"], 1.0), 120, 120, 1.0)[..., 0].astype(float)
    assert grey[45:75, 45:75].mean() > 60
    assert not grey[:4].any()
    assert not grey[:, :4].any()


def test_3d_is_not_mirrored(renderer, scene, tissue):
    """Seen from the front, what the patient has at the left alone is at the right of the picture."""
    voxels = tissue["t2star"].voxels.copy()
    voxels[voxels.shape[0] // 2 :, ..., 0] = 0  # the grid's x runs to the patient's right
    half = replace(tissue["t2star"], voxels=voxels)
    state = windowed(scene, "mprage").with_volume(preset="maximum", camera=Camera(0, 0))
    renderer.show(half)
    grey = renderer.frame(render_parameters(scene, state, half, 1.0), 100, 100, 1.0)[..., 0].astype(float)
    assert grey[:, 55:].mean() > 10 * grey[:, :45].mean()


def test_less_is_drawn_where_it_takes_longer():
    pace = RenderPace()
    width, height, _step = pace.size(400, 400, moving=True)
    for _frame in range(20):
        pace.took(width * height, 0.5, moving=True)
    fewer, _height, coarse = pace.size(400, 400, moving=True)
    assert fewer < width
    for _frame in range(40):
        pace.took(160_000, 0.004, moving=True)
        pace.took(160_000, 0.004, moving=False)
    assert pace.size(400, 400, moving=True)[:2] == (400, 400)
    assert pace.size(400, 400, moving=False)[0] == 800
    assert pace.size(400, 400, moving=False)[2] < coarse


# -- the panel -------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot, renderer):
    """The window with 3-D beside the planes, once it was drawn finely."""
    made = open_window(State().with_panels(side="volume"))
    qtbot.addWidget(made)
    made.side.begin()
    settled(qtbot, made)
    yield made
    made.close()


def settled(qtbot, window):
    """Wait until the frame at rest."""
    panel = window.side.panel("volume")
    qtbot.waitUntil(lambda: not panel.busy and panel.canvas.frame is not None, timeout=30_000)
    return panel


def drag(widget, start, end, button=LEFT, modifiers=NONE):
    steps = [(QEvent.Type.MouseButtonPress, start), (QEvent.Type.MouseMove, end), (QEvent.Type.MouseButtonRelease, end)]
    for kind, place in steps:
        at = QPointF(*place)
        QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), button, button, modifiers))


def lightness(image: QImage) -> float:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)  # kept, since its bits are not
    return float(np.frombuffer(grey.constBits(), np.uint8).mean())


def test_3d_says_what_it_is(window):
    legend = window.side.panel("volume").canvas.legend
    assert legend.mark == "SYNTHETIC · not for diagnosis"
    assert legend.lines[0] == "MPRAGE"
    assert "TI 1000" in legend.lines[1]
    assert legend.time.endswith(" ms")
    assert {side[0] for side in legend.sides} == set("RLAPSI")


def test_it_says_that_it_prepares_before_it_does(qtbot, renderer):
    made = open_window(State())
    qtbot.addWidget(made)
    made.side.begin()
    made.session.show_panels(side="volume")
    canvas = made.side.panel("volume").canvas
    assert canvas.legend.message == PREPARING
    assert canvas.frame is None
    qtbot.waitUntil(lambda: canvas.frame is not None, timeout=30_000)
    assert canvas.legend.message == ""
    made.close()


def test_a_slider_moves_the_volume(window, qtbot):
    canvas = window.side.panel("volume").canvas
    before = lightness(canvas.frame)
    window.session.set_value("ti", 0.8)
    settled(qtbot, window)
    assert abs(lightness(canvas.frame) - before) > 2
    assert "TI 800" in canvas.legend.lines[1]


@pytest.mark.parametrize("name", ["se", "tse", "flair"])
def test_another_sequence_is_drawn_from_its_row(name, window, qtbot):
    window.session.choose_sequence(name)
    panel = settled(qtbot, window)
    assert lightness(panel.canvas.frame) > 5
    assert panel.canvas.legend.lines[0] in ("Spin echo", "Turbo spin echo", "FLAIR")


def test_the_mouse_turns_moves_and_zooms_and_undo_goes_back(window, qtbot):
    session, canvas = window.session, window.side.panel("volume").canvas
    home = session.state.volume.camera
    drag(canvas, (200, 100), (260, 130))
    turned = session.state.volume.camera
    assert turned.azimuth > home.azimuth
    assert turned.elevation > home.elevation
    settled(qtbot, window)
    drag(canvas, (200, 100), (230, 130), MIDDLE)
    assert session.state.volume.camera.across > 0 > session.state.volume.camera.up
    settled(qtbot, window)
    drag(canvas, (230, 130), (200, 100), LEFT, SHIFT)
    assert session.state.volume.camera.across == pytest.approx(0)
    at = QPointF(canvas.rect().center())
    wheel = QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(canvas, wheel)
    assert session.state.volume.camera.zoom > 1
    for _step in ("wheel", "back", "moved", "turned"):
        session.store.undo()
    assert session.state.volume.camera == home


def test_the_keys_of_3d_go_before_those_of_the_planes(window, qtbot):
    session, canvas = window.session, window.side.panel("volume").canvas
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert session.state.volume.camera.azimuth > Camera().azimuth
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0):
        asked = QKeyEvent(QEvent.Type.ShortcutOverride, key, NONE)
        asked.ignore()
        QApplication.sendEvent(canvas, asked)
        assert asked.isAccepted()
    settled(qtbot, window)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert session.state.volume.camera.zoom > 1
    settled(qtbot, window)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert session.state.volume.camera == Camera()
    assert session.state.display.zoom == 1


def test_presets_and_cuts_are_chosen_and_undone(window, qtbot):
    session, panel = window.session, window.side.panel("volume")
    before = panel.canvas.frame
    panel._presets["surface"].click()
    assert session.state.volume.preset == "surface"
    settled(qtbot, window)
    assert panel.canvas.frame != before
    assert not panel._clip.isVisibleTo(panel)
    session.store.undo()
    assert panel._presets["cut"].isChecked()
    panel._clip.setCurrentIndex(1)
    panel._clip.activated.emit(1)
    assert session.state.volume.clip == "axial"


def test_the_cut_follows_the_crosshair(window, qtbot):
    panel = window.side.panel("volume")
    before = panel.canvas.frame
    window.session.step("axial", 0, 0, 25)
    settled(qtbot, window)
    assert panel.canvas.frame != before


def test_a_double_click_makes_it_large_and_back(window):
    canvas = window.side.panel("volume").canvas
    QTest.mouseDClick(canvas, LEFT, pos=QPoint(50, 50))
    assert window.session.state.display.layout == "side panel"
    assert all(view.isHidden() for view in window.planes.views.values())
    QTest.mouseDClick(canvas, LEFT, pos=QPoint(50, 50))
    assert window.session.state.display.layout == "grid"


def test_an_impossible_protocol_is_no_image(window, qtbot):
    canvas = window.side.panel("volume").canvas
    window.session.set_value("tr", 0.9)
    qtbot.waitUntil(lambda: "TI must be shorter than TR" in canvas.legend.message)
    window.session.store.undo()
    settled(qtbot, window)
    assert canvas.legend.message == ""


def test_of_a_map_the_signal_is_shown(window, qtbot):
    canvas = window.side.panel("volume").canvas
    window.session.choose_view("t1")
    settled(qtbot, window)
    assert canvas.legend.lines[0] == "MPRAGE"
    assert "SYNTHETIC" in canvas.legend.mark


def test_another_subject_is_made_ready_and_drawn(window, head, qtbot):
    panel = window.side.panel("volume")
    before = panel._of
    window.session.open([head()])
    qtbot.waitUntil(lambda: panel._of is not before and panel._is_ready(), timeout=30_000)
    settled(qtbot, window)
    assert lightness(panel.canvas.frame) > 2


# -- refused ---------------------------------------------------------------------------------------------------


def opened(qtbot):
    made = open_window(State().with_panels(side="volume"))
    qtbot.addWidget(made)
    made.side.begin()
    canvas = made.side.panel("volume").canvas
    qtbot.waitUntil(lambda: canvas.legend.message not in ("", PREPARING), timeout=30_000)
    return made, canvas.legend.message


def lives_on(window):
    before = window.planes.views["axial"].grab().toImage()
    window.session.set_value("ti", 0.8)
    window.session.show_volume(preset="surface")
    QApplication.processEvents()
    assert window.planes.views["axial"].grab().toImage() != before
    assert window.side.panel("volume").canvas.frame is None
    window.close()


def test_without_vtk_it_says_why_and_the_rest_lives_on(qtbot, monkeypatch):
    monkeypatch.setitem(sys.modules, "vtkmodules.vtkRenderingVolumeOpenGL2", None)
    window, sentence = opened(qtbot)
    assert sentence.startswith("3-D needs the package vtk, which cannot be imported")
    lives_on(window)


def test_without_opengl_it_says_why_and_the_rest_lives_on(qtbot, monkeypatch):
    class Refusing:
        def SetOffScreenRendering(self, _on): ...
        def SupportsOpenGL(self):
            return 0

    monkeypatch.setattr("mriexplorer.figures.volume_renderer._Vtk.render_window", lambda _self: Refusing())
    window, sentence = opened(qtbot)
    assert sentence.startswith("3-D needs OpenGL")
    lives_on(window)


def test_a_driver_that_refuses_the_shader_is_told_of(qtbot, monkeypatch, renderer):
    monkeypatch.setattr("mriexplorer.figures.volume_renderer.shader", lambda _row: "this is no shader")
    window, sentence = opened(qtbot)
    assert "the graphics driver refuses its shader" in sentence
    lives_on(window)


def test_the_first_window_knows_no_vtk():
    import subprocess

    code = (
        "import sys\nfrom mriexplorer.view.state import State\n"
        "from mriexplorer.ui.window.application import application, open_window\n"
        "application(offscreen=True)\nwindow = open_window(State())\n"
        "assert not [name for name in sys.modules if name.startswith('vtk')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
