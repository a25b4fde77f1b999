"""The command line, as people type it."""

import json
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
from PySide6.QtGui import QImage

from mriexplorer import __version__
from mriexplorer.cli import main


def test_version_needs_nothing_heavy():
    heavy = "{'numpy', 'PySide6', 'nibabel', 'argparse'} & set(sys.modules)"
    code = f"import sys; from mriexplorer.cli import main; main(['--version']); print(len({heavy}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:2] == [f"mriexplorer {__version__}", "0"]


def test_importing_the_package_and_the_window_stays_light():
    code = (
        "import sys, mriexplorer; assert not {'PySide6','vtk','torch','monai'} & set(sys.modules);"
        "import mriexplorer.ui.application; print({'torch','vtk','nibabel','scipy','pandas','pyqtgraph'} & set(sys.modules))"
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
    assert [m["unit"] for m in content["maps"]] == ["s", "s", "fraction"]
    assert content["medians"]["t1"] in (0.84, 1.42)
    assert main(["info", str(head())]) == 0
    assert "inferred" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["render", "--sequence", "se", "--ti", "3", "-o", "x.png"], "has no ti"),
        (["render", "--sequence", "se", "--te", "400", "--tr", "200", "-o", "x.png"], "TE must be shorter than TR"),
        (["render", "--sequence", "se", "--te", "-5", "-o", "x.png"], "TE must lie between"),
        (["render", "--preset", "nonsense", "-o", "x.png"], "no preset 'nonsense'"),
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
def test_wrong_flags_exit_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err
