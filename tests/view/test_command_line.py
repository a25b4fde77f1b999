"""A state as a command line: run, it gives the very same picture."""

import shlex

import pytest
from PySide6.QtGui import QImage

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.figures.figure import figure, planes_of
from mriexplorer.session.opening import open_scene
from mriexplorer.ui.window.application import application
from mriexplorer.view.command_line import command
from mriexplorer.view.source import Recipe, Source
from mriexplorer.view.state import State

FLAIR = State().with_sequence("flair").with_values(te=0.0912345678, ti=2.4)
CASES = {
    "the first picture": State().with_window(0.02, 0.31),
    "a plane elsewhere": FLAIR.with_window(0.1, 0.33).with_display(layout="sagittal", cursor=(-12.0, 4.0, 1e-5), crosshair=True),
    "zoomed voxels": FLAIR.with_window(0, 1).with_display(zoom=3.3, centre=(10.0, -20.0, 5.0), smooth=False, crosshair=False),
    "signed, neurological": FLAIR.with_window(-0.4, 0.4)
    .with_contrast(magnitude=False)
    .with_display(convention="neurological", layout="coronal"),
    "a map": State().with_contrast(view="t1").with_window(0.1234567, 2.7),
    "the fourth place": State()
    .with_sequence("se")
    .with_window(0, 0.9)
    .with_display(layout="side panel")
    .with_contrast(view="signal"),
    "an expert's parameters": State().with_sequence("mprage").with_values(flip=11, readouts=150, centre=0.4).with_window(0, 0.2),
    "noise": State().with_window(0, 0.3).with_display(snr=20.0, noise_seed=3),
    "a sequence of its own sign": State().with_sequence("psir").with_window(-0.5, 0.5),
    "another field": State().with_field(7.0).with_window(0, 0.3),
}


@pytest.mark.parametrize("name", CASES)
def test_the_line_gives_the_same_picture(name, tmp_path, capsys):
    state, out = CASES[name], tmp_path / "it is.png"
    verb, *arguments = shlex.split(command(state, str(out)))
    assert verb == "mriexplorer"
    assert main(arguments) == 0, capsys.readouterr().err
    application(offscreen=True)
    _catalog, scene = open_scene(state)
    expected = figure(scene, state, planes_of(state)).convertToFormat(QImage.Format.Format_RGB32)
    assert QImage(str(out)).convertToFormat(QImage.Format.Format_RGB32) == expected


def test_maps_of_a_person_with_units(head, tmp_path):
    folder = head("my data/sub-01/anat", "sub-01_").parents[1]
    head("my data/sub-02/anat", "sub-02_")
    state = (
        State(Source(paths=(str(folder),), person="sub-02", units=(("pd", "%"),))).with_window(0, 0.002).with_contrast(view="pd")
    )
    line = command(state.with_window(0, 0.01), str(tmp_path / "a.png"))
    assert f"'{folder}' --pd-unit % --person sub-02" in line
    assert "--field" not in line
    assert main(shlex.split(line)[1:]) == 0


def test_a_chosen_file_is_named(head, tmp_path):
    folder = head()
    state = State(Source(picked=tuple((kind, str(folder / f"{kind.upper()}map.nii.gz")) for kind in ("t1", "t2"))))
    line = command(state.with_window(0, 1), str(tmp_path / "a.png"))
    assert main(shlex.split(line)[1:]) == 0


def test_a_sampled_person_is_told_by_seed_and_what_is_given():
    line = command(State(Source(recipe=Recipe(12, (("age", 71.5), ("sex", "F"))))))
    assert "--seed 12 --given age=71.5 --given sex=F --field 3" in line


def test_two_people_cannot_be_told():
    for state in (State(Source(recipe=Recipe(1, other=(2, ())))), State(Source(recipe=Recipe(1), beside=Recipe(2)))):
        with pytest.raises(InputError, match="save the session"):
            command(state)


def test_several_contrasts_cannot_be_told():
    for state in (State().with_display(layout="contrasts 2x2"), State().with_comparison(mode="wipe")):
        with pytest.raises(InputError, match="save the session"):
            command(state)
