"""Relaxation times and proton density of people by tissue, against the literature and against real people.

Where a tissue is, is told by a T1-weighted image of the maps themselves and by the atlas, well away from borders. Since white and
grey matter are told by how bright they are, the tails of their distributions are cut; that is so for real and synthetic alike.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.evaluation.chart import Chart, Illustrations, Role, Series
from mriexplorer.evaluation.cohort.atlas import BRAINSTEM, LOBES, OUTSIDE, Atlas, regions
from mriexplorer.evaluation.cohort.comparison import Measure, People, distances, rows_of
from mriexplorer.evaluation.metric import Better, Interval, Metric
from mriexplorer.evaluation.statistics import bootstrapped
from mriexplorer.physics import FIELDS, SEQUENCES, TISSUES, signal
from mriexplorer.simulation.demons import layers_of, normalised_intensity
from mriexplorer.subject.tissue_maps import Floats

GROUP = "relaxation"
MAPS = {"T1": ("ms", 1000.0), "T2": ("ms", 1000.0), "PD": ("", 1.0)}  # unit, and how many of it are one of the map's
NUCLEI = ("thalamus", "caudate", "putamen", "pallidum")
_LITERATURE = {"white matter": "wm", "cortex": "gm", **{name: name for name in NUCLEI}, "fluid": "csf"}
_RANGES: Mapping[str, Mapping[float, tuple[tuple[float, float], tuple[float, float]]]] = {  # ms, T1 and T2 over sources
    "wm": {1.5: ((500, 884), (70, 90)), 7.0: ((1020, 1220), (37, 55))},
    "gm": {1.5: ((833, 1300), (83, 110)), 7.0: ((1650, 2132), (43, 60))},
    "csf": {1.5: ((2569, 4500), (329, 3500)), 7.0: ((4000, 5000), (350, 2400))},
}
_WATER = {"wm": (0.62, 0.77), "gm": (0.71, 0.86), "csf": (0.95, 1.05)}
_UNSURE = 0.15  # of a value, where only one source was found or none
_FAT = 0.45  # s: a T1 below it is no brain
_REACH = 6.0  # mm around the atlas's ventricles in which fluid is theirs
_ENOUGH = 20  # voxels from which a median is worth having
_NORMAL = 1.349  # interquartile range of a normal distribution in standard deviations


def relaxation_of(
    pd: Floats,
    t1: Floats,
    t2: Floats,
    field: float,
    shares: tuple[Floats, Floats, Floats] | None = None,
    atlas: Atlas | None = None,
) -> dict[str, float]:
    """Median ("T1 cortex", in ms or water = 1) and spread ("T1 cortex within", %) of each map in each tissue of a person.

    Maps (x, y, z) in seconds on ``person.grid_of``, 0 where there is nothing; ``shares`` of white matter, grey matter and fluid
    are found in them where None, the ``atlas`` may be warped to the person; ``field`` in tesla is kept as "field". The spread is
    that over voxels, robust: the interquartile range / 1.349 in % of the median. What has too few voxels is left out. Raises
    InputError where no brain is found.
    """
    whole = regions() if atlas is None else atlas
    of = next((at for voxel in (1, 2) if (at := whole.at(voxel)).codes.shape == pd.shape), None)
    if of is None:
        raise InputError(f"maps of {' x '.join(map(str, pd.shape))} voxels are not on the grid of 1 or 2 mm; resample them.")
    valid = (pd > 0) & (t1 > 0) & (t2 > 0)
    places = _places(*(_shares(pd, t1, t2, valid, of) if shares is None else shares), of)
    found = {"field": field}
    for tissue, inside in places.items():
        if (there := inside & valid).sum() >= _ENOUGH:
            for kind, values in (("T1", t1), ("T2", t2), ("PD", pd)):
                found |= _numbers(f"{kind} {tissue}", values[there] * MAPS[kind][1])
    return found


def _shares(pd: Floats, t1: Floats, t2: Floats, valid: NDArray[np.bool_], atlas: Atlas) -> tuple[Floats, Floats, Floats]:
    """Shares in an MPRAGE of the maps at its usual times."""
    row = SEQUENCES["mprage"]
    brain = valid & (t1 > _FAT) & ~atlas.mask(OUTSIDE)
    water, longitudinal, transverse = (np.where(brain, part, 1).astype(np.float32) for part in (pd, t1, t2))
    image = np.asarray(signal(row, water, longitudinal, transverse, row.defaults()))
    fluid, white = layers_of(normalised_intensity(np.where(brain, image, 0).astype(np.float32), brain))
    return white, 1 - fluid - white, np.where(brain, fluid, 0).astype(np.float32)


def _places(wm: Floats, gm: Floats, fluid: Floats, atlas: Atlas) -> dict[str, NDArray[np.bool_]]:
    """Where each tissue is, away from borders; cortex is too thin for that, so there voxels that are nearly all grey."""
    lobes = atlas.mask(*LOBES)
    solid = fluid < 0.2
    found = {"white matter": _core((wm > 0.75) & (lobes | atlas.mask(BRAINSTEM))) & lobes, "cortex": (gm > 0.8) & lobes}
    found |= {name: _core(atlas.mask(name)) & solid & (wm < 0.9) for name in NUCLEI}
    return found | {"fluid": _core((fluid > 0.9) & _near_ventricles(atlas))}


def _core(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(mask))


def _near_ventricles(atlas: Atlas) -> NDArray[np.bool_]:
    """Fluid there has no bone beside it."""
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(atlas.mask("ventricle"), iterations=round(_REACH / atlas.edge)))


def _numbers(name: str, values: Floats) -> dict[str, float]:
    low, median, high = (float(n) for n in np.percentile(values, (25, 50, 75)))
    return {name: median, f"{name} within": 100 * (high - low) / _NORMAL / max(median, 1e-9)}


# -- literature ------------------------------------------------------------------------------------------------


def literature(field: float) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(low, value, high) by (tissue, map), in the unit of ``MAPS``, at the nearest field strength that the literature table has.

    Values are those of ``physics.TISSUES``; ranges are over its sources (BrainWeb: Collins 1998, Kwan 1999, Aubert-Broche 2006;
    Wright 2008, Marques 2010, Tourdias 2014, Bojorquez 2017). Of deep grey matter single values are known, some of them derived:
    there the range is the value and 15 % about it.
    """
    at = min(FIELDS, key=lambda known: abs(known - field))
    found = {}
    for tissue, row in _LITERATURE.items():
        values = (1000 * TISSUES[row].at[at].t1, 1000 * TISSUES[row].at[at].t2, TISSUES[row].pd)
        for kind, value, limits in zip(MAPS, values, _limits(row, at), strict=True):
            low, high = limits or (value * (1 - _UNSURE), value * (1 + _UNSURE))
            found[tissue, kind] = (min(low, value), value, max(high, value))
    return found


def _limits(row: str, field: float) -> tuple[tuple[float, float] | None, ...]:
    """Of T1, T2 and PD, where several sources were found."""
    known = TISSUES[row].spread
    if field == 3.0 and known is not None:
        times: tuple[tuple[float, float] | None, ...] = tuple((1000 * low, 1000 * high) for low, high in known)
    else:
        times = _RANGES.get(row, {}).get(field, (None, None))
    return (*times, _WATER.get(row))


# -- judgement -------------------------------------------------------------------------------------------------


def judge_relaxation(synthetic: People, real: People, field: float) -> tuple[list[Metric], Illustrations]:
    """Metrics and charts of people as ``relaxation_of`` gives them, at a field strength (T).

    Medians of each tissue over people, with the literature's range as their ceiling, and the spread between synthetic people;
    where at least four ``real`` people have maps, distances and ratios of spreads against them too, between people and within.
    """
    synthetic, real = ([dict(person) for person in people if person] for people in (synthetic, real))
    if not synthetic:
        return [], Illustrations()
    names = [name for name in synthetic[0] if name != "field" and all(name in person for person in [*synthetic, *real])]
    known = literature(field)
    medians = {name: (tissue, kind) for tissue, kind in known if (name := f"{kind} {tissue}") in names}
    metrics = [one for name, key in medians.items() for one in _against_literature(name, known[key], key[1], synthetic, field)]
    if len(real) >= 4 and len(synthetic) >= 2:
        metrics += distances(GROUP, [_measure(name) for name in names], synthetic, real)
    charts = tuple(_chart(kind, medians, known, synthetic, real, field) for kind in MAPS)
    return metrics, Illustrations(charts=charts)


def _measure(name: str) -> Measure:
    kind, tissue = name.removesuffix(" within").split(" ", 1)
    if name.endswith(" within"):
        return Measure(name, name, "%", f"Spread of {kind} over voxels of {tissue}, in % of the median.", 0.1)
    return Measure(name, name, MAPS[kind][0], f"Median {kind} of {tissue}.")


def _against_literature(name: str, known: tuple[float, float, float], kind: str, people: People, field: float) -> list[Metric]:
    """The mean of people's medians, and how much people differ."""
    rows = np.array([person[name] for person in people], float)
    low, value, high = known
    _kind, tissue = name.split(" ", 1)
    where = f"{kind} of {tissue} at {field:g} T"
    about = f"Median {where}, mean over people; beside it the value and the range of the literature."
    found = [
        Metric(GROUP, f"{name}: literature", bootstrapped(rows, np.mean), len(rows), 0, Interval(value, low, high), Better.NEAR,
               MAPS[kind][0], about)
    ]  # fmt: skip
    if len(rows) < 2:
        return found
    between = Metric(GROUP, f"{name}: between people", bootstrapped(rows, _variation), len(rows), 0, None, Better.NEAR, "%",
                     f"Standard deviation over synthetic people of median {where}, in % of its mean.")  # fmt: skip
    return [*found, between]


def _variation(rows: NDArray[np.float64]) -> float:
    return float(100 * rows.std(ddof=1) / max(float(rows.mean()), 1e-9))


def _chart(
    kind: str, medians: Mapping[str, tuple[str, str]], known: Mapping[tuple[str, str], tuple[float, float, float]],
    synthetic: People, real: People, field: float,
) -> Chart:  # fmt: skip
    """One dot per person and tissue; the literature's value with its range beside them."""
    chosen = [(name, key) for name, key in medians.items() if key[1] == kind]
    ends = np.array([known[key] for _name, key in chosen]).reshape(-1, 3).T
    tissues = tuple(tissue for _name, (tissue, _kind) in chosen)
    places = tuple(float(place) for place in range(1, len(chosen) + 1))
    low, value, high = (tuple(map(float, row)) for row in ends)
    series = [Series("literature", Role.LITERATURE, places, value, low, high, tissues, points=True)]
    names = [name for name, _key in chosen]
    for role, people, off in ((Role.SYNTHETIC, synthetic, 0.15), (Role.REAL, real, 0.3)):
        if people and names:
            series.append(_dots(role, people, names, off))
    unit = MAPS[kind][0] or "water = 1"
    said = ", ".join(f"{place:g} {tissue}" for place, tissue in zip(places, tissues, strict=True))
    about = f"Median {kind} of each person by tissue ({said}); the literature's value with the range over its sources."
    title = f"{kind} by tissue at {field:g} T"
    return Chart(GROUP, title, "tissue", f"{kind} ({unit})", tuple(series), about,
                 f"{len(synthetic)} synthetic and {len(real)} real people", y_log=kind != "PD")  # fmt: skip


def _dots(role: Role, people: People, names: Sequence[str], off: float) -> Series:
    rows = rows_of(people, [Measure(name, name, "", "") for name in names])
    x = np.repeat(np.arange(1, len(names) + 1) + off, len(people))
    labels = tuple(np.repeat(names, len(people)).tolist())
    return Series(role.value, role, tuple(x.tolist()), tuple(rows.T.reshape(-1).tolist()), names=labels, points=True)
