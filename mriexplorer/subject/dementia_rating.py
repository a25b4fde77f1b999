"""How two scales of dementia belong together: the Mini-Mental State Examination (MMSE) and the Clinical Dementia Rating (CDR)."""

from collections.abc import Mapping

CDR = (0.0, 0.5, 1.0, 2.0, 3.0)
_MMSE_OF_CDR = (30, 26, 21, 11, 0)  # points from which on the MMSE means each (Perneczky 2006, Am J Geriatr Psychiatry 14:139)


def cdr_of_mmse(mmse: float) -> float:
    """The CDR that an MMSE (0 to 30) stands for, by the table of Perneczky 2006."""
    return next(level for level, least in zip(CDR, _MMSE_OF_CDR, strict=True) if mmse >= least)


def steps_apart(record: Mapping[str, float | str]) -> int | None:
    """By how many steps of the CDR ``mmse`` and ``cdr`` of a record disagree; None where one is missing."""
    mmse, cdr = record.get("mmse"), record.get("cdr")
    if not isinstance(mmse, int | float) or not isinstance(cdr, int | float) or float(cdr) not in CDR or not 0 <= mmse <= 30:
        return None
    return abs(CDR.index(cdr_of_mmse(mmse)) - CDR.index(float(cdr)))
