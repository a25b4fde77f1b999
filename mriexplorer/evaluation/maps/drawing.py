"""What a report of maps draws: true against estimated within a tissue, honest intervals, scans again, and one left-out scan."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mriexplorer.evaluation.chart import Chart, Picture, Role, Series, Table
from mriexplorer.evaluation.maps.cases import TISSUES
from mriexplorer.evaluation.maps.figure import LABELS
from mriexplorer.evaluation.maps.intervals import GROUP as INTERVALS
from mriexplorer.evaluation.maps.intervals import LEVELS
from mriexplorer.evaluation.maps.left_out import GROUP as LEFT_OUT
from mriexplorer.evaluation.maps.left_out import LeftOutPlanes
from mriexplorer.evaluation.maps.reconstruction import GROUP as SCANS
from mriexplorer.evaluation.maps.truth import GROUP as MAPS_GROUP
from mriexplorer.evaluation.maps.truth import binned
from mriexplorer.evaluation.metric import Metric
from mriexplorer.evaluation.statistics import Numbers, bootstrapped
from mriexplorer.generative.autoencoder.network import MAPS
from mriexplorer.subject.tissue_maps import Floats

_HEAD, _GAP = 18, 4  # pixels above each row, and around planes
_WHITE, _INK = 1.25, (235, 235, 235)  # of bright tissue that is white; of letters
_STRONG = 0.5  # of bright tissue: a difference that is full red (too bright) or full blue (too dark)


def truth_charts(densities: Sequence[Numbers], some: str) -> tuple[Chart, ...]:
    """One of each map and tissue, of densities (3 maps, 2 tissues, true bins, bins of the estimate) of people."""
    whole = np.sum(densities, axis=0)
    pairs = [(n, c) for n in range(len(MAPS)) for c in range(len(TISSUES)) if whole[n, c].sum() > 0]
    return tuple(_truth_chart(whole[n, c], MAPS[n], list(TISSUES.values())[c], some, len(densities)) for n, c in pairs)


def _truth_chart(density: Numbers, kind: str, tissue: str, some: str, people: int) -> Chart:
    of, label = binned(density), LABELS[kind]
    true, flat = of["true"], (0.0,) * len(of["true"])
    series = (
        Series("estimated, median and 5 to 95 % of voxels", Role.SYNTHETIC, true, of["median"], of["low"], of["high"]),
        Series("the truth", Role.REAL, true, true),
        Series("literature values", Role.LITERATURE, true, flat),
    )
    about = (
        f"Voxels of {tissue} away from borders, sorted by how far their true {label} is from the literature's value of their "
        "structure. Maps that are true lie on the line of the truth; a network that knows the tissue only lies flat."
    )
    title = f"{label} within {tissue}, from {some}"
    x, y = (f"{what} {label} against the literature (%)" for what in ("true", "estimated"))
    return Chart(MAPS_GROUP, title, x, y, series, about, f"{people} simulated people")


def interval_charts(covered: Sequence[Numbers], some: str) -> tuple[Chart, ...]:
    """One of each map, of coverages (3 maps, levels) of people."""
    rows, told = 100 * np.stack(covered), tuple(100 * level for level in LEVELS)
    return tuple(_interval_chart(rows[:, n], told, LABELS[kind], some) for n, kind in enumerate(MAPS))


def _interval_chart(rows: Numbers, told: tuple[float, ...], label: str, some: str) -> Chart:
    found = [bootstrapped(rows[:, level], np.mean) for level in range(len(told))]
    low, high = (tuple(getattr(one, end) for one in found) if len(rows) > 1 else () for end in ("low", "high"))
    series = (
        Series("share of the truth within", Role.SYNTHETIC, told, tuple(one.value for one in found), low, high),
        Series("honest intervals", Role.REAL, told, told),
    )
    about = (
        f"How much of the true {label} of white and grey matter lies within intervals that are told to hold so much. Below the "
        "line they are too narrow, above it too wide."
    )
    title = f"How honest the intervals of {label} are, from {some}"
    return Chart(INTERVALS, title, "told (%)", "found (%)", series, about, f"{len(rows)} simulated people")


def subset_chart(metrics: Sequence[tuple[str, Metric]]) -> Chart:
    """PSNR of all scans again, by which scans were shown, as (shown, metric)."""
    places = tuple(float(place) for place in range(1, len(metrics) + 1))
    found, names = [metric.found for _shown, metric in metrics], tuple(shown for shown, _metric in metrics)
    said = ", ".join(f"{place:g} {name}" for place, name in zip(places, names, strict=True))
    low, high = ((tuple(getattr(f, end) for f in found)) for end in ("low", "high"))
    bands = (low, high) if np.isfinite([*low, *high]).all() else ((), ())
    line = Series(
        "computed from estimated maps", Role.SYNTHETIC, places, tuple(f.value for f in found), *bands, names, points=True
    )
    about = (
        "All scans of a person computed from maps that were estimated from some of them, against what they would be without "
        f"noise and shading ({said})."
    )
    people = f"{max(metric.n for _shown, metric in metrics)} simulated people"
    return Chart(SCANS, "Scans again, by which scans were shown", "scans that were shown", "PSNR (dB)", (line,), about, people)


def truth_tables(metrics: Sequence[Metric], subsets: Sequence[str]) -> tuple[Table, ...]:
    """Errors, and correlations within a tissue, of each map in each tissue by which scans were shown."""
    values = {metric.name: metric.value for metric in metrics if metric.group == MAPS_GROUP}
    columns = [(label, tissue) for label in LABELS.values() for tissue in TISSUES.values()]
    head = ("scans", *(f"{label} {tissue}" for label, tissue in columns))
    every = ["literature values", *(f"from {name}" for name in subsets)]
    errors = [(how, *(_error_cell(values, f"{label} error in {tissue}, {how}") for label, tissue in columns)) for how in every]
    follows = [
        (how, *(_cell(values.get(f"{label} correlation in {tissue}, {how}"), "{:.2f}") for label, tissue in columns))
        for how in every[1:]
    ]
    about = "Median error, mean over people; in brackets that of the voxel-wise fit, which is told the scans' gains."
    within = "Correlation with the truth within each tissue; literature values have 0 everywhere."
    return (
        Table(MAPS_GROUP, "Errors by which scans were shown", head, tuple(errors), about),
        Table(MAPS_GROUP, "Whether maps follow the truth within a tissue", head, tuple(follows), within),
    )


def _error_cell(values: Mapping[str, float], name: str) -> str:
    classical = values.get(f"{name}, least squares")
    return _cell(values.get(name), "{:.1f} %") + ("" if classical is None else f" ({classical:.1f})")


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


# -- the picture -----------------------------------------------------------------------------------------------


def left_out_picture(planes: LeftOutPlanes, *, real: bool) -> Picture:
    """The measured scan, the computed one and their difference, axial, sagittal and coronal."""
    rows = {
        f"{planes.kind}, measured": [_grey(plane) for plane in planes.measured],
        f"{planes.kind}, computed from maps of {' and '.join(planes.given)} alone": [_grey(plane) for plane in planes.computed],
        "Difference in the brain: red too bright, blue too dark": [_signed(plane) for plane in planes.difference],
    }
    about = (
        f"The {planes.kind} of a {'real' if real else 'simulated'} person, and the one computed from maps for which it was not "
        "used, brought to it by a line; without bias field. The computed one is synthetic."
    )
    return Picture(LEFT_OUT, f"A {planes.kind} that was left out", _png(rows), about)


def _grey(plane: Floats) -> NDArray[np.uint8]:
    return np.repeat(np.clip(255 * plane / _WHITE, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _signed(plane: Floats) -> NDArray[np.uint8]:
    share = np.clip(plane / _STRONG, -1, 1)
    colours = np.stack([np.maximum(share, 0), np.abs(share) / 3, np.maximum(-share, 0)], axis=-1)
    return np.asarray(255 * colours, np.uint8)


def _png(rows: Mapping[str, Sequence[NDArray[np.uint8]]]) -> bytes:
    """Rows of planes under their titles."""
    from PIL import Image, ImageDraw

    bands = [_joined(planes) for planes in rows.values()]
    canvas = Image.fromarray(np.concatenate(bands))
    pen, top = ImageDraw.Draw(canvas), 0
    for title, band in zip(rows, bands, strict=True):
        pen.text((4, top + 3), title, fill=_INK)
        top += band.shape[0]
    target = io.BytesIO()
    canvas.save(target, "PNG", optimize=True)
    return target.getvalue()


def _joined(planes: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    tall = max(plane.shape[0] for plane in planes)
    edges = [((_HEAD, tall - plane.shape[0] + _GAP), (0, _GAP), (0, 0)) for plane in planes]
    return np.concatenate([np.pad(plane, edge) for plane, edge in zip(planes, edges, strict=True)], axis=1)
