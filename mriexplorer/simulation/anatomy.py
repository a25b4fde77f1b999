"""A source anatomy: one head's structures, ready to become many people.

Prepared once from a label map (or the built-in templates) and kept in the cache: the structure of every voxel at about 1 mm,
three smooth maps of presence that say how much white matter, cortex and fluid is near, and a rigid pose that brings the head
to the standard frame (millimetres, axes Right, Anterior, Superior, as the ICBM152 templates have them).

    label map ── structures ──┬── code      uint8   what the voxel is
                              ├── wm        uint8   smooth presence of each of the three tissues between which borders
                              ├── cortex    uint8   may move: a person's thinner cortex or wider sulci
                              └── fluid     uint8
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.places import cache_folder, resource
from mriexplorer.reading.registry import endings, is_image, parts_of, stem
from mriexplorer.simulation.labels import Labels, code, codes_of, read_labels, structures
from mriexplorer.subject.reference import template, template_intensity
from mriexplorer.subject.registration import register, to_image
from mriexplorer.subject.tissue_maps import Floats, Grid

BUILT_IN = "icbm152"
_LIKELY = re.compile(r"seg|label|crisp|parc|anat_model", re.IGNORECASE)  # names of segmentations among other images
_FREESURFER = ("aparc+aseg", "aparc.DKTatlas+aseg", "aparc.a2009s+aseg", "aseg", "aseg.presurf", "aseg.auto", "wmparc")
_RECIPE = 4  # raised whenever the preparation changes, so that no old cache is read
_SMOOTH = 0.6  # mm, standard deviation: about the partial volume of a 1 mm voxel
_WALLS = 0.9  # mm, the same for ventricles
_WALL = 4.0  # how steeply that is cut: a wall is about half a millimetre thick
_SUBCUTANEOUS = 6.0  # mm of soft tissue under the skin that are fat
_ORBIT = 12.0  # mm around the eyes that are fat
_LEAST_TISSUE = 150.0  # cm³ of white matter, and of cortex, that a brain has at least
_EDGE = 2.0  # mm, voxels of the coarse indicators
FRAME_ORIGIN = np.array([-96.0, -134.0, -90.0])  # mm, centre of the first voxel of the coarse grid in the standard frame
FRAME_SHAPE = (97, 118, 103)


@dataclass(frozen=True, eq=False)
class Anatomy:
    """One source head. Arrays are read-only and may be memory-mapped.

    ``voxels`` (x, y, z, 4) uint8 holds code, wm, cortex, fluid; ``walls`` (x, y, z) uint8 how much ventricle is near;
    ``to_voxel`` (4, 4) maps millimetres of the standard frame to indices of both. ``skull`` and ``ventricles`` are coarse
    indicators in the standard frame (0 to 1, ``FRAME_SHAPE`` at 2 mm): all that lies inside the skull, and the ventricles.
    ``identity`` names the content, for caches and for splits.
    """

    name: str
    identity: str
    voxels: Labels
    walls: Labels
    to_voxel: NDArray[np.float64]
    skull: Floats
    ventricles: Floats

    @cached_property
    def brain_share(self) -> float:
        """White and grey matter as a share of what lies inside the skull."""
        counts = np.bincount(self.voxels[..., 0].ravel(), minlength=256)
        brain = counts[codes_of("wm") + codes_of("gm")].sum()
        return float(brain / (brain + counts[codes_of("csf") + codes_of("ventricle")].sum()))

    @cached_property
    def ventricle_share(self) -> float:
        """Ventricles as a share of what lies inside the skull."""
        return float(self.ventricles.sum() / self.skull.sum())


def sources(folder: Path | None) -> list[Path | None]:
    """The label maps of a folder, by name; the built-in anatomy (None) where no folder is given. Raises InputError."""
    if folder is None:
        return [None]
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of label maps.")
    found = sorted(path for path in folder.rglob("*") if is_image(path) and path.is_file() and path == parts_of(path)[0])
    if not found:
        raise InputError(f"{folder} holds no label maps ({endings()}); give a folder of segmentations.")
    return [*_one_of_each_head([path for path in found if _LIKELY.search(stem(path))] or found)]


def _one_of_each_head(paths: list[Path]) -> list[Path]:
    """Of a FreeSurfer subject's segmentations, which lie in one folder, the one that tells most."""
    best: dict[Path, Path] = {}
    for path in paths:
        if stem(path) in _FREESURFER:
            other = best.setdefault(path.parent, path)
            best[path.parent] = min(path, other, key=lambda p: _FREESURFER.index(stem(p)))
    return [path for path in paths if stem(path) not in _FREESURFER and path.parent not in best] + sorted(best.values())


def prepare(path: Path | None) -> Anatomy:
    """The anatomy of a label map, or the built-in one (None); from the cache after the first time. Raises InputError."""
    identity = _identity(path)
    name = BUILT_IN if path is None else re.sub(r"[^A-Za-z0-9.+_-]+", "_", stem(path))
    kept = _cached(name, identity)
    if kept is None:
        kept = _made(path, name, identity)
        _keep(kept)
    return kept


def _identity(path: Path | None) -> str:
    """Names the content that the anatomy comes from, and the table and recipe that it went through."""
    content = BUILT_IN.encode() if path is None else b"".join(part.read_bytes() for part in parts_of(path))
    table = resource("structures.json").read_bytes()
    return hashlib.sha256(content + table + bytes([_RECIPE])).hexdigest()[:16]


# -- making ----------------------------------------------------------------------------------------------------


def _made(path: Path | None, name: str, identity: str) -> Anatomy:
    if path is None:
        labels, presence, affine = _built_in()
        pose = np.eye(4)
    else:
        labels, affine = _at_millimetre(*read_labels(path))
        _refuse_no_brain(labels, affine, path)
        labels, affine = _cropped(_one_head(labels), affine)
        pose = _pose(labels, affine, path)
        labels = _refined(labels, affine, pose)
        presence = _presence(labels, affine)
    to_voxel = np.linalg.inv(affine) @ np.linalg.inv(pose)
    voxels = np.stack([labels, *presence], axis=-1)
    walls = smooth(labels == code("ventricles"), affine)
    skull, ventricles = indicators(labels, walls, to_voxel)
    if ventricles.sum() * _EDGE**3 < 1000:
        raise InputError(f"{path or name}: no ventricles were found; is it a label map of a whole brain?")
    return Anatomy(name, identity, voxels, walls, to_voxel, skull, ventricles)


def _built_in() -> tuple[Labels, list[Labels], NDArray[np.float64]]:
    """The ICBM152 templates: the most likely tissue, and the probabilities themselves as presence."""
    wm, gm, mask, affine = template()
    solid = np.maximum(wm + gm, 1)
    fluid = np.where(mask, np.maximum(1 - wm - gm, 0), 0)
    parts = [wm / solid, gm / solid, fluid]
    names = ("white matter", "cortex", "cerebrospinal fluid")
    winner = np.argmax(parts, axis=0)
    labels = np.where(mask, np.array([code(n) for n in names], np.uint8)[winner], 0).astype(np.uint8)
    labels = _with_ventricles(labels, affine, np.eye(4))
    return labels, [np.rint(255 * part).astype(np.uint8) for part in parts], affine


def _at_millimetre(labels: Labels, grid: Grid) -> tuple[Labels, NDArray[np.float64]]:
    """Labels brought from finer voxels to about 1 mm: each voxel is what most of it is."""
    affine: NDArray[np.float64] = grid.affine.copy()
    edges = np.linalg.norm(affine[:3, :3], axis=0)
    factor = max(1, round(1 / float(edges.max())))
    if factor == 1:
        return labels, affine
    shape = tuple(n // factor for n in labels.shape)
    whole = labels[tuple(slice(0, n * factor) for n in shape)]
    blocks = whole.reshape(shape[0], factor, shape[1], factor, shape[2], factor)
    most = np.zeros(shape, np.uint8)
    best = np.zeros(shape, np.uint8)
    for number in np.unique(whole):
        count = (blocks == number).sum(axis=(1, 3, 5), dtype=np.uint8)
        better = count > most
        best[better], most[better] = number, count[better]
    affine[:3, 3] += affine[:3, :3] @ np.full(3, (factor - 1) / 2)
    affine[:3, :3] *= factor
    return best, affine


def _one_head(labels: Labels) -> Labels:
    """Without specks in the air: only what hangs together with the brain."""
    from scipy.ndimage import label

    parts, _count = label(labels > 0)
    largest = np.bincount(parts[np.isin(labels, codes_of("wm"))], minlength=2)[1:].argmax() + 1
    return np.where(parts == largest, labels, 0).astype(np.uint8)


def _cropped(labels: Labels, affine: NDArray[np.float64]) -> tuple[Labels, NDArray[np.float64]]:
    """Cut to the head, with two voxels of air around it."""
    filled = [np.flatnonzero(labels.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    start = np.array([max(int(f[0]) - 2, 0) for f in filled])
    stop = [int(f[-1]) + 3 for f in filled]
    part = np.pad(labels[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))], 1)
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ (start - 1)
    return part, moved


def _refuse_no_brain(labels: Labels, affine: NDArray[np.float64], path: Path) -> None:
    voxel = abs(float(np.linalg.det(affine[:3, :3]))) / 1000
    missing = [name for name in ("white matter", "cortex") if (labels == code(name)).sum() * voxel < _LEAST_TISSUE]
    if missing:
        raise InputError(
            f"{path} has hardly any {' or '.join(missing)}; give label maps of whole brains, with sizes in millimetres."
        )


def _pose(labels: Labels, affine: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    """The rigid motion that brings a head to the standard frame: its labels, shown as a T1w image, registered to the template."""
    typical = {
        "white matter": 1.0,
        "brainstem": 0.95,
        "thalamus": 0.8,
        "cortex": 0.6,
        "cerebrospinal fluid": 0.15,
        "ventricles": 0.1,
    }
    intensities = np.zeros(256, np.float32)
    intensities[codes_of("gm")] = 0.65
    for name, intensity in typical.items():
        intensities[code(name)] = intensity
    found = register(to_image(*template_intensity()), to_image(intensities[labels], affine), str(path), mono=True)
    return np.asarray(np.linalg.inv(found), float)


def _refined(labels: Labels, affine: NDArray[np.float64], pose: NDArray[np.float64]) -> Labels:
    """What a label map does not tell: fat in soft tissue, fluid and cord below the skull, ventricles, fluid around the brain."""
    labels = labels.copy()
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    _mark_fat(labels, spacing)
    if not np.isin(labels, codes_of("csf")).sum() > 0.05 * np.isin(labels, codes_of("gm")).sum():
        _surround_with_fluid(labels, spacing)
    if not np.isin(labels, codes_of("ventricle")).any():
        labels = _with_ventricles(labels, affine, pose)
    _end_at_skull_base(labels, affine, pose)
    return labels


def _mark_fat(labels: Labels, spacing: NDArray[np.float64]) -> None:
    from scipy.ndimage import distance_transform_edt

    soft = labels == code("soft tissue")
    for name, reach in (("skin", _SUBCUTANEOUS), ("eye", _ORBIT)):
        near = labels == code(name)
        if near.any():
            labels[soft & (distance_transform_edt(~near, spacing) < reach)] = code("fat")


def _surround_with_fluid(labels: Labels, spacing: NDArray[np.float64]) -> None:
    """Fluid in the sulci and around a brain that was labelled without any: a closing of the brain, and 2 mm more."""
    from scipy.ndimage import distance_transform_edt

    brain = np.isin(labels, codes_of("wm") + codes_of("gm") + codes_of("ventricle"))
    hull = distance_transform_edt(distance_transform_edt(~brain, spacing) < 12, spacing) > 10
    labels[hull & (labels == code("air"))] = code("cerebrospinal fluid")


def _with_ventricles(labels: Labels, affine: NDArray[np.float64], pose: NDArray[np.float64]) -> Labels:
    """Fluid in the middle of the brain becomes ventricle: what hangs together inside boxes of the standard frame."""
    from scipy.ndimage import label

    fluid = labels == code("cerebrospinal fluid")
    x, y, z = _places(labels.shape, pose @ affine)
    lateral = (abs(x) < 36) & (y > -52) & (y < 36) & (z > -14) & (z < 34) & ~((y < -36) & (abs(x) < 14))
    third = (abs(x) < 5) & (y > -36) & (y < 10) & (z > -12)
    fourth = (abs(x) < 12) & (y > -54) & (y < -30) & (z > -46) & (z < -20)
    midline = (abs(x) < 9) & (z < 4) & (y > -20)
    parts, _count = label(fluid & ((lateral & ~midline) | third | fourth))
    core = fluid & (((abs(x) > 4) & (abs(x) < 20) & (y > -30) & (y < 24) & (z > 8) & (z < 28)) | (fourth & (abs(x) < 4)))
    sizes = np.bincount(parts[core & (parts > 0)], minlength=parts.max() + 1)
    chosen = np.flatnonzero(sizes > 50)
    labels = labels.copy()
    labels[np.isin(parts, chosen[chosen > 0])] = code("ventricles")
    return labels


def _end_at_skull_base(labels: Labels, affine: NDArray[np.float64], pose: NDArray[np.float64]) -> None:
    """Below the cerebellum, fluid and white matter are those of the spine, and outside the skull."""
    _x, _y, z = _places(labels.shape, pose @ affine)
    depths = z[np.isin(labels, codes_of("gm"))]
    below = z < np.percentile(depths, 0.02) - 3
    labels[below & (labels == code("cerebrospinal fluid"))] = code("spinal fluid")
    labels[below & np.isin(labels, codes_of("wm"))] = code("spinal cord")


def _places(shape: tuple[int, ...], to_frame: NDArray[np.float64]) -> list[Floats]:
    """Millimetres in the standard frame of every voxel, as three arrays that broadcast to ``shape`` or have it."""
    axes = [np.arange(n, dtype=np.float32).reshape([-1 if a == axis else 1 for a in range(3)]) for axis, n in enumerate(shape)]
    rows = to_frame[:3].astype(np.float32)
    return [sum(rows[r, a] * axes[a] for a in range(3)) + rows[r, 3] for r in range(3)]


def _presence(labels: Labels, affine: NDArray[np.float64]) -> list[Labels]:
    return [smooth(labels == code(name), affine, _SMOOTH) for name in ("white matter", "cortex", "cerebrospinal fluid")]


def smooth(presence: NDArray[Any], affine: NDArray[np.float64], deviation: float = _WALLS) -> Labels:
    """Presence (0 to 1) after a Gaussian filter (mm), 0 to 255."""
    from scipy.ndimage import gaussian_filter

    sigma = deviation / np.linalg.norm(affine[:3, :3], axis=0)
    return np.asarray(np.rint(255 * gaussian_filter(presence.astype(np.float32), sigma, truncate=4)), np.uint8)


def lumen(walls: NDArray[Any]) -> Floats:
    """The share of ventricle where their smooth presence is as given, 0 to 255."""
    return np.asarray(np.clip(0.5 + np.float32(_WALL / 255) * (walls - np.float32(127.5)), 0, 1), np.float32)


def indicators(labels: Labels, walls: Labels, to_voxel: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """All that lies inside the skull, and the ventricles, in the standard frame."""
    inside = codes_of("wm") + codes_of("gm") + codes_of("csf") + codes_of("ventricle")
    return _coarse(np.isin(labels, inside), to_voxel), _coarse(lumen(walls), to_voxel)


def _coarse(inside: NDArray[Any], to_voxel: NDArray[np.float64]) -> Floats:
    """The share of every coarse voxel of the standard frame that lies inside."""
    from scipy.ndimage import affine_transform, uniform_filter

    half = round(_EDGE / 2 * float(np.linalg.norm(to_voxel[:3, 0])))
    smooth = uniform_filter(inside.astype(np.float32), 2 * half + 1)
    step = to_voxel[:3, :3] * _EDGE
    corner = to_voxel[:3, :3] @ FRAME_ORIGIN + to_voxel[:3, 3]
    return np.asarray(affine_transform(smooth, step, corner, FRAME_SHAPE, order=1), np.float32)


# -- keeping ---------------------------------------------------------------------------------------------------

_ARRAYS = ("voxels", "walls", "skull", "ventricles")


@dataclass(frozen=True)
class _Kept:
    name: str
    identity: str
    to_voxel: list[list[float]]


def _folder(name: str, identity: str) -> Path:
    return cache_folder() / "anatomies" / f"{name}-{identity}"


def _cached(name: str, identity: str) -> Anatomy | None:
    """What was kept, if it is whole; whatever else is there is made again."""
    folder = _folder(name, identity)
    try:
        kept = json.loads((folder / "anatomy.json").read_text(encoding="utf-8"))
        voxels, walls, skull, ventricles = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in _ARRAYS)
        to_voxel = np.array(kept["to_voxel"], float)
        found = Anatomy(str(kept["name"]), str(kept["identity"]), voxels, walls, to_voxel, skull, ventricles)
        return found if _is_whole(found, identity) else None
    except Exception:  # noqa: BLE001 numpy raises whatever a damaged file leads it to
        return None


def _is_whole(anatomy: Anatomy, identity: str) -> bool:
    coarse = all(a.shape == FRAME_SHAPE and a.dtype == np.float32 for a in (anatomy.skull, anatomy.ventricles))
    voxels = anatomy.voxels
    fine = (
        voxels.ndim == 4 and voxels.shape[3] == 4 and voxels.dtype == np.uint8 and int(voxels[..., 0].max()) < len(structures())
    )
    fine = fine and anatomy.walls.shape == voxels.shape[:3] and anatomy.walls.dtype == np.uint8
    placed = anatomy.to_voxel.shape == (4, 4) and bool(np.isfinite(anatomy.to_voxel).all())
    return coarse and fine and placed and anatomy.identity == identity


def _keep(anatomy: Anatomy) -> None:
    """Write the cache beside and rename; where that cannot be done, the next run prepares again."""
    folder = _folder(anatomy.name, anatomy.identity)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent))
        for name in _ARRAYS:
            np.save(beside / f"{name}.npy", getattr(anatomy, name))
        about = asdict(_Kept(anatomy.name, anatomy.identity, anatomy.to_voxel.tolist()))
        (beside / "anatomy.json").write_text(json.dumps(about), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(beside, folder)  # noqa: PTH105 one system call for a folder
    except OSError:
        return
