"""The table of sequences: one function and one row each.

Sliders, command line flags, sidecars, curves and validity checks all read this table; a new sequence touches no other
file. Parameters are in seconds and degrees here; people see milliseconds (``Parameter.shown``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from mriexplorer.physics import equations
from mriexplorer.physics.equations import Array
from mriexplorer.physics.parameters import Parameter

Values = Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """A relation that a scanner could not break.

    The sentence (short, it stands beside a slider) is shown at the first parameter, the others are marked. ``holds`` may
    assume values within their ranges.
    """

    parameters: tuple[str, ...]
    holds: Callable[[Values], bool]
    sentence: str


@dataclass(frozen=True)
class Problem:
    """A broken rule: which sliders it concerns, and the sentence to show at the first of them."""

    parameters: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Sequence:
    """One row of the table.

    ``model`` tells maps apart: ``full`` equations suit measured and literature maps, ``ideal`` (eq. 1 of the paper) those
    fitted with the ideal equations; ``twin`` names the row of the other model. ``decay`` says which map stands for the
    third argument. ``drag`` are the parameters moved by a drag across and up. ``suffix`` (of the values) and ``kind``
    are the BIDS suffix and PulseSequenceType. ``title`` names the image where its name
    depends on the values. ``separable`` says that the signal is PD times a function of T1 times exp(-TE/decay).
    """

    name: str
    label: str
    equation: Callable[..., Array]
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...]
    model: Literal["full", "ideal"]
    twin: str
    kind: str
    drag: tuple[str, str]
    suffix: Callable[[Values], str]
    decay: Literal["t2", "t2star"] = "t2"
    formula: str = ""
    title: Callable[[Values], str] | None = None
    separable: bool = True

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError when the sequence has none."""
        return next((p for p in self.parameters if p.name == name), None) or _missing(self.name, name)

    def defaults(self) -> dict[str, float]:
        """Every parameter's default."""
        return {p.name: p.default for p in self.parameters}

    def complete(self, values: Values) -> dict[str, float]:
        """Defaults, overridden by those of ``values`` that this sequence has."""
        return {p.name: values.get(p.name, p.default) for p in self.parameters}


def _missing(sequence: str, parameter: str) -> Parameter:
    raise KeyError(f"{sequence} has no parameter {parameter}")


def _echo_time(low: float, high: float, default: float, doc: str = "Echo time") -> Parameter:
    return Parameter("te", "TE", "s", low, high, default, "log", "EchoTime", (0x0018, 0x0081), doc)


def _repetition_time(low: float, default: float, bids: str = "RepetitionTimeExcitation") -> Parameter:
    return Parameter("tr", "TR", "s", low, 20.0, default, "log", bids, (0x0018, 0x0080), "Repetition time")


def _inversion_time(default: float) -> Parameter:
    return Parameter("ti", "TI", "s", 0.020, 6.0, default, "log", "InversionTime", (0x0018, 0x0082), "Inversion time")


_SPACING = Parameter(
    "esp",
    "Echo spacing",
    "s",
    0.002,
    0.030,
    0.010,
    "log",
    "EchoSpacing",
    None,
    "Time between the echoes of the train",
    expert=True,
)
_TRAIN = Parameter(
    "etl",
    "Echo train",
    "1",
    1,
    64,
    16,
    "integer",
    "EchoTrainLength",
    (0x0018, 0x0091),
    "Number of echoes of the train (turbo factor)",
    expert=True,
)
_EFFICIENCY = Parameter(
    "efficiency",
    "Inversion efficiency",
    "1",
    0.5,
    1.0,
    1.0,
    "linear",
    "InversionEfficiency",
    None,
    "Share of the magnetisation that the pulse inverts",
    expert=True,
)
_SECOND_INVERSION = Parameter(
    "ti2", "TI2", "s", 0.020, 3.0, 0.45, "log", "SecondInversionTime", None, "Time from the second inversion to the excitation"
)
_FLIP = Parameter("flip", "Flip angle", "deg", 1, 30, 8, "linear", "FlipAngle", (0x0018, 0x1314), "Excitation angle", expert=True)
_EXCITATION_SPACING = Parameter(
    "es",
    "Readout spacing",
    "s",
    0.004,
    0.015,
    0.0076,
    "linear",
    "RepetitionTimeExcitation",
    None,
    "Time between the excitations of the train",
    expert=True,
)
_READOUTS = Parameter(
    "readouts",
    "Readouts",
    "1",
    16,
    320,
    176,
    "integer",
    "NumberShots",
    None,
    "Excitations after each inversion",
    expert=True,
)
_CENTRE = Parameter(
    "centre",
    "k-space centre",
    "1",
    0.0,
    1.0,
    0.5,
    "linear",
    "KSpaceCentreFraction",
    None,
    "Share of the train before the k-space centre: 0.5 linear, 0 centric",
    expert=True,
)

_TE_BEFORE_TR = Rule(("te", "tr"), lambda p: p["te"] < p["tr"], "TE must be shorter than TR")
_TI_BEFORE_TR = Rule(("ti", "tr"), lambda p: p["ti"] < p["tr"], "TI must be shorter than TR")
_TI_TE_IN_TR = Rule(("ti", "te", "tr"), lambda p: p["ti"] + p["te"] < p["tr"], "TI + TE must fit into TR")
_SECOND_AFTER_FIRST = Rule(("ti2", "ti"), lambda p: p["ti2"] < p["ti"], "TI2 must be shorter than TI")
_TE_IN_TRAIN = Rule(
    ("te", "esp", "etl"),
    lambda p: p["esp"] * 0.999 <= p["te"] <= p["esp"] * p["etl"] * 1.001,
    "TE must lie on the echo train",
)
_TRAIN_IN_TR = Rule(("tr", "esp", "etl"), lambda p: p["esp"] * p["etl"] < p["tr"], "the echo train must fit into TR")
_INVERSION_AND_TRAIN_IN_TR = Rule(
    ("ti", "tr"), lambda p: p["ti"] + p["esp"] * p["etl"] < p["tr"], "TI + echo train must fit into TR"
)
_TE_IN_EXCITATION = Rule(("te", "es"), lambda p: p["te"] < p["es"], "TE exceeds the readout spacing")
_READOUTS_AFTER_INVERSION = Rule(
    ("ti", "readouts", "es"),
    lambda p: p["centre"] * p["readouts"] * p["es"] <= p["ti"],
    "TI is too short for the readouts",
)
_READOUTS_BEFORE_TR = Rule(
    ("tr", "ti", "readouts", "es"),
    lambda p: (1 - p["centre"]) * p["readouts"] * p["es"] <= p["tr"] - p["ti"],
    "TR is too short for the readouts",
)


def _spin_echo_suffix(values: Values) -> str:
    """BIDS suffix by weighting: long TE is T2w; short TE is T1w at short TR and PDw at long."""
    if values["te"] >= 0.06:
        return "T2w"
    return "T1w" if values["tr"] < 1.2 else "PDw"


def _inversion_title(values: Values) -> str:
    """An inversion recovery image by what its TI nulls: fluid (FLAIR), fat (STIR), or neither."""
    return "FLAIR" if values["ti"] >= 1.2 else "STIR" if values["ti"] <= 0.35 else "IR-TSE"


def _inversion_suffix(values: Values) -> str:
    """BIDS has no suffix for STIR; its contrast is T2-weighted."""
    return "FLAIR" if values["ti"] >= 1.2 else "T2w"


def _always(suffix: str) -> Callable[[Values], str]:
    return lambda _values: suffix


_ROWS = (
    Sequence(
        "mprage",
        "MPRAGE",
        equations.mprage,
        (
            _echo_time(0.001, 0.014, 0.00316),
            _repetition_time(0.3, 2.4, "RepetitionTimePreparation"),
            _inversion_time(1.0),
            _FLIP,
            _EXCITATION_SPACING,
            _READOUTS,
            _CENTRE,
            _EFFICIENCY,
        ),
        (_TI_BEFORE_TR, _TE_IN_EXCITATION, _READOUTS_AFTER_INVERSION, _READOUTS_BEFORE_TR),
        "full",
        "ideal-mprage",
        "MPRAGE",
        ("tr", "ti"),
        _always("T1w"),
        "t2star",
        "PD · sin α · Mz(TI, TR, train) · exp(−TE/T2*)",
    ),
    Sequence(
        "se",
        "Spin echo",
        equations.spin_echo,
        (_echo_time(0.004, 0.6, 0.012), _repetition_time(0.05, 0.5)),
        (_TE_BEFORE_TR,),
        "full",
        "ideal-se",
        "Spin echo",
        ("tr", "te"),
        _spin_echo_suffix,
        formula="PD · (1 − 2E(TR−TE/2) + E(TR)) · exp(−TE/T2)",
    ),
    Sequence(
        "tse",
        "Turbo spin echo",
        equations.turbo_spin_echo,
        (_echo_time(0.004, 0.6, 0.1, "Effective echo time"), _repetition_time(0.2, 4.0), _SPACING, _TRAIN),
        (_TE_IN_TRAIN, _TRAIN_IN_TR),
        "full",
        "ideal-se",
        "Turbo spin echo",
        ("tr", "te"),
        _spin_echo_suffix,
        formula="PD · (1 − E(TR−ESP·ETL)) · exp(−TE/T2)",
    ),
    Sequence(
        "flair",
        "IR-TSE (FLAIR, STIR)",
        equations.inversion_recovery_turbo_spin_echo,
        (
            _echo_time(0.004, 0.6, 0.091, "Effective echo time"),
            _repetition_time(0.5, 9.0),
            _inversion_time(2.5),
            _SPACING,
            _TRAIN,
            _EFFICIENCY,
        ),
        (_TI_BEFORE_TR, _TE_IN_TRAIN, _INVERSION_AND_TRAIN_IN_TR),
        "full",
        "ideal-flair",
        "Inversion recovery turbo spin echo",
        ("tr", "te"),
        _inversion_suffix,
        formula="PD · (1 − (1+f)E(TI) + f·E(TR−ESP·ETL)) · exp(−TE/T2)",
        title=_inversion_title,
    ),
    Sequence(
        "ir-se",
        "Inversion recovery SE",
        equations.inversion_recovery_spin_echo,
        (_echo_time(0.004, 0.6, 0.012), _repetition_time(0.2, 3.0), _inversion_time(0.5), _EFFICIENCY),
        (_TI_BEFORE_TR, _TI_TE_IN_TR),
        "full",
        "ideal-flair",
        "Inversion recovery spin echo",
        ("tr", "te"),
        _always("T1w"),
        formula="PD · (1 − (1+f)E(TI) + 2f·E(TR−TE/2) − f·E(TR)) · exp(−TE/T2)",
    ),
    Sequence(
        "dir",
        "Double inversion (DIR)",
        equations.double_inversion_recovery,
        (_echo_time(0.004, 0.6, 0.020), _repetition_time(0.5, 11.0), _inversion_time(3.4), _SECOND_INVERSION),
        (_TI_BEFORE_TR, _TI_TE_IN_TR, _SECOND_AFTER_FIRST),
        "full",
        "ideal-flair",
        "Double inversion recovery spin echo",
        ("tr", "te"),
        _inversion_suffix,
        formula="PD · (1 − 2E(TI2) + 2E(TI) − 2E(TR−TE/2) + E(TR)) · exp(−TE/T2)",
    ),
    Sequence(
        "ideal-mprage",
        "MPRAGE, ideal (eq. 1)",
        equations.ideal_mprage,
        (_repetition_time(0.3, 2.4, "RepetitionTimePreparation"), _inversion_time(1.0)),
        (_TI_BEFORE_TR,),
        "ideal",
        "mprage",
        "MPRAGE",
        ("tr", "ti"),
        _always("T1w"),
        formula="PD · (1 − 2E(TI)/(1 + E(TR)))",
    ),
    Sequence(
        "ideal-se",
        "Spin echo, ideal (eq. 1)",
        equations.ideal_spin_echo,
        (_echo_time(0.001, 0.6, 0.1), _repetition_time(0.05, 4.0)),
        (_TE_BEFORE_TR,),
        "ideal",
        "se",
        "Spin echo",
        ("tr", "te"),
        _spin_echo_suffix,
        formula="PD · (1 − E(TR)) · exp(−TE/T2)",
    ),
    Sequence(
        "ideal-flair",
        "FLAIR, ideal (eq. 1)",
        equations.ideal_flair,
        (_echo_time(0.001, 0.6, 0.091), _repetition_time(0.2, 9.0), _inversion_time(2.5)),
        (_TI_BEFORE_TR, _TI_TE_IN_TR),
        "ideal",
        "flair",
        "Inversion recovery spin echo",
        ("tr", "te"),
        _always("FLAIR"),
        formula="PD · (1 − 2E(TI) + E(TR)) · exp(−TE/T2)",
    ),
)

SEQUENCES: Mapping[str, Sequence] = {row.name: row for row in _ROWS}


def problems(sequence: Sequence, values: Values) -> tuple[Problem, ...]:
    """Every reason why a scanner could not run ``values``; empty when it could.

    ``values`` are complete (``Sequence.complete``), in seconds and degrees. Values out of range are reported first, and
    alone, since the rules assume a range.
    """
    outside = [p for p in sequence.parameters if not p.low * 0.999 <= values[p.name] <= p.high * 1.001]
    if outside:
        return tuple(
            Problem((p.name,), f"{p.label} must lie between {p.shown(p.low)} and {p.shown(p.high)} {p.shown_unit}".strip())
            for p in outside
        )
    return tuple(Problem(rule.parameters, rule.sentence) for rule in sequence.rules if not rule.holds(values))


def signal(sequence: Sequence, pd: Array, t1: Array, decay: Array, values: Values, *, magnitude: bool = True) -> Array:
    """What the sequence shows of a tissue, in units of PD = 1.

    ``pd``, ``t1``, ``decay`` are arrays of one shape; ``decay`` is T2 or T2*, as ``sequence.decay`` says; times in seconds.
    ``values`` are complete and free of ``problems``. ``magnitude`` gives the absolute value, as scanners do; without it
    the sign of the magnetisation is kept.
    """
    result = sequence.equation(pd, t1, decay, **{p.name: values[p.name] for p in sequence.parameters})
    return abs(result) if magnitude else result
