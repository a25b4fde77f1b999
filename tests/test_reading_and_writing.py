"""Files in general: what is read is ordinary and whole, what is written takes its place at once or not at all."""

import errno
import json
import multiprocessing
import os
import resource
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import AFFINE, PD, T1, T2, values

from mriexplorer.errors import InputError
from mriexplorer.export.export import export
from mriexplorer.export.request import Export
from mriexplorer.files import LARGEST_TEXT, parse_json, read_json, read_text, there, write_files, write_text
from mriexplorer.physics import Protocol
from mriexplorer.render.scene import Scene
from mriexplorer.session.encoding import look_like_scans
from mriexplorer.subject.catalog import find, load
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Grid, TissueMaps
from mriexplorer.view.session_file import read_session, write_session
from mriexplorer.view.state import State

FLAIR = Protocol.complete("flair", {"te": 0.1, "tr": 9.0, "ti": 2.4})
WHO = Subject("sub-07", TissueMaps(values(PD), values(T1), values(T2), Grid(values(PD).shape, AFFINE)), field=3.0)


def exported(target, who=WHO, protocol=FLAIR, **wanted):
    """The image of a person in a protocol."""
    return export(Scene(who), State().with_contrast(protocol=protocol), Export(target, **wanted))


@contextmanager
def small_disk(largest):
    """No file can be larger, which a program sees as it sees a full disk: a write fails in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def below(folder):
    """Every file and folder, by what leads there."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_json_has_finite_numbers_only():
    assert parse_json('{"a": NaN, "b": -Infinity, "c": [1, 2.5]}') == {"a": None, "b": None, "c": [1, 2.5]}
    assert parse_json('{"a": 1e999, "b": [-' + "9" * 5000 + "]}") == {"a": None, "b": [None]}
    with pytest.raises(ValueError, match="nested"):
        parse_json('{"a":' * 100_000)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "is a folder"),
        (os.mkfifo, "not an ordinary file"),
        (lambda path: path.symlink_to("/dev/zero"), "not an ordinary file"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not UTF-8"),
        (lambda path: path.write_text("{"), "not readable as JSON"),
        (lambda path: path.write_text("[]"), "does not hold a JSON object"),
        (lambda path: path.write_text('{"a":' * 100_000), "nested too deeply"),
        (lambda path: path.write_text('{"a": "' + "x" * LARGEST_TEXT + '"}'), "is larger than 32 MB"),
    ],
)
def test_what_is_no_small_json_file_is_refused_in_a_sentence(make, said, tmp_path):
    path = tmp_path / "one.json"
    make(path)
    with pytest.raises(InputError, match=said) as caught:
        read_json(path)
    assert str(path) in str(caught.value)


def test_odd_paths_lead_nowhere():
    assert not any(there(Path(path)) for path in ("/none", "x" * 5000, "a\0b"))
    with pytest.raises(InputError, match="no such file"):
        read_text(Path("x" * 5000))


def test_all_files_are_written_or_none(tmp_path):
    (tmp_path / "a" / "old.txt").parent.mkdir()
    (tmp_path / "a" / "old.txt").write_text("old")

    def fails(_path):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(InputError, match=r"old.txt could not be written: the disk is full; make room"):
        write_files({tmp_path / "a" / "old.txt": lambda path: path.write_text("new"), tmp_path / "b" / "c" / "d.txt": fails})
    assert below(tmp_path) == ["a", "a/old.txt"]
    assert (tmp_path / "a" / "old.txt").read_text() == "old"


@pytest.mark.parametrize(
    ("path", "said"),
    [("old.txt/new.txt", "is not a folder"), ("x" * 300, "its name is too long"), ("folder", "could not be written")],
)
def test_why_something_cannot_be_written(path, said, tmp_path):
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "folder" / "full").mkdir(parents=True)
    with pytest.raises(InputError, match=said):
        write_text(tmp_path / path, "new")
    assert below(tmp_path) == ["folder", "folder/full", "old.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no UTF-8 are of Linux")
def test_names_that_are_not_utf_8_are_kept(tmp_path):
    name = os.fsdecode(b"K\xf6pfe")
    write_text(tmp_path / f"{name}.txt", f"of {name}")
    assert (tmp_path / f"{name}.txt").read_bytes() == b"of K\xf6pfe"


def test_a_full_disk_leaves_the_volume_and_its_sidecar_as_they_were(tmp_path):
    image = exported(tmp_path / "image.nii")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other = FLAIR.with_values(te=0.05)
    with small_disk(6000), pytest.raises(InputError, match=r"image.nii could not be written"):
        exported(image, protocol=other)
    with small_disk(600), pytest.raises(InputError, match="could not be written"):
        exported(tmp_path / "dataset" / "deep", protocol=other)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_full_disk_leaves_no_series(tmp_path):
    with small_disk(500), pytest.raises(InputError) as caught:
        exported(tmp_path / "new" / "series", format="dicom")
    assert "series could not be written" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert below(tmp_path) == []


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_a_full_disk_leaves_no_picture(ending, brain, tmp_path):
    with small_disk(5000), pytest.raises(InputError, match="could not be written"):
        exported(tmp_path / f"figure{ending}", brain)
    assert below(tmp_path) == []


def test_very_long_names_give_short_ones(tmp_path):
    who = Subject("sub-" + "x" * 240, WHO.maps, field=3.0)
    exported(tmp_path / "dataset", who)
    folder = exported(tmp_path, who, format="dicom", inside=True)
    assert len(folder.name) < 200
    assert np.array([len(part) for part in below(tmp_path)]).max() < 250
    assert json.loads(next((tmp_path / "dataset").rglob("*_FLAIR.json")).read_text())["Synthetic"] is True


def as_nobody(folder, answer):
    """In a process of its own, by a user who may not look into ``folder`` nor write there: what is said of each wish."""
    if os.geteuid() == 0:
        os.setuid(65534)
    wishes = {
        "session": lambda: write_session(State(), folder / "a.mriexplorer"),
        "open": lambda: read_session(folder / "a.mriexplorer"),
        "volume": lambda: exported(folder / "a.nii"),
        "dataset": lambda: exported(folder / "new"),
        "series": lambda: exported(folder, format="dicom", inside=True),
        "scans": lambda: look_like_scans([folder]),
        "maps": lambda: load(find([folder])),
    }
    said = {}
    for name, wish in wishes.items():
        try:
            said[name] = wish()
        except InputError as error:
            said[name] = str(error)
        except Exception as error:  # noqa: BLE001 that is what is looked for
            said[name] = repr(error)
    answer.send(said)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of this kind are POSIX")
def test_folders_without_permission_are_said(tmp_path):
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / "T1map.nii").write_bytes(b"x")
    (tmp_path / "locked").chmod(0)
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=as_nobody, args=(tmp_path / "locked", sending))
    child.start()
    assert receiving.poll(60)
    said = receiving.recv()
    child.join()
    (tmp_path / "locked").chmod(0o700)
    assert said.pop("scans") is False
    assert {name: sentence for name, sentence in said.items() if "no permission" not in sentence} == {}
