"""A brain as plain numbers: volumes, cortex, sulci, folding, asymmetry, topology and deep structures.

Everything is measured in shares of white matter, grey matter and fluid on the grid of 2 mm or 1 mm, so that real and synthetic
people are measured alike. The numbers are those of this estimator at this resolution: at 2 mm thin blades of white matter are
lost, and cortex comes out thicker than under a microscope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.atlas import BRAINSTEM, DEEP, LOBES, SIDES, Atlas, regions
from mriexplorer.evaluation.cohort.surfaces import Mask, distance_to, largest, surface_area, topology
from mriexplorer.simulation.demons import hull_of, layers_of
from mriexplorer.simulation.labels import Labels, code, codes_of
from mriexplorer.subject.tissue_maps import Floats

Anatomy = dict[str, float]  # numbers by "topic: what"
_SULCUS = 12.0  # mm from the hull, beyond which fluid is ventricle rather than sulcus
_REACH = 6.0  # mm around the atlas's ventricles in which fluid counts as theirs
_GROWN = 2.0  # mm by which a deep structure may reach beyond its place in the atlas
_GREY = {"thalamus": 0.2, "pallidum": 0.1}  # least share of grey; both hold much white matter
_USUAL = 0.5
_PRESENT = 0.3  # of its volume in the atlas
_PIECE = 0.05  # of a structure, and more, is a piece of it
_THICK = 5.0  # mm, beyond what cortex has
_FURTHEST = 50.0  # mm from white matter
_DEEP_LABELS = (*DEEP, "accumbens")
_LEAST_BRAIN = 200.0  # cm³ inside the hull of what may be a brain


@dataclass(frozen=True, eq=False)
class _Brain:
    """Shares of a brain and everything that several measures need, cut to where it is."""

    wm: Floats
    gm: Floats
    fluid: Floats  # inside the hull
    hull: Mask
    atlas: Atlas
    edge: float
    left: Mask  # by planes along the first axis


def shares_of(intensity: Floats) -> tuple[Floats, Floats, Floats]:
    """White matter, grey matter and fluid (all that lies outside too) in intensities of ``demons.normalised_intensity``."""
    fluid, white = layers_of(intensity)
    return white, 1 - fluid - white, fluid


def anatomy_of(wm: Floats, gm: Floats, csf: Floats, edge: float, hull: Mask | None = None, atlas: Atlas | None = None) -> Anatomy:
    """Numbers of a brain by "topic: what"; always the same names, always finite.

    ``wm``, ``gm`` and ``csf`` (x, y, z) are shares on ``person.grid_of`` of voxels of an ``edge`` of 1 or 2 mm; what lies outside
    the ``hull`` (that of ``demons.hull_of`` where None) does not count. ``atlas`` may be warped to the person. Raises InputError
    where there is no brain.
    """
    brain = _prepared(wm, gm, csf, edge, hull, (regions() if atlas is None else atlas).at(round(edge)))
    ventricles = _ventricles(brain)
    nuclei = _nuclei(brain)
    found = _volumes(brain, ventricles) | _asymmetries(brain, ventricles, nuclei) | _sulci(brain, ventricles)
    inner = ventricles | (nuclei > 0) | brain.atlas.mask(*DEEP)
    return found | _cortex(brain) | _surfaces(brain, inner) | _topologies(brain, inner, ventricles) | _of_nuclei(brain, nuclei)


def deep_structures(wm: Floats, gm: Floats, csf: Floats, atlas: Atlas | None = None) -> Anatomy:
    """Volume, pieces and presence of each deep structure, told by grey matter at its place in the atlas. As ``anatomy_of``."""
    atlas = regions() if atlas is None else atlas
    brain = _prepared(wm, gm, csf, atlas.edge, None, atlas)
    return _of_nuclei(brain, _nuclei(brain))


def _prepared(wm: Floats, gm: Floats, csf: Floats, edge: float, hull: Mask | None, atlas: Atlas) -> _Brain:
    if wm.shape != atlas.codes.shape:
        raise InputError(f"a brain on {' x '.join(map(str, wm.shape))} voxels is not on the grid of {edge:g} mm; resample it.")
    hull = closed_brain(wm + gm, edge) if hull is None else hull
    if hull.sum() * edge**3 / 1000 < _LEAST_BRAIN:
        raise InputError("there is no brain in the image, or only a part of it.")
    ends = [np.flatnonzero(hull.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    box = tuple(slice(max(0, int(end[0]) - 2), int(end[-1]) + 3) for end in ends)
    white, grey, fluid = (np.where(hull[box], part[box], 0).astype(np.float32) for part in (wm, gm, csf))
    left = (np.arange(hull.shape[0]) < hull.shape[0] // 2)[box[0]].reshape(-1, 1, 1)
    return _Brain(white, grey, fluid, hull[box], Atlas(atlas.codes[box], atlas.names), edge, left)


def closed_brain(solid: Floats, edge: float) -> Mask:
    """The brain with sulci and ventricles closed, from its share of white and grey matter; closed at 2 mm."""
    if round(edge) == 2:
        return hull_of(solid > 0.5, edge)
    x, y, z = (n // 2 for n in solid.shape)
    found = hull_of(solid.reshape(x, 2, y, 2, z, 2).mean(axis=(1, 3, 5)) > 0.5, 2 * edge)
    for axis in range(3):
        found = found.repeat(2, axis)
    return found


# -- volumes ---------------------------------------------------------------------------------------------------


def _volumes(brain: _Brain, ventricles: Mask) -> Anatomy:
    """In % of the closed brain, and cm³ in the frame."""
    whole = float(brain.hull.sum())
    by = {name: _by_region(brain, part) for name, part in (("white", brain.wm), ("grey", brain.gm))}
    fluid, inside = float(brain.fluid.sum()), float(brain.fluid[ventricles].sum())
    total = {"white matter": by["white"].sum(), "grey matter": by["grey"].sum(), "fluid": fluid, "ventricles": inside}
    found = {f"volume: {name}": 100 * float(n) / whole for name, n in total.items()}
    found |= {f"size: {name} cm³": float(n) * brain.edge**3 / 1000 for name, n in {"closed brain": whole, **total}.items()}
    for region in (*LOBES, "cerebellum"):
        found |= {f"volume: {region} {tissue}": 100 * _both(brain, of, region) / whole for tissue, of in by.items()}
    stem = brain.atlas.code(BRAINSTEM)
    return found | {"volume: brainstem": 100 * float(by["white"][stem] + by["grey"][stem]) / whole}


def _by_region(brain: _Brain, weights: Floats) -> NDArray[np.float64]:
    return np.asarray(np.bincount(brain.atlas.codes.reshape(-1), weights.reshape(-1), len(brain.atlas.names)), np.float64)


def _both(brain: _Brain, of: NDArray[np.float64], region: str) -> float:
    return float(sum(of[brain.atlas.code(f"{side} {region}")] for side in SIDES))


def _ventricles(brain: _Brain) -> Mask:
    """Where fluid is that of the lateral ventricles: near those of the atlas, and far from the hull."""
    from scipy.ndimage import distance_transform_edt

    near = _grown(brain.atlas.mask("ventricle"), _REACH, brain.edge)
    deep = distance_transform_edt(brain.hull, brain.edge) > _SULCUS
    return np.asarray(near & deep & (brain.fluid > 0.5))


def _grown(mask: Mask, by: float, edge: float) -> Mask:
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(mask, iterations=round(by / edge)))


def _asymmetries(brain: _Brain, ventricles: Mask, nuclei: Labels) -> Anatomy:
    """Left less right in % of their mean."""
    solid = brain.wm + brain.gm
    lobes = brain.atlas.mask(*LOBES)
    pairs = {
        "hemispheres": _sides(brain, solid * lobes), "white matter": _sides(brain, brain.wm * lobes),
        "grey matter": _sides(brain, brain.gm * lobes), "ventricles": _sides(brain, brain.fluid * ventricles),
        "cerebellum": _sides(brain, solid * brain.atlas.mask("cerebellum")),
    }  # fmt: skip
    by = _by_region(brain, solid)
    for lobe in LOBES:
        left, right = (float(by[brain.atlas.code(f"{side} {lobe}")]) for side in SIDES)
        pairs[lobe] = (left, right)
    counts = np.bincount(nuclei.reshape(-1), minlength=len(brain.atlas.names))
    for name in DEEP:
        left, right = (float(counts[brain.atlas.code(f"{side} {name}")]) for side in SIDES)
        pairs[name] = (left, right)
    return {f"asymmetry: {name}": asymmetry(*pair) for name, pair in pairs.items()}


def _sides(brain: _Brain, weights: Floats) -> tuple[float, float]:
    left = float((weights * brain.left).sum())
    return left, float(weights.sum()) - left


def asymmetry(left: float, right: float) -> float:
    """Left less right in % of their mean; 0 where there is neither."""
    return 200 * (left - right) / (left + right) if left + right > 0 else 0.0


def _sulci(brain: _Brain, ventricles: Mask) -> Anatomy:
    """Fluid of each lobe outside the ventricles, in % of what the hull has of the lobe."""
    outside = _by_region(brain, np.where(ventricles, 0, brain.fluid))
    whole = _by_region(brain, brain.hull.astype(np.float32))
    return {f"sulci: {lobe} fluid": 100 * _both(brain, outside, lobe) / max(_both(brain, whole, lobe), 1.0) for lobe in LOBES}


# -- cortex ----------------------------------------------------------------------------------------------------


def _cortex(brain: _Brain) -> Anatomy:
    """Thickness in mm: twice how far grey matter lies from white matter, in the mean; and how thick it is with fluid beyond.

    The first does not need sulci to be seen, which narrow ones are not; the second is white matter to fluid or outside, through
    each voxel that is cortex.
    """
    weight = np.where(brain.atlas.mask(*LOBES), brain.gm, 0)
    other = 1 - brain.wm - brain.gm
    there = weight > 0
    away = np.minimum(distance_to(brain.wm, brain.edge, there), _FURTHEST)
    depth = np.zeros_like(weight)
    depth[there] = np.maximum(away + (brain.wm - other)[there] * brain.edge / 2, 0)  # of the grey part of the voxel
    mostly = weight[there] >= 0.5
    through = away[mostly] + distance_to(other, brain.edge, weight >= 0.5)
    by, volume = _by_region(brain, weight * depth), _by_region(brain, weight)
    total = max(float(volume.sum()), 1e-6)
    found = {f"cortex: thickness {lobe}": 2 * _both(brain, by, lobe) / max(_both(brain, volume, lobe), 1e-6) for lobe in LOBES}
    return found | {
        "cortex: thickness": 2 * float(by.sum()) / total,
        "cortex: thickness spread": _spread(weight, depth, brain.edge),
        "cortex: far from white matter": 100 * float(weight[there][away > _THICK].sum()) / total,
        "cortex: thickness to fluid": float(np.median(through)) if len(through) else 0.0,
        "cortex: thicker than 5 mm": 100 * float((through > _THICK).mean()) if len(through) else 0.0,
    }


def _spread(weight: Floats, depth: Floats, edge: float) -> float:
    """Standard deviation, over cortex, of the thickness around (6 mm)."""
    from scipy.ndimage import uniform_filter

    size = round(12 / edge) + 1
    volume, moment = uniform_filter(weight, size), uniform_filter(weight * depth, size)
    around = 2 * moment / np.maximum(volume, 1e-3)
    total = max(float(weight.sum()), 1e-6)
    mean = float((weight * around).sum()) / total
    return float(np.sqrt(max((weight * around**2).sum() / total - mean**2, 0.0)))


def _surfaces(brain: _Brain, inner: Mask) -> Anatomy:
    """Gyrification: the brain's surface as often as its hull's. White matter's in 1/mm: surface over volume."""
    solid = (brain.wm + brain.gm >= 0.5) | inner
    white = _white(brain, inner)
    return {
        "folding: gyrification": surface_area(solid, brain.edge) / surface_area(brain.hull, brain.edge),
        "folding: white surface over volume": surface_area(white, brain.edge) / max(float(white.sum()) * brain.edge**3, 1.0),
    }


def _white(brain: _Brain, inner: Mask) -> Mask:
    """White matter of the cerebrum, filled: with ventricles and deep structures."""
    cerebrum = ~brain.atlas.mask("cerebellum", BRAINSTEM)
    return np.asarray(cerebrum & ((brain.wm >= 0.5) | inner))


def _topologies(brain: _Brain, inner: Mask, ventricles: Mask) -> Anatomy:
    """Of white matter (each hemisphere, filled, added up), the cortex, and the fluid outside the ventricles."""
    white = _white(brain, inner)
    cortex = brain.atlas.mask(*LOBES) & (brain.gm >= 0.5)
    fluid = (brain.fluid >= 0.5) & ~ventricles
    bodies = {"white matter": [white & brain.left, white & ~brain.left], "cortex": [cortex], "fluid": [fluid]}
    found = {}
    for name, parts in bodies.items():
        each = [topology(part, brain.edge) for part in parts]
        for what in ("islands", "cavities", "handles"):
            found[f"topology: {name} {what}"] = float(sum(getattr(one, what) for one in each))
        found[f"topology: {name} loose"] = 100 * float(np.mean([one.loose for one in each]))
    return found


# -- deep structures -------------------------------------------------------------------------------------------


def _nuclei(brain: _Brain) -> Labels:
    """Codes of the atlas where grey matter is at the place of a deep structure, or a little beside it; else 0."""
    from scipy.ndimage import generate_binary_structure, maximum_filter

    names = brain.atlas.names
    deep = [code for code, name in enumerate(names) if name.split(" ", 1)[-1] in DEEP]
    least = np.full(len(names), 2.0, np.float32)
    least[deep] = [_GREY.get(names[code].split(" ", 1)[-1], _USUAL) for code in deep]
    places = np.where(brain.atlas.mask(*DEEP), brain.atlas.codes, 0).astype(np.uint8)
    free = brain.atlas.mask(*LOBES)
    for _step in range(round(_GROWN / brain.edge)):
        wider = maximum_filter(places, footprint=generate_binary_structure(3, 1))
        places = np.where((places == 0) & free, wider, places)
    return np.where(brain.gm >= least[places], places, 0).astype(np.uint8)


def _of_nuclei(brain: _Brain, nuclei: Labels) -> Anatomy:
    from scipy.ndimage import find_objects

    names = brain.atlas.names
    usual, own = (np.bincount(codes.reshape(-1), minlength=len(names)) for codes in (brain.atlas.codes, nuclei))
    boxes = dict(enumerate(find_objects(nuclei, max_label=len(names)), 1))
    found = {}
    for region, side in product(DEEP, SIDES):
        number = brain.atlas.code(name := f"{side} {region}")
        box = boxes[number]
        found[f"deep: {name} cm³"] = float(own[number]) * brain.edge**3 / 1000
        found[f"pieces: {name}"] = 0.0 if box is None else float(_pieces(nuclei[box] == number, _PIECE * own[number]))
        found[f"present: {name}"] = float(own[number] > _PRESENT * usual[number])
    return found


def _pieces(inside: Mask, least: float) -> int:
    _body, sizes = largest(inside)
    return sum(size >= least for size in sizes)


def _cut(codes: Labels, numbers: Sequence[int]) -> Mask:
    """Where codes are any of the numbers, in the box around them."""
    table = np.zeros(256, bool)
    table[list(numbers)] = True
    inside = table[codes]
    ends = [np.flatnonzero(inside.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    return np.ascontiguousarray(inside[tuple(slice(int(end[0]), int(end[-1]) + 1) if len(end) else slice(0, 0) for end in ends)])


# -- labels ----------------------------------------------------------------------------------------------------


def labels_anatomy(codes: Labels, edge: float) -> Anatomy:
    """Volume (cm³), pieces and asymmetry of each deep structure by side from structure codes of ``simulation.labels``.

    ``codes`` (x, y, z) are on ``person.grid_of``: the first half along x is left.
    """
    half, found = codes.shape[0] // 2, dict[str, float]()
    groups = {name: [code(name)] for name in _DEEP_LABELS} | {"ventricles": codes_of("ventricle")}
    for name, numbers in groups.items():
        volumes = []
        for side, part in zip(SIDES, (codes[:half], codes[half:]), strict=True):
            inside = _cut(part, numbers)
            volumes.append(float(inside.sum()) * edge**3 / 1000)
            found[f"labelled: {side} {name} cm³"] = volumes[-1]
            found[f"labelled pieces: {side} {name}"] = float(_pieces(inside, 24 / edge**3))
        found[f"labelled asymmetry: {name}"] = asymmetry(*volumes)
    return found | {"labelled: brainstem cm³": float((codes == code(BRAINSTEM)).sum()) * edge**3 / 1000}
