"""People sampled into a dataset by the shipped models: whole, the same again, gone on with, and never among foreign files."""

import csv
import errno
import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from mriexplorer.cli import main
from mriexplorer.dataset import synthetic as invented
from mriexplorer.places import FOLDING, PEOPLE, models

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((models() / name / "config.json").is_file() for name in (PEOPLE, FOLDING)),
        reason="the shipped models are not there",
    ),
]
SAMPLE = ["sample", "--voxel", "2", "--seed", "5", "--age", "72", "--sex", "f"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people."""
    target = tmp_path_factory.mktemp("sampled") / "set"
    assert main([*SAMPLE, "-n", "2", "-o", str(target)]) == 0
    return target


def rows(target: Path) -> list[dict[str, str]]:
    with (target / "participants.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_record_and_maps_fit_each_other(dataset: Path) -> None:
    people = rows(dataset)
    assert [row["participant_id"] for row in people] == ["sub-sampled0001", "sub-sampled0002"]
    for row in people:
        assert float(row["age"]) == 72 and row["sex"] == "F"
        assert abs(float(row["bmi"]) - float(row["weight"]) / (float(row["height"]) / 100) ** 2) < 0.02
        anat = dataset / row["participant_id"] / "anat"
        labels = np.asarray(nib.load(anat / f"{row['participant_id']}_desc-synthetic_dseg.nii.gz").dataobj)
        t1 = np.asarray(nib.load(anat / f"{row['participant_id']}_desc-synthetic_T1map.nii.gz").dataobj)
        inside = (labels > 0).sum() * 8 / 1000
        assert abs(inside / float(row["etiv"]) - 1) < 0.05  # head size as in the record
        assert 0.6 < np.median(t1[labels == 1]) < 1.1  # white matter at 3 T, seconds
        assert t1[labels == 0].max() < 5 and (t1[labels > 0] > 0).mean() > 0.99
    one, other = (np.asarray(nib.load(next(dataset.glob(f"{r['participant_id']}/anat/*T1map.nii.gz"))).dataobj) for r in people)
    assert np.abs(one - other).mean() > 0.05  # two people, not one


def test_every_file_says_that_it_is_synthetic(dataset: Path) -> None:
    sidecars = sorted(dataset.glob("sub-*/anat/*.json"))
    assert len(sidecars) == 10
    assert all(json.loads(path.read_text())["Synthetic"] is True for path in sidecars)
    assert "not for diagnosis" in (dataset / "README.md").read_text().lower()
    assert json.loads((dataset / "dataset_description.json").read_text())["DatasetType"] == "derivative"
    images = sorted(dataset.glob("sub-*/anat/*.nii.gz"))
    assert all(b"SYNTHETIC" in nib.load(path).header["descrip"].tobytes() for path in images)


def test_the_same_command_goes_on_and_gives_the_same(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in dataset.glob("sub-*/anat/*.nii.gz")}
    assert main([*SAMPLE, "-n", "2", "-o", str(dataset)]) == 0
    assert "2 of 2 people are there already" in capsys.readouterr().err
    assert before == {path: path.stat().st_mtime_ns for path in dataset.glob("sub-*/anat/*.nii.gz")}
    assert main([*SAMPLE, "-n", "1", "-o", str(tmp_path / "again")]) == 0
    name = "sub-sampled0001/anat/sub-sampled0001_desc-synthetic_T1map.nii.gz"
    assert (dataset / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--age", "-3"], "Age cannot be -3"),
        (["--age", "400"], "between 0 and 120"),
        (["--height", "1.75"], "Did you mean 175 cm"),
        (["--sex", "unknown"], "one of F, M"),
        (["--bmi", "22", "--height", "180", "--weight", "100"], "make a BMI of 30.9"),
        (["--model", "nobody"], "nobody is no model"),
        (["--model", "scans-to-maps-1mm"], "nobody can be sampled"),
        (["--folding", "people-1mm"], "is of no cortical folding"),
        (["--seed", "6"], "was begun with other settings"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    more: list[str], said: str, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in dataset.rglob("*") if path.is_file()}
    assert main([*SAMPLE, "-n", "3", "-o", str(dataset), *more]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") <= 2
    after = {path: path.stat().st_mtime_ns for path in dataset.rglob("*") if path.is_file() and path.name != "participants.tsv"}
    assert after == {path: time for path, time in before.items() if path.name != "participants.tsv"}


def test_extrapolation_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "--voxel", "2", "-n", "1", "--age", "104", "-o", str(tmp_path / "old")]) == 0
    assert "extrapolation: Age 104 lies outside" in capsys.readouterr().err


def test_foreign_files_are_never_written_among(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    assert main([*SAMPLE, "-n", "1", "-o", str(tmp_path)]) == 2
    assert "not sampled people" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_full_disk_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, *_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(invented, "save_integers", full)
    assert main([*SAMPLE, "-n", "1", "-o", str(tmp_path / "set")]) == 2
    assert "the disk is full" in capsys.readouterr().err
    assert not list((tmp_path / "set").glob("*sub-*"))


def test_a_brain_tells_of_its_person(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", str(dataset), "--person", "sub-sampled0001", "--sex", "F"]) == 0
    explained = capsys.readouterr()
    age = next(line for line in explained.out.splitlines() if line.startswith("Age"))
    assert 55 < float(age.split()[1]) < 90  # of somebody sampled at 72
    assert "not for diagnosis" in explained.err
