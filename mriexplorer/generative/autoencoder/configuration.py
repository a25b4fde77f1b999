"""What the autoencoder is like and how it is trained: plain values, checked when read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mriexplorer.errors import InputError
from mriexplorer.generative.configuration import made, read_toml
from mriexplorer.physics import SEQUENCES

_WIDEST, _DEEPEST = 2048, 7
_SHARES = ("protocols", "real", "thin", "anywhere", "brightness", "values", "field_unknown", "field_wrong", "adversary_from")


@dataclass(frozen=True)
class AutoencoderPlan:
    """The autoencoder.

    ``dims`` 2 (axial slices) or 3. ``cell``: so many voxels along each axis are folded into channels first. ``widths``:
    channels at each level, each half as fine as the one before; ``kernels`` the sizes of its convolutions. ``latents``:
    channels of the latent code at each level, 0 for none; the published model has one code, at the coarsest level only.
    ``fine``: channels of a code of every voxel by itself, before any cell is folded, so that what one voxel's signals tell need
    not be learned anew for every place in a cell. ``conditioning``: how the protocol enters the normalisation layers, not at
    all, by two numbers for the whole encoder (as published), or by layer and channel. ``norm``: over groups of channels and the
    whole image, or over the channels of each voxel, which is the same for a patch as for a head. ``decoder``: log maps, or
    tissue shares with values of each tissue and a residual. ``gain`` of a scan: none, by the network's own estimate, or least
    squares in closed form. ``sequences`` that it is trained for.
    """

    dims: Literal[2, 3] = 3
    cell: int = 1
    widths: tuple[int, ...] = (32, 64, 128, 128)
    kernels: tuple[int, ...] = (3, 3, 3, 3)
    blocks: int = 1
    latents: tuple[int, ...] = (0, 0, 0, 6)
    fine: int = 0
    conditioning: Literal["off", "scalar", "layer"] = "layer"
    norm: Literal["group", "voxel"] = "voxel"
    decoder: Literal["maps", "tissues"] = "maps"
    tissues: int = 10
    gain: Literal["none", "regressed", "closed"] = "closed"
    sequences: tuple[str, ...] = ("mprage", "se", "tse", "flair")

    def problem(self) -> str | None:
        """What cannot be, as a sentence."""
        if not len(self.latents) == len(self.kernels) == len(self.widths) or not any(self.latents):
            return "latents and kernels need one number for each of widths, and latents at least one above 0"
        if not all(0 <= n <= _WIDEST for n in (*self.latents, self.fine, self.tissues)) or self.tissues < 2:
            return f"latents, fine and tissues lie between 0 and {_WIDEST}, tissues above 1"
        if not set(self.kernels) <= {1, 3, 5}:
            return "kernels are 1, 3 or 5"
        if min(self.widths, default=0) < 4 or max(self.widths) > _WIDEST or len(self.widths) > _DEEPEST:
            return f"widths are 4 to {_WIDEST}, of at most {_DEEPEST} levels"
        if self.cell not in (1, 2, 4) or not 1 <= self.blocks <= 8:
            return "cell is 1, 2 or 4, blocks 1 to 8"
        known = [row.name for row in SEQUENCES.values() if row.model == "full"]
        return None if set(self.sequences) <= set(known) else f"sequences are {', '.join(known)}"

    @property
    def multiple(self) -> int:
        """Sizes of images must be multiples of this."""
        return int(self.cell * 2 ** (len(self.widths) - 1))


@dataclass(frozen=True)
class LossWeights:
    """What each part of the loss counts; 0 leaves it out.

    ``reconstruction`` of scans (``squared`` or absolute), logarithms of ``maps``, how well their ``spread`` is estimated,
    ``edges`` of maps, how much fine ``detail`` scans and maps have from place to place; of scans as pictures the
    ``features``, structural ``similarity`` and an ``adversary``; the ``code`` against N(0, 1), and the ``prior`` of maps.
    """

    reconstruction: float = 1.0
    squared: bool = True
    maps: float = 0.0
    spread: float = 0.0
    edges: float = 0.0
    detail: float = 0.0
    features: float = 0.0
    similarity: float = 0.0
    adversary: float = 0.0
    code: float = 1e-6
    prior: float = 5e-4


@dataclass(frozen=True)
class AutoencoderTrainingPlan:
    """How a network is trained.

    ``dropout``: whether subsets of the scans are shown. ``prior``: none, medians of T1 and T2 as published, or by tissue.
    ``protocols``: share of scans whose TE, TR and TI are drawn from wide ranges instead of the table of protocols.
    ``real``: share of real people, where there are both. ``anew``: simulated people get new scans at every step, instead of
    those recorded. ``thin``: share of simulated people whose scans have noise and nothing else. ``anywhere``: share of patches
    that may lie at the edge of the head as well. ``brightness``: share of scans that are brighter or darker than normalisation
    makes them. ``values``: share of simulated people whose tissues have other values than the literature's (``values``).
    ``field_unknown``, ``field_wrong``: share of people whose field strength the network is not told, or told wrongly.
    ``adversary_from``: the share of the steps after which the adversary counts.
    """

    patch: tuple[int, ...] = (96, 96, 96)
    batch: int = 1
    steps: int = 4000
    rate: float = 1e-3
    average: float = 0.999
    dropout: bool = True
    prior: Literal["none", "median", "tissue"] = "tissue"
    protocols: float = 0.4
    real: float = 0.0
    anew: bool = True
    thin: float = 0.0
    anywhere: float = 0.0
    brightness: float = 0.0
    values: float = 0.0
    field_unknown: float = 0.3
    field_wrong: float = 0.0
    adversary_from: float = 0.2
    precision: Literal["32-true", "bf16-mixed"] = "bf16-mixed"
    seed: int = 1
    weights: LossWeights = field(default_factory=LossWeights)

    def problem(self, dims: int) -> str | None:
        """What cannot be, as a sentence."""
        if len(self.patch) != dims or min(self.patch) < 1:
            return f"patch needs {dims} sizes, as many as the network has dimensions"
        if min(self.steps, self.batch) < 1 or not 0 < self.rate < 1 or not 0 <= self.average < 1:
            return "steps and batch start at 1, rate and average lie between 0 and 1"
        shares = {name: getattr(self, name) for name in _SHARES}
        if min(asdict(self.weights).values()) < 0 or not all(0 <= share <= 1 for share in shares.values()):
            return f"weights are not negative; {', '.join(_SHARES[:-1])} and {_SHARES[-1]} are shares between 0 and 1"
        return None


@dataclass(frozen=True)
class AutoencoderConfiguration:
    """Both, as in a file."""

    network: AutoencoderPlan = field(default_factory=AutoencoderPlan)
    training: AutoencoderTrainingPlan = field(default_factory=AutoencoderTrainingPlan)


def read_configuration(path: Path) -> AutoencoderConfiguration:
    """The autoencoder's: a TOML file with tables ``network``, ``training`` and ``training.weights``, or a shipped one by name.

    Raises InputError.
    """
    return checked(read_toml(path), str(path))


def checked(content: Mapping[str, Any], name: str) -> AutoencoderConfiguration:
    """A configuration from plain values. Raises InputError that names what is unknown or impossible."""
    found = made(AutoencoderConfiguration, content, name)
    if problem := found.network.problem() or found.training.problem(found.network.dims):
        raise InputError(f"{name}: {problem}.")
    return found
