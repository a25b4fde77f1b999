"""Why a voxel is dark or bright: situations whose reason is known."""

import pytest

from mriexplorer.explain.curves import Substance, tissue, under_crosshair
from mriexplorer.explain.tissue_class import place_of, tissue_class_of
from mriexplorer.explain.why import explained, why
from mriexplorer.render.scene import Scene
from mriexplorer.view.presets import presets
from mriexplorer.view.state import State

PRESETS = {p.title: p for p in presets()}


def of(title: str, **values: float) -> State:
    return PRESETS[title].applied(State()).with_values(**values)


def answer(state: State, name: str):
    return explained(tissue(name, state.source.field), state, state.source.field)


# Preset, tissue, how bright, what must be said, and what must not.
SITUATIONS = (
    ("Clinical 3 T · FLAIR", "csf", "dark", "Mz passes through zero: T1 is 4300 ms and its null is at TI 2463 ms", "T2 decay"),
    ("OASIS-3 · FLAIR", "csf", "dark", "TI is 2500 ms", "T2 decay"),
    ("Clinical 3 T · FLAIR", "lesion", "bright", "T2 is 125 ms, TE 120 ms", "Mz"),
    ("Clinical 3 T · FLAIR", "gm", "middling", "nearly cancel", "passes through zero"),
    ("OASIS-3 · T2w TSE", "wm", "dark", "T2 decay leaves 28 %: T2 is 70 ms, TE 89 ms (grey matter 34 %)", "Mz"),
    ("OASIS-3 · T2w TSE", "csf", "bright", "T2 decay leaves 96 %", "passes through zero"),
    ("OASIS-3 · T2w TSE", "gm", "bright", "T2 is 83 ms", "CSF."),
    ("Clinical 3 T · T1w SE", "csf", "dark", "in TR 600 ms only 13 % of its Mz recovers", "T2 decay"),
    ("Clinical 3 T · T1w SE", "wm", "bright", "T1 is 840 ms", "only"),
    ("Clinical 3 T · T1w SE", "fat", "bright", "T1 is 370 ms", "only"),
    ("OASIS-3 · T1w MPRAGE", "gm", "dark", "At TI 1000 ms its Mz is at 19 % (white matter 35 %)", "passes through zero"),
    ("OASIS-3 · T1w MPRAGE (Biograph)", "csf", "dark", "T1 is 4300 ms", "passes through zero"),
    ("Clinical 3 T · STIR", "fat", "dark", "Mz passes through zero: T1 is 370 ms and its null is at TI 256 ms", "T2 decay"),
    ("Clinical 3 T · STIR", "gm", "bright", "magnitude image shows it as if positive", "passes through zero"),
    ("Clinical 3 T · STIR", "csf", "bright", "still negative, which the magnitude image does not show", "passes through zero"),
    ("Clinical 1.5 T · PDw TSE", "fat", "bright", "100 % as much water as CSF, grey matter 81 %", "passes through zero"),
    ("Clinical 1.5 T · PDw TSE", "wm", "middling", "differs little from grey matter", "passes"),
)  # fmt: skip


@pytest.mark.parametrize(("title", "name", "level", "said", "unsaid"), SITUATIONS)
def test_the_reason_is_the_one_of_the_textbook(title, name, level, said, unsaid):
    found = answer(of(title), name)
    assert found.level == level, found.text
    assert found.text.startswith(level.capitalize())
    assert said in found.text.replace("\N{NO-BREAK SPACE}", " ")
    assert unsaid not in found.text
    assert found.text.count(". ") <= 4, "two or three sentences, and what it is"


def test_the_short_ti_trap_is_told_in_magnitude_and_in_sign():
    state = of("Clinical 3 T · FLAIR", ti=0.2)
    assert "magnitude image shows it as if positive" in answer(state, "gm").text
    signed = answer(state.with_contrast(magnitude=False), "gm")
    assert signed.level == "dark"
    assert "still negative" in signed.text
    assert "below zero" in signed.text


def test_an_impossible_protocol_and_air_have_no_reason_in_tissue(brain):
    assert (
        explained(tissue("wm", 3.0), of("OASIS-3 · FLAIR", ti=6.0, tr=3.0), 3.0).text == "No image: TI must be shorter than TR."
    )
    scene = Scene(brain)
    air = State().with_display(cursor=(-70.0, -105.0, 75.0))
    assert why(scene, air).text.startswith("Black: there is no tissue here")


def test_maps_are_told_as_maps(brain):
    scene = Scene(brain)
    found = why(scene, State().with_contrast(view="t1").with_display(cursor=place_of(scene, "csf")))
    assert found.text.startswith("A map, not an image: T1 is 4")
    assert "This is CSF." in found.text


@pytest.mark.parametrize("name", ["wm", "gm", "csf", "fat", "lesion", "muscle"])
@pytest.mark.parametrize("field", [1.5, 3.0, 7.0])
def test_tissues_are_recognised_as_themselves(name, field):
    kind = tissue_class_of(tissue(name, field), field)
    assert kind.sure == "clearly"
    assert name in kind.names


def test_what_lies_between_tissues_is_called_so_and_nothing_else_is_made_certain():
    border = tissue_class_of(Substance("here", "", 0.9, 2.6, 0.2, 0.2), 3.0)
    assert border.names == ("gm", "csf")
    assert "between grey matter and CSF" in border.words
    deep = tissue_class_of(Substance("here", "", 0.74, 1.1, 0.076, 0.06), 3.0)
    assert deep.names == ("wm", "gm")
    assert "deep grey matter" in deep.words
    odd = tissue_class_of(Substance("here", "", 0.3, 0.2, 0.01, 0.01), 3.0)
    assert odd.sure == "unlike"


@pytest.mark.parametrize("name", ["wm", "gm", "csf"])
def test_a_tissue_is_found_in_the_head(name, brain):
    scene = Scene(brain)
    place = place_of(scene, name)
    here = under_crosshair(scene.reading(State().with_display(cursor=place)))
    assert tissue_class_of(here, 3.0).names == (name,)
    assert max(abs(a - b) for a, b in zip(place, scene.middle, strict=True)) < 60
