"""An independent simulator: the Bloch equations for a set of spins, pulse by pulse, until the signal repeats itself.

It shares nothing with ``mriexplorer.physics``: rotations and exponential relaxation only. Units: seconds, degrees.
Idealisations, the same as those of the equations: instantaneous pulses, nothing but T1 and T2, and transverse magnetisation
that is gone (spoiled) before the next excitation or inversion.
"""

from collections.abc import Callable

import numpy as np

_SPINS = 24
_REPETITIONS = 12


class Spins:
    """Magnetisation vectors (n, 3) with precession frequencies that spread over ``cycles_per_second``."""

    def __init__(self, t1: float, t2: float, cycles_per_second: float = 0.0) -> None:
        self.t1, self.t2 = t1, t2
        self.m = np.tile([0.0, 0.0, 1.0], (_SPINS, 1))
        self.frequency = 2 * np.pi * cycles_per_second * (np.arange(_SPINS) / _SPINS - 0.5)

    def pulse(self, degrees: float, about: str = "x") -> None:
        """Rotate about the x or y axis."""
        angle = np.radians(degrees)
        c, s = np.cos(angle), np.sin(angle)
        rotation = {"x": [[1, 0, 0], [0, c, -s], [0, s, c]], "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]]}[about]
        self.m = self.m @ np.array(rotation).T

    def wait(self, seconds: float) -> None:
        """Precess and relax."""
        turned = (self.m[:, 0] + 1j * self.m[:, 1]) * np.exp(1j * self.frequency * seconds - seconds / self.t2)
        mz = 1 + (self.m[:, 2] - 1) * np.exp(-seconds / self.t1)
        self.m = np.stack([turned.real, turned.imag, mz], axis=1)

    def spoil(self) -> None:
        """Lose what is transverse."""
        self.m[:, :2] = 0

    def invert(self, efficiency: float) -> None:
        """Turn Mz into -efficiency Mz, by a pulse of the angle that does so."""
        self.pulse(np.degrees(np.arccos(-efficiency)))
        self.spoil()

    @property
    def echo(self) -> float:
        """The signal along -y, where a 90-degree pulse about x puts positive Mz."""
        return float(-self.m[:, 1].mean())


def steady(repetition: Callable[[], float]) -> float:
    """The signal of the last of many repetitions."""
    return [repetition() for _ in range(_REPETITIONS)][-1]


def spin_echo(
    t1: float, t2: float, *, te: float, tr: float, ti: float | None = None, ti2: float | None = None, efficiency: float = 1.0
) -> float:
    """90 - 180 - echo, after an inversion where ``ti`` is given, and a second one where ``ti2`` is."""
    spins = Spins(t1, t2, 200.0)

    def repetition() -> float:
        if ti is not None:
            spins.invert(efficiency)
            spins.wait(ti - (ti2 or 0))
        if ti2 is not None:
            spins.invert(efficiency)
            spins.wait(ti2)
        spins.pulse(90)
        spins.wait(te / 2)
        spins.pulse(180, "y")
        spins.wait(te / 2)
        signal = spins.echo
        spins.spoil()
        spins.wait(tr - te - (ti or 0))
        return signal

    return steady(repetition)


def turbo_spin_echo(t1: float, t2: float, *, te: float, tr: float, esp: float, etl: float,
                    ti: float | None = None, efficiency: float = 1.0) -> float:  # fmt: skip
    """90 and a train of 180s. The signal at TE, between two echoes along the decay of their envelope."""
    spins = Spins(t1, t2, 200.0)

    def repetition() -> float:
        if ti is not None:
            spins.invert(efficiency)
            spins.wait(ti)
        spins.pulse(90)
        echoes = []
        for _ in range(round(etl)):
            spins.wait(esp / 2)
            spins.pulse(180, "y")
            spins.wait(esp / 2)
            echoes.append(spins.echo)
        spins.spoil()
        spins.wait(tr - esp * round(etl) - (ti or 0))
        sign = np.sign(echoes[0]) or 1.0
        times = esp * np.arange(1, len(echoes) + 1)
        return float(sign * np.exp(np.interp(te, times, np.log(np.maximum(np.abs(echoes), 1e-300)))))

    return steady(repetition)


def mprage(t1: float, t2: float, *, te: float, tr: float, ti: float, flip: float, es: float, readouts: float,
           centre: float = 0.5, efficiency: float = 1.0) -> float:  # fmt: skip
    """Inversion, a train of small excitations, a pause. The signal of the excitation at the k-space centre."""
    spins = Spins(t1, t2)
    before = centre * readouts

    def repetition() -> float:
        spins.invert(efficiency)
        spins.wait(ti - before * es)
        signal = 0.0
        for number in range(round(readouts)):
            spins.pulse(flip)
            spins.wait(te)
            if number == round(before):
                signal = spins.echo
            spins.wait(es - te)
            spins.spoil()
        spins.wait(tr - ti - (readouts - before) * es)
        return signal

    return steady(repetition)


def repeating(period: Callable[[Spins], None], t1: float, t2: float) -> Spins:
    """Spins that a period brings back to where they were: it maps magnetisation affinely, so four vectors tell the map."""
    spins = Spins(t1, t2)
    spins.m = np.vstack([np.zeros(3), np.eye(3)])
    spins.frequency = np.zeros(4)
    period(spins)
    offset, matrix = spins.m[0], (spins.m[1:] - spins.m[0]).T
    spins.m, spins.frequency = np.linalg.solve(np.eye(3) - matrix, offset)[None], np.zeros(1)
    return spins


def spoiled_gradient_echo(t1: float, t2: float, *, te: float, tr: float, flip: float) -> float:
    """Excitation, echo at TE, ideal spoiling, in the steady state."""

    def period(spins: Spins) -> None:
        spins.pulse(flip)
        spins.wait(tr)
        spins.spoil()

    spins = repeating(period, t1, t2)
    spins.pulse(flip)
    spins.wait(te)
    return spins.echo


def balanced(t1: float, t2: float, *, tr: float, flip: float) -> float:
    """Pulses of alternating sign: seen from a frame that turns by half a circle each TR, the same pulse every time."""

    def period(spins: Spins) -> None:
        spins.pulse(flip)
        spins.wait(tr)
        spins.m[:, :2] *= -1

    spins = repeating(period, t1, t2)
    spins.pulse(flip)
    spins.wait(tr / 2)
    return spins.echo


def mp2rage(t1: float, t2: float, *, tr: float, ti: float, ti2: float, flip: float, flip2: float, es: float, readouts: float,
            centre: float = 0.5, efficiency: float = 1.0) -> float:  # fmt: skip
    """Inversion and two trains of excitations; the uniform image of the echoes at their k-space centres."""
    before, echoes = centre * readouts, []

    def train(spins: Spins, angle: float) -> None:
        for number in range(round(readouts)):
            spins.pulse(angle)
            if number == round(before):
                echoes.append(-spins.m[0, 1])
            spins.wait(es)
            spins.spoil()

    def period(spins: Spins) -> None:
        spins.invert(efficiency)
        spins.wait(ti - before * es)
        train(spins, flip)
        spins.wait(ti2 - ti - readouts * es)
        train(spins, flip2)
        spins.wait(tr - ti2 - (readouts - before) * es)

    spins = repeating(period, t1, t2)
    echoes.clear()
    period(spins)
    first, second = echoes
    return first * second / (first**2 + second**2)
