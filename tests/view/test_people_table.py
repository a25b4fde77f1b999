"""The list of a dataset's people: order, filter, pictures."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from mriexplorer.session.thumbnails import SIZE, Thumbnails, thumbnail
from mriexplorer.subject.catalog import find
from mriexplorer.view.people_table import PeopleTable, PersonRow, filtered, people_table, sort_key, unknown_columns

ROW = PersonRow("sub-synth0012", {"age": "71.5", "sex": "F", "mmse": "27", "education_years": "16.0", "anatomy": "icbm152"})


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("age>60", True),
        ("age > 60 sex=f", True),
        ("AGE<=71.5 mmse>=27", True),
        ("age>72", False),
        ("sex!=F", False),
        ("synth0012 icbm", True),
        ("synth0012 age<60", False),
        ("cdr=0", False),
        ("cdr!=0", False),
        ("Education=16", True),
        ("edu>12", True),
        ("height", False),
        ("age>60, sex=female", True),
        ("synth sex=F, age<=60", False),
        ("F age>60", True),
        ("age>abc", False),
    ],
)
def test_filter(text: str, passes: bool) -> None:
    assert filtered(text)(ROW) is passes


def test_columns_that_are_not_there_are_named() -> None:
    table = PeopleTable(("age", "gm"), (ROW,))
    assert unknown_columns("agee>4 grey>600 Age<9", table) == ("agee",)


def test_order_is_that_of_numbers_and_natural_names_with_the_missing_last() -> None:
    cells = ["10", "9.5", None, "n7", "n12", "-3"]
    assert sorted(cells, key=sort_key) == ["-3", "9.5", "10", "n7", "n12", None]


@pytest.fixture
def dataset(head: Callable[..., Path], tmp_path: Path) -> Path:
    """Three people, two of them in participants.tsv, one of those without an age."""
    for name in ("sub-1", "sub-2", "sub-10"):
        head(f"set/{name}/anat", f"{name}_")
    (tmp_path / "set/participants.tsv").write_text("participant_id\tage\tsex\nsub-10\t30\tM\nsub-2\tn/a\tF\n")
    return tmp_path / "set"


def test_a_table_has_what_is_recorded(dataset: Path) -> None:
    table = people_table(find([dataset]))
    assert [row.name for row in table.rows] == ["sub-1", "sub-2", "sub-10"]
    assert table.headings() == ("Age", "Sex")
    assert [dict(row.cells) for row in table.rows] == [{}, {"sex": "F"}, {"age": "30", "sex": "M"}]


def test_a_picture_shows_the_brain_bright_and_fluid_dark(dataset: Path) -> None:
    entry = find([dataset]).entries[0]
    picture = thumbnail(entry)
    assert picture.shape == (SIZE, SIZE) and picture.dtype == np.uint8
    white, grey, fluid = (int(picture[SIZE // 2, column]) for column in (SIZE // 2, 15, 8))
    assert white > 240 > grey > 200 > 60 > fluid > 20
    assert picture[0, 0] == 0
    assert (thumbnail(entry) == picture).all()  # from the cache


def test_a_changed_map_gets_a_new_picture(dataset: Path) -> None:
    from conftest import T1, values, write

    entry = find([dataset]).entries[1]
    before = thumbnail(entry)
    write(entry.files["t1"][1], np.where(values(T1) > 2, 0, values(T1)).astype(np.float32))
    assert (thumbnail(entry) != before).any()


def test_the_latest_wish_comes_first_and_old_ones_are_dropped(dataset: Path) -> None:
    entries = find([dataset]).entries
    made: list[str] = []
    begun, go, done = Event(), Event(), Event()

    def take(name: str, _picture: object) -> None:
        made.append(name)
        begun.set()
        go.wait(10)
        if len(made) == 3:
            done.set()

    pictures = Thumbnails(take)
    pictures.request(entries[0])
    assert begun.wait(10)
    pictures.request(entries[1])
    pictures.request(entries[2])
    go.set()
    assert done.wait(10)
    pictures.close()
    assert made == ["sub-1", "sub-10", "sub-2"]


def test_a_broken_map_has_no_picture_and_ends_nothing(dataset: Path) -> None:
    entry = find([dataset]).entries[0]
    entry.files["t1"][1].write_bytes(b"broken")
    found: dict[str, object] = {}
    done = Event()

    def take(name: str, picture: object) -> None:
        found[name] = picture
        done.set()

    pictures = Thumbnails(take)
    pictures.request(entry)
    assert done.wait(10)
    pictures.close()
    assert found == {"sub-1": None}
