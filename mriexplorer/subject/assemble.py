"""Tissue maps of one person from files: units, rates, grids, what is missing, and whether the files belong together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.physics import FIELDS, TISSUES
from mriexplorer.reading.registry import read_volume
from mriexplorer.reading.volume import Volume
from mriexplorer.subject.air import constant_air, head_like, is_unmasked
from mriexplorer.subject.resample import resample
from mriexplorer.subject.sidecar import read_sidecar
from mriexplorer.subject.subject import MapSource
from mriexplorer.subject.tissue_maps import Floats, Grid, TissueMaps
from mriexplorer.subject.units import Quantity, infer, plausible, spelled

Files = Mapping[str, tuple[Quantity, Path]]  # kind (t1, t2, t2star, pd) -> what the file holds, and the file
Progress = Callable[[str], None]  # told what is being done; may raise to stop

_TOLERATED = 0.05  # share of a head's voxels that may be negative or infinite before a map is refused
_AIR = 0.25  # of the highest PD: below is air or bone
_DEFAULT_T1, _DEFAULT_PD = 1.0, 0.8
_LITERATURE = tuple((TISSUES[name].pd, TISSUES[name].at[3.0]) for name in ("wm", "gm", "csf"))


@dataclass(frozen=True)
class Assembled:
    """Maps with their sources and what a user must know of how they were put together."""

    maps: TissueMaps
    sources: tuple[MapSource, ...]
    notices: tuple[str, ...]
    field: float | None


def assemble(files: Files, units: Mapping[str, str] | None = None, progress: Progress = lambda _what: None) -> Assembled:
    """Read maps and bring them to seconds, PD of water = 1, and one grid (that of T1, else of T2).

    ``units`` overrides the unit of a kind, as chosen by the user. Raises InputError when a file cannot be used or the maps
    cannot be of one head.
    """
    if not {"t1", "t2"} & set(files):
        raise InputError(f"{next(iter(files.values()))[1]}: a T1 or T2 map is needed beside it to compute any image.")
    notices: list[str] = []
    scaled: dict[str, tuple[Volume, MapSource]] = {}
    for kind, (quantity, path) in files.items():
        progress(f"reading {path.name}")
        try:
            scaled[kind] = _in_seconds(read_volume(path), quantity, (units or {}).get(kind), notices)
        except InputError as error:
            if kind != "t2star":
                raise
            notices.append(f"No T2* map is used: {error}")
    reference = scaled["t1" if "t1" in scaled else "t2"][0]
    arrays = {kind: _on_grid(volume, reference, notices, progress) for kind, (volume, _source) in scaled.items()}
    sources = {kind: source for kind, (_volume, source) in scaled.items()}
    if "pd" in arrays:
        arrays["pd"], sources["pd"] = _water_is_one(arrays["pd"], arrays.get("t1"), sources["pd"])
    _fill_missing(arrays, sources, notices)
    if not reference.grid.known:
        notices.append(f"{reference.path.name} gives no orientation: the letters are hidden, and left may be right.")
    _refuse_different_heads(arrays, scaled)
    if not ((arrays["pd"] > 0) & (arrays["t1"] > 0) & (arrays["t2"] > 0)).any():
        raise InputError(f"{reference.path} and the other maps have no voxel in common.")
    maps = TissueMaps(arrays["pd"], arrays["t1"], arrays["t2"], reference.grid, arrays.get("t2star"))
    return Assembled(
        maps, tuple(sources[k] for k in ("t1", "t2", "t2star", "pd") if k in sources), tuple(notices), _field(reference.path)
    )


def _in_seconds(volume: Volume, quantity: Quantity, chosen: str | None, notices: list[str]) -> tuple[Volume, MapSource]:
    data = _cleaned(volume, quantity, notices)
    inside = data[_watery(data) if quantity.kind == "pd" else head_like(data)]
    median = float(np.median(inside))
    unit, how = _unit(volume.path, quantity, chosen, median, float(np.percentile(inside, 99)))
    if "sidecar" in how and how.startswith("inferred"):
        notices.append(f"{volume.path.name} is read in {unit}, {how}.")
    scale = quantity.units[unit]
    if quantity.rate:
        with np.errstate(divide="ignore", over="ignore"):
            data = np.where(data > 0, 1 / (data * np.float32(scale)), 0).astype(np.float32)
    else:
        data = data * np.float32(scale)
    if not plausible(quantity, unit, median):
        notices.append(f"{volume.path.name}: the median {quantity.label} of {median:.3g} {unit} is not that of a head; "
                       "check the unit under Maps.")  # fmt: skip
    source = MapSource(quantity.kind, volume.path, quantity.label, unit, how, scale)
    return replace(volume, data=data), source


def _watery(pd: Floats) -> NDArray[np.bool_]:
    """Where PD shows water, without the noise of air."""
    return np.asarray(pd > _AIR * np.percentile(pd[pd > 0], 95))


def _cleaned(volume: Volume, quantity: Quantity, notices: list[str]) -> Floats:
    """Values that are positive and finite; the rest becomes 0, which means unknown. Refuses what is mostly the rest."""
    path, label = volume.path, quantity.label
    data = volume.data
    if not np.isfinite(data).any():
        raise InputError(f"{path} holds no numbers (all NaN or infinite); it is no {label} map.")
    if (outside := constant_air(data)) is not None:
        data = np.where(outside, np.float32(0), data)
        notices.append(f"{path.name} has {volume.data[0, 0, 0]:g} in the air around the head; it is shown as empty.")
    elif is_unmasked(data):
        notices.append(
            f"{path.name} is not masked: it has values in the air; medians and histograms are made without what looks like noise."
        )
    finite = np.isfinite(data)
    if not (finite & (data != 0)).any():
        raise InputError(f"{path} holds only zeros; it is no {label} map.")
    positive = data[finite & (data > 0)]
    # Unmasked maps have noise about 0 outside the head; values as large as a tissue's, but negative, are something else.
    tissue = float(np.percentile(positive, 75)) if positive.size else 0.0
    for what, bad in (("negative", finite & (data < 0)), ("infinite", np.isinf(data))):
        grave = int((bad & (data < -0.25 * tissue)).sum()) if what == "negative" else int(bad.sum())
        if grave > _TOLERATED * max(positive.size, 1):
            raise InputError(f"{path} has {what} values in {_percent(grave / data.size)} of its voxels; "
                             f"a {label} map has none: check how it was made.")  # fmt: skip
        if count := int(bad.sum()):
            notices.append(f"{path.name}: {count} {what} values are shown as empty.")
    return np.where(finite & (data > 0), data, 0).astype(np.float32)


def _percent(share: float) -> str:
    return "under 1%" if share < 0.01 else f"{share:.0%}"


def _unit(path: Path, quantity: Quantity, chosen: str | None, median: float, high: float) -> tuple[str, str]:
    """The unit, and how it is known."""
    if chosen is not None:
        if chosen not in quantity.units:
            raise InputError(f"{path}: {quantity.label} cannot be in {chosen}; choose {', '.join(quantity.units)}.")
        return chosen, "chosen by you"
    guess = infer(quantity, median, high)
    written = read_sidecar(path).get("Units")
    stated = spelled(written) if isinstance(written, str) else None
    if stated in quantity.units and plausible(quantity, stated, median):
        return stated, "from the sidecar"
    if stated in quantity.units:
        return guess, f"inferred: the sidecar says {stated}, which the median of {median:.3g} cannot be"
    if written is not None:
        return guess, f"inferred from its median of {median:.3g}: the sidecar's {written!r} is no unit of {quantity.label}"
    return guess, f"inferred from its median of {median:.3g}"


def _field(path: Path) -> float | None:
    """The field strength of the literature table nearest to what the sidecar says; None where it says nothing usable."""
    stated = read_sidecar(path).get("MagneticFieldStrength")
    near = min(FIELDS, key=lambda field: abs(field - stated)) if isinstance(stated, int | float) else None
    return near if near is not None and abs(near - float(stated)) < 0.25 * near else None  # type: ignore[arg-type]


def _on_grid(volume: Volume, reference: Volume, notices: list[str], progress: Progress) -> Floats:
    if volume is reference:
        return volume.data
    moved = volume.data
    if volume.grid.known != reference.grid.known or not volume.grid.known:
        moved = _as_stored(volume, reference, notices)
    elif not volume.grid.same_as(reference.grid):
        progress(f"resampling {volume.path.name}")
        moved = resample(volume.data, volume.grid, reference.grid)
        notices.append(f"{volume.path.name} was resampled (linear) from {_size(volume.grid)} to {_size(reference.grid)}.")
    theirs, ours = head_like(moved), reference.data > 0
    shared = np.count_nonzero(theirs & ours)
    if shared < 0.7 * min(np.count_nonzero(theirs), np.count_nonzero(ours)) or not shared:
        raise InputError(f"{volume.path} and {reference.path} do not lie over each other: "
                         "they look like maps of two heads, or were not registered.")  # fmt: skip
    return moved


def _as_stored(volume: Volume, reference: Volume, notices: list[str]) -> Floats:
    """Where a file gives no orientation, files of one shape are taken to be stored in the same order."""
    stored, _affine = volume.grid.stored(volume.data)
    expected, _affine = reference.grid.stored(reference.data)
    if stored.shape != expected.shape:
        raise InputError(f"{volume.path} and {reference.path} have different grids, and without an orientation in both "
                         "files they cannot be brought together; add it, or resample one.")  # fmt: skip
    if volume.grid.known != reference.grid.known:
        lacking, other = (volume, reference) if reference.grid.known else (reference, volume)
        notices.append(f"{lacking.path.name} gives no orientation; it is taken to be stored like {other.path.name}.")
    return reference.grid.oriented(stored)


def _size(grid: Grid) -> str:
    voxels = "×".join(map(str, grid.shape))
    return f"{voxels} ({' × '.join(f'{edge:.3g}' for edge in grid.spacing)} mm)"


def _water_is_one(pd: Floats, t1: Floats | None, source: MapSource) -> tuple[Floats, MapSource]:
    """Bring PD of arbitrary scale to water = 1, by its CSF (T1 beyond 3 s), else by its brightest hundredth."""
    if source.unit != "arbitrary":
        return pd, source
    watery = _watery(pd)
    fluid = pd[(t1 > 3.0) & watery] if t1 is not None else pd[:0]
    enough = fluid.size > 500
    top = float(np.median(fluid) if enough else np.percentile(pd[watery], 99))
    how = f"{source.how}; scaled so that {'CSF (T1 beyond 3 s)' if enough else 'the brightest hundredth'} is 1"
    return pd / np.float32(top), replace(source, how=how, scale=1 / top)


def _fill_missing(arrays: dict[str, Floats], sources: dict[str, MapSource], notices: list[str]) -> None:
    """Stated defaults for the maps that are not there."""
    if "t1" not in arrays:
        if "pd" not in arrays:
            arrays["pd"] = np.where(arrays["t2"] > 0, np.float32(_DEFAULT_PD), 0).astype(np.float32)
            _note(sources, notices, "pd", f"No PD map: PD is {_DEFAULT_PD:g} everywhere.")
        arrays["t1"] = np.where(arrays["t2"] > 0, np.float32(_DEFAULT_T1), 0).astype(np.float32)
        _note(sources, notices, "t1", f"No T1 map: T1 is {_DEFAULT_T1:g} s everywhere, so that T1 contrast is missing.")
    for kind in ("t2", "pd"):
        if kind not in arrays:
            arrays[kind], label = _from_t1(arrays["t1"], kind), kind.upper()
            how = f"{label} is guessed from T1 along the 3 T literature values of WM, GM and CSF."
            _note(sources, notices, kind, f"No {label} map: {how}")
    if "t2star" not in arrays:
        how = "none: T2 stands in for it in gradient-echo decay (MPRAGE), at TE 3 ms within 2 % at 3 T, 5 % at 7 T"
        sources["t2star"] = MapSource("t2star", None, "T2*", "s", how)


def _note(sources: dict[str, MapSource], notices: list[str], kind: str, sentence: str) -> None:
    sources[kind] = MapSource(kind, None, kind.upper(), "fraction" if kind == "pd" else "s", sentence)
    notices.append(sentence)


def _from_t1(t1: Floats, kind: str) -> Floats:
    """T2 or PD along the literature values of white matter, grey matter and CSF, log T1 against the log of the value."""
    at = [np.log(relaxation.t1) for _pd, relaxation in _LITERATURE]
    values = [np.log(pd if kind == "pd" else relaxation.t2) for pd, relaxation in _LITERATURE]
    guessed = np.exp(np.interp(np.log(np.maximum(t1, 1e-3)), at, values))
    return np.where(t1 > 0, guessed, 0).astype(np.float32)


def _refuse_different_heads(arrays: dict[str, Floats], scaled: dict[str, tuple[Volume, MapSource]]) -> None:
    """No tissue has a T2 above its T1; where many voxels do, the two maps are of two heads (or a unit is wrong)."""
    if not {"t1", "t2"} <= set(scaled):
        return
    # Fluid and failed fits are left out: there, noise and caps put T2 above T1 in good maps too.
    t1, t2 = arrays["t1"], arrays["t2"]
    tissue = head_like(t1) & head_like(t2) & (t1 < 2.0) & (t2 < 4.0)
    impossible = np.count_nonzero(tissue & (t2 > 1.05 * t1))
    if impossible > 0.025 * np.count_nonzero(tissue):
        one, other = (scaled[kind][0].path for kind in ("t1", "t2"))
        share = impossible / np.count_nonzero(tissue)
        raise InputError(f"{one} and {other} do not belong together: T2 exceeds T1 in {share:.0%} of the tissue, "
                         "which no tissue does; are they of two heads, or is a unit wrong?")  # fmt: skip
