"""What is stored is the same to the last bit, with however many threads it was made."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mriexplorer import api
from mriexplorer.places import FOLDING, PEOPLE, models

THREADS = (1, 2, 4)
SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((models() / name / "config.json").is_file() for name in (PEOPLE, FOLDING)),
        reason="the shipped models are not there",
    ),
]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated person."""
    target = tmp_path_factory.mktemp("people") / "set"
    return api.simulate(1, 5, target, voxel=2, scans=("T1w", "FLAIR")).folder


@pytest.fixture(scope="module")
def made(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Mapping[str, str]]:
    """By the number of threads, the sum of every file that a process with so many stored."""
    script = Path(__file__).parent / "stored_bytes.py"
    paths = os.pathsep.join([str(script.parents[1]), str(script.parent)])
    targets = {count: tmp_path_factory.mktemp(f"threads{count}") for count in THREADS}
    for count, target in targets.items():  # one after the other: each needs memory of its own
        given = {**os.environ, "PYTHONPATH": paths, **dict.fromkeys(SETTINGS, str(count))}
        subprocess.run([sys.executable, script, str(count), people, target], env=given, check=True)
    return {count: sums(target) for count, target in targets.items()}


def sums(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("verb", ["numbers", "simulate", "gather", "sample", "encode"])
@pytest.mark.parametrize("count", THREADS[1:])
def test_more_threads_store_the_same_bytes(made: Mapping[int, Mapping[str, str]], verb: str, count: int) -> None:
    one, other = ({name: of for name, of in made[n].items() if name.startswith(verb)} for n in (1, count))
    assert any(name.endswith((".nii.gz", ".npy")) for name in one)
    assert one == other
