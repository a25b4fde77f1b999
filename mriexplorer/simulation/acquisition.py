"""Simulated scans: a protocol as met in practice, the full signal equation, and what a scanner adds to it.

What is drawn at random is drawn first and recorded (``Acquisition``), then applied by a function without chance but for the
noise, whose generator is given.

    maps ── signal ── moved ── blurred ── thick slices ── receive field ── noise ── gain ──► integers
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics import SEQUENCES, Protocol
from mriexplorer.places import resource
from mriexplorer.subject.derivative import signal_volume
from mriexplorer.subject.receive_field import bias_field
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats, Grid

EFFECTS = ("gain", "bias", "noise", "thickness", "blur", "shift")
_BRIGHT = (300.0, 1200.0)  # what the scanner's integers reach in bright tissue of the brain
_SNR = (18.0, 60.0)  # of bright tissue of the brain, in every voxel, whatever its size
_BIAS = (0.05, 0.22)  # standard deviation of the logarithm of the receive field
_SHIFT, _TURN = 0.6, 0.5  # standard deviations in mm and degrees, along and about each axis
_BLUR = (0.7, 1.3)  # mm, full width at half maximum
_PLAIN_GAIN = 1000.0  # integers without a random gain: a thousandth of the signal of water


@dataclass(frozen=True)
class StudyProtocol:
    """A protocol of resources/protocols.json: ``scan`` names the kind (T1w, T2w, FLAIR ...), ``slices`` in mm (0: 3-D)."""

    scan: str
    name: str
    protocol: Protocol
    weight: float
    slices: float
    nominal_te: float | None


@dataclass(frozen=True)
class Acquisition:
    """How one scan was made. ``bias`` holds cosine coefficients of the logarithm of the receive field.

    ``sigma`` is the noise of each of the two channels in units of PD = 1; ``gain`` takes the signal to the file's integers;
    ``motion`` is three shifts (mm) and three turns (degrees) of the head against the maps; ``blur`` a full width (mm).
    """

    protocol: StudyProtocol
    gain: float
    bias: tuple[float, ...]
    sigma: float
    slices: float
    blur: float
    motion: tuple[float, ...]


@lru_cache(maxsize=1)
def protocols() -> Mapping[str, tuple[StudyProtocol, ...]]:
    """All protocols by kind of scan."""
    rows = json.loads(resource("protocols.json").read_text(encoding="utf-8"))["protocols"]
    found: dict[str, tuple[StudyProtocol, ...]] = {}
    for row in rows:
        found[row["scan"]] = (*found.get(row["scan"], ()), _protocol(row))
    return found


def _protocol(row: Mapping[str, Any]) -> StudyProtocol:
    sequence = SEQUENCES[row["sequence"]]
    given = {name: value / sequence.parameter(name).factor_in() for name, value in row["values"].items()}
    nominal = row["nominal_te"] / 1000 if "nominal_te" in row else None
    return StudyProtocol(
        row["scan"], row["name"], Protocol.complete(sequence, given), row["weight"], row.get("slices", 0.0), nominal
    )


def choose(rng: np.random.Generator, scan: str) -> StudyProtocol:
    """A protocol of a kind of scan, as often as the table says."""
    choice = protocols()[scan]
    weights = np.cumsum([p.weight for p in choice])
    return choice[int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))]


def draw(
    rng: np.random.Generator,
    protocol: StudyProtocol,
    bright: float,
    without: frozenset[str] = frozenset(),
) -> Acquisition:
    """How a scan is made, with all effects but those left out (of ``EFFECTS``); ``bright`` is the signal of bright brain tissue.

    Every effect takes its numbers whether it is used or not, so that leaving one out changes nothing else.
    """
    reach, snr = rng.uniform(*_BRIGHT), float(np.exp(rng.uniform(*np.log(_SNR))))
    bias = rng.uniform(*_BIAS) * _unit(rng.standard_normal(26))
    blur, motion = rng.uniform(*_BLUR), rng.standard_normal(6) * np.repeat((_SHIFT, _TURN), 3)
    return Acquisition(
        protocol,
        _PLAIN_GAIN if "gain" in without else round(reach / bright, 4),
        () if "bias" in without else tuple(round(float(b), 5) for b in bias),
        0.0 if "noise" in without else round(bright / snr, 6),
        0.0 if "thickness" in without else protocol.slices,
        0.0 if "blur" in without else round(float(blur), 3),
        () if "shift" in without else tuple(round(float(m), 3) for m in motion),
    )


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values / np.sqrt((values**2).sum()))


def acquire(subject: Subject, acquisition: Acquisition, rng: np.random.Generator) -> tuple[NDArray[np.int16], Grid]:
    """The scan as integers, and its grid (thicker along Superior where the slices are)."""
    protocol = acquisition.protocol
    grid = subject.maps.grid
    volume = signal_volume(subject, protocol.protocol, magnitude=False)
    if acquisition.motion:
        volume = _moved(volume, grid, acquisition.motion)
    if acquisition.blur:
        volume = _blurred(volume, grid, acquisition.blur)
    if acquisition.slices:
        volume, grid = _thick(volume, grid, acquisition.slices)
    if acquisition.bias:
        volume = volume * np.exp(receive_field(acquisition.bias, grid.shape))
    if acquisition.sigma:
        sigma = np.float32(acquisition.sigma)
        volume = np.hypot(
            volume + sigma * rng.standard_normal(grid.shape, np.float32), sigma * rng.standard_normal(grid.shape, np.float32)
        )
    volume = np.abs(volume) * np.float32(acquisition.gain)
    return np.minimum(np.rint(volume), 32767).astype(np.int16), grid


def brain_signal(subject: Subject, brain: NDArray[np.bool_], protocol: StudyProtocol) -> float:
    """The signal that a quarter of the ``brain`` exceeds, from every third voxel along each axis."""
    few = (slice(None, None, 3),) * 3
    maps, inside = subject.maps, brain[few]
    decay = maps.decay_star if protocol.protocol.sequence.decay == "t2star" else maps.t2
    pd, t1, t2 = (array[few][inside] for array in (maps.pd, maps.t1, decay))
    return float(np.percentile(protocol.protocol.signal(pd, t1, t2), 75))


def rigid(motion: tuple[float, ...], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """The motion (4, 4) in millimetres of three shifts (mm) and three turns (degrees) about x, y, z through ``centre``."""
    from scipy.spatial.transform import Rotation

    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", motion[3:], degrees=True).as_matrix()
    matrix[:3, 3] = centre - matrix[:3, :3] @ centre + np.asarray(motion[:3])
    return matrix


def _moved(volume: Floats, grid: Grid, motion: tuple[float, ...]) -> Floats:
    from scipy.ndimage import affine_transform

    x, y, z = grid.shape
    centre = np.asarray(grid.to_mm(((x - 1) / 2, (y - 1) / 2, (z - 1) / 2)), float)
    back = np.linalg.inv(grid.affine) @ np.linalg.inv(rigid(motion, centre)) @ grid.affine
    return np.asarray(affine_transform(volume, back[:3, :3], back[:3, 3], order=1), np.float32)


def _blurred(volume: Floats, grid: Grid, width: float) -> Floats:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(volume, width / 2.355 / np.asarray(grid.spacing), truncate=3), np.float32)


def _thick(volume: Floats, grid: Grid, thickness: float) -> tuple[Floats, Grid]:
    """Slices of about ``thickness`` mm along Superior: the mean of the voxels in each."""
    step = max(1, round(thickness / grid.spacing[2]))
    count = grid.shape[2] // step
    affine = grid.affine.copy()
    affine[:3, 3] += affine[:3, 2] * (step - 1) / 2
    affine[:3, 2] *= step
    mean = volume[..., : count * step].reshape(*grid.shape[:2], count, step).mean(axis=-1)
    return np.asarray(mean, np.float32), replace(grid, shape=(grid.shape[0], grid.shape[1], count), affine=affine)


def receive_field(coefficients: tuple[float, ...], shape: tuple[int, int, int]) -> Floats:
    """The logarithm of a coil's sensitivity: a sum of products of cosines, half a wave to one wave along each axis."""
    return bias_field(2 * np.concatenate([[0.0], coefficients]).reshape(3, 3, 3), shape)
