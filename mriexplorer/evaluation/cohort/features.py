"""Features of a person's image that people can name, by family: what gives synthetic people away is one of them, not a network.

Each family is a vector of the same length for everybody. All are of the matched image (``matching``), in normalised intensity
(fluid 0, grey matter 0.5, white matter 1), and of the atlas's regions in the person's own shape.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.cohort.atlas import DEEP, LOBES, Atlas
from mriexplorer.evaluation.cohort.matching import off_neighbours
from mriexplorer.evaluation.cohort.spectrum import spectrum
from mriexplorer.simulation.layout import block_means, layout_names, layout_of
from mriexplorer.simulation.standard_frame import VOXEL
from mriexplorer.subject.tissue_maps import Floats

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Family = dict[str, float]

_BINS = np.linspace(-0.3, 1.6, 39)  # of the histogram
_PERCENT = (2, 10, 25, 50, 75, 90, 98)
_FINE_BLOCK = 4  # voxels of 2 mm to an edge in the hindbrain
_DEPTHS = np.arange(0, 26, VOXEL)  # mm below the closed brain's surface
_CORTEX_DEPTH = 16.0  # mm below which grey matter is no cortex
_VENTRICLE_DEPTH = 12.0  # mm, where fluid is ventricle rather than sulcus
_SCALES = (1, 2, 4)  # voxels, over which texture is looked at
_FEW = 30  # voxels


@dataclass(frozen=True)
class MatchedBrain:
    """What the families look at: the matched image (x, y, z), where the brain is, its hull and how deep each voxel lies (mm)."""

    image: Floats
    brain: Mask
    hull: Mask
    depth: Floats
    atlas: Atlas

    @property
    def white(self) -> Floats:
        """Share of white matter by voxel."""
        return np.clip(2 * self.image - 1, 0, 1)

    @property
    def fluid(self) -> Floats:
        """Share of fluid by voxel of the closed brain."""
        return np.where(self.hull, np.clip(1 - 2 * self.image, 0, 1), 0)

    @property
    def grey(self) -> Floats:
        """Share of grey matter by voxel."""
        return np.where(self.brain, 1 - np.abs(np.clip(self.image, 0, 1) * 2 - 1), 0)


def histogram(of: MatchedBrain) -> Family:
    """Share of the brain's voxels by intensity."""
    counts, _edges = np.histogram(of.image[of.brain], _BINS)
    return {f"intensity {low:.2f}": float(c / of.brain.sum()) for low, c in zip(_BINS, counts, strict=False)}


def tissue_histograms(of: MatchedBrain) -> Family:
    """Percentiles of intensity in white matter's core, in cortex, and in each deep nucleus."""
    found: Family = {}
    for name, where in {"white matter": white_core(of), "cortex": cortex(of)}.items():
        found |= _percentiles(name, of.image[where])
    for name in DEEP:
        found |= _percentiles(name, of.image[of.atlas.mask(name) & of.brain])
    return found


def frequencies(of: MatchedBrain) -> Family:
    """Logarithm of power by band of frequency."""
    return {f"power in band {n}": float(np.log(max(p, 1e-12))) for n, p in enumerate(spectrum(of.image), 1)}


def texture(of: MatchedBrain) -> Family:
    """How intensity fluctuates within white matter, within cortex, and at borders, over 2 to 8 mm."""
    return {
        f"{name}: {what}": value
        for name, where in {"white matter": white_core(of), "cortex": cortex(of), "brain": of.brain}.items()
        for what, value in _texture(of.image, where).items()
    }


def layout(of: MatchedBrain) -> Family:
    """Shares of fluid and white matter in blocks of 12 mm of the frame."""
    return dict(zip(layout_names(of.image.shape), map(float, layout_of(of.image, of.hull)), strict=True))


def cortex_in_depth(of: MatchedBrain) -> Family:
    """Mean and spread of intensity, and white matter's share, by depth below the closed brain's surface, by lobe."""
    found: Family = {}
    for name, where in {"cerebrum": of.atlas.mask(*LOBES), **{lobe: of.atlas.mask(lobe) for lobe in LOBES}}.items():
        inside = where & of.hull
        which = np.digitize(of.depth[inside], _DEPTHS)
        values = of.image[inside]
        count = np.maximum(np.bincount(which, minlength=len(_DEPTHS) + 1), 1)[1:]
        mean = np.bincount(which, values, len(_DEPTHS) + 1)[1:] / count
        square = np.bincount(which, values**2, len(_DEPTHS) + 1)[1:] / count
        for depth, m, s in zip(_DEPTHS[:-1], mean, square, strict=False):
            found[f"{name}, {depth} mm deep: intensity"] = float(m)
            found[f"{name}, {depth} mm deep: spread"] = float(np.sqrt(max(s - m**2, 0)))
    return found


def sulcal_fluid(of: MatchedBrain) -> Family:
    """Share of fluid outside of the ventricles, by lobe and side."""
    shallow = of.hull & (of.depth < _VENTRICLE_DEPTH)
    return {f"{name}: sulcal fluid": _mean(of.fluid, of.atlas.mask(name) & shallow) for name in _sided(LOBES)}


def hindbrain(of: MatchedBrain) -> Family:
    """Cerebellum and brainstem: intensity, texture, and layout in blocks of 8 mm."""
    cerebellum, stem = of.atlas.mask("cerebellum"), of.atlas.mask("brainstem")
    found: Family = {}
    for name, where in {"cerebellum": cerebellum & of.brain, "brainstem": stem & of.brain}.items():
        found |= _percentiles(name, of.image[where])
        found |= {f"{name}: {what}": value for what, value in _texture(of.image, where).items()}
    inside = cerebellum | stem
    low = [np.flatnonzero(_hindbrain_box().any(tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    box = tuple(slice(int(places[0]), int(places[-1]) + 1) for places in low)
    part = np.where(inside, of.image, 0)[box]
    return found | _blocks("hindbrain", part, _FINE_BLOCK)


def deep_grey(of: MatchedBrain) -> Family:
    """Each deep nucleus: its grey matter's volume (cm³), intensity, spread, and contrast to what is around it, by side."""
    from scipy.ndimage import binary_dilation

    found: Family = {}
    for name in _sided(DEEP):
        inside = of.atlas.mask(name) & of.brain
        around = binary_dilation(inside, iterations=3) & ~inside & of.brain
        mean = _mean(of.image, inside)
        found[f"{name}: grey matter, cm³"] = float(of.grey[inside].sum() * VOXEL**3 / 1000)
        found[f"{name}: intensity"] = mean
        found[f"{name}: spread"] = float(of.image[inside].std()) if inside.any() else 0.0
        found[f"{name}: contrast"] = mean - _mean(of.image, around)
    return found


def regional_volumes(of: MatchedBrain) -> Family:
    """Fluid, grey and white matter (cm³) by region of the atlas."""
    codes = of.atlas.codes.reshape(-1)
    found: Family = {}
    for tissue, share in {"fluid": of.fluid, "grey matter": of.grey, "white matter": of.white}.items():
        sums = np.bincount(codes, share.reshape(-1), len(of.atlas.names)) * VOXEL**3 / 1000
        found |= {f"{region}: {tissue}": float(v) for region, v in zip(of.atlas.names[1:], sums[1:], strict=True)}
    return found


FAMILIES: Mapping[str, Callable[[MatchedBrain], Family]] = {
    "histogram": histogram,
    "tissue histograms": tissue_histograms,
    "spectrum": frequencies,
    "texture": texture,
    "layout in 12 mm blocks": layout,
    "cortex in depth": cortex_in_depth,
    "sulcal fluid": sulcal_fluid,
    "cerebellum and brainstem": hindbrain,
    "deep grey": deep_grey,
    "regional volumes": regional_volumes,
}


def white_core(of: MatchedBrain) -> Mask:
    """White matter whose neighbours are white matter."""
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(of.image > 0.8, iterations=1) & of.atlas.mask(*LOBES))


def cortex(of: MatchedBrain) -> Mask:
    """Grey matter near the surface of the cerebrum."""
    return np.asarray((np.abs(of.image - 0.5) < 0.22) & (of.depth < _CORTEX_DEPTH) & of.atlas.mask(*LOBES) & of.hull)


def _percentiles(name: str, values: Floats) -> Family:
    told = np.percentile(values, _PERCENT) if values.size > _FEW else np.zeros(len(_PERCENT))
    return {f"{name}: {percent} % of intensities": float(value) for percent, value in zip(_PERCENT, told, strict=True)}


def _texture(image: Floats, where: Mask) -> Family:
    from scipy.ndimage import gaussian_filter

    if where.sum() < _FEW:
        where = np.ones_like(where)
    found = {"roughness": float(off_neighbours(image)[where].std())}
    slopes = np.sqrt(sum(np.gradient(image, axis=axis) ** 2 for axis in range(3)))
    for percent, value in zip((25, 50, 75, 95), np.percentile(slopes[where], (25, 50, 75, 95)), strict=True):
        found[f"gradient, {percent} %"] = float(value)
    for scale in _SCALES:
        soft = gaussian_filter(image, scale)
        found[f"spread within {VOXEL * scale} mm"] = float(np.abs(image - soft)[where].mean())
        lag = np.roll(image, scale, 0)[where], np.roll(image, scale, 1)[where], np.roll(image, scale, 2)[where]
        found[f"likeness at {VOXEL * scale} mm"] = float(np.mean([np.corrcoef(image[where], one)[0, 1] for one in lag]))
    return found


def _blocks(name: str, volume: Floats, edge: int) -> Family:
    means = block_means(volume, edge)
    return {f"{name} in block {x}/{y}/{z}": float(means[x, y, z]) for x, y, z in np.ndindex(*means.shape)}


def _mean(volume: Floats, where: Mask) -> float:
    return float(volume[where].mean()) if where.any() else 0.0


def _sided(names: tuple[str, ...]) -> list[str]:
    return [f"{side} {name}" for name in names for side in ("left", "right")]


def _hindbrain_box() -> Mask:
    """Of the atlas itself: one box for everybody."""
    from mriexplorer.evaluation.cohort.atlas import regions

    return regions().mask("cerebellum", "brainstem")
