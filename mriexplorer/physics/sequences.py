"""The table of sequences: one function and one row each.

Sliders, command line flags, sidecars, curves and validity checks all read this table; a new sequence touches no other
file. Parameters are in seconds and degrees here; people see milliseconds (``Parameter.shown``).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from mriexplorer.physics import equations
from mriexplorer.physics.controls import (
    CENTRE,
    EFFICIENCY,
    EXCITATION_SPACING,
    FLIP,
    FLIP_2,
    INVERSION_AND_TRAIN_IN_TR,
    READOUTS,
    READOUTS_AFTER_INVERSION,
    READOUTS_BEFORE_TR,
    SECOND_AFTER_FIRST,
    SECOND_INVERSION,
    SECOND_TRAIN,
    SECOND_TRAIN_BEFORE_TR,
    SPACING,
    TE_BEFORE_TR,
    TE_IN_EXCITATION,
    TE_IN_TRAIN,
    TI_BEFORE_TR,
    TI_TE_IN_TR,
    TRAIN,
    TRAIN_IN_TR,
    TRAINS_APART,
    echo_time,
    excitation_angle,
    inversion_time,
    repetition_time,
)
from mriexplorer.physics.sequence import Sequence, Values


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
            echo_time(0.001, 0.014, 0.00316),
            repetition_time(0.3, 2.4, "RepetitionTimePreparation"),
            inversion_time(1.0),
            FLIP,
            EXCITATION_SPACING,
            READOUTS,
            CENTRE,
            EFFICIENCY,
        ),
        (TI_BEFORE_TR, TE_IN_EXCITATION, READOUTS_AFTER_INVERSION, READOUTS_BEFORE_TR),
        "full",
        "ideal-mprage",
        "MPRAGE",
        ("tr", "ti"),
        _always("T1w"),
        "t2star",
        "PD · sin α · Mz(TI, TR, train) · exp(−TE/T2*)",
        lines="readouts",
    ),
    Sequence(
        "se",
        "Spin echo",
        equations.spin_echo,
        (echo_time(0.004, 0.6, 0.012), repetition_time(0.05, 0.5)),
        (TE_BEFORE_TR,),
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
        (echo_time(0.004, 0.6, 0.1, "Effective echo time"), repetition_time(0.2, 4.0), SPACING, TRAIN),
        (TE_IN_TRAIN, TRAIN_IN_TR),
        "full",
        "ideal-se",
        "Turbo spin echo",
        ("tr", "te"),
        _spin_echo_suffix,
        formula="PD · (1 − E(TR−ESP·ETL)) · exp(−TE/T2)",
        lines="etl",
    ),
    Sequence(
        "flair",
        "IR-TSE (FLAIR, STIR)",
        equations.inversion_recovery_turbo_spin_echo,
        (
            echo_time(0.004, 0.6, 0.091, "Effective echo time"),
            repetition_time(0.5, 9.0),
            inversion_time(2.5),
            SPACING,
            TRAIN,
            EFFICIENCY,
        ),
        (TI_BEFORE_TR, TE_IN_TRAIN, INVERSION_AND_TRAIN_IN_TR),
        "full",
        "ideal-flair",
        "Inversion recovery turbo spin echo",
        ("tr", "te"),
        _inversion_suffix,
        formula="PD · (1 − (1+f)E(TI) + f·E(TR−ESP·ETL)) · exp(−TE/T2)",
        title=_inversion_title,
        lines="etl",
    ),
    Sequence(
        "ir-se",
        "Inversion recovery SE",
        equations.inversion_recovery_spin_echo,
        (echo_time(0.004, 0.6, 0.012), repetition_time(0.2, 3.0), inversion_time(0.5), EFFICIENCY),
        (TI_BEFORE_TR, TI_TE_IN_TR),
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
        (echo_time(0.004, 0.6, 0.020), repetition_time(0.5, 11.0), inversion_time(3.4), SECOND_INVERSION),
        (TI_BEFORE_TR, TI_TE_IN_TR, SECOND_AFTER_FIRST),
        "full",
        "ideal-flair",
        "Double inversion recovery spin echo",
        ("tr", "te"),
        _inversion_suffix,
        formula="PD · (1 − 2E(TI2) + 2E(TI) − 2E(TR−TE/2) + E(TR)) · exp(−TE/T2)",
    ),
    Sequence(
        "psir",
        "PSIR",
        equations.inversion_recovery_turbo_spin_echo,
        (
            echo_time(0.004, 0.6, 0.012, "Effective echo time"),
            repetition_time(0.5, 4.0),
            inversion_time(0.4),
            SPACING,
            replace(TRAIN, default=6),
            EFFICIENCY,
        ),
        (TI_BEFORE_TR, TE_IN_TRAIN, INVERSION_AND_TRAIN_IN_TR),
        "full",
        "ideal-flair",
        "Phase-sensitive inversion recovery turbo spin echo",
        ("tr", "ti"),
        _always("T1w"),
        formula="PD · (1 − (1+f)E(TI) + f·E(TR−ESP·ETL)) · exp(−TE/T2), with its sign",
        signed=True,
        lines="etl",
    ),
    Sequence(
        "mp2rage",
        "MP2RAGE, uniform",
        equations.mp2rage,
        (
            repetition_time(1.5, 5.0, "RepetitionTimePreparation"),
            inversion_time(0.7),
            SECOND_TRAIN,
            replace(FLIP, default=4),
            FLIP_2,
            EXCITATION_SPACING,
            READOUTS,
            CENTRE,
            EFFICIENCY,
        ),
        (TI_BEFORE_TR, READOUTS_AFTER_INVERSION, TRAINS_APART, SECOND_TRAIN_BEFORE_TR),
        "full",
        "ideal-mprage",
        "MP2RAGE",
        ("ti", "ti2"),
        _always("UNIT1"),
        "t2star",
        "S1·S2 / (S1² + S2²), gradient-echo trains at TI and TI2",
        of_t1=True,
        signed=True,
        spread=equations.mp2rage_spread,
        unit="uniform, −0.5 to 0.5",
        lines="readouts",
    ),
    Sequence(
        "spgr",
        "SPGR (FLASH)",
        equations.spoiled_gradient_echo,
        (echo_time(0.001, 0.030, 0.0046), repetition_time(0.004, 0.020, high=1.0), excitation_angle(90, 20)),
        (TE_BEFORE_TR,),
        "full",
        "ideal-mprage",
        "Spoiled gradient echo",
        ("tr", "flip"),
        _always("T1w"),
        "t2star",
        "PD · sin α · (1 − E(TR)) / (1 − cos α·E(TR)) · exp(−TE/T2*)",
    ),
    Sequence(
        "gre",
        "T2*-weighted GRE",
        equations.spoiled_gradient_echo,
        (echo_time(0.002, 0.120, 0.020), repetition_time(0.02, 0.6, high=5.0), excitation_angle(90, 20)),
        (TE_BEFORE_TR,),
        "full",
        "ideal-se",
        "Gradient echo",
        ("tr", "te"),
        _always("T2starw"),
        "t2star",
        "PD · sin α · (1 − E(TR)) / (1 − cos α·E(TR)) · exp(−TE/T2*)",
    ),
    Sequence(
        "bssfp",
        "bSSFP",
        equations.balanced_steady_state,
        (repetition_time(0.002, 0.005, high=0.1), excitation_angle(90, 45)),
        (),
        "full",
        "ideal-se",
        "Balanced steady-state free precession",
        ("tr", "flip"),
        _always("T2w"),  # BIDS has no suffix for T2/T1 contrast; fluid is bright
        formula="PD · sin α · (1 − E1)·√E2 / (1 − (E1 − E2)·cos α − E1·E2), on resonance",
        separable=False,
    ),
    Sequence(
        "ideal-mprage",
        "MPRAGE, ideal (eq. 1)",
        equations.ideal_mprage,
        (repetition_time(0.3, 2.4, "RepetitionTimePreparation"), inversion_time(1.0)),
        (TI_BEFORE_TR,),
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
        (echo_time(0.001, 0.6, 0.1), repetition_time(0.05, 4.0)),
        (TE_BEFORE_TR,),
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
        (echo_time(0.001, 0.6, 0.091), repetition_time(0.2, 9.0), inversion_time(2.5)),
        (TI_BEFORE_TR, TI_TE_IN_TR),
        "ideal",
        "flair",
        "Inversion recovery spin echo",
        ("tr", "te"),
        _always("FLAIR"),
        formula="PD · (1 − 2E(TI) + E(TR)) · exp(−TE/T2)",
    ),
)

SEQUENCES: Mapping[str, Sequence] = {row.name: row for row in _ROWS}
