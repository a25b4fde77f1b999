"""Movies, figures, series and sessions on the command line."""

from argparse import Namespace
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from mriexplorer.cli import main
from mriexplorer.cli.state import _names, _of_scan
from mriexplorer.errors import InputError
from mriexplorer.physics import Protocol
from mriexplorer.render.scene import Scene
from mriexplorer.session.sampler import Sampled, Sampler
from mriexplorer.subject.companions import Companions, MeasuredScan, Stored
from mriexplorer.ui.window import application
from mriexplorer.view.session_file import write_session
from mriexplorer.view.state import State


def test_a_movie_is_written(head, tmp_path, capsys):
    out = tmp_path / "movie.gif"
    words = ["movie", str(head()), "--sequence", "flair", "--sweep", "ti", "300", "4s", "--frames", "5", "--plane", "axial"]
    assert main([*words, "--rate", "4", "--size", "300", "-o", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    with Image.open(out) as film:
        assert (film.n_frames, film.info["duration"]) == (5, 250)
        assert film.height > 300


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sequence", "se", "--sweep", "ti", "1", "2", "-o", "a.gif"], "has no ti"),
        (["--sequence", "se", "--sweep", "te", "a", "2", "-o", "a.gif"], "'a' is not a number"),
        (["--sequence", "se", "--sweep", "te", "10", "10", "-o", "a.gif"], "nothing would move"),
        (["--sequence", "se", "--sweep", "te", "10", "5000", "-o", "a.gif"], "TE must lie between 4.0 and 600 ms"),
        (["--sequence", "se", "--sweep", "te", "10", "20", "--frames", "1", "-o", "a.gif"], "2 to 1000 frames"),
        (["--sequence", "se", "--sweep", "te", "10", "20", "--frames", "900", "--size", "2000", "-o", "a.gif"], "into memory"),
        (["--view", "t1", "--sweep", "te", "3", "5", "-o", "a.gif"], "only the signal changes"),
        (["--sequence", "se", "--sweep", "te", "10", "20", "-o", "a.mp4"], "a movie ends in .gif or .png"),
        (["--sequence", "se", "--sweep", "te", "10", "20", "-o", "/proc/none/a.gif"], "could not be written"),
    ],
)
def test_a_movie_that_cannot_be_is_said_in_one_sentence(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["movie", *words]) == 2
    captured = capsys.readouterr().err
    assert said in captured
    assert not list(tmp_path.iterdir())


def test_a_figure_is_finer_or_svg(tmp_path):
    words = ["render", "--sequence", "se", "--plane", "axial", "-o"]
    assert main([*words, str(tmp_path / "a.png")]) == 0
    assert main([*words, str(tmp_path / "b.png"), "--dpi", "192"]) == 0
    assert main([*words, str(tmp_path / "c.svg")]) == 0
    assert QImage(str(tmp_path / "b.png")).width() == 2 * QImage(str(tmp_path / "a.png")).width()
    assert "SYNTHETIC" in (tmp_path / "c.svg").read_text()


def test_a_series_is_written(head, tmp_path, capsys):
    words = ["render", str(head()), "--sequence", "tse", "--te", "90", "--tr", "4000", "--window", "0", "0.5", "--dicom"]
    assert main([*words, "-o", str(tmp_path / "series")]) == 0
    one = pydicom.dcmread(next((tmp_path / "series").iterdir()))
    assert (float(one.EchoTime), float(one.WindowWidth)) == (90, 501)
    assert main([*words, "-o", str(tmp_path / "series")]) == 2
    assert "new or empty folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--zoom", "0"], "--zoom 0 must lie between"),
        (["--te", "1e9"], "TE must lie between"),
        (["--cursor", "1e300", "0", "0"], "lies outside the volume"),
        (["--middle", "0", "1e300", "0"], "far from any head"),
        (["-o", ""], "is no name of a file or folder"),
        (["-o", ".png"], "is no name of a file or folder"),
        (["--given", "age=70"], "give --seed too"),
        (["--seed", "3", "--given", "age"], "not like age=70"),
        (["--plane", "compare"], "nothing to compare"),
        (["--plane", "compare", "--view", "t1"], "leave --view out"),
        (["--view", "measured"], "there is no measured to show"),
    ],
)
def test_flags_that_do_not_fit_are_said_in_one_sentence(words, said, capsys, tmp_path):
    assert main(["render", "--sequence", "se", *words, "-o", str(tmp_path / "a.png")]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_sampled_person_is_rendered_by_seed(brain, monkeypatch, tmp_path):
    asked = []

    def sampled(_self, recipe, field, _progress):
        asked.append((recipe.seed, recipe.conditions, field))
        return Sampled(Scene(brain), {}, ())

    monkeypatch.setattr(Sampler, "sample", sampled)
    words = ["render", "--seed", "12", "--given", "age=71.5", "--given", "sex=F", "--field", "3", "--sequence", "se"]
    assert main([*words, "-o", str(tmp_path / "a.png")]) == 0
    assert asked == [(12, {"age": 71.5, "sex": "F"}, 3.0)]


def test_a_session_file_opens_the_window_on_it(tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(application, "run", lambda *arguments: opened.append(arguments) or 0)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    path = write_session(State().with_sequence("flair"), tmp_path / "a.mriexplorer")
    assert main([str(path)]) == 0
    assert opened[0][3].sequence.name == "flair"
    assert main([str(path), "--te", "90"]) == 2
    assert "leave the other flags out" in capsys.readouterr().err
    assert main([str(tmp_path / "none.mriexplorer")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_measured_scan_is_compared_in_its_own_protocol(brain):
    flat = Stored.of(np.ones_like(brain.maps.pd))
    protocol = Protocol.complete("flair", {"te": 0.091, "tr": 9.0, "ti": 2.5})
    scene = Scene(replace(brain, companions=Companions((MeasuredScan("FLAIR", flat, flat, protocol),))))
    given = dict.fromkeys(_names())
    for told, sequence in ((given, "flair"), (given | {"sequence": "mprage"}, "mprage"), (given | {"te": 0.01}, "mprage")):
        state = _of_scan(State(), scene, Namespace(**{"preset": None, "sequence": None, "scan": ""} | told))
        assert (state.sequence.name, state.comparison.scan) == (sequence, "FLAIR")
    with pytest.raises(InputError, match="no scan T2w of these maps; there is FLAIR"):
        _of_scan(State(), scene, Namespace(scan="T2w", preset=None, sequence=None, **given))
