"""Longitudinal magnetisation over one TR, in the steady state.

Between pulses Mz recovers towards 1 with E(t) = exp(-t/T1); a pulse multiplies it by what it keeps (0 for a 90, -1 for a
180, cos a for a small angle). One period maps Mz before the first pulse linearly onto itself, and the steady state is the
fixed point. Transverse magnetisation is taken as gone before the next pulse, as in the equations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.physics.timeline import Timeline

Numbers = NDArray[np.float64]
_SMOOTH = 60  # points of a long pause


@dataclass(frozen=True)
class Recovery:
    """Mz of k tissues over one TR, in units of the equilibrium: ``times`` (n,) in seconds, ``mz`` (k, n).

    A pulse is two points at one time. ``before`` (k, pulses) is the Mz that each pulse finds.
    """

    times: Numbers
    mz: Numbers
    before: Numbers


def recovery_curves(timeline: Timeline, t1: Numbers) -> Recovery:
    """Mz of tissues with ``t1`` (k,) in seconds over one period of a spoiled sequence."""
    pulses = np.array([pulse.time for pulse in timeline.pulses])
    keeps = [pulse.keeps for pulse in timeline.pulses]
    waits = np.diff(pulses, append=timeline.tr + pulses[0])
    left = np.exp(-waits[:, None] / t1[None, :])  # (pulses, k)
    before = np.stack([_steady(keeps, tissue) for tissue in left.T.tolist()], axis=1)
    after = before * np.array(keeps)[:, None]
    counts = np.maximum(2, np.rint(_SMOOTH * waits / waits.max()).astype(int))
    pause = np.repeat(np.arange(len(pulses)), counts)
    place = np.arange(pause.size) - np.repeat(np.cumsum(counts) - counts, counts)
    since = waits[pause] * place / (counts[pause] - 1)
    mz = 1 - (1 - after[pause]) * np.exp(-since[:, None] / t1[None, :])
    times = np.concatenate([pulses[:1], pulses[pause] + since])
    return Recovery(times, np.concatenate([before[:1], mz]).T, before.T)


def mz_at(timeline: Timeline, t1: Numbers, time: float) -> Numbers:
    """Mz (k,) that a pulse at ``time`` finds, or that has recovered by then."""
    curves = recovery_curves(timeline, t1)
    times = np.array([pulse.time for pulse in timeline.pulses])
    last = int(np.searchsorted(times, time - 1e-9)) - 1
    if last < 0:
        return curves.before[:, 0]
    after = curves.before[:, last] * timeline.pulses[last].keeps
    return np.asarray(1 - (1 - after) * np.exp(-(time - times[last]) / t1))


def _steady(keeps: list[float], left: list[float]) -> list[float]:
    """Mz that each pulse finds in one tissue, where it repeats itself after the last.

    Plain numbers: over the hundreds of pulses of a train they are four times as fast as small arrays.
    """
    gain, offset = 1.0, 0.0
    for kept, e in zip(keeps, left, strict=True):
        gain, offset = gain * kept * e, 1 - (1 - kept * offset) * e
    before = [offset / (1 - gain)]
    for kept, e in zip(keeps[:-1], left[:-1], strict=True):
        before.append(1 - (1 - kept * before[-1]) * e)
    return before
