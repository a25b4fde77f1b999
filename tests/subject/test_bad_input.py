"""Bad input: one clear sentence that names the file, exit code 2, memory does not jump. The window's side is in tests/ui."""

import gzip
import multiprocessing
import os
import resource
import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from conftest import AFFINE, T1, T2, tissue, values, write

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.subject.catalog import find, load


def text_as_image(folder: Path) -> Path:
    path = folder / "T1map.nii.gz"
    path.write_text("This is no image.")
    return path


def truncated(folder: Path) -> Path:
    path = write(folder / "T1map.nii.gz", np.random.default_rng(0).random((40, 40, 40), np.float32))
    path.write_bytes(path.read_bytes()[:40_000])
    return path


def truncated_plain(folder: Path) -> Path:
    path = write(folder / "T1map.nii", values(T1))
    path.write_bytes(path.read_bytes()[:5000])
    return path


def claims(folder: Path, name: str) -> Path:
    """A header that claims 2 GB, followed by almost nothing."""
    image = nib.Nifti1Image(np.zeros((2, 2, 2), np.float32), AFFINE)
    raw = bytearray(image.to_bytes())
    struct.pack_into("<8h", raw, 40, 3, 900, 800, 750, 1, 1, 1, 1)
    path = folder / name
    path.write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    return path


def two_heads(folder: Path) -> Path:
    """T1 of one head, T2 of another that is all ventricle."""
    write(folder / "T1map.nii.gz", values(T1))
    write(folder / "T2map.nii.gz", np.where(tissue() > 0, np.float32(T2["csf"]), 0).astype(np.float32))
    return folder


def bomb(folder: Path) -> Path:
    """An image, and gigabytes of zeros behind it."""
    path = write(folder / "T1map.nii.gz", values(T1))
    with path.open("ab") as file:
        for _ in range(3):
            file.write(gzip.compress(bytes(40_000_000), 9))
    return path


def flipped_byte(folder: Path) -> Path:
    path = write(folder / "T1map.nii.gz", np.random.default_rng(0).random((40, 40, 40), np.float32))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path


def header(folder: Path, place: int, form: str, *numbers: float) -> Path:
    """A good file with some bytes of its header changed."""
    path = write(folder / "T1map.nii", values(T1))
    content = bytearray(path.read_bytes())
    struct.pack_into(form, content, place, *numbers)
    path.write_bytes(content)
    return path


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "T1map.nii")
    return folder / "T1map.nii"


def elsewhere(folder: Path) -> Path:
    write(folder / "T1map.nii.gz", values(T1))
    moved = AFFINE.copy()
    moved[:3, 3] += 300
    write(folder / "T2map.nii.gz", values(T2), moved)
    return folder


def participants(folder: Path, content: bytes) -> Path:
    write(folder / "sub-01_T1map.nii.gz", values(T1))
    (folder / "participants.tsv").write_bytes(content)
    return folder


BAD = {
    "text as nii.gz": (text_as_image, "not a readable NIfTI"),
    "truncated gzip": (truncated, "damaged or cut off"),
    "truncated nii": (truncated_plain, "damaged or cut off"),
    "2-D": (lambda f: write(f / "T1map.nii", np.ones((20, 20), np.float32)), "single slice"),
    "one slice": (lambda f: write(f / "T1map.nii", np.ones((20, 20, 1), np.float32)), "single slice"),
    "4-D": (lambda f: write(f / "T1map.nii", np.ones((8, 8, 8, 3), np.float32)), "4-D with 3 frames"),
    "5-D": (lambda f: write(f / "T1map.nii", np.ones((8, 8, 8, 3, 2), np.float32)), "5-D"),
    "all zeros": (lambda f: write(f / "T1map.nii.gz", np.zeros((8, 8, 8), np.float32)), "only zeros"),
    "all NaN": (lambda f: write(f / "T1map.nii.gz", np.full((8, 8, 8), np.nan, np.float32)), "no numbers"),
    "negative T1": (lambda f: write(f / "T1map.nii.gz", -values(T1)), "negative values"),
    "all infinite": (lambda f: write(f / "T1map.nii.gz", np.full((8, 8, 8), np.inf, np.float32)), "no numbers"),
    "bomb": (bomb, "damaged or cut off"),
    "long cell": (lambda f: participants(f, b"participant_id\tage\nsub-01\t" + b"6" * 200_000), "a cell has more than 131072"),
    "infinite": (lambda f: write(f / "T1map.nii.gz", np.where(values(T1) > 2, np.inf, values(T1))), "infinite values"),
    "complex": (lambda f: write(f / "T1map.nii.gz", values(T1).astype(np.complex64)), "complex"),
    "claims 2 GB, nii": (lambda f: claims(f, "T1map.nii"), "promises 2 GB"),
    "claims 2 GB, gz": (lambda f: claims(f, "T1map.nii.gz"), "promises 2 GB"),
    "two heads": (two_heads, "do not belong together"),
    "apart": (elsewhere, "do not lie over each other"),
    "check sum": (flipped_byte, "damaged or cut off"),
    "no size": (lambda f: header(f, 42, "<h", -20), "is"),
    "offset": (lambda f: header(f, 108, "<f", float("inf")), "is"),
    "huge voxels": (lambda f: header(f, 280, "<f", 1e30), "no usable voxel size"),
    "flat voxels": (lambda f: header(f, 320, "<3f", 0, 0, 0), "no usable voxel size"),
    "pipe": (pipe, "not an ordinary file"),
    "named twice": (lambda f: participants(f, b"participant_id\tage\nsub-01\t63\nsub-01\t64\n"), "a second time"),
    "deep JSON": (lambda f: (deep(f / "T1map.json"), write(f / "T1map.nii.gz", values(T1)))[1], "not readable as JSON"),
    "empty folder": (lambda f: f, "no images that can be read"),
    "nothing there": (lambda f: f / "missing.nii.gz", "no such file"),
    "open quote": (lambda f: participants(f, b'participant_id\tage\nsub-01\t"63\n'), "line 2: a quotation mark"),
    "ragged": (
        lambda f: participants(f, b"participant_id\tage\nsub-01\t63\tF\n"),
        "line 2: 3 cells where the header has 2",
    ),
    "no id": (lambda f: participants(f, b"id\tage\n1\t63\n"), "no column participant_id"),
    "latin-1": (lambda f: participants(f, "participant_id\tname\nsub-01\tJosé\n".encode("latin-1")), "not UTF-8"),
    "weighted scans": (lambda f: write(f / "sub-01_T1w.nii.gz", values(T1)).parent, "1 weighted scan"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_clear_sentence_and_exit_code_2(name, tmp_path, capsys):
    make, said = BAD[name]
    folder = tmp_path / "mit Leerzeichen und Ümläuten"
    folder.mkdir()
    path = make(folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert main(["info", str(path)]) == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000, "kB: memory jumped"
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert str(folder) in captured.err
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("number", ["3" * 400, "1e400", "NaN", "-Infinity"])
def test_a_number_that_cannot_be_is_as_if_it_were_not_there(number, tmp_path):
    path = write(tmp_path / "T1map.nii.gz", values(T1))
    (tmp_path / "T1map.json").write_text(f'{{"MagneticFieldStrength": {number}, "EchoTime": {number}}}')
    assert load(find([path])).field is None


def read_as_nobody(path: Path, answer) -> None:
    """In a process of its own: become a user who may not read the file."""
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        load(find([path]))
    except InputError as error:
        answer.send(str(error))
    else:
        answer.send("it was read")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of this kind are POSIX")
def test_no_permission_is_said(tmp_path):
    tmp_path.chmod(0o755)
    path = write(tmp_path / "T1map.nii.gz", values(T1))
    path.chmod(0)
    for folder in list(tmp_path.parents)[:2]:
        folder.chmod(0o755)
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=read_as_nobody, args=(path, sending))
    child.start()
    assert receiving.poll(30)
    said = receiving.recv()
    child.join()
    assert "no permission" in said
    assert str(path) in said
