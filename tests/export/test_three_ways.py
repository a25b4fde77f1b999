"""Window, command line and Python write the same files of one scene, and refuse with the same sentences."""

import importlib
import subprocess
import sys
import threading
from pathlib import Path

import pydicom
import pytest
from conftest import AFFINE, PD, T1, T2, values, write
from export_ways import ENDINGS, MENU, TIMES, Driver, by_command, by_python, by_window
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

import mriexplorer
from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.export import export as exporting
from mriexplorer.export import formats
from mriexplorer.export.registry import known_formats
from mriexplorer.export.request import Export
from mriexplorer.figures.cells_figure import cells_figure
from mriexplorer.figures.figure import figure
from mriexplorer.view.display import Layout


@pytest.fixture
def driver(qtbot, monkeypatch):
    """Opens a window on a folder of maps; closed after the test."""
    made = []

    def opened(folder):
        made.append(Driver(folder, qtbot, monkeypatch))
        return made[-1]

    yield opened
    for one in made:
        one.window.close()


def content(path: Path) -> dict[str, object]:
    """What was written, by name: the bytes of files; of DICOM all but identifiers and times."""
    if path.is_file():
        return {path.suffix: path.read_bytes()}
    found: dict[str, object] = {}
    for one in sorted(path.rglob("*")):
        if one.suffix == ".dcm":
            found[one.name] = slice_of(one)
        elif one.is_file():
            found[one.relative_to(path).as_posix()] = one.read_bytes()
    return found


def slice_of(path: Path) -> dict[str, object]:
    """The elements of a DICOM file that are the same in each export."""
    every = pydicom.dcmread(path)
    return {one.keyword: one.value for one in every if one.VR not in ("UI", "DA", "TM")}


def noted(function, threads):
    """The function, which notes who calls it."""

    def call(*arguments):
        threads.append(threading.current_thread())
        return function(*arguments)

    return call


def test_the_same_is_written_on_all_three_ways_and_never_by_the_thread_of_the_window(head, driver, tmp_path, capsys, monkeypatch):
    folder, threads = head(), []
    window = driver(folder)
    window.set("tse", TIMES)
    for name in MENU:
        targets = [tmp_path / name / way / f"a{ENDINGS[name]}" for way in ("window", "command", "python")]
        for one in targets:
            one.parent.mkdir(parents=True)
        with monkeypatch.context() as patch:
            for one in ("format_of", "write_files", "write_folder", "Scene"):
                patch.setattr(exporting, one, noted(getattr(exporting, one), threads))
            assert by_window(window, name, targets[0]).startswith("Saved ")
        assert not by_command(folder, name, targets[1], capsys, values=TIMES, sequence="tse")
        assert not by_python(folder, name, targets[2], values=TIMES, sequence="tse")
        if name == "dicom":  # the window makes a folder inside the one that is chosen
            (targets[0],) = targets[0].iterdir()
        by = [content(one) for one in targets]
        assert by[0] and by[0] == by[1] == by[2], name
        if name == "nifti":
            assert len({one.with_name("a.json").read_bytes() for one in targets}) == 1
    assert len(threads) >= 3 * len(MENU)
    assert threading.main_thread() not in threads


def same(said: list[str], part: str) -> None:
    """One sentence on all ways; the window begins it with a capital letter."""
    assert part.casefold() in said[0].casefold()
    assert said[0] == said[1][:1].upper() + said[1][1:] == said[2][:1].upper() + said[2][1:]


def refused(names, sequence, times, head, driver, capsys, place, view="signal"):
    """By format, what is said on the three ways, of a target at ``place``."""
    folder = head()
    window = driver(folder)
    window.set(sequence, times, view)
    for name in names:
        target = place / f"a{ENDINGS[name]}" if place.name == "out" else place
        yield (
            name,
            [
                by_window(window, name, target),
                by_command(folder, name, target, capsys, "--view", view, values=times, sequence=sequence),
                by_python(folder, name, target, values=times, sequence=sequence, view=view),
            ],
        )


def test_a_map_is_refused_where_only_the_signal_is_written(head, driver, tmp_path, capsys):
    out = tmp_path / "out"
    for name, said in refused(("nifti", "bids", "dicom", "gif"), "tse", TIMES, head, driver, capsys, out, "t1"):
        same(said, "only the signal changes" if name == "gif" else "only the signal is written as a volume")
    assert not out.exists()


def test_what_no_scanner_could_run_is_refused(head, driver, tmp_path, capsys):
    names, out = ("nifti", "bids", "dicom", "png", "svg"), tmp_path / "out"
    for _name, said in refused(names, "mprage", {"tr": 0.9}, head, driver, capsys, out):
        same(said, "MPRAGE cannot be run so: ")
    assert not out.exists()


def test_where_nothing_can_be_written_is_said(head, driver, tmp_path, capsys):
    (tmp_path / "out").write_text("kept")
    names = ("nifti", "bids", "png", "svg", "gif")
    for _name, said in refused(names, "tse", TIMES, head, driver, capsys, tmp_path / "out"):
        same(said, "is not a folder")
    assert (tmp_path / "out").read_text() == "kept"


def said_of(name, target, head, driver, capsys):
    """What is said on the three ways of one target."""
    ((_name, said),) = refused((name,), "tse", TIMES, head, driver, capsys, target)
    return said


def test_computed_images_do_not_go_among_acquired_ones(head, driver, tmp_path, capsys):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.10.0"}')
    same(said_of("bids", raw, head, driver, capsys), "is a dataset of acquired images")
    assert len(list(raw.iterdir())) == 1


def test_neither_a_map_nor_a_foreign_sidecar_is_replaced(head, driver, tmp_path, capsys):
    before = (head() / "T2map.nii.gz").read_bytes()
    same(said_of("nifti", head() / "T2map.nii.gz", head, driver, capsys), "is one of the maps")
    (tmp_path / "mine.json").write_text("{}")
    same(said_of("nifti", tmp_path / "mine.nii.gz", head, driver, capsys), "was not written by mriexplorer")
    assert (head() / "T2map.nii.gz").read_bytes() == before
    assert not (tmp_path / "mine.nii.gz").exists()


def test_dicom_does_not_claim_an_orientation(driver, tmp_path, capsys):
    def unknown():
        for name, table in (("T1map", T1), ("T2map", T2), ("PDmap", PD)):
            write(tmp_path / "head" / f"{name}.nii.gz", values(table), AFFINE, codes=(0, 0))
        return tmp_path / "head"

    same(said_of("dicom", tmp_path / "new", unknown, driver, capsys), "do not tell their orientation")
    assert not (tmp_path / "new").exists()


# -- what only the window has ----------------------------------------------------------------------------------


def test_planes_are_copied(head, driver, qtbot):
    window = driver(head())
    QApplication.clipboard().clear()
    window.act("Copy planes")
    qtbot.waitUntil(lambda: not QApplication.clipboard().image().isNull(), timeout=20_000)
    expected = figure(window.session.scene, window.session.state)
    assert QApplication.clipboard().image().convertToFormat(expected.format()) == expected


def test_the_window_itself_is_saved(head, driver, tmp_path):
    window = driver(head())
    assert window.save("Save window as picture…", tmp_path / "w").startswith("Saved")
    saved = QImage(str(tmp_path / "w.png"))
    assert saved.size() == window.window.grab().toImage().size()


@pytest.mark.parametrize("menu", ["Save planes as picture…", "Export figure…"])
def test_several_contrasts_are_one_picture(menu, head, driver, tmp_path):
    window = driver(head())
    window.session.comparison.lay_out(Layout.CONTRASTS_2X2)
    assert window.save(menu, tmp_path / "four.png").startswith("Saved")
    expected = cells_figure(window.session.scene, window.session.state)
    assert QImage(str(tmp_path / "four.png")).convertToFormat(expected.format()) == expected
    with pytest.raises(InputError, match=r"are pixels; choose \.png"):
        exporting.export(window.session.scene, window.session.state, Export(tmp_path / "four.svg"))
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["four.png"]


# -- a format of one's own -------------------------------------------------------------------------------------

MADE_UP = """
import threading

from mriexplorer.export.export_format import ExportFormat, ExportKind

THREADS = []


def files(scene, state, what, progress):
    def fill(path):
        THREADS.append(threading.current_thread())
        path.write_text(f"{scene.subject.name} {state.protocol}")
        if what.target.name.startswith("broken"):
            raise ValueError("a mistake")

    return {what.target: fill, what.target.with_suffix(".more"): fill}


FORMAT = ExportFormat("made-up", "Made up", ExportKind.KIND, files, (".mu",))
"""


@pytest.fixture(params=["VOLUME", "PICTURE", "MOVIE"])
def made_up(request, tmp_path, monkeypatch):
    """A format that is there because its file is: its module, and what is chosen in the window."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "made_up.py").write_text(MADE_UP.replace("KIND,", f"{request.param},"))
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path / "more")])
    known_formats.cache_clear()
    importlib.invalidate_caches()
    menu = {
        "VOLUME": ("Export as Made up…", {}),
        "PICTURE": ("Export figure…", {"Planes": "All three", "Width": "large", "Format": "Made up"}),
        "MOVIE": ("Export movie…", {"Format": "Made up"}),
    }
    yield importlib.import_module("mriexplorer.export.formats.made_up"), menu[request.param], request.param == "MOVIE"
    known_formats.cache_clear()
    del sys.modules["mriexplorer.export.formats.made_up"], formats.made_up


def test_a_format_is_one_file(made_up, head, driver, tmp_path, capsys):
    module, menu, moves = made_up
    folder, name = head(), "gif" if moves else "made-up"
    window = driver(folder)
    window.set("tse", TIMES)
    targets = [tmp_path / f"{way}.mu" for way in ("window", "command", "python")]
    assert by_window(window, name, targets[0], menu).startswith("Saved ")
    assert not by_command(folder, name, targets[1], capsys, values=TIMES, sequence="tse")
    assert not by_python(folder, name, targets[2], values=TIMES, sequence="tse")
    assert len({one.read_text() for one in targets}) == 1
    assert targets[0].read_text().startswith("head Protocol('tse'")
    assert [one is threading.main_thread() for one in module.THREADS] == [False] * 2 + [True] * 4


def test_a_mistake_in_a_format_leaves_nothing(made_up, head, driver, tmp_path):
    _module, menu, moves = made_up
    folder, out = head(), tmp_path / "out"
    window = driver(folder)
    assert "Something unforeseen happened: ValueError: a mistake" in window.save(menu[0], out / "broken.mu", **menu[1])
    how = {"sweep": ("te", 0.02, 0.2)} if moves else {}
    with pytest.raises(ValueError, match="a mistake"):
        mriexplorer.save(mriexplorer.load(folder), "tse", out / "broken.mu", **how)
    assert not out.exists()


# -- targets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "x.jpg"], "a picture ends in .png or .svg, a volume in .nii.gz or .nii; a folder becomes a BIDS dataset"),
        (["--format", "nifti", "-o", "x.png"], "NIfTI ends in .nii.gz or .nii"),
        (["--format", "svg", "-o", "x"], "SVG, texts stay texts ends in .svg"),
        (["--format", "gif", "-o", "x.gif"], "argument --format: invalid choice: 'gif'"),
    ],
)
def test_a_target_that_fits_no_format_is_said(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["render", *words]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"file_format": "jpeg"}, "'jpeg' is no format; there is gif"),
        ({"file_format": "gif"}, "GIF is a movie; say which parameter moves"),
        ({"file_format": "nifti", "sweep": ("te", 0.01, 0.1)}, "NIfTI is a volume, not a movie"),
        ({"sweep": ("te", 0.01, 0.1)}, "a movie ends in .gif or .png"),
        ({"view": "nonsense"}, "'nonsense' is no view; there is signal"),
        ({"plane": "oblique"}, "'oblique' is no plane; there is as shown, all, axial"),
        ({"plane": "compare", "file_format": "png"}, "PNG, pixels ends in .png"),
    ],
)
def test_what_python_cannot_have_is_said(how, said, brain, tmp_path):
    with pytest.raises(mriexplorer.InputError, match=said):
        mriexplorer.save(brain, "tse", tmp_path / "x.jpg", **how)
    with pytest.raises(mriexplorer.InputError, match="nothing to compare"):
        mriexplorer.save(brain, "tse", tmp_path / "x.png", plane="compare")
    assert not list(tmp_path.iterdir())


def in_a_process_of_its_own(code, folder):
    """What a script prints. It says nothing else."""
    run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    return run.stdout.strip()


def test_volumes_are_written_without_qt(tmp_path):
    code = """
import sys, mriexplorer
folder, brain = sys.argv[1], mriexplorer.reference()
mriexplorer.save(brain, "tse", folder + "/a.nii")
mriexplorer.save(brain, "tse", folder + "/bids")
mriexplorer.save(brain, "tse", folder + "/dicom", dicom=True)
print({"PySide6", "vtkmodules", "torch"} & set(sys.modules))
"""
    assert in_a_process_of_its_own(code, tmp_path) == "set()"
    assert len(list(tmp_path.iterdir())) == 4


def test_a_script_needs_no_window_for_a_picture(tmp_path):
    code = """
import sys, mriexplorer
mriexplorer.save(mriexplorer.reference(), "tse", sys.argv[1] + "/a.png", view="t1", plane="axial")
mriexplorer.save(mriexplorer.reference(), "tse", sys.argv[1] + "/b.svg")
print("mriexplorer.ui" in sys.modules)
"""
    assert in_a_process_of_its_own(code, tmp_path) == "False"
    assert main(["render", "--sequence", "tse", "--view", "t1", "--plane", "axial", "-o", str(tmp_path / "c.png")]) == 0
    assert QImage(str(tmp_path / "a.png")) == QImage(str(tmp_path / "c.png"))
