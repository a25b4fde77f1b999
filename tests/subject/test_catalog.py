"""Names, units, grids, missing maps, datasets with their participants: as BIDS has them and as they occur in the wild."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import AFFINE, PD, T1, T2, tissue, values, write

from mriexplorer.errors import InputError
from mriexplorer.subject.catalog import find, load
from mriexplorer.subject.naming import quantity


@pytest.mark.parametrize(
    ("name", "label", "plain"),
    [
        ("sub-01_T1map.nii.gz", "T1", True),
        ("sub-01_acq-mp2rage_T1_map.nii", "T1", True),
        ("qT1.nii.gz", "T1", True),
        ("R1map.nii.gz", "R1", True),
        ("sub-01_R2starmap.nii.gz", "R2*", True),
        ("T2starmap.nii.gz", "T2*", True),
        ("subject_T2_values.nii", "T2", True),
        ("PD_map.nii.gz", "PD", True),
        ("M0map.nii.gz", "PD", True),
        ("proton_density.nii.gz", "PD", False),
        ("T2_star_map.nii.gz", "T2*", True),
        ("T1map_masked.nii.gz", "T1", True),
        ("sub-label01_T1map.nii.gz", "T1", True),
        ("T1.nii.gz", "T1", False),
        ("t2.mgz", "T2", False),
    ],
)
def test_names_say_what_a_file_holds(name, label, plain):
    found = quantity(Path(name))
    assert found is not None
    assert (found[0].label, found[1]) == (label, plain)


@pytest.mark.parametrize(
    "name",
    [
        "sub-01_T1w.nii.gz",
        "study2_T1W.nii.gz",
        "T1rho.nii.gz",
        "sub-01_FLAIR.nii",
        "T1map_mask.nii",
        "brain.nii",
        "T1_mprage.nii",
        "T1map_std.nii",
        "T1_rho_map.nii",
    ],
)
def test_weighted_scans_and_masks_are_no_maps(name):
    assert quantity(Path(name)) is None


@pytest.mark.parametrize(("name", "factor"), [("T1map", 1.0), ("T1map", 1000.0), ("R1map", 1.0), ("R1map", 0.001)])
def test_units_are_inferred_and_said(name, factor, head):
    t1 = values(T1)
    data = t1 * factor if name == "T1map" else np.where(t1 > 0, factor / np.maximum(t1, 1e-6), 0).astype(np.float32)
    subject = load(find([head(**{"T1map": None, name: data})]))
    assert np.allclose(subject.maps.t1, t1, rtol=1e-5)
    source = subject.sources[0]
    assert (
        source.unit
        == {("T1map", 1.0): "s", ("T1map", 1000.0): "ms", ("R1map", 1.0): "1/s", ("R1map", 0.001): "1/ms"}[name, factor]
    )
    assert "median" in source.how


def test_the_sidecar_comes_first_unless_it_cannot_be(head):
    folder = head(T1map=values(T1) * 1000)
    (folder / "T1map.json").write_text(json.dumps({"Units": "ms"}))
    assert load(find([folder])).sources[0].how == "from the sidecar"
    (folder / "T1map.json").write_text(json.dumps({"Units": "s"}))
    source = load(find([folder])).sources[0]
    assert source.unit == "ms"
    assert "sidecar says s" in source.how


def test_the_user_has_the_last_word_on_units(head):
    subject = load(find([head()]), units={"t1": "ms", "t2": "ms"})
    assert np.allclose(subject.maps.t1, values(T1) / 1000)
    assert subject.sources[0].how == "chosen by you"
    with pytest.raises(InputError, match="cannot be in 1/s"):
        load(find([head()]), units={"t1": "1/s"})


@pytest.mark.parametrize("scale", [1.0, 100.0, 4321.0])
def test_pd_is_brought_to_water_is_one(scale, head):
    subject = load(find([head(PDmap=values(PD) * np.float32(scale))]))
    brain = values(T1) == np.float32(T1["wm"])
    assert subject.maps.pd[brain] == pytest.approx(PD["wm"], rel=0.02)


def test_a_missing_map_has_a_stated_default(head):
    subject = load(find([head(PDmap=None)]))
    assert any("No PD map" in notice for notice in subject.notices)
    for name in T1:
        at = values(T1) == np.float32(T1[name])
        assert subject.maps.pd[at] == pytest.approx(PD[name], rel=0.01)
    subject = load(find([head("two", T2map=None)]))
    assert any("No T2 map" in notice for notice in subject.notices)
    subject = load(find([head("three", T1map=None)]))
    assert any("No T1 map" in notice for notice in subject.notices)
    with pytest.raises(InputError, match="T1 or T2 map is needed"):
        load(find([head("four", T1map=None, T2map=None)]))


def test_grids_that_differ_are_resampled_and_it_is_said(head):
    folder = head(T2map=None)
    finer = AFFINE @ np.diag([0.5, 0.5, 0.5, 1])
    write(folder / "T2map.nii.gz", np.kron(values(T2), np.ones((2, 2, 2), np.float32)), finer)
    subject = load(find([folder]))
    assert any("resampled" in notice and "T2map" in notice for notice in subject.notices)
    inside = (values(T2) == np.float32(T2["wm"])) & (subject.maps.t2 > 0)
    assert np.median(subject.maps.t2[inside]) == pytest.approx(T2["wm"], rel=0.01)
    assert subject.maps.t2.shape == subject.maps.t1.shape


def test_few_bad_voxels_are_emptied_and_said(head):
    t1 = values(T1)
    t1[10, 12, 9], t1[10, 12, 10], t1[10, 12, 8] = -1, np.inf, np.nan
    subject = load(find([head(T1map=t1)]))
    assert subject.maps.t1[10, 12, 8] == subject.maps.t1[10, 12, 9] == 0
    assert sum("shown as empty" in notice for notice in subject.notices) == 2


def dataset(head, people=("01", "02", "10")):
    """A BIDS derivative with participants."""
    for person in people:
        folder = head(f"bids/derivatives/qmri/sub-{person}/anat", f"sub-{person}_")
    root = folder.parents[3]
    (root / "dataset_description.json").write_text('{"Name": "test", "BIDSVersion": "1.10.0"}')
    (root / "participants.tsv").write_text(
        'participant_id\tage\tsex\tmmse\tremark\nsub-01\t63\tF\t29\t"said ""ok"""\nsub-02\t41\tM\tn/a\t\nsub-10\t89\tO\t30\tn/a\n'
    )
    (root / "participants.json").write_text(
        json.dumps({"age": {"Description": "Age at scan", "Units": "years"}, "sex": {"Levels": {"F": "female", "M": "male"}}})
    )
    return root


def test_a_bids_dataset_with_its_participants(head):
    catalog = find([dataset(head)])
    assert [entry.name for entry in catalog.entries] == ["sub-01", "sub-02", "sub-10"]
    subject = load(catalog, "sub-01")
    shown = {a.name: (a.value, a.unit, a.description) for a in subject.attributes}
    assert shown == {
        "Age": ("63", "years", "Age at scan"),
        "Sex": ("F (female)", "", ""),
        "MMSE": ("29", "", ""),
        "Remark": ('said "ok"', "", ""),
    }
    assert {a.name for a in load(catalog, "02").attributes} == {"Age", "Sex"}
    with pytest.raises(InputError, match="no person called sub-99"):
        load(catalog, "sub-99")


def test_a_single_file_of_a_dataset_finds_its_record(head):
    root = dataset(head)
    files = sorted((root / "derivatives" / "qmri" / "sub-02").rglob("*.nii.gz"))
    assert [a.name for a in load(find(files)).attributes] == ["Age", "Sex"]


def test_sessions_are_separate(head):
    for session in ("a", "b"):
        head(f"ds/sub-1/ses-{session}/anat", f"sub-1_ses-{session}_")
    folder = head("ds/sub-2/anat", "sub-2_").parents[1]
    assert [entry.name for entry in find([folder]).entries] == ["sub-1 ses-a", "sub-1 ses-b", "sub-2"]


def test_people_by_prefix_in_one_folder(head):
    head("both", "alice_")
    folder = head("both", "bob_")
    assert [entry.name for entry in find([folder]).entries] == ["alice", "bob"]
    assert set(find([folder]).entries[0].files) == {"t1", "t2", "pd"}


def test_files_of_different_people_are_not_put_together(head):
    one, two = head("one", "sub-01_"), head("two", "sub-02_")
    with pytest.raises(InputError, match="different people"):
        find([one / "sub-01_T1map.nii.gz", two / "sub-02_T2map.nii.gz"])


def test_people_are_known_by_their_folders(head):
    for person in ("01", "Mül", "Möl"):
        root = head(f"ds/sub-{person}/anat").parents[1]
    (root / "participants.tsv").write_text("participant_id\tage\nsub-Mül\t40\n")
    catalog = find([root])
    assert [entry.name for entry in catalog.entries] == ["sub-01", "sub-Möl", "sub-Mül"]
    assert load(catalog, "sub-Mül").attributes[0].value == "40"


def test_sessions_and_spaces_are_not_put_together(head):
    folder = head("ds", "sub-1_ses-a_", T2map=None)
    head("ds", "sub-1_ses-b_", T1map=None)
    files = [folder / "sub-1_ses-a_T1map.nii.gz", folder / "sub-1_ses-b_T2map.nii.gz"]
    with pytest.raises(InputError, match="different sessions"):
        find(files)
    moved = (folder / "sub-1_ses-b_T2map.nii.gz").rename(folder / "sub-1_ses-a_space-MNI_T2map.nii.gz")
    with pytest.raises(InputError, match="different spaces"):
        find([files[0], moved])


def test_a_file_without_orientation_is_taken_to_be_stored_like_the_others(head):
    folder = head()
    left = AFFINE @ np.array([[-1, 0, 0, 19], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    write(folder / "T1map.nii.gz", values(T1)[::-1], left)
    write(folder / "T2map.nii.gz", values(T2)[::-1], left, codes=(0, 0))
    subject = load(find([folder]))
    assert np.allclose(subject.maps.t2, values(T2))
    assert any("T2map.nii.gz gives no orientation" in notice for notice in subject.notices)


def test_a_small_rotation_is_resampled(head):
    folder = head(T2map=None)
    turn = np.radians(3)
    rotation = np.eye(4)
    rotation[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    write(folder / "T2map.nii.gz", values(T2), rotation @ AFFINE)
    assert any("resampled" in notice for notice in load(find([folder])).notices)


def test_unmasked_maps_with_noise_around_the_head_are_taken(head):
    rng = np.random.default_rng(1)
    air = values(T1) == 0
    noisy = {name: data + air * rng.normal(0, 0.03 * np.median(data[~air]), data.shape).astype(np.float32)
             for name, data in (("T1map", values(T1)), ("T2map", values(T2)))}  # fmt: skip
    subject = load(find([head(**noisy)]))
    assert any("negative values are shown as empty" in notice for notice in subject.notices)
    assert np.allclose(subject.maps.t1[~air], values(T1)[~air])


@pytest.mark.parametrize("scale", [1.0, 100.0, 5000.0])
def test_air_of_unmasked_maps_does_not_count(scale, head):
    """Fits in air give any T1 and T2, and a PD of almost nothing: medians, units and the scale of PD come from the head."""
    rng = np.random.default_rng(2)
    air = values(T1) == 0
    t1, t2, pd = values(T1), values(T2), values(PD)
    t1[air], t2[air], pd[air] = rng.uniform(0.1, 5, air.sum()), rng.uniform(0.01, 0.1, air.sum()), rng.uniform(0, 0.02, air.sum())
    subject = load(find([head(T1map=t1 * 1000, T2map=t2 * 1000, PDmap=pd * np.float32(scale))]))
    assert subject.maps.pd[~air] == pytest.approx(values(PD)[~air], rel=0.02)
    assert not (subject.maps.head & air).any()


def test_a_pd_sidecar_that_cannot_be_is_not_believed(head):
    folder = head(PDmap=values(PD) * 700)
    (folder / "PDmap.json").write_text('{"Units": "relative"}')
    subject = load(find([folder]))
    assert subject.maps.pd.max() < 1.5
    assert "which the median" in subject.sources[-1].how


def test_linked_folders_are_followed_and_circles_are_not(head):
    folder = head("elsewhere/sub-01/anat", "sub-01_")
    root = folder.parents[2] / "linked"
    root.mkdir()
    (root / "sub-01").symlink_to(folder.parent)
    (root / "round").symlink_to(root)
    assert [entry.name for entry in find([root]).entries] == ["sub-01"]


def test_a_chosen_file_joins_a_folder(head):
    folder = head(T1map=None)
    other = write(folder.parent / "other.nii.gz", values(T1) * 1000)
    subject = load(find([folder], {"t1": other}))
    assert {source.kind for source in subject.sources if source.path} == {"t1", "t2", "pd"}
    assert np.allclose(subject.maps.t1, values(T1), rtol=1e-5)


def test_any_file_can_be_named_for_its_kind(head):
    folder = head()
    odd = (folder / "T1map.nii.gz").rename(folder / "scan 7.nii.gz")
    subject = load(find([folder / "T2map.nii.gz", folder / "PDmap.nii.gz"], {"t1": odd}))
    assert np.allclose(subject.maps.t1, values(T1))


@pytest.mark.parametrize("kind", ["t1", "t2"])
def test_the_built_in_brain_has_the_literature_values(kind, brain):
    maps = brain.maps
    pure = {
        "wm": np.percentile(maps.t1[maps.head], 2),
        "gm": np.median(maps.t1[np.isclose(maps.pd, 0.81, atol=1e-3)]),
    }
    assert pure["wm"] == pytest.approx(0.84, rel=0.01)
    assert pure["gm"] == pytest.approx(1.42, rel=0.03)
    assert maps.head.mean() > 0.3
    for axis in range(3):  # the crop loses no brain: only the cut through the neck touches the border
        edge = maps.head.any(axis=tuple(a for a in range(3) if a != axis))
        assert not edge[-1]
        assert axis == 2 or not edge[0]
    assert getattr(maps, kind).max() <= {"t1": 4.31, "t2": 2.01}[kind]


def test_sidecars_are_inherited(head):
    root = dataset(head)
    (root / "T1map.json").write_text('{"Units": "s", "MagneticFieldStrength": 6.98}')
    qmri = root / "derivatives" / "qmri"
    assert load(find([root]), "sub-01").sources[0].how == "from the sidecar"
    assert load(find([root]), "sub-01").field == 7.0
    (qmri / "sub-01" / "anat" / "sub-01_T1map.json").write_text('{"MagneticFieldStrength": 1.494}')
    assert load(find([root]), "sub-01").field == 1.5
    assert load(find([root]), "sub-02").field == 7.0


def big(table, seed=0):
    """A head of 60 voxels with plenty of air, and its tissue."""
    labels = np.kron(tissue(), np.ones((3, 3, 3), int))
    labels = np.pad(labels, 8)
    return np.choose(labels, [0, table["csf"], table["gm"], table["wm"]]).astype(np.float32), labels > 0


@pytest.mark.parametrize("kind", ["noise", "small noise", "cap", "infinite"])
def test_unmasked_t1_maps_have_the_unit_of_the_head(kind, tmp_path):
    """Without a PD map too. A constant in the air is emptied; noise stays, and it is said."""
    t1, inside = big(T1)
    rng = np.random.default_rng(3)
    t1 *= 1000
    t1[inside] *= 1 + 0.04 * rng.standard_normal(inside.sum(), np.float32)
    in_air = {"noise": rng.uniform(0, 4000, (~inside).sum()), "small noise": rng.uniform(0, 60, (~inside).sum())}
    t1[~inside] = in_air.get(kind, 5000 if kind == "cap" else np.inf)
    write(tmp_path / "T1map.nii.gz", t1)
    subject = load(find([tmp_path]))
    assert subject.sources[0].unit == "ms"
    assert subject.maps.t1[inside] == pytest.approx(t1[inside] / 1000)
    assert (subject.maps.head & ~inside).sum() < 0.02 * inside.sum()
    if kind in in_air:
        assert any("not masked" in notice for notice in subject.notices)
    else:
        assert not subject.maps.t1[~inside].any()


def test_unmasked_t1_and_t2_belong_together(tmp_path):
    rng = np.random.default_rng(5)
    for name, table in (("T1map", T1), ("T2map", T2)):
        data, inside = big(table)
        data[~inside] = rng.uniform(0, 4, (~inside).sum())
        write(tmp_path / f"{name}.nii.gz", data)
    assert load(find([tmp_path])).maps.t1.any()


def test_noisy_fluid_and_failed_fits_are_no_other_head(head):
    t1, t2 = np.minimum(values(T1), 2.5), values(T2)
    rng = np.random.default_rng(4)
    fluid = t2 > 1
    t2[fluid] = np.minimum(rng.lognormal(1, 0.5, fluid.sum()), 5)
    failed = (t2 > 0) & (rng.random(t2.shape) < 0.03)
    t2[failed] = 1e6
    assert load(find([head(T1map=t1, T2map=t2)])).maps.t1.shape == t1.shape


def test_maps_of_one_run_are_preferred(head):
    head("runs", "sub-1_run-1_", T2map=None, PDmap=None)
    folder = head("runs", "sub-1_run-2_")
    (entry,) = find([folder]).entries
    assert {path.name for _quantity, path in entry.files.values()} == {
        f"sub-1_run-2_{k}.nii.gz" for k in ("T1map", "T2map", "PDmap")
    }
    assert any("run-1" in notice for notice in entry.notices)


def test_names_that_differ_in_one_session_are_one_person(head):
    folder = head("odd", "sub-1_", T1map=None)
    write(folder / "sub-1_rec-moco_T1map.nii.gz", values(T1))
    (entry,) = find([folder]).entries
    assert set(entry.files) == {"t1", "t2", "pd"}


def test_a_row_for_each_session(head):
    for session in ("a", "b"):
        root = head(f"long/sub-1/ses-{session}", f"sub-1_ses-{session}_").parents[1]
    table = "participant_id\tsession_id\tage\nsub-1\tses-a\t60\nsub-1\tses-b\t62\n"
    (root / "participants.tsv").write_text(table)
    catalog = find([root])
    ages = [next(a.value for a in load(catalog, e.name).attributes if a.name == "Age") for e in catalog.entries]
    assert ages == ["60", "62"]


def test_a_t2star_map_that_cannot_be_used_is_left_aside(head):
    subject = load(find([head(T2starmap=-values(T2))]))
    assert subject.maps.t2star is None
    assert any("No T2* map is used" in notice for notice in subject.notices)
