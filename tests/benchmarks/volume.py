"""How long 3-D takes: until the first picture, while a parameter is dragged, and at rest. Needs OpenGL, be it in software.

.venv/bin/python tests/benchmarks/volume.py [pixels along each side]
"""

import sys
from statistics import median
from time import perf_counter

from mriexplorer.figures.volume_renderer import VolumeRenderer
from mriexplorer.render.scene import Scene
from mriexplorer.render.volume import render_parameters, texture
from mriexplorer.subject.reference import load_reference
from mriexplorer.ui.side_panels.render_pace import RenderPace
from mriexplorer.view.state import State
from mriexplorer.view.volume_view import VolumePreset

_FRAMES = 15


def main() -> None:
    """Measure on the built-in brain."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    scene = Scene(load_reference(3.0))
    state = State().with_window(*scene.automatic(State()))
    began = perf_counter()
    renderer = VolumeRenderer()
    imported = perf_counter()
    tissue = texture(scene.subject.maps, state.sequence.decay)
    made = perf_counter()
    renderer.show(tissue)
    renderer.frame(render_parameters(scene, state, tissue, 1.0), side // 2, side // 2, 1.6)
    drawn = perf_counter()
    print(
        f"first picture {drawn - began:.2f} s: vtk {imported - began:.2f}, tissue {made - imported:.2f}, frame {drawn - made:.2f}"
    )
    for preset in VolumePreset:
        for name, pixels, step in (("coarse", side // 2, 1.6), ("dragged, all pixels", side, 1.6), ("at rest", side, 0.6)):
            times = []
            for frame in range(_FRAMES):
                moved = state.with_volume(preset=preset).with_values(tr=2.3 + 0.01 * frame)
                began = perf_counter()
                renderer.frame(render_parameters(scene, moved, tissue, 1.0), pixels, pixels, step)
                times.append(perf_counter() - began)
            print(f"{preset:8} {name:20} {pixels}x{pixels}: {median(times) * 1000:4.0f} ms, least {min(times) * 1000:.0f}")
    paced(scene, state, side, renderer)


def paced(scene: Scene, state: State, side: int, renderer: VolumeRenderer) -> None:
    """What the panel does: as many pixels as fit into the time of a frame."""
    pace, tissue = RenderPace(), texture(scene.subject.maps, state.sequence.decay)
    renderer.show(tissue)
    for moving in (True, False):
        for frame in range(_FRAMES):
            width, height, step = pace.size(side, side, moving=moving)
            began = perf_counter()
            renderer.frame(render_parameters(scene, state.with_values(tr=2.3 + 0.01 * frame), tissue, 1.0), width, height, step)
            took = perf_counter() - began
            pace.took(width * height, took, moving=moving)
        state_of = "dragged" if moving else "at rest"
        print(f"cut, {state_of}, as the panel does in {side}x{side}: {width}x{height} in {took * 1000:.0f} ms")


if __name__ == "__main__":
    main()
