"""The registry of formats: one file is all that a new format needs."""

import json
from collections.abc import Iterator
from math import radians
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from conftest import AFFINE, PD, T1, T2, values, write

from mriexplorer.cli import main
from mriexplorer.dataset.recognition import files_of
from mriexplorer.dataset.scan_times import told_times
from mriexplorer.errors import InputError
from mriexplorer.reading import formats
from mriexplorer.reading.folders import images_below
from mriexplorer.reading.registry import dialog_filter, header_times, is_image, known_formats, parts_of, read_volume, stem
from mriexplorer.subject.catalog import find, load
from mriexplorer.ui.window.opening import Opening, QFileDialog

TINY = '''
"""A made-up format: a line of sizes, then numbers, voxels of 2 mm."""

import numpy as np

from mriexplorer.reading.image_format import ImageFormat
from mriexplorer.reading.volume import oriented, spatial_shape


def shape(path):
    return tuple(map(int, path.read_text().split("\\n")[0].split()))


def read(path):
    numbers = np.array(path.read_text().split("\\n")[1].split(), np.float32)
    return oriented(numbers.reshape(spatial_shape(shape(path), path)), np.diag([2.0, 2.0, 2.0, 1.0]), path)


FORMAT = ImageFormat("Tiny", (".tiny",), read, shape, times=lambda _path: {"te": 0.015, "tr": 2.5})
'''


@pytest.fixture
def with_tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module more in the folder of formats."""
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "tiny.py").write_text(TINY)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path / "formats")])
    known_formats.cache_clear()
    yield
    known_formats.cache_clear()


def tiny(path: Path, data: np.ndarray) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(" ".join(map(str, data.shape)) + "\n" + " ".join(f"{value:g}" for value in data.ravel()))
    return path


@pytest.mark.usefixtures("with_tiny")
def test_maps_of_a_new_format_open_through_the_catalog_and_info(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, table in (("T1map", T1), ("T2map", T2), ("PDmap", PD)):
        tiny(tmp_path / f"head/sub-7_{name}.tiny", values(table))
    (tmp_path / "head/sub-7_T1map.json").write_text(json.dumps({"Units": "s"}))
    subject = load(find([tmp_path / "head"]))
    assert subject.name == "sub-7" and np.allclose(subject.maps.t1, values(T1)) and subject.maps.grid.spacing == (2, 2, 2)
    assert main(["info", str(tmp_path / "head"), "--json"]) == 0
    about = json.loads(capsys.readouterr().out)["people"][0]
    assert about["maps"][0]["file"].endswith("sub-7_T1map.tiny") and about["maps"][0]["unit_known"] == "from the sidecar"


@pytest.mark.usefixtures("with_tiny")
def test_scans_of_a_new_format_are_found_with_the_times_of_their_header(tmp_path: Path) -> None:
    path = tiny(tmp_path / "scans/sub-1_PDw.tiny", values(PD))
    assert files_of(tmp_path / "scans").paths == (path,)
    assert told_times(path) == {"te": 0.015, "tr": 2.5}
    path.with_suffix(".json").write_text(json.dumps({"EchoTime": 0.02}))
    assert told_times(path) == {"te": 0.02, "tr": 2.5}


@pytest.mark.usefixtures("with_tiny")
def test_the_dialog_offers_a_new_format(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[str] = []

    def asked(_parent: object, _title: str, _folder: str, kinds: str) -> tuple[list[str], str]:
        offered.append(kinds)
        return [], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", asked)
    opening = Opening(None)  # type: ignore[arg-type]
    opening.files()
    opening.scans()
    assert offered == [dialog_filter()] * 2
    kinds = offered[0].split(";;")
    assert "*.tiny" in kinds[0] and "Tiny (*.tiny)" in kinds and kinds[-1] == "All files (*)"


def test_the_formats_that_ship_are_offered_and_told_by_their_endings() -> None:
    assert dialog_filter() == (
        "Images (*.mgh *.mgz *.nii *.nii.gz *.hdr *.img);;MGH (*.mgh *.mgz);;NIfTI (*.nii *.nii.gz *.hdr *.img);;All files (*)"
    )
    assert [stem(Path(name)) for name in ("a_T1w.NII.gz", "a.b.nii", "a.mgz", "a.txt")] == ["a_T1w", "a.b", "a", "a.txt"]
    assert is_image(Path("x/T1map.HDR")) and not is_image(Path("x/T1map.gz")) and not is_image(Path("x/T1map.tiny"))


def test_other_endings_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "T1map.dat").write_text("x")
    with pytest.raises(InputError, match="does not end like an image that can be read"):
        read_volume(tmp_path / "T1map.dat")
    with pytest.raises(InputError, match="there is no such file"):
        read_volume(tmp_path / "T1map.nii")


@pytest.mark.parametrize("ending", [".hdr", ".HDR"])
def test_the_header_stands_for_a_pair(tmp_path: Path, ending: str) -> None:
    nib.save(nib.Nifti1Pair(values(T1), AFFINE), tmp_path / "a_T1map.img")
    (tmp_path / "a_T1map.hdr").rename(tmp_path / f"a_T1map{ending}")
    header, body = tmp_path / f"a_T1map{ending}", tmp_path / "a_T1map.img"
    assert parts_of(header) == parts_of(body) == (header, body)
    assert list(images_below(tmp_path, 1, ())) == [header]
    body.unlink()
    assert parts_of(header) == (header,)
    with pytest.raises(InputError, match=r"its image file a_T1map\.img is missing"):
        read_volume(header)


def test_times_in_the_header_of_an_mgh_file_are_read(tmp_path: Path) -> None:
    image = nib.MGHImage(values(T1), AFFINE.astype(np.float32))
    for name, value in (("tr", 2300.0), ("te", 2.98), ("ti", 900.0), ("flip_angle", radians(9.0))):
        image.header[name] = value
    nib.save(image, tmp_path / "sub-1_T1w.mgz")
    told = told_times(tmp_path / "sub-1_T1w.mgz")
    assert told == pytest.approx({"tr": 2.3, "te": 0.00298, "ti": 0.9, "flip": 9.0}, rel=1e-5)
    write(tmp_path / "sub-1_T2w.nii.gz", values(T2))
    assert header_times(tmp_path / "sub-1_T2w.nii.gz") == {}
    (tmp_path / "broken_T1w.mgz").write_bytes(b"x")
    assert told_times(tmp_path / "broken_T1w.mgz") == {}
