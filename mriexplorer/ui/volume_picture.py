"""A picture of 3-D without a window, by the code that paints the window."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from mriexplorer.explorer.scene import Scene
from mriexplorer.explorer.state import State
from mriexplorer.explorer.volume import shot, texture
from mriexplorer.ui.volume_painter import image, legend, paint
from mriexplorer.ui.volume_renderer import VolumeRenderer

_FINER = 2  # pixels of the ray caster along each side of one of the picture
_STEP = 0.5  # voxels


def volume_picture(scene: Scene, state: State, width: int = 800, height: int = 640) -> QImage:
    """The state in 3-D, with letters, caption and what the picture is.

    Raises InputError where vtk or OpenGL is refused.
    """
    tissue = texture(scene.subject.maps, state.row.decay)
    said = legend(scene, state, tissue.stride)
    frame = None
    if not said.message:
        renderer = VolumeRenderer()
        renderer.show(tissue)
        frame = image(renderer.frame(shot(scene, state, tissue, width / height), _FINER * width, _FINER * height, _STEP))
        renderer.close()
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    paint(painter, QRectF(picture.rect()), frame, said)
    painter.end()
    return picture
