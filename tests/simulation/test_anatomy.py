"""Label maps become anatomies, and what is no label map is refused with a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import write

from mriexplorer.errors import InputError
from mriexplorer.physics import TISSUES
from mriexplorer.places import resource
from mriexplorer.simulation.anatomy import Anatomy, prepare, sources
from mriexplorer.simulation.labels import code, read_labels, schemes, structures


def test_every_code_of_the_table_leads_to_a_tissue() -> None:
    for scheme in schemes():
        assert set(scheme.codes.values()) <= set(structures())
    assert {row.tissue for row in structures().values()} - {None} <= set(TISSUES)
    assert {row.counts for row in structures().values()} == {"wm", "gm", "csf", "ventricle", "outside"}


def test_freesurfer_parcels_of_the_cortex_are_cortex() -> None:
    freesurfer = next(scheme for scheme in schemes() if scheme.name == "freesurfer")
    assert freesurfer.codes[1035] == freesurfer.codes[2000] == "cortex"
    assert freesurfer.codes[4] == freesurfer.codes[43] == "ventricles"


def test_the_built_in_anatomy_has_a_brain_of_sensible_shares(anatomy: Anatomy) -> None:
    assert 0.85 < anatomy.brain_share < 0.95  # an average brain has hardly any sulci
    assert 0.008 < anatomy.ventricle_share < 0.02
    assert 1700 < anatomy.skull.sum() * 8 / 1000 < 2000  # the ICBM152 space is larger than people


def test_a_label_map_is_posed_like_the_template(label_folder: Path, anatomy: Anatomy, label_affine: np.ndarray) -> None:
    """The map was cut from the template, tilted here by 12 degrees and moved by 15 mm: its pose must undo that."""
    turn = np.eye(4)
    c, s = np.cos(np.radians(12)), np.sin(np.radians(12))
    turn[1:3, 1:3] = [[c, -s], [s, c]]
    turn[:3, 3] = (5, -15, 8)
    stored = read_stored(label_folder / "head_seg.nii.gz")
    tilted = write(label_folder / "tilted.nii.gz", stored, turn @ label_affine)
    found = prepare(tilted)
    assert abs(found.skull - anatomy.skull).mean() < 0.01
    overlap = 2 * np.minimum(found.ventricles, anatomy.ventricles).sum() / (found.ventricles + anatomy.ventricles).sum()
    assert overlap > 0.85


def read_stored(path: Path) -> np.ndarray:
    import nibabel

    return np.asarray(nibabel.load(path).dataobj)


def test_the_cache_gives_the_same_anatomy_again(label_folder: Path) -> None:
    path = label_folder / "head_seg.nii.gz"
    first, second = prepare(path), prepare(path)
    assert isinstance(second.voxels, np.memmap)
    assert (first.voxels == second.voxels).all() and (first.to_voxel == second.to_voxel).all()


def test_another_content_under_the_same_name_is_prepared_anew(
    label_folder: Path, codes: np.ndarray, label_affine: np.ndarray
) -> None:
    path = label_folder / "head_seg.nii.gz"
    before = prepare(path).identity
    grown = codes.copy()
    grown[:, :, -12:] = np.where(grown[:, :, -12:] == 24, 3, grown[:, :, -12:])
    write(path, grown, label_affine)
    assert prepare(path).identity != before


def test_brain_segmentations_without_fluid_get_some(tmp_path: Path, codes: np.ndarray, label_affine: np.ndarray) -> None:
    """FreeSurfer's aseg has no fluid around the brain."""
    path = write(tmp_path / "aseg.nii.gz", np.where(codes == 24, 0, codes).astype(np.int16), label_affine)
    found = prepare(path)
    fluid = (found.voxels[..., 0] == code("cerebrospinal fluid")).sum()
    assert fluid > 0.1 * (found.voxels[..., 0] == code("cortex")).sum()


def test_ventricles_are_found_where_a_map_has_one_fluid(tmp_path: Path, codes: np.ndarray, label_affine: np.ndarray) -> None:
    path = write(
        tmp_path / "tissues.nii.gz", np.select([codes == 2, codes == 3, codes > 0], [3, 2, 1], 0).astype(np.uint8), label_affine
    )
    assert 0.008 < prepare(path).ventricle_share < 0.02


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: np.where(c == 3, 999, c).astype(np.int16), "codes without a tissue: 999"),
        (lambda c: c.astype(np.float32) * 0.5, "is not a whole number"),
        (lambda c: np.where(c > 0, 2, 0).astype(np.int16), "hardly any cortex"),
        (lambda c: np.zeros_like(c), "holds only the code 0"),
        (lambda c: -c, "negative"),
    ],
)
def test_what_is_no_label_map_is_refused(
    tmp_path: Path, codes: np.ndarray, label_affine: np.ndarray, change: object, sentence: str
) -> None:
    path = write(tmp_path / "seg.nii.gz", change(codes), label_affine)  # type: ignore[operator]
    with pytest.raises(InputError, match=sentence) as refused:
        prepare(path)
    assert str(path) in str(refused.value)


def test_folders_without_label_maps_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no label maps"):
        sources(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        sources(tmp_path / "nowhere")
    assert sources(None) == [None]


def test_a_scan_is_no_label_map(tmp_path: Path, codes: np.ndarray, label_affine: np.ndarray) -> None:
    scan = np.random.default_rng(0).integers(0, 4000, codes.shape).astype(np.int16)
    with pytest.raises(InputError, match="codes without a tissue"):
        read_labels(write(tmp_path / "T1w.nii.gz", scan, label_affine))


def test_the_tables_are_well_formed() -> None:
    for name in ("structures.json", "people.json", "protocols.json"):
        json.loads(resource(name).read_text(encoding="utf-8"))


def test_of_a_freesurfer_subject_one_segmentation_is_taken(tmp_path: Path) -> None:
    for name in ("T1.mgz", "aseg.mgz", "aparc+aseg.mgz", "wmparc.mgz", "brainmask.mgz"):
        for person in ("bert", "anna"):
            (tmp_path / person / "mri").mkdir(parents=True, exist_ok=True)
            (tmp_path / person / "mri" / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in sources(tmp_path) if path] == [
        "anna/mri/aparc+aseg.mgz",
        "bert/mri/aparc+aseg.mgz",
    ]


@pytest.mark.parametrize("damage", ["skull.npy", "voxels.npy", "anatomy.json"])
def test_a_damaged_cache_is_made_again(label_folder: Path, damage: str) -> None:
    path = label_folder / "head_seg.nii.gz"
    prepare(path)
    kept = prepare(path)
    whole, folder = np.array(kept.voxels), Path(str(kept.voxels.filename)).parent  # type: ignore[attr-defined]
    del kept  # a mapped file must not be cut
    (folder / damage).write_bytes(b"no array" if damage != "anatomy.json" else b"[1]")
    assert (prepare(path).voxels == whole).all()


def test_a_label_map_without_orientation_or_of_specks_is_refused(
    tmp_path: Path, codes: np.ndarray, label_affine: np.ndarray
) -> None:
    with pytest.raises(InputError, match="gives no orientation"):
        prepare(write(tmp_path / "a_seg.nii.gz", codes, label_affine, codes=(0, 0)))
    tiny = np.diag([0.03, 0.03, 0.03, 1])
    with pytest.raises(InputError, match="hardly any white matter or cortex"):
        prepare(write(tmp_path / "b_seg.nii.gz", codes[20:40, 20:40, 20:40], tiny))
