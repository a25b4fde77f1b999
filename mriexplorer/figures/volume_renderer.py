"""Frames of 3-D: a ray caster of our own inside VTK's volume mapper, off the screen, as pixels.

VTK brings the context and the texture; rays, signal and light are those of ``resources/volume.glsl``. This is the one place that
knows vtk, which takes half a second to import: make a renderer only where 3-D is looked at.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.physics import Sequence
from mriexplorer.physics.shader import shader, uniform
from mriexplorer.places import resource
from mriexplorer.render.volume import RenderParameters, Texture
from mriexplorer.view.volume_view import VolumePreset

_REST = "Everything else works without it."
_THICK = 90.0  # mm of white that an X-ray shows as 0.63 of full white
_SMOOTH = 2.0  # mm over which the slope of a surface is taken


class VolumeRenderer:
    """Draws shots of one texture at a time. Raises InputError where vtk or OpenGL is refused."""

    def __init__(self) -> None:
        self._vtk = _Vtk()
        self._texture: Texture | None = None
        self._sequence: Sequence | None = None
        self._refused: list[str] = []
        vtk = self._vtk
        self._window = vtk.render_window()
        if not self._window.SupportsOpenGL():
            raise InputError(f"3-D needs OpenGL 3.2, which this machine refuses. {_REST}")
        self._mapper = vtk.mapper()
        self._mapper.SetAutoAdjustSampleDistances(False)
        self._mapper.AddObserver("ErrorEvent", lambda *_what: self._refused.append("shader"))
        self._volume = vtk.volume(self._mapper)
        self._renderer = vtk.renderer()
        self._renderer.AddVolume(self._volume)
        self._window.AddRenderer(self._renderer)
        self._properties = self._volume.GetShaderProperty()
        self._uniforms = self._properties.GetFragmentCustomUniforms()

    def show(self, texture: Texture) -> None:
        """Draw this tissue from now on."""
        if texture is not self._texture:
            self._texture = texture
            self._mapper.SetInputData(self._vtk.image(texture))

    def frame(self, render_parameters: RenderParameters, width: int, height: int, step: float) -> NDArray[np.uint8]:
        """Pixels (height, width, 4) RGBA, first row on top, of the tissue that is shown; ``step`` along a ray in voxels.

        Raises InputError where the graphics driver does not take the shader.
        """
        assert self._texture is not None  # noqa: S101 see show()
        if render_parameters.protocol.sequence is not self._sequence:
            self._sequence = render_parameters.protocol.sequence
            self._properties.SetFragmentShaderCode(_code(render_parameters.protocol.sequence))
            self._uniforms.RemoveAllUniforms()
        for name, value in _values(render_parameters, self._texture, width, height, step):
            self._set(name, value)
        self._window.SetSize(width, height)
        self._cover(width / height)
        self._window.Render()
        if self._refused:
            raise InputError(f"3-D cannot be drawn: the graphics driver refuses its shader. {_REST}")
        return self._vtk.pixels(self._window, width, height)

    def close(self) -> None:
        """Give the graphics memory back."""
        self._window.Finalize()

    def _set(self, name: str, value: Any) -> None:
        if isinstance(value, int):
            self._uniforms.SetUniformi(name, value)
        elif isinstance(value, float):
            self._uniforms.SetUniformf(name, value)
        else:
            numbers = [float(one) for one in np.ravel(value)]
            kinds = {2: "SetUniform2f", 3: "SetUniform3f", 9: "SetUniformMatrix3x3"}
            getattr(self._uniforms, kinds[len(numbers)])(name, numbers)

    def _cover(self, aspect: float) -> None:
        """Let the box that VTK draws cover every pixel: rays are the shader's own."""
        assert self._texture is not None  # noqa: S101
        z, y, x = (side - 1 for side in self._texture.shape)
        camera = self._renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetPosition(x / 2, y / 2, 4 * z)
        camera.SetFocalPoint(x / 2, y / 2, z / 2)
        camera.SetViewUp(0, 1, 0)
        camera.SetParallelScale(0.2 * min(y, x / aspect))
        self._renderer.ResetCameraClippingRange()


def _code(sequence: Sequence) -> str:
    """The shader of a sequence. VTK declares the uniforms itself, so their declarations are left out."""
    equation = "\n".join(line for line in shader(sequence).splitlines() if not line.startswith("uniform "))
    return resource("volume.glsl").read_text(encoding="utf-8").replace("//SEQUENCE", equation)


def _values(
    render_parameters: RenderParameters, texture: Texture, width: int, height: int, step: float
) -> Iterator[tuple[str, Any]]:
    """Every uniform of a frame."""
    rays, inverse = render_parameters.rays, np.linalg.inv(texture.affine[:3, :3])
    voxel = float(texture.extent.min() / texture.shape[int(np.argmin(texture.extent))])
    yield from ((uniform(name), float(value)) for name, value in render_parameters.protocol.values.items())
    yield from {
        "v_size": (width, height),
        "v_eye": rays.eye,
        "v_eye_across": rays.eye_across,
        "v_eye_up": rays.eye_up,
        "v_ahead": rays.ahead,
        "v_across": rays.across,
        "v_up": rays.up,
        "v_right": render_parameters.right,
        "v_top": render_parameters.top,
        "v_to_texture": (inverse / np.array(texture.shape)[:, None])[::-1].T,  # z is the texture's first; columns first
        "v_corner": texture.affine[:3, 3] - texture.affine[:3, :3] @ np.full(3, 0.5),
        "v_edge": 0.5 / np.array(texture.shape)[::-1],
        "v_voxel": voxel,
        "v_step": step * voxel,
        "v_smooth": max(_SMOOTH, voxel),
        "v_thick": _THICK,
        "v_low": render_parameters.window[0],
        "v_high": render_parameters.window[1],
        "v_signed": int(render_parameters.signed),
        "v_preset": tuple(VolumePreset).index(VolumePreset(render_parameters.preset)),
        "v_cross": render_parameters.cross,
        "v_cuts": len(render_parameters.cuts),
    }.items()
    for place in range(3):
        yield f"v_cut{place}", render_parameters.cuts[place] if place < len(render_parameters.cuts) else np.zeros(3)


class _Vtk:
    """The few things of vtk that are needed. Raises InputError where it cannot be imported."""

    def __init__(self) -> None:
        try:
            import vtkmodules.vtkRenderingOpenGL2
            import vtkmodules.vtkRenderingVolumeOpenGL2
            from vtkmodules import vtkCommonCore, vtkCommonDataModel, vtkRenderingCore
            from vtkmodules.util import numpy_support
        except ImportError as error:
            raise InputError(f"3-D needs the package vtk, which cannot be imported ({error}). {_REST}") from None
        self._core, self._data, self._rendering = vtkCommonCore, vtkCommonDataModel, vtkRenderingCore
        self._casting, self._numpy = vtkmodules.vtkRenderingVolumeOpenGL2, numpy_support
        # What fails is said in the window; on the console it would be pages of a shader.
        vtkCommonCore.vtkLogger.SetStderrVerbosity(vtkCommonCore.vtkLogger.VERBOSITY_OFF)
        vtkCommonCore.vtkOutputWindow.GetInstance().SetDisplayModeToNever()

    def render_window(self) -> Any:
        window = self._rendering.vtkRenderWindow()
        window.SetOffScreenRendering(True)
        window.SetMultiSamples(0)
        window.SetShowWindow(False)
        return window

    def renderer(self) -> Any:
        made = self._rendering.vtkRenderer()
        made.SetBackground(0, 0, 0)
        return made

    def mapper(self) -> Any:
        return self._casting.vtkOpenGLGPUVolumeRayCastMapper()

    def volume(self, mapper: Any) -> Any:
        made, properties = self._rendering.vtkVolume(), self._rendering.vtkVolumeProperty()
        properties.IndependentComponentsOff()  # four values of one voxel, not four volumes
        properties.SetInterpolationTypeToLinear()
        made.SetMapper(mapper)
        made.SetProperty(properties)
        return made

    def image(self, texture: Texture) -> Any:
        made = self._data.vtkImageData()
        made.SetDimensions(*texture.shape[::-1])  # as it lies in memory
        made.GetPointData().SetScalars(self._numpy.numpy_to_vtk(texture.voxels.reshape(-1, 4)))
        return made

    def pixels(self, window: Any, width: int, height: int) -> NDArray[np.uint8]:
        array = self._core.vtkUnsignedCharArray()
        window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, array)
        return np.ascontiguousarray(self._numpy.vtk_to_numpy(array).reshape(height, width, 4)[::-1])
