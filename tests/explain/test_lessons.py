"""Lessons: every shipped one can be done, and mistakes in a lesson are told with file and line."""

import os
from pathlib import Path

import pytest

from mriexplorer.errors import InputError
from mriexplorer.explain.lesson_check import Is
from mriexplorer.explain.lesson_setting import Setting
from mriexplorer.explain.lessons import Lesson, load_lessons, parse_lesson, read_lesson
from mriexplorer.places import own_lessons_folder
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.subject.reference import load_reference
from mriexplorer.view.state import State

LESSONS, WRONG = load_lessons()
STEPS = [(name, n) for name, lesson in LESSONS.items() for n in range(len(lesson.steps))]
GOOD = "# Title\n\nAbout.\n\n## Step\n\nText.\n\n```set\nsequence: flair\nti: 2500\n```\n\n```check\nti within 2300 2700\n```\n"


@pytest.fixture(scope="module")
def scenes():
    """The built-in brain by field strength."""
    return {field: Scene(load_reference(field)) for field in (1.5, 3.0, 7.0)}


@pytest.fixture
def session(brain):
    made = Session(State(), lambda call: call())
    made.loading.start(State())
    yield made
    made.loading.close()


def done(lesson: Lesson, step: int, scenes: dict[float, Scene]) -> list[str]:
    """What is still asked after everything was set."""
    state = lesson.setting(step).applied(State(), scenes[3.0])
    scene = scenes[state.source.field]
    assert not state.problems
    checks = [c for c in lesson.steps[step].checks if not (isinstance(c, Is) and c.name == "subject")]
    return [check.words(scene, state) for check in checks if not check.holds(scene, state)]


def test_there_are_lessons_and_none_is_broken():
    assert not WRONG
    assert len(LESSONS) >= 11
    titles = [lesson.title for lesson in LESSONS.values()]
    assert len(set(titles)) == len(titles)
    assert all(lesson.summary for lesson in LESSONS.values())


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_what_a_step_sets_is_what_it_asks_for(name, step, scenes):
    assert done(LESSONS[name], step, scenes) == []


def test_every_check_can_fail(scenes):
    """Otherwise there would be nothing to do: the end of some lesson does not satisfy it."""
    states = [lesson.setting(len(lesson.steps) - 1).applied(State(), scenes[3.0]) for lesson in LESSONS.values()]
    for name, n in STEPS:
        checks = LESSONS[name].steps[n].checks
        assert not checks or any(not check.holds(scenes[s.source.field], s) for s in states for check in checks), (name, n)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_lessons_are_short_and_start_simple(lesson):
    assert all(20 <= len(step.text.split()) <= 130 for step in lesson.steps)
    first = lesson.steps[0].setting
    assert ("expert", True) not in first.pairs or lesson.name.startswith("08")
    assert "```" not in "".join(step.text for step in lesson.steps)


def test_a_lesson_is_read():
    lesson = parse_lesson(GOOD, Path("own.md"))
    assert (lesson.name, lesson.title, lesson.summary) == ("own", "Title", "About.")
    (step,) = lesson.steps
    assert (step.title, step.text) == ("Step", "Text.")
    assert step.setting.pairs == (("sequence", "flair"), ("ti", 2.5))


def test_other_code_blocks_stay_in_the_text():
    lesson = parse_lesson("# T\n## S\n```\n## no step\nset\n```\nEnd", Path("x.md"))
    assert lesson.steps[0].text == "```\n## no step\nset\n```\nEnd"
    assert len(lesson.steps) == 1


# What is wrong, at which line, and what is said.
MISTAKES = (
    ("ti: 2500", "ti: long", 11, "'long' is not a number in ms"),
    ("ti: 2500", "ti: 90000", 11, "ti must lie between 20.0 and 6000 ms"),
    ("ti: 2500", "ti: nan", 11, "not a number"),
    ("ti: 2500", "flip: 8", 11, "flip is not a parameter of flair"),
    ("ti: 2500", "colour: red", 11, "'colour' cannot be set"),
    ("ti: 2500", "ti 2500", 11, "is not of the form key: value"),
    ("ti: 2500", "sequence: tse", 11, "sequence is set twice"),
    ("ti: 2500", "preset: Clinical 3 T · FLAIR", 11, "a preset has its sequence already"),
    ("ti: 2500", "view: t9", 11, "'t9' is none of signal"),
    ("ti: 2500", "cursor: nose", 11, "neither of wm"),
    ("ti: 2500", "cursor: 1 2 x", 11, "not a number"),
    ("ti: 2500", "magnitude: yes", 11, "'yes' is none of on, off"),
    ("ti: 2500", "field: 4", 11, "is none of 1.5, 3, 7"),
    ("sequence: flair", "preset: Nobody's", 10, "is no preset"),
    ("sequence: flair", "te: 90", 10, "te is set before any preset or sequence"),
    ("ti within 2300 2700", "__import__('os')", 15, "is no check"),
    ("ti within 2300 2700", "ti within 2700 2300", 15, "is not less"),
    ("ti within 2300 2700", "tj within 1 2", 15, "'tj' is no parameter"),
    ("ti within 2300 2700", "csf < 0.1 bone", 15, "'bone' is none of"),
    ("ti within 2300 2700", "csf < dark", 15, "'dark' is not a number"),
    ("ti within 2300 2700", "zoom is 3", 15, "'zoom' cannot be asked for"),
    ("## Step", "# Second", 5, "one title"),
    ("## Step\n", "\n", 9, "a set block belongs into a step"),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTAKES)
def test_mistakes_are_told_with_file_and_line(old, new, line, said):
    with pytest.raises(InputError) as caught:
        parse_lesson(GOOD.replace(old, new), Path("folder/own.md"))
    assert str(caught.value).startswith(f"folder/own.md, line {line}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "begins with its title"), ("# T\n", "has steps"), ("# T\n## S\n```set\nsequence: se\n", "set block is not closed")],
)
def test_lessons_that_are_not_whole(text, said):
    with pytest.raises(InputError, match=said):
        parse_lesson(text, Path("x.md"))


def test_a_step_asks_for_few_things_and_a_pipe_is_no_lesson(tmp_path):
    with pytest.raises(InputError, match="line 16: a step asks for at most 12 things"):
        parse_lesson("# T\n## S\n```check\n" + "view is t1\n" * 13 + "```\n", Path("x.md"))
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(InputError, match="not an ordinary file"):
        read_lesson(tmp_path / "pipe.md")


def test_own_lessons_come_after_the_shipped_ones_and_broken_ones_are_named():
    folder = own_lessons_folder()
    folder.mkdir(parents=True)
    (folder / "own.md").write_text(GOOD)
    (folder / "bad.md").write_text(GOOD.replace("ti: 2500", "ti: x"))
    (folder / "latin.md").write_bytes(b"# \xe9")
    try:
        found, wrong = load_lessons()
        assert list(found)[-1] == "own"
        assert len(wrong) == 2
        assert any("bad.md, line 11" in sentence for sentence in wrong)
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def test_a_setting_takes_an_earlier_contrast_away():
    first = Setting((("preset", "Clinical 3 T · STIR"), ("ti", 0.2), ("view", "t1"), ("corner", "curves")))
    second = Setting((("sequence", "tse"), ("tr", 4.0)))
    assert dict(first.then(second).pairs) == {"corner": "curves", "sequence": "tse", "tr": 4.0}
    assert dict(first.then(Setting((("tr", 4.0),))).pairs)["ti"] == 0.2


def test_a_lesson_in_a_session(session):
    room = session.lesson_player
    room.open("04-flair")
    assert session.state.panels.lesson == "04-flair"
    room.turn(1)
    before = session.state
    assert [one.done for one in room.checks()] == [False, False]
    assert "not" not in room.checks()[0].words
    room.set_up()
    assert all(one.done for one in room.checks())
    assert session.state.sequence.name == "flair"
    session.set_value("ti", 1.0)
    assert [one.done for one in room.checks()] == [False, False]
    session.store.undo()
    session.store.undo()
    assert session.state == before, "what was set is one step of undo"
    room.turn(5)
    assert room.number == len(room.lesson.steps) - 1
    room.turn(-9)
    assert room.number == 0
    room.close()
    assert room.lesson is None
    assert room.checks() == ()


def test_a_state_may_name_a_lesson_that_is_gone(session):
    session.store.change(session.state.with_panels(lesson="gone", step=7))
    assert session.lesson_player.lesson is None
    session.lesson_player.set_up()
    assert session.state.panels.lesson == "gone"
