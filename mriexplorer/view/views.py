"""What can be shown of a subject: the signal, a map, what was measured, and differences."""

from enum import StrEnum


class View(StrEnum):
    """What the planes show."""

    SIGNAL = "signal"
    T1 = "t1"
    T2 = "t2"
    T2STAR = "t2star"
    PD = "pd"
    MEASURED = "measured"
    RESIDUAL = "residual"
    T1_UNCERTAINTY = "t1 uncertainty"
    T2_UNCERTAINTY = "t2 uncertainty"
    PD_UNCERTAINTY = "pd uncertainty"
    OTHER = "other"
    DIFFERENCE = "difference"
    CHANGE = "change"  # the signal less that of the pinned contrast; painted, never a state's own

    @property
    def quantity(self) -> str:
        """Of a map or its uncertainty: which map, ``t1``."""
        return UNCERTAINTY_OF.get(self, self.value)


VIEWS = (View.SIGNAL, View.T1, View.T2, View.T2STAR, View.PD)  # of every subject
UNCERTAINTIES = (View.T1_UNCERTAINTY, View.T2_UNCERTAINTY, View.PD_UNCERTAINTY)  # of encoded maps
UNCERTAINTY_OF = {View.T1_UNCERTAINTY: "t1", View.T2_UNCERTAINTY: "t2", View.PD_UNCERTAINTY: "pd"}
SCANNED = (View.MEASURED, View.RESIDUAL)  # of maps that were encoded from scans
BESIDE = (View.OTHER, View.DIFFERENCE)  # of two people who were sampled
CHANGE = (View.CHANGE,)
COMPARED = (View.MEASURED, View.SIGNAL, View.RESIDUAL)  # what the layout "compare" shows of one plane
COMPARED_PEOPLE = (View.SIGNAL, View.OTHER, View.DIFFERENCE)
OF_SIGNAL = frozenset((View.SIGNAL, *SCANNED, *BESIDE, *CHANGE))  # what has the window of the signal
SIGNED = frozenset((View.RESIDUAL, View.DIFFERENCE, View.CHANGE))  # what lies about 0
