"""Signal equations, each one short function.

Shapes: ``pd``, ``t1``, ``t2`` are arrays of one shape (numpy, torch, anything of the array API); the result has it too.
Units: times in seconds, flip angles in degrees, signal in units of PD = 1.
Sign: results are signed; the scanner's magnitude image is their absolute value. After an inversion the signal is
negative until the null point.
Only operators and ``_exp``, ``_sin``, ``_cos``, ``_in_own_library`` are used, on parameters too, so that an equation can be
evaluated for arrays of protocols and be traced with symbols.

Two families. The ``ideal_*`` equations are eq. 1 of the physics-informed latent diffusion model (Luepke, Yeganeh,
Adeli, Navab, Farshad 2024): instantaneous refocusing, no readout train. The others hold against a Bloch simulation
(``tests/physics/bloch.py``) to 0.05 % of the largest tissue signal, and include what a scanner does between excitations.

With E(t) = exp(-t/T1) throughout.
"""

import math
from math import pi
from typing import Any

import numpy as np

Array = Any  # any array of the array API standard: numpy, torch, jax, ...
_TRAIN_SNR = 10
_NUMPY = (np.ndarray, np.generic, float, int)


def _in_own_library(name: str, of: Array) -> Array:
    """``exp``, ``sin``, ``cos``, ``sqrt`` in the array's own library.

    array-api-compat takes 0.14 s to import, so numpy does without it. Anything with ``__array_namespace__`` will do.
    """
    if isinstance(of, _NUMPY):
        return getattr(np, name)(of)
    from array_api_compat import array_namespace

    return getattr(array_namespace(of), name)(of)


def _exp(exponent: Array) -> Array:
    return _in_own_library("exp", exponent)


def _sin(degrees: Any) -> Any:
    """A plain number stays one, so that it does not make arrays of float32 into float64."""
    angle = degrees * (pi / 180)
    return math.sin(angle) if type(angle) is float else _in_own_library("sin", angle)


def _cos(degrees: Any) -> Any:
    angle = degrees * (pi / 180)
    return math.cos(angle) if type(angle) is float else _in_own_library("cos", angle)


def e1(time: Any, t1: Array) -> Array:
    """E1(t) = exp(-t/T1): the share of a disturbance of Mz that is left after ``time`` seconds."""
    exponent = -time / t1
    return np.exp(exponent) if isinstance(exponent, _NUMPY) else _in_own_library("exp", exponent)


def decay(time: Any, t2: Array) -> Array:
    """exp(-t/T2): the share of transverse magnetisation that is left after ``time`` seconds."""
    exponent = -time / t2
    return np.exp(exponent) if isinstance(exponent, _NUMPY) else _in_own_library("exp", exponent)


def ideal_spin_echo(pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any) -> Array:
    """Spin echo of eq. 1: PD (1 - E(TR)) exp(-TE/T2)."""
    return pd * (1 - e1(tr, t1)) * decay(te, t2)


def ideal_flair(pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any, ti: Any) -> Array:
    """FLAIR of eq. 1: PD (1 - 2 E(TI) + E(TR)) exp(-TE/T2)."""
    return pd * (1 - 2 * e1(ti, t1) + e1(tr, t1)) * decay(te, t2)


def ideal_mprage(pd: Array, t1: Array, t2: Array, *, tr: Any, ti: Any) -> Array:
    """MPRAGE of eq. 1: PD (1 - 2 E(TI) / (1 + E(TR))).

    It has no echo time and ignores the readout train; ``t2`` is taken for the common signature only.
    """
    del t2
    return pd * (1 - 2 * e1(ti, t1) / (1 + e1(tr, t1)))


def spin_echo(pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any) -> Array:
    """Spin echo, 90-180, steady state: PD (1 - 2 E(TR - TE/2) + E(TR)) exp(-TE/T2)."""
    return pd * (1 - 2 * e1(tr - te / 2, t1) + e1(tr, t1)) * decay(te, t2)


def turbo_spin_echo(pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any, esp: Any, etl: Any) -> Array:
    """Turbo (fast) spin echo with 180-degree refocusing: PD (1 - E(TR - ESP ETL)) exp(-TE/T2).

    ``te`` is the effective echo time, ``esp`` the echo spacing (s), ``etl`` the number of echoes of the train: Mz starts
    to recover when the train ends.
    """
    return pd * (1 - e1(tr - esp * etl, t1)) * decay(te, t2)


def inversion_recovery_spin_echo(pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any, ti: Any, efficiency: Any = 1.0) -> Array:
    """Inversion recovery spin echo: PD (1 - (1+f) E(TI) + 2f E(TR - TE/2) - f E(TR)) exp(-TE/T2).

    ``efficiency`` f is what share of Mz the pulse inverts: Mz becomes -f Mz. With f = 1 this is the textbook form
    1 - 2 E(TI) + 2 E(TR - TE/2) - E(TR).
    """
    mz = 1 - (1 + efficiency) * e1(ti, t1) + efficiency * (2 * e1(tr - te / 2, t1) - e1(tr, t1))
    return pd * mz * decay(te, t2)


def inversion_recovery_turbo_spin_echo(
    pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any, ti: Any, esp: Any, etl: Any, efficiency: Any = 1.0
) -> Array:
    """Inversion recovery turbo spin echo (FLAIR, STIR): PD (1 - (1+f) E(TI) + f E(TR - ESP ETL)) exp(-TE/T2)."""
    mz = 1 - (1 + efficiency) * e1(ti, t1) + efficiency * e1(tr - esp * etl, t1)
    return pd * mz * decay(te, t2)


def double_inversion_recovery(pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any, ti: Any, ti2: Any) -> Array:
    """Double inversion recovery spin echo: PD (1 - 2 E(TI2) + 2 E(TI1) - 2 E(TR - TE/2) + E(TR)) exp(-TE/T2).

    ``ti`` (TI1) and ``ti2`` are the times from the first and the second inversion to the excitation.
    """
    mz = 1 - 2 * e1(ti2, t1) + 2 * e1(ti, t1) - 2 * e1(tr - te / 2, t1) + e1(tr, t1)
    return pd * mz * decay(te, t2)


def mprage(
    pd: Array,
    t1: Array,
    t2: Array,
    *,
    te: Any,
    tr: Any,
    ti: Any,
    flip: float,
    es: Any,
    readouts: Any,
    centre: Any = 0.5,
    efficiency: Any = 1.0,
) -> Array:
    """MPRAGE with its train of excitations, steady state (Deichmann 2000, Marques 2010). ``t2`` is T2* here.

    ::

        inv        TA        a a a a a a a a        TD        inv
         |---------------------|-|-|-|-|-|-|-|---------------|
         |<----------- TI ----------->|   ES                 |
         |<--------------------- TR ------------------------>|

    ``tr`` is the time between inversions, ``ti`` from the inversion to the excitation of the k-space centre, ``es`` the
    time between excitations, ``readouts`` their number N, ``centre`` the share of the train before the k-space centre
    (0.5 linear, 0 centric), ``efficiency`` the inverted share of Mz.
    """
    before = centre * readouts
    excited, kept = _sin(flip), _cos(flip)
    es_left = e1(es, t1)
    floor = (1 - es_left) / (1 - kept * es_left)  # Mz that the train tends to
    train, to_centre = (kept**n * e1(n * es, t1) for n in (readouts, before))
    waiting, resting = e1(ti - before * es, t1), e1(tr - ti - (readouts - before) * es, t1)
    # One period maps the Mz before the inversion linearly onto itself; the steady state is its fixed point.
    mz = 1 - resting * (1 - train * (1 - waiting) - floor * (1 - train))
    mz = mz / (1 + efficiency * waiting * train * resting)
    mz = 1 - (1 + efficiency * mz) * waiting
    mz = mz * to_centre + floor * (1 - to_centre)
    return pd * excited * mz * decay(te, t2)


def spoiled_gradient_echo(pd: Array, t1: Array, t2: Array, *, te: Any, tr: Any, flip: Any) -> Array:
    """Spoiled gradient echo (SPGR, FLASH, T1-FFE), steady state (Ernst 1966): ``t2`` is T2* here.

    PD sin a (1 - E(TR)) / (1 - cos a E(TR)) exp(-TE/T2*). Exact where spoiling is ideal: nothing transverse is left when the
    next excitation comes.
    """
    left = e1(tr, t1)
    return pd * _sin(flip) * (1 - left) / (1 - _cos(flip) * left) * decay(te, t2)


def balanced_steady_state(pd: Array, t1: Array, t2: Array, *, tr: Any, flip: Any) -> Array:
    """Balanced SSFP (TrueFISP, FIESTA, bFFE) on resonance, alternating pulses, echo in the middle of TR (Freeman, Hill 1971).

    With E1 = E(TR), E2 = exp(-TR/T2): PD sin a (1 - E1) sqrt(E2) / (1 - (E1 - E2) cos a - E1 E2). Off resonance (bands) and
    the way into the steady state are not in it.
    """
    left, e2 = e1(tr, t1), decay(tr, t2)
    return pd * _sin(flip) * (1 - left) / (1 - (left - e2) * _cos(flip) - left * e2) * decay(tr / 2, t2)


def mp2rage_trains(
    pd: Array,
    t1: Array,
    *,
    tr: Any,
    ti: Any,
    ti2: Any,
    flip: Any,
    flip2: Any,
    es: Any,
    readouts: Any,
    centre: Any = 0.5,
    efficiency: Any = 1.0,
) -> tuple[Array, Array]:
    """The two gradient echoes of MP2RAGE without their common decay, steady state (Marques 2010, eqs. 1 to 3).

    ::

        inv      TA      a a a a a a      TB      b b b b b b      TC      inv
         |---------------|-|-|-|-|-|--------------|-|-|-|-|-|---------------|
         |<-------- TI -------->|
         |<------------------------ TI2 ------------------->|

    Two trains of ``readouts`` excitations, ``es`` apart, by ``flip`` and ``flip2``; the rest as in ``mprage``.
    """
    before, es_left = centre * readouts, e1(es, t1)
    waiting = e1(ti - before * es, t1)
    between = e1(ti2 - ti - readouts * es, t1)
    resting = e1(tr - ti2 - (readouts - before) * es, t1)
    whole, part = e1(readouts * es, t1), e1(before * es, t1)
    floors = [(1 - es_left) / (1 - _cos(angle) * es_left) for angle in (flip, flip2)]
    trains = [_cos(angle) ** readouts * whole for angle in (flip, flip2)]
    to_centres = [_cos(angle) ** before * part for angle in (flip, flip2)]
    # One period maps the Mz before the inversion linearly onto itself; the steady state is its fixed point.
    mz = 1 - waiting
    mz = 1 - (1 - _towards(mz, floors[0], trains[0])) * between
    mz = 1 - (1 - _towards(mz, floors[1], trains[1])) * resting
    mz = mz / (1 + efficiency * waiting * trains[0] * between * trains[1] * resting)
    first = 1 - (1 + efficiency * mz) * waiting
    second = 1 - (1 - _towards(first, floors[0], trains[0])) * between
    return (
        pd * _sin(flip) * _towards(first, floors[0], to_centres[0]),
        pd * _sin(flip2) * _towards(second, floors[1], to_centres[1]),
    )


def _towards(mz: Array, floor: Array, left: Array) -> Array:
    """Mz after excitations that leave the share ``left`` of its distance from ``floor``."""
    return mz * left + floor * (1 - left)


def mp2rage(pd: Array, t1: Array, t2: Array, **protocol: Any) -> Array:
    """The uniform image of MP2RAGE, S1 S2 / (S1^2 + S2^2), from -0.5 to 0.5 (Marques 2010, eq. 3 for real signals).

    PD, T2*, the receive field and the echo time cancel: it shows T1 alone. ``pd`` and ``t2`` are taken for the common signature
    only. ``protocol`` as for ``mp2rage_trains``.
    """
    del pd, t2
    first, second = mp2rage_trains(1.0, t1, **protocol)
    return first * second / (first * first + second * second)


def mp2rage_spread(pd: Array, t1: Array, t2: Array, **protocol: Any) -> Array:
    """Standard deviation of the uniform image for noise of 1 (PD of water) in each train, by expansion to second order.

    With R^2 = S1^2 + S2^2 it is sqrt((S1^2 - S2^2)^2 + 8 S1^2 S2^2 / SNR^2) / R^3. The first term is the slope of the image; it
    is gone where both trains are equal, and curvature remains, which is taken for an SNR of R of 10. ``t2`` is taken for the
    signature only.
    """
    del t2
    first, second = mp2rage_trains(pd, t1, **protocol)
    squares, product = first * first + second * second, first * second
    variance = squares * squares - (4 - 8 / _TRAIN_SNR**2) * product * product
    return _in_own_library("sqrt", variance) / (squares * _in_own_library("sqrt", squares))
