"""Without Qt, pyqtgraph and vtk: every verb that needs no picture works, and the others say what to install."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mriexplorer

pytestmark = pytest.mark.slow  # every verb runs in a process of its own
DRIVER = """
import json, sys
from importlib.abc import MetaPathFinder

class Refusing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "font_roboto", "pyqtgraph", "vtk", "vtkmodules"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refusing())
import mriexplorer
from mriexplorer.cli import main
for arguments in json.loads(sys.argv[1]):
    code = main(arguments)
    print(json.dumps(["code", code]), flush=True)
    print(json.dumps(["code", code]), file=sys.stderr, flush=True)
"""
CONFIGURATION = """
[network]
cell = 2
widths = [8, 8]
kernels = [3, 3]
latents = [8, 4]
fine = 4

[training]
patch = [16, 16, 16]
steps = 4
protocols = 0.5
rate = 3e-3
precision = "32-true"
weights = { squared = false, maps = 1.0, spread = 0.1, edges = 1.0 }
"""


def run(folder: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of each command, all in one process without the packages of the window."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, json.dumps(commands)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said, failed = _parts(done.stdout), _parts(done.stderr)
    assert len(said) == len(commands), done.stderr
    return [(code, out, err) for (code, out), (_code, err) in zip(said, failed, strict=True)]


def _parts(text: str) -> list[tuple[int, str]]:
    parts: list[tuple[int, str]] = []
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith('["code", '):
            parts.append((json.loads(line)[1], "\n".join(lines)))
            lines = []
        else:
            lines.append(line)
    return parts


SCAN = "simulated/sub-synth0001/anat/sub-synth0001_desc-synthetic_T1w.nii.gz"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, small_store: Path) -> Path:
    """The folder in which every verb that needs no picture was run."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "small.toml").write_text(CONFIGURATION)
    commands = [
        ["simulate", "-n", "1", "--voxel", "2", "--scans", "T1w", "-o", "simulated"],
        ["info", "simulated", "--json"],
        ["render", "simulated", "--sequence", "tse", "-o", "image.nii.gz"],
        ["render", "simulated", "--sequence", "flair", "-o", "derivative"],
        ["render", "simulated", "--sequence", "flair", "--dicom", "-o", "series"],
        ["gather", "simulated", "-o", "store"],
        ["train", "autoencoder", "--config", "small.toml", "--data", str(small_store), "--devices", "1", "-o", "model"],
        ["evaluate", "maps", "model", "--data", "store", "--everyone", "--device", "cpu"],
        ["encode", SCAN, "--model", "model", "--device", "cpu", "-o", "encoded"],
        ["sample", "-n", "1", "--voxel", "2", "--device", "cpu", "-o", "sampled"],
        ["estimate", "sampled"],
    ]
    for command, (code, _out, err) in zip(commands, run(folder, *commands), strict=True):
        assert code == 0, (command, err)
    return folder


def test_what_needs_no_picture_needs_no_window(made: Path) -> None:
    assert (made / "image.json").is_file() and list((made / "series").glob("*.dcm"))
    assert list(made.glob("derivative/sub-synth0001/anat/*_FLAIR.nii.gz"))
    assert list(made.glob("encoded/sub-patient/anat/*_T1map.nii.gz"))
    assert (made / "model/evaluation.json").is_file() and (made / "model/training/curves.png").is_file()


def test_the_same_calls_from_python_find_all_of_it_done(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*.nii.gz")}
    told: list[str] = []
    simulated = mriexplorer.simulate(1, 1, made / "simulated", voxel=2, scans=["T1w"], progress=told.append)
    sampled = mriexplorer.sample_people(1, 1, str(made / "sampled"), voxel=2, progress=told.append)
    assert (simulated.names, sampled.names) == (("sub-synth0001",), ("sub-sampled0001",))
    gathered = mriexplorer.gather(made / "simulated", made / "store", progress=told.append)
    assert len([line for line in told if "are there already" in line]) == 3
    assert mriexplorer.open_store(gathered.folder).entries[0].images.shape == (1, 80, 112, 80)
    assert any("cannot be split" in notice for notice in gathered.notices)
    assert before == {path: path.stat().st_mtime_ns for path in made.rglob("*.nii.gz")}


def test_scans_are_encoded_into_memory_as_into_files(made: Path) -> None:
    found = mriexplorer.encode(made / SCAN, model=made / "model", device="cpu")
    read = mriexplorer.load(made / "encoded")
    for kind in ("pd", "t1", "t2"):
        assert np.array_equal(getattr(found.maps, kind), getattr(read.maps, kind))
    assert (found.name, found.companions.scans[0].kind) == (read.name, "T1w")
    assert not any(source.path for source in found.sources)
    assert SCAN.rsplit("/", 1)[-1] in found.description


def test_what_needs_the_window_says_what_to_install(tmp_path: Path) -> None:
    missing = "PySide6, font_roboto, pyqtgraph, vtkmodules"
    commands = [
        [],
        ["--sequence", "flair"],
        ["render", "-o", "x.png"],
        ["render", "--plane", "axial", "-o", "x.svg"],
        ["movie", "--sweep", "te", "10", "100", "-o", "x.gif"],
        ["tour", "-o", "tour"],
    ]
    for code, out, err in run(tmp_path, *commands):
        assert (code, out) == (2, "")
        assert err.endswith(f"needs more packages ({missing}); install them with: pip install 'mriexplorer[window]'")
        assert err.count("\n") == 0
    assert not list(tmp_path.iterdir())
