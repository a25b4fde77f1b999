"""What is written as a volume: a subject under a protocol."""

from dataclasses import dataclass
from pathlib import Path

from mriexplorer.files import said
from mriexplorer.physics import Protocol
from mriexplorer.physics.noise import Noise
from mriexplorer.reading.registry import stem
from mriexplorer.render.imaging import noise_of
from mriexplorer.render.scene import Scene
from mriexplorer.subject.derivative import bids_name, sidecar, signal_volume
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.view.presets import protocol_name
from mriexplorer.view.state import State


@dataclass(frozen=True)
class Image:
    """A subject under a protocol, and the ``window`` (low, high) in units of PD = 1 to show it with.

    ``preset`` is the name and note of the protocol.
    """

    subject: Subject
    protocol: Protocol
    window: tuple[float, float]
    magnitude: bool = True
    preset: str = ""
    noise: Noise | None = None

    @classmethod
    def of(cls, scene: Scene, state: State) -> "Image":
        """The signal of a state."""
        noise = noise_of(state, scene.subject)
        return cls(scene.subject, state.protocol, state.window(), state.contrast.magnitude, protocol_name(state), noise)

    def volume(self) -> Floats:
        """Its voxels, float32 of the grid's shape."""
        return signal_volume(self.subject, self.protocol, magnitude=self.magnitude, noise=self.noise)

    def sidecar(self) -> dict[str, object]:
        """What it is, in words of BIDS."""
        return sidecar(self.subject, self.protocol, magnitude=self.magnitude, preset=self.preset, noise=self.noise)


def image_name(subject: Subject, state: State) -> str:
    """The name of the image's file in BIDS."""
    return bids_name(subject, state.protocol, state.display.snr)


def free_folder(parent: Path, subject: Subject, state: State) -> Path:
    """A folder that is not there yet, named like the image's file. Raises InputError where it cannot be told."""
    name = stem(Path(image_name(subject, state)))
    tries = (parent / (name if number == 1 else f"{name}-{number}") for number in range(1, 10_000))
    with said(parent):
        return next(folder for folder in tries if not folder.exists())
