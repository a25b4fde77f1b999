"""Relaxation times and proton density of tissues, from the literature, at 1.5, 3 and 7 tesla.

Sources: BrainWeb tissue table (Collins 1998, Kwan 1999, Aubert-Broche 2006), Wright 2008, Peters 2007 (T2*), Marques
2010, Tourdias 2014, Bojorquez 2017. They disagree: 3 T white matter T1 spans 699-1735 ms over sources, and BrainWeb's CSF
(2569/329 ms) is far from what is measured in people. The values here are the middle of in-vivo reports; ``spread`` says
how far sources lie apart. Where T2* was not found, T2 stands in for it, and ``t2star_known`` is False.

What was not found is derived, and so only plausible: deep grey matter at 1.5 T and 7 T follows cortical grey matter in the
proportion of 3 T where no value was reported (T1 of thalamus and pallidum, every T2), its T2* follows cortex likewise; muscle
at 7 T and fat and marrow at 7 T keep about their value of 3 T. Flow is not in the equations: ``blood`` stands still, and
``flow`` is blood with a PD and a T2 that were chosen so that vessels are as dark in spin echoes as flow makes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FIELDS = (1.5, 3.0, 7.0)


@dataclass(frozen=True)
class Relaxation:
    """T1, T2 and T2* in seconds at one field strength."""

    t1: float
    t2: float
    t2star: float
    t2star_known: bool = True


@dataclass(frozen=True)
class Tissue:
    """A tissue of the literature table.

    ``pd`` is relative to CSF = 1; ``at`` gives relaxation times by field strength in tesla; ``spread`` the range of T1 and
    T2 (s) over sources at 3 T, None where only one source was found.
    """

    label: str
    short: str
    pd: float
    at: Mapping[float, Relaxation]
    spread: tuple[tuple[float, float], tuple[float, float]] | None = None


def _ms(t1: float, t2: float, t2star: float | None = None) -> Relaxation:
    return Relaxation(t1 / 1000, t2 / 1000, (t2star or t2) / 1000, t2star is not None)


TISSUES: Mapping[str, Tissue] = {
    "wm": Tissue(
        "White matter",
        "WM",
        0.70,
        {1.5: _ms(650, 75, 66), 3.0: _ms(840, 70, 53), 7.0: _ms(1130, 46, 27)},
        ((0.699, 1.735), (0.055, 0.080)),
    ),
    "gm": Tissue(
        "Cortical grey matter",
        "GM",
        0.81,
        {1.5: _ms(1150, 90, 84), 3.0: _ms(1420, 83, 66), 7.0: _ms(1920, 50, 33)},
        ((1.330, 1.820), (0.065, 0.110)),
    ),
    "csf": Tissue(
        "Cerebrospinal fluid",
        "CSF",
        1.0,
        {1.5: _ms(4300, 2000), 3.0: _ms(4300, 2000), 7.0: _ms(4400, 1000)},
        ((3.800, 5.000), (0.350, 2.400)),
    ),
    "fat": Tissue(
        "Fat",
        "Fat",
        1.0,
        {1.5: _ms(260, 70), 3.0: _ms(370, 125), 7.0: _ms(374, 125)},
        ((0.250, 0.405), (0.041, 0.371)),
    ),
    "lesion": Tissue(
        "White-matter lesion",
        "Lesion",
        0.83,
        {1.5: _ms(752, 237), 3.0: _ms(1200, 125), 7.0: _ms(1200, 70)},
        ((0.920, 1.350), (0.100, 0.150)),
    ),
    "caudate": Tissue(
        "Caudate nucleus",
        "Caudate",
        0.81,
        {1.5: _ms(1109, 76, 71), 3.0: _ms(1395, 70, 56), 7.0: _ms(1684, 42, 28)},
    ),
    "putamen": Tissue(
        "Putamen",
        "Putamen",
        0.81,
        {1.5: _ms(1084, 70, 65), 3.0: _ms(1332, 65, 52), 7.0: _ms(1644, 39, 26)},
    ),
    "thalamus": Tissue(
        "Thalamus",
        "Thalamus",
        0.78,
        {1.5: _ms(972, 76, 71), 3.0: _ms(1200, 70, 56), 7.0: _ms(1600, 42, 28)},
    ),
    "pallidum": Tissue(
        "Pallidum",
        "Pallidum",
        0.73,
        {1.5: _ms(850, 52, 48), 3.0: _ms(1050, 48, 38), 7.0: _ms(1250, 29, 19)},
    ),
    "muscle": Tissue(
        "Muscle",
        "Muscle",
        1.0,
        {1.5: _ms(900, 47), 3.0: _ms(1412, 45), 7.0: _ms(1500, 30)},
        ((1.100, 1.412), (0.040, 0.050)),
    ),
    "blood": Tissue(
        "Blood at rest",
        "Blood",
        0.90,
        {1.5: _ms(1441, 250), 3.0: _ms(1650, 150), 7.0: _ms(2200, 80)},
        ((1.550, 1.750), (0.080, 0.275)),
    ),
    "flow": Tissue(
        "Flowing blood, effective",
        "Flow",
        0.60,
        {1.5: _ms(1441, 25, 20), 3.0: _ms(1650, 25, 20), 7.0: _ms(2200, 20, 15)},
    ),
    "marrow": Tissue(
        "Bone marrow",
        "Marrow",
        0.9,
        {1.5: _ms(500, 70), 3.0: _ms(586, 127), 7.0: _ms(600, 127)},
    ),
}
