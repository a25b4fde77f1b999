"""Images of people compared: who can tell them apart and by what, how far apart they lie, how sharp and how varied they are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.chart import Chart, Illustrations, Role, Series, Table
from mriexplorer.evaluation.cohort.features import FAMILIES
from mriexplorer.evaluation.cohort.measuring import PersonMeasurements, matrix
from mriexplorer.evaluation.cohort.networks import network_metric
from mriexplorer.evaluation.cohort.spectrum import BANDS
from mriexplorer.evaluation.cohort.two_sample import TellingFeature, linear_metrics, telling_features
from mriexplorer.evaluation.distances import distance_metrics
from mriexplorer.evaluation.measures import ms_ssim
from mriexplorer.evaluation.metric import Better, Metric
from mriexplorer.evaluation.statistics import Numbers, compared
from mriexplorer.workers import Progress

Images = NDArray[np.float32]  # (people, x, y, z), matched
_VOLUMES = "regional volumes"
_HALF_NYQUIST = 0.5
_PAIRS = 40  # of people, for MS-SSIM
_SLICES = slice(20, 60, 4)  # axial slices that it looks at


def judge_images(
    synthetic: Sequence[PersonMeasurements], real: Sequence[PersonMeasurements], images: Images, real_images: Images,
    *, network: bool, progress: Progress,
) -> tuple[list[Metric], Illustrations]:  # fmt: skip
    """Metrics and illustrations of the group images. ``images`` are matched ones, of the first synthetic people and all real."""
    rows, names = {}, {}
    theirs: dict[str, Numbers] = {}
    for family in FAMILIES:
        both, names[family] = matrix([one.families[family] for one in (*synthetic, *real)])
        rows[family], theirs[family] = both[: len(synthetic)], both[len(synthetic) :]
    progress("telling real from synthetic by features")
    found = linear_metrics(rows, theirs)
    if network:
        progress("telling real from synthetic by a network of three dimensions")
        found.insert(1, network_metric(images, real_images))
    progress("distances between the sets")
    for space in real[0].networks:
        of, against = (np.array([one.networks[space] for one in side]) for side in (synthetic, real))
        found += distance_metrics("images", space, of, against)
    found += distance_metrics("images", _VOLUMES, rows[_VOLUMES], theirs[_VOLUMES])
    found += _sharpness(synthetic, real)
    found.append(_variety(images, real_images))
    telling = telling_features(rows, theirs, names)
    charts = (_spectra(synthetic, real), *_histograms(synthetic, real))
    return found, Illustrations(charts=charts, tables=(_telling_table(telling),))


def _sharpness(synthetic: Sequence[PersonMeasurements], real: Sequence[PersonMeasurements]) -> list[Metric]:
    """Spectral power over that of real people, of images as they came."""
    middle = (BANDS[1:] + BANDS[:-1]) / 2
    counts = len(synthetic), len(real)
    bands = {"below half Nyquist": middle < _HALF_NYQUIST, "above half Nyquist": middle > _HALF_NYQUIST}
    found = []
    for name, band in bands.items():
        mine, theirs = (np.array([np.array(one.spectrum)[band].sum() for one in side]) for side in (synthetic, real))
        ratio = compared(lambda one, other: float(one.mean() / other.mean()), mine, theirs)
        about = f"Power {name} at 2 mm, synthetic over real, before softness and noise were made equal; above 1 is too sharp."
        found.append(ratio.metric("images", f"spectral power {name}", Better.NEAR, about, counts))
    return found


def _variety(images: Images, real: Images) -> Metric:
    """MS-SSIM between two people of one set."""
    random = np.random.default_rng(0)

    def within(people: Images) -> Numbers:
        pairs = [random.permutation(len(people))[:2] for _ in range(_PAIRS)]
        return np.array([ms_ssim(people[a][:, :, _SLICES], people[b][:, :, _SLICES]) for a, b in pairs])

    mine, theirs = within(images), within(real)
    each = compared(lambda one, other: float(one.mean()), mine, theirs)
    about = "Structural similarity (MS-SSIM) of two people of one set: higher than in real people, they are too much alike."
    return each.metric("images", "MS-SSIM within the set", Better.NEAR, about, (len(images), len(real)))


def _spectra(synthetic: Sequence[PersonMeasurements], real: Sequence[PersonMeasurements]) -> Chart:
    middle = tuple(map(float, (BANDS[1:] + BANDS[:-1]) / 2))
    series = []
    for role, side in ((Role.REAL, real), (Role.SYNTHETIC, synthetic)):
        power = np.array([one.spectrum for one in side])
        low, mean, high = np.percentile(power, (2.5, 50, 97.5), axis=0)
        series.append(Series(role.value, role, middle, _told(mean), _told(low), _told(high)))
    return Chart(
        "images", "Spectral power as the images came", "frequency (share of Nyquist at 2 mm)", "share of power", tuple(series),
        "Medians and the middle 95 % of people. Above real at high frequencies, borders are like knife edges; below, blurred.",
        f"{len(synthetic)} synthetic, {len(real)} real people", y_log=True,
    )  # fmt: skip


def _histograms(synthetic: Sequence[PersonMeasurements], real: Sequence[PersonMeasurements]) -> list[Chart]:
    """Percentiles of intensity by tissue, as distributions over people."""
    family = "tissue histograms"
    tissues = dict.fromkeys(name.split(":")[0] for name in real[0].families[family])
    found = []
    for tissue in tissues:
        names = [name for name in real[0].families[family] if name.startswith(f"{tissue}:")]
        percent = tuple(float(name.split(": ")[1].split(" ")[0]) for name in names)
        series = []
        for role, side in ((Role.REAL, real), (Role.SYNTHETIC, synthetic)):
            values = np.array([[one.families[family][name] for name in names] for one in side])
            low, mean, high = np.percentile(values, (2.5, 50, 97.5), axis=0)
            series.append(Series(role.value, role, percent, _told(mean), _told(low), _told(high)))
        found.append(Chart(
            "images", f"Intensities within {tissue}", "percentile within a person", "normalised intensity", tuple(series),
            "0 fluid, 0.5 grey, 1 white matter. A flat line is tissue of one value, as real tissue never is. Bands: 95 %.",
            f"{len(synthetic)} synthetic, {len(real)} real people",
        ))  # fmt: skip
    return found


def _telling_table(telling: Sequence[TellingFeature]) -> Table:
    rows = tuple((one.family, one.name, f"{one.off:+.1f}", f"{one.auc:.2f}") for one in telling)
    return Table(
        "images", "What gives synthetic people away", ("family", "feature", "off by, real sd", "AUC alone"), rows,
        "Single features by which real and synthetic people are told apart best, at most two of a family.",
    )  # fmt: skip


def _told(values: Numbers) -> tuple[float, ...]:
    return tuple(map(float, values))
