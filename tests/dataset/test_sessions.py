"""Real people as they come: BIDS in all its variety, OASIS-3 as downloaded, tables."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import AFFINE, values, write

from mriexplorer.dataset.scan_times import given_times, read_times
from mriexplorer.dataset.sessions import find_people, with_scans
from mriexplorer.dataset.tables import read_table
from mriexplorer.errors import InputError

HEAD = values({"wm": 900.0, "gm": 600.0, "csf": 150.0})


def image(path: Path, **sidecar: object) -> Path:
    write(path, HEAD.astype(np.float32), AFFINE)
    if sidecar:
        Path(str(path).removesuffix(".nii.gz") + ".json").write_text(json.dumps(sidecar))
    return path


def test_bids_with_sessions_runs_and_missing_scans(tmp_path: Path) -> None:
    image(
        tmp_path / "sub-02/ses-a/anat/sub-02_ses-a_run-1_T1w.nii.gz",
        EchoTime=0.003,
        RepetitionTime=2.3,
        InversionTime=0.9,
        FlipAngle=9,
    )
    image(tmp_path / "sub-02/ses-a/anat/sub-02_ses-a_run-2_T1w.nii.gz")
    image(tmp_path / "sub-02/ses-a/anat/sub-02_ses-a_FLAIR.nii.gz", EchoTime=0.09, RepetitionTime=9, InversionTime=2.5)
    image(tmp_path / "sub-02/ses-b/anat/sub-02_ses-b_T2w.nii.gz", EchoTime=0.1, RepetitionTime=5)
    image(tmp_path / "sub-10/anat/sub-10_T1w.nii.gz", EchoTime=0.003, RepetitionTime=2.3, InversionTime=0.9)
    image(tmp_path / "derivatives/other/sub-10/anat/sub-10_T1w.nii.gz")
    (tmp_path / "participants.tsv").write_text("participant_id\tage\tsex\tMMSE\nsub-02\t71\tF\t29\nsub-03\t55\tM\tn/a\n")
    (tmp_path / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.8.0"}')
    found = find_people(tmp_path)
    assert [(s.name, [scan.kind for scan in s.scans]) for s in found.sessions] == [
        ("sub-02 ses-a", ["T1w", "FLAIR"]),
        ("sub-02 ses-b", ["T2w"]),
        ("sub-10", ["T1w"]),
    ]
    first = found.sessions[0]
    assert first.record == {"age": 71.0, "sex": "F", "mmse": 29.0}
    assert first.scans[0].times.values == {"te": 0.003, "tr": 2.3, "ti": 0.9, "flip": 9.0}
    said = " ".join(found.notices)
    assert "sub-02_ses-a_run-1_T1w.nii.gz was taken, 1 more T1w" in said
    assert "rows without images (1): sub-03" in said
    assert "images but no row in participants.tsv (1): sub-10" in said


def test_oasis_3_as_its_scripts_leave_it(tmp_path: Path) -> None:
    folder = tmp_path / "OAS30001_MR_d0129"
    image(folder / "anat1/sub-OAS30001_ses-d0129_run-01_T1w.nii.gz", EchoTime=0.00316, RepetitionTime=2.4, InversionTime=1)
    image(folder / "anat4/sub-OAS30001_ses-d0129_T2w.nii.gz", EchoTime=0.455, RepetitionTime=3.2)
    image(folder / "anat5/NIFTI/sub-OAS30001_sess-d0129_FLAIR.nii.gz")
    (folder / "anat5/BIDS").mkdir()
    times = {"EchoTime": 0.091, "RepetitionTime": 9, "InversionTime": 2.5}
    (folder / "anat5/BIDS/sub-OAS30001_sess-d0129_FLAIR.json").write_text(json.dumps(times))
    (tmp_path / "OASIS3_demographics.csv").write_text("OASISID,AgeatEntry,GENDER,EDUC,race\nOAS30001,65.2,2,16,White\n")
    (tmp_path / "OASIS3_UDSb4_cdr.csv").write_text(
        "OASISID,OASIS_session_label,days_to_visit,MMSE,CDRTOT\n"
        "OAS30001,OAS30001_UDSb4_d0000,0,30,0\nOAS30001,OAS30001_UDSb4_d0339,339,27,0.5\nOAS30001,OAS30001_UDSb4_d2000,2000,20,1\n"
    )
    found = find_people(tmp_path)
    assert [s.name for s in found.sessions] == ["sub-OAS30001 ses-d0129"]
    session = found.sessions[0]
    assert [scan.kind for scan in session.scans] == ["T1w", "T2w", "FLAIR"]
    known = {"age": 65.6, "sex": "F", "education_years": 16.0, "ethnicity": "White", "mmse": 30.0, "cdr": 0.0}
    assert known.items() <= session.record.items()
    assert session.scans[2].times.values["te"] == 0.091
    assert session.scans[1].times.values["te"] == 0.15
    assert any("TE 455 ms is read as a 3-D variable-flip train" in notice for notice in found.notices)


def test_scans_without_sidecars_take_defaults_and_say_so(tmp_path: Path) -> None:
    for name in ("a", "b"):
        image(tmp_path / name / "T1w.nii.gz")
        image(tmp_path / name / "FLAIR.nii.gz")
    found = find_people(tmp_path, {"FLAIR": given_times("FLAIR", [0.1, 8.0, 2.2])})
    assert [s.person for s in found.sessions] == ["sub-a", "sub-b"]
    assert found.sessions[0].scans[1].times.values == {"te": 0.1, "tr": 8.0, "ti": 2.2}
    notices = [notice for notice in found.notices if "has no" in notice]
    assert len(notices) == 1
    assert notices[0].startswith("T1w has no TE and no TR and no TI in its sidecar; TE 3.16 ms, TR 2400 ms, TI 1000 ms is taken")
    assert notices[0].endswith("(2 scans).")


def test_odd_sidecars_are_read_as_meant(tmp_path: Path) -> None:
    ms = image(tmp_path / "a_T2w.nii.gz", EchoTime=100, RepetitionTime=4000)
    assert read_times(ms, "T2w").values == {"te": 0.1, "tr": 4.0}
    spin = image(tmp_path / "b_T1w.nii.gz", EchoTime=0.012, RepetitionTime=0.5)
    assert read_times(spin, "T1w").sequence == "se"
    philips = image(tmp_path / "c_T1w.nii.gz", EchoTime=0.0035, RepetitionTime=0.0075, InversionTime=0.9)
    times = read_times(philips, "T1w")
    assert times.values == {"te": 0.0035, "es": 0.0075, "ti": 0.9, "tr": 2.4}
    assert "no TR" in times.notes[0]
    broken = image(tmp_path / "d_T1w.nii.gz")
    (tmp_path / "d_T1w.json").write_text("{")
    with pytest.raises(InputError, match="not readable as JSON"):
        read_times(broken, "T1w")


def test_a_table_with_files_and_one_without(tmp_path: Path) -> None:
    image(tmp_path / "x_MR1_T1w.nii.gz")
    table = tmp_path / "sessions.csv"
    table.write_text(
        "session,subject,file,age,sex,education,mmse,cdr\nx_MR1,x,x_MR1_T1w.nii.gz,74,F,2.0,29,0\nx_MR2,x,gone.nii.gz,75,F,2.0,,\n"
    )
    found = find_people(tmp_path)
    assert [(s.name, s.person, len(s.scans)) for s in found.sessions] == [("x_MR1", "x", 1), ("x_MR2", "x", 0)]
    assert found.sessions[0].record == {"age": 74.0, "sex": "F", "mmse": 29.0, "cdr": 0.0}  # levels 1 to 5 are no years
    assert found.sessions[1].record == {"age": 75.0, "sex": "F"}  # not assessed is not zero
    assert any("names images that are not there (1): gone.nii.gz" in notice for notice in found.notices)
    assert len(with_scans(found).sessions) == 1
    people = tmp_path / "people.csv"
    people.write_text("source,subject,age,sex,height_cm,weight_kg\nIXI,002,35.8,F,164,58\nDLBS,002,40,M,1.80,80\n")
    found = find_people(people)
    assert [s.name for s in found.sessions] == ["IXI-002", "DLBS-002"]
    assert found.sessions[1].record["height_cm"] == 180.0
    with pytest.raises(InputError, match="names 2 people, but no images"):
        with_scans(found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("subject,age\na,1\na,2\n", "line 3: a occurs a second time"),
        ("name,age\na,1\n", "no column participant_id or subject"),
        ("subject,age\na\n", "line 2: 1 cells where the header has 2"),
        ("subject,age\n,3\n", "line 2: the row names nobody"),
        ("subject,age\n", "has no rows"),
        ('subject,age\n"a,3\n', "not a readable table"),
    ],
)
def test_broken_tables_are_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=sentence) as refused:
        read_table(path)
    assert str(path) in str(refused.value)


def test_nobody_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        find_people(tmp_path / "gone")
    with pytest.raises(InputError, match="no scans named T1w"):
        find_people(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="no table"):
        find_people(tmp_path / "notes.txt")


def test_impossible_times_are_not_taken(tmp_path: Path) -> None:
    for number, value in enumerate((float("inf"), True, -1, 10**400, "0.1", [0.1], 1e8)):
        path = image(tmp_path / f"s{number}_T2w.nii.gz", EchoTime=value, RepetitionTime=4)
        times = read_times(path, "T2w")
        assert times.values == {"te": 0.1, "tr": 4.0}
        assert "has no TE" in times.notes[0]


def test_other_tables_beside_a_dataset_are_left_alone(tmp_path: Path) -> None:
    image(tmp_path / "sub-01/anat/sub-01_T1w.nii.gz", EchoTime=0.003, RepetitionTime=2.3, InversionTime=0.9)
    (tmp_path / "notes.csv").write_text("a;b\n")
    (tmp_path / "other.csv").write_text("subject,age\nsub-01,70\n")
    found = find_people(tmp_path)
    assert found.sessions[0].record == {} and found.notices == ()


def test_two_folders_of_one_name_are_two_people(tmp_path: Path) -> None:
    for place, kind in (("siteA/sub-01", "T1w"), ("siteB/sub-01", "T1w"), ("siteB/sub-01", "T2w"), ("siteB/sub-02", "T1w")):
        image(tmp_path / place / f"anat/{Path(place).name}_{kind}.nii.gz")
    found = find_people(tmp_path)
    scans = [[scan.path.parts[-4] for scan in session.scans] for session in found.sessions]
    assert sorted(scans) == [["siteA"], ["siteB"], ["siteB", "siteB"]]
    assert len({session.person for session in found.sessions}) == 3
    assert any("sub-01 is in several folders, which are taken for different people (2)" in notice for notice in found.notices)


def test_names_that_differ_by_signs_only_are_two_people(tmp_path: Path) -> None:
    image(tmp_path / "1-2/T1.nii.gz")
    image(tmp_path / "12/T2.nii.gz")
    assert [len(session.scans) for session in find_people(tmp_path).sessions] == [1, 1]


@pytest.mark.parametrize("root", [".", "all", "my_sub-set"])
def test_folders_of_patients_may_lie_anywhere(tmp_path: Path, root: str) -> None:
    for name in ("pat1", "pat2"):
        image(tmp_path / root / name / "T1.nii.gz")
        image(tmp_path / root / name / "2024/scans/FLAIR.nii.gz")
    assert [s.name for s in find_people(tmp_path / root).sessions] == [
        "sub-pat1",
        "sub-pat1 ses-2024",
        "sub-pat2",
        "sub-pat2 ses-2024",
    ]


def test_a_broken_sidecar_leaves_one_person_out(tmp_path: Path) -> None:
    image(tmp_path / "sub-1/anat/sub-1_T1w.nii.gz")
    image(tmp_path / "sub-2/anat/sub-2_T1w.nii.gz")
    (tmp_path / "sub-2/anat/sub-2_T1w.json").write_text("[]")
    found = find_people(tmp_path)
    assert [s.name for s in found.sessions] == ["sub-1"]
    assert any("sub-2 is left out:" in notice and "sub-2_T1w.json" in notice for notice in found.notices)


def test_simulated_people_without_a_table_keep_their_anatomy(tmp_path: Path) -> None:
    for name, about in (("sub-synth0001", {"Simulation": {"Anatomy": "head7"}}), ("sub-synth0002", {"Synthetic": True})):
        for kind in ("T1map", "T2map", "PDmap"):
            image(tmp_path / f"{name}/anat/{name}_desc-synthetic_{kind}.nii.gz", MagneticFieldStrength=1.5, **about)
    found = with_scans(find_people(tmp_path))
    assert [(s.origin, s.field, set(s.maps)) for s in found.sessions] == [
        ("head7", 1.5, {"t1", "t2", "pd"}),
        ("unknown", 1.5, {"t1", "t2", "pd"}),
    ]


def test_pairs_and_linked_folders_are_followed(tmp_path: Path) -> None:
    image(tmp_path / "elsewhere/sub-2_T1w.nii.gz")
    (tmp_path / "set/sub-1").mkdir(parents=True)
    image(tmp_path / "set/sub-1/sub-1_T1w.hdr")
    (tmp_path / "set/sub-2").symlink_to(tmp_path / "elsewhere")
    found = find_people(tmp_path / "set")
    assert [(s.name, s.scans[0].path.name) for s in found.sessions] == [("sub-1", "sub-1_T1w.hdr"), ("sub-2", "sub-2_T1w.nii.gz")]
    assert not any("left aside" in notice for notice in found.notices)
