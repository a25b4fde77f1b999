"""Parameters that sequences share, with their ranges, and the relations between them that no scanner could break."""

from dataclasses import replace

from mriexplorer.physics.parameters import Parameter
from mriexplorer.physics.sequence import Rule


def echo_time(low: float, high: float, default: float, doc: str = "Echo time") -> Parameter:
    return Parameter("te", "TE", "s", low, high, default, "log", "EchoTime", (0x0018, 0x0081), doc)


def repetition_time(low: float, default: float, bids: str = "RepetitionTimeExcitation", high: float = 20.0) -> Parameter:
    return Parameter("tr", "TR", "s", low, high, default, "log", bids, (0x0018, 0x0080), "Repetition time")


def inversion_time(default: float) -> Parameter:
    return Parameter("ti", "TI", "s", 0.020, 6.0, default, "log", "InversionTime", (0x0018, 0x0082), "Inversion time")


SPACING = Parameter(
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
TRAIN = Parameter(
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
EFFICIENCY = Parameter(
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
SECOND_INVERSION = Parameter(
    "ti2", "TI2", "s", 0.020, 3.0, 0.45, "log", "SecondInversionTime", None, "Time from the second inversion to the excitation"
)
FLIP = Parameter("flip", "Flip angle", "deg", 1, 30, 8, "linear", "FlipAngle", (0x0018, 0x1314), "Excitation angle", expert=True)
SECOND_TRAIN = Parameter(
    "ti2", "TI2", "s", 0.3, 8.0, 2.5, "log", "SecondInversionTime", None, "Time from the inversion to the second train's centre"
)
FLIP_2 = Parameter(
    "flip2",
    "Flip angle 2",
    "deg",
    1,
    30,
    5,
    "linear",
    "SecondFlipAngle",
    None,
    "Excitation angle of the second train",
    expert=True,
)


def excitation_angle(high: float, default: float) -> Parameter:
    """The flip angle where it makes the contrast."""
    return replace(FLIP, high=high, default=default, expert=False)


EXCITATION_SPACING = Parameter(
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
READOUTS = Parameter(
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
CENTRE = Parameter(
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

TE_BEFORE_TR = Rule(("te", "tr"), lambda p: p["te"] < p["tr"], "TE must be shorter than TR")
TI_BEFORE_TR = Rule(("ti", "tr"), lambda p: p["ti"] < p["tr"], "TI must be shorter than TR")
TI_TE_IN_TR = Rule(("ti", "te", "tr"), lambda p: p["ti"] + p["te"] < p["tr"], "TI + TE must fit into TR")
SECOND_AFTER_FIRST = Rule(("ti2", "ti"), lambda p: p["ti2"] < p["ti"], "TI2 must be shorter than TI")
TE_IN_TRAIN = Rule(
    ("te", "esp", "etl"),
    lambda p: (p["esp"] * 0.999 <= p["te"]) & (p["te"] <= p["esp"] * p["etl"] * 1.001),
    "TE must lie on the echo train",
)
TRAIN_IN_TR = Rule(("tr", "esp", "etl"), lambda p: p["esp"] * p["etl"] < p["tr"], "the echo train must fit into TR")
INVERSION_AND_TRAIN_IN_TR = Rule(
    ("ti", "tr"), lambda p: p["ti"] + p["esp"] * p["etl"] < p["tr"], "TI + echo train must fit into TR"
)
TE_IN_EXCITATION = Rule(("te", "es"), lambda p: p["te"] < p["es"], "TE exceeds the readout spacing")
READOUTS_AFTER_INVERSION = Rule(
    ("ti", "readouts", "es"),
    lambda p: p["centre"] * p["readouts"] * p["es"] <= p["ti"],
    "TI is too short for the readouts",
)
READOUTS_BEFORE_TR = Rule(
    ("tr", "ti", "readouts", "es"),
    lambda p: (1 - p["centre"]) * p["readouts"] * p["es"] <= p["tr"] - p["ti"],
    "TR is too short for the readouts",
)
TRAINS_APART = Rule(
    ("ti2", "ti", "readouts", "es"),
    lambda p: p["readouts"] * p["es"] <= p["ti2"] - p["ti"],
    "TI2 is too close to TI for the readouts",
)
SECOND_TRAIN_BEFORE_TR = Rule(
    ("tr", "ti2", "readouts", "es"),
    lambda p: (1 - p["centre"]) * p["readouts"] * p["es"] <= p["tr"] - p["ti2"],
    "TR is too short for the readouts",
)
