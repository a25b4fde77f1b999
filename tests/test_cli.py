"""The command line, as people type it."""

import json
import os
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
from conftest import T1, values
from PySide6.QtGui import QImage

from mriexplorer.cli import main
from mriexplorer.version import __version__


def test_version_needs_nothing_heavy():
    heavy = "{'numpy', 'PySide6', 'nibabel', 'argparse'} & set(sys.modules)"
    code = f"import sys; sys.argv[1:] = ['--version']; from mriexplorer.__main__ import main; main(); print(len({heavy}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:2] == [f"mriexplorer {__version__}", "0"]


def test_importing_the_package_and_the_window_stays_light():
    code = (
        "import sys, mriexplorer; assert not {'PySide6','vtk','torch','monai'} & set(sys.modules);"
        "import mriexplorer.ui.window.application; "
        "print({'torch','vtk','nibabel','scipy','pandas','pyqtgraph'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_render_writes_a_picture(tmp_path, capsys):
    out = tmp_path / "bild ä.png"
    assert (
        main(
            [
                "render",
                "--sequence",
                "tse",
                "--te",
                "90ms",
                "--tr",
                "4s",
                "--plane",
                "axial",
                "--slice",
                "12",
                "-o",
                str(out),
            ]
        )
        == 0
    )
    image = QImage(str(out))
    assert image.width() > 400
    assert capsys.readouterr().out.strip() == str(out)
    assert not list(tmp_path.glob(".writing-*"))


def test_render_adds_noise(head, tmp_path):
    target = tmp_path / "noisy.nii.gz"
    assert main(["render", str(head()), "--sequence", "tse", "--snr", "20", "--noise-seed", "3", "-o", str(target)]) == 0
    told = json.loads((tmp_path / "noisy.json").read_text())["SyntheticNoise"]
    assert (told["SNR"], told["Seed"]) == (20.0, 3)
    assert (nib.load(target).get_fdata() > 0).all()


def test_render_writes_nifti_with_its_sidecar(head, tmp_path):
    out = tmp_path / "signal.nii.gz"
    assert (
        main(
            [
                "render",
                str(head()),
                "--sequence",
                "flair",
                "--te",
                "100",
                "--tr",
                "9000",
                "--ti",
                "2400",
                "-o",
                str(out),
            ]
        )
        == 0
    )
    assert nib.load(out).get_data_dtype() == np.float32
    assert json.loads((tmp_path / "signal.json").read_text())["InversionTime"] == 2.4


def test_info_says_what_a_folder_is(head, capsys):
    assert main(["info", str(head()), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)["people"][0]
    assert content["shape"] == [20, 24, 18]
    assert content["orientation"] == "RAS"
    assert [m["unit"] for m in content["maps"] if m["file"]] == ["s", "s", "fraction"]
    assert content["medians"]["t1"] in (0.84, 1.42)
    assert main(["info", str(head())]) == 0
    assert "inferred" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["render", "--sequence", "se", "--ti", "3", "-o", "x.png"], "has no ti"),
        (["render", "--sequence", "se", "--te", "400", "--tr", "200", "-o", "x.png"], "TE must be shorter than TR"),
        (["render", "--sequence", "se", "--te", "-5", "-o", "x.png"], "TE must lie between"),
        (["render", "--preset", "nonsense", "-o", "x.png"], "'nonsense' is no preset"),
        (["render", "--snr", "0.2", "-o", "x.png"], "--snr lies between"),
        (["render", "--snr", "9", "--noise-seed", "-1", "-o", "x.png"], "--noise-seed between"),
        (["render", "--plane", "axial", "--slice", "999", "-o", "x.png"], "outside the volume"),
        (["render", "--slice", "9", "-o", "x.png"], "--slice needs one plane"),
        (["render", "--window", "1", "0", "-o", "x.png"], "the first must be below"),
        (["render", "-o", "x.jpg"], "a picture ends in .png"),
        (["render", "-o", "/proc/none/x.png"], "could not be written"),
        (["render", "--sequence", "se", "-o", "/proc/none/x.nii"], "could not be written"),
        (["info", "/no/such/place"], "no such file"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [["render"], ["render", "--te", "nan", "-o", "x.png"], ["render", "--sequence", "nope", "-o", "x"]]
)
def test_wrong_flags_are_said_in_one_sentence(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--help" in said


def test_an_input_is_never_overwritten(head, tmp_path, capsys):
    folder = head()
    before = (folder / "T2map.nii.gz").read_bytes()
    assert main(["render", str(folder), "--sequence", "se", "-o", str(folder / "T2map.nii.gz")]) == 2
    assert (folder / "T2map.nii.gz").read_bytes() == before
    (tmp_path / "mine.json").write_text("{}")
    assert main(["render", str(folder), "--sequence", "se", "-o", str(tmp_path / "mine.nii.gz")]) == 2
    assert (tmp_path / "mine.json").read_text() == "{}"
    assert not (tmp_path / "mine.nii.gz").exists()
    assert "choose another name" in capsys.readouterr().err


def test_one_bad_person_does_not_hide_the_others(head, capsys):
    head("two", "sub-01_")
    folder = head("two", "sub-02_")
    (folder / "sub-02_T1map.nii.gz").write_bytes(b"broken")
    assert main(["info", str(folder)]) == 2
    captured = capsys.readouterr()
    assert "sub-01" in captured.out
    assert "sub-02_T1map.nii.gz is not a readable" in captured.err


def test_a_thin_slab_is_rendered(head, tmp_path):
    thin = np.where(np.arange(18) == 5, values(T1), 0).astype(np.float32)
    assert main(["render", str(head(T1map=thin)), "--sequence", "se", "-o", str(tmp_path / "thin.png")]) == 0


def test_participants_are_found_from_inside_the_dataset(head, capsys, monkeypatch):
    folder = head("ds/sub-01/anat", "sub-01_")
    (folder.parents[1] / "participants.tsv").write_text("participant_id\tage\nsub-01\t63\n")
    monkeypatch.chdir(folder)
    assert main(["info", "sub-01_T1map.nii.gz"]) == 0
    assert "Age: 63" in capsys.readouterr().out


def test_info_tells_the_units_of_what_is_recorded(head, tmp_path, capsys):
    head("set/sub-1/anat", "sub-1_")
    (tmp_path / "set/participants.tsv").write_text("participant_id\tage\nsub-1\t64\n")
    (tmp_path / "set/participants.json").write_text('{"age": {"Units": "year"}}')
    assert main(["info", str(tmp_path / "set")]) == 0
    assert "Age: 64 year" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["info", "FOLDER"]])
def test_a_reader_that_has_enough_ends_the_program_quietly(head, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    arguments = [str(head()) if word == "FOLDER" else word for word in arguments]
    run = subprocess.run([sys.executable, "-m", "mriexplorer", *arguments], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (run.returncode, run.stderr) == (0, "")
