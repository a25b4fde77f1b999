"""The verb of the judge on the command line: what it refuses, in one sentence, with nothing half-written."""

import nibabel as nib
import numpy as np
import pytest

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.images import maps_of
from mriexplorer.evaluation.cohort.sources import PersonSource, people_in
from mriexplorer.simulation.person import grid_of


@pytest.fixture
def people(tmp_path):
    """A folder of a few people, each a T1w of the same values."""

    def made(count, name="people"):
        for n in range(count):
            home = tmp_path / name / f"sub-{n:02d}" / "anat"
            home.mkdir(parents=True)
            nib.save(nib.Nifti1Image(np.ones((6, 6, 6), np.float32), np.eye(4)), home / f"sub-{n:02d}_T1w.nii.gz")
        return tmp_path / name

    return made


def refused(capsys, *words):
    assert main(["evaluate", *map(str, words)]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    return told[-1]


def test_people_are_refused_in_one_sentence(people, tmp_path, capsys):
    few, many, report = people(3, "few"), people(9, "many"), tmp_path / "report"
    assert "only 3 people" in refused(capsys, "people", few, "--real", many, "-o", report)
    assert "is not there" in refused(capsys, "people", few, "--real", tmp_path / "none", "-o", report)
    assert "two different folders" in refused(capsys, "people", many, "--real", many, "-o", report)
    assert "half of them are compared with the other half" in refused(
        capsys, "people", people(8, "more"), "--real", many, "-o", report
    )
    assert "nobody is no model" in refused(capsys, "people", "nobody", "--real", many, "-o", report)
    assert not list(report.glob("*.*"))


def test_a_report_is_not_written_over_a_file(people, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert "is a file" in refused(capsys, "people", people(9), "--real", tmp_path, "-o", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_damaged_model_is_named(people, tmp_path, capsys):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"kind": "people", "format": 99}')
    told = refused(capsys, "people", tmp_path / "model", "--real", people(16), "-o", tmp_path / "report")
    assert "config.json" in told and "version" in told


def test_people_of_whom_no_image_can_be_used_are_refused_with_the_reason(people, tmp_path, capsys):
    told = refused(capsys, "people", people(8, "mine"), "--real", people(16, "real"), "-o", tmp_path / "report")
    assert "could be used" in told and "sub-00" in told
    assert not (tmp_path / "report" / "evaluation.json").exists()


def test_a_model_that_makes_no_maps_is_pointed_to_the_other_verb(tmp_path, capsys):
    assert "mriexplorer evaluate people" in refused(capsys, "maps", "people-1mm", "--data", tmp_path)


def test_maps_with_values_that_are_no_numbers_are_refused(tmp_path):
    home = tmp_path / "sub-01" / "anat"
    home.mkdir(parents=True)
    grid = grid_of(2)
    for name in ("PDmap", "T1map", "T2map"):
        data = np.full(grid.shape, np.nan if name == "T1map" else 0.5, np.float32)
        nib.save(nib.Nifti1Image(data, grid.affine), home / f"sub-01_desc-synthetic_{name}.nii.gz")
    with pytest.raises(InputError, match=r"one person"):
        people_in(tmp_path)
    from mriexplorer.dataset.sessions import find_people

    session = find_people(tmp_path).sessions[0]
    with pytest.raises(InputError, match="no numbers"):
        maps_of(PersonSource("sub-01", "sub-01", "", {}, session=session))
