"""A simulated dataset: whole people or none, the same each time, and clear sentences for what cannot be."""

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from conftest import write

from mriexplorer.cli import main
from mriexplorer.dataset import simulated
from mriexplorer.dataset import synthetic as invented
from mriexplorer.dataset.simulated import SimulationSettings, simulate
from mriexplorer.errors import InputError
from mriexplorer.simulation import person as people
from mriexplorer.simulation.anatomy import prepare, sources
from mriexplorer.subject.catalog import find, load
from mriexplorer.workers import Workers, alone_in

pytestmark = pytest.mark.slow
PARTS = ("T1map", "T2map", "T2starmap", "PDmap", "dseg", "T1w", "FLAIR")


def run(target: Path, number: int = 2, **changed: object) -> list[str]:
    with Workers() as workers:
        return simulate(SimulationSettings(number, 5, target, voxel=2, scans=("T1w", "FLAIR"), **changed), workers)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("people") / "set"
    run(target)
    return target


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_person_is_whole(dataset: Path) -> None:
    for name in ("sub-synth0001", "sub-synth0002"):
        for part in PARTS:
            stem = dataset / name / "anat" / f"{name}_desc-synthetic_{part}"
            about = json.loads(Path(f"{stem}.json").read_text())
            assert about["Synthetic"] is True and "not for diagnosis" in about["Description"]
            assert nibabel.load(f"{stem}.nii.gz").get_fdata().max() > 0
    table = (dataset / "participants.tsv").read_text().splitlines()
    assert [line.split("\t")[0] for line in table] == ["participant_id", "sub-synth0001", "sub-synth0002"]
    assert set(table[0].split("\t")) <= set(json.loads((dataset / "participants.json").read_text()))


def test_the_validator_finds_no_error(dataset: Path) -> None:
    validator = Path(sys.executable).parent / ("bids-validator-deno.exe" if os.name == "nt" else "bids-validator-deno")
    found = subprocess.run([validator, dataset, "--json"], capture_output=True, text=True, check=False)
    issues = json.loads(found.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []


def test_maps_open_as_an_invented_person(dataset: Path) -> None:
    subject = load(find([dataset]), "sub-synth0002")
    assert subject.synthetic and subject.field == 3.0 and subject.notices == ()
    shown = {attribute.name: attribute.value for attribute in subject.attributes}
    assert {"Age", "BMI", "MMSE", "CDR", "eTIV", "nWBV", "Ventricles"} <= set(shown)
    assert 0.7 < np.median(subject.maps.t1[subject.maps.head]) < 1.8


def test_the_scan_is_the_signal_of_the_maps_with_what_the_sidecar_says(dataset: Path, tmp_path: Path) -> None:
    """Without effects, anybody can compute the scan from maps and sidecar."""
    from mriexplorer.physics import SEQUENCES, signal

    run(tmp_path / "plain", 1, without=("bias", "blur", "gain", "noise", "shift", "thickness"))
    anat = tmp_path / "plain" / "sub-synth0001" / "anat"
    t1, t2, pd = (nibabel.load(anat / f"sub-synth0001_desc-synthetic_{m}map.nii.gz").get_fdata() for m in ("T1", "T2", "PD"))
    about = json.loads((anat / "sub-synth0001_desc-synthetic_FLAIR.json").read_text())
    values = {p.name: about[p.bids] for p in SEQUENCES["flair"].parameters}
    head = pd > 0
    expected = signal(SEQUENCES["flair"], pd[head], t1[head], t2[head], values)
    found = nibabel.load(anat / "sub-synth0001_desc-synthetic_FLAIR.nii.gz").get_fdata()[head] / about["Simulation"]["Gain"]
    assert np.abs(found - expected).max() < 0.004
    assert np.abs(found - expected).mean() < 0.0006


@pytest.mark.parametrize("jobs", [2, 4])
def test_the_same_seed_gives_the_same_bytes_however_many_work(dataset: Path, tmp_path: Path, jobs: int) -> None:
    with Workers(jobs) as workers:
        simulate(SimulationSettings(2, 5, tmp_path / "again", voxel=2, scans=("T1w", "FLAIR")), workers)
    assert contents(tmp_path / "again") == contents(dataset)


def test_an_interrupted_run_goes_on_and_a_longer_one_adds(dataset: Path, tmp_path: Path) -> None:
    target = tmp_path / "set"
    shutil.copytree(dataset, target)
    shutil.rmtree(target / "sub-synth0002")
    (target / ".writing-sub-synth0002" / "anat").mkdir(parents=True)
    before = (target / "sub-synth0001" / "anat" / "sub-synth0001_desc-synthetic_T1w.nii.gz").stat().st_mtime_ns
    said: list[str] = []
    with Workers() as workers:
        simulate(SimulationSettings(3, 5, target, voxel=2, scans=("T1w", "FLAIR")), workers, said.append)
    assert said[1] == "1 of 3 people are there already"
    assert before == (target / "sub-synth0001" / "anat" / "sub-synth0001_desc-synthetic_T1w.nii.gz").stat().st_mtime_ns
    assert contents(target / "sub-synth0002") == contents(dataset / "sub-synth0002")
    assert not list(target.glob(".writing*"))
    assert len((target / "participants.tsv").read_text().splitlines()) == 4


@pytest.mark.parametrize(("changed", "what"), [({"seed": 6}, "seed was 5, now 6"), ({"field": 7.0}, "field was 3.0, now 7.0")])
def test_other_settings_for_the_same_folder_are_refused(dataset: Path, changed: dict[str, object], what: str) -> None:
    before = contents(dataset)
    settings = {"number": 2, "seed": 5, "target": dataset, "voxel": 2, "scans": ("T1w", "FLAIR")} | changed
    with Workers() as workers, pytest.raises(InputError, match=what):
        simulate(SimulationSettings(**settings), workers)  # type: ignore[arg-type]
    assert contents(dataset) == before


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(InputError, match="not simulated people"):
        run(tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"precious"}
    with pytest.raises(InputError, match="is a file"):
        run(tmp_path / "thesis.txt")


def test_a_full_disk_leaves_whole_people_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = invented.save_integers
    count = 0

    def full(path: Path, *arguments: object) -> None:
        nonlocal count
        count += 1
        if count > len(PARTS) + 2:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("mriexplorer.dataset.synthetic.save_integers", full)
    with pytest.raises(InputError, match=r"the disk is full\. People that are complete \(1\) stay"):
        run(tmp_path / "set")
    assert [p.name for p in (tmp_path / "set").iterdir() if p.name.startswith(("sub-", ".writing"))] == ["sub-synth0001"]
    assert (tmp_path / "set" / "participants.tsv").read_text().count("sub-synth") == 1
    monkeypatch.undo()
    assert run(tmp_path / "set") == ["sub-synth0001", "sub-synth0002"]


def test_ctrl_c_leaves_whole_people_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = simulated.make

    def stopped(plan: object, number: int) -> object:
        if number == 1:
            raise KeyboardInterrupt
        return made(plan, number)  # type: ignore[arg-type]

    monkeypatch.setattr(simulated, "make", stopped)
    command = ["simulate", "-n", "2", "--seed", "5", "-o", str(tmp_path / "set"), "--voxel", "2", "--scans", "T1w"]
    assert main(command) == 2
    assert "stopped; whoever is complete stays" in capsys.readouterr().err
    assert sorted(p.name for p in (tmp_path / "set").glob("sub*")) == ["sub-synth0001"]
    monkeypatch.undo()
    assert main(command) == 0
    assert capsys.readouterr().out.strip() == f"{tmp_path / 'set'}: 2 simulated people"


def test_people_can_be_made_of_a_folder_of_label_maps(label_folder: Path, tmp_path: Path) -> None:
    run(tmp_path / "set", 1, anatomies=label_folder)
    assert "head_seg" in (tmp_path / "set" / "participants.tsv").read_text()


def test_a_bad_label_map_is_named_and_nothing_is_made(
    label_folder: Path,
    tmp_path: Path,
    codes: np.ndarray,
    label_affine: np.ndarray,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = write(label_folder / "bad_seg.nii.gz", np.where(codes == 3, 888, codes).astype(np.int16), label_affine)
    target = tmp_path / "set"
    assert main(["simulate", "-n", "1", "-o", str(target), "--anatomies", str(label_folder)]) == 2
    sentence = capsys.readouterr().err
    assert str(bad) in sentence and "888" in sentence
    assert not target.exists()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["-n", "0"], "not a whole number"),
        (["-n", "2", "--field", "5"], "invalid choice"),
        (["-n", "2", "--scans", "DWI"], "invalid choice"),
        (["-n", "1", "--scheduler", "tcp://127.0.0.1:9"], "no dask scheduler answers"),
        (["-n", "1", "--anatomies", "/nowhere"], "no such folder"),
    ],
)
def test_wrong_flags_are_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], sentence: str,
                                    monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("mriexplorer.workers._PATIENCE", 1)
    assert main(["simulate", *flags, "-o", str(tmp_path / "set")]) == 2
    found = capsys.readouterr().err
    assert sentence in found and found.count("\n") == 1
    assert not (tmp_path / "set").exists()


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with alone_in(tmp_path / "set"), pytest.raises(InputError, match="another run is writing into"):
        run(tmp_path / "set", 1)
    assert not (tmp_path / "set").exists()


def test_a_label_map_that_changes_meanwhile_is_said(
    label_folder: Path, plan: people.SimulationPlan, codes: np.ndarray, label_affine: np.ndarray
) -> None:
    path = label_folder / "head_seg.nii.gz"
    source = people.source_of(path, prepare(path))
    thinner = codes.copy()
    thinner[:, :, -10:] = 0
    write(path, thinner, label_affine)
    with pytest.raises(InputError, match="changed while people were made of it"):
        people.make(replace(plan, sources=(source,)), 0)


def test_a_person_without_files_is_made_again(dataset: Path, tmp_path: Path) -> None:
    target = tmp_path / "set"
    shutil.copytree(dataset, target)
    (target / "sub-synth0001" / "anat" / "sub-synth0001_desc-synthetic_T1map.nii.gz").unlink()
    (target / "sub-synth0002" / "anat" / "sub-synth0002_desc-synthetic_dseg.json").write_text('{"Person": [1]}')
    run(target)
    assert contents(target) == contents(dataset)


def test_two_label_maps_of_one_name_are_told_apart(label_folder: Path, codes: np.ndarray, label_affine: np.ndarray) -> None:
    thinner = codes.copy()
    thinner[:, :, -10:] = 0
    write(label_folder / "again" / "head_seg.nii.gz", thinner, label_affine)
    with Workers() as workers:
        found = simulated._prepared([p for p in sources(label_folder) if p], workers, lambda _what: None)
    assert [source.name[:9] for source in found] == ["head_seg-", "head_seg-"] and found[0].name != found[1].name


def test_pd_is_read_as_it_was_written(dataset: Path) -> None:
    subject = load(find([dataset]), "sub-synth0001")
    stored = nibabel.load(dataset / "sub-synth0001" / "anat" / "sub-synth0001_desc-synthetic_PDmap.nii.gz").get_fdata()
    assert np.abs(subject.maps.pd - stored).max() < 1e-6
