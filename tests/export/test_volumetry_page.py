"""The page of a person's volumes, its table, and the verb that writes both."""

import csv
from datetime import date
from html.parser import HTMLParser

import pytest

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.export.volumetry import write_volumetry
from mriexplorer.export.volumetry_page import page
from mriexplorer.measure.brain_volumes import BrainVolumes
from mriexplorer.measure.volumetry_sheet import VolumetrySheet, sheet_of
from mriexplorer.subject.subject import Attribute, Subject

VOLUMES = BrainVolumes(1500.0, 0.4, 0.48, 0.12, 0.015, notices=("Something must be said.",))


def sheet(name: str = "sub-01", **record: str) -> VolumetrySheet:
    """The sheet of a synthetic person."""
    return sheet_of(Subject(name, None, tuple(Attribute(*one) for one in record.items()), synthetic=True), VOLUMES)  # type: ignore[arg-type]


class Reader(HTMLParser):
    """What a page holds: cells by row, texts, and how many of each tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {"src", "href"} & {name for name, _value in attributes}, "the page needs nothing else"
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.tags and self.tags[-1] in ("td", "th") and data.strip():
            self.rows[-1].append(data)


def test_a_page_shows_values_centiles_and_curves():
    of = sheet(age="63", sex="F")
    found = Reader(page(of, date(2026, 1, 2)))
    assert found.rows[1:4] == [
        ["Closed brain", "1500", _centile(of, "closed", "cm³")],
        ["Brain (WM + GM)", "1320", _centile(of, "brain", "cm³"), "88.0", _centile(of, "brain", "% of closed brain")],
        ["White matter", "600", _centile(of, "wm", "cm³"), "40.0", _centile(of, "wm", "% of closed brain")],
    ]
    assert found.tags.count("svg") == 4 and found.tags.count("circle") == 4
    text = " ".join(found.texts)
    for needed in (
        "SYNTHETIC · not for diagnosis",
        "Woman of 63 years",
        "2026-01-02",
        "Something must be said.",
        "Marcus",
        "1.5 T",
    ):
        assert needed in text, needed


def _centile(of: VolumetrySheet, part: str, unit: str) -> str:
    row = of.row(part, unit)
    assert row is not None and row.centile is not None
    return "< 1" if row.centile < 1 else "> 99" if row.centile > 99 else f"{row.centile:.0f}"


def test_a_person_of_no_age_has_no_curves_and_is_told_why():
    found = Reader(page(sheet()))
    assert "svg" not in found.tags
    assert any("tells no age and sex" in text for text in found.texts)
    assert found.rows[1] == ["Closed brain", "1500", "–"]


def test_names_are_never_read_as_html():
    text = page(sheet("<script>alert(1)</script>", age="63", sex="F"))
    assert "<script>" not in text and "&lt;script&gt;" in text


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.csv or \.html"):
        write_volumetry(sheet(), tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


# -- the command line ------------------------------------------------------------------------------------------


@pytest.fixture
def measured(monkeypatch):
    """Every brain has the same volumes, at once."""
    monkeypatch.setattr("mriexplorer.measure.volumetry.volumes_of", lambda _subject, _progress: VOLUMES)


@pytest.mark.parametrize("ending", ["csv", "html"])
def test_the_verb_writes_the_same_file(head, measured, tmp_path, capsys, ending):
    target = tmp_path / f"volumes.{ending}"
    assert main(["volumetry", str(head()), "-o", str(target)]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(target)
    assert "tells no age and sex" in said.err and "Something must be said." in said.err
    assert "1500" in target.read_text(encoding="utf-8")


def test_the_verb_prints_a_table(head, measured, capsys):
    assert main(["volumetry", str(head())]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert float(rows[0]["value"]) == 1500 and rows[0]["centile"] == ""


def test_a_wrong_ending_is_told_before_anything_is_measured(head, tmp_path, capsys):
    assert main(["volumetry", str(head()), "-o", str(tmp_path / "volumes.txt")]) == 2
    assert ".csv or .html" in capsys.readouterr().err


def test_what_is_no_brain_ends_in_a_sentence_and_writes_nothing(head, tmp_path, capsys):
    assert main(["volumetry", str(head()), "-o", str(tmp_path / "a.csv")]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("mriexplorer: ")
    assert not (tmp_path / "a.csv").exists()
