"""Volumes of whoever is open: measured beside the window, once, when a panel asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.render.scene import Scene
from mriexplorer.session.jobs import Jobs, Outcome, Work
from mriexplorer.session.workspace import Workspace

if TYPE_CHECKING:
    from mriexplorer.measure.brain_volumes import BrainVolumes
    from mriexplorer.measure.volumetry_sheet import VolumetrySheet


@dataclass(frozen=True)
class VolumetryResult:
    """What is known of a subject's volumes: themselves with their ``sheet``, or what is being done, or why there are none.

    All empty: nobody asked yet.
    """

    volumes: "BrainVolumes | None" = None
    sheet: "VolumetrySheet | None" = None
    progress: str = ""
    error: str = ""


class _SceneVolumes:
    """The result of one scene."""

    def __init__(self, _scene: Scene) -> None:
        self.now = VolumetryResult()


class VolumetryCommands:
    """``post`` runs a function later in the window's thread; ``settled`` tells whether the open brain is the final one."""

    def __init__(self, workspace: Workspace, post: Callable[[Callable[[], None]], None], settled: Callable[[], bool]) -> None:
        self._workspace, self._post, self._settled = workspace, post, settled
        self._jobs = Jobs()
        self._number = 0  # of the newest job
        self._busy: Scene | None = None
        self._listeners: list[Callable[[], None]] = []

    def listen(self, heard: Callable[[], None]) -> None:
        """Be told when a result is another."""
        self._listeners.append(heard)

    def close(self) -> None:
        """Stop what is being measured."""
        self._number += 1
        self._jobs.close()

    def known(self, scene: Scene) -> VolumetryResult:
        """What is known of a scene."""
        return scene.derived(_SceneVolumes).now

    def wanted(self, scene: Scene) -> VolumetryResult:
        """The same; a person's brain is measured now, if it was not. The built-in average waits until somebody asks for it."""
        if self.known(scene) == VolumetryResult() and not scene.subject.literature:
            self.measure(scene)
        return self.known(scene)

    def measure(self, scene: Scene) -> None:
        """Measure a scene's brain, unless that is done or under way, or the brain is only a rough one yet."""
        now = self.known(scene)
        if now.volumes is not None or now.progress or not self._settled():
            return
        if self._busy is not None:
            self._busy.derived(_SceneVolumes).now = VolumetryResult()
        self._busy = scene
        scene.derived(_SceneVolumes).now = VolumetryResult(progress="measuring the brain")
        subject = scene.subject

        def work(progress: Callable[[str], None]) -> VolumetryResult:
            from mriexplorer.measure.volumetry import volumes_of
            from mriexplorer.measure.volumetry_sheet import sheet_of

            volumes = volumes_of(subject, progress)
            return VolumetryResult(volumes, sheet_of(subject, volumes))

        self._start(work, partial(self._progress, scene), partial(self._done, scene))
        self._tell()

    def save(self, write: Callable[[], Path], said: Callable[[str], None]) -> None:
        """Write a file beside the window; ``said`` hears where it is, the workspace why it could not be written."""
        if self._busy is not None:
            self._workspace.error("A brain is being measured; wait for it.")
            return

        def done(outcome: Outcome) -> None:
            if outcome.sentence is not None:
                self._workspace.error(outcome.sentence)
            else:
                said(f"Saved {outcome.result}.")

        self._start(lambda _progress: write(), lambda _what: None, done)

    def _start(self, work: Work, report: Callable[[str], None], done: Callable[[Outcome], None]) -> None:
        self._number += 1
        number = self._number

        def post(call: Callable[[], None]) -> None:
            self._post(lambda: call() if number == self._number else None)

        self._jobs.start(work, lambda what: post(lambda: report(what)), lambda outcome: post(lambda: done(outcome)))

    def _progress(self, scene: Scene, what: str) -> None:
        scene.derived(_SceneVolumes).now = VolumetryResult(progress=what)
        self._tell()

    def _done(self, scene: Scene, outcome: Outcome) -> None:
        self._busy = None
        scene.derived(_SceneVolumes).now = outcome.result or VolumetryResult(error=outcome.sentence or "")
        self._tell()

    def _tell(self) -> None:
        for heard in self._listeners:
            heard()
